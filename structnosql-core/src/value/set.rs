//! Sets: joining and taking apart.

use super::Value;
use crate::mismatch::Mismatch;

impl Value {
    /// Whether this is a set without members, which DynamoDB cannot hold.
    pub(crate) fn is_empty_set(&self) -> bool {
        match self {
            Value::StringSet(members) => members.is_empty(),
            Value::NumberSet(members) => members.is_empty(),
            Value::BinarySet(members) => members.is_empty(),
            _ => false,
        }
    }

    /// The members of a set, each as a value, in their order; none of a value that is no set.
    ///
    /// ```
    /// use structnosql_core::Value;
    ///
    /// let set = Value::StringSet(["b".into(), "a".into()].into());
    /// assert_eq!(set.members(), [Value::from("a"), Value::from("b")]);
    /// assert_eq!(Value::from("a").members(), []);
    /// ```
    pub fn members(&self) -> Vec<Value> {
        match self {
            Value::StringSet(members) => members.iter().cloned().map(Value::String).collect(),
            Value::NumberSet(members) => members.iter().cloned().map(Value::Number).collect(),
            Value::BinarySet(members) => members.iter().cloned().map(Value::Binary).collect(),
            _ => Vec::new(),
        }
    }

    /// The members of both sets, which must be of one kind.
    pub(crate) fn union(mut self, more: Value) -> Result<Value, Mismatch> {
        match (&mut self, more) {
            (Value::StringSet(members), Value::StringSet(more)) => members.extend(more),
            (Value::NumberSet(members), Value::NumberSet(more)) => members.extend(more),
            (Value::BinarySet(members), Value::BinarySet(more)) => members.extend(more),
            (_, more) => return Err(Mismatch::type_of(more.expected(), &self)),
        }
        Ok(self)
    }

    /// The members of this set that are not in the other, which must be of the same kind.
    pub(crate) fn difference(mut self, less: &Value) -> Result<Value, Mismatch> {
        match (&mut self, less) {
            (Value::StringSet(members), Value::StringSet(less)) => members.retain(|member| !less.contains(member)),
            (Value::NumberSet(members), Value::NumberSet(less)) => members.retain(|member| !less.contains(member)),
            (Value::BinarySet(members), Value::BinarySet(less)) => members.retain(|member| !less.contains(member)),
            (_, less) => return Err(Mismatch::type_of(less.expected(), &self)),
        }
        Ok(self)
    }

    /// What a place must hold for this set to be joined with it.
    fn expected(&self) -> &'static str {
        match self {
            Value::StringSet(_) => "a string set",
            Value::NumberSet(_) => "a number set",
            _ => "a binary set",
        }
    }
}
