//! What may be given where a field's value is asked for.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

use super::{FieldValue, MapKey, SetMember};
use crate::mismatch::Mismatch;
use crate::number::Number;

/// What can be given for a field of type `T`: a `T`, a `&T`, a string literal for a `String`, any
/// integer for any numeric field (checked when the change is made), arrays and slices for lists and sets.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a value for a field of type `{T}`", label = "expected `{T}`")]
pub trait IntoField<T> {
    /// The field's value.
    fn into_field(self) -> Result<T, Mismatch>;
}

impl<T: FieldValue> IntoField<T> for T {
    fn into_field(self) -> Result<T, Mismatch> {
        Ok(self)
    }
}

impl<T: FieldValue + Clone> IntoField<T> for &T {
    fn into_field(self) -> Result<T, Mismatch> {
        Ok(self.clone())
    }
}

impl<T: FieldValue> IntoField<Box<T>> for T {
    fn into_field(self) -> Result<Box<T>, Mismatch> {
        Ok(Box::new(self))
    }
}

impl IntoField<String> for &str {
    fn into_field(self) -> Result<String, Mismatch> {
        Ok(self.to_owned())
    }
}

impl<T: FieldValue + Clone> IntoField<Vec<T>> for &[T] {
    fn into_field(self) -> Result<Vec<T>, Mismatch> {
        Ok(self.to_vec())
    }
}

impl<T: FieldValue, U: IntoField<T>, const N: usize> IntoField<Vec<T>> for [U; N] {
    fn into_field(self) -> Result<Vec<T>, Mismatch> {
        self.into_iter().map(U::into_field).collect()
    }
}

impl<T, U, S, const N: usize> IntoField<HashSet<T, S>> for [U; N]
where
    T: SetMember + Eq + Hash,
    U: IntoField<T>,
    S: BuildHasher + Default + Send + Sync + 'static,
{
    fn into_field(self) -> Result<HashSet<T, S>, Mismatch> {
        self.into_iter().map(U::into_field).collect()
    }
}

impl<T: SetMember + Ord, U: IntoField<T>, const N: usize> IntoField<BTreeSet<T>> for [U; N] {
    fn into_field(self) -> Result<BTreeSet<T>, Mismatch> {
        self.into_iter().map(U::into_field).collect()
    }
}

fn entry<K: MapKey, T, U: IntoField<T>>(key: &str, value: U) -> Result<(K, T), Mismatch> {
    Ok((K::from_text(key)?, value.into_field()?))
}

impl<K, T, U, S, const N: usize> IntoField<HashMap<K, T, S>> for [(&str, U); N]
where
    K: MapKey + Eq + Hash,
    T: FieldValue,
    U: IntoField<T>,
    S: BuildHasher + Default + Send + Sync + 'static,
{
    fn into_field(self) -> Result<HashMap<K, T, S>, Mismatch> {
        self.into_iter().map(|(key, value)| entry(key, value)).collect()
    }
}

impl<K, T, U, const N: usize> IntoField<BTreeMap<K, T>> for [(&str, U); N]
where
    K: MapKey + Ord,
    T: FieldValue,
    U: IntoField<T>,
{
    fn into_field(self) -> Result<BTreeMap<K, T>, Mismatch> {
        self.into_iter().map(|(key, value)| entry(key, value)).collect()
    }
}

/// From every other numeric type; the literal `4` is an `i32`, and `9.4` an `f64`, wherever they stand.
macro_rules! from_other_integers {
    ($field:ident: $($given:ident)*) => {$(
        impl IntoField<$field> for $given {
            fn into_field(self) -> Result<$field, Mismatch> {
                $field::try_from(self).map_err(|_| Mismatch::new(stringify!($field), self.to_string()))
            }
        }
    )*};
}
from_other_integers!(i8: i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
from_other_integers!(i16: i8 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
from_other_integers!(i32: i8 i16 i64 i128 isize u8 u16 u32 u64 u128 usize);
from_other_integers!(i64: i8 i16 i32 i128 isize u8 u16 u32 u64 u128 usize);
from_other_integers!(i128: i8 i16 i32 i64 isize u8 u16 u32 u64 u128 usize);
from_other_integers!(isize: i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 usize);
from_other_integers!(u8: i8 i16 i32 i64 i128 isize u16 u32 u64 u128 usize);
from_other_integers!(u16: i8 i16 i32 i64 i128 isize u8 u32 u64 u128 usize);
from_other_integers!(u32: i8 i16 i32 i64 i128 isize u8 u16 u64 u128 usize);
from_other_integers!(u64: i8 i16 i32 i64 i128 isize u8 u16 u32 u128 usize);
from_other_integers!(u128: i8 i16 i32 i64 i128 isize u8 u16 u32 u64 usize);
from_other_integers!(usize: i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128);

macro_rules! into_number {
    ($($given:ident)*) => {$(
        impl IntoField<Number> for $given {
            fn into_field(self) -> Result<Number, Mismatch> {
                // Encoding is where a number that DynamoDB cannot hold is found out.
                match FieldValue::encode(&self)? {
                    Some(value) => Number::decode(&value),
                    None => Err(Mismatch::new("a number", "nothing")),
                }
            }
        }
    )*};
}
into_number!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

macro_rules! into_float {
    ($float:ident: $($given:ident)*) => {$(
        impl IntoField<$float> for $given {
            fn into_field(self) -> Result<$float, Mismatch> {
                Ok(self as $float)
            }
        }
    )*};
}
into_float!(f32: f64 i8 i16 i32 u8 u16 u32);
into_float!(f64: f32 i8 i16 i32 i64 u8 u16 u32 u64);
