//! A typed document layer over DynamoDB: a struct is the model, a table reads and writes any of its fields, and a
//! caching table is a unit of work that answers from what it knows and commits what has changed.
//!
//! ```
//! use structnosql::{DynamoDbCachingTable, MapModel, Number, TableDataModel};
//! use structnosql_embedded::Embedded; // a DynamoDB in this process
//!
//! #[derive(Clone, Debug, PartialEq, TableDataModel)]
//! #[table(name = "movies-table", rename_all = "camelCase")]
//! struct Movie {
//!     #[field(partition_key)]
//!     id: String,
//!     #[field(index)] // a global secondary index on this attribute
//!     primary_type: String,
//!     name: String,
//!     ratings: Option<Ratings>,
//! }
//!
//! #[derive(Clone, Debug, PartialEq, MapModel)]
//! struct Ratings {
//!     imdb: Option<Number>,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // In production this is `Dynamo::from_env().await`. The table is created where there is none.
//! let movies = DynamoDbCachingTable::<Movie>::open(Embedded::in_memory()?.dynamo()).await?;
//! movies
//!     .put_record(&Movie {
//!         id: "b12".to_owned(),
//!         primary_type: "Thriller".to_owned(),
//!         name: "Breaking Bad".to_owned(),
//!         ratings: None,
//!     })
//!     .await?;
//!
//! let f = Movie::fields;
//! movies.update_field("b12", f().ratings().imdb(), "9.4".parse::<Number>()?).await?; // pending: nothing is sent
//! let rating = movies.get_field("b12", f().ratings().imdb()).await?; // and seen at once
//! assert_eq!(rating, Some("9.4".parse()?));
//!
//! let report = movies.commit_operations().await?; // one UpdateItem
//! assert_eq!(report.requests(), 1);
//!
//! let thrillers = movies.query_field(Movie::indexes().primary_type("Thriller"), f().name()).await?;
//! assert_eq!(thrillers.records[0].1, "Breaking Bad");
//! # Ok(())
//! # }
//! ```
//!
//! # Main types
//!
//! - `#[derive(`[`TableDataModel`](macro@TableDataModel)`)]` makes a struct the record of a table,
//!   `#[derive(`[`MapModel`](macro@MapModel)`)]` a struct or enum the type of a field inside it. `Movie::fields()`
//!   then starts every [path](Field), and `Movie::indexes()` every query.
//! - [`CachingTable`] is one unit of work. Whoever shares it shares its pending operations; give each request of a
//!   service a [`session`](Table::session) of its own. [`BasicTable`] has the same verbs and sends each at once.
//!   Both are a [`Table`], where the verbs are listed.
//! - A [`Selection`] is what a read asks for: a field, a tuple, an array or a map of fields, or a struct of your own
//!   that derives [`Projection`](macro@Projection). The answer has the same shape.
//! - `#[derive(`[`Collection`](macro@Collection)`)]` makes an enum of models one thing to query: the entities that stand
//!   together in a table.
//! - A [`Change`] is one change of one field, made by a verb of [`FieldExt`]: `f().name().set("Paul")`,
//!   `f().ratings().remove()`, `f().votes().increment(1)`.
//! - [`CommitPlan`] is what a commit would send, [`CommitReport`] what became of it.
//! - [`Error`] is the one error. [`Error::kind`] has the detail, `is_*` methods answer what programs decide on.
//! - `Dynamo` is DynamoDB through AWS's SDK; any [`Backend`] may take its place.
//!
//! # Map
//!
//! | where | what |
//! |---|---|
//! | the root | models, tables, selections, changes, values, errors |
//! | [`index`] | conditions on sort keys for queries: `begins_with`, `between`, … |
//! | [`key`], [`presence`] | what the types of keys and fields say |
//! | [`schema`] | what a model declares, as data |
//! | [`backend`], [`expression`] | for who writes a backend |
//!
//! The guide in the repository's `docs/guide` goes through it by subject.
//!
//! # What it is not
//!
//! - No abstraction over databases: keys, indexes, consistency, limits and cost are DynamoDB's.
//! - No cache between processes. What a caching table knows lives and ends with it, and other writers do not tell it.
//! - No migrations: a stored value that does not fit its model is an error that names the path.
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `aws` | yes | `Dynamo::from_env` and `Dynamo::at`, with the SDK's HTTPS client |
//! | `dynamo` | with `aws` | `Dynamo` over a client that you have configured; no TLS crate is built |
//! | `serde` | no | plans, reports and statistics serialise, for tools; `Serde<T>` stores any type that does |
//! | `uuid`, `chrono`, `jiff`, `time`, `rust_decimal` | no | types of these crates as fields; ids, times and dates also as keys and in them |
//! | `external` | no | `External` and `Original`: tables behind a service, over HTTPS |
//!
//! Without `dynamo` no AWS crate is built: models, tables, and a [`Backend`] of your own.

