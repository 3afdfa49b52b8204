//! What became of a transaction that was refused.

use std::fmt;
use std::sync::Arc;

use crate::backend::TransactAction;
use crate::condition::Condition;
use crate::error::Error;
use crate::failure::FailureClass;
use crate::key::Key;
use crate::path::DocumentPath;
use crate::value::{Map, Value};

/// How many reasons a message tells.
const SHOWN: usize = 10;

/// A transaction that was refused: nothing of it was applied.
///
/// It is in the error of [`transact`](crate::Table::transact) and [`transact_get`](crate::Table::transact_get):
/// `error.transaction_report()`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TransactionReport {
    /// Every action, in the order in which they were given.
    pub actions: Vec<ActionReport>,
}

/// One action of a transaction that was refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ActionReport {
    /// The name of the record's table.
    pub table: Arc<str>,
    /// The record.
    pub key: Key,
    /// What was to be done with it.
    pub verb: TransactionVerb,
    /// The paths that were in the way: those of the conditions that do not hold, or those that lead through something
    /// absent or of another type.
    pub paths: Vec<DocumentPath>,
    /// Why it was in the way; nothing where it was not.
    pub error: Option<Arc<Error>>,
}

/// What an action of a transaction does with its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransactionVerb {
    /// Writes it as a whole.
    Put,
    /// Changes fields of it.
    Update,
    /// Deletes it.
    Delete,
    /// Asks a condition of it.
    ConditionCheck,
    /// Reads it.
    Get,
}

impl TransactionReport {
    /// The actions that were in the way.
    pub fn in_the_way(&self) -> impl Iterator<Item = (&ActionReport, &Error)> {
        self.actions.iter().filter_map(|action| Some((action, action.error.as_deref()?)))
    }

    /// The reason that decides whether the same transaction may succeed later: the first that repeating does not mend,
    /// or else the first one.
    pub fn decisive(&self) -> Option<&Error> {
        let lasts = |error: &&Error| error.failure().is_none_or(|failure| !failure.class().is_transient());
        let mut errors = self.in_the_way().map(|(_, error)| error);
        let first = errors.next()?;
        std::iter::once(first).chain(errors).find(lasts).or(Some(first))
    }
}

impl ActionReport {
    pub(super) fn new(
        table: &Arc<str>,
        key: &Key,
        verb: TransactionVerb,
        sent: Option<&TransactAction>,
        error: Option<Arc<Error>>,
    ) -> Self {
        let paths = sent.zip(error.as_deref()).map(|(sent, error)| in_the_way(sent, error)).unwrap_or_default();
        ActionReport { table: table.clone(), key: key.clone(), verb, paths, error }
    }

    /// The record as it was stored, where it was in the way and the backend returns it.
    pub fn item(&self) -> Option<&Map> {
        self.error.as_deref()?.failure()?.item()
    }
}

/// The paths that made the database refuse an action.
fn in_the_way(sent: &TransactAction, error: &Error) -> Vec<DocumentPath> {
    if let Some(conflict) = error.conflict() {
        return conflict.changed().to_vec();
    }
    let Some(failure) = error.failure() else { return Vec::new() };
    let condition = match sent {
        TransactAction::Put(put) => put.condition.as_ref(),
        TransactAction::Update(update) => update.condition.as_ref(),
        TransactAction::Delete(delete) => delete.condition.as_ref(),
        TransactAction::Check(check) => Some(&check.condition),
    };
    let mut paths: Vec<DocumentPath> = match (failure.class(), sent, condition) {
        (FailureClass::ConditionFailed, _, Some(condition)) => {
            let item = failure.item().map(|item| Value::Map(item.clone()));
            condition.broken_paths(item.as_ref()).into_iter().cloned().collect()
        }
        (FailureClass::InvalidPath, TransactAction::Update(update), _) => {
            let nested = update.actions.iter().filter(|action| action.path.segments().len() > 1);
            nested.map(|action| action.path.clone()).collect()
        }
        _ => Vec::new(),
    };
    paths.sort_unstable();
    paths.dedup();
    paths
}

impl Condition {
    /// The paths of those of its parts that do not hold for the item; all of them where that cannot be told, since the
    /// item was not returned.
    fn broken_paths(&self, item: Option<&Value>) -> Vec<&DocumentPath> {
        let parts = match self {
            Condition::All(parts) => parts.as_slice(),
            one => std::slice::from_ref(one),
        };
        let broken: Vec<_> = parts.iter().filter(|part| !part.holds(item)).flat_map(Condition::paths).collect();
        if broken.is_empty() { self.paths() } else { broken }
    }
}

impl fmt::Display for TransactionVerb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            TransactionVerb::Put => "put",
            TransactionVerb::Update => "update",
            TransactionVerb::Delete => "delete",
            TransactionVerb::ConditionCheck => "condition check",
            TransactionVerb::Get => "get",
        })
    }
}

impl fmt::Display for TransactionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (all, refused) = (self.actions.len(), self.in_the_way().count());
        write!(
            f,
            "the transaction was cancelled, and nothing of it was done: {refused} of {all} actions were in the way"
        )?;
        for (ActionReport { table, key, verb, paths, .. }, error) in self.in_the_way().take(SHOWN) {
            write!(f, "; {verb} of `{key}` in `{table}`")?;
            for (at, path) in paths.iter().enumerate() {
                write!(f, "{}`{path}`", if at > 0 { ", " } else { " at " })?;
            }
            write!(f, ": {error}")?;
        }
        match refused.saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}
