//! Enums with data, stored as maps whose tag names the variant.

use super::FieldValue;
use super::unit_enum::one_of;
use crate::mismatch::Mismatch;
use crate::schema::TaggedSchema;
use crate::text::Text;
use crate::value::{Map, Value};

/// An enum that is stored as a map. Implemented by `#[derive(MapModel)]`.
#[doc(hidden)]
pub trait TaggedEnum: FieldValue {
    /// What the enum declares.
    fn schema() -> &'static TaggedSchema;

    /// Which variant it is, and the entries of its fields.
    fn encode_variant(&self) -> (usize, Result<Map, Mismatch>);

    /// The variant in this place, of the entries of its fields.
    fn decode_variant(at: usize, map: &Map) -> Result<Self, Mismatch>;
}

/// For the expansion of the derive.
pub fn encode_tagged<E: TaggedEnum>(value: &E) -> Result<Option<Value>, Mismatch> {
    let TaggedSchema { tag, variants } = E::schema();
    let (at, map) = value.encode_variant();
    let mut map = map?;
    let name = variants.get(at).map_or("", |variant| variant.name);
    match map.insert(Text::from_static(tag), Value::String(Text::from_static(name))) {
        None => Ok(Some(Value::Map(map))),
        // The fields of a struct in a variant are not known where the enum is compiled.
        Some(_) => {
            let expected = format!("a variant without a field stored as `{tag}`, which is the tag");
            Err(Mismatch::new(expected, "one").under(Text::from_static(tag).into()))
        }
    }
}

/// For the expansion of the derive.
pub fn decode_tagged<E: TaggedEnum>(value: &Value) -> Result<E, Mismatch> {
    let Value::Map(map) = value else {
        return Err(Mismatch::type_of("a map", value));
    };
    let schema = E::schema();
    let names = || one_of(schema.variants.iter().map(|variant| variant.name));
    let mismatch = match map.get(schema.tag) {
        Some(Value::String(name)) => match schema.variants.iter().position(|variant| *name == *variant.name) {
            Some(at) if schema.variant_at(at).rest.is_some() => {
                // The tag is none of what other fields have not.
                let mut fields = map.clone();
                fields.remove(schema.tag);
                return E::decode_variant(at, &fields);
            }
            Some(at) => return E::decode_variant(at, map),
            None => Mismatch::new(names(), "another text"),
        },
        Some(other) => Mismatch::type_of(names(), other),
        None => Mismatch::new(names(), "nothing"),
    };
    Err(mismatch.under(Text::from_static(schema.tag).into()))
}
