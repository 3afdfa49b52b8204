//! What comes into being with an update: whole, with its defaults.

use crate::action::Action;
use crate::error::{Error, ErrorKind};
use crate::fold::{Act, Fold, FoldNode};
use crate::path::{DocumentPath, Segment};
use crate::schema::{Declared, Shape, TableSchema};
use crate::text::Text;
use crate::value::Value;

/// A given value in which something came into being, with the defaults of its structs; an error where one lacks a
/// required field.
pub(super) fn completed(schema: &TableSchema, path: &DocumentPath, mut value: Value) -> Result<Value, Error> {
    Declared::Record(schema.record).at(path.segments()).fill(&mut value);
    check_whole(schema, path, None, &value)?;
    Ok(value)
}

/// Fails where something came into being in a given value that lacks a required field.
pub(super) fn check_given(schema: &TableSchema, fold: &Fold) -> Result<(), Error> {
    let of_record = |(name, node): &(_, _)| check_node(schema, node, DocumentPath::root().child(Text::clone(name)));
    fold.attributes().iter().try_for_each(of_record)
}

fn check_node(schema: &TableSchema, node: &FoldNode, path: DocumentPath) -> Result<(), Error> {
    match node {
        FoldNode::Keep(children) => {
            children.iter().try_for_each(|(name, node)| check_node(schema, node, path.clone().child(name.clone())))
        }
        FoldNode::List(list) => {
            completed_items(schema, &path, list.prepended(), 0)?;
            completed_items(schema, &path, list.appended(), list.first_appended())?;
            list.edits().iter().try_for_each(|(at, node)| check_node(schema, node, path.clone().child(*at)))
        }
        FoldNode::Act(Act { action: Action::Set(value), assembled: true, .. }) => {
            completed(schema, &path, value.clone()).map(drop)
        }
        FoldNode::Act(_) => Ok(()),
    }
}

/// Fails where a struct that was not there `before` lacks a required field.
pub(super) fn check_whole(
    schema: &TableSchema,
    path: &DocumentPath,
    before: Option<&Value>,
    after: &Value,
) -> Result<(), Error> {
    schema.record.shape_at(path.segments()).map_or(Ok(()), |shape| check(shape, path, before, after))
}

/// Items to add to the list at `path`, of which the first gets this position.
pub(super) fn completed_items(
    schema: &TableSchema,
    path: &DocumentPath,
    items: &[Act],
    first: u32,
) -> Result<Vec<Value>, Error> {
    let added = (first..).zip(items).filter_map(|(at, item)| Some((at, item, item.action.outcome()??.clone())));
    let complete = |(at, item, value): (u32, &Act, Value)| match item.assembled {
        true => completed(schema, &path.clone().child(at), value),
        false => Ok(value),
    };
    added.map(complete).collect()
}

fn check(shape: &'static Shape, path: &DocumentPath, before: Option<&Value>, after: &Value) -> Result<(), Error> {
    let inside = |shape, segment: Segment, after| {
        let before = before.and_then(|before| before.find(std::slice::from_ref(&segment)).ok().flatten());
        check(shape, &path.clone().child(segment), before, after)
    };
    match (shape, after) {
        (Shape::Struct(schema), Value::Map(map)) => {
            let is_new = !matches!(before, Some(Value::Map(_)));
            let mut missing = Vec::new();
            for field in schema().fields {
                match map.get(&field.name) {
                    Some(value) => inside(field.shape, field.name.clone().into(), value)?,
                    None if field.required && is_new => missing.push(path.clone().child(field.name.clone())),
                    None => {}
                }
            }
            match missing.is_empty() {
                true => Ok(()),
                false => Err(ErrorKind::MissingParent { path: path.clone(), missing }.into()),
            }
        }
        (Shape::Map(values), Value::Map(map)) => {
            map.iter().try_for_each(|(name, value)| inside(values, name.clone().into(), value))
        }
        (Shape::List(of), Value::List(items)) => {
            (0..).zip(items).try_for_each(|(at, item): (u32, _)| inside(of, at.into(), item))
        }
        (Shape::Nullable(shape) | Shape::Ruled(shape, _), after) => check(shape, path, before, after),
        _ => Ok(()),
    }
}
