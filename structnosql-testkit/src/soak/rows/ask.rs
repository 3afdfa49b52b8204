//! Asking, page by page, and what is wrong with the answers.

use std::collections::BTreeSet;

use structnosql_core::index::IndexKey;
use structnosql_core::{
    Backend, Call, Cursor, Error, ErrorKind, Key, Page, ReadRows, Row, RowsOf, Selection, TableDataModel,
};

use super::Shop;
use super::filter::Filter;
use super::question::{Of, Question, Way};
use super::reading::{Id, Reading};
use crate::soak::bench::Checked;

/// One page.
struct Seen {
    rows: Vec<(Key, Reading)>,
    scanned: usize,
    mismatch: Vec<Key>,
}

/// What came of a question.
enum Told {
    Pages(Vec<Seen>),
    Count(u64),
    Wrong(String),
}

/// Some fields of a record.
type Parts = (Option<String>, Option<i64>, Option<String>);

/// A read of rows with the options of a question.
macro_rules! asked {
    ($question:expr, $call:expr) => {{
        let mut call = $call;
        if let Some(limit) = $question.limit {
            call = call.limit(limit);
        }
        match &$question.filter {
            Some(Filter::Both(one, other)) => call = call.filter(one.predicate()).filter(other.predicate()),
            Some(filter) => call = call.filter(filter.predicate()),
            None => {}
        }
        call
    }};
}

macro_rules! parts {
    () => {
        (Reading::fields().code(), Reading::fields().amount(), Reading::fields().note())
    };
}

impl Shop {
    /// Asks, and compares the answer with what is on the shelf.
    pub(super) async fn ask(&self, question: &Question) -> Checked {
        let of = Reading::indexes;
        let told = match question.of {
            Of::Place(place) => self.query(question, || question.of_numbers(of().primary(place))).await,
            Of::Amounts(place) => self.query(question, || question.of_numbers(of().by_amount(place))).await,
            Of::Kind(kind) => self.query(question, || question.of_texts(of().by_kind(kind))).await,
            Of::All { segments, .. } => self.scan(question, segments).await,
        };
        match told.map_err(|error| error.to_string())? {
            Told::Pages(pages) if matches!(question.of, Of::All { .. }) => self.check_scan(question, &pages),
            Told::Pages(pages) => self.check_query(question, &pages),
            Told::Wrong(problem) => Err(problem),
            Told::Count(count) => {
                let expected = self.expected(question).len() as u64;
                if count == expected { Ok(()) } else { Err(format!("counts {count} of {expected}")) }
            }
        }
    }

    async fn query<K>(&self, question: &Question, key: impl Fn() -> IndexKey<Reading, K>) -> Result<Told, Error> {
        macro_rules! query {
            ($selection:expr) => {{
                let call = match question.basic {
                    true => self.basic.query_field(key(), $selection),
                    false => self.table.query_field(key(), $selection),
                };
                asked!(question, if question.descending { call.descending() } else { call })
            }};
        }
        macro_rules! query_records {
            () => {{
                let call = match question.basic {
                    true => self.basic.query_records(key()),
                    false => self.table.query_records(key()),
                };
                asked!(question, if question.descending { call.descending() } else { call })
            }};
        }
        if let Some(next) = query!(parts!()).await?.next {
            let before = self.table.backend().requests();
            let call = if question.basic {
                self.basic.query_field(key(), parts!())
            } else {
                self.table.query_field(key(), parts!())
            };
            let backwards = if question.descending { call } else { call.descending() };
            let refused = backwards.start_from(next).await;
            if !refused.as_ref().is_err_and(|error| matches!(error.kind(), ErrorKind::Cursor(_)))
                || self.table.backend().requests() > before
            {
                return Ok(Told::Wrong(format!("a cursor goes on in the other direction: {refused:?}")));
            }
        }
        Ok(match question.way {
            Way::Pages => Told::Pages(pages(|| query_records!(), |reading| reading).await?),
            Way::Parts => Told::Pages(pages(|| query!(parts!()), of_parts).await?),
            Way::Count => Told::Count(query!(Reading::fields().day()).count().await?),
        })
    }

    async fn scan(&self, question: &Question, segments: u32) -> Result<Told, Error> {
        let Of::All { kinds, .. } = question.of else { return Ok(Told::Count(0)) };
        macro_rules! scan {
            ($segment:expr, $selection:expr) => {{
                let call = match question.basic {
                    true => self.basic.scan_field($selection),
                    false => self.table.scan_field($selection),
                };
                let call = if kinds { call.index("by-kind") } else { call };
                let call = if segments > 1 { call.segment($segment, segments) } else { call };
                asked!(question, call)
            }};
        }
        macro_rules! scan_records {
            ($segment:expr) => {{
                let call = if question.basic { self.basic.scan_records() } else { self.table.scan_records() };
                let call = if kinds { call.index("by-kind") } else { call };
                let call = if segments > 1 { call.segment($segment, segments) } else { call };
                asked!(question, call)
            }};
        }
        let (mut all, mut count) = (Vec::new(), 0);
        for segment in 0..segments {
            match question.way {
                Way::Pages => all.extend(pages(|| scan_records!(segment), |reading| reading).await?),
                Way::Parts => all.extend(pages(|| scan!(segment, parts!()), of_parts).await?),
                Way::Count => count += scan!(segment, Reading::fields().day()).count().await?,
            }
        }
        Ok(if question.way == Way::Count { Told::Count(count) } else { Told::Pages(all) })
    }

