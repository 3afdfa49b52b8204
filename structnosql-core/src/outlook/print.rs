//! A plan as a table for people.

use std::fmt;

use super::{Carrier, CommitMode, CommitPlan, InDoubt, PlannedUpdate, RecordPlan};

/// So many records are shown whatever they are; of the others, those with something to look at.
const SHOWN_RECORDS: usize = 20;
/// The longest text of one row, in characters.
const SHOWN_TEXT: usize = 120;
/// The widest column of keys; a longer key is shown and pushes its row to the right.
const KEY_WIDTH: usize = 40;

/// Prints its totals, then a row for each request.
impl fmt::Display for CommitPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        totals(self, f)?;
        let all = f.alternate();
        let (shown, left): (Vec<_>, Vec<_>) = self
            .records
            .iter()
            .enumerate()
            .partition(|(at, record)| all || *at < SHOWN_RECORDS || record.has_something_to_look_at());
        let rows: Vec<Row> = shown.into_iter().flat_map(|(_, record)| record.rows(all)).collect();
        if !rows.is_empty() {
            let heading = Row::of("record", "units", "bytes", "update".to_owned());
            print(std::iter::once(&heading).chain(&rows), f)?;
        }
        if !left.is_empty() {
            let units: u64 = left.iter().map(|(_, record)| record.write_units()).sum();
            write!(f, "\n  … and {}, {}", count(left.len(), "more record"), count(units as usize, "write unit"))?;
            f.write_str(", one request each at the most; `{:#}` shows them")?;
        }
        Ok(())
    }
}

/// Prints the rows of this record.
impl fmt::Display for RecordPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        print(&self.rows(f.alternate()), f)
    }
}

fn totals(plan: &CommitPlan, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (records, requests) = (count(plan.records.len(), "record"), count(plan.requests(), "request"));
    let units = count(plan.write_units() as usize, "write unit");
    let is_known = plan.records.iter().flat_map(RecordPlan::sent).all(|update| update.is_item_known);
    write!(f, "{records}, {requests}, {units}{}", if is_known { "" } else { " at least" })?;
    match plan.mode {
        CommitMode::PerRecord => {}
        CommitMode::Atomic => f.write_str(", in one transaction")?,
        CommitMode::Batched => {
            let together = plan.records.iter().filter(|record| plan.goes_together(record)).count();
            write!(f, ", {} in batches", count(together, "record"))?;
        }
    }
    if let Some(refusal) = &plan.refusal {
        write!(f, "; refused: {refusal}")?;
    }
    let of = |what: fn(&RecordPlan) -> bool| plan.records.iter().filter(|record| what(record)).count();
    for (records, what) in [
        (of(|record| !record.is_atomic()), "not atomic"),
        (of(|record| record.updates.is_err()), "cannot be committed"),
        (of(|record| record.in_doubt.is_some()), "in doubt"),
    ] {
        if records > 0 {
            write!(f, "; {} {what}", count(records, "record"))?;
        }
    }
    Ok(())
}

fn count(count: usize, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}

/// One line of the table.
struct Row {
    record: String,
    units: String,
    bytes: String,
    text: String,
}

impl Row {
    fn of(record: &str, units: &str, bytes: &str, text: String) -> Row {
        Row { record: record.to_owned(), units: units.to_owned(), bytes: bytes.to_owned(), text }
    }
}

impl RecordPlan {
    fn has_something_to_look_at(&self) -> bool {
        self.in_doubt.is_some() || self.updates.is_err() || !self.is_atomic()
    }

    fn rows(&self, all: bool) -> Vec<Row> {
        // A key may hold anything: what would break the line is shown by its number.
        let key: String = self.key.to_string().chars().map(shown_char).collect();
        let mut rows = Vec::new();
        if let Some(InDoubt { update, is_sent_again, .. }) = &self.in_doubt {
            let note = match is_sent_again {
                true => "in doubt, sent again: ",
                false => "in doubt, waits for `resolve_in_doubt`: ",
            };
            rows.push(update.row(note, all));
        }
        if self.is_read_first() {
            rows.push(Row::of("", "0", "0", "read for the version: nothing of the record was read yet".to_owned()));
        }
        match self.updates.as_deref() {
            Err(error) => rows.push(Row::of("", "-", "-", format!("cannot be committed: {error}"))),
            Ok([]) if rows.is_empty() => rows.push(Row::of("", "0", "0", "nothing to send".to_owned())),
            Ok([only]) => rows.push(only.row("", all)),
            Ok(updates) => {
                for (at, update) in updates.iter().enumerate() {
                    rows.push(update.row(&format!("{} of {}: ", at + 1, updates.len()), all));
                }
            }
        }
        if let Some(first) = rows.first_mut() {
            first.record = key;
        }
        rows
    }
}

impl PlannedUpdate {
    fn row(&self, note: &str, all: bool) -> Row {
        let units = format!("{}{}", self.write_units, if self.is_item_known { "" } else { "+" });
        let carrier = match self.carrier {
            Carrier::Update => "",
            Carrier::Batch => "in a batch: ",
            Carrier::Transaction => "in a transaction: ",
        };
        let mut text = format!("{note}{carrier}{}", self.shown());
        let characters = text.chars().count();
        if !all && characters > SHOWN_TEXT {
            text = text.chars().take(SHOWN_TEXT).collect();
            text.push_str(&format!(" … {} characters more", characters - SHOWN_TEXT));
        }
        for (at, split) in self.forced_by.iter().enumerate() {
            text.push_str(if at == 0 { ", apart because " } else { ", and " });
            text.push_str(&split.to_string());
        }
        Row::of("", &units, &self.bytes().to_string(), text)
    }
}

fn shown_char(c: char) -> String {
    if c.is_control() { c.escape_default().to_string() } else { c.to_string() }
}

fn print<'r>(rows: impl IntoIterator<Item = &'r Row> + Clone, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let width = |of: fn(&Row) -> &str| rows.clone().into_iter().map(|row| of(row).chars().count()).max().unwrap_or(0);
    let record = width(|row| &row.record).min(KEY_WIDTH);
    let (units, bytes) = (width(|row| &row.units), width(|row| &row.bytes));
    rows.clone().into_iter().try_for_each(|row| {
        write!(f, "\n  {:record$}  {:>units$}  {:>bytes$}  {}", row.record, row.units, row.bytes, row.text)
    })
}
