//! Who may do what: API keys, and what they are granted.

mod footprint;
mod grant;
mod key;
mod rate;

pub use grant::{Grant, PartitionRule, PathPattern, Paths, Step, Verb};
pub use key::{ApiKey, KeyHash};

pub(crate) use footprint::{Footprint, Old};
pub(crate) use key::{Client, Keys};
