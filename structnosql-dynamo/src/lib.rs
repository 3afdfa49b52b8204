//! StructNoSQL over DynamoDB, through AWS's SDK.
//!
//! [`Dynamo`] is the [`Backend`] that a table of StructNoSQL is opened over. Most users reach it through the
//! crate `structnosql`.
//!
//! ```no_run
//! use structnosql_dynamo::Dynamo;
//!
//! # #[cfg(feature = "aws")]
//! # async fn example() {
//! let production = Dynamo::from_env().await; // region and credentials of the environment
//! let local = Dynamo::at("http://127.0.0.1:8000"); // DynamoDB Local, ScyllaDB Alternator
//! # }
//! # fn own(client: aws_sdk_dynamodb::Client) {
//! let own = Dynamo::new(client); // a client that you have configured
//! # }
//! ```
//!
//! # Retries
//!
//! The SDK repeats whatever timed out or met a server error, also a write that may have been applied. So
//! reads go through the client as it is configured, and writes are sent once and repeated here:
//!
//! | write | is sent again after |
//! |---|---|
//! | a put or delete without condition and returned item, also several of them; an [update that is repeatable](UpdateRequest::is_repeatable), also several of them; a transaction with a token | every transient failure |
//! | any other | throttling, a conflict, no connection: what was certainly not applied |
//!
//! As often, and after the same pauses with full jitter, as the client's
//! [`RetryConfig`](aws_sdk_dynamodb::config::retry::RetryConfig) says. Where an earlier attempt may have been
//! applied, the failure says so, whatever the last attempt met. The parts of a batch that the server left
//! unprocessed, or refused for themselves, are the caller's to repeat. Reads of several items at one moment are
//! repeated here as well: the SDK gives up where another transaction is in their way.
//!
//! # Failures
//!
//! | what happened | [class](structnosql_core::FailureClass) |
//! |---|---|
//! | the condition did not hold; with the stored item | `ConditionFailed` |
//! | an update through a parent that is missing or of another type | `InvalidPath` |
//! | throughput or request limit exceeded, throttling | `Throttled` |
//! | another transaction, or a write in another region | `Conflict` |
//! | no such table or index | `TableNotFound` |
//! | the table exists, or is being changed | `TableInUse` |
//! | credentials that are wrong, expired, or allow less | `AccessDenied` |
//! | an item over 400 KB, an expression over 4 KB, a request over 16 MB | `TooLarge` |
//! | a cancelled transaction | that of the most lasting of its [reasons](Failure::reasons) |
//! | anything else that DynamoDB refuses | `Invalid`, `Unsupported` |
//! | no credentials, no such host, connection refused, failed TLS handshake | `NotSent` |
//! | a timeout, a connection that broke, a server error | `Interrupted` |
//! | an answer that cannot be read | `BadAnswer` |
//!
//! Error codes decide, and only where DynamoDB gives one code to everything (`ValidationException`) its text.
//!
//! # Features
//!
//! `aws` (default): [`Dynamo::from_env`] and [`Dynamo::at`], with the SDK's HTTPS client. Without it no TLS
//! crate is built.

mod attempts;
mod batch_get;
mod batch_update;
mod batch_write;
mod capacity;
#[cfg(feature = "aws")]
mod connect;
mod convert;
mod delete;
mod failure;
mod get;
mod names;
mod page;
mod put;
mod query;
mod retry;
mod scan;
mod tables;
mod time_to_live;
mod transact_get;
mod transact_write;
mod update;
mod wording;

use std::fmt;

use aws_sdk_dynamodb::Client;
use structnosql_core::{
    Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Capabilities,
    DeleteRequest, Failure, GetRequest, Map, PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition,
    TableDescription, Text, TransactGetRequest, TransactWriteRequest, UpdateRequest, UpdateTableRequest,
};

use crate::attempts::Clients;
use crate::retry::{Again, Writes};

/// DynamoDB, or a server that speaks its protocol.
///
/// Clones are cheap and share connections.
#[derive(Clone)]
pub struct Dynamo {
    reads: Clients,
    writes: Writes,
    capabilities: Capabilities,
}

