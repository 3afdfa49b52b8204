//! Fields that were renamed: what is stored under an earlier name is read, and moves with the next write.
//!
//! An answer gets what is stored under an earlier name under the field's own as well. So all that reads it knows one
//! name; and that the earlier one is still there tells a write that there is something to move.

use super::StructSchema;
use crate::base::{Base, Lookup};
use crate::condition::{Condition, Operand};
use crate::error::{Error, ErrorKind};
use crate::path::{DocumentPath, Segment};
use crate::text::Text;
use crate::value::{Map, Value};

/// An earlier name of a field of a record.
#[derive(Clone, Debug)]
pub struct Alias {
    /// The name that it was stored under.
    pub old: Text,
    /// The name that the field is stored under.
    pub name: Text,
}

impl StructSchema {
    /// The earlier names of the field that is stored under `name`, the latest first.
    pub(crate) fn old_names(&self, name: &str) -> impl Iterator<Item = &'static Text> {
        self.aliases.iter().filter(move |alias| alias.name == name).map(|alias| &alias.old)
    }

    /// Whether it is the path of an earlier name.
    pub(crate) fn is_old(&self, path: &DocumentPath) -> bool {
        matches!(path.segments(), [Segment::Name(name)] if self.aliases.iter().any(|alias| alias.old == *name))
    }

    /// Gives an item what it has under earlier names under the fields' own, where it has nothing there.
    pub(crate) fn adopt(&self, item: &mut Map) {
        for Alias { old, name } in self.aliases {
            if let (false, Some(value)) = (item.contains(name), item.get(old)) {
                let value = value.clone();
                item.insert(name.clone(), value);
            }
        }
    }

    /// The paths with those of earlier names. Such a field is asked for as a whole: a part of it that is absent would
    /// not tell whether the rest is there, under which name.
    pub(crate) fn with_old_names(&self, paths: Vec<DocumentPath>) -> Vec<DocumentPath> {
        if self.aliases.is_empty() {
            return paths;
        }
        let both = |path: DocumentPath| match path.segments().first() {
            Some(Segment::Name(name)) if self.old_names(name).next().is_some() => {
                let names = std::iter::once(name.clone()).chain(self.old_names(name).cloned());
                names.map(|name| DocumentPath::root().child(name)).collect()
            }
            _ => vec![path],
        };
        paths.into_iter().flat_map(both).collect()
    }

    /// The earlier name that an item has a field under, where its value is not its own.
    pub(crate) fn adopted_in(&self, item: &Map, name: &str) -> Option<&'static Text> {
        self.old_names(name).find(|old| item.get(old).is_some_and(|value| item.get(name) == Some(value)))
    }

    /// The earlier name, and the value, that a record is known to have a field under.
    pub(crate) fn adopted(&self, base: &Base, name: &str) -> Option<(&'static Text, Value)> {
        let known = |name: &Text| match base.lookup(&[Segment::Name(name.clone())]) {
            Lookup::Known(value) => Some(value.into_owned()),
            _ => None,
        };
        let own = self.aliases.iter().find(|alias| alias.name == name).and_then(|alias| known(&alias.name))?;
        let old = self.old_names(name).find(|old| known(old).is_some_and(|value| value == own))?;
        Some((old, own))
    }

    /// What is wrong with stored values, by the names that these are stored under.
    pub(crate) fn as_stored(&self, error: Error, old_name: impl Fn(&str) -> Option<&'static Text>) -> Error {
        match error.into_kind() {
            ErrorKind::StoredValue(mismatch) if !self.aliases.is_empty() => {
                let renamed = |segment: &Segment| Some(Segment::Name(old_name(segment.name()?)?.clone()));
                ErrorKind::StoredValue(mismatch.with_attribute(renamed)).into()
            }
            kind => kind.into(),
        }
    }

    /// The condition, asked of what is stored under either name: the field's own, where there is something, goes first.
    pub(crate) fn of_either_name(&self, condition: Condition) -> Condition {
        if self.aliases.is_empty() {
            return condition;
        }
        match condition {
            Condition::All(all) => Condition::All(all.into_iter().map(|one| self.of_either_name(one)).collect()),
            Condition::Any(any) => Condition::Any(any.into_iter().map(|one| self.of_either_name(one)).collect()),
            Condition::Not(one) => Condition::Not(Box::new(self.of_either_name(*one))),
            one => self.leaf_of_either_name(one),
        }
    }

    fn leaf_of_either_name(&self, leaf: Condition) -> Condition {
        let Some(Segment::Name(name)) = leaf.paths().first().and_then(|path| path.segments().first()).cloned() else {
            return leaf;
        };
        let names: Vec<Text> = std::iter::once(name.clone()).chain(self.old_names(&name).cloned()).collect();
        let [.., last] = names.as_slice() else { return leaf };
        let at = |name: &Text| DocumentPath::root().child(name.clone());
        // Where there is nothing under any of them, the last one says so.
        let of_last = leaf.clone().of_attribute(last);
        names.iter().rev().skip(1).fold(of_last, |others, name| {
            let own = Condition::Exists(at(name)).and(leaf.clone().of_attribute(name));
            let other = Condition::NotExists(at(name)).and(others);
            own.or(other)
        })
    }
}

impl Condition {
    /// The same of another attribute; a condition that is made of others stays as it is.
    fn of_attribute(self, name: &Text) -> Condition {
        let moved = |path: DocumentPath| {
            let below = path.segments().iter().skip(1).cloned();
            std::iter::once(Segment::Name(name.clone())).chain(below).collect()
        };
        let operand = |operand| match operand {
            Operand::Value(path) => Operand::Value(moved(path)),
            Operand::Size(path) => Operand::Size(moved(path)),
        };
        match self {
            Condition::Exists(path) => Condition::Exists(moved(path)),
            Condition::NotExists(path) => Condition::NotExists(moved(path)),
            Condition::HasType(path, stored_type) => Condition::HasType(moved(path), stored_type),
            Condition::Compare(left, comparison, value) => Condition::Compare(operand(left), comparison, value),
            Condition::Between(left, low, high) => Condition::Between(operand(left), low, high),
            Condition::In(left, values) => Condition::In(operand(left), values),
            Condition::BeginsWith(path, prefix) => Condition::BeginsWith(moved(path), prefix),
            Condition::Contains(path, part) => Condition::Contains(moved(path), part),
            made @ (Condition::All(_) | Condition::Any(_) | Condition::Not(_)) => made,
        }
    }
}
