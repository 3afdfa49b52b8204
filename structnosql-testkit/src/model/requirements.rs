//! Structs that would come into being without fields that they require.

use super::pending::{Node, Pending};
use super::shape::{Field, Shape};
use super::tree::{Entries, Tree};

/// Whether every struct that the operations bring into being below `entries` has its required fields.
pub(super) fn are_met(pending: &Pending, entries: &Entries, fields: &[Field]) -> bool {
    pending.nodes().all(|(name, node)| {
        let field = fields.iter().find(|field| field.name == name);
        field.is_none_or(|field| met_at(node, entries.get(name), field.shape))
    })
}

fn met_at(node: &Node, below: Option<&Tree>, shape: &Shape) -> bool {
    match (node, below) {
        // A value that was given as a whole is the caller's affair.
        (
            Node::Set { assembled: false, .. }
            | Node::Remove
            | Node::Count { .. }
            | Node::Members { .. }
            | Node::IfAbsent(_),
            _,
        ) => true,
        (Node::Set { value, assembled: true }, _) => is_whole(value, shape),
        (Node::Keep(_), None | Some(Tree::Null)) => node.over(None).is_none_or(|value| is_whole(&value, shape)),
        (Node::Keep(children), Some(Tree::Map(entries))) => match shape {
            Shape::Struct(fields) => are_met(children, entries, fields),
            Shape::Map(values) => children.nodes().all(|(name, node)| met_at(node, entries.get(name), values)),
            _ => true,
        },
        (Node::List(list), below) => match (shape, below) {
            (Shape::List(of), Some(Tree::List(items))) => {
                let mut changes = list.changes();
                changes.all(|(at, node)| met_at(node, items.get(at), of))
                    && list.assembled().all(|item| is_whole(item, of))
            }
            (Shape::List(of), _) => list.assembled().all(|item| is_whole(item, of)),
            _ => true,
        },
        (Node::Keep(_), _) => true,
    }
}

fn is_whole(value: &Tree, shape: &Shape) -> bool {
    match (value, shape) {
        (Tree::Map(entries), Shape::Struct(fields)) => fields.iter().all(|field| match entries.get(field.name) {
            Some(value) => is_whole(value, field.shape),
            None => !field.required,
        }),
        (Tree::Map(entries), Shape::Map(values)) => entries.values().all(|value| is_whole(value, values)),
        (Tree::List(items), Shape::List(of)) => items.iter().all(|item| is_whole(item, of)),
        _ => true,
    }
}
