//! DynamoDB's limits.
//!
//! From AWS's page "Service, account, and table quotas in Amazon DynamoDB" and "Constraints in Amazon DynamoDB".

use structnosql_core::expression::Expressions;
use structnosql_core::{Condition, DocumentPath, Failure, FailureClass, Map, UpdateRequest, Value};

use super::overlap;

const ITEM_BYTES: usize = 400 * 1024;
const LEVELS: usize = 32;
const EXPRESSION_BYTES: usize = 4 * 1024;
const OPERATORS: usize = 300;
const PARTITION_KEY_BYTES: usize = 2048;
const SORT_KEY_BYTES: usize = 1024;

/// Checks a whole item as it would be stored.
pub(super) fn check_item(item: &Map) -> Result<(), Failure> {
    let size = item.item_size();
    if size > ITEM_BYTES {
        return Err(too_large(format!("the item has {size} bytes")));
    }
    item.iter().try_for_each(|(_, value)| check_value(value, 1))
}

fn check_value(value: &Value, level: usize) -> Result<(), Failure> {
    let invalid = |message: &str| Err(Failure::new(FailureClass::Invalid, message));
    match value {
        Value::List(_) | Value::Map(_) if level > LEVELS => invalid("nested too deeply"),
        Value::List(items) => items.iter().try_for_each(|item| check_value(item, level + 1)),
        Value::Map(map) => map.values().try_for_each(|value| check_value(value, level + 1)),
        Value::StringSet(items) if items.is_empty() => invalid("a string set may not be empty"),
        Value::NumberSet(items) if items.is_empty() => invalid("a number set may not be empty"),
        Value::BinarySet(items) if items.is_empty() => invalid("a binary set may not be empty"),
        _ => Ok(()),
    }
}

/// Checks an update's expressions and that its paths do not overlap.
pub(super) fn check_update(request: &UpdateRequest) -> Result<(), Failure> {
    overlap::check(request.actions.iter().map(|action| &action.path))?;
    let mut expressions = Expressions::default();
    check_expression(&expressions.update(&request.actions))?;
    check_condition_in(&mut expressions, request.condition.as_ref())
}

pub(super) fn check_condition(condition: Option<&Condition>) -> Result<(), Failure> {
    check_condition_in(&mut Expressions::default(), condition)
}

fn check_condition_in(expressions: &mut Expressions, condition: Option<&Condition>) -> Result<(), Failure> {
    let Some(condition) = condition else {
        return Ok(());
    };
    if operators(condition) > OPERATORS {
        return Err(Failure::new(FailureClass::Invalid, "the condition has more than 300 operators and functions"));
    }
    check_expression(&expressions.condition(condition))
}

pub(super) fn check_projection(paths: &[DocumentPath]) -> Result<(), Failure> {
    overlap::check(paths)?;
    check_expression(&Expressions::default().projection(paths))
}

/// Functions, and the operators between them.
fn operators(condition: &Condition) -> usize {
    match condition {
        Condition::All(all) | Condition::Any(all) => {
            all.iter().map(operators).sum::<usize>() + all.len().saturating_sub(1)
        }
        Condition::Not(one) => 1 + operators(one),
        _ => 1,
    }
}

fn check_expression(text: &str) -> Result<(), Failure> {
    match text.len() {
        0..=EXPRESSION_BYTES => Ok(()),
        bytes => Err(too_large(format!("the expression has {bytes} bytes"))),
    }
}

/// Checks the size of a key attribute's value.
pub(super) fn check_key_size(value: &Value, is_partition_key: bool) -> Result<(), Failure> {
    let (bytes, most) = match value {
        Value::String(text) => (text.len(), if is_partition_key { PARTITION_KEY_BYTES } else { SORT_KEY_BYTES }),
        Value::Binary(bytes) => (bytes.len(), if is_partition_key { PARTITION_KEY_BYTES } else { SORT_KEY_BYTES }),
        _ => return Ok(()),
    };
    match bytes {
        0 => Err(Failure::new(FailureClass::Invalid, "a key value may not be empty")),
        bytes if bytes > most => Err(Failure::new(FailureClass::Invalid, format!("a key value has {bytes} bytes"))),
        _ => Ok(()),
    }
}

fn too_large(message: String) -> Failure {
    Failure::new(FailureClass::TooLarge, message)
}
