//! What models declare beside names and types, through tables.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod rules;
