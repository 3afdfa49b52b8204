//! What a model declares for a place, found by walking down from the record.

use super::{Shape, StructSchema};
use crate::path::Segment;
use crate::text::Text;
use crate::value::{Map, Value};

/// What a model declares for a place in its records.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Declared {
    /// The record itself.
    Record(&'static StructSchema),
    /// A value in it.
    Value(&'static Shape),
    /// Nothing.
    Nothing,
}

impl Declared {
    /// What is declared one segment below.
    pub(crate) fn below(self, segment: &Segment) -> Declared {
        let shape = match (self, segment) {
            (Declared::Record(schema), Segment::Name(name)) => schema.shape_of(name),
            (Declared::Value(shape), segment) => shape.below(segment),
            _ => None,
        };
        shape.map_or(Declared::Nothing, Declared::Value)
    }

    /// What is declared at the end of `segments` below.
    pub(crate) fn at(self, segments: &[Segment]) -> Declared {
        segments.iter().fold(self, Declared::below)
    }

    /// Whether what is one segment below can be taken out: the model does not require it.
    pub(crate) fn may_lose(self, segment: &Segment) -> bool {
        match (self, segment) {
            (Declared::Record(schema), Segment::Name(name)) => schema.may_lose(name),
            (Declared::Value(Shape::Struct(schema)), Segment::Name(name)) => schema().may_lose(name),
            (Declared::Value(Shape::Nullable(inner) | Shape::Ruled(inner, _)), segment) => {
                Declared::Value(inner).may_lose(segment)
            }
            (Declared::Value(Shape::Map(_)), Segment::Name(_)) => true,
            (Declared::Value(Shape::List(_)), Segment::Index(_)) => true,
            _ => false,
        }
    }

    /// The struct that comes into being, with its defaults, where something inside it is stored. Records have none:
    /// an update stores what it is told.
    fn created(self) -> Option<&'static StructSchema> {
        match self {
            Declared::Value(Shape::Nullable(inner) | Shape::Ruled(inner, _)) => Declared::Value(inner).created(),
            Declared::Value(Shape::Struct(schema)) => Some(schema()),
            _ => None,
        }
    }

    /// Fills in the defaults of a struct that comes into being, but for fields of which something is said.
    pub(crate) fn complete(self, map: &mut Map, is_told: impl Fn(&Text) -> bool) {
        for field in self.created().into_iter().flat_map(|schema| schema.fields) {
            if let (Some(default), false) = (field.default, map.contains(&field.name) || is_told(&field.name))
                && let Some(value) = default()
            {
                map.insert(field.name.clone(), value);
            }
        }
    }

    /// Fills in the defaults of a struct, and of those in it.
    pub(crate) fn fill(self, value: &mut Value) {
        match value {
            Value::Map(map) => {
                self.complete(map, |_| false);
                for (name, inner) in map.iter_mut() {
                    self.below(&Segment::Name(name.clone())).fill(inner);
                }
            }
            Value::List(items) => items.iter_mut().for_each(|item| self.below(&Segment::Index(0)).fill(item)),
            _ => {}
        }
    }

    /// Whether a default could be what is at `segments` below, or above it.
    pub(crate) fn has_default(self, segments: &[Segment]) -> bool {
        let mut declared = self;
        segments.iter().any(|segment| {
            let field = declared.created().zip(segment.name()).and_then(|(schema, name)| schema.field(name));
            declared = declared.below(segment);
            field.is_some_and(|field| field.default.is_some())
        })
    }
}
