//! What DynamoDB would refuse of a condition, whatever is stored.

use super::{Comparison, Condition, Operand};
use crate::mismatch::Mismatch;
use crate::value::Value;

impl Condition {
    /// How many values DynamoDB takes for one `IN`.
    pub(crate) const MAX_CHOICES: usize = 100;

    /// Whether DynamoDB takes it: the types of what is compared with, the order of bounds, the number of choices. See
    /// AWS's page on
    /// [operators and functions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html).
    pub(crate) fn check(&self) -> Result<(), Mismatch> {
        match self {
            Condition::Compare(of, comparison, value) => match comparison {
                Comparison::Equal | Comparison::NotEqual => Ok(()),
                _ => ordered(value).map_err(|mismatch| mismatch.at(of.path())),
            },
            Condition::Between(of, low, high) => bounds(low, high).map_err(|mismatch| mismatch.at(of.path())),
            Condition::In(of, values) => choices(of, values.len()),
            Condition::BeginsWith(path, prefix) => match prefix {
                Value::String(_) | Value::Binary(_) => Ok(()),
                other => Err(Mismatch::type_of("a string or binary to begin with", other).at(path)),
            },
            Condition::All(all) | Condition::Any(all) => all.iter().try_for_each(Condition::check),
            Condition::Not(one) => one.check(),
            Condition::Exists(_) | Condition::NotExists(_) | Condition::HasType(..) | Condition::Contains(..) => Ok(()),
        }
    }
}

fn ordered(value: &Value) -> Result<(), Mismatch> {
    match value {
        Value::Number(_) | Value::String(_) | Value::Binary(_) => Ok(()),
        other => Err(Mismatch::type_of("a number, string or binary, which have an order", other)),
    }
}

fn bounds(low: &Value, high: &Value) -> Result<(), Mismatch> {
    ordered(low)?;
    ordered(high)?;
    if low.stored_type() != high.stored_type() {
        let found = format!("{} and {}", low.kind(), high.kind());
        return Err(Mismatch::new("bounds of one type", found));
    }
    match Comparison::LessOrEqual.holds(low, high) {
        true => Ok(()),
        false => Err(Mismatch::new("bounds from the lower to the upper one", "the upper one first")),
    }
}

fn choices(of: &Operand, count: usize) -> Result<(), Mismatch> {
    match (1..=Condition::MAX_CHOICES).contains(&count) {
        true => Ok(()),
        false => {
            let expected = format!("1 to {} values to choose from", Condition::MAX_CHOICES);
            Err(Mismatch::new(expected, count.to_string()).at(of.path()))
        }
    }
}