/// What the expansions of the derives name.
#[doc(hidden)]
pub use structnosql_core::__private;

// Models, and the paths that start at them.
#[doc(inline)]
pub use structnosql_core::{
    DocumentPath, Field, FieldPath, FieldValue, IntoField, IntoKey, IntoMapKey, Key, ListField, ListHandle, MapHandle,
    MapKey, MapModel, NumberField, Projected, Projection, RestField, Segment, SetField, SetMember, StructModel,
    TableDataModel, TextPath, VersionField, index, key, presence, schema,
};

// Tables, and what their verbs take and give.
#[doc(inline)]
pub use structnosql_core::{
    Action, BasicTable, ByKey, CacheStatistics, CachingTable, Call, Change, ChangedValues, Collection, CollectionTable,
    ConditionCheck, ConditionExt, Cursor, DebugTable, Debugged, DeleteRecord, Direct, EntityTables, Everything,
    FieldExt, Fit, Get, GetField, GetRecords, HasEntity, IdempotencyToken, Items, Lenient, Page, Pages, Predicate,
    PutRecord, QueryField, Raw, ReadRows, Reading, RemoveRecord, ReplaceFields, Row, RowsOf, ScanField, Segments,
    Selection, SizeOf, Source, Sourced, Start, Table, TableDifference, Transact, TransactGetRecords, TransactReads,
    TransactWrites, UnitOfWork, WholeItem, WriteField, WriteFields, WriteRecords, ops,
};

// Commits, batches and transactions.
#[doc(inline)]
pub use structnosql_core::{
    ActionReport, BatchReport, Carrier, Commit, CommitMode, CommitPlan, CommitReport, Conflict, InDoubt, OperationId,
    OperationKind, Outcome, PendingOperation, PlannedUpdate, RecordPlan, RecordReport, Resolution, Savepoint, Snapshot,
    Split, SplitReason, TransactionReport, TransactionVerb,
};

// Values and errors.
#[doc(inline)]
pub use structnosql_core::{
    Error, ErrorKind, Failure, FailureClass, MAX_DEPTH, MAX_ITEM_SIZE, Map, Mismatch, Nullable, Number, NumberError,
    Result, StoredType, Text, Value,
};

#[cfg(feature = "serde")]
#[doc(inline)]
pub use structnosql_core::Serde;

#[doc(inline)]
pub use structnosql_core::{Backend, expression};

// What goes over the wire.
#[doc(inline)]
pub use structnosql_core::{ApiOperation, Observed, ObservedRequest, RequestCounts, RequestOutcome, RequestStatistics};

#[cfg(feature = "serde")]
#[doc(inline)]
pub use structnosql_core::serialize;

#[doc(inline)]
pub use structnosql_derive::{Collection, MapModel, Projection, TableDataModel};

#[cfg(feature = "dynamo")]
#[doc(inline)]
pub use structnosql_dynamo::Dynamo;

#[cfg(feature = "external")]
#[doc(inline)]
pub use structnosql_external::{External, Original};

