//! The extension: requests of the core's [`Backend`](structnosql_core::Backend) as JSON, several in one POST.
//!
//! ```
//! use structnosql_external::wire::extension::{Operation, Post};
//!
//! let post: Post = serde_json::from_str(
//!     r#"{
//!         "id": "6f1c", "attempt": 1,
//!         "operations": [{"update": {
//!             "table": "movies", "key": {"id": {"S": "b12"}},
//!             "actions": [{"path": ["ratings", "imdb"], "action": {"set": {"N": "9.4"}}}]
//!         }}]
//!     }"#,
//! )?;
//! assert!(matches!(post.operations[..], [Operation::Update(_)]));
//! # Ok::<(), serde_json::Error>(())
//! ```

use serde::{Deserialize, Serialize};
use structnosql_core::{
    BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, DeleteRequest, Failure,
    GetRequest, Map, PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition, TableDescription, Text,
    TransactGetRequest, TransactWriteRequest, UpdateRequest, UpdateTableRequest,
};

/// The path that it is served under. A change that an older client or service cannot read gets another one.
pub const PATH: &str = "/v1/operations";

/// The body of a POST: operations, each for itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Post {
    /// Tells a repeated POST: one that was answered before is answered alike and not run again. Every POST that
    /// writes has one, of at most 64 characters, which its client uses for no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How often it has been sent with this one, counted from 1.
    #[serde(default = "first")]
    pub attempt: u32,
    /// The process of the service that the client heard of last: another one cannot tell whether an earlier attempt
    /// was run, and refuses to run a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// What to do: at least one operation. They run at the same time, in no order.
    pub operations: Vec<Operation>,
}

fn first() -> u32 {
    1
}

/// One request of a backend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Operation {
    /// Read one item; answered with [`Answer::Item`].
    Get(GetRequest),
    /// Write one whole item; answered with [`Answer::Item`], the one that it replaces where that was asked for.
    Put(PutRequest),
    /// Change parts of one item; answered with [`Answer::Item`], the old one where that was asked for.
    Update(UpdateRequest),
    /// Delete one item; answered with [`Answer::Item`], the old one where that was asked for.
    Delete(DeleteRequest),
    /// Read a page of a partition; answered with [`Answer::Page`].
    Query(QueryRequest),
    /// Read a page of all items; answered with [`Answer::Page`].
    Scan(ScanRequest),
    /// Read several items; answered with [`Answer::Found`].
    BatchGet(BatchGetRequest),
    /// Put and delete several items, each for itself; answered with [`Answer::Unwritten`].
    BatchWrite(BatchWriteRequest),
    /// Change parts of several items, each for itself; answered with [`Answer::Each`].
    BatchUpdate(BatchUpdateRequest),
    /// Write several items, all or none; answered with [`Answer::Done`].
    TransactWrite(TransactWriteRequest),
    /// Read several items as they are at one moment; answered with [`Answer::Items`].
    TransactGet(TransactGetRequest),
    /// Describe a table; answered with [`Answer::Table`].
    DescribeTable(TableName),
    /// Create a table; answered with [`Answer::Done`].
    CreateTable(TableDefinition),
    /// Add an index to a table; answered with [`Answer::Done`].
    UpdateTable(UpdateTableRequest),
    /// Delete a table; answered with [`Answer::Done`].
    DeleteTable(TableName),
    /// Which attribute items go out of date by; answered with [`Answer::Attribute`].
    DescribeTimeToLive(TableName),
    /// Let items go out of date; answered with [`Answer::Done`].
    EnableTimeToLive(TimeToLive),
}

/// A table by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableName {
    /// The table's name.
    pub table: String,
}

/// A table and the attribute whose time its items go out of date by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TimeToLive {
    /// The table's name.
    pub table: String,
    /// The attribute.
    pub attribute: String,
}

/// What came of a POST.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// The process of the service that answered.
    pub instance: String,
    /// The answer to each operation, in their order.
    pub answers: Vec<Answer>,
}

/// What came of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Answer {
    /// It was done.
    Done,
    /// It was done, and this is the item, if there is one.
    Item(Option<Map>),
    /// A page of items.
    Page(PageResponse),
    /// What a batch read brought.
    Found(BatchGetResponse),
    /// The writes of a batch that were not applied.
    Unwritten(Vec<BatchWrite>),
    /// How each update of a batch failed, in their order; nothing for one that was applied.
    Each(Vec<Option<Failure>>),
    /// The items that were asked for, in their order.
    Items(Vec<Option<Map>>),
    /// An attribute's name, if there is one.
    Attribute(Option<Text>),
    /// The table, if there is one.
    Table(Option<TableDescription>),
    /// It failed.
    Failed(Failure),
}

/// The body of an answer where the POST as a whole was refused: nothing of it was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// Why.
    pub failed: Failure,
}

impl Operation {
    /// Whether it changes anything, so that it matters how often it is run.
    pub fn writes(&self) -> bool {
        use Operation::{BatchGet, DescribeTable, DescribeTimeToLive, Get, Query, Scan, TransactGet};
        let reads = matches!(
            self,
            Get(_) | Query(_) | Scan(_) | BatchGet(_) | TransactGet(_) | DescribeTable(_) | DescribeTimeToLive(_)
        );
        !reads
    }

    /// How many records it names; one where it names none, as a query does.
    pub fn records(&self) -> usize {
        let named = match self {
            Operation::BatchGet(request) => request.keys.len(),
            Operation::BatchWrite(request) => request.writes.len(),
            Operation::BatchUpdate(request) => request.updates.len(),
            Operation::TransactWrite(request) => request.actions.len(),
            Operation::TransactGet(request) => request.gets.len(),
            _ => 1,
        };
        named.max(1)
    }

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Operation::Get(_) => "get",
            Operation::Put(_) => "put",
            Operation::Update(_) => "update",
            Operation::Delete(_) => "delete",
            Operation::Query(_) => "query",
            Operation::Scan(_) => "scan",
            Operation::BatchGet(_) => "batchGet",
            Operation::BatchWrite(_) => "batchWrite",
            Operation::BatchUpdate(_) => "batchUpdate",
            Operation::TransactWrite(_) => "transactWrite",
            Operation::TransactGet(_) => "transactGet",
            Operation::DescribeTable(_) => "describeTable",
            Operation::CreateTable(_) => "createTable",
            Operation::UpdateTable(_) => "updateTable",
            Operation::DeleteTable(_) => "deleteTable",
            Operation::DescribeTimeToLive(_) => "describeTimeToLive",
            Operation::EnableTimeToLive(_) => "enableTimeToLive",
        }
    }

    /// Whether running it twice leaves everything as running it once does, and is answered alike.
    pub fn is_repeatable(&self) -> bool {
        match self {
            Operation::Put(request) => request.is_repeatable(),
            Operation::Update(request) => request.is_repeatable(),
            Operation::Delete(request) => request.is_repeatable(),
            Operation::BatchWrite(_) => true,
            Operation::BatchUpdate(request) => request.updates.iter().all(UpdateRequest::is_repeatable),
            Operation::TransactWrite(request) => request.token.is_some(),
            operation => !operation.writes(),
        }
    }
}
