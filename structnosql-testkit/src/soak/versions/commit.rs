//! Commits of a caching table, and what their conflicts show.

use structnosql_core::{Conflict, Error, ErrorKind, Outcome, RecordReport, TableDataModel};

use super::office::Office;
use super::shared::{Edit, Field, NAMES, Name, Shared};
use super::{Check, How, writer};
use crate::soak::bench::Checked;

impl Office {
    pub(super) async fn commit(&mut self, at: usize, check: Check, how: How) -> Checked {
        let (table, stored) = (&self.caching[at], self.stored.clone());
        let pending = self.writers[at].pending.clone();
        // Whether what only takes out brings a record into being is not the version's affair.
        if stored.is_none() && !pending.iter().all(Edit::creates) {
            self.rollback(at);
            return Ok(());
        }
        let commit = table.commit_operations();
        let commit = match check {
            Check::Version => commit,
            Check::Both => commit.check_unchanged(),
            Check::Unchanged => commit.unchecked().check_unchanged(),
            Check::Nothing => commit.unchecked(),
        };
        let (before, gets) = (table.backend().requests(), table.backend().gets());
        let done = match how {
            How::Alone => commit.await,
            How::Batched => commit.batched().await,
            How::Atomic => commit.atomic().await,
            How::ExactlyOnce => commit.exactly_once().await,
        };
        let (sent, gets) = (table.backend().requests() - before, table.backend().gets() - gets);
        let may_split = splits(&pending);
        if may_split && matches!(how, How::Atomic) && done.as_ref().is_err_and(is_no_transaction) {
            // What takes two requests is no transaction.
            self.rollback(at);
            return Ok(());
        }
        if pending.is_empty() {
            return if done.is_ok() && sent == 0 { Ok(()) } else { Err(format!("{done:?} of nothing")) };
        }
        let writer = &mut self.writers[at];
        // What is known to be absent need not be taken out.
        let creates = |name: Name| pending.iter().rev().find(|edit| edit.name() == name).is_some_and(Edit::creates);
        if done.is_ok() && sent == 0 && !NAMES.into_iter().any(creates) {
            writer.pending.clear();
            return Ok(());
        }
        let checks_version = matches!(check, Check::Version | Check::Both);
        let (may_write, unchanged) = (writer.may_write(stored.as_ref()), writer.is_unchanged(stored.as_ref()));
        let expected = match check {
            Check::Version => Some(may_write),
            // What was known before an unchecked write may have been old then.
            Check::Both if may_write && writer.has_read() => unchanged,
            Check::Both if may_write => Some(true),
            Check::Both => Some(false),
            Check::Unchanged => unchanged,
            Check::Nothing => Some(true),
        };
        if expected.is_some_and(|expected| expected != done.is_ok()) {
            return Err(format!("{done:?}, where a commit succeeds: {expected:?}"));
        }
        if checks_version && writer.has_read() && sent > 1 + usize::from(done.is_err() || may_split) {
            return Err(format!("{sent} requests over a record of which the version is known"));
        }
        if checks_version && writer.torn && sent > gets {
            return Err("it wrote, although two reads differed".to_owned());
        }
        if checks_version && !writer.has_read() {
            writer.see(stored.as_ref(), &pending.iter().map(Edit::name).collect::<Vec<_>>());
            writer.may_have_seen_all(stored.as_ref());
        } else if done.is_ok() && sent > 1 {
            // A plan that was refused, and then made again, shows the whole record.
            writer.may_have_seen_all(stored.as_ref());
        }
        match done {
            Ok(_) => {
                let mut written = self.raised(&pending);
                if may_split && self.look()?.is_some_and(|stored| stored.version == written.version + 1) {
                    // Each of two requests raises the version.
                    written.version += 1;
                }
                self.writers[at].wrote(&written, checks_version);
                self.stored = Some(written);
                Ok(())
            }
            Err(error) => {
                let report = error.commit_report().ok_or_else(|| format!("a commit failed: {error}"))?;
                let conflict = report.conflicts().next().ok_or_else(|| format!("no conflict: {report:?}"))?;
                // Where two reads differed nothing is sent but a read of what is at stake.
                if !self.writers[at].torn && stored.is_some() && conflict.theirs().item().is_none() {
                    return Err("a conflict does not know what is stored".to_owned());
                }
                self.check_conflict(at, conflict)?;
                if !checks_version {
                    self.refresh(at);
                }
                Ok(())
            }
        }
    }

    /// What a conflict shows of the record as it was read, as it was to be, and as it is stored.
    fn check_conflict(&self, at: usize, conflict: &Conflict) -> Checked {
        let f = Shared::fields;
        let (writer, stored) = (&self.writers[at], self.stored.as_ref());
        let without = writer.without_pending();
        macro_rules! check {
            ($name:expr, $field:expr, $shown:expr) => {
                for (side, snapshot) in
                    [("base", conflict.base()), ("mine", conflict.mine()), ("theirs", conflict.theirs())]
                {
                    // A side may not know a field.
                    let Ok(value) = snapshot.get(&$field) else { continue };
                    let shown = $shown(value);
                    let fits = match side {
                        "base" => without.may_show($name, &shown),
                        "mine" => writer.may_show($name, &shown),
                        _ => shown == writer::field_of(stored, $name),
                    };
                    if !fits {
                        return Err(format!("{side} of a conflict has {shown:?} as {:?}", $name));
                    }
                }
            };
        }
        check!(Name::Sum, f().sum(), Field::Number);
        check!(Name::Left, f().left(), |left: Option<i64>| Field::Number(left.map(i128::from)));
        check!(Name::Log, f().log(), Field::Log);
        check!(Name::Marks, f().marks(), Field::Marks);
        Ok(())
    }
}

/// Whether a commit was refused because it takes two requests, which may show once what is stored is known.
fn is_no_transaction(error: &Error) -> bool {
    let not_atomic = |one: &RecordReport| matches!(&one.outcome, Outcome::Rejected(error) if matches!(error.kind(), ErrorKind::NotAtomic { .. }));
    error.commit_report().is_none_or(|report| report.records.iter().any(not_atomic))
}

/// Whether a set may gain and lose members, which takes two requests.
fn splits(edits: &[Edit]) -> bool {
    let any = |is: fn(&Edit) -> bool| edits.iter().any(is);
    any(|edit| matches!(edit, Edit::Mark(_))) && any(|edit| matches!(edit, Edit::Unmark(_)))
}
