//! What a model declares, as data: shapes, fields, keys, indexes.

mod aliases;
mod broken;
mod json;
mod names;
mod rules;

pub use aliases::Alias;
pub use broken::HasRules;
pub use rules::{Pattern, Rule, Verdict, above, accepted, below, outside, unlike};

use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::path::{DocumentPath, Segment};
use crate::text::Text;
use crate::value::{Map, Value};

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
    fn below(&'static self, segment: &Segment) -> Option<&'static Shape> {
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

/// The fields of one struct.
#[derive(Debug)]
pub struct StructSchema {
    /// The Rust name of the struct.
    pub name: &'static str,
    /// Its stored fields, in the order of their declaration.
    pub fields: &'static [FieldSchema],
    /// The declared type of what is stored under other names, where a field holds that.
    pub rest: Option<&'static Shape>,
    /// The names that its fields were stored under earlier; those of one field in the order in which they are looked at.
    pub aliases: &'static [Alias],
}

impl StructSchema {
    /// The field declared in this place; for the expansion of the derive.
    #[doc(hidden)]
    #[inline]
    pub const fn field_at(&'static self, at: usize) -> &'static FieldSchema {
        &self.fields[at]
    }

    /// The field stored under `name`.
    pub fn field(&self, name: &str) -> Option<&'static FieldSchema> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that is stored under `name`, or was so earlier.
    pub(crate) fn field_of(&self, name: &str) -> Option<&'static FieldSchema> {
        let now = self.aliases.iter().find(|alias| alias.old == name).map_or(name, |alias| alias.name.as_str());
        self.field(now)
    }

    /// The declared type of what is stored under `name`.
    fn shape_of(&self, name: &str) -> Option<&'static Shape> {
        self.field(name).map_or(self.rest, |field| Some(field.shape))
    }

    fn may_lose(&self, name: &str) -> bool {
        self.field(name).map_or(self.rest.is_some(), |field| !field.required)
    }

    /// The declared type at the end of `segments`, if the model has such a place.
    pub fn shape_at(&self, segments: &[Segment]) -> Option<&'static Shape> {
        let (Segment::Name(name), below) = segments.split_first()? else {
            return None;
        };
        below.iter().try_fold(self.shape_of(name)?, |shape, segment| shape.below(segment))
    }
}

/// The variants of an enum that is stored as a map.
#[derive(Debug)]
pub struct TaggedSchema {
    /// The entry that names the variant.
    pub tag: &'static str,
    /// The variants, in the order of their declaration.
    pub variants: &'static [VariantSchema],
}

/// One variant of an enum that is stored as a map.
#[derive(Debug)]
pub struct VariantSchema {
    /// What the tag says for it.
    pub name: &'static str,
    /// Its fields.
    pub fields: fn() -> &'static StructSchema,
}

