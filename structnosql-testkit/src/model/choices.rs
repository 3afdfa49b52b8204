//! What a request may do about each pending change.

use std::collections::BTreeSet;

use structnosql_core::{Action, DocumentPath, Segment, UpdateAction};

use super::pending::{Node, Pending};
use super::tree::{Entries, Member, Tree};

/// The ways in which a request may carry one pending change, each a few actions, or none where it comes to nothing.
pub(crate) type Choice = Vec<Vec<UpdateAction>>;

impl Pending {
    /// A choice for each change, where `before` is stored and `after` shall be.
    pub(crate) fn choices(&self, path: &[Segment], before: &Entries, after: &Entries) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (name, node) in self.nodes() {
            let mut path = path.to_vec();
            path.push(Segment::from(name));
            choices.extend(node.choices(&path, before.get(name), after.get(name)));
        }
        choices
    }
}

impl Node {
    pub(super) fn choices(&self, path: &[Segment], before: Option<&Tree>, after: Option<&Tree>) -> Vec<Choice> {
        let set = |value: &Tree| one(path, Action::Set(value.to_value()));
        let members = |members: &BTreeSet<Member>| Tree::of_members(members.clone()).map(|members| members.to_value());
        match (self, before, after) {
            (Node::Keep(children), Some(Tree::Map(before)), Some(Tree::Map(after))) => {
                children.choices(path, before, after)
            }
            // What is missing comes into being as a whole.
            (Node::Keep(_), _, after) => after.map(|after| vec![set(after)]).into_iter().collect(),
            (Node::List(list), Some(Tree::List(items)), Some(Tree::List(after))) => list.choices(path, items, after),
            (Node::List(_), _, after) => after.map(|after| vec![set(after)]).into_iter().collect(),
            (Node::Set { value, .. }, ..) => vec![vec![set(value)]],
            (Node::IfAbsent(value), ..) => vec![vec![one(path, Action::SetIfAbsent(value.to_value()))]],
            (Node::Remove, None, _) => Vec::new(),
            (Node::Remove, ..) => vec![vec![one(path, Action::Remove)]],
            (Node::Count { from, by }, ..) => {
                vec![vec![one(path, Action::Increment { from: from.to_number(), by: by.to_number() })]]
            }
            (Node::Members { add, .. }, None, _) if add.is_empty() => Vec::new(),
            (Node::Members { add, remove }, ..) => {
                let add = members(add).map(|add| Action::Members { add: Some(add), remove: None });
                let remove = members(remove).map(|remove| Action::Members { add: None, remove: Some(remove) });
                vec![add.into_iter().chain(remove).map(|action| one(path, action)).collect()]
            }
        }
    }
}

pub(super) fn one(path: &[Segment], action: Action) -> Vec<UpdateAction> {
    vec![UpdateAction { path: DocumentPath::from_iter(path.iter().cloned()), action }]
}
