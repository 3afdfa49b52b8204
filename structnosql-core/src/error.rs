//! The one error type of the library.
//!
//! Everything that a caller, a stored value or a server can bring about is an `Err`. A panic would be
//! a bug of this library alone.

use std::fmt;

use crate::batch::BatchReport;
use crate::conflict::Conflict;
use crate::difference::TableDifference;
use crate::failure::{Failure, FailureClass};
use crate::mismatch::Mismatch;
use crate::path::DocumentPath;
use crate::report::CommitReport;
use crate::transaction::TransactionReport;
use crate::value::Map;

/// A result of this library.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong: one word wide, with predicates for what programs decide on and
/// [`kind`](Error::kind) for the detail.
///
/// ```
/// use structnosql_core::{Error, Failure, FailureClass};
///
/// let error = Error::from(Failure::new(FailureClass::Throttled, "slow down"));
/// assert!(error.is_throttled());
/// assert_eq!(error.to_string(), "throttled: slow down");
/// ```
pub struct Error(Box<ErrorKind>);

/// What an [`Error`] is about.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value that was given cannot be stored at its path.
    #[error("cannot store {0}")]
    InvalidValue(Mismatch),
    /// A stored value does not fit the model; `.skip_validation()` reads it as it is, `.lenient()` what fits.
    #[error("stored value does not fit the model: {0} (`.lenient()` reads what fits)")]
    StoredValue(Mismatch),
    /// The write was applied, and what it replaced or deleted does not fit the model; here it is, as it was stored.
    #[error("the write was applied, but what was stored before does not fit the model: {mismatch}")]
    Replaced {
        /// What does not fit.
        mismatch: Mismatch,
        /// The record as it was before.
        old: Map,
    },
    /// A change leads through a value, stored or pending, that is no map or list or of another kind than the path says.
    #[error("type conflict at {0}: nothing was changed; set it as a whole to replace it")]
    TypeConflict(Mismatch),
    /// A key that was given is not one of the table's.
    #[error("wrong key: {0}")]
    Key(Mismatch),
    /// A condition that DynamoDB refuses whatever is stored, by the path that it reads.
    #[error("wrong condition on {0}")]
    Condition(Mismatch),
    /// A textual path is malformed, names a field that the model has not, or lacks an argument.
    #[error("wrong path {text:?}: {problem}")]
    Path {
        /// The path as it was given.
        text: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },
    /// A query or scan that DynamoDB would refuse; nothing was sent.
    #[error("wrong query: {0}")]
    Query(String),
    /// A transaction that DynamoDB would refuse whatever is stored; nothing was sent.
    #[error("wrong transaction: {0}; nothing was sent")]
    WrongTransaction(String),
    /// A cursor that does not go on with this query or scan, or a text that is none; nothing was sent.
    #[error("wrong cursor: {0}")]
    Cursor(String),
    /// The model does not allow the change.
    #[error("`{path}` cannot be changed: {reason}")]
    NotWritable {
        /// Where.
        path: DocumentPath,
        /// Why, and what to do instead.
        reason: String,
    },
    /// A struct would come into being without fields that the model requires.
    #[error("`{path}` is absent and would come into being without its required {}: set them in the same commit, or set `{path}` as a whole", list(.missing))]
    MissingParent {
        /// The struct.
        path: DocumentPath,
        /// Its required fields that have neither a value pending nor a default.
        missing: Vec<DocumentPath>,
    },
    /// A text that is not JSON, or could not be read.
    #[error("cannot read JSON: {0}")]
    Json(String),
    /// JSON that does not fit the model, by its place in the array of records.
    #[error("JSON does not fit the model: {0}")]
    JsonValue(Mismatch),
    /// An existing table has other keys or indexes than the model.
    #[error("table `{table}` does not match the model: {}", joined(.differences))]
    TableMismatch {
        /// The table's name.
        table: String,
        /// What differs, and is in the way.
        differences: Vec<TableDifference>,
    },
    /// A table or its indexes did not become active in time.
    #[error("table `{table}` or an index of it is not active after {seconds} s; it goes on, look again later")]
    TableNotActive {
        /// The table's name.
        table: String,
        /// How long was waited.
        seconds: u64,
    },
    /// A condition reads a field that an operation is pending for: it means what is stored, which is about to change.
    #[error(
        "the condition reads `{path}`, which has a change pending: commit first, or decide on what `get_field` shows"
    )]
    ConditionOnPending {
        /// The field.
        path: DocumentPath,
    },
    /// A transaction changes a field that an operation is pending for, which would be committed over it.
    #[error(
        "`{path}` has a change pending, which a commit would apply after the transaction: commit or clear it first"
    )]
    ChangePending {
        /// The field.
        path: DocumentPath,
    },
    /// The record was changed by another writer since it was read; nothing was written.
    #[error("conflict: {0}")]
    Conflict(Conflict),
    /// The record has a write whose answer was lost; it blocks this call until it is resolved.
    #[error(
        "record `{key}` has a write in doubt, whose answer was lost: {}",
        if *.repeatable { "commit again to settle it" } else { "sending it again cannot settle it; look at the record and call `resolve_in_doubt`" }
    )]
    InDoubt {
        /// The record's key.
        key: String,
        /// Whether the next commit settles it by sending it again.
        repeatable: bool,
    },
    /// The commit cannot be made as one transaction; nothing was applied, and everything is pending as it was.
    #[error(
        "cannot be committed as one transaction: {reason}; nothing was applied. Commit fewer records, or each for itself"
    )]
    NotAtomic {
        /// What does not fit.
        reason: String,
    },
    /// Another record of the same transaction was in the way, so that none was changed.
    #[error("nothing was applied: record `{key}` was in the way of the transaction")]
    Cancelled {
        /// The record that was.
        key: String,
    },
    /// The backend's request failed.
    #[error(transparent)]
    Backend(#[from] Failure),
    /// A batch left records unread or unwritten; the report says which and why. The others are done.
    #[error("{0}")]
    Batch(BatchReport),
    /// The database refused a transaction; nothing of it was done, and the report says which actions were in the way.
    #[error("{0}")]
    Transaction(TransactionReport),
    /// A commit left records uncommitted; the report says which and why. Their operations are still pending.
    #[error("{0}")]
    Commit(CommitReport),
}

