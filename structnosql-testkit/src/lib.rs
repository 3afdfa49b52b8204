//! For tests of code that uses StructNoSQL, and of StructNoSQL itself.
//!
//! - [`Counted`] wraps any [`Backend`](structnosql_core::Backend) and counts the requests that go through it, so that
//!   a test can say how many a piece of code may cost.
//! - [`Reference`] is a database in memory that is as strict as DynamoDB's documentation.
//! - [`Faulty`] wraps any backend and makes requests fail, hang, or lose their answers.
//! - [`soak`] compares a caching table with a model, over random histories.
//! - [`conformance`] is what every backend must do, as cases to run.
//!
//! ```
//! use structnosql_core::{Backend, GetRequest, Map, Value};
//! use structnosql_embedded::Embedded;
//! use structnosql_testkit::Counted;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let backend = Counted::new(Embedded::in_memory()?.dynamo());
//! let counted = backend.clone(); // `backend` may go into a table; both count alike
//!
//! let key: Map = [("id", Value::from("b12"))].into_iter().collect();
//! backend.get(GetRequest { table: "movies".into(), key, projection: Vec::new(), consistent: true }).await.ok();
//!
//! assert_eq!(counted.requests(), 1);
//! assert_eq!(counted.log()[0].to_string(), r#"get movies {"id": "b12"}"#);
//! # Ok(())
//! # }
//! ```

pub mod conformance;
mod counted;
mod fault;
mod model;
mod reference;
mod sent;
pub mod soak;

pub use counted::Counted;
pub use fault::{Fault, Faulty};
pub use reference::Reference;
pub use sent::{Sent, SentKind};
