//! Lists and maps.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use super::{FieldValue, vec_is_a_list};
use crate::handle::MapHandle;
use crate::mismatch::{Mismatch, all};
use crate::path::{DocumentPath, Segment};
use crate::presence::Presence;
use crate::schema::{Rule, Shape};
use crate::text::Text;
use crate::value::Value;

/// A list; a `Vec<u8>` is binary.
impl<T: FieldValue> FieldValue for Vec<T> {
    type Handle<M, P: Presence> = T::VecHandle<M, P>;
    vec_is_a_list!();
    const SHAPE: &'static Shape = T::VEC_SHAPE;

    fn handle<M, P: Presence>(path: DocumentPath) -> Self::Handle<M, P> {
        T::vec_handle(path)
    }

    fn encode(&self) -> Result<Option<Value>, Mismatch> {
        T::encode_vec(self).map(Some)
    }

    fn decode(value: &Value) -> Result<Self, Mismatch> {
        T::decode_vec(value)
    }
}

/// A type that a map may have as its key: text in the stored map, whatever it is in Rust.
///
/// Implemented for strings and integers, and by `#[derive(MapModel)]` for enums of unit variants.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a map",
    label = "a map's key is a string, an integer or an enum of unit variants"
)]
pub trait MapKey: Send + Sync + 'static {
    /// The declared type of a key, with the rules that it is held to.
    #[doc(hidden)]
    const KEY_SHAPE: &'static Shape = &Shape::Any;

    /// The key as it is stored.
    fn to_text(&self) -> Text;

    /// The key that is stored as `text`.
    fn from_text(text: &str) -> Result<Self, Mismatch>
    where
        Self: Sized;
}

/// What can be given for the key of a map with keys `K`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a key of this map", label = "expected `{K}`")]
pub trait IntoMapKey<K> {
    /// The key as it is stored.
    fn into_map_key(self) -> Text;
}

impl MapKey for String {
    fn to_text(&self) -> Text {
        Text::from(self)
    }

    fn from_text(text: &str) -> Result<Self, Mismatch> {
        Ok(text.to_owned())
    }
}

impl IntoMapKey<String> for &str {
    #[inline]
    fn into_map_key(self) -> Text {
        Text::from(self)
    }
}

impl IntoMapKey<String> for String {
    fn into_map_key(self) -> Text {
        Text::from(self)
    }
}

impl IntoMapKey<String> for Text {
    fn into_map_key(self) -> Text {
        self
    }
}

/// A borrowed key is a key.
impl<K: MapKey> IntoMapKey<K> for &K {
    fn into_map_key(self) -> Text {
        self.to_text()
    }
}

macro_rules! integer_keys {
    ($($int:ident)*) => {$(
        impl MapKey for $int {
            fn to_text(&self) -> Text {
                Text::from(self.to_string())
            }

            fn from_text(text: &str) -> Result<Self, Mismatch> {
                text.parse().map_err(|_| Mismatch::new(stringify!($int), "another map key"))
            }
        }

        impl IntoMapKey<$int> for $int {
            fn into_map_key(self) -> Text {
                self.to_text()
            }
        }
    )*};
}
integer_keys!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

fn encode_entries<'e, K: MapKey, V: FieldValue>(
    entries: impl Iterator<Item = (&'e K, &'e V)>,
) -> Result<Value, Mismatch> {
    let encode = |(key, value): (&K, &V)| match value.encode() {
        // The key is data too: an entry without a value is kept, as NULL.
        Ok(value) => Ok((key.to_text(), value.unwrap_or(Value::Null))),
        Err(mismatch) => Err(mismatch.under(Segment::Name(key.to_text()))),
    };
    all(entries.map(encode)).map(Value::Map)
}

fn decode_entries<K: MapKey, V: FieldValue, C: FromIterator<(K, V)>>(value: &Value) -> Result<C, Mismatch> {
    let Value::Map(map) = value else {
        return Err(Mismatch::type_of("a map", value));
    };
    let decode = |(name, value): (&Text, &Value)| {
        let entry = K::from_text(name).and_then(|key| Ok((key, V::decode(value)?)));
        entry.map_err(|mismatch| mismatch.under(Segment::Name(name.clone())))
    };
    all(map.iter().map(decode))
}

macro_rules! map_field {
    () => {
        type Handle<M, P: Presence> = MapHandle<M, K, V, Self, P>;
        vec_is_a_list!();
        const SHAPE: &'static Shape = match K::KEY_SHAPE {
            Shape::Ruled(..) => &Shape::Ruled(&Shape::Map(V::SHAPE), &[Rule::Keys(K::KEY_SHAPE)]),
            _ => &Shape::Map(V::SHAPE),
        };

        fn handle<M, P: Presence>(path: DocumentPath) -> Self::Handle<M, P> {
            MapHandle::new(path)
        }

        fn encode(&self) -> Result<Option<Value>, Mismatch> {
            encode_entries(self.iter()).map(Some)
        }

        fn decode(value: &Value) -> Result<Self, Mismatch> {
            decode_entries(value)
        }
    };
}

impl<K, V, S> FieldValue for HashMap<K, V, S>
where
    K: MapKey + Eq + Hash,
    V: FieldValue,
    S: BuildHasher + Default + Send + Sync + 'static,
{
    map_field!();
}

impl<K: MapKey + Ord, V: FieldValue> FieldValue for BTreeMap<K, V> {
    map_field!();
}
