//! What a table needs of a database: one narrow trait, in DynamoDB's terms.

use std::future::Future;
use std::sync::Arc;

use crate::action::Action;
use crate::condition::Condition;
use crate::failure::Failure;
use crate::index::SortCondition;
use crate::key::KeyValue;
use crate::path::{DocumentPath, Segment};
use crate::schema::KeyAttribute;
use crate::text::Text;
use crate::value::Map;

/// A database that holds records: DynamoDB through its SDK, an engine in the same process, a service.
///
/// # Contract
///
/// - A request is sent when its future is first polled, once. A backend may repeat it by itself only
///   where it is certain that it was not applied, or where repeating changes nothing
///   ([`UpdateRequest::is_repeatable`]).
/// - Dropping a future may leave its request applied or not; the backend stays usable.
/// - A failure's [class](crate::FailureClass) MUST be right about whether the request can have been
///   applied. Where a condition failed, the stored item SHOULD be returned with the failure.
/// - An update through a parent that is absent or no map or list MUST fail as
///   [`InvalidPath`](crate::FailureClass::InvalidPath), or apply nothing.
/// - Messages MUST NOT hold stored values.
pub trait Backend: Send + Sync + 'static {
    /// Reads one item, or the projected parts of it.
    fn get(&self, request: GetRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send;

    /// Writes one whole item.
    fn put(&self, request: PutRequest) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Changes parts of one item, creating it where it is not there; returns the old item where that was asked for
    /// and there was one.
    fn update(&self, request: UpdateRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send;

    /// Deletes one item; returns it where that was asked for and there was one.
    fn delete(&self, request: DeleteRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send;

    /// Reads one page of the items with one partition key value, from the table or an index.
    fn query(&self, request: QueryRequest) -> impl Future<Output = Result<QueryResponse, Failure>> + Send;

    /// What the table is; nothing where there is no such table.
    fn describe_table(&self, table: &str) -> impl Future<Output = Result<Option<TableDescription>, Failure>> + Send;

    /// Creates a table. It may take a while until it can be used: [`describe_table`](Self::describe_table) tells.
    fn create_table(&self, definition: TableDefinition) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// A backend behind a shared pointer serves as well.
impl<B: Backend> Backend for Arc<B> {
    fn get(&self, request: GetRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        B::get(self, request)
    }

    fn put(&self, request: PutRequest) -> impl Future<Output = Result<(), Failure>> + Send {
        B::put(self, request)
    }

    fn update(&self, request: UpdateRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        B::update(self, request)
    }

    fn delete(&self, request: DeleteRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        B::delete(self, request)
    }

    fn query(&self, request: QueryRequest) -> impl Future<Output = Result<QueryResponse, Failure>> + Send {
        B::query(self, request)
    }

    fn describe_table(&self, table: &str) -> impl Future<Output = Result<Option<TableDescription>, Failure>> + Send {
        B::describe_table(self, table)
    }

    fn create_table(&self, definition: TableDefinition) -> impl Future<Output = Result<(), Failure>> + Send {
        B::create_table(self, definition)
    }
}

/// Read one item.
#[derive(Clone, Debug, PartialEq)]
pub struct GetRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes.
    pub key: Map,
    /// Which parts to return; everything where it is empty. No path is equal to or below another.
    pub projection: Vec<DocumentPath>,
    /// Whether the answer must show every write that succeeded before.
    pub consistent: bool,
}

/// Write one whole item.
#[derive(Clone, Debug, PartialEq)]
pub struct PutRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The item, key attributes included.
    pub item: Map,
    /// What the stored item must meet.
    pub condition: Option<Condition>,
}

/// Change parts of one item.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes.
    pub key: Map,
    /// What to change. No action's path is equal to or below another's; all see the item as it was before.
    pub actions: Vec<UpdateAction>,
    /// What the stored item must meet.
    pub condition: Option<Condition>,
    /// Whether to return the whole item as it was before.
    pub return_old: bool,
}

impl UpdateRequest {
    /// Whether applying the request twice leaves the item as applying it once does, and answers alike.
    pub fn is_repeatable(&self) -> bool {
        self.condition.is_none() && !self.return_old && self.is_harmless_again()
    }

    /// Whether applying the request twice leaves the item as applying it once does, whatever its second answer is.
    pub(crate) fn is_harmless_again(&self) -> bool {
        self.actions.iter().all(UpdateAction::is_repeatable)
    }
}

/// One action of an update.
///
/// The actions that set a value are clauses of SET; [`Action::Remove`] is one of REMOVE, and [`Action::Members`] one
/// of ADD or of DELETE: in a request it either adds or removes.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateAction {
    /// The path that it changes.
    pub path: DocumentPath,
    /// What is done there. Setting past the end of a list appends; removing from a list moves its later items up.
    pub action: Action,
}

impl UpdateAction {
    /// An action at a path.
    pub fn new(path: DocumentPath, action: Action) -> Self {
        UpdateAction { path, action }
    }

    /// Increments and appends go on, and a list item's position depends on what was done before.
    fn is_repeatable(&self) -> bool {
        let once = matches!(self.action, Action::Increment { .. } | Action::Append(_) | Action::Prepend(_));
        let in_list = self.path.segments().iter().any(|segment| matches!(segment, Segment::Index(_)));
        !once && !in_list
    }
}

/// Delete one item.
#[derive(Clone, Debug, PartialEq)]
pub struct DeleteRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes.
    pub key: Map,
    /// What the stored item must meet.
    pub condition: Option<Condition>,
    /// Whether to return the item.
    pub return_old: bool,
}

/// Read one page of the items with one partition key value.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The index; the table itself where there is none.
    pub index: Option<&'static str>,
    /// The name and value of the partition key of the table or index.
    pub partition: (Text, KeyValue<'static>),
    /// The name of the sort key and what it must meet.
    pub sort: Option<(Text, SortCondition)>,
    /// Which parts to return; everything where it is empty. No path is equal to or below another.
    pub projection: Vec<DocumentPath>,
    /// The most items to look at.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub start: Option<Map>,
    /// Whether to go from the largest sort key down.
    pub descending: bool,
    /// Whether the answer must show every write that succeeded before; a global index cannot.
    pub consistent: bool,
}

/// One page of a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryResponse {
    /// The items, in the order of the sort key.
    pub items: Vec<Map>,
    /// How many items the database looked at, filtered ones included.
    pub scanned: u32,
    /// Where to start for the next page; nothing on the last one.
    pub next: Option<Map>,
}

/// The keys and indexes of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableDefinition {
    /// The table's name.
    pub table: Arc<str>,
    /// The partition key.
    pub partition_key: KeyAttribute,
    /// The sort key.
    pub sort_key: Option<KeyAttribute>,
    /// The secondary indexes.
    pub indexes: Vec<IndexDefinition>,
}

/// The keys of a secondary index, and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexDefinition {
    /// The index's name.
    pub name: Text,
    /// Its partition key.
    pub partition_key: KeyAttribute,
    /// Its sort key.
    pub sort_key: Option<KeyAttribute>,
    /// Which attributes it holds besides the keys.
    pub projection: IndexedAttributes,
    /// Whether it is a local index.
    pub local: bool,
}

/// Which attributes an index holds besides the keys of the table and its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexedAttributes {
    /// All of them.
    All,
    /// None.
    KeysOnly,
    /// These, sorted by name.
    Include(Vec<Text>),
}

/// An existing table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableDescription {
    /// Whether the table and all its indexes can be used now.
    pub active: bool,
    /// Its keys and indexes.
    pub definition: TableDefinition,
}
