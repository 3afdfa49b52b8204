//! What a commit takes in each of its modes.

use std::collections::HashSet;
use std::sync::Arc;

use super::{CommitPlan, RecordPlan};
use crate::action::Action;
use crate::backend::{BatchUpdateRequest, TransactWriteRequest, UpdateRequest};
use crate::base::{Base, Lookup};
use crate::error::{Error, ErrorKind};
use crate::expression::statement;
use crate::key::KeyRef;

/// How the records of a commit go together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommitMode {
    /// Each for itself, in one request where DynamoDB allows it.
    #[default]
    PerRecord,
    /// All or none, in one transaction, at twice the write units.
    Atomic,
    /// Each for itself, up to 25 in one request.
    Batched,
}

/// What carries an update to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Carrier {
    /// An `UpdateItem` of its own.
    Update,
    /// A statement of a `BatchExecuteStatement`, beside those of other records.
    Batch,
    /// A `TransactWriteItems` with a token, at twice the write units: that of an atomic commit, or with
    /// `.exactly_once()` one of its own.
    Transaction,
}

/// Whether one statement of a batch can carry an update, as far as is known: a record that is not there takes a request
/// of its own, which creates it, and so does a number or a list that is to grow and may not be there.
pub(crate) fn fits_batch(base: &Base, update: &UpdateRequest) -> bool {
    let mut growing = update
        .actions
        .iter()
        .filter(|action| matches!(action.action, Action::Increment { .. } | Action::Append(_) | Action::Prepend(_)));
    base.exists() != Some(false)
        && growing.all(|action| matches!(base.lookup(action.path.segments()), Lookup::Known(_)))
        && statement(update).is_some()
}

/// Why records do not fit one transaction, by the bytes of their items as far as they are known.
pub(crate) fn check_transaction(sizes: impl Iterator<Item = usize>) -> Result<(), String> {
    let (count, bytes) = sizes.fold((0, 0), |(count, bytes), size| (count + 1, bytes + size));
    let (most, most_bytes) = (TransactWriteRequest::MAX_ACTIONS, TransactWriteRequest::MAX_BYTES);
    if count > most {
        return Err(format!("{count} records have changes, and a transaction takes {most}"));
    }
    if bytes > most_bytes {
        return Err(format!("the records have {bytes} bytes, and a transaction takes {most_bytes}"));
    }
    Ok(())
}

/// A record that takes more than one request cannot be part of a transaction.
pub(crate) fn takes_several(key: &KeyRef<'_>) -> Error {
    not_atomic(format!("record `{key}` takes more than one request"))
}

pub(crate) fn not_atomic(reason: String) -> Error {
    ErrorKind::NotAtomic { reason }.into()
}

impl CommitPlan {
    /// Refuses what is to be one transaction and cannot be.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.mode != CommitMode::Atomic {
            return Ok(());
        }
        for record in &self.records {
            match (&record.in_doubt, record.updates.as_deref()) {
                (Some(in_doubt), _) if !in_doubt.is_sent_again => {
                    return Err(ErrorKind::InDoubt { key: record.key.to_string(), repeatable: false }.into());
                }
                (_, Err(error)) => return Err(not_atomic(format!("record `{}`: {error}", record.key))),
                (_, Ok([_, _, ..])) => return Err(takes_several(&record.key)),
                _ => {}
            }
        }
        let updates = self.records.iter().flat_map(RecordPlan::updates);
        check_transaction(updates.map(|update| update.item_bytes)).map_err(not_atomic)
    }

    /// The records whose first update goes with those of others, by the requests that carry them.
    pub(crate) fn together(&self) -> Vec<Vec<&RecordPlan>> {
        let most = match self.mode {
            CommitMode::PerRecord => return Vec::new(),
            CommitMode::Atomic => TransactWriteRequest::MAX_ACTIONS,
            CommitMode::Batched => BatchUpdateRequest::MAX_UPDATES,
        };
        let together: Vec<&RecordPlan> = self.records.iter().filter(|record| self.goes_together(record)).collect();
        together.chunks(most).map(<[_]>::to_vec).collect()
    }

    /// Whether the record's first update goes with those of others.
    pub(crate) fn goes_together(&self, record: &RecordPlan) -> bool {
        record.updates().next().is_some_and(|first| match self.mode {
            CommitMode::PerRecord => false,
            CommitMode::Atomic => true,
            CommitMode::Batched => first.carrier == Carrier::Batch,
        })
    }

    pub(super) fn count_requests(&self) -> usize {
        let resent = self.records.iter().filter_map(|record| record.in_doubt.as_ref()).filter(|one| one.is_sent_again);
        let (told, own): (Vec<_>, Vec<_>) = resent.partition(|one| one.told.is_some());
        let told: HashSet<_> = told.iter().filter_map(|one| one.told.as_ref()).map(Arc::as_ptr).collect();
        let together = self.together();
        let updates: usize = self.records.iter().map(|record| record.updates().count()).sum();
        let updates = updates - together.iter().map(Vec::len).sum::<usize>() + together.len();
        // Those that go together are read together.
        let reads = together.iter().filter(|records| records.iter().any(|record| record.is_read_first())).count();
        let own_reads = self.records.iter().filter(|record| record.is_read_first() && !self.goes_together(record));
        told.len() + own.len() + updates + reads + own_reads.count()
    }
}
