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
//! | a put or delete without condition and returned item; an [update that is repeatable](UpdateRequest::is_repeatable) | every transient failure |
//! | any other | throttling, a conflict, no connection: what was certainly not applied |
//!
//! As often, and after the same pauses with full jitter, as the client's
//! [`RetryConfig`](aws_sdk_dynamodb::config::retry::RetryConfig) says. Where an earlier attempt may have been
//! applied, the failure says so, whatever the last attempt met.
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

#[cfg(feature = "aws")]
mod connect;
mod convert;
mod delete;
mod failure;
mod get;
mod names;
mod put;
mod query;
mod retry;
mod tables;
mod update;
mod wording;

use std::fmt;

use aws_sdk_dynamodb::Client;
use structnosql_core::{
    Backend, DeleteRequest, Failure, GetRequest, Map, PutRequest, QueryRequest, QueryResponse, TableDefinition,
    TableDescription, UpdateRequest,
};

use crate::retry::Writes;

/// DynamoDB, or a server that speaks its protocol.
///
/// Clones are cheap and share connections.
#[derive(Clone)]
pub struct Dynamo {
    client: Client,
    writes: Writes,
}

impl Dynamo {
    /// DynamoDB through a client that you have configured.
    ///
    /// Writes go through a second client with the same configuration, except that it does not retry. It shares the
    /// HTTP client, and so the connections, if the configuration names one; otherwise the SDK makes each its own.
    /// The SDK has no timeouts but for the connection unless they are set.
    pub fn new(client: Client) -> Self {
        let writes = Writes::like(&client);
        Dynamo { client, writes }
    }

    /// The client as it was given, for what StructNoSQL does not do.
    pub fn client(&self) -> &Client {
        &self.client
    }
}

impl Backend for Dynamo {
    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        get::get(&self.client, request).await
    }

    async fn put(&self, request: PutRequest) -> Result<(), Failure> {
        let repeatable = request.condition.is_none();
        self.writes.send(request, repeatable, put::put).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        let repeatable = request.is_repeatable();
        self.writes.send(request, repeatable, update::update).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        let repeatable = request.condition.is_none() && !request.return_old;
        self.writes.send(request, repeatable, delete::delete).await
    }

    async fn query(&self, request: QueryRequest) -> Result<QueryResponse, Failure> {
        query::query(&self.client, request).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        tables::describe(&self.client, table).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.writes.send(definition, false, tables::create).await
    }
}

/// Says where it connects to, and nothing of credentials.
impl fmt::Debug for Dynamo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let region = self.client.config().region().map(AsRef::as_ref);
        f.debug_struct("Dynamo").field("region", &region).finish_non_exhaustive()
    }
}
