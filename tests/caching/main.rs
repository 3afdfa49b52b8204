//! The caching table as a unit of work: what it knows, what is pending, what a commit sends.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

#[path = "../tables/model.rs"]
#[allow(dead_code, reason = "these tests use a part of it")]
mod model;
#[path = "../support/mod.rs"]
mod support;

mod bounds;
mod clearing;
mod commit;
mod in_doubt;
mod in_flight;
mod lists;
mod missing_parents;
mod pending;
mod queries;
mod reading;
mod sharing;
mod whole_records;