/// What a [`Backend`] is asked and answers: for who writes one, or a wrapper around one.
pub mod backend {
    #[doc(inline)]
    pub use structnosql_core::meter;
    #[doc(inline)]
    pub use structnosql_core::{
        Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Billing,
        Capabilities, CheckRequest, Comparison, Condition, DeleteRequest, GetRequest, IdempotencyToken,
        IndexDefinition, IndexedAttributes, Operand, PageResponse, PutRequest, QueryRequest, ScanRequest,
        TableDefinition, TableDescription, TransactAction, TransactGet, TransactGetRequest, TransactWriteRequest,
        UpdateAction, UpdateRequest, UpdateTableRequest,
    };
}

/// A table on Amazon DynamoDB, or on anything that speaks its protocol, that sends every operation at once.
#[cfg(feature = "dynamo")]
pub type DynamoDbBasicTable<M> = BasicTable<M, Dynamo>;

/// A table on Amazon DynamoDB, or on anything that speaks its protocol, that is one unit of work.
#[cfg(feature = "dynamo")]
pub type DynamoDbCachingTable<M> = CachingTable<M, Dynamo>;

/// A table behind a service that sends every operation at once. Over [`Original`] it speaks the wire of StructNoSQL for
/// Python.
#[cfg(feature = "external")]
pub type ExternalDynamoDbApiBasicTable<M, B = External> = BasicTable<M, B>;

/// A table behind a service that is one unit of work. Over [`Original`] it speaks the wire of StructNoSQL for Python.
///
/// ```
/// use structnosql::{BasicTable, External, ExternalDynamoDbApiCachingTable, TableDataModel};
/// use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema, Server};
/// use structnosql_testkit::Reference;
///
/// #[derive(TableDataModel)]
/// #[table(name = "movies")]
/// struct Movie {
///     #[field(partition_key)]
///     id: String,
///     votes: Option<u64>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let database = Reference::new();
/// # BasicTable::<Movie, _>::open(database.clone()).await?;
/// # let app = ApiKey::new("app", KeyHash::of("the service's API key")).grant(Grant::everything("movies"));
/// # let gateway = Gateway::builder(database).table(Schema::of::<Movie>()).key(app).build();
/// # let server = Server::bind("127.0.0.1:0").await?;
/// # let address = format!("http://{}", server.local_addr()?);
/// # tokio::spawn(server.serve(gateway, std::future::pending()));
/// let external = External::at(&address)?.with_key("the service's API key")?; // "https://tables.example.com"
/// let movies = ExternalDynamoDbApiCachingTable::<Movie>::attach(external);
/// movies.update_field("b12", Movie::fields().votes(), 7).await?; // pending
/// assert_eq!(movies.commit_operations().await?.requests(), 1);
/// # Ok(())
/// # }
/// ```
#[cfg(feature = "external")]
pub type ExternalDynamoDbApiCachingTable<M, B = External> = CachingTable<M, B>;

/// The README and the guide, whose programs are run as tests.
#[cfg(all(doctest, feature = "aws"))]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;

    #[doc = include_str!("../docs/guide/models.md")]
    struct Models;

    #[doc = include_str!("../docs/guide/reading.md")]
    struct Reading;

    #[doc = include_str!("../docs/guide/queries.md")]
    struct Queries;

    #[doc = include_str!("../docs/guide/writing.md")]
    struct Writing;

    #[doc = include_str!("../docs/guide/transactions.md")]
    struct Transactions;

    #[doc = include_str!("../docs/guide/entities.md")]
    struct Entities;

    #[doc = include_str!("../docs/guide/caching.md")]
    struct Caching;

    #[doc = include_str!("../docs/guide/commits.md")]
    struct Commits;

    #[doc = include_str!("../docs/guide/locking.md")]
    struct Locking;

    #[doc = include_str!("../docs/guide/clearing.md")]
    struct Clearing;

    #[doc = include_str!("../docs/guide/values.md")]
    struct Values;

    #[doc = include_str!("../docs/guide/backends.md")]
    struct Backends;

    #[doc = include_str!("../docs/guide/tables.md")]
    struct Tables;

    #[doc = include_str!("../docs/guide/external.md")]
    struct External;

    #[doc = include_str!("../docs/guide/correctness.md")]
    struct Correctness;
}
