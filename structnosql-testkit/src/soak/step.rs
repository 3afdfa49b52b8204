//! The steps of a case.
//!
//! A case is drawn in full before it runs: what a step does never depends on the steps before it, so that steps can
//! be taken out of a failing case without changing the others. A step that makes no sense where it stands is skipped.

use std::collections::BTreeMap;

use structnosql_core::Capabilities;

use crate::Fault;
use crate::model::{Action, Condition, Entries, Kind, Path};

/// How many records a case has.
pub(crate) const RECORDS: usize = 3;

/// What a case's table and database are like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// How many records the table keeps in its cache.
    pub(crate) bound: Option<usize>,
    /// What the database can do.
    pub(crate) capabilities: Capabilities,
    /// Some writes are too large for a request.
    pub(crate) bulky: bool,
    /// Indexes and reads that are not consistent are late, as this seed draws it.
    pub(crate) lag: Option<u64>,
}

impl Setting {
    /// The usual table over all that DynamoDB can do.
    pub(crate) fn usual(bound: Option<usize>) -> Setting {
        Setting { bound, capabilities: Capabilities::ALL, bulky: false, lag: None }
    }

    /// Whether the database cannot take a commit of this mode.
    pub(crate) fn lacks(self, mode: Mode) -> bool {
        match mode {
            Mode::PerRecord => false,
            Mode::Batched => !self.capabilities.batched_updates,
            Mode::ExactlyOnce | Mode::Atomic => !self.capabilities.transactions,
        }
    }

    /// Whether nothing but what a request can do at one path decides how many requests a record takes.
    pub(crate) fn takes_fewest(self) -> bool {
        !self.bulky && self.capabilities.grouped_updates
    }
}

/// One call, or two of which the second begins before the first has ended, and where to look afterwards.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) call: Call,
    pub(crate) meanwhile: Option<Meanwhile>,
    /// Records and paths to read.
    pub(crate) looks: Vec<(usize, Path)>,
    /// What goes wrong meanwhile.
    pub(crate) weather: Option<Weather>,
}

/// What another task does.
#[derive(Clone, Debug)]
pub(crate) struct Meanwhile {
    pub(crate) call: Call,
    /// Decides when it begins, and which of the two goes on next.
    pub(crate) seed: u64,
}

/// Faults during one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) faults: Faults,
    /// How often the first call is polled before it is given up.
    pub(crate) polls: usize,
}

/// Which requests of a step go wrong.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Faults {
    /// Each with this probability.
    Random { seed: u64, probability: f64 },
    /// The one after so many others.
    After(usize, Fault),
}

#[derive(Clone, Debug)]
pub(crate) enum Call {
    Write(Write),
    Put {
        record: usize,
        item: Entries,
        how: Putting,
    },
    Delete {
        record: usize,
        return_old: bool,
    },
    /// Whole records in one request, each for itself: written, or deleted.
    WriteMany(BTreeMap<usize, Option<Entries>>),
    /// Whole records, in this order.
    ReadMany(Vec<usize>),
    Prefetch(Vec<usize>),
    Read {
        record: usize,
        paths: Vec<Path>,
        consistent: bool,
    },
    Query {
        category: &'static str,
        paths: Vec<Path>,
    },
    /// Of the table, by its key.
    QueryOne {
        record: usize,
        paths: Vec<Path>,
    },
    Clear(Clear),
    Savepoint,
    /// To one of the savepoints so far.
    RollbackTo(usize),
    Commit {
        kind: Option<Kind>,
        only: Option<usize>,
        mode: Mode,
    },
    /// Tells what became of a write in doubt.
    Resolve {
        record: usize,
    },
    /// A write by another table, at once; this one may hear of it and clear.
    Foreign {
        write: Write,
        clear: Option<Clear>,
    },
    ForeignDelete {
        record: usize,
    },
}

/// What a put is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Putting {
    Put,
    /// Only where there is no record.
    Create,
    ReturnOld,
}

/// How a commit is told to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    PerRecord,
    ExactlyOnce,
    Batched,
    Atomic,
}

/// Changes of one record's fields.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) record: usize,
    pub(crate) changes: Vec<(Path, Action)>,
    pub(crate) condition: Option<Condition>,
    pub(crate) return_old: bool,
    /// By the verb for several fields, even where it is one.
    pub(crate) several: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clear {
    CachedData(Option<usize>),
    Pending(Option<usize>),
    PendingOf(Kind),
    CachedDataAndPending,
    Rollback(Option<usize>),
    Refresh(Option<usize>),
}

impl Clear {
    /// Whether it concerns the record.
    pub(crate) fn is_of(self, record: usize) -> bool {
        match self {
            Clear::CachedData(only) | Clear::Pending(only) | Clear::Rollback(only) | Clear::Refresh(only) => {
                only.is_none_or(|only| only == record)
            }
            Clear::PendingOf(_) | Clear::CachedDataAndPending => true,
        }
    }
}
