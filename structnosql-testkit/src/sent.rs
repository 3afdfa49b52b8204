//! What went to a backend, without the values.

mod note;

use std::fmt;
use std::sync::Arc;

use structnosql_core::{IdempotencyToken, Map};

/// One request, as [`Counted`](crate::Counted) saw it.
///
/// It prints on one line, for messages and comparisons:
///
/// ```text
/// update accounts-data {"userId": "x42"} SET username=:v0 REMOVE tokens.t32 IF attribute_exists(userId)
/// ```
///
/// and one of several parts as `transact write: update …; put …`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// What kind of request it was.
    pub kind: SentKind,
    /// The table's name, or that of its first part.
    pub table: Arc<str>,
    /// The key that it named: of a query that of the partition, none of a put or of a request about a table.
    pub key: Option<Map>,
    /// Its expressions as they read with the names in their place, and without the values.
    pub expression: String,
    /// What a batch or a transaction consists of, each part as if it were a request of its own.
    pub parts: Vec<Sent>,
    /// What the database tells a repeated transaction by.
    pub token: Option<IdempotencyToken>,
}

/// The kinds of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SentKind {
    /// A read of one item.
    Get,
    /// A write of one whole item.
    Put,
    /// A change of one item.
    Update,
    /// A deletion of one item.
    Delete,
    /// A page of a query.
    Query,
    /// A page of a scan.
    Scan,
    /// A read of several items.
    BatchGet,
    /// Puts and deletions of several items.
    BatchWrite,
    /// Changes of several items.
    BatchUpdate,
    /// Writes of several items, all or none.
    TransactWrite,
    /// A read of several items at one moment.
    TransactGet,
    /// A condition on an item that a transaction does not write.
    Check,
    /// A question about a table.
    DescribeTable,
    /// The creation of a table.
    CreateTable,
    /// A new index of a table.
    UpdateTable,
    /// The deletion of a table.
    DeleteTable,
    /// A question about a table's time to live.
    DescribeTimeToLive,
    /// The beginning of a table's time to live.
    EnableTimeToLive,
}

impl fmt::Display for SentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SentKind::Get => "get",
            SentKind::Put => "put",
            SentKind::Update => "update",
            SentKind::Delete => "delete",
            SentKind::Query => "query",
            SentKind::Scan => "scan",
            SentKind::BatchGet => "batch get",
            SentKind::BatchWrite => "batch write",
            SentKind::BatchUpdate => "batch update",
            SentKind::TransactWrite => "transact write",
            SentKind::TransactGet => "transact get",
            SentKind::Check => "check",
            SentKind::DescribeTable => "describe",
            SentKind::CreateTable => "create",
            SentKind::UpdateTable => "index",
            SentKind::DeleteTable => "drop",
            SentKind::DescribeTimeToLive => "describe ttl",
            SentKind::EnableTimeToLive => "enable ttl",
        })
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.parts.is_empty() {
            write!(f, "{}", self.kind)?;
            for (at, part) in self.parts.iter().enumerate() {
                write!(f, "{} {part}", if at == 0 { ":" } else { ";" })?;
            }
            return Ok(());
        }
        write!(f, "{} {}", self.kind, self.table)?;
        if let Some(key) = &self.key {
            write!(f, " {key}")?;
        }
        if !self.expression.is_empty() {
            write!(f, " {}", self.expression)?;
        }
        Ok(())
    }
}

impl Sent {
    /// Whether it is about this table, as a whole or in part.
    pub fn is_about(&self, table: &str) -> bool {
        match self.parts.is_empty() {
            true => &*self.table == table,
            false => self.parts.iter().any(|part| part.is_about(table)),
        }
    }
}
