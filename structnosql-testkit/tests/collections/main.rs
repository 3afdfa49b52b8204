//! Collections: several entities of one table, read by one query.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod caching;
mod indexes;
mod model;
mod random;
mod reads;
mod strangers;
mod tables;
