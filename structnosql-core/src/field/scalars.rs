//! Strings, booleans, numbers, binary, and raw values.

use super::{FieldValue, plain_handle, vec_is_a_list};
use crate::handle::FieldPath;
use crate::mismatch::Mismatch;
use crate::number::Number;
use crate::path::DocumentPath;
use crate::presence::Presence;
use crate::schema::Shape;
use crate::text::Text;
use crate::value::Value;

impl FieldValue for String {
    plain_handle!();
    vec_is_a_list!();
    const SHAPE: &'static Shape = &Shape::String;

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        Ok(Some(Value::String(Text::from(self))))
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::String(text) => Ok(text.to_string()),
            other => Err(Mismatch::type_of("a string", other)),
        }
    }
}

impl FieldValue for bool {
    plain_handle!();
    vec_is_a_list!();
    const SHAPE: &'static Shape = &Shape::Bool;

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        Ok(Some(Value::Bool(*self)))
    }

    #[inline]
    fn decode(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::Bool(value) => Ok(*value),
            other => Err(Mismatch::type_of("a boolean", other)),
        }
    }
}

impl FieldValue for Number {
    plain_handle!();
    vec_is_a_list!();
    const SHAPE: &'static Shape = &Shape::Number;

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        Ok(Some(Value::Number(self.clone())))
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        match value {
            Value::Number(number) => Ok(number.clone()),
            other => Err(Mismatch::type_of("a number", other)),
        }
    }
}

/// Any stored value, as it is.
impl FieldValue for Value {
    plain_handle!();
    vec_is_a_list!();
    const SHAPE: &'static Shape = &Shape::Any;
    const HOLDS_NULL: bool = true;

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        if self.is_empty_set() { Err(super::sets::empty_set()) } else { Ok(Some(self.clone())) }
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        Ok(value.clone())
    }
}

#[inline]
fn decode_integer<T>(value: &Value, rust_type: &'static str) -> Result<T, Mismatch>
where
    T: for<'n> TryFrom<&'n Number>,
{
    match value {
        Value::Number(number) => T::try_from(number).map_err(|_| unfit(rust_type, value)),
        _ => Err(unfit(rust_type, value)),
    }
}

#[cold]
fn unfit(rust_type: &'static str, value: &Value) -> Mismatch {
    match value {
        Value::Number(_) => Mismatch::new(rust_type, "a number that it cannot hold"),
        other => Mismatch::type_of(rust_type, other),
    }
}

macro_rules! integers {
    ($($int:ident)*) => {$(
        impl FieldValue for $int {
            plain_handle!();
            vec_is_a_list!();
            const SHAPE: &'static Shape = &Shape::Integer(stringify!($int));

            #[inline]
            fn encode(&self) -> Result<Option<Value>, Mismatch> {
                Ok(Some(Value::Number(Number::from(*self))))
            }

            #[inline]
            fn decode(value: &Value) -> Result<Self, Mismatch> {
                decode_integer(value, stringify!($int))
            }
        }
    )*};
}
integers!(i8 i16 i32 i64 isize u16 u32 u64 usize);

macro_rules! fallible_numbers {
    ($($number:ident: $shape:expr, $expected:literal, |$decoded:ident| $decode:expr;)*) => {$(
        impl FieldValue for $number {
            plain_handle!();
            vec_is_a_list!();
            const SHAPE: &'static Shape = &$shape;

            fn encode(&self) -> Result<Option<Value>, Mismatch> {
                match Number::try_from(*self) {
                    Ok(number) => Ok(Some(Value::Number(number))),
                    Err(error) => Err(Mismatch::new("a number that DynamoDB can hold", format!("{self} ({error})"))),
                }
            }

            fn decode($decoded: &Value) -> Result<Self, Mismatch> {
                $decode
            }
        }
    )*};
}

fn decode_float(value: &Value) -> Result<f64, Mismatch> {
    match value {
        Value::Number(number) => Ok(number.to_f64()),
        other => Err(Mismatch::type_of("a number", other)),
    }
}

fallible_numbers! {
    i128: Shape::Integer("i128"), "i128", |value| decode_integer(value, "i128");
    u128: Shape::Integer("u128"), "u128", |value| decode_integer(value, "u128");
    f64: Shape::Number, "a number", |value| decode_float(value);
    f32: Shape::Number, "a number", |value| decode_float(value).map(|float| float as f32);
}

/// A number; a `Vec` of these is binary.
impl FieldValue for u8 {
    plain_handle!();
    type VecHandle<M, P: Presence> = FieldPath<M, Vec<u8>, P>;
    const SHAPE: &'static Shape = &Shape::Integer("u8");
    const VEC_SHAPE: &'static Shape = &Shape::Binary;

    fn vec_handle<M, P: Presence>(path: DocumentPath) -> Self::VecHandle<M, P> {
        FieldPath::new(path)
    }

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        Ok(Some(Value::Number(Number::from(*self))))
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        decode_integer(value, "u8")
    }

    fn encode_vec(items: &[u8]) -> Result<Value, Mismatch> {
        Ok(Value::Binary(items.to_vec()))
    }

    fn decode_vec(value: &Value) -> Result<Vec<u8>, Mismatch> {
        match value {
            Value::Binary(bytes) => Ok(bytes.clone()),
            other => Err(Mismatch::type_of("binary", other)),
        }
    }
}
