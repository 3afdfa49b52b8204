//! Whether a condition holds for an item that was read.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Comparison, Condition, Operand};
use crate::number::Number;
use crate::path::DocumentPath;
use crate::value::Value;

impl Condition {
    /// Whether it holds for an item, or for no item, as DynamoDB decides it.
    pub(crate) fn holds(&self, item: Option<&Value>) -> bool {
        self.holds_where(&|path| item.and_then(|item| item.descend(path.segments())).map(Cow::Borrowed))
    }

    /// Whether it holds where this is what is stored at each of its [paths](Self::paths).
    pub(crate) fn holds_where<'v>(&self, at: &dyn Fn(&DocumentPath) -> Option<Cow<'v, Value>>) -> bool {
        let operand = |operand: &Operand| match operand {
            Operand::Value(path) => at(path).map(Cow::into_owned),
            Operand::Size(path) => {
                at(path).and_then(|value| size(&value)).map(|size| Value::Number(Number::from(size)))
            }
        };
        match self {
            Condition::Exists(path) => at(path).is_some(),
            Condition::NotExists(path) => at(path).is_none(),
            Condition::HasType(path, stored_type) => at(path).is_some_and(|value| value.stored_type() == *stored_type),
            Condition::Compare(stored, comparison, value) => match operand(stored) {
                Some(stored) => comparison.holds(&stored, value),
                None => *comparison == Comparison::NotEqual,
            },
            Condition::Between(stored, low, high) => operand(stored).is_some_and(|stored| {
                Comparison::GreaterOrEqual.holds(&stored, low) && Comparison::LessOrEqual.holds(&stored, high)
            }),
            Condition::In(stored, values) => operand(stored).is_some_and(|stored| values.contains(&stored)),
            Condition::BeginsWith(path, prefix) => match (at(path).as_deref(), prefix) {
                (Some(Value::String(stored)), Value::String(prefix)) => stored.starts_with(prefix.as_str()),
                (Some(Value::Binary(stored)), Value::Binary(prefix)) => stored.starts_with(prefix),
                _ => false,
            },
            Condition::Contains(path, member) => at(path).is_some_and(|stored| contains(&stored, member)),
            Condition::All(all) => all.iter().all(|one| one.holds_where(at)),
            Condition::Any(any) => any.iter().any(|one| one.holds_where(at)),
            Condition::Not(one) => !one.holds_where(at),
        }
    }
}

impl Comparison {
    pub(super) fn holds(self, stored: &Value, value: &Value) -> bool {
        let order = match (stored, value) {
            (Value::Number(stored), Value::Number(value)) => Some(stored.cmp(value)),
            (Value::String(stored), Value::String(value)) => Some(stored.as_str().cmp(value.as_str())),
            (Value::Binary(stored), Value::Binary(value)) => Some(stored.cmp(value)),
            _ => None,
        };
        match self {
            Comparison::Equal => stored == value,
            Comparison::NotEqual => stored != value,
            Comparison::Less => order == Some(Ordering::Less),
            Comparison::LessOrEqual => matches!(order, Some(Ordering::Less | Ordering::Equal)),
            Comparison::Greater => order == Some(Ordering::Greater),
            Comparison::GreaterOrEqual => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        }
    }
}

fn size(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => Some(text.len()),
        Value::Binary(bytes) => Some(bytes.len()),
        Value::List(items) => Some(items.len()),
        Value::Map(map) => Some(map.len()),
        Value::StringSet(members) => Some(members.len()),
        Value::NumberSet(members) => Some(members.len()),
        Value::BinarySet(members) => Some(members.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn contains(stored: &Value, member: &Value) -> bool {
    match (stored, member) {
        (Value::String(stored), Value::String(part)) => stored.contains(part.as_str()),
        (Value::Binary(stored), Value::Binary(part)) => {
            part.is_empty() || stored.windows(part.len()).any(|window| window == part)
        }
        (Value::StringSet(members), Value::String(member)) => members.contains(member),
        (Value::NumberSet(members), Value::Number(member)) => members.contains(member),
        (Value::BinarySet(members), Value::Binary(member)) => members.contains(member),
        (Value::List(items), member) => items.contains(member),
        _ => false,
    }
}
