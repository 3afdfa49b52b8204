//! What went to a backend, without the values.

use std::fmt;
use std::sync::Arc;

use structnosql_core::expression::Expressions;
use structnosql_core::{DeleteRequest, GetRequest, Map, PutRequest, QueryRequest, TableDefinition, UpdateRequest};

/// One request, as [`Counted`](crate::Counted) saw it.
///
/// It prints on one line, for messages and comparisons:
///
/// ```text
/// update accounts-data {"userId": "x42"} SET username=:v0 REMOVE tokens.t32 IF attribute_exists(userId)
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Sent {
    /// What kind of request it was.
    pub kind: SentKind,
    /// The table's name.
    pub table: Arc<str>,
    /// The key that it named: of a query that of the partition, none of a put or of a request about a table.
    pub key: Option<Map>,
    /// Its expressions as they read with the names in their place, and without the values.
    pub expression: String,
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
    /// A question about a table.
    DescribeTable,
    /// The creation of a table.
    CreateTable,
}

impl fmt::Display for SentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            SentKind::Get => "get",
            SentKind::Put => "put",
            SentKind::Update => "update",
            SentKind::Delete => "delete",
            SentKind::Query => "query",
            SentKind::DescribeTable => "describe",
            SentKind::CreateTable => "create",
        })
    }
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
    pub(crate) fn get(request: &GetRequest) -> Self {
        let mut text = Clauses::default();
        text.add("SELECT ", |expressions| expressions.projection(&request.projection));
        text.sent(SentKind::Get, &request.table, Some(request.key.clone()))
    }

    pub(crate) fn put(request: &PutRequest) -> Self {
        let mut text = Clauses::default();
        if let Some(condition) = &request.condition {
            text.add("IF ", |expressions| expressions.condition(condition));
        }
        text.sent(SentKind::Put, &request.table, None)
    }

    pub(crate) fn update(request: &UpdateRequest) -> Self {
        let mut text = Clauses::default();
        text.add("", |expressions| expressions.update(request.actions.clone()));
        if let Some(condition) = &request.condition {
            text.add("IF ", |expressions| expressions.condition(condition));
        }
        text.sent(SentKind::Update, &request.table, Some(request.key.clone()))
    }

    pub(crate) fn delete(request: &DeleteRequest) -> Self {
        let mut text = Clauses::default();
        if let Some(condition) = &request.condition {
            text.add("IF ", |expressions| expressions.condition(condition));
        }
        text.sent(SentKind::Delete, &request.table, Some(request.key.clone()))
    }

    pub(crate) fn query(request: &QueryRequest) -> Self {
        let mut text = Clauses::default();
        text.add("SELECT ", |expressions| expressions.projection(&request.projection));
        text.add("FROM ", |_| request.index.unwrap_or_default().to_owned());
        text.add("WHERE ", |expressions| expressions.key_condition(request.partition.clone(), request.sort.clone()));
        let (name, value) = &request.partition;
        let key = [(name.clone(), value.to_value())].into_iter().collect();
        text.sent(SentKind::Query, &request.table, Some(key))
    }

    pub(crate) fn describe_table(table: &str) -> Self {
        Clauses::default().sent(SentKind::DescribeTable, &Arc::from(table), None)
    }

    pub(crate) fn create_table(definition: &TableDefinition) -> Self {
        Clauses::default().sent(SentKind::CreateTable, &definition.table, None)
    }
}

/// The expressions of one request, one after another.
#[derive(Default)]
struct Clauses {
    expressions: Expressions,
    text: String,
}

impl Clauses {
    fn add(&mut self, keyword: &str, render: impl FnOnce(&mut Expressions) -> String) {
        let clause = render(&mut self.expressions);
        if !clause.is_empty() {
            let gap = if self.text.is_empty() { "" } else { " " };
            self.text.extend([gap, keyword, &clause]);
        }
    }

    fn sent(self, kind: SentKind, table: &Arc<str>, key: Option<Map>) -> Sent {
        let expression = self.expressions.with_names(&self.text);
        Sent { kind, table: table.clone(), key, expression }
    }
}
