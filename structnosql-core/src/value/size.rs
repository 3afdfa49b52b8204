//! The size of values as DynamoDB counts it.

use super::{Map, Value};
use crate::number::Number;

impl Value {
    /// Bytes that DynamoDB counts for this value, by AWS's page on
    /// [item sizes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
    ///
    /// The size of a number is an approximation there and here: about one byte for two digits, and one more.
    pub fn size(&self) -> usize {
        match self {
            Value::Null | Value::Bool(_) => 1,
            Value::Number(number) => number_size(number),
            Value::String(text) => text.len(),
            Value::Binary(bytes) => bytes.len(),
            Value::List(items) => 3 + items.iter().map(|item| 1 + item.size()).sum::<usize>(),
            Value::Map(map) => 3 + map.iter().map(|(name, value)| 1 + name.len() + value.size()).sum::<usize>(),
            Value::StringSet(items) => items.iter().map(|text| text.len()).sum(),
            Value::NumberSet(items) => items.iter().map(number_size).sum(),
            Value::BinarySet(items) => items.iter().map(Vec::len).sum(),
        }
    }
}

impl Map {
    /// Bytes that DynamoDB counts for an item with these attributes: names and values.
    pub fn item_size(&self) -> usize {
        self.iter().map(|(name, value)| name.len() + value.size()).sum()
    }
}

fn number_size(number: &Number) -> usize {
    1 + number.digits().div_ceil(2) + usize::from(number.is_negative())
}
