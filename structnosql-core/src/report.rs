//! Pending operations and what became of a commit, for people and programs to look at.

use std::fmt;
use std::sync::Arc;

use crate::action::Action;
use crate::conflict::Conflict;
use crate::error::Error;
use crate::key::Key;
use crate::path::DocumentPath;

/// The number of an accepted operation; later operations of a table have larger ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub(crate) u64);

/// A point between two operations of a unit of work, to roll back to.
///
/// Made by [`savepoint`](crate::CachingTable::savepoint). It stays good for as long as its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Savepoint(pub(crate) OperationId);

/// The two kinds of operations that can be committed and cleared apart.
///
/// The kind of several operations that were folded into one is that of the result: a field removed and then
/// set again is an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// Stores something.
    Update,
    /// Takes something out.
    Remove,
}

/// What is pending for one path of one record: one or several operations, folded.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PendingOperation {
    /// The record.
    pub key: Key,
    /// Where in the record, with list positions as they are stored.
    pub path: DocumentPath,
    /// What will be done there.
    pub action: Action,
    /// The operations that were folded into this one.
    pub operations: Vec<OperationId>,
    /// Why the last commit could not apply it, if one tried.
    pub rejected: Option<Arc<Error>>,
}

/// What a commit did, record by record.
///
/// It prints as a table of the records that were not committed, under a line of totals.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct CommitReport {
    /// The records that had operations pending, in the order of their keys.
    pub records: Vec<RecordReport>,
    /// How many requests were sent for several records together: transactions, batches, and reads before them.
    pub shared_requests: u32,
}

/// What a commit did with one record.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordReport {
    /// The record.
    pub key: Key,
    /// What became of its operations.
    pub outcome: Outcome,
    /// How many requests were sent for it alone, reads of a plan made again included.
    pub requests: u32,
    /// How many plans were made again, because the stored record was not as the table knew it.
    pub replans: u32,
    /// Whether a request whose answer had been lost was sent again first.
    pub resent: bool,
}

/// What became of a record's pending operations.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// They are applied.
    Committed,
    /// They were refused, and are pending again. Where another writer was there first, the error has the
    /// [conflict](Error::conflict).
    Rejected(Arc<Error>),
    /// No request was sent, or another record of the same transaction was in the way. They are pending again.
    NotSent(Arc<Error>),
    /// A request was sent and its answer lost: they may be applied. The next commit sends it again where that
    /// is harmless, or with its token within nine minutes; otherwise `resolve_in_doubt` decides.
    InDoubt(Arc<Error>),
}

impl CommitReport {
    /// Whether every record was committed.
    pub fn is_complete(&self) -> bool {
        self.records.iter().all(|record| matches!(record.outcome, Outcome::Committed))
    }

    /// How many requests were sent in all.
    pub fn requests(&self) -> u32 {
        self.shared_requests + self.records.iter().map(|record| record.requests).sum::<u32>()
    }

    /// The records that were committed.
    pub fn committed(&self) -> impl Iterator<Item = &RecordReport> {
        self.records.iter().filter(|record| matches!(record.outcome, Outcome::Committed))
    }

    /// The conflicts with other writers, of the records that were rejected for one.
    pub fn conflicts(&self) -> impl Iterator<Item = &Conflict> {
        self.records.iter().filter_map(|record| match &record.outcome {
            Outcome::Rejected(error) => error.conflict(),
            _ => None,
        })
    }

    /// The records that were not committed, for whatever reason.
    pub fn uncommitted(&self) -> impl Iterator<Item = &RecordReport> {
        self.records.iter().filter(|record| !matches!(record.outcome, Outcome::Committed))
    }
}

impl fmt::Display for CommitReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (committed, records, requests) = (self.committed().count(), self.records.len(), self.requests());
        write!(f, "committed {committed} of {records} records, requests: {requests}")?;
        for record in self.uncommitted() {
            write!(f, "\n  {}: {}", record.key, record.outcome)?;
        }
        Ok(())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Committed => f.write_str("committed"),
            Outcome::Rejected(error) => write!(f, "rejected, still pending: {error}"),
            Outcome::NotSent(error) => write!(f, "not sent, still pending: {error}"),
            Outcome::InDoubt(error) => write!(f, "in doubt: {error}"),
        }
    }
}
