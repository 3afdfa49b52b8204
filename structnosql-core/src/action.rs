//! What can be done at a path, and what two of these make of each other.

use serde::{Deserialize, Serialize};

use crate::mismatch::Mismatch;
use crate::number::Number;
use crate::report::OperationKind;
use crate::value::Value;

/// What is done at a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum Action {
    /// Store the value.
    Set(Value),
    /// Store the value where nothing is stored.
    SetIfAbsent(Value),
    /// Take the value out.
    Remove,
    /// Add to a number; where nothing is stored it counts as `from`.
    Increment {
        /// What an absent number counts as.
        from: Number,
        /// What is added.
        by: Number,
    },
    /// Add members to a set and take others out. No member is in both.
    Members {
        /// The set of new members; a set comes into being with them.
        add: Option<Value>,
        /// The set of members to go; a set that loses its last member is removed.
        remove: Option<Value>,
    },
    /// Add items to the end of a list; where nothing is stored the list comes into being.
    Append(Vec<Value>),
    /// Add items to the front of a list, in this order; where nothing is stored the list comes into being.
    Prepend(Vec<Value>),
}

/// Why two actions at one path do not make one.
pub(crate) enum Incompatible {
    /// The second does not fit what the first leaves.
    Conflict(Mismatch),
    /// What they come to depends on the stored value.
    DependsOnStored,
}

impl From<Mismatch> for Incompatible {
    fn from(mismatch: Mismatch) -> Self {
        Incompatible::Conflict(mismatch)
    }
}

impl Action {
    /// Which of the two kinds of operations it is.
    pub fn kind(&self) -> OperationKind {
        match self {
            Action::Remove => OperationKind::Remove,
            _ => OperationKind::Update,
        }
    }

    /// The value that it stores whatever was there before, or that there is none then; nothing where that matters.
    pub(crate) fn outcome(&self) -> Option<Option<&Value>> {
        match self {
            Action::Set(value) => Some(Some(value)),
            Action::Remove => Some(None),
            _ => None,
        }
    }

    /// Whether it brings something into being where nothing is.
    pub(crate) fn creates(&self) -> bool {
        !matches!(self, Action::Remove | Action::Members { add: None, .. })
    }

    /// What it makes of a stored value; `None` is nothing stored.
    pub(crate) fn over(&self, below: Option<&Value>) -> Result<Option<Value>, Mismatch> {
        Ok(match (self, below) {
            (Action::Set(value), _) => Some(value.clone()),
            (Action::Remove, _) => None,
            (Action::SetIfAbsent(value), below) => Some(below.unwrap_or(value).clone()),
            (Action::Increment { from, by }, None) => Some(Value::Number(sum(from, by)?)),
            (Action::Increment { by, .. }, Some(Value::Number(stored))) => Some(Value::Number(sum(stored, by)?)),
            (Action::Increment { .. }, Some(other)) => return Err(Mismatch::type_of("a number", other)),
            (Action::Members { add, remove }, below) => {
                let joined = match (below.cloned(), add.clone()) {
                    (Some(stored), Some(add)) => Some(stored.union(add)?),
                    (stored, add) => stored.or(add),
                };
                match (joined, remove) {
                    (Some(joined), Some(remove)) => Some(joined.difference(remove)?),
                    (joined, _) => joined,
                }
                .filter(|set| !set.is_empty_set())
            }
            (Action::Append(items) | Action::Prepend(items), None) => Some(Value::List(items.clone())),
            (Action::Append(items), Some(Value::List(stored))) => Some(Value::List([&stored[..], items].concat())),
            (Action::Prepend(items), Some(Value::List(stored))) => Some(Value::List([items, &stored[..]].concat())),
            (Action::Append(_) | Action::Prepend(_), Some(other)) => return Err(Mismatch::type_of("a list", other)),
        })
    }

    /// This action with a later one folded in.
    pub(crate) fn then(self, later: Action) -> Result<Action, Incompatible> {
        if later.outcome().is_some() {
            return Ok(later);
        }
        if let Some(outcome) = self.outcome() {
            return Ok(later.over(outcome)?.map_or(Action::Remove, Action::Set));
        }
        match (self, later) {
            (Action::Increment { from, by }, Action::Increment { by: more, .. }) => {
                Ok(Action::Increment { from, by: sum(&by, &more)? })
            }
            (Action::SetIfAbsent(Value::Number(from)), Action::Increment { by, .. }) => {
                Ok(Action::Increment { from, by })
            }
            // What is incremented, appended to or has members added is there afterwards.
            (first, Action::SetIfAbsent(_)) if first.creates() => Ok(first),
            (Action::Members { add, remove }, Action::Members { add: more, remove: less }) => {
                let left = |set: Option<Value>, gone: &Option<Value>| match (set, gone) {
                    (Some(set), Some(gone)) => set.difference(gone).map(Some),
                    (set, _) => Ok(set),
                };
                let (add, remove) = (left(add, &less)?, left(remove, &more)?);
                Ok(Action::Members { add: joined(add, more)?, remove: joined(remove, less)? })
            }
            (Action::SetIfAbsent(value), later) => {
                // It must at least fit the value that may be set.
                later.over(Some(&value))?;
                Err(Incompatible::DependsOnStored)
            }
            (Action::Members { add: None, .. }, Action::SetIfAbsent(_)) => Err(Incompatible::DependsOnStored),
            (first, later) => Err(Mismatch::new(later.container(), first.container()).into()),
        }
    }

