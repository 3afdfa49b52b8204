//! The service over real sockets on this machine, on the reference backend.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

mod access;
mod behind;
mod commits;
mod conformance;
#[cfg(feature = "openapi")]
mod contract;
mod fuzz;
mod hostile;
mod leaks;
mod limits;
mod original;
mod original_access;
mod original_client;
mod original_modes;
mod python;
mod repetition;
mod server;
#[cfg(feature = "openapi")]
mod statuses;
mod stopping;
mod tables;
#[cfg(feature = "tls")]
mod tls;
