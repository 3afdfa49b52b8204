//! What was stored when, and what a read may show by that.

use std::collections::BTreeMap;

use super::racer::{LEAVES, Leaf, RECORDS, Seen, Stamp, key};
use crate::Reference;

/// For each value, a moment: what was replaced before it is not shown any more.
pub(super) type Since = [[u64; LEAVES.len()]; RECORDS];

/// What was stored when, and what else reads may show.
#[derive(Default)]
pub(super) struct Past {
    /// Goes on with everything that happens.
    pub(super) now: u64,
    /// The values in their order, each with the moment since when it was stored.
    stored: [[Vec<(u64, Option<Stamp>)>; LEAVES.len()]; RECORDS],
    since: Since,
    accepted: BTreeMap<Stamp, Accepted>,
}

/// A value that the table was asked to write.
struct Accepted {
    record: usize,
    leaf: Leaf,
    /// Reads see it although it is not stored: until this moment, or still.
    is_shown: bool,
    until: Option<u64>,
}

impl Past {
    pub(super) fn since(&self) -> Since {
        self.since
    }

    fn values(&self, (record, leaf): (usize, Leaf)) -> &[(u64, Option<Stamp>)] {
        &self.stored[record][leaf as usize]
    }

    /// The table is asked to write a value, which is to be seen before it is stored, or not.
    pub(super) fn accept(&mut self, (record, leaf, stamp): Seen, is_shown: bool) {
        if let Some(stamp) = stamp {
            self.accepted.insert(stamp, Accepted { record, leaf, is_shown, until: None });
        }
    }

    /// What the table was asked to write is stored, or given up.
    pub(super) fn settle(&mut self, stamp: Stamp) {
        let now = self.now;
        self.accepted.get_mut(&stamp).into_iter().for_each(|accepted| accepted.until = accepted.until.or(Some(now)));
    }

    /// So is everything of a record.
    pub(super) fn settle_record(&mut self, record: usize) {
        let now = self.now;
        let of_record = self.accepted.values_mut().filter(|accepted| accepted.record == record);
        of_record.for_each(|accepted| accepted.until = accepted.until.or(Some(now)));
    }

    /// Looks at the database. Nobody but this table writes now; `replaces` tells of which records it may write all.
    pub(super) fn observe(&mut self, reference: &Reference, table: &str, replaces: &[usize]) -> Result<(), String> {
        for record in 0..RECORDS {
            let item = reference.item(table, &key(record));
            for leaf in LEAVES {
                let value = leaf.of(item.as_ref());
                if self.stored_now(record, leaf) == value {
                    continue;
                }
                let is_own = match value {
                    None => replaces.contains(&record),
                    Some(stamp) => {
                        let accepted = self.accepted.get(&stamp);
                        accepted.is_some_and(|accepted| (accepted.record, accepted.leaf) == (record, leaf))
                    }
                };
                if !is_own {
                    return Err(format!("{value:?} is stored as {leaf:?} of r{record}, and nobody wrote that"));
                }
                self.note(record, leaf, value);
            }
        }
        Ok(())
    }

    /// From now on this is stored.
    pub(super) fn note(&mut self, record: usize, leaf: Leaf, value: Option<Stamp>) {
        let now = self.now;
        self.stored[record][leaf as usize].push((now, value));
    }

    pub(super) fn stored_now(&self, record: usize, leaf: Leaf) -> Option<Stamp> {
        self.values((record, leaf)).last().and_then(|(_, value)| *value)
    }

    /// When a value was stored first.
    pub(super) fn stored_at(&self, (record, leaf, stamp): Seen) -> Option<u64> {
        let first = self.values((record, leaf)).iter().find(|(_, value)| *value == stamp);
        first.map(|(at, _)| *at)
    }

    /// Whether a value was stored several times, with another one in between.
    pub(super) fn is_stored_again(&self, (record, leaf, stamp): Seen) -> bool {
        self.values((record, leaf)).iter().filter(|(_, value)| *value == stamp).count() > 1
    }

    /// When a record was deleted, where that was not before this moment.
    pub(super) fn gone_since(&self, record: usize, began: u64) -> u64 {
        let gone = self.intervals((record, LEAVES[0])).find(|(_, until, value)| value.is_none() && *until > began);
        gone.map_or(began, |(from, ..)| from.max(began))
    }

    /// What was stored of a record before is not shown by reads that begin from now on.
    pub(super) fn forget(&mut self, record: usize) {
        self.since[record] = [self.now; LEAVES.len()];
    }

    /// What was replaced before this moment is not shown by reads that begin from now on.
    pub(super) fn forget_before(&mut self, record: usize, leaf: Leaf, at: u64) {
        let since = &mut self.since[record][leaf as usize];
        *since = at.max(*since);
    }

    /// A read that nothing else met has shown this, and so the table knows it.
    pub(super) fn showed(&mut self, (record, leaf, value): Seen, since: &Since) {
        let least = since[record][leaf as usize];
        let found = self.intervals((record, leaf)).find(|(_, until, stored)| *stored == value && *until > least);
        if let Some(from) = found.map(|(from, ..)| from) {
            self.forget_before(record, leaf, from);
        }
    }

    /// Whether a read that began then may show this.
    pub(super) fn may_show(&self, (record, leaf, value): Seen, since: &Since, began: u64) -> bool {
        let least = since[record][leaf as usize];
        let was_stored = self.intervals((record, leaf)).any(|(_, until, stored)| stored == value && until > least);
        let is_shown = |stamp: Stamp| {
            let accepted = self.accepted.get(&stamp).filter(|accepted| accepted.is_shown);
            accepted.is_some_and(|accepted| {
                (accepted.record, accepted.leaf) == (record, leaf) && accepted.until.is_none_or(|until| until >= began)
            })
        };
        was_stored || value.is_some_and(is_shown)
    }

    /// From when to when each value was stored.
    fn intervals(&self, of: (usize, Leaf)) -> impl Iterator<Item = (u64, u64, Option<Stamp>)> {
        let values = self.values(of);
        let until = values.iter().skip(1).map(|(from, _)| *from).chain([u64::MAX]);
        let first = values.first().map_or(u64::MAX, |(from, _)| *from);
        let stored = values.iter().zip(until).map(|((from, value), until)| (*from, until, *value));
        // Before anything was stored there was nothing.
        [(0, first, None)].into_iter().chain(stored)
    }
}