fn joined(differences: &[TableDifference]) -> String {
    differences.iter().map(TableDifference::to_string).collect::<Vec<_>>().join("; ")
}

fn list(paths: &[DocumentPath]) -> String {
    paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ")
}

impl Error {
    /// The detail.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The detail, by value.
    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    /// The backend's failure, where the error is one; of a batch the first, of a transaction the
    /// [decisive](TransactionReport::decisive) one.
    pub fn failure(&self) -> Option<&Failure> {
        match self.kind() {
            ErrorKind::Backend(failure) => Some(failure),
            ErrorKind::Batch(report) => report.remaining.iter().find_map(|(_, error)| error.failure()),
            ErrorKind::Transaction(report) => report.decisive().and_then(Error::failure),
            _ => None,
        }
    }

    /// The report of a commit that left records uncommitted.
    pub fn commit_report(&self) -> Option<&CommitReport> {
        match self.kind() {
            ErrorKind::Commit(report) => Some(report),
            _ => None,
        }
    }

    /// The conflict with another writer, where that is what was wrong: what was read, what was to be written, what is
    /// stored.
    pub fn conflict(&self) -> Option<&Conflict> {
        match self.kind() {
            ErrorKind::Conflict(conflict) => Some(conflict),
            ErrorKind::Transaction(report) => report.in_the_way().find_map(|(_, error)| error.conflict()),
            _ => None,
        }
    }

    /// The report of a batch that left records undone.
    pub fn batch_report(&self) -> Option<&BatchReport> {
        match self.kind() {
            ErrorKind::Batch(report) => Some(report),
            _ => None,
        }
    }

    /// The report of a transaction that was refused.
    pub fn transaction_report(&self) -> Option<&TransactionReport> {
        match self.kind() {
            ErrorKind::Transaction(report) => Some(report),
            _ => None,
        }
    }

    /// Whether another writer has changed the record since it was read: its version, or what `.check_unchanged()`
    /// compares.
    pub fn is_conflict(&self) -> bool {
        self.conflict().is_some()
    }

    /// Whether the table, account or engine refuses more requests for now.
    pub fn is_throttled(&self) -> bool {
        self.has_class(FailureClass::Throttled)
    }

    /// Whether a condition did not hold: `create_record` on an existing record, `.if_exists()` on a missing one.
    pub fn is_condition_failed(&self) -> bool {
        self.has_class(FailureClass::ConditionFailed)
    }

    /// Whether the credentials are missing, wrong, or do not allow the call.
    pub fn is_access_denied(&self) -> bool {
        self.has_class(FailureClass::AccessDenied)
    }

    /// Whether the table or index does not exist.
    pub fn is_table_not_found(&self) -> bool {
        self.has_class(FailureClass::TableNotFound)
    }

    /// Whether an item, value or request is larger than DynamoDB takes.
    pub fn is_too_large(&self) -> bool {
        self.has_class(FailureClass::TooLarge)
    }

    /// Whether a change leads through a value of another type.
    pub fn is_type_conflict(&self) -> bool {
        matches!(self.kind(), ErrorKind::TypeConflict(_)) || self.has_class(FailureClass::InvalidPath)
    }

    /// Whether a stored value does not fit the model.
    pub fn is_stored_value(&self) -> bool {
        match self.kind() {
            ErrorKind::StoredValue(_) | ErrorKind::Replaced { .. } => true,
            ErrorKind::Batch(report) => report.remaining.iter().any(|(_, error)| error.is_stored_value()),
            _ => false,
        }
    }

    /// Whether a value that was given cannot be stored.
    pub fn is_invalid_value(&self) -> bool {
        matches!(self.kind(), ErrorKind::InvalidValue(_) | ErrorKind::JsonValue(_))
    }

    /// Whether the write may have been applied although it failed.
    pub fn may_be_applied(&self) -> bool {
        match self.kind() {
            ErrorKind::Backend(failure) => failure.class().may_be_applied(),
            ErrorKind::InDoubt { .. } => true,
            ErrorKind::Batch(report) => report.remaining.iter().any(|(_, error)| error.may_be_applied()),
            _ => false,
        }
    }

    fn has_class(&self, class: FailureClass) -> bool {
        self.failure().is_some_and(|failure| failure.class() == class)
    }
}

impl<K: Into<ErrorKind>> From<K> for Error {
    fn from(kind: K) -> Self {
        Error(Box::new(kind.into()))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Failure>(), size_of::<usize>());
        assert_eq!(size_of::<Mismatch>(), size_of::<usize>());
    }
}
