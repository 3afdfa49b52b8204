//! Whether the rows of a query are those that the model allows.

use structnosql_core::{Error, Page, Value};

use super::bench::{Bench, Checked, id, shows};
use super::judge::{is_in_doubt, is_injected};
use super::place::Place;
use super::step::RECORDS;
use super::world::{Done, Phase, World};
use crate::model::{Entries, Path, Record, Tree};

/// What a query asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Asked<'q> {
    /// Of an index, which may lag behind.
    Category(&'q str),
    /// Of the table itself.
    Record(usize),
}

impl Asked<'_> {
    /// Whether it asks for a record that looks like this.
    fn has(self, at: usize, record: Option<&Entries>) -> bool {
        match self {
            Asked::Category(asked) => {
                let category = record.and_then(|record| record.get("category"));
                matches!(category, Some(Tree::Text(category)) if category == asked)
            }
            Asked::Record(asked) => asked == at && record.is_some(),
        }
    }
}

impl Bench {
    pub(super) fn judge_page(
        &mut self,
        asked: Asked<'_>,
        paths: &[Path],
        page: &Result<Page<Vec<Option<Value>>>, Error>,
    ) -> Checked {
        let stale = self.places.iter().any(Place::is_stale);
        let page = match page {
            Ok(page) => page,
            Err(error) if is_injected(error) || (stale && error.is_stored_value()) => return Ok(()),
            Err(error) => return Err(format!("a query failed: {error}")),
        };
        let mut rows = page.records.iter().peekable();
        for record in 0..RECORDS {
            let place = &self.places[record];
            let row = rows.next_if(|(key, _)| key.to_string() == id(record));
            let matches = |world: &World| asked.has(record, world.record.db.as_ref());
            if !place.late && !place.seen.iter().any(|world| matches(world) == row.is_some()) {
                return Err(format!("a query of {asked:?} has {} as {}", id(record), row.is_some()));
            }
            let Some((key, row)) = row else { continue };
            let shown =
                |paths: &[Path], row: &[Option<Value>]| place.seen.iter().any(|world| shows(&world.record, paths, row));
            // An index may lag behind, so what is known stands beside what a row adds: while the record is replaced,
            // each value is one of before or after.
            let is_replaced = place.seen.iter().any(|world| world.phases.contains(&Phase::Done(Done::Replaced)));
            let each = || {
                let mut pairs = paths.iter().zip(row);
                pairs.all(|(path, value)| shown(std::slice::from_ref(path), std::slice::from_ref(value)))
            };
            // Of a record that was deleted meanwhile an index may still have what was stored, and that stands alone.
            let is_gone = place.seen.iter().any(|world| world.record.db.is_none());
            if place.late && is_gone {
                continue;
            }
            let stored = |world: &World| {
                let stored = Record { db: world.record.db.clone(), ..Record::new(world.record.key.clone()) };
                shows(&stored, paths, row)
            };
            let alone = || place.seen.iter().any(stored);
            if !(shown(paths, row) || is_replaced && each() || is_replaced && is_gone && alone()) {
                return Err(format!("a row of a query: {}", self.not_shown(record, paths, row)));
            }
            let mismatch = page.pending_mismatch.contains(key);
            let differs = |world: &World| {
                let one = &world.record;
                let fits = asked.has(record, one.view().as_ref());
                is_replaced
                    || place.late
                    || one.stale
                    || !one.assumed.is_empty()
                    || is_in_doubt(world)
                    || fits != mismatch
            };
            if !place.seen.iter().any(differs) {
                return Err(format!("{key} is {mismatch} as a mismatch of pending changes"));
            }
        }
        match rows.next() {
            Some((key, _)) => Err(format!("a query of {asked:?} found {key}, out of order or twice")),
            None => Ok(()),
        }
    }
}
