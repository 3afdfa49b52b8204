//! The verbs of tables. Those that a basic and a caching table share are shown on both.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

#[path = "../support/mod.rs"]
mod support;

mod model;

mod collections;
mod get;
mod locking;
mod opening;
mod query;
mod records;
mod remove;
mod scan;
mod service;
mod update;
