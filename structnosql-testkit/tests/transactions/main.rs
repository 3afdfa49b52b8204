//! Transactions over several tables and models, on both kinds of table.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod caching;
mod failures;
mod model;
mod reads;
mod refusals;
mod versions;
mod writes;
