//! Values as plain trees.

use std::collections::BTreeMap;
use std::fmt;

use structnosql_core::{Map, Segment, Value};

use super::pending::Refused;

/// The entries of a record or map.
pub(crate) type Entries = BTreeMap<String, Tree>;

/// A stored value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Tree>),
    Map(Entries),
}

impl Tree {
    /// The value; nothing for the types that the soak never stores.
    pub(crate) fn of(value: &Value) -> Option<Tree> {
        Some(match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(*value),
            Value::Number(number) => Tree::Number(number.to_string().parse().ok()?),
            Value::String(text) => Tree::Text(text.to_string()),
            Value::List(items) => Tree::List(items.iter().map(Tree::of).collect::<Option<_>>()?),
            Value::Map(map) => Tree::Map(entries_of(map)?),
            _ => return None,
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        match self {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(number) => Value::from(*number),
            Tree::Text(text) => Value::from(text.as_str()),
            Tree::List(items) => Value::List(items.iter().map(Tree::to_value).collect()),
            Tree::Map(entries) => Value::Map(map_of(entries)),
        }
    }

    /// What is at the end of the path, if it leads there.
    pub(crate) fn get(&self, path: &[Segment]) -> Option<&Tree> {
        path.iter().try_fold(self, |tree, segment| match (tree, segment) {
            (Tree::Map(entries), Segment::Name(name)) => entries.get(name.as_str()),
            (Tree::List(items), Segment::Index(index)) => items.get(*index as usize),
            _ => None,
        })
    }

    /// Stores `new` at the path: maps on the way come into being, also in the place of a NULL, and a position past
    /// a list's end appends.
    pub(crate) fn set(&mut self, path: &[Segment], new: Tree) -> Result<(), Refused> {
        let Some((segment, below)) = path.split_first() else {
            *self = new;
            return Ok(());
        };
        match (&mut *self, segment) {
            (Tree::Null, Segment::Name(_)) => {
                let mut map = Tree::Map(Entries::new());
                map.set(path, new)?;
                *self = map;
                Ok(())
            }
            (Tree::Map(entries), Segment::Name(name)) => match entries.get_mut(name.as_str()) {
                Some(child) => child.set(below, new),
                None => {
                    let mut child = Tree::Null;
                    child.set(below, new)?;
                    entries.insert(name.to_string(), child);
                    Ok(())
                }
            },
            (Tree::List(items), Segment::Index(index)) => match items.get_mut(*index as usize) {
                Some(item) => item.set(below, new),
                None if below.is_empty() => {
                    items.push(new);
                    Ok(())
                }
                None => Err(Refused),
            },
            _ => Err(Refused),
        }
    }

    /// Takes out what is at the path; nothing there is fine.
    pub(crate) fn remove(&mut self, path: &[Segment]) -> Result<(), Refused> {
        let Some((segment, below)) = path.split_first() else {
            return Ok(());
        };
        match (&mut *self, segment) {
            (Tree::Null, _) => Ok(()),
            (Tree::Map(entries), Segment::Name(name)) if below.is_empty() => {
                entries.remove(name.as_str());
                Ok(())
            }
            (Tree::List(items), Segment::Index(index)) if below.is_empty() => {
                if (*index as usize) < items.len() {
                    items.remove(*index as usize);
                }
                Ok(())
            }
            (Tree::Map(entries), Segment::Name(name)) => {
                entries.get_mut(name.as_str()).map_or(Ok(()), |child| child.remove(below))
            }
            (Tree::List(items), Segment::Index(index)) => {
                items.get_mut(*index as usize).map_or(Ok(()), |item| item.remove(below))
            }
            _ => Err(Refused),
        }
    }

    /// The value without the maps in it that hold nothing, and without NULL.
    pub(crate) fn without_empty(this: Option<&Tree>) -> Option<Tree> {
        match this? {
            Tree::Null => None,
            Tree::Map(entries) => {
                let kept =
                    entries.iter().filter_map(|(name, tree)| Some((name.clone(), Tree::without_empty(Some(tree))?)));
                Some(kept.collect::<Entries>()).filter(|kept| !kept.is_empty()).map(Tree::Map)
            }
            Tree::List(items) => {
                let kept = |item: &Tree| Tree::without_empty(Some(item)).unwrap_or(Tree::Map(Entries::new()));
                Some(Tree::List(items.iter().map(kept).collect()))
            }
            other => Some(other.clone()),
        }
    }

    /// Whether this is a record that has nothing but its key, or a value of the key.
    pub(crate) fn is_key(&self, key: &Entries) -> bool {
        match self {
            Tree::Map(entries) => entries == key,
            other => key.values().any(|value| value == other),
        }
    }

    /// Whether this is `one` or `other`, or a map of which each entry is that of one or of the other.
    pub(crate) fn is_between(this: Option<&Tree>, one: Option<&Tree>, other: Option<&Tree>) -> bool {
        if this == one || this == other {
            return true;
        }
        let nothing = Tree::Map(Entries::new());
        match (this, one.unwrap_or(&nothing), other.unwrap_or(&nothing)) {
            (Some(Tree::Map(this)), Tree::Map(one), Tree::Map(other)) => {
                let mut names = this.keys().chain(one.keys()).chain(other.keys());
                names.all(|name| Tree::is_between(this.get(name), one.get(name), other.get(name)))
            }
            _ => false,
        }
    }
}

pub(crate) fn entries_of(map: &Map) -> Option<Entries> {
    map.iter().map(|(name, value)| Some((name.to_string(), Tree::of(value)?))).collect()
}

pub(crate) fn map_of(entries: &Entries) -> Map {
    entries.iter().map(|(name, tree)| (name.as_str(), tree.to_value())).collect()
}

impl fmt::Display for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to_value(), f)
    }
}
