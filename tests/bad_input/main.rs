//! Everything that can be wrong with what is given, stored or answered: a clear error, or it simply works.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

#[path = "../support/mod.rs"]
mod support;

mod model;
mod server;

mod conflicts;
mod keys;
mod names;
mod queries;
mod requests;
mod sizes;
mod stored_values;
mod values;
