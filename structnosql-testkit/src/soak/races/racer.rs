//! The records of which tasks read and write at the same time.

use structnosql_core::presence::Optional;
use structnosql_core::{CachingTable, FieldPath, Map, Segment, Value};
use structnosql_derive::{MapModel, TableDataModel};

use crate::{Counted, Faulty, Reference};

pub(super) type Store = Counted<Faulty<Reference>>;
pub(super) type Table = CachingTable<Racer, Store>;

/// A value that is written once.
pub(crate) type Stamp = i64;

pub(super) const RECORDS: usize = 3;

/// The team of all records that were stored as a whole.
pub(super) const TEAM: &str = "all";

#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "racers", crate = "structnosql_core")]
pub(super) struct Racer {
    #[field(partition_key)]
    pub(super) id: String,
    #[field(index)]
    pub(super) team: Option<String>,
    a: Option<Stamp>,
    b: Option<Stamp>,
    inner: Option<Inner>,
}

#[derive(Clone, Debug, Default, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Inner {
    c: Option<Stamp>,
    d: Option<Stamp>,
}

/// A value of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaf {
    A,
    B,
    C,
    D,
}

pub(super) const LEAVES: [Leaf; 4] = [Leaf::A, Leaf::B, Leaf::C, Leaf::D];

/// One of them, known at run time.
pub(super) type AnyLeaf = FieldPath<Racer, Stamp, Optional>;

/// A value of a record, as something shows it.
pub(super) type Seen = (usize, Leaf, Option<Stamp>);

pub(super) fn id(record: usize) -> String {
    format!("r{record}")
}

pub(super) fn key(record: usize) -> Map {
    [("id", Value::from(id(record)))].into_iter().collect()
}

/// The number of the record with this key.
pub(super) fn record_of(id: &str) -> usize {
    (0..RECORDS).find(|record| self::id(*record) == id).unwrap_or(RECORDS)
}

impl Leaf {
    fn names(self) -> &'static [&'static str] {
        match self {
            Leaf::A => &["a"],
            Leaf::B => &["b"],
            Leaf::C => &["inner", "c"],
            Leaf::D => &["inner", "d"],
        }
    }

    pub(super) fn field(self) -> AnyLeaf {
        FieldPath::new(self.names().iter().map(|name| Segment::from(*name)).collect())
    }

    /// What an item holds of it.
    pub(super) fn of(self, item: Option<&Map>) -> Option<Stamp> {
        let [first, below @ ..] = self.names() else { return None };
        let found = item?.get(first)?;
        match below.iter().try_fold(found, |value, name| value.as_map()?.get(name)) {
            Some(Value::Number(number)) => number.to_string().parse().ok(),
            _ => None,
        }
    }
}

impl Racer {
    /// A record with these values.
    pub(super) fn of(record: usize, stamps: [Option<Stamp>; 4]) -> Racer {
        let [a, b, c, d] = stamps;
        Racer { id: id(record), team: Some(TEAM.to_owned()), a, b, inner: Some(Inner { c, d }) }
    }

    fn leaf(&self, leaf: Leaf) -> Option<Stamp> {
        let inner = |of: fn(&Inner) -> Option<Stamp>| self.inner.as_ref().and_then(of);
        match leaf {
            Leaf::A => self.a,
            Leaf::B => self.b,
            Leaf::C => inner(|inner| inner.c),
            Leaf::D => inner(|inner| inner.d),
        }
    }

    /// What a read of the whole record shows.
    pub(super) fn seen(record: usize, racer: Option<&Racer>) -> impl Iterator<Item = Seen> {
        LEAVES.into_iter().map(move |leaf| (record, leaf, racer.and_then(|racer| racer.leaf(leaf))))
    }
}
