//! What a caller may do at a path, one operation after another.

use std::collections::BTreeSet;

use super::decimal::Decimal;
use super::tree::{Member, Tree};

/// An operation, as a caller gives it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    Set(Tree),
    SetIfAbsent(Tree),
    Remove,
    Increment(Decimal),
    Insert(BTreeSet<Member>),
    Take(BTreeSet<Member>),
    Append(Vec<Tree>),
    Prepend(Vec<Tree>),
}

/// The two kinds that are committed and cleared apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Update,
    Remove,
}

/// An operation that leads through something that has no such children, or does not fit what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

impl Action {
    /// What it makes of what is there; `None` is nothing.
    pub(crate) fn over(&self, below: Option<&Tree>) -> Result<Option<Tree>, Refused> {
        Ok(match (self, below) {
            (Action::Set(value), _) => Some(value.clone()),
            (Action::SetIfAbsent(value), below) => Some(below.unwrap_or(value).clone()),
            (Action::Remove, _) => None,
            (Action::Increment(by), None) => Some(Tree::Number(*by)),
            (Action::Increment(by), Some(Tree::Number(number))) => Some(Tree::Number(number.plus(*by))),
            (Action::Insert(members), below) => Tree::of_members(&members_of(below)? | members),
            (Action::Take(members), below) => Tree::of_members(&members_of(below)? - members),
            (Action::Append(items), below) => Some(Tree::List([items_of(below)?, items].concat())),
            (Action::Prepend(items), below) => Some(Tree::List([items, items_of(below)?].concat())),
            _ => return Err(Refused),
        })
    }
}

fn members_of(tree: Option<&Tree>) -> Result<BTreeSet<Member>, Refused> {
    match tree {
        None => Ok(BTreeSet::new()),
        Some(Tree::Members(members)) => Ok(members.clone()),
        Some(_) => Err(Refused),
    }
}

fn items_of(tree: Option<&Tree>) -> Result<&[Tree], Refused> {
    match tree {
        None => Ok(&[]),
        Some(Tree::List(items)) => Ok(items),
        Some(_) => Err(Refused),
    }
}
