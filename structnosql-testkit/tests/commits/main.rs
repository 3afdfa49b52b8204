//! The modes of a commit: one transaction, batches, exactly once; and what becomes of each when requests go wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step fails the test")]

mod atomic;
mod batched;
mod conditions;
mod exactly_once;
mod faults;
mod model;
mod overtaken;
mod reports;
mod under_way;
mod versions;
