//! The declared type of a value.

use super::{Rule, StructSchema, TaggedSchema};
use crate::path::Segment;

/// The declared type of a value.
///
/// Shapes are constants; structs and enums are reached through functions, so that recursive models end.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// S.
    String,
    /// BOOL.
    Bool,
    /// N, any decimal.
    Number,
    /// N without a fraction, within the bounds of a Rust integer type, which is named.
    Integer(&'static str),
    /// B.
    Binary,
    /// L of one shape.
    List(&'static Shape),
    /// M from keys to values of one shape.
    Map(&'static Shape),
    /// M with the fields of a struct.
    Struct(fn() -> &'static StructSchema),
    /// S, one of these.
    OneOf(&'static [&'static str]),
    /// M with the fields of one of several variants, and the tag that says of which.
    Tagged(fn() -> &'static TaggedSchema),
    /// One of these.
    Union(fn() -> &'static [&'static Shape]),
    /// SS.
    StringSet,
    /// NS.
    NumberSet,
    /// BS.
    BinarySet,
    /// NULL or the shape.
    Nullable(&'static Shape),
    /// The shape, held to rules.
    Ruled(&'static Shape, &'static [Rule]),
    /// Anything that DynamoDB can hold.
    Any,
}

impl Shape {
    pub(super) fn below(&'static self, segment: &Segment) -> Option<&'static Shape> {
        match (self, segment) {
            (Shape::Struct(schema), Segment::Name(name)) => schema().shape_of(name),
            (Shape::Map(values), Segment::Name(_)) => Some(values),
            (Shape::List(items), Segment::Index(_)) => Some(items),
            (Shape::Nullable(inner) | Shape::Ruled(inner, _), segment) => inner.below(segment),
            (Shape::Any, _) => Some(self),
            _ => None,
        }
    }

    /// What error messages call it.
    pub fn describe(&self) -> &'static str {
        match self {
            Shape::String => "a string",
            Shape::Bool => "a boolean",
            Shape::Number => "a number",
            Shape::Integer(rust_type) => rust_type,
            Shape::Binary => "binary",
            Shape::List(_) => "a list",
            Shape::Map(_) | Shape::Struct(_) | Shape::Tagged(_) => "a map",
            Shape::Union(_) => "a value of one of the enum's types",
            Shape::OneOf(_) => "one of the enum's names",
            Shape::StringSet => "a string set",
            Shape::NumberSet => "a number set",
            Shape::BinarySet => "a binary set",
            Shape::Nullable(inner) | Shape::Ruled(inner, _) => inner.describe(),
            Shape::Any => "any value",
        }
    }

    /// Whether `min` and `max` are about it; for the expansion of the derive.
    pub const fn is_number(&self) -> bool {
        match self {
            Shape::Number | Shape::Integer(_) => true,
            Shape::Nullable(inner) | Shape::Ruled(inner, _) => inner.is_number(),
            _ => false,
        }
    }

    /// Whether `pattern` is about it; for the expansion of the derive.
    pub const fn is_text(&self) -> bool {
        match self {
            Shape::String => true,
            Shape::Nullable(inner) | Shape::Ruled(inner, _) => inner.is_text(),
            _ => false,
        }
    }

    /// Whether `length` is about it; for the expansion of the derive.
    pub const fn has_length(&self) -> bool {
        match self {
            Shape::String | Shape::Binary | Shape::List(_) | Shape::Map(_) => true,
            Shape::StringSet | Shape::NumberSet | Shape::BinarySet => true,
            Shape::Nullable(inner) | Shape::Ruled(inner, _) => inner.has_length(),
            _ => false,
        }
    }
}
