//! Field types that count the writes of a record.

use super::FieldValue;
use crate::text::Text;

/// A field type that a record's version may have: an integer that no record's writes exhaust.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a version",
    label = "a version is an integer of 32 bits or more",
    note = "use `u64`; a record that has no version yet reads as 0, so it is no `Option`"
)]
pub trait VersionField: FieldValue {}

impl VersionField for u32 {}
impl VersionField for u64 {}
impl VersionField for u128 {}
impl VersionField for i32 {}
impl VersionField for i64 {}
impl VersionField for i128 {}

/// The attribute that a version is stored under, for the expansion of the derive.
pub const fn version_attribute<T: VersionField>(name: Text) -> Text {
    name
}
