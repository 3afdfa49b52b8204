//! Conditions that a stored item must meet for a write to be applied.

mod check;
mod evaluate;
mod predicate;

pub use predicate::{ConditionExt, Predicate, SizeOf};

use serde::{Deserialize, Serialize};

use crate::path::DocumentPath;
use crate::value::{StoredType, Value};

/// A condition on the stored item; see AWS's page on
/// [condition expressions](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html).
///
/// Models make typed ones: [`Predicate`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Condition {
    /// Something is stored at the path, a NULL included.
    Exists(DocumentPath),
    /// Nothing is stored at the path.
    NotExists(DocumentPath),
    /// A value of this type is stored at the path.
    HasType(DocumentPath, StoredType),
    /// What is stored compares so with the value. Values of different types are unequal and in no order.
    Compare(Operand, Comparison, Value),
    /// What is stored lies between the values, both included.
    Between(Operand, Value, Value),
    /// What is stored is equal to one of the values.
    In(Operand, Vec<Value>),
    /// A string or binary that begins with the value.
    BeginsWith(DocumentPath, Value),
    /// A string that contains the value, or a set or list that has it as a member.
    Contains(DocumentPath, Value),
    /// Every one of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
    /// The condition does not hold.
    Not(Box<Condition>),
}

/// What a condition compares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Operand {
    /// The value at the path.
    Value(DocumentPath),
    /// The size of the value at the path: the length of a string or binary, the number of members of a set, list or map.
    Size(DocumentPath),
}

/// How two values compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Comparison {
    /// How it is written in an expression.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "<>",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        }
    }
}

impl Operand {
    /// The path that it reads.
    pub fn path(&self) -> &DocumentPath {
        match self {
            Operand::Value(path) | Operand::Size(path) => path,
        }
    }
}

impl Condition {
    /// Both conditions, without nesting one list in another.
    #[must_use]
    pub fn and(self, other: Condition) -> Condition {
        match (self, other) {
            (Condition::All(mut all), Condition::All(more)) => {
                all.extend(more);
                Condition::All(all)
            }
            (Condition::All(mut all), one) => {
                all.push(one);
                Condition::All(all)
            }
            (one, Condition::All(mut all)) => {
                all.insert(0, one);
                Condition::All(all)
            }
            (one, other) if one == other => one,
            (one, other) => Condition::All(vec![one, other]),
        }
    }

    /// One of the conditions, without nesting one list in another.
    #[must_use]
    pub fn or(self, other: Condition) -> Condition {
        match (self, other) {
            (Condition::Any(mut any), one) => {
                any.push(one);
                Condition::Any(any)
            }
            (one, other) => Condition::Any(vec![one, other]),
        }
    }

    /// All of `conditions`, or nothing where there are none.
    pub fn all(conditions: impl IntoIterator<Item = Condition>) -> Option<Condition> {
        conditions.into_iter().reduce(Condition::and)
    }

    /// The paths that it reads.
    pub fn paths(&self) -> Vec<&DocumentPath> {
        match self {
            Condition::Exists(path)
            | Condition::NotExists(path)
            | Condition::HasType(path, _)
            | Condition::BeginsWith(path, _)
            | Condition::Contains(path, _) => vec![path],
            Condition::Compare(operand, ..) | Condition::Between(operand, ..) | Condition::In(operand, _) => {
                vec![operand.path()]
            }
            Condition::All(all) | Condition::Any(all) => all.iter().flat_map(Condition::paths).collect(),
            Condition::Not(one) => one.paths(),
        }
    }
}
