//! Fields that hold what no other field of their struct has.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::{FieldValue, MapKey};
use crate::mismatch::{Mismatch, Mismatches, all};
use crate::path::Segment;
use crate::schema::{Shape, StructSchema};
use crate::text::Text;
use crate::value::{Map, Value};

/// A field with `flatten`: a map of the attributes that no other field has.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold what no other field has",
    label = "expected a map such as `HashMap<String, Value>`",
    note = "`flatten` keeps attributes that the model does not name: they are read into the map, and written from it",
    note = "a struct is stored as a map of its own: leave out `flatten`, or write its fields here"
)]
pub trait RestField: Sized {
    /// The declared type of each value.
    #[doc(hidden)]
    const REST_SHAPE: &'static Shape;

    /// Stores the entries beside the other fields.
    #[doc(hidden)]
    fn write_rest(value: &Self, map: &mut Map, schema: &'static StructSchema, wrong: &mut Mismatches);

    /// Reads the entries that are no other fields.
    #[doc(hidden)]
    fn read_rest(map: &Map, schema: &'static StructSchema, wrong: &mut Mismatches) -> Option<Self>;
}

fn write<'e, K: MapKey, V: FieldValue>(
    entries: impl Iterator<Item = (&'e K, &'e V)>,
    map: &mut Map,
    schema: &'static StructSchema,
    wrong: &mut Mismatches,
) {
    for (key, value) in entries {
        let name = key.to_text();
        let encoded = match schema.field_of(&name) {
            Some(field) => {
                Err(Mismatch::new("a name that no other field has", format!("that of `{}`", field.rust_name)))
            }
            None => value.encode(),
        };
        match encoded {
            Ok(value) => drop(map.insert(name, value.unwrap_or(Value::Null))),
            Err(mismatch) => wrong.add(mismatch.under(Segment::Name(name))),
        }
    }
}

fn read<K: MapKey, V: FieldValue, C: FromIterator<(K, V)>>(
    map: &Map,
    schema: &'static StructSchema,
    wrong: &mut Mismatches,
) -> Option<C> {
    let decode = |(name, value): (&Text, &Value)| {
        let entry = K::from_text(name).and_then(|key| Ok((key, V::decode(value)?)));
        entry.map_err(|mismatch| mismatch.under(Segment::Name(name.clone())))
    };
    wrong.keep(all(map.iter().filter(|(name, _)| schema.field_of(name).is_none()).map(decode)))
}

macro_rules! rest_field {
    () => {
        const REST_SHAPE: &'static Shape = V::SHAPE;

        fn write_rest(value: &Self, map: &mut Map, schema: &'static StructSchema, wrong: &mut Mismatches) {
            write(value.iter(), map, schema, wrong);
        }

        fn read_rest(map: &Map, schema: &'static StructSchema, wrong: &mut Mismatches) -> Option<Self> {
            read(map, schema, wrong)
        }
    };
}

impl<K, V, S> RestField for HashMap<K, V, S>
where
    K: MapKey + Eq + Hash,
    V: FieldValue,
    S: BuildHasher + Default,
{
    rest_field!();
}

impl<K: MapKey + Ord, V: FieldValue> RestField for BTreeMap<K, V> {
    rest_field!();
}
