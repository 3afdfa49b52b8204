//! Values to and from the SDK's. What is sent is copied, since it may be sent again; what is answered is moved.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_types::Blob;
use structnosql_core::{Failure, FailureClass, Map, Number, Text, Value};

/// An item or a key, as the SDK holds it.
pub(crate) type Attributes = HashMap<String, AttributeValue>;

pub(crate) fn to_attributes(map: &Map) -> Attributes {
    map.iter().map(|(name, value)| (name.as_str().to_owned(), to_attribute(value))).collect()
}

pub(crate) fn to_attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(value) => AttributeValue::Bool(*value),
        Value::Number(number) => AttributeValue::N(String::from(number)),
        Value::String(text) => AttributeValue::S(text.as_str().to_owned()),
        Value::Binary(bytes) => AttributeValue::B(Blob::new(bytes.as_slice())),
        Value::List(items) => AttributeValue::L(items.iter().map(to_attribute).collect()),
        Value::Map(map) => AttributeValue::M(to_attributes(map)),
        Value::StringSet(items) => AttributeValue::Ss(items.iter().map(|text| text.as_str().to_owned()).collect()),
        Value::NumberSet(items) => AttributeValue::Ns(items.iter().map(String::from).collect()),
        Value::BinarySet(items) => AttributeValue::Bs(items.iter().map(|bytes| Blob::new(bytes.as_slice())).collect()),
    }
}

/// An item that the server returned.
pub(crate) fn to_map(attributes: Attributes) -> Result<Map, Failure> {
    // Collecting into a `Result` knows no length ahead, and would grow the map step by step.
    let mut entries = Vec::with_capacity(attributes.len());
    for (name, value) in attributes {
        entries.push((Text::from(name), to_value(value)?));
    }
    Ok(entries.into_iter().collect())
}

/// The item that a write replaced. Every item has its key: an empty one stands for none.
pub(crate) fn to_old_item(attributes: Option<Attributes>) -> Result<Option<Map>, Failure> {
    attributes.filter(|old| !old.is_empty()).map(to_map).transpose()
}

pub(crate) fn to_value(attribute: AttributeValue) -> Result<Value, Failure> {
    Ok(match attribute {
        // DynamoDB stores no `NULL: false`.
        AttributeValue::Null(_) => Value::Null,
        AttributeValue::Bool(value) => Value::Bool(value),
        AttributeValue::N(text) => Value::Number(to_number(&text)?),
        AttributeValue::S(text) => Value::String(Text::from(text)),
        AttributeValue::B(blob) => Value::Binary(blob.into_inner()),
        AttributeValue::L(items) => {
            let mut values = Vec::with_capacity(items.len());
            for item in items {
                values.push(to_value(item)?);
            }
            Value::List(values)
        }
        AttributeValue::M(attributes) => Value::Map(to_map(attributes)?),
        AttributeValue::Ss(items) => Value::StringSet(items.into_iter().map(Text::from).collect()),
        AttributeValue::Ns(items) => {
            Value::NumberSet(items.iter().map(|text| to_number(text)).collect::<Result<_, _>>()?)
        }
        AttributeValue::Bs(items) => Value::BinarySet(items.into_iter().map(Blob::into_inner).collect()),
        _ => return Err(Failure::new(FailureClass::BadAnswer, "a value of a type that this version does not know")),
    })
}

fn to_number(text: &str) -> Result<Number, Failure> {
    text.parse().map_err(|error| Failure::new(FailureClass::BadAnswer, format!("a number that is none: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back(value: Value) {
        assert_eq!(to_value(to_attribute(&value)).unwrap(), value);
    }

    #[test]
    fn every_type_comes_back_as_it_went() {
        let number = |text: &str| text.parse::<Number>().unwrap();
        let scalars = [
            Value::Null,
            Value::from(false),
            Value::from(number("-0.00000000000000000000000000000000000001234")),
            Value::from(number("12345678901234567890123456789012345678")),
            Value::from(number("1E-130")),
            Value::from(""),
            Value::from("a text that is longer than the twenty-three bytes held inline ✓"),
            Value::Binary(vec![]),
            Value::Binary(vec![0, 255, 10]),
            Value::StringSet(["a", "b"].map(Text::from).into()),
            Value::NumberSet(["1", "-2.5"].map(number).into()),
            Value::BinarySet([vec![0], vec![1, 2]].into()),
        ];
        for value in scalars.clone() {
            there_and_back(value);
        }
        there_and_back(Value::from(scalars.to_vec()));
        there_and_back(Value::from_iter([("", Value::from(Map::new())), ("a.b[0]", Value::from(scalars.to_vec()))]));
    }

    #[test]
    fn one_number_is_one_value_however_it_is_written() {
        assert_eq!(to_value(AttributeValue::N("1.50".into())).unwrap(), Value::from("1.5".parse::<Number>().unwrap()));
        assert_eq!(
            to_value(AttributeValue::Ns(vec!["1.0".into(), "1".into()])).unwrap(),
            Value::NumberSet([Number::from(1)].into())
        );
    }

    #[test]
    fn what_cannot_be_a_number_is_a_bad_answer_that_does_not_repeat_it() {
        let failure = to_value(AttributeValue::N("secret".into())).unwrap_err();
        assert_eq!(failure.class(), FailureClass::BadAnswer);
        assert!(!failure.to_string().contains("secret"));
    }
}
