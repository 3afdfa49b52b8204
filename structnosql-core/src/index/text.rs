//! Conditions on sort keys of a [template](crate::MapModel), by the text that is stored: for what no whole key
//! stands for, such as the orders of one month.
//!
//! ```
//! # use structnosql_core::index::SortRange;
//! # use structnosql_derive::MapModel;
//! use structnosql_core::index::text;
//!
//! #[derive(MapModel)]
//! #[map(key = "ORDER#{day}#{number}")]
//! # #[map(crate = "structnosql_core")]
//! struct OrderKey {
//!     day: String,
//!     number: u32,
//! }
//!
//! let of_november: SortRange<OrderKey> = text::begins_with("ORDER#2026-11");
//! let of_a_week: SortRange<OrderKey> = text::between("ORDER#2026-11-16", "ORDER#2026-11-23");
//! ```
//!
//! A text that no key of the template begins with is an error before any request.

use super::{SortCondition, SortRange, range};
use crate::field::{KeyTemplate, key_beginning};
use crate::key::KeyValue;
use crate::mismatch::Mismatch;

fn beginning<S: KeyTemplate>(text: &str) -> Result<KeyValue<'static>, Mismatch> {
    key_beginning::<S>(text).map(KeyValue::into_owned)
}

/// Sort keys that begin with `text`.
pub fn begins_with<S: KeyTemplate>(text: &str) -> SortRange<S> {
    range(beginning::<S>(text).map(SortCondition::BeginsWith))
}

/// Sort keys from `low` to `high`: of those that begin with `high`, no longer ones.
pub fn between<S: KeyTemplate>(low: &str, high: &str) -> SortRange<S> {
    range(beginning::<S>(low).and_then(|low| Ok(SortCondition::Between(low, beginning::<S>(high)?))))
}

/// Sort keys before `text`.
pub fn less<S: KeyTemplate>(text: &str) -> SortRange<S> {
    range(beginning::<S>(text).map(SortCondition::Less))
}

/// Sort keys from `text` on, and those that begin with it.
pub fn greater_or_equal<S: KeyTemplate>(text: &str) -> SortRange<S> {
    range(beginning::<S>(text).map(SortCondition::GreaterOrEqual))
}
