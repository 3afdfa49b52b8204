//! Whether a stored item meets a condition.
//!
//! From AWS's page "Condition and filter expressions, operators, and functions".

use structnosql_core::{Condition, DocumentPath, Failure, FailureClass, Map, Segment, Value};

/// Whether the condition holds for the item, or for no item. A path that leads nowhere is a value that is not there.
pub(super) fn holds(condition: &Condition, item: Option<&Map>) -> Result<bool, Failure> {
    Ok(match condition {
        Condition::Exists(path) => stored(item, path).is_some(),
        Condition::NotExists(path) => stored(item, path).is_none(),
        Condition::IsNull(path) => matches!(stored(item, path), Some(Value::Null)),
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

fn stored<'i>(item: Option<&'i Map>, path: &DocumentPath) -> Option<&'i Value> {
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
