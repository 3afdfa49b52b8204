//! Stored values: what one DynamoDB attribute can hold.

#[cfg(feature = "schema")]
mod described;
#[cfg(feature = "serde")]
mod deserializer;
mod edit;
mod json;
mod kind;
mod map;
#[cfg(feature = "serde")]
mod serializer;
mod set;
mod size;
mod typed;

use std::collections::BTreeSet;
use std::fmt;

#[cfg(feature = "serde")]
pub(crate) use deserializer::from_value;
pub(crate) use json::from_json;
pub use kind::StoredType;
pub use map::Map;
#[cfg(feature = "serde")]
pub(crate) use serializer::to_value;

use crate::number::Number;
use crate::path::Segment;
use crate::text::Text;

/// The deepest nesting of lists and maps that DynamoDB stores.
pub const MAX_DEPTH: usize = 32;

/// The largest item that DynamoDB stores, in bytes.
pub const MAX_ITEM_SIZE: usize = 400 * 1024;

/// A value as DynamoDB stores it, with numbers as exact text and sets without order.
///
/// ```
/// use structnosql_core::Value;
///
/// let rating = Value::from_iter([("imdb", Value::from(94)), ("source", Value::from("web"))]);
/// assert_eq!(rating.to_string(), r#"{"imdb": 94, "source": "web"}"#);
/// assert_eq!(rating.kind(), "map");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// BOOL.
    Bool(bool),
    /// N.
    Number(Number),
    /// S.
    String(Text),
    /// B.
    Binary(Vec<u8>),
    /// L.
    List(Vec<Value>),
    /// M.
    Map(Map),
    /// SS, never stored empty.
    StringSet(BTreeSet<Text>),
    /// NS, never stored empty.
    NumberSet(BTreeSet<Number>),
    /// BS, never stored empty.
    BinarySet(BTreeSet<Vec<u8>>),
}

impl Value {
    /// The entries, if this is a map.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The value one segment below this one, if this is a map or list that holds it.
    #[inline]
    pub fn child(&self, segment: &Segment) -> Option<&Value> {
        match (self, segment) {
            (Value::Map(map), Segment::Name(name)) => map.child(name),
            (Value::List(items), Segment::Index(index)) => items.get(*index as usize),
            _ => None,
        }
    }

    /// The value at the end of `segments`, if every one of them is there.
    #[inline]
    pub fn descend(&self, segments: &[Segment]) -> Option<&Value> {
        segments.iter().try_fold(self, |value, segment| value.child(segment))
    }

    /// Levels of nesting: 0 for a scalar or set, one more than the deepest child for a list or map.
    #[inline]
    pub fn depth(&self) -> usize {
        let below = match self {
            Value::List(items) => items.iter().map(Value::depth).max(),
            Value::Map(map) => map.values().map(Value::depth).max(),
            _ => return 0,
        };
        1 + below.unwrap_or(0)
    }
}

/// The value as people read it: JSON-like, with sets as `{1, 2}` and binary by its length.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Bool(value) => write!(f, "{value}"),
            Value::Number(value) => write!(f, "{value}"),
            Value::String(value) => write!(f, "{value:?}"),
            Value::Binary(value) => write!(f, "<{} bytes>", value.len()),
            Value::List(items) => f.debug_list().entries(items.iter().map(Shown)).finish(),
            Value::Map(map) => map.fmt(f),
            Value::StringSet(items) => f.debug_set().entries(items).finish(),
            Value::NumberSet(items) => f.debug_set().entries(items).finish(),
            Value::BinarySet(items) => write!(f, "<set of {} binaries>", items.len()),
        }
    }
}

/// Lets the standard formatter helpers print by `Display`.
struct Shown<T>(T);

impl<T: fmt::Display> fmt::Debug for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Value::String(Text::from(value))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Value::String(Text::from(value))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Value::Bool(value)
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Value::Number(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Value::Number(Number::from(value))
    }
}

impl From<Map> for Value {
    fn from(value: Map) -> Self {
        Value::Map(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(value: Vec<Value>) -> Self {
        Value::List(value)
    }
}

impl<K: Into<Text>> FromIterator<(K, Value)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        Value::Map(entries.into_iter().collect())
    }
}