impl TaggedSchema {
    /// The fields of the variant in this place.
    ///
    /// # Panics
    ///
    /// Where there is none: the expansion of the derive asks for those that it declares.
    #[doc(hidden)]
    pub fn variant_at(&'static self, at: usize) -> &'static StructSchema {
        (self.variants[at].fields)()
    }

    /// The fields of the variant that a stored map is.
    pub fn variant_of(&self, map: &Map) -> Option<&'static StructSchema> {
        let Some(Value::String(name)) = map.get(self.tag) else { return None };
        let variant = self.variants.iter().find(|variant| *name == *variant.name)?;
        Some((variant.fields)())
    }
}

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

    /// Fills in the defaults of a struct that comes into being.
    pub(crate) fn fill(self, map: &mut Map) {
        for field in self.created().into_iter().flat_map(|schema| schema.fields) {
            if let (Some(default), false) = (field.default, map.contains(&field.name))
                && let Some(value) = default()
            {
                map.insert(field.name.clone(), value);
            }
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

/// One field of a struct.
#[derive(Debug)]
pub struct FieldSchema {
    /// The name of the attribute or map entry that it is stored under.
    pub name: Text,
    /// Its name in Rust.
    pub rust_name: &'static str,
    /// Its declared type; for an `Option` that of the inside.
    pub shape: &'static Shape,
    /// Whether a struct without it is refused: neither an `Option` nor given a default.
    pub required: bool,
    /// What to write for it where its struct comes into being without it.
    pub default: Option<fn() -> Option<Value>>,
    /// Whether updates of it are refused.
    pub read_only: bool,
}

/// One table, as a model declares it.
#[derive(Debug)]
pub struct TableSchema {
    /// The table's name, unless another is given when it is opened.
    pub name: &'static str,
    /// The record's fields.
    pub record: &'static StructSchema,
    /// The partition key.
    pub partition_key: KeyAttribute,
    /// The sort key, if the table has one.
    pub sort_key: Option<KeyAttribute>,
    /// The attribute that counts the writes of a record, if the table has one.
    pub version: Option<Text>,
    /// The secondary indexes.
    pub indexes: &'static [IndexSchema],
    /// The attribute by whose time records go out of date.
    pub time_to_live: Option<Text>,
    /// Whether a field, at any depth, is held to rules.
    pub has_rules: HasRules,
}

impl TableSchema {
    /// The condition that a record is there, whatever is in it.
    pub fn record_exists(&self) -> Condition {
        Condition::Exists(DocumentPath::from(self.partition_key.name.as_str()))
    }

    /// The condition that there is no record.
    pub fn record_missing(&self) -> Condition {
        Condition::NotExists(DocumentPath::from(self.partition_key.name.as_str()))
    }

    /// The attributes of the primary key: partition key, then sort key.
    pub fn key_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition_key).chain(&self.sort_key)
    }

    /// Every attribute that is part of the primary key or of an index, once each.
    pub fn all_key_attributes(&self) -> Vec<&KeyAttribute> {
        let of_indexes = self.indexes.iter().flat_map(IndexSchema::key_attributes);
        let mut all: Vec<&KeyAttribute> = Vec::new();
        for attribute in self.key_attributes().chain(of_indexes) {
            if !all.iter().any(|known| known.name == attribute.name) {
                all.push(attribute);
            }
        }
        all
    }

    /// The index of this name.
    pub fn index(&self, name: &str) -> Option<&'static IndexSchema> {
        self.indexes.iter().find(|index| index.name == name)
    }
}

/// An attribute that is part of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyAttribute {
    /// The attribute's stored name.
    pub name: Text,
    /// Its type.
    pub kind: KeyKind,
}

/// The types that a key attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum KeyKind {
    /// S.
    String,
    /// N.
    Number,
    /// B.
    Binary,
}

/// A secondary index.
#[derive(Debug)]
pub struct IndexSchema {
    /// The index's name.
    pub name: &'static str,
    /// Its partition key.
    pub partition_key: KeyAttribute,
    /// Its sort key, if it has one.
    pub sort_key: Option<KeyAttribute>,
    /// Which attributes it holds.
    pub projection: IndexProjection,
    /// Whether it is a local index: it shares the table's partition key and can be read consistently.
    pub local: bool,
}

impl IndexSchema {
    /// The attributes of its key: partition key, then sort key.
    pub fn key_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition_key).chain(&self.sort_key)
    }

    /// Whether the index of this table holds the attribute: all, those that it includes, or the keys of both.
    pub(crate) fn holds(&self, table: &TableSchema, attribute: &str) -> bool {
        let included = match self.projection {
            IndexProjection::All => return true,
            IndexProjection::KeysOnly => &[][..],
            IndexProjection::Include(names) => names,
        };
        // It does not hold what is stored under the earlier names of an attribute that it names.
        if table.record.old_names(attribute).next().is_some() {
            return false;
        }
        let mut keys = table.key_attributes().chain(self.key_attributes());
        included.contains(&attribute) || keys.any(|key| key.name == attribute)
    }
}

/// Which attributes an index holds besides the keys of the table and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexProjection {
    /// All of them.
    All,
    /// None.
    KeysOnly,
    /// These.
    Include(&'static [&'static str]),
}
