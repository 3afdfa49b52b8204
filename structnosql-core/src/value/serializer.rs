//! Any type that serialises into a value.

use std::fmt;

use serde::ser::{
    Error as _, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::{Map, Value};
use crate::mismatch::Mismatch;
use crate::number::{Number, NumberError};
use crate::path::Segment;
use crate::text::Text;

/// The value of what serialises, or what of it DynamoDB cannot hold.
pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, Mismatch> {
    value.serialize(ToValue).map_err(|Refused(mismatch)| mismatch)
}

/// Why something cannot be a value. What it says may show values: the caller gave them.
#[derive(Debug)]
pub(crate) struct Refused(Mismatch);

impl Refused {
    fn under(self, segment: Segment) -> Self {
        Refused(self.0.under(segment))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Refused {}

impl serde::ser::Error for Refused {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Refused(Mismatch::new("a value that serialises", message.to_string()))
    }
}

fn number(number: Result<Number, NumberError>) -> Result<Value, Refused> {
    let refused = |error: NumberError| Refused(Mismatch::new("a number that DynamoDB can hold", error.to_string()));
    number.map(Value::Number).map_err(refused)
}

struct ToValue;

macro_rules! numbers {
    ($($method:ident $type:ty => |$value:ident| $number:expr;)*) => {$(
        fn $method(self, $value: $type) -> Result<Value, Refused> {
            number($number)
        }
    )*};
}

impl Serializer for ToValue {
    type Ok = Value;
    type Error = Refused;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Variant<Items>;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Variant<Entries>;

    numbers! {
        serialize_i8 i8 => |value| Ok(Number::from(value));
        serialize_i16 i16 => |value| Ok(Number::from(value));
        serialize_i32 i32 => |value| Ok(Number::from(value));
        serialize_i64 i64 => |value| Ok(Number::from(value));
        serialize_i128 i128 => |value| Number::try_from(value);
        serialize_u8 u8 => |value| Ok(Number::from(value));
        serialize_u16 u16 => |value| Ok(Number::from(value));
        serialize_u32 u32 => |value| Ok(Number::from(value));
        serialize_u64 u64 => |value| Ok(Number::from(value));
        serialize_u128 u128 => |value| Number::try_from(value);
        serialize_f32 f32 => |value| Number::try_from(value);
        serialize_f64 f64 => |value| Number::try_from(value);
    }

    fn serialize_bool(self, value: bool) -> Result<Value, Refused> {
        Ok(Value::Bool(value))
    }

    fn serialize_char(self, value: char) -> Result<Value, Refused> {
        Ok(Value::from(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Value, Refused> {
        Ok(Value::from(value))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Value, Refused> {
        Ok(Value::Binary(value.to_vec()))
    }

    fn serialize_none(self) -> Result<Value, Refused> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Refused> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Refused> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Refused> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value, Refused> {
        Ok(Value::String(Text::from_static(variant)))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Value, Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Refused> {
        let mut entries = Entries::default();
        entries.set(Text::from_static(variant), value)?;
        SerializeMap::end(entries)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items, Refused> {
        // A hint that somebody else gave is not worth a large allocation.
        Ok(Items(Vec::with_capacity(length.unwrap_or_default().min(1024))))
    }

    fn serialize_tuple(self, length: usize) -> Result<Items, Refused> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items, Refused> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        length: usize,
    ) -> Result<Variant<Items>, Refused> {
        Ok(Variant { name, inside: self.serialize_seq(Some(length))? })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Refused> {
        Ok(Entries::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, Refused> {
        Ok(Entries::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Variant<Entries>, Refused> {
        Ok(Variant { name, inside: Entries::default() })
    }
}

struct Items(Vec<Value>);

impl Items {
    fn push<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Refused> {
        let at = Segment::Index(self.0.len() as u32);
        self.0.push(item.serialize(ToValue).map_err(|refused| refused.under(at))?);
        Ok(())
    }

    fn finish(self) -> Value {
        Value::List(self.0)
    }
}

#[derive(Default)]
struct Entries {
    map: Map,
    /// The key whose value comes next.
    key: Option<Text>,
}

impl Entries {
    fn set<T: Serialize + ?Sized>(&mut self, name: Text, value: &T) -> Result<(), Refused> {
        let value = value.serialize(ToValue).map_err(|refused| refused.under(name.clone().into()))?;
        self.map.insert(name, value);
        Ok(())
    }

    fn finish(self) -> Value {
        Value::Map(self.map)
    }
}

/// A variant with data: a map of its name alone.
struct Variant<I> {
    name: &'static str,
    inside: I,
}

impl<I> Variant<I> {
    fn finish(self, value: fn(I) -> Value) -> Value {
        Value::from_iter([(Text::from_static(self.name), value(self.inside))])
    }
}

macro_rules! items {
    ($($trait:ident $method:ident;)*) => {$(
        impl $trait for Items {
            type Ok = Value;
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Refused> {
                self.push(item)
            }

            fn end(self) -> Result<Value, Refused> {
                Ok(self.finish())
            }
        }
    )*};
}
items! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
}

impl SerializeTupleVariant for Variant<Items> {
    type Ok = Value;
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Refused> {
        let name = Text::from_static(self.name);
        self.inside.push(item).map_err(|refused| refused.under(name.into()))
    }

    fn end(self) -> Result<Value, Refused> {
        Ok(self.finish(Items::finish))
    }
}

impl SerializeMap for Entries {
    type Ok = Value;
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        self.key = Some(key.serialize(ToKey)?);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        let key = self.key.take().ok_or_else(|| Refused::custom("a map's value without a key"))?;
        self.set(key, value)
    }

    fn end(self) -> Result<Value, Refused> {
        Ok(self.finish())
    }
}

impl SerializeStruct for Entries {
    type Ok = Value;
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Refused> {
        self.set(Text::from_static(name), value)
    }

    fn end(self) -> Result<Value, Refused> {
        Ok(self.finish())
    }
}

impl SerializeStructVariant for Variant<Entries> {
    type Ok = Value;
    type Error = Refused;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Refused> {
        let variant = Text::from_static(self.name);
        self.inside.set(Text::from_static(name), value).map_err(|refused| refused.under(variant.into()))
    }

    fn end(self) -> Result<Value, Refused> {
        Ok(self.finish(Entries::finish))
    }
}

/// A map's key: what has a text of its own.
struct ToKey;

fn no_key<T>(found: &'static str) -> Result<T, Refused> {
    Err(Refused(Mismatch::new("a map's key that is a text, an integer, a boolean or a name", found)))
}

macro_rules! texts {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(self, value: $type) -> Result<Text, Refused> {
            Ok(Text::from(value.to_string()))
        }
    )*};
}

type No = Impossible<Text, Refused>;

impl Serializer for ToKey {
    type Ok = Text;
    type Error = Refused;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    texts! {
        serialize_bool bool;
        serialize_char char;
        serialize_str &str;
        serialize_i8 i8;
        serialize_i16 i16;
        serialize_i32 i32;
        serialize_i64 i64;
        serialize_i128 i128;
        serialize_u8 u8;
        serialize_u16 u16;
        serialize_u32 u32;
        serialize_u64 u64;
        serialize_u128 u128;
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Text, Refused> {
        Ok(Text::from_static(variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Text, Refused> {
        value.serialize(self)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Text, Refused> {
        value.serialize(self)
    }

    fn serialize_f32(self, _: f32) -> Result<Text, Refused> {
        no_key("a float")
    }

    fn serialize_f64(self, _: f64) -> Result<Text, Refused> {
        no_key("a float")
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Text, Refused> {
        no_key("bytes")
    }

    fn serialize_none(self) -> Result<Text, Refused> {
        no_key("none")
    }

    fn serialize_unit(self) -> Result<Text, Refused> {
        no_key("none")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Text, Refused> {
        no_key("none")
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Text, Refused> {
        no_key("a variant with data")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<No, Refused> {
        no_key("a sequence")
    }

    fn serialize_tuple(self, _: usize) -> Result<No, Refused> {
        no_key("a sequence")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<No, Refused> {
        no_key("a sequence")
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<No, Refused> {
        no_key("a variant with data")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<No, Refused> {
        no_key("a map")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<No, Refused> {
        no_key("a map")
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, _: &'static str, _: usize) -> Result<No, Refused> {
        no_key("a variant with data")
    }
}
