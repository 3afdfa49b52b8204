//! Whether a stored item meets a condition.
//!
//! From AWS's page "Condition and filter expressions, operators, and functions".

use structnosql_core::{Comparison, Condition, DocumentPath, Failure, FailureClass, Map, Operand, Segment, Value};

/// Whether the condition holds for the item, or for no item. A path that leads nowhere is a value that is not there.
pub(super) fn holds(condition: &Condition, item: Option<&Map>) -> Result<bool, Failure> {
    Ok(match condition {
        Condition::Exists(path) => stored(item, path).is_some(),
        Condition::NotExists(path) => stored(item, path).is_none(),
        Condition::HasType(path, expected) => stored(item, path).is_some_and(|value| value.stored_type() == *expected),
        Condition::Compare(operand, comparison, value) => match operand_of(item, operand) {
            Some(stored) => compares(&stored, *comparison, value),
            None => *comparison == Comparison::NotEqual,
        },
        Condition::Between(operand, low, high) => operand_of(item, operand).is_some_and(|stored| {
            compares(&stored, Comparison::GreaterOrEqual, low) && compares(&stored, Comparison::LessOrEqual, high)
        }),
        Condition::In(operand, values) => operand_of(item, operand).is_some_and(|stored| values.contains(&stored)),
        Condition::BeginsWith(path, prefix) => match (stored(item, path), prefix) {
            (Some(Value::String(text)), Value::String(prefix)) => text.as_bytes().starts_with(prefix.as_bytes()),
            (Some(Value::Binary(bytes)), Value::Binary(prefix)) => bytes.starts_with(prefix),
            _ => false,
        },
        Condition::Contains(path, member) => match (stored(item, path), member) {
            (Some(Value::String(text)), Value::String(part)) => text.contains(part.as_str()),
            (Some(Value::StringSet(set)), Value::String(member)) => set.contains(member),
            (Some(Value::NumberSet(set)), Value::Number(member)) => set.contains(member),
            (Some(Value::BinarySet(set)), Value::Binary(member)) => set.contains(member),
            (Some(Value::List(list)), member) => list.contains(member),
            _ => false,
        },
        Condition::Any(any) => {
            for one in any {
                if holds(one, item)? {
                    return Ok(true);
                }
            }
            false
        }
        Condition::Not(one) => !holds(one, item)?,
        Condition::All(all) => {
            for one in all {
                if !holds(one, item)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => return Err(Failure::new(FailureClass::Unsupported, "the reference does not know this condition")),
    })
}

/// The attributes that a condition reads.
pub(super) fn attributes(condition: &Condition) -> Vec<&str> {
    let path = match condition {
        Condition::All(all) | Condition::Any(all) => return all.iter().flat_map(attributes).collect(),
        Condition::Not(one) => return attributes(one),
        Condition::Exists(path)
        | Condition::NotExists(path)
        | Condition::HasType(path, _)
        | Condition::BeginsWith(path, _)
        | Condition::Contains(path, _) => path,
        Condition::Compare(operand, ..) | Condition::Between(operand, ..) | Condition::In(operand, _) => {
            match operand {
                Operand::Value(path) | Operand::Size(path) => path,
            }
        }
        _ => return Vec::new(),
    };
    match path.segments().first() {
        Some(Segment::Name(name)) => vec![name.as_str()],
        _ => Vec::new(),
    }
}

/// Fails with the stored item where the condition does not hold.
pub(super) fn check(condition: Option<&Condition>, item: Option<&Map>) -> Result<(), Failure> {
    match condition {
        Some(condition) if !holds(condition, item)? => {
            let failure = Failure::new(FailureClass::ConditionFailed, "the conditional request failed");
            Err(match item {
                Some(item) => failure.with_item(item.clone()),
                None => failure,
            })
        }
        _ => Ok(()),
    }
}

fn operand_of(item: Option<&Map>, operand: &Operand) -> Option<Value> {
    match operand {
        Operand::Value(path) => stored(item, path).cloned(),
        Operand::Size(path) => {
            let size = match stored(item, path)? {
                Value::String(text) => text.len(),
                Value::Binary(bytes) => bytes.len(),
                Value::List(list) => list.len(),
                Value::Map(map) => map.len(),
                Value::StringSet(set) => set.len(),
                Value::NumberSet(set) => set.len(),
                Value::BinarySet(set) => set.len(),
                Value::Null | Value::Bool(_) | Value::Number(_) => return None,
            };
            Some(Value::from(size as i64))
        }
    }
}

/// Values of different types are unequal, and in no order; so are values of types that have none.
fn compares(stored: &Value, comparison: Comparison, value: &Value) -> bool {
    let order = match (stored, value) {
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::String(a), Value::String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Value::Binary(a), Value::Binary(b)) => Some(a.cmp(b)),
        _ => None,
    };
    match comparison {
        Comparison::Equal => stored == value,
        Comparison::NotEqual => stored != value,
        Comparison::Less => order.is_some_and(|order| order.is_lt()),
        Comparison::LessOrEqual => order.is_some_and(|order| order.is_le()),
        Comparison::Greater => order.is_some_and(|order| order.is_gt()),
        Comparison::GreaterOrEqual => order.is_some_and(|order| order.is_ge()),
    }
}

/// The value at a path of the item.
pub(super) fn stored<'i>(item: Option<&'i Map>, path: &DocumentPath) -> Option<&'i Value> {
    let (Segment::Name(attribute), below) = path.segments().split_first()? else {
        return None;
    };
    let mut value = item?.get(attribute)?;
    for segment in below {
        value = match (value, segment) {
            (Value::Map(map), Segment::Name(name)) => map.get(name)?,
            (Value::List(list), Segment::Index(index)) => list.get(*index as usize)?,
            _ => return None,
        };
    }
    Some(value)
}
