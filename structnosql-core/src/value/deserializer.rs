//! A value into any type that deserialises.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Expected, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::Value;
use crate::mismatch::Mismatch;
use crate::number::Number;
use crate::path::Segment;
use crate::text::Text;

/// What deserialises from the value, or where it does not fit.
pub(crate) fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Mismatch> {
    T::deserialize(Of(value)).map_err(|Misfit(mismatch)| mismatch)
}

/// Why a value does not fit. It says nothing that was stored, so what a type says in its own words is left out.
#[derive(Debug)]
pub(crate) struct Misfit(Mismatch);

impl Misfit {
    fn new(expected: impl Into<String>, found: &'static str) -> Self {
        Misfit(Mismatch::new(expected.into(), found))
    }

    fn under(self, segment: Segment) -> Self {
        Misfit(self.0.under(segment))
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for Misfit {}

impl serde::de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Misfit::new("a value that its type takes", "another one")
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Misfit::new(expected.to_string(), kind(&found))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let found = match kind(&found) {
            "number" => "another number",
            "string" => "another text",
            _ => "another value",
        };
        Misfit::new(expected.to_string(), found)
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Misfit(Mismatch::new(expected.to_string(), format!("{length} items")))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        let names: Vec<String> = expected.iter().map(|name| format!("`{name}`")).collect();
        Misfit::new(format!("one of {}", names.join(", ")), "another text")
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Misfit::new("no such field", "one").under(Text::from(field).into())
    }

    fn missing_field(field: &'static str) -> Self {
        Misfit::new("a value", "nothing").under(Text::from_static(field).into())
    }

    fn duplicate_field(field: &'static str) -> Self {
        Misfit::new("one value", "two").under(Text::from_static(field).into())
    }
}

/// What DynamoDB calls it.
fn kind(found: &Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) | Unexpected::Float(_) => "number",
        Unexpected::Char(_) | Unexpected::Str(_) => "string",
        Unexpected::Bytes(_) => "binary",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "list",
        Unexpected::Map => "map",
        _ => "another value",
    }
}

/// A value to deserialise from.
#[derive(Clone, Copy)]
struct Of<'de>(&'de Value);

impl<'de> Of<'de> {
    /// As the integer that it is, or as a float.
    fn number<V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Misfit> {
        if let Ok(integer) = u64::try_from(number) {
            visitor.visit_u64(integer)
        } else if let Ok(integer) = i64::try_from(number) {
            visitor.visit_i64(integer)
        } else if let Ok(integer) = u128::try_from(number) {
            visitor.visit_u128(integer)
        } else if let Ok(integer) = i128::try_from(number) {
            visitor.visit_i128(integer)
        } else {
            visitor.visit_f64(number.to_f64())
        }
    }

    fn float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Number(number) => visitor.visit_f64(number.to_f64()),
            _ => self.deserialize_any(visitor),
        }
    }
}

impl<'de> Deserializer<'de> for Of<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => Of::number(number, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Binary(bytes) => visitor.visit_borrowed_bytes(bytes),
            Value::List(items) => items_of(items.iter(), visitor),
            Value::Map(map) => visitor.visit_map(Entries { entries: map.iter(), value: None }),
            set @ (Value::StringSet(_) | Value::NumberSet(_) | Value::BinarySet(_)) => {
                let members = set.members();
                // They are no part of the value: what is borrowed from them is copied.
                visitor.visit_seq(Members { members: members.into_iter() })
            }
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.float(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.float(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(StrDeserializer::new(name)),
            Value::Map(map) => match (map.iter().next(), map.len()) {
                (Some((name, value)), 1) => visitor.visit_enum(Named { name, value }),
                _ => Err(Misfit::new("a map of a variant's name alone", "a map of another size")),
            },
            other => Err(Misfit::new("a variant's name, or a map of it alone", other.kind())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

fn items_of<'de, V: Visitor<'de>>(
    items: impl ExactSizeIterator<Item = &'de Value>,
    visitor: V,
) -> Result<V::Value, Misfit> {
    let count = items.len();
    let mut items = Items { items: items.enumerate() };
    let read = visitor.visit_seq(&mut items)?;
    match items.items.next() {
        None => Ok(read),
        Some((read, _)) => Err(Misfit(Mismatch::new(format!("{read} items"), format!("{count}")))),
    }
}

struct Items<I> {
    items: std::iter::Enumerate<I>,
}

impl<'de, I: ExactSizeIterator<Item = &'de Value>> SeqAccess<'de> for &mut Items<I> {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        let Some((at, item)) = self.items.next() else { return Ok(None) };
        seed.deserialize(Of(item)).map(Some).map_err(|misfit| misfit.under(Segment::Index(at as u32)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The members of a set, which are made for the occasion.
struct Members {
    members: std::vec::IntoIter<Value>,
}

impl<'de> SeqAccess<'de> for Members {
    type Error = Misfit;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        let Some(member) = self.members.next() else { return Ok(None) };
        seed.deserialize(Member(member)).map(Some)
    }
}

struct Member(Value);

impl<'de> Deserializer<'de> for Member {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::Number(number) => Of::number(&number, visitor),
            Value::Binary(bytes) => visitor.visit_byte_buf(bytes),
            Value::String(text) => visitor.visit_str(&text),
            _ => visitor.visit_unit(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(StrDeserializer::new(&name)),
            other => Err(Misfit::new("a variant's name", other.kind())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct Entries<'de, I> {
    entries: I,
    /// What the key that was just read stands for.
    value: Option<(&'de Text, &'de Value)>,
}

impl<'de, I: ExactSizeIterator<Item = (&'de Text, &'de Value)>> MapAccess<'de> for Entries<'de, I> {
    type Error = Misfit;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Misfit> {
        self.value = self.entries.next();
        let Some((name, _)) = self.value else { return Ok(None) };
        seed.deserialize(Key(name)).map(Some).map_err(|misfit| misfit.under(name.clone().into()))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Misfit> {
        let Some((name, value)) = self.value.take() else {
            return Err(Misfit::new("a map's key before its value", "none"));
        };
        seed.deserialize(Of(value)).map_err(|misfit| misfit.under(name.clone().into()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// A map's key, which is a text whatever it stands for.
struct Key<'de>(&'de Text);

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
            match self.0.parse::<$type>() {
                Ok(key) => visitor.$visit(key),
                Err(_) => Err(Misfit::new(stringify!($type), "another map key")),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_borrowed_str(self.0)
    }

    parsed! {
        deserialize_bool visit_bool bool;
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(StrDeserializer::new(self.0))
    }

    forward_to_deserialize_any! {
        f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// A variant with data: a map of its name alone.
struct Named<'de> {
    name: &'de Text,
    value: &'de Value,
}

impl<'de> EnumAccess<'de> for Named<'de> {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Misfit> {
        Ok((seed.deserialize(Key(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Named<'de> {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        Err(Misfit::new("the variant's name alone", "a map"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Misfit> {
        seed.deserialize(Of(self.value)).map_err(|misfit| misfit.under(self.name.clone().into()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        Of(self.value).deserialize_any(visitor).map_err(|misfit| misfit.under(self.name.clone().into()))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Misfit> {
        Of(self.value).deserialize_any(visitor).map_err(|misfit| misfit.under(self.name.clone().into()))
    }
}
