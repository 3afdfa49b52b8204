//! Values as plain trees.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use structnosql_core::{Map, Number, Segment, Value};

use super::action::{Action, Refused};
use super::decimal::Decimal;

/// The entries of a record or map.
pub(crate) type Entries = BTreeMap<String, Tree>;

/// A stored value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    /// A set, which is never empty.
    Members(BTreeSet<Member>),
    List(Vec<Tree>),
    Map(Entries),
}

/// A member of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Member {
    Number(Decimal),
    Text(String),
}

impl Member {
    pub(crate) fn to_number(&self) -> Option<Number> {
        match self {
            Member::Number(number) => Some(number.to_number()),
            Member::Text(_) => None,
        }
    }

    pub(crate) fn to_text(&self) -> Option<String> {
        match self {
            Member::Text(text) => Some(text.clone()),
            Member::Number(_) => None,
        }
    }
}

impl Tree {
    /// The set of these members; there is none without a member.
    pub(crate) fn of_members(members: BTreeSet<Member>) -> Option<Tree> {
        Some(members).filter(|members| !members.is_empty()).map(Tree::Members)
    }

    /// The value; nothing for the types that the soak never stores.
    pub(crate) fn of(value: &Value) -> Option<Tree> {
        Some(match value {
            Value::Null => Tree::Null,
            Value::Bool(value) => Tree::Bool(*value),
            Value::Number(number) => Tree::Number(Decimal::parse(&number.to_string())?),
            Value::String(text) => Tree::Text(text.to_string()),
            Value::StringSet(members) => {
                Tree::Members(members.iter().map(|text| Member::Text(text.to_string())).collect())
            }
            Value::NumberSet(members) => {
                let member = |number: &Number| Some(Member::Number(Decimal::parse(&number.to_string())?));
                Tree::Members(members.iter().map(member).collect::<Option<_>>()?)
            }
            Value::List(items) => Tree::List(items.iter().map(Tree::of).collect::<Option<_>>()?),
            Value::Map(map) => Tree::Map(entries_of(map)?),
            _ => return None,
        })
    }

    pub(crate) fn to_value(&self) -> Value {
        match self {
            Tree::Null => Value::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Number(number) => Value::Number(number.to_number()),
            Tree::Text(text) => Value::from(text.as_str()),
            Tree::Members(members) => match members.first() {
                Some(Member::Number(_)) => Value::NumberSet(members.iter().filter_map(Member::to_number).collect()),
                _ => Value::StringSet(members.iter().filter_map(Member::to_text).map(Into::into).collect()),
            },
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

/// What an action at a path below makes of a value. Maps on the way come into being, also in the place of a NULL, where
/// something is to be stored below them; a position past a list's end appends.
pub(crate) fn acted(tree: Option<&Tree>, path: &[Segment], action: &Action) -> Result<Option<Tree>, Refused> {
    let Some((segment, below)) = path.split_first() else {
        return action.over(tree);
    };
    match (tree, segment) {
        (None | Some(Tree::Null), Segment::Name(name)) => {
            let made = acted(None, below, action)?;
            let map = |child| Tree::Map(Entries::from([(name.to_string(), child)]));
            Ok(made.map(map).or(tree.cloned()))
        }
        (Some(Tree::Map(entries)), Segment::Name(name)) => {
            let mut entries = entries.clone();
            match acted(entries.get(name.as_str()), below, action)? {
                Some(child) => drop(entries.insert(name.to_string(), child)),
                None => drop(entries.remove(name.as_str())),
            }
            Ok(Some(Tree::Map(entries)))
        }
        (Some(Tree::List(items)), Segment::Index(index)) => {
            let (mut items, index) = (items.clone(), *index as usize);
            let there = index < items.len();
            match acted(items.get(index), below, action)? {
                Some(item) if there => items[index] = item,
                Some(item) if below.is_empty() => items.push(item),
                Some(_) => return Err(Refused),
                None if there && below.is_empty() => drop(items.remove(index)),
                None => {}
            }
            Ok(Some(Tree::List(items)))
        }
        // There is nothing to take out.
        (None | Some(Tree::Null), Segment::Index(_)) if matches!(action, Action::Remove | Action::Take(_)) => {
            Ok(tree.cloned())
        }
        _ => Err(Refused),
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