impl Dynamo {
    /// DynamoDB through a client that you have configured.
    ///
    /// Reads go through it, and writes through a second client with the same configuration, which does not retry. They
    /// share the HTTP client with its connections, and the identity cache with its credentials, where the configuration
    /// names them; otherwise the SDK makes each its own. So do the copies of both that tell how often they send, which
    /// requests go through while they are [observed](structnosql_core::Observed). The SDK has no timeouts but for the
    /// connection unless they are set.
    pub fn new(client: Client) -> Self {
        let writes = Writes::like(&client);
        Dynamo { reads: Clients::of(client), writes, capabilities: Capabilities::ALL }
    }

    /// For a server that can do less than DynamoDB: what it cannot do is refused before anything is sent.
    ///
    /// ```no_run
    /// use structnosql_core::Capabilities;
    /// use structnosql_dynamo::Dynamo;
    ///
    /// # #[cfg(feature = "aws")]
    /// # fn example() {
    /// // Alternator, ScyllaDB's DynamoDB interface.
    /// let capabilities = Capabilities { transactions: false, batched_updates: false, ..Capabilities::ALL };
    /// let alternator = Dynamo::at("http://127.0.0.1:8000").with_capabilities(capabilities);
    /// # }
    /// ```
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The client as it was given, for what StructNoSQL does not do.
    pub fn client(&self) -> &Client {
        self.reads.given()
    }

    fn require(&self, has: bool, what: &str) -> Result<(), Failure> {
        if has { Ok(()) } else { Err(Failure::unsupported(what)) }
    }
}

impl Backend for Dynamo {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        get::get(self.reads.now(), request).await
    }

    fn put(&self, request: PutRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        let again = Again::harmless_if(request.is_repeatable());
        self.writes.send(request, again, put::put)
    }

    fn update(&self, request: UpdateRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        let again = Again::harmless_if(request.is_repeatable());
        self.writes.send(request, again, update::update)
    }

    fn delete(&self, request: DeleteRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        let again = Again::harmless_if(request.is_repeatable());
        self.writes.send(request, again, delete::delete)
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        query::query(self.reads.now(), request).await
    }

    async fn scan(&self, request: ScanRequest) -> Result<PageResponse, Failure> {
        scan::scan(self.reads.now(), request).await
    }

    async fn batch_get(&self, request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        batch_get::batch_get(self.reads.now(), request).await
    }

    async fn batch_write(&self, request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        self.writes.send(request, Again::Harmless, batch_write::batch_write).await
    }

    async fn batch_update(&self, request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
        self.require(self.capabilities.batched_updates, "batch of updates")?;
        let again = Again::harmless_if(request.updates.iter().all(UpdateRequest::is_repeatable));
        self.writes.send(request, again, batch_update::batch_update).await
    }

    async fn transact_write(&self, request: TransactWriteRequest) -> Result<(), Failure> {
        self.require(self.capabilities.transactions, "transaction")?;
        let again = if request.token.is_some() { Again::Told } else { Again::Harms };
        self.writes.send(request, again, transact_write::transact_write).await
    }

    async fn transact_get(&self, request: TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
        self.require(self.capabilities.transactions, "transaction")?;
        self.writes.send(request, Again::Harmless, transact_get::transact_get).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        tables::describe(self.reads.now(), table).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.writes.send(definition, Again::Harms, tables::create).await
    }

    async fn update_table(&self, request: UpdateTableRequest) -> Result<(), Failure> {
        self.writes.send(request, Again::Harms, tables::update).await
    }

    async fn delete_table(&self, table: &str) -> Result<(), Failure> {
        self.writes.send(table, Again::Harms, tables::delete).await
    }

    async fn describe_time_to_live(&self, table: &str) -> Result<Option<Text>, Failure> {
        self.require(self.capabilities.time_to_live, "time to live")?;
        time_to_live::describe(self.reads.now(), table).await
    }

    async fn enable_time_to_live(&self, table: &str, attribute: &str) -> Result<(), Failure> {
        self.require(self.capabilities.time_to_live, "time to live")?;
        self.writes.send((table, attribute), Again::Harms, time_to_live::enable).await
    }
}

/// Says where it connects to, and nothing of credentials.
impl fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.client().config().region().map(AsRef::as_ref);
        f.debug_struct("Dynamo").field("region", &region).finish_non_exhaustive()
    }
}
