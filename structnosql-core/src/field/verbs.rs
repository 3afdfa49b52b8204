//! Which fields can be incremented, appended to, and have members.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

use super::{FieldValue, SetMember};
use crate::number::Number;

/// A field that can be incremented: integers, floats and [`Number`].
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot be incremented",
    label = "only numbers can",
    note = "use `.set(value)` to store a new value"
)]
pub trait NumberField: FieldValue {}

/// A field whose members can be added and removed one by one: sets.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` has no members to add or remove",
    label = "only a `HashSet` or `BTreeSet` has"
)]
pub trait SetField: FieldValue {
    /// The type of its members.
    type Member: SetMember;
}

/// A field that items can be added to at both ends: lists.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` has no ends to add items to",
    label = "only a `Vec` has"
)]
pub trait ListField: FieldValue {
    /// The type of its items.
    type Item: FieldValue;
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl NumberField for $number {}
    )*};
}
numbers!(Number i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

impl<T, S> SetField for HashSet<T, S>
where
    T: SetMember + Eq + Hash,
    S: BuildHasher + Default + Send + Sync + 'static,
{
    type Member = T;
}

impl<T: SetMember + Ord> SetField for BTreeSet<T> {
    type Member = T;
}

impl<T: FieldValue> ListField for Vec<T> {
    type Item = T;
}
