//! What a table needs of a database: one narrow trait, in DynamoDB's terms.

mod batch;
mod capabilities;
mod item;
mod page;
mod shared;
mod table;
mod transaction;

use std::future::Future;

use crate::failure::{Failure, FailureClass};
use crate::text::Text;
use crate::value::Map;

pub use batch::{BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest};
pub use capabilities::Capabilities;
pub use item::{DeleteRequest, GetRequest, PutRequest, UpdateAction, UpdateRequest};
pub use page::{PageResponse, QueryRequest, ScanRequest};
pub use table::{Billing, IndexDefinition, IndexedAttributes, TableDefinition, TableDescription, UpdateTableRequest};
pub use transaction::{
    CheckRequest, IdempotencyToken, TransactAction, TransactGet, TransactGetRequest, TransactWriteRequest,
};

/// A database that holds records: DynamoDB through its SDK, an engine in the same process, a service.
///
/// # Contract
///
/// - A request is sent when its future is first polled, once. A backend may repeat it by itself only
///   where it is certain that it was not applied, or where repeating changes nothing: a read, a put, an
///   update or a delete that [is repeatable](PutRequest::is_repeatable), a batch of nothing but these, and a
///   transaction with a token.
/// - Dropping a future may leave its request applied or not; the backend stays usable.
/// - A failure's [class](crate::FailureClass) MUST be right about whether the request can have been
///   applied. Where a condition failed, the stored item SHOULD be returned with the failure.
/// - An update through a parent that is absent or no map or list MUST fail as
///   [`InvalidPath`](crate::FailureClass::InvalidPath), or apply nothing.
/// - An operation that the backend has not MUST fail as [`Unsupported`](crate::FailureClass::Unsupported) before
///   anything is sent, and [`capabilities`](Self::capabilities) says so where it has a word for it. The operations
///   with a body of their own here do just that.
/// - Requests are sent as they are: where one holds more than the database takes at a time, it fails. Splitting it
///   is the caller's part.
/// - Messages MUST NOT hold stored values.
pub trait Backend: Send + Sync + 'static {
    /// What it can do of what not every database has. It never changes.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    /// How many requests to keep under way at the same time, where there are many.
    fn concurrency(&self) -> usize {
        16
    }

    /// Runs work that makes requests at the same time, such as a commit. A backend to which each way to the database is
    /// dear sends together what is waited for together: what became of each request stays its own.
    fn gather<F>(&self, work: F) -> impl Future<Output = F::Output> + Send
    where
        F: Future<Output: Send> + Send,
    {
        work
    }

    /// Reads one item, or the projected parts of it.
    fn get(&self, request: GetRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send;

    /// Writes one whole item; returns the one that it replaces where that was asked for and there was one.
    fn put(&self, request: PutRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send;

    /// Changes parts of one item, creating it where it is not there; returns the old item where that was asked for
    /// and there was one.
    fn update(&self, request: UpdateRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send;

    /// Deletes one item; returns it where that was asked for and there was one.
    fn delete(&self, request: DeleteRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send;

    /// Reads one page of the items with one partition key value, from the table or an index.
    fn query(&self, request: QueryRequest) -> impl Future<Output = Result<PageResponse, Failure>> + Send;

    /// Reads one page of all items of the table or an index.
    fn scan(&self, request: ScanRequest) -> impl Future<Output = Result<PageResponse, Failure>> + Send {
        refuse(request, "scan")
    }

    /// Reads several items of one table. Items that are not there are left out; keys that were not looked at come
    /// back. It fails as a whole where none was looked at.
    fn batch_get(&self, request: BatchGetRequest) -> impl Future<Output = Result<BatchGetResponse, Failure>> + Send {
        refuse(request, "batch read")
    }

    /// Writes and deletes several items of one table, each for itself; returns those of its writes that were
    /// certainly not applied. It fails as a whole where none was applied, or, where the failure says that it may have
    /// been applied, where any of them may have been.
    fn batch_write(&self, request: BatchWriteRequest) -> impl Future<Output = Result<Vec<BatchWrite>, Failure>> + Send {
        refuse(request, "batch write")
    }

    /// Changes parts of several items, each for itself; returns what became of each, in the order of the request.
    /// It fails as a whole as [`batch_write`](Self::batch_write) does.
    fn batch_update(
        &self,
        request: BatchUpdateRequest,
    ) -> impl Future<Output = Result<Vec<Result<(), Failure>>, Failure>> + Send {
        refuse(request, "batch of updates")
    }

    /// Writes several items, all or none. A refusal that concerns single actions says [which](Failure::reasons), and
    /// is as lasting as the most lasting of their reasons. A token MUST reach the database: a transaction that is
    /// sent again with it is applied once, also where its first answer was lost.
    fn transact_write(&self, request: TransactWriteRequest) -> impl Future<Output = Result<(), Failure>> + Send {
        refuse(request, "transaction")
    }

    /// Reads several items as they are at one moment; returns them in the order of the request.
    fn transact_get(
        &self,
        request: TransactGetRequest,
    ) -> impl Future<Output = Result<Vec<Option<Map>>, Failure>> + Send {
        refuse(request, "transaction")
    }

    /// What the table is; nothing where there is no such table.
    fn describe_table(&self, table: &str) -> impl Future<Output = Result<Option<TableDescription>, Failure>> + Send;

    /// Creates a table. It may take a while until it can be used: [`describe_table`](Self::describe_table) tells.
    fn create_table(&self, definition: TableDefinition) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Adds a global index to a table, and fills it from the items that are there. It may take a while until it can be
    /// used: [`describe_table`](Self::describe_table) tells.
    fn update_table(&self, request: UpdateTableRequest) -> impl Future<Output = Result<(), Failure>> + Send {
        refuse(request, "index for an existing table")
    }

    /// Deletes a table and all that is in it. It may be there for a while yet.
    fn delete_table(&self, table: &str) -> impl Future<Output = Result<(), Failure>> + Send {
        refuse(table, "deletion of tables")
    }

    /// The attribute by whose time items of the table go out of date, where there is one.
    fn describe_time_to_live(&self, table: &str) -> impl Future<Output = Result<Option<Text>, Failure>> + Send {
        refuse(table, "time to live")
    }

    /// Lets items of the table go out of date at the time in this attribute, a number of seconds since 1970. The
    /// database deletes them some time later. It fails where it is so already.
    fn enable_time_to_live(&self, table: &str, attribute: &str) -> impl Future<Output = Result<(), Failure>> + Send {
        refuse((table, attribute), "time to live")
    }
}

/// What an operation comes to that a backend has not; nothing is sent.
fn refuse<R, T: Send>(_: R, what: &str) -> impl Future<Output = Result<T, Failure>> + Send + use<R, T> {
    std::future::ready(Err(Failure::unsupported(what)))
}

impl Failure {
    /// The failure of an operation that a backend has not, by the operation's name: nothing was sent.
    pub fn unsupported(what: &str) -> Self {
        Failure::new(FailureClass::Unsupported, format!("this backend has no {what}: nothing was sent"))
    }
}
