//! What a model declares, as data: shapes, fields, keys, indexes.

mod aliases;
mod broken;
mod declared;
mod json;
mod key;
mod names;
mod rules;
mod shape;

pub use aliases::Alias;
pub use broken::HasRules;
pub(crate) use declared::Declared;
pub use key::{IndexProjection, IndexSchema, KeyAttribute, KeyKind};
pub use rules::{Pattern, Rule, Verdict, above, accepted, below, outside, unlike};
pub use shape::Shape;

use crate::condition::Condition;
use crate::path::{DocumentPath, Segment};
use crate::text::Text;
use crate::value::{Map, Value};

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
