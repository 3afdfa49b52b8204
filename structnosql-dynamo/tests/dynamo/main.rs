//! What the backend makes of answers and broken connections, and of an engine.

#![allow(clippy::unwrap_used, clippy::panic)]

#[cfg(feature = "aws")]
mod connections;
mod failures;
mod observed;
mod retries;
mod server;
mod tables;
