//! Which rules a value breaks, found by walking through it along its schema.

use std::sync::OnceLock;

use super::{Declared, KeyAttribute, Rule, Shape, StructSchema, TableSchema};
use crate::action::Action;
use crate::key::KeyValue;
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::text::Text;
use crate::value::{Map, Value};

impl Shape {
    /// Which rules the value breaks, at any depth of it. A NULL is no value that a rule could be about.
    pub(super) fn broken(&'static self, value: &Value) -> Option<Mismatch> {
        match (self, value) {
            (_, Value::Null) => None,
            (Shape::Ruled(inner, rules), value) => {
                rules.iter().filter_map(|rule| rule.broken(value)).chain(inner.broken(value)).reduce(Mismatch::and)
            }
            (Shape::Nullable(inner), value) => inner.broken(value),
            (Shape::Struct(schema), Value::Map(map)) => schema().broken(map),
            (Shape::Tagged(schema), Value::Map(map)) => schema().variant_of(map)?.broken(map),
            (Shape::Union(shapes), value) => {
                // Whatever it is taken for, it keeps the rules of a type that it could be.
                let mut broken = shapes().iter().filter(|shape| shape.holds(value)).map(|shape| shape.broken(value));
                let first = broken.next()?;
                if broken.any(|broken| broken.is_none()) { None } else { first }
            }
            (Shape::Map(values), Value::Map(map)) => {
                let broken = |(name, value): (&Text, &Value)| Some(values.broken(value)?.under(name.clone().into()));
                map.iter().filter_map(broken).reduce(Mismatch::and)
            }
            (Shape::List(items), Value::List(list)) => {
                let broken = |(at, item)| Some(items.broken(item)?.under(Segment::Index(at)));
                (0..).zip(list).filter_map(broken).reduce(Mismatch::and)
            }
            _ => None,
        }
    }

    /// Which rules a value breaks that is written as a text.
    pub(crate) fn broken_as_text(&'static self, text: &str) -> Option<Mismatch> {
        self.broken(&self.key(&Text::from(text)))
    }

    /// Which rules of its members the given ones of a set break; how many it comes to have is not known.
    fn broken_by_members(&'static self, members: &Value) -> Option<Mismatch> {
        match self {
            Shape::Ruled(inner, rules) => {
                let of_members = rules.iter().filter(|rule| matches!(rule, Rule::Members(_)));
                let broken = of_members.filter_map(|rule| rule.broken(members));
                broken.chain(inner.broken_by_members(members)).reduce(Mismatch::and)
            }
            Shape::Nullable(inner) => inner.broken_by_members(members),
            _ => None,
        }
    }

    /// Whether a stored value is of the type, as DynamoDB has it.
    fn holds(&self, value: &Value) -> bool {
        match self {
            Shape::String | Shape::OneOf(_) => matches!(value, Value::String(_)),
            Shape::Bool => matches!(value, Value::Bool(_)),
            Shape::Number | Shape::Integer(_) => matches!(value, Value::Number(_)),
            Shape::Binary => matches!(value, Value::Binary(_)),
            Shape::List(_) => matches!(value, Value::List(_)),
            Shape::Map(_) | Shape::Struct(_) | Shape::Tagged(_) => matches!(value, Value::Map(_)),
            Shape::StringSet => matches!(value, Value::StringSet(_)),
            Shape::NumberSet => matches!(value, Value::NumberSet(_)),
            Shape::BinarySet => matches!(value, Value::BinarySet(_)),
            Shape::Nullable(inner) | Shape::Ruled(inner, _) => inner.holds(value),
            Shape::Union(shapes) => shapes().iter().any(|shape| shape.holds(value)),
            Shape::Any => true,
        }
    }

    /// A map's key as a value of this shape.
    pub(super) fn key(&self, name: &Text) -> Value {
        match self {
            Shape::Ruled(inner, _) => inner.key(name),
            Shape::Integer(_) => name.parse().map_or_else(|_| Value::String(name.clone()), Value::Number),
            _ => Value::String(name.clone()),
        }
    }

