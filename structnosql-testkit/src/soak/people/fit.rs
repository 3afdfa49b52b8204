//! What of a stored value fits its field, and what is there in the place of what is not stored.

use structnosql_core::Segment;

use super::person::{FIELDS, default_of, old_names};
use crate::model::{Entries, List, Node, Path, Pending, Shape, Slot, Tree};

/// A value that is not what its place asks for: where, and what is there.
pub(super) type Misfit = (Path, &'static str);

/// The record under its own names alone. Its own name goes first, then the earlier ones in their order.
pub(super) fn adopted(stored: &Entries) -> Entries {
    let value = |name: &str| {
        let mut names = std::iter::once(&name).chain(old_names(name));
        names.find_map(|name| stored.get(*name).cloned())
    };
    FIELDS.iter().filter_map(|field| Some((field.name.to_owned(), value(field.name)?))).collect()
}

/// The names under which the attributes are stored.
pub(super) fn stored_name<'n>(stored: &Entries, name: &'n str) -> &'n str {
    let mut names = std::iter::once(&name).chain(old_names(name)).copied();
    names.find(|name| stored.contains_key(*name)).unwrap_or(name)
}

/// The name that a segment is; nothing for a position.
pub(super) fn name_of(segment: &Segment) -> Option<&str> {
    match segment {
        Segment::Name(name) => Some(name.as_str()),
        Segment::Index(_) => None,
    }
}

/// What does not fit the shape.
pub(super) fn misfits(tree: &Tree, shape: &Shape, path: &Path, found: &mut Vec<Misfit>) {
    let below = |segment: Segment| path.iter().cloned().chain([segment]).collect::<Path>();
    match (tree, shape) {
        (Tree::Text(_), Shape::Text) | (Tree::Number(_), Shape::Number) => {}
        (Tree::List(items), Shape::List(of)) => {
            items.iter().zip(0u32..).for_each(|(item, at)| misfits(item, of, &below(at.into()), found));
        }
        (Tree::Map(entries), Shape::Map(of)) => {
            entries.iter().for_each(|(name, entry)| misfits(entry, of, &below(name.as_str().into()), found));
        }
        (Tree::Map(entries), Shape::Struct(fields)) => {
            for field in *fields {
                // A NULL in a field that need not be there reads as nothing.
                let stored = entries.get(field.name).filter(|value| **value != Tree::Null);
                stored.into_iter().for_each(|value| misfits(value, field.shape, &below(field.name.into()), found));
            }
        }
        _ => found.push((path.clone(), kind(tree))),
    }
}

/// DynamoDB's types in words.
pub(super) fn kind(tree: &Tree) -> &'static str {
    match tree {
        Tree::Null => "null",
        Tree::Bool(_) => "boolean",
        Tree::Number(_) => "number",
        Tree::Text(_) => "string",
        Tree::Members(_) => "string set",
        Tree::List(_) => "list",
        Tree::Map(_) => "map",
    }
}

/// What is read of a value that fits, or what fits of one that does not: defaults in the place of what is absent.
pub(super) fn fitting(tree: &Tree, shape: &Shape) -> Option<Tree> {
    Some(match (tree, shape) {
        (Tree::Text(_), Shape::Text) | (Tree::Number(_), Shape::Number) => tree.clone(),
        (Tree::List(items), Shape::List(of)) => Tree::List(items.iter().filter_map(|item| fitting(item, of)).collect()),
        (Tree::Map(entries), Shape::Map(of)) => {
            let entry = |(name, entry): (&String, &Tree)| Some((name.clone(), fitting(entry, of)?));
            Tree::Map(entries.iter().filter_map(entry).collect())
        }
        (Tree::Map(entries), Shape::Struct(fields)) => {
            let read = fields.iter().filter_map(|field| {
                let value = entries.get(field.name).and_then(|value| fitting(value, field.shape));
                Some((field.name.to_owned(), value.or_else(|| default_of(field.name))?))
            });
            Tree::Map(read.collect())
        }
        _ => return None,
    })
}

/// Puts the defaults into the structs that operations bring into being over `below`.
pub(super) fn complete(pending: &Pending, below: Option<&Entries>, entries: &mut Entries, fields: &[(&str, &Shape)]) {
    for (name, node) in pending.nodes() {
        let shape = fields.iter().find(|(field, _)| *field == name).map(|(_, shape)| *shape);
        if let (Some(shape), Some(value)) = (shape, entries.get_mut(name)) {
            complete_at(node, below.and_then(|below| below.get(name)), value, shape);
        }
    }
}

fn complete_at(node: &Node, below: Option<&Tree>, value: &mut Tree, shape: &Shape) {
    match (node, below, value) {
        (Node::Set { assembled: true, .. }, _, value) => fill(value, shape),
        (Node::Keep(children), below, Tree::Map(entries)) => {
            let below = match below {
                Some(Tree::Map(below)) => Some(below),
                _ => {
                    // What was taken out stays so.
                    let is_told = |name: &str| children.nodes().any(|(told, _)| told == name);
                    add_defaults(entries, shape, &is_told);
                    None
                }
            };
            let names: Vec<&str> = children.nodes().map(|(name, _)| name).collect();
            let fields: Vec<(&str, &Shape)> = match shape {
                Shape::Struct(fields) => fields.iter().map(|field| (field.name, field.shape)).collect(),
                Shape::Map(of) => names.into_iter().map(|name| (name, *of)).collect(),
                _ => return,
            };
            complete(children, below, entries, &fields);
        }
        (Node::List(list), below, Tree::List(items)) => complete_items(list, below, items, shape),
        _ => {}
    }
}

fn complete_items(list: &List, below: Option<&Tree>, items: &mut [Tree], shape: &Shape) {
    let Shape::List(of) = shape else { return };
    let stored = |at: usize| match below {
        Some(Tree::List(items)) => items.get(at),
        _ => None,
    };
    for (item, slot) in items.iter_mut().zip(list.slots()) {
        match slot {
            Slot::New { assembled: true, .. } => fill(item, of),
            Slot::Stored { at, change: Some(node) } => complete_at(node, stored(*at), item, of),
            Slot::New { .. } | Slot::Stored { .. } => {}
        }
    }
}

/// The defaults of a struct, but for fields of which something is said.
fn add_defaults(entries: &mut Entries, shape: &Shape, is_told: &dyn Fn(&str) -> bool) {
    let Shape::Struct(fields) = shape else { return };
    for field in fields.iter().filter(|field| !is_told(field.name)) {
        if let Some(default) = default_of(field.name) {
            entries.entry(field.name.to_owned()).or_insert(default);
        }
    }
}

/// The defaults of a struct, and of those in it.
pub(super) fn fill(value: &mut Tree, shape: &Shape) {
    if let (Tree::List(items), Shape::List(of)) = (&mut *value, shape) {
        items.iter_mut().for_each(|item| fill(item, of));
    }
    let Tree::Map(entries) = value else { return };
    match shape {
        Shape::Struct(fields) => {
            add_defaults(entries, shape, &|_| false);
            for field in *fields {
                entries.get_mut(field.name).into_iter().for_each(|value| fill(value, field.shape));
            }
        }
        Shape::Map(of) => entries.values_mut().for_each(|value| fill(value, of)),
        _ => {}
    }
}
