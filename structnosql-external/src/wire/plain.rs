use serde::de::Error;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use structnosql_core::{Map, Number, Value};

/// A value in plain JSON, as the original's wire has it: numbers keep every digit; sets are arrays, and so is binary,
/// of its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct Plain(pub Value);

/// Any JSON.
#[cfg(feature = "schema")]
impl schemars::JsonSchema for Plain {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Plain".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        true.into()
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Value::from_json(raw.get()).map(Plain).map_err(|mismatch| D::Error::custom(mismatch.to_string()))
    }
}

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Of(&self.0).serialize(serializer)
    }
}

struct Of<'v>(&'v Value);

impl Serialize for Of<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Number(number) => put(number, serializer),
            Value::String(text) => serializer.serialize_str(text),
            Value::Binary(bytes) => serializer.collect_seq(bytes),
            Value::List(items) => serializer.collect_seq(items.iter().map(Of)),
            Value::Map(map) => put_map(map, serializer),
            Value::StringSet(members) => serializer.collect_seq(members.iter().map(|text| text.as_str())),
            Value::NumberSet(members) => {
                let mut items = serializer.serialize_seq(Some(members.len()))?;
                members.iter().try_for_each(|number| items.serialize_element(&Digits(number)))?;
                items.end()
            }
            Value::BinarySet(members) => serializer.collect_seq(members),
        }
    }
}

struct Digits<'n>(&'n Number);

impl Serialize for Digits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        put(self.0, serializer)
    }
}

/// A number's canonical text is JSON as it stands.
fn put<S: Serializer>(number: &Number, serializer: S) -> Result<S::Ok, S::Error> {
    let raw = RawValue::from_string(number.to_string()).map_err(serde::ser::Error::custom)?;
    raw.serialize(serializer)
}

fn put_map<S: Serializer>(map: &Map, serializer: S) -> Result<S::Ok, S::Error> {
    let mut entries = serializer.serialize_map(Some(map.len()))?;
    map.iter().try_for_each(|(name, value)| entries.serialize_entry(name.as_str(), &Of(value)))?;
    entries.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_keeps_every_digit() {
        let text = r#"{"a":[1.5,null,true,"x"],"n":12345678901234567890123456789012345678,"small":1E-130}"#;
        let plain: Plain = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&plain).unwrap(), text);
    }

    #[test]
    fn sets_and_binary_are_arrays() {
        let members = ["b", "a"].map(structnosql_core::Text::from).into();
        let numbers = ["2", "1.5"].map(|text| text.parse().unwrap()).into();
        let values = [Value::StringSet(members), Value::NumberSet(numbers), Value::Binary(vec![0, 255])];
        let text = serde_json::to_string(&Plain(Value::List(values.to_vec()))).unwrap();
        assert_eq!(text, r#"[["a","b"],[1.5,2],[0,255]]"#);
    }
}