    /// The keys of the rows that come back, in their order.
    fn expected(&self, question: &Question) -> Vec<Id> {
        self.met(question, question.looks_at(&self.shelf))
    }

    /// Those that the filter lets through.
    fn met(&self, question: &Question, looked_at: Vec<Id>) -> Vec<Id> {
        let meets = |id: &Id| {
            let stored = self.shelf.stored.get(id);
            question.filter.as_ref().is_none_or(|filter| stored.is_some_and(|stored| filter.holds(stored)))
        };
        looked_at.into_iter().filter(meets).collect()
    }

    /// A query is answered in the order of the sort key, a page of so many looked at after another.
    fn check_query(&self, question: &Question, pages: &[Seen]) -> Checked {
        let looked_at = question.looks_at(&self.shelf);
        let size = question.limit.map_or(usize::MAX, |limit| limit as usize);
        let mut expected: Vec<&[Id]> = looked_at.chunks(size).collect();
        // A page that was cut short has a cursor, also where nothing comes behind it.
        if expected.last().is_none_or(|last| last.len() == size) {
            expected.push(&[]);
        }
        if pages.len() != expected.len() {
            return Err(format!("{} pages in place of {}", pages.len(), expected.len()));
        }
        for (page, looked_at) in pages.iter().zip(expected) {
            if page.scanned != looked_at.len() {
                return Err(format!("a page says that it looked at {} of {}", page.scanned, looked_at.len()));
            }
            self.check_rows(question, page, &self.met(question, looked_at.to_vec()))?;
        }
        Ok(())
    }

    /// A scan is answered in any order.
    fn check_scan(&self, question: &Question, pages: &[Seen]) -> Checked {
        let scanned: usize = pages.iter().map(|page| page.scanned).sum();
        let looked_at = question.looks_at(&self.shelf).len();
        if scanned != looked_at {
            return Err(format!("a scan says that it looked at {scanned} of {looked_at}"));
        }
        let mut all = Vec::new();
        for page in pages {
            if question.limit.is_some_and(|limit| page.scanned > limit as usize) {
                return Err(format!("a page of {} is over its limit", page.scanned));
            }
            let ids: Vec<Id> = page.rows.iter().map(|(_, row)| row.id()).collect();
            self.check_rows(question, page, &ids)?;
            all.extend(ids);
        }
        all.sort();
        let mut expected = self.expected(question);
        expected.sort();
        if all == expected { Ok(()) } else { Err(format!("a scan finds {all:?}, expected {expected:?}")) }
    }

    /// The rows of a page are these, with what is pending laid over, and it is said which of them are others by that.
    fn check_rows(&self, question: &Question, page: &Seen, expected: &[Id]) -> Checked {
        let keys: Vec<String> = page.rows.iter().map(|(key, _)| key.to_string()).collect();
        let named: Vec<String> = expected.iter().map(|(place, day)| format!("{place}/{day}")).collect();
        if keys != named {
            return Err(format!("finds {keys:?}, expected {named:?}"));
        }
        let mut mismatch = BTreeSet::new();
        for ((key, row), id) in page.rows.iter().zip(expected) {
            let stored = || self.shelf.stored.get(id).cloned();
            let view = if question.basic { stored() } else { self.shelf.view(id) };
            let view = view.ok_or_else(|| format!("a row of {key}, which is nowhere"))?;
            if !question.is_about(&view) {
                mismatch.insert(key.clone());
            }
            let shown = if question.way == Way::Parts { of_parts(parts_of(&view)) } else { view };
            let shown = Reading { place: id.0.clone(), day: id.1, ..shown };
            if *row != shown {
                return Err(format!("{key} shows {row:?}, expected {shown:?}"));
            }
        }
        let told: BTreeSet<Key> = page.mismatch.iter().cloned().collect();
        if told == mismatch { Ok(()) } else { Err(format!("says that {told:?} do not fit, expected {mismatch:?}")) }
    }
}

/// All pages of a question, each asked for with the text of the cursor behind the last one.
async fn pages<'a, Q, B, S>(
    call: impl Fn() -> Call<ReadRows<'a, Reading, Q, B, S, Row>>,
    reading: fn(S::Output<Row>) -> Reading,
) -> Result<Vec<Seen>, Error>
where
    Q: RowsOf<Reading> + 'a,
    B: Backend,
    S: Selection<Model = Reading> + 'a,
{
    let mut seen = Vec::new();
    let mut page: Page<S::Output<Row>> = call().await?;
    loop {
        let next = page.next.map(|cursor| cursor.to_string());
        let rows = page.records.into_iter().map(|(key, row)| {
            let shown = reading(row);
            // Parts come without the key.
            let id = if shown.place.is_empty() { id_of(&key) } else { shown.id() };
            (key, Reading { place: id.0, day: id.1, ..shown })
        });
        let rows = rows.collect();
        seen.push(Seen { rows, scanned: page.scanned_count as usize, mismatch: page.pending_mismatch });
        let Some(next) = next else { return Ok(seen) };
        page = call().start_from(next.parse::<Cursor>()?).await?;
    }
}

fn id_of(key: &Key) -> Id {
    let text = key.to_string();
    let (place, day) = text.split_once('/').unwrap_or_default();
    (place.to_owned(), day.parse().unwrap_or(i64::MIN))
}

fn of_parts((code, amount, note): Parts) -> Reading {
    Reading { code, amount, note, ..Reading::default() }
}

fn parts_of(reading: &Reading) -> Parts {
    (reading.code.clone(), reading.amount, reading.note.clone())
}