    /// What it is called in plans and messages.
    pub(crate) fn verb(&self) -> &'static str {
        match self {
            Action::Set(_) => "set",
            Action::SetIfAbsent(_) => "set if absent",
            Action::Remove => "remove",
            Action::Increment { .. } => "increment",
            Action::Members { .. } => "change members of",
            Action::Append(_) => "append to",
            Action::Prepend(_) => "prepend to",
        }
    }

    /// Bytes that DynamoDB counts for its values.
    pub fn size(&self) -> usize {
        match self {
            Action::Set(value) | Action::SetIfAbsent(value) => value.size(),
            Action::Remove | Action::Increment { .. } => 0,
            Action::Members { add, remove } => [add, remove].into_iter().flatten().map(Value::size).sum(),
            Action::Append(items) | Action::Prepend(items) => items.iter().map(Value::size).sum(),
        }
    }

    /// What a place must hold for it.
    pub(crate) fn container(&self) -> &'static str {
        match self {
            Action::Increment { .. } => "a number",
            Action::Members { .. } => "a set",
            Action::Append(_) | Action::Prepend(_) => "a list",
            Action::Set(_) | Action::SetIfAbsent(_) | Action::Remove => "any value",
        }
    }
}

fn joined(set: Option<Value>, more: Option<Value>) -> Result<Option<Value>, Mismatch> {
    let joined = match (set, more) {
        (Some(set), Some(more)) => Some(set.union(more)?),
        (set, more) => set.or(more),
    };
    Ok(joined.filter(|set| !set.is_empty_set()))
}

fn sum(a: &Number, b: &Number) -> Result<Number, Mismatch> {
    a.checked_add(b).map_err(|error| Mismatch::new("a sum that DynamoDB can hold", format!("{a} + {b} ({error})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(members: &[&str]) -> Value {
        Value::StringSet(members.iter().map(|member| (*member).into()).collect())
    }

    fn members(add: &[&str], remove: &[&str]) -> Action {
        let some = |names: &[&str]| (!names.is_empty()).then(|| set(names));
        Action::Members { add: some(add), remove: some(remove) }
    }

    fn increment(by: i64) -> Action {
        Action::Increment { from: Number::from(0), by: Number::from(by) }
    }

    /// Every pair of actions, folded, does to every value what the two do one after the other.
    #[test]
    fn folding_changes_nothing() {
        let actions = [
            Action::Set(Value::from(5)),
            Action::Set(set(&["a"])),
            Action::Remove,
            Action::SetIfAbsent(Value::from(7)),
            Action::SetIfAbsent(set(&["z"])),
            increment(3),
            increment(-8),
            members(&["a", "b"], &[]),
            members(&[], &["b", "c"]),
            members(&["c"], &["a"]),
        ];
        let stored = [None, Some(Value::from(1)), Some(set(&["a", "b"])), Some(set(&["c"])), Some(set(&["b", "c"]))];
        let mut folded_pairs = 0;
        for first in &actions {
            for second in &actions {
                let Ok(folded) = first.clone().then(second.clone()) else {
                    continue;
                };
                for value in &stored {
                    let Ok(between) = first.over(value.as_ref()) else { continue };
                    let Ok(last) = second.over(between.as_ref()) else { continue };
                    assert_eq!(folded.over(value.as_ref()), Ok(last), "{first:?} then {second:?} over {value:?}");
                    folded_pairs += 1;
                }
            }
        }
        assert!(folded_pairs > 200, "{folded_pairs}");
    }

    #[test]
    fn what_does_not_fit_is_told() {
        assert!(matches!(Action::Set(Value::from("x")).then(increment(1)), Err(Incompatible::Conflict(_))));
        assert!(matches!(increment(1).then(members(&["a"], &[])), Err(Incompatible::Conflict(_))));
        let depends = members(&[], &["a"]).then(Action::SetIfAbsent(set(&["b"])));
        assert!(matches!(depends, Err(Incompatible::DependsOnStored)));
        let long = Action::Increment { from: Number::from(0), by: "1e60".parse().unwrap() };
        assert!(matches!(long.then(increment(1)), Err(Incompatible::Conflict(_))));
    }
}
