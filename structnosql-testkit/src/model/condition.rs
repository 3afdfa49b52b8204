//! Conditions on what is stored.

use structnosql_core::Segment;

use super::decimal::Decimal;
use super::record::Path;
use super::tree::{Entries, Tree};

/// What the stored record must meet for an operation to be applied.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Exists(Path),
    NotExists(Path),
    Equals(Path, Tree),
    Above(Path, Decimal),
}

impl Condition {
    /// That there is a record, whose key is this attribute.
    pub(crate) fn record_exists() -> Condition {
        Condition::Exists(vec![Segment::from("id")])
    }

    pub(crate) fn path(&self) -> &Path {
        match self {
            Condition::Exists(path)
            | Condition::NotExists(path)
            | Condition::Equals(path, _)
            | Condition::Above(path, _) => path,
        }
    }

    pub(crate) fn holds(&self, db: Option<&Entries>) -> bool {
        let record = db.cloned().map(Tree::Map);
        let stored = record.as_ref().and_then(|record| record.get(self.path()));
        match self {
            Condition::Exists(_) => stored.is_some(),
            Condition::NotExists(_) => stored.is_none(),
            Condition::Equals(_, value) => stored == Some(value),
            Condition::Above(_, least) => matches!(stored, Some(Tree::Number(number)) if number > least),
        }
    }
}