    /// Whether a value of this shape can break a rule, at any depth. What was looked at is in `seen`, by its address.
    fn has_rules(&'static self, seen: &mut Vec<*const ()>) -> bool {
        match self {
            Shape::Ruled(..) => true,
            Shape::List(inner) | Shape::Map(inner) | Shape::Nullable(inner) => inner.has_rules(seen),
            Shape::Struct(schema) => schema().has_rules(seen),
            Shape::Tagged(schema) => schema().variants.iter().any(|variant| (variant.fields)().has_rules(seen)),
            Shape::Union(shapes) => {
                let shapes = shapes();
                is_new(shapes.as_ptr().cast(), seen) && shapes.iter().any(|shape| shape.has_rules(seen))
            }
            _ => false,
        }
    }
}

fn is_new(address: *const (), seen: &mut Vec<*const ()>) -> bool {
    let is_new = !seen.contains(&address);
    seen.push(address);
    is_new
}

impl StructSchema {
    /// Which rules of its fields are broken.
    pub(crate) fn broken(&self, map: &Map) -> Option<Mismatch> {
        let broken = self.fields.iter().filter_map(|field| {
            let broken = field.shape.broken(map.child(&field.name)?)?;
            Some(broken.under(Segment::Name(field.name.clone())))
        });
        broken.chain(self.broken_rest(map)).reduce(Mismatch::and)
    }

    fn broken_rest(&self, map: &Map) -> Option<Mismatch> {
        let shape = self.rest?;
        let rest = map.iter().filter(|(name, _)| self.field_of(name).is_none());
        rest.filter_map(|(name, value)| Some(shape.broken(value)?.under(name.clone().into()))).reduce(Mismatch::and)
    }

    fn has_rules(&'static self, seen: &mut Vec<*const ()>) -> bool {
        let mut shapes = self.fields.iter().map(|field| field.shape).chain(self.rest);
        is_new(std::ptr::from_ref(self).cast(), seen) && shapes.any(|shape| shape.has_rules(seen))
    }
}

/// Whether a model has rules at all, found out once: most have none, and then pay for none.
#[derive(Debug)]
pub struct HasRules(OnceLock<bool>);

impl HasRules {
    /// Not found out yet.
    pub const fn unknown() -> Self {
        HasRules(OnceLock::new())
    }
}

impl TableSchema {
    #[inline]
    pub(crate) fn has_rules(&self) -> bool {
        *self.has_rules.0.get_or_init(|| self.record.has_rules(&mut Vec::new()))
    }

    /// Which rules the value at a path breaks, with their paths in the record.
    #[inline]
    pub(crate) fn broken(&self, path: &DocumentPath, value: &Value) -> Option<Mismatch> {
        if self.has_rules() { self.broken_at(path, value) } else { None }
    }

    /// Which rules of a key attribute its value breaks.
    #[inline]
    pub(crate) fn broken_key(&self, attribute: &KeyAttribute, value: &KeyValue<'_>) -> Option<Mismatch> {
        if self.has_rules() { self.broken_at(&attribute.name.as_str().into(), &value.to_value()) } else { None }
    }

    fn broken_at(&self, path: &DocumentPath, value: &Value) -> Option<Mismatch> {
        let broken = match (Declared::Record(self.record).at(path.segments()), value) {
            (Declared::Record(schema), Value::Map(map)) => schema.broken(map),
            (Declared::Value(shape), value) => shape.broken(value),
            _ => None,
        };
        Some(broken?.at(path))
    }

    /// Which rules a change breaks, as far as its own values say: what an increment comes to, and how long a list or
    /// set becomes, only the database knows.
    #[inline]
    pub(crate) fn broken_by(&self, path: &DocumentPath, action: &Action) -> Option<Mismatch> {
        if self.has_rules() { self.broken_by_values(path, action) } else { None }
    }

    fn broken_by_values(&self, path: &DocumentPath, action: &Action) -> Option<Mismatch> {
        match action {
            Action::Set(value) | Action::SetIfAbsent(value) => self.broken_at(path, value),
            Action::Append(items) | Action::Prepend(items) => {
                let broken = |(at, item)| self.broken_at(&path.clone().child(Segment::Index(at)), item);
                (0..).zip(items).filter_map(broken).reduce(Mismatch::and)
            }
            Action::Members { add: Some(members), .. } => match Declared::Record(self.record).at(path.segments()) {
                Declared::Value(shape) => Some(shape.broken_by_members(members)?.at(path)),
                _ => None,
            },
            Action::Members { add: None, .. } | Action::Increment { .. } | Action::Remove => None,
        }
    }
}
