//! Databases that bring parents into being by themselves: what is sent to them instead of whole maps.

use super::whole::check_whole;
use crate::action::Action;
use crate::backend::{Capabilities, UpdateAction};
use crate::base::{Base, Lookup};
use crate::fold::{Children, Fold, FoldNode, Laid};
use crate::path::DocumentPath;
use crate::schema::{Declared, TableSchema};
use crate::value::Value;

/// Whether the record has to be read before `fold` is planned: where a parent is not known, and would not be whole if
/// the database brought it into being.
pub(crate) fn leans_on_parents(schema: &TableSchema, base: &Base, fold: &Fold, can: Capabilities) -> bool {
    !can.conditions && any(schema, base, fold.attributes(), &DocumentPath::root())
}

fn any(schema: &TableSchema, base: &Base, children: &Children, path: &DocumentPath) -> bool {
    children.iter().any(|(name, node)| {
        let path = path.clone().child(name.clone());
        match node {
            FoldNode::Keep(below) => {
                is_unknown(base, &path) && !is_whole(schema, node, &path) || any(schema, base, below, &path)
            }
            _ => false,
        }
    })
}

fn is_unknown(base: &Base, path: &DocumentPath) -> bool {
    matches!(base.lookup(path.segments()), Lookup::Unknown | Lookup::Assumed(_))
}

/// Whether what `node` alone comes to is all that the model asks for, without a default that it would add.
fn is_whole(schema: &TableSchema, node: &FoldNode, path: &DocumentPath) -> bool {
    let laid = |declared| node.over(None, declared).map(Laid::into_value);
    let declared = Declared::Record(schema.record).at(path.segments());
    match (laid(Declared::Nothing), laid(declared)) {
        (Ok(Some(told)), Ok(Some(value))) => told == value && check_whole(schema, path, None, &value).is_ok(),
        // Nothing comes into being, or the plan says why it cannot.
        _ => true,
    }
}

/// Sets what is in a map one by one, so that what another writer put there meanwhile stays.
pub(super) fn set_leaves(actions: &mut Vec<UpdateAction>, path: DocumentPath, value: Value) {
    match value {
        Value::Map(map) if !map.is_empty() => {
            for (name, value) in map {
                set_leaves(actions, path.clone().child(name), value);
            }
        }
        value => actions.push(UpdateAction::new(path, Action::Set(value))),
    }
}
