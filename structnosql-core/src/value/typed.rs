//! DynamoDB's typed notation of values, for requests that go over a wire: `{"S": "text"}`, `{"N": "1.5"}`.
//!
//! No message repeats what was read: it may be somebody's data.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Map, Value};
use crate::key::KeyValue;
use crate::number::Number;
use crate::path::{DocumentPath, Segment};
use crate::text::Text;

/// What stands in the notation under the name of each type.
#[allow(clippy::owned_cow, reason = "one notation for both ways: borrowed when written, owned when read")]
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Value"))]
pub(super) enum Typed<'v> {
    #[serde(rename = "NULL")]
    Null(bool),
    #[serde(rename = "BOOL")]
    Bool(bool),
    N(Cow<'v, Number>),
    S(Cow<'v, Text>),
    B(Base64<'v>),
    L(Cow<'v, Vec<Value>>),
    M(Cow<'v, Map>),
    #[serde(rename = "SS")]
    StringSet(Cow<'v, BTreeSet<Text>>),
    #[serde(rename = "NS")]
    NumberSet(Cow<'v, BTreeSet<Number>>),
    #[serde(rename = "BS")]
    BinarySet(Vec<Base64<'v>>),
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => Typed::Null(true),
            Value::Bool(value) => Typed::Bool(*value),
            Value::Number(number) => Typed::N(Cow::Borrowed(number)),
            Value::String(text) => Typed::S(Cow::Borrowed(text)),
            Value::Binary(bytes) => Typed::B(Base64(Cow::Borrowed(bytes))),
            Value::List(items) => Typed::L(Cow::Borrowed(items)),
            Value::Map(map) => Typed::M(Cow::Borrowed(map)),
            Value::StringSet(members) => Typed::StringSet(Cow::Borrowed(members)),
            Value::NumberSet(members) => Typed::NumberSet(Cow::Borrowed(members)),
            Value::BinarySet(members) => {
                Typed::BinarySet(members.iter().map(|bytes| Base64(Cow::Borrowed(bytes))).collect())
            }
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Typed::deserialize(deserializer)? {
            Typed::Null(true) => Value::Null,
            Typed::Null(false) => return Err(D::Error::custom("`NULL` is always true")),
            Typed::Bool(value) => Value::Bool(value),
            Typed::N(number) => Value::Number(number.into_owned()),
            Typed::S(text) => Value::String(text.into_owned()),
            Typed::B(bytes) => Value::Binary(bytes.0.into_owned()),
            Typed::L(items) => Value::List(items.into_owned()),
            Typed::M(map) => Value::Map(map.into_owned()),
            Typed::StringSet(members) => Value::StringSet(members.into_owned()),
            Typed::NumberSet(members) => Value::NumberSet(members.into_owned()),
            Typed::BinarySet(members) => {
                Value::BinarySet(members.into_iter().map(|bytes| bytes.0.into_owned()).collect())
            }
        })
    }
}

/// Bytes as base64 text.
pub(super) struct Base64<'v>(Cow<'v, [u8]>);

impl Serialize for Base64<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Base64<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text.as_bytes()).map_err(|_| D::Error::custom("binary that is not base64"))?;
        Ok(Base64(Cow::Owned(bytes)))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'_, str>::deserialize(deserializer)?;
        text.parse().map_err(|error| D::Error::custom(format!("a number that cannot be stored: {error}")))
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadText;
        impl Visitor<'_> for ReadText {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
                Ok(Text::from(text))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Text, E> {
                Ok(Text::from(text))
            }
        }
        deserializer.deserialize_str(ReadText)
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = serializer.serialize_map(Some(self.len()))?;
        self.iter().try_for_each(|(name, value)| entries.serialize_entry(name, value))?;
        entries.end()
    }
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadMap;
        impl<'de> Visitor<'de> for ReadMap {
            type Value = Map;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("attributes by their names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Map, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = access.next_entry::<Text, Value>()? {
                    entries.push(entry);
                }
                let length = entries.len();
                let map: Map = entries.into_iter().collect();
                match map.len() == length {
                    true => Ok(map),
                    false => Err(A::Error::custom("an attribute that is given twice")),
                }
            }
        }
        deserializer.deserialize_map(ReadMap)
    }
}

/// Names are strings and positions numbers, so that a map's key `"0"` and the first item of a list differ.
impl Serialize for Segment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Segment::Name(name) => serializer.serialize_str(name),
            Segment::Index(index) => serializer.serialize_u32(*index),
        }
    }
}

impl<'de> Deserialize<'de> for Segment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ReadSegment;
        impl Visitor<'_> for ReadSegment {
            type Value = Segment;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name or a position in a list")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Segment, E> {
                Ok(Segment::from(name))
            }

            fn visit_u64<E: Error>(self, index: u64) -> Result<Segment, E> {
                u32::try_from(index).map(Segment::Index).map_err(|_| E::custom("a position that no list has"))
            }
        }
        deserializer.deserialize_any(ReadSegment)
    }
}

impl Serialize for DocumentPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.segments())
    }
}

impl<'de> Deserialize<'de> for DocumentPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Segment>::deserialize(deserializer)?.into_iter().collect())
    }
}

impl Serialize for KeyValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for KeyValue<'static> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        KeyValue::of(&value).ok_or_else(|| D::Error::custom(format!("a key that is a {}", value.kind())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Value, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn every_type_has_dynamodbs_notation() {
        let texts = [
            r#"{"NULL":true}"#,
            r#"{"BOOL":false}"#,
            r#"{"N":"12345678901234567890123456789012345678"}"#,
            r#"{"S":"a \"text\""}"#,
            r#"{"B":"AP8="}"#,
            r#"{"L":[{"N":"1"},{"L":[]}]}"#,
            r#"{"M":{"":{"S":""},"a.b[0]":{"M":{}}}}"#,
            r#"{"SS":["a","b"]}"#,
            r#"{"NS":["-2.5","1"]}"#,
            r#"{"BS":["","AQI="]}"#,
        ];
        for text in texts {
            assert_eq!(serde_json::to_string(&json(text).unwrap()).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_value_is_refused_without_repeating_it() {
        for text in [
            r#"{"N":"secret"}"#,
            r#"{"N":1}"#,
            r#"{"B":"secret!"}"#,
            r#"{"NULL":false}"#,
            r#"{"X":"secret"}"#,
            r#"{"S":"a","N":"1"}"#,
            r#"{"M":{"a":{"S":"x"},"a":{"S":"y"}}}"#,
            r#"{}"#,
            r#"[]"#,
            r#""text""#,
        ] {
            let error = json(text).unwrap_err();
            assert!(!error.contains("secret"), "{text}: {error}");
        }
        let deep = format!("{}{}", r#"{"L":["#.repeat(10_000), "]}".repeat(10_000));
        assert!(json(&deep).is_err());
    }

    #[test]
    fn a_position_is_not_a_name() {
        let path: DocumentPath = serde_json::from_str(r#"["a.b",0,"0"]"#).unwrap();
        assert_eq!(path.segments(), [Segment::from("a.b"), Segment::from(0), Segment::from("0")]);
        assert_eq!(serde_json::to_string(&path).unwrap(), r#"["a.b",0,"0"]"#);
        for text in ["[-1]", "[4294967296]", "[1.5]", "[null]", "[[]]", "{}"] {
            assert!(serde_json::from_str::<DocumentPath>(text).is_err(), "{text}");
        }
    }
}
