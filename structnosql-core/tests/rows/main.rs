//! Reads of many records, over the reference backend: cursors, pages, streams, filters, scans.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod cursors;
mod filters;
mod model;
mod refusals;
mod scans;
mod streams;
