//! The embedded engine, used as its users use it: through the raw SDK client.

#![allow(clippy::unwrap_used, clippy::panic)]

mod batches;
mod concurrency;
mod conditions;
mod divergences;
mod failures;
mod files;
mod indexes;
mod isolation;
mod items;
mod queries;
mod statements;
mod support;
mod tables;
mod transactions;
mod values;
