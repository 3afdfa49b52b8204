//! DynamoDB in your own process, under the AWS SDK: in memory for tests, in a
//! file for a program that keeps its data beside it. No socket, JVM or Docker.
//!
//! ```
//! use aws_sdk_dynamodb::types::{
//!     AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
//!     ScalarAttributeType,
//! };
//! use structnosql_embedded::Embedded;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let embedded = Embedded::in_memory()?;
//! let client = embedded.client();
//!
//! client
//!     .create_table()
//!     .table_name("movies")
//!     .billing_mode(BillingMode::PayPerRequest)
//!     .attribute_definitions(
//!         AttributeDefinition::builder()
//!             .attribute_name("id")
//!             .attribute_type(ScalarAttributeType::S)
//!             .build()?,
//!     )
//!     .key_schema(
//!         KeySchemaElement::builder()
//!             .attribute_name("id")
//!             .key_type(KeyType::Hash)
//!             .build()?,
//!     )
//!     .send()
//!     .await?;
//!
//! client
//!     .put_item()
//!     .table_name("movies")
//!     .item("id", AttributeValue::S("alien".into()))
//!     .item("year", AttributeValue::N("1979".into()))
//!     .send()
//!     .await?;
//!
//! let found = client
//!     .get_item()
//!     .table_name("movies")
//!     .key("id", AttributeValue::S("alien".into()))
//!     .send()
//!     .await?;
//! assert_eq!(found.item().unwrap()["year"], AttributeValue::N("1979".into()));
//! # Ok(())
//! # }
//! ```
//!
//! - [`Embedded`]: the engine with its data; hands out SDK clients.
//! - [`EmbeddedHttpClient`]: the SDK's HTTP client that answers from it, for a
//!   configuration of your own.
//! - [`EmbeddedError`]: why one could not be opened.
//!
//! # What it is not
//!
//! An oracle of DynamoDB. The engine is the crate `dynoxide-rs`, over SQLite;
//! no test of this crate reaches AWS, and the engine is known to be laxer in a
//! few places. Tables are active at once; nothing is throttled; every read is
//! consistent; transactions never conflict, since all requests take turns;
//! items past their time to live stay until they are deleted.

mod connector;
mod dispatch;
mod error;
mod file;
mod index;
mod refusal;

use std::path::Path;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig};
use aws_sdk_dynamodb::{Client, Config};
use dynoxide::Database;
use structnosql_dynamo::Dynamo;

pub use connector::EmbeddedHttpClient;
use connector::Storage;
pub use error::EmbeddedError;

/// A DynamoDB engine in this process, and its data.
///
/// Cloning is cheap, and clones share the data, as do all clients made from
/// them. Two `Embedded`s made apart share nothing, unless they open one file.
/// The data of [`in_memory`](Self::in_memory) goes with the last clone and the
/// last client.
#[derive(Clone, Debug)]
pub struct Embedded {
    http_client: EmbeddedHttpClient,
    client: Client,
}

impl Embedded {
    /// An engine with no tables, whose data is in memory.
    ///
    /// # Errors
    ///
    /// [`EmbeddedError::Memory`], when SQLite cannot be started at all.
    pub fn in_memory() -> Result<Self, EmbeddedError> {
        let database = Database::memory().map_err(|error| EmbeddedError::Memory { reason: error.to_string() })?;
        Ok(Self::new(database, Storage::Memory))
    }

    /// An engine whose data is in the file at `path`, which is created if there
    /// is none. SQLite keeps two more files beside it while it is open.
    ///
    /// What was written is there when the file is opened again, also after the
    /// process was killed. When the machine itself stops, the last moments may
    /// be missing, but never part of a write.
    ///
    /// Several `Embedded`s, also of several processes, may open one file at a
    /// time and read and write its items. But each remembers the tables it has
    /// used: when one changes or deletes a table, the others must be opened
    /// again. Within a process, clone one `Embedded` instead.
    ///
    /// This call blocks for some milliseconds, or up to half a minute while
    /// another process keeps the file busy. A request waits five seconds for
    /// one, and then fails with an `InternalServerError`.
    ///
    /// # Errors
    ///
    /// When the file cannot be opened or created; the error names the path and
    /// says what to do.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, EmbeddedError> {
        Ok(Self::new(file::open(path.as_ref())?, Storage::File))
    }

    fn new(database: Database, storage: Storage) -> Self {
        let http_client = EmbeddedHttpClient::new(database, storage);
        let client = Client::from_conf(config(http_client.clone()));
        Self { http_client, client }
    }

    /// A client of the SDK over this engine, ready for use.
    ///
    /// It does not sign, retry or time out, so that one call is one request,
    /// which is answered or fails as it is. For any other behaviour build a
    /// configuration over [`http_client`](Self::http_client).
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// The backend that a table of StructNoSQL is opened over: [`Dynamo`] on [`client`](Self::client).
    ///
    /// ```
    /// use structnosql_core::schema::{KeyAttribute, KeyKind};
    /// use structnosql_core::{Backend, Billing, DocumentPath, GetRequest, Map, PutRequest, TableDefinition, Value};
    /// use structnosql_embedded::Embedded;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let backend = Embedded::in_memory()?.dynamo();
    /// backend
    ///     .create_table(TableDefinition {
    ///         table: "movies".into(),
    ///         partition_key: KeyAttribute { name: "id".into(), kind: KeyKind::String },
    ///         sort_key: None,
    ///         indexes: Vec::new(),
    ///         billing: Billing::OnDemand,
    ///     })
    ///     .await?;
    ///
    /// let item: Map = [("id", "alien".into()), ("genre", "horror".into())].into_iter().collect();
    /// backend.put(PutRequest { table: "movies".into(), item, condition: None, return_old: false }).await?;
    ///
    /// let key: Map = [("id", Value::from("alien"))].into_iter().collect();
    /// let genre = vec![DocumentPath::from("genre")];
    /// let found = backend.get(GetRequest { table: "movies".into(), key, projection: genre, consistent: true }).await?;
    /// assert_eq!(found.unwrap().to_string(), r#"{"genre": "horror"}"#);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn dynamo(&self) -> Dynamo {
        Dynamo::new(self.client())
    }

    /// The HTTP client under [`client`](Self::client), for an SDK configuration
    /// that you build yourself.
    ///
    /// ```
    /// use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
    /// use structnosql_embedded::Embedded;
    ///
    /// # fn main() -> Result<(), structnosql_embedded::EmbeddedError> {
    /// let config = aws_sdk_dynamodb::Config::builder()
    ///     .behavior_version(BehaviorVersion::latest())
    ///     .region(Region::new("eu-west-1"))
    ///     .allow_no_auth()
    ///     .http_client(Embedded::in_memory()?.http_client())
    ///     .build();
    /// let client = aws_sdk_dynamodb::Client::from_conf(config);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn http_client(&self) -> EmbeddedHttpClient {
        self.http_client.clone()
    }
}

/// Everything of the SDK that guards against a network is off: here a repeated
/// or abandoned request could only hide what happened.
fn config(http_client: EmbeddedHttpClient) -> Config {
    Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("local"))
        // Spares the SDK its endpoint rules; the name can never be resolved.
        .endpoint_url("http://embedded.invalid")
        .allow_no_auth()
        // The default cache sets a timer at each request, even for nobody.
        .identity_cache(IdentityCache::no_cache())
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .http_client(http_client)
        .build()
}
