//! The records that are kept, and what the table knows of each.

use structnosql_core::CachingTable;
use structnosql_derive::TableDataModel;

use crate::{Counted, Reference};

pub(super) type Table = CachingTable<Goods, Counted<Reference>>;

pub(super) const RECORDS: usize = 24;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "goods", crate = "structnosql_core")]
pub(super) struct Goods {
    #[field(partition_key)]
    pub(super) id: u32,
    pub(super) a: Option<i64>,
    pub(super) b: Option<i64>,
    /// Of this the history takes out the first again and again.
    pub(super) queue: Option<Vec<i64>>,
}

/// A value of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    A,
    B,
}

pub(super) const PARTS: [Part; 2] = [Part::A, Part::B];

/// What is known of a record, and what is pending for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) parts: [Option<i64>; 2],
    pub(super) queue: bool,
    /// All of it.
    pub(super) whole: bool,
    /// When the oldest of it was asked for.
    pub(super) since: Option<u64>,
    /// When it was read last.
    pub(super) used: u64,
    pub(super) pending: [Option<i64>; 2],
    pub(super) dropped: bool,
}

impl Goods {
    pub(super) fn of(record: usize, parts: [i64; 2]) -> Goods {
        let [a, b] = parts.map(Some);
        Goods { id: record as u32, a, b, queue: Some((0..200).collect()) }
    }
}

impl Known {
    pub(super) fn is_dirty(&self) -> bool {
        self.dropped || self.pending.iter().any(Option::is_some)
    }

    /// Whether it is kept at all.
    pub(super) fn is_kept(&self) -> bool {
        self.is_dirty() || self.since.is_some()
    }

    /// What was read is forgotten.
    pub(super) fn forget(&mut self) {
        *self = Known { used: self.used, pending: self.pending, dropped: self.dropped, ..Known::default() };
    }

    /// All of it is known now.
    pub(super) fn learn_whole(&mut self, stored: [i64; 2], now: u64) {
        self.parts = stored.map(Some);
        (self.queue, self.whole, self.since) = (true, true, Some(now));
    }

    /// What a read shows; nothing where that takes a request.
    pub(super) fn shown(&self, part: Part) -> Option<i64> {
        self.pending[part as usize].or(self.parts[part as usize])
    }
}
