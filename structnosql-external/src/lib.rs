//! Tables behind an HTTP service: a [`Backend`](structnosql_core::Backend) without credentials of its own.
//!
//! [`External`] posts its requests to a `structnosql-gateway`, which holds the credentials, checks who may do what,
//! and runs them. A table that is opened over it works as over any backend; the cache, the pending operations and the
//! plan are on this side.
//!
//! ```no_run
//! use structnosql_external::External;
//!
//! # fn main() -> Result<(), structnosql_core::Failure> {
//! let external = External::at("https://tables.example.com")?.with_key("the service's API key");
//! # Ok(())
//! # }
//! ```
//!
//! # Safe repetition
//!
//! Each POST that writes has an id, and is sent again with it where its answer was lost: the service runs it once and
//! gives the first answer again. After the last attempt the failure says whether it may have been applied.
//!
//! # One POST for a commit
//!
//! The updates of a commit go in one POST, of at most 1,000 operations and 3 MB; each is answered for itself.
//!
//! # The original's wire
//!
//! [`Original`] speaks the wire of StructNoSQL for Python to its services, and to this one: it can less.
//!
//! # Features
//!
//! `tls` (default): HTTPS, with the certificates that the system trusts, or those of
//! [`with_root_certificates`](External::with_root_certificates). Without it no TLS crate is built.

mod client;
mod failure;
mod gather;
mod original;
mod post;
mod retry;
pub mod wire;

pub use client::External;
pub use original::Original;
pub use retry::Retries;
