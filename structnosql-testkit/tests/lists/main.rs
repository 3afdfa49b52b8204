//! Changes of lists: positions, layers, commits of one kind, and other writers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

mod effects;
mod kinds;
mod layers;
mod model;
mod positions;
mod strangers;
