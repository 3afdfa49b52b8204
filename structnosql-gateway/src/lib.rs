//! A service that holds DynamoDB tables for clients that have no credentials of their own.
//!
//! It checks who a client is (API keys), what it may do (grants by table, verb, partition key and document path),
//! that a request fits the table's model, and how much it takes (limits); then it runs it on a
//! [`Backend`](structnosql_core::Backend). It speaks the wire of StructNoSQL for Python and an extension that carries
//! all of the core's requests; the client in Rust is `structnosql-external`.
//!
//! ```
//! use structnosql_core::{Backend, FieldExt, TableDataModel};
//! use structnosql_derive::TableDataModel;
//! use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema, Server};
//! use structnosql_testkit::Reference;
//! # use structnosql_core as structnosql;
//!
//! #[derive(TableDataModel)]
//! #[table(name = "movies", crate = "structnosql_core")]
//! struct Movie {
//!     #[field(partition_key)]
//!     id: String,
//!     name: Option<String>,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let database = Reference::new(); // `Dynamo::from_env().await` in production
//! structnosql_core::BasicTable::<Movie, _>::open(database.clone()).await?;
//!
//! let app = ApiKey::new("app", KeyHash::of("a long random text")).grant(Grant::everything("movies"));
//! let gateway = Gateway::builder(database).table(Schema::of::<Movie>()).key(app).build();
//!
//! let server = Server::bind("127.0.0.1:0").await?;
//! let address = format!("http://{}", server.local_addr()?);
//! tokio::spawn(server.serve(gateway, std::future::pending()));
//!
//! let external = structnosql_external::External::at(&address)?.with_key("a long random text")?;
//! let movies = structnosql_core::BasicTable::<Movie, _>::attach(external);
//! movies.update_field("b12", Movie::fields().name(), "Breaking Bad").await?;
//! assert_eq!(movies.get_field("b12", Movie::fields().name()).await?.as_deref(), Some("Breaking Bad"));
//! # Ok(())
//! # }
//! ```
//!
//! # Features
//!
//! | feature | default | what it brings |
//! |---|---|---|
//! | `openapi` | yes | `openapi`, the description of the service, also at `/openapi.json` |
//! | `tls` | yes | `Server::with_tls` |
//! | `server` | no | the program `structnosql-gateway`, with a configuration file, on DynamoDB |

mod access;
#[cfg(feature = "server")]
pub mod config;
mod gateway;
mod http;
mod limits;
mod metrics;
#[cfg(feature = "openapi")]
mod openapi;
mod original;
mod repeat;
pub mod schema;
mod serve;
mod shown;
mod tables;
mod validate;

pub use access::{ApiKey, Grant, KeyHash, PartitionRule, PathPattern, Paths, Step, Verb};
pub use gateway::{Gateway, GatewayBuilder};
pub use limits::Limits;
#[cfg(feature = "openapi")]
pub use openapi::openapi;
pub use schema::Schema;
pub use serve::Server;
