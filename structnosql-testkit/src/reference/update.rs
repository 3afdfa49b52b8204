//! What an update makes of an item.
//!
//! From AWS's page "Update expressions": all actions see the item as it was before any of them, and where several
//! items are set past the end of a list they are added in the order of their positions.

use std::collections::{BTreeMap, BTreeSet};

use structnosql_core::{Action, Failure, FailureClass, Map, Segment, Text, UpdateAction, Value};

/// What is done at one value, or below it: the actions of an update as a tree.
enum Change<'a> {
    Act(&'a Action),
    Entries(BTreeMap<&'a Text, Change<'a>>),
    Elements(BTreeMap<u32, Change<'a>>),
}

/// The item after the actions, whose paths have been checked for overlaps.
pub(super) fn applied(item: &Map, actions: &[UpdateAction]) -> Result<Map, Failure> {
    let mut changes = BTreeMap::new();
    for action in actions {
        plant(&mut changes, action.path.segments(), Change::Act(&action.action))?;
    }
    change_map(item, &changes)
}

fn plant<'a>(
    entries: &mut BTreeMap<&'a Text, Change<'a>>,
    path: &'a [Segment],
    change: Change<'a>,
) -> Result<(), Failure> {
    match path {
        [Segment::Name(name)] => {
            entries.insert(name, change);
            Ok(())
        }
        [Segment::Name(name), below @ ..] => grow(entries.entry(name).or_insert_with(|| empty(below)), below, change),
        _ => Err(invalid_path()),
    }
}

fn grow<'a>(node: &mut Change<'a>, path: &'a [Segment], change: Change<'a>) -> Result<(), Failure> {
    match (node, path) {
        (Change::Entries(entries), [Segment::Name(_), ..]) => plant(entries, path, change),
        (Change::Elements(elements), [Segment::Index(index)]) => {
            elements.insert(*index, change);
            Ok(())
        }
        (Change::Elements(elements), [Segment::Index(index), below @ ..]) => {
            grow(elements.entry(*index).or_insert_with(|| empty(below)), below, change)
        }
        // Paths that overlap were refused before.
        _ => Err(invalid_path()),
    }
}

/// A node for changes at a path below it.
fn empty<'a>(below: &[Segment]) -> Change<'a> {
    match below.first() {
        Some(Segment::Index(_)) => Change::Elements(BTreeMap::new()),
        _ => Change::Entries(BTreeMap::new()),
    }
}

fn change_map(map: &Map, changes: &BTreeMap<&Text, Change<'_>>) -> Result<Map, Failure> {
    let mut new = map.clone();
    for (name, change) in changes {
        match change {
            Change::Act(action) => match act(map.get(name), action)? {
                Some(value) => drop(new.insert((*name).clone(), value)),
                None => drop(new.remove(name)),
            },
            below => drop(new.insert((*name).clone(), change_value(map.get(name), below)?)),
        }
    }
    Ok(new)
}

/// The value with something below it changed; it has to be there, and of the kind that has such children.
fn change_value(value: Option<&Value>, change: &Change<'_>) -> Result<Value, Failure> {
    match (value, change) {
        (Some(Value::Map(map)), Change::Entries(changes)) => Ok(Value::Map(change_map(map, changes)?)),
        (Some(Value::List(list)), Change::Elements(changes)) => Ok(Value::List(change_list(list, changes)?)),
        _ => Err(invalid_path()),
    }
}

/// The list with elements changed, taken out and appended, all by their old positions.
fn change_list(list: &[Value], changes: &BTreeMap<u32, Change<'_>>) -> Result<Vec<Value>, Failure> {
    let mut new: Vec<Value> = list.to_vec();
    let mut removed = BTreeSet::new();
    for (index, change) in changes {
        let index = *index as usize;
        match change {
            Change::Act(action) => match act(list.get(index), action)? {
                Some(value) if index < list.len() => new[index] = value,
                Some(value) => new.push(value),
                None => drop(removed.insert(index)),
            },
            below => match list.get(index) {
                Some(element) => new[index] = change_value(Some(element), below)?,
                None => return Err(invalid_path()),
            },
        }
    }
    let kept = new.into_iter().enumerate().filter(|(index, _)| *index >= list.len() || !removed.contains(index));
    Ok(kept.map(|(_, value)| value).collect())
}

/// What one action makes of the value that was there.
fn act(old: Option<&Value>, action: &Action) -> Result<Option<Value>, Failure> {
    Ok(match (action, old) {
        (Action::Set(value), _) => Some(value.clone()),
        (Action::SetIfAbsent(value), old) => Some(old.unwrap_or(value).clone()),
        (Action::Remove, _) => None,
        (Action::Increment { from, by }, old) => match old.unwrap_or(&Value::Number(from.clone())) {
            Value::Number(number) => Some(Value::Number(number.checked_add(by).map_err(|_| wrong_operand())?)),
            _ => return Err(wrong_operand()),
        },
        (Action::Append(items), old) => Some(Value::List([list(old)?, items.clone()].concat())),
        (Action::Prepend(items), old) => Some(Value::List([items.clone(), list(old)?].concat())),
        (Action::Members { add: Some(members), remove: None }, old) => Some(with_members(old, members)?),
        (Action::Members { add: None, remove: Some(_) }, None) => None,
        (Action::Members { add: None, remove: Some(members) }, Some(old)) => without_members(old, members)?,
        _ => return Err(Failure::new(FailureClass::Invalid, "a path takes one clause of an update")),
    })
}

fn list(old: Option<&Value>) -> Result<Vec<Value>, Failure> {
    match old {
        None => Ok(Vec::new()),
        Some(Value::List(items)) => Ok(items.clone()),
        Some(_) => Err(wrong_operand()),
    }
}

fn with_members(old: Option<&Value>, members: &Value) -> Result<Value, Failure> {
    Ok(match (old, members) {
        (None, members) => members.clone(),
        (Some(Value::StringSet(old)), Value::StringSet(new)) => Value::StringSet(old | new),
        (Some(Value::NumberSet(old)), Value::NumberSet(new)) => Value::NumberSet(old | new),
        (Some(Value::BinarySet(old)), Value::BinarySet(new)) => Value::BinarySet(old | new),
        _ => return Err(wrong_operand()),
    })
}

/// A set that loses its last member is removed.
fn without_members(old: &Value, members: &Value) -> Result<Option<Value>, Failure> {
    Ok(match (old, members) {
        (Value::StringSet(old), Value::StringSet(gone)) => {
            Some(old - gone).filter(|left| !left.is_empty()).map(Value::StringSet)
        }
        (Value::NumberSet(old), Value::NumberSet(gone)) => {
            Some(old - gone).filter(|left| !left.is_empty()).map(Value::NumberSet)
        }
        (Value::BinarySet(old), Value::BinarySet(gone)) => {
            Some(old - gone).filter(|left| !left.is_empty()).map(Value::BinarySet)
        }
        _ => return Err(wrong_operand()),
    })
}

fn wrong_operand() -> Failure {
    Failure::new(FailureClass::Invalid, "an operand of the update expression has an incorrect data type")
}

fn invalid_path() -> Failure {
    Failure::new(FailureClass::InvalidPath, "a document path of the update is invalid for this item")
}
