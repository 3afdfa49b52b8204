//! Plain JSON into values, with every number kept as the text that was written.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::{MAX_DEPTH, Value};
use crate::mismatch::Mismatch;
use crate::path::Segment;
use crate::text::Text;

impl Value {
    /// Reads plain JSON, `{"id": "b12", "votes": 94}`, with every digit of its numbers.
    ///
    /// JSON knows no sets and no binary: these come as arrays.
    ///
    /// # Errors
    ///
    /// What is no JSON, nests deeper than DynamoDB stores, or holds a number that DynamoDB cannot; with its path.
    pub fn from_json(text: &str) -> Result<Value, Mismatch> {
        from_json(parse(text)?)
    }
}

/// Reads one JSON text.
///
/// `serde_json` hands numbers out as floats unless a feature is set that changes it for the whole
/// build; the raw text of each value is read instead.
pub(crate) fn from_json(raw: &RawValue) -> Result<Value, Mismatch> {
    read(raw.get(), 0)
}

fn read(text: &str, depth: usize) -> Result<Value, Mismatch> {
    if depth > MAX_DEPTH {
        return Err(Mismatch::new("at most 32 levels of nesting", "deeper nesting"));
    }
    match text.as_bytes().first() {
        Some(b'{') => {
            let entries: BTreeMap<String, &RawValue> = parse(text)?;
            entries
                .into_iter()
                .map(|(name, raw)| match read(raw.get(), depth + 1) {
                    Ok(value) => Ok((name, value)),
                    Err(mismatch) => Err(mismatch.under(Segment::Name(Text::from(name)))),
                })
                .collect()
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = parse(text)?;
            let items = items.into_iter().enumerate().map(|(index, raw)| {
                read(raw.get(), depth + 1).map_err(|mismatch| mismatch.under(Segment::Index(index as u32)))
            });
            Ok(Value::List(items.collect::<Result<_, _>>()?))
        }
        Some(b'"') => Ok(Value::String(Text::from(parse::<String>(text)?))),
        Some(b't' | b'f') => Ok(Value::Bool(parse(text)?)),
        Some(b'n') => Ok(Value::Null),
        _ => match text.parse() {
            Ok(number) => Ok(Value::Number(number)),
            Err(error) => Err(Mismatch::new("a number of at most 38 digits", format!("{text} ({error})"))),
        },
    }
}

fn parse<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, Mismatch> {
    serde_json::from_str(text).map_err(|error| Mismatch::new("JSON", error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Result<Value, Mismatch> {
        from_json(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn numbers_keep_every_digit() {
        let value = json(r#"{"a": 12345678901234567890123456789012345678, "b": [0.1, 1e3], "c": null}"#).unwrap();
        assert_eq!(value.to_string(), r#"{"a": 12345678901234567890123456789012345678, "b": [0.1, 1000], "c": null}"#);
    }

    #[test]
    fn a_number_too_long_names_its_path() {
        let mismatch = json(r#"{"a": [{"b": 123456789012345678901234567890123456789}]}"#).unwrap_err();
        assert_eq!(mismatch.path().to_string(), "a[0].b");
    }
}
