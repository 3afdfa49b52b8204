//! Reads of many records, over the reference backend: cursors, pages, streams.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod cursors;
mod model;
mod refusals;
mod streams;
