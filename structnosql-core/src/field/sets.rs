//! Sets of strings, numbers and binary.

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, Hash};

use super::{FieldValue, plain_handle, vec_is_a_list};
use crate::mismatch::{Mismatch, all};
use crate::schema::{Rule, Shape};
use crate::value::Value;

/// A type that DynamoDB holds sets of: strings (SS), numbers (NS) and binary (BS).
#[diagnostic::on_unimplemented(
    message = "DynamoDB has no sets of `{Self}`",
    label = "a set holds strings, numbers or binary",
    note = "use a `Vec` or a map instead"
)]
pub trait SetMember: FieldValue {
    /// The declared type of a set of these.
    #[doc(hidden)]
    const SET_SHAPE: &'static Shape;
}

impl SetMember for String {
    const SET_SHAPE: &'static Shape = &Shape::StringSet;
}

impl SetMember for Vec<u8> {
    const SET_SHAPE: &'static Shape = &Shape::BinarySet;
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl SetMember for $number {
            const SET_SHAPE: &'static Shape = &Shape::NumberSet;
        }
    )*};
}
numbers!(crate::Number i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

/// DynamoDB holds no empty set; removing the field is how a set becomes empty.
pub(crate) fn empty_set() -> Mismatch {
    Mismatch::new("a set with at least one member (remove the field instead)", "an empty set")
}

pub(crate) fn encode_set<'s, T: SetMember>(members: impl Iterator<Item = &'s T>) -> Result<Value, Mismatch> {
    let mut strings = BTreeSet::new();
    let mut numbers = BTreeSet::new();
    let mut binaries = BTreeSet::new();
    for member in members {
        match member.encode()? {
            Some(Value::String(text)) => drop(strings.insert(text)),
            Some(Value::Number(number)) => drop(numbers.insert(number)),
            Some(Value::Binary(bytes)) => drop(binaries.insert(bytes)),
            _ => return Err(Mismatch::new("a member that is a string, number or binary", "another type")),
        }
    }
    match T::SET_SHAPE {
        _ if strings.is_empty() && numbers.is_empty() && binaries.is_empty() => Err(empty_set()),
        Shape::StringSet => Ok(Value::StringSet(strings)),
        Shape::NumberSet => Ok(Value::NumberSet(numbers)),
        _ => Ok(Value::BinarySet(binaries)),
    }
}

fn decode_set<T: SetMember, C: FromIterator<T>>(value: &Value) -> Result<C, Mismatch> {
    match (value, T::SET_SHAPE) {
        (Value::StringSet(items), Shape::StringSet) => {
            all(items.iter().map(|item| T::decode(&Value::String(item.clone()))))
        }
        (Value::NumberSet(items), Shape::NumberSet) => {
            all(items.iter().map(|item| T::decode(&Value::Number(item.clone()))))
        }
        (Value::BinarySet(items), Shape::BinarySet) => {
            all(items.iter().map(|item| T::decode(&Value::Binary(item.clone()))))
        }
        (other, shape) => Err(Mismatch::type_of(shape.describe(), other)),
    }
}

macro_rules! set_field {
    () => {
        plain_handle!();
        vec_is_a_list!();
        const SHAPE: &'static Shape = match T::SHAPE {
            Shape::Ruled(..) => &Shape::Ruled(T::SET_SHAPE, &[Rule::Members(T::SHAPE)]),
            _ => T::SET_SHAPE,
        };

        fn encode(&self) -> Result<Option<Value>, Mismatch> {
            encode_set(self.iter()).map(Some)
        }

        fn decode(value: &Value) -> Result<Self, Mismatch> {
            decode_set(value)
        }
    };
}

impl<T, S> FieldValue for HashSet<T, S>
where
    T: SetMember + Eq + Hash,
    S: BuildHasher + Default + Send + Sync + 'static,
{
    set_field!();
}

impl<T: SetMember + Ord> FieldValue for BTreeSet<T> {
    set_field!();
}
