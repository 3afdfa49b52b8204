//! What a table's model declares, as data that can be written to a file and read back.
//!
//! The core keeps a model's schema in constants. A service that learns its models when it starts has none, so this is
//! the same in owned form; it is also what requests are checked against.

mod export;
mod fit;
mod rules;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use structnosql_core::schema::KeyAttribute;
use structnosql_core::{DocumentPath, Segment, Text};

pub use rules::{Pattern, Rule};

/// A table with its model.
///
/// ```
/// use structnosql_core::TableDataModel;
/// use structnosql_derive::TableDataModel;
/// use structnosql_gateway::Schema;
/// # use structnosql_core as structnosql;
///
/// #[derive(TableDataModel)]
/// #[table(name = "movies", crate = "structnosql_core")]
/// struct Movie {
///     #[field(partition_key)]
///     id: String,
///     votes: Option<u64>,
/// }
///
/// let json = Schema::of::<Movie>().to_json(); // for the configuration of the service
/// assert_eq!(Schema::from_json(&json)?, Schema::of::<Movie>());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Schema {
    /// The table's name.
    pub table: String,
    /// The partition key.
    pub partition_key: KeyAttribute,
    /// The sort key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_key: Option<KeyAttribute>,
    /// The secondary indexes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Index>,
    /// The struct of the records.
    pub record: String,
    /// Every struct, by its name.
    pub structs: BTreeMap<String, Struct>,
    /// What structs hold under the names that no field of theirs has, by the struct's name: nothing otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rest: BTreeMap<String, Shape>,
}

/// A secondary index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Index {
    /// The index's name.
    pub name: String,
    /// Its partition key.
    pub partition_key: KeyAttribute,
    /// Its sort key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_key: Option<KeyAttribute>,
}

/// The fields of a struct, by the names that they are stored under.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Struct(pub BTreeMap<String, Field>);

/// A field of a struct.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Field {
    /// Its type.
    pub shape: Shape,
    /// Whether a struct without it is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether updates of it are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
}

/// The declared type of a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shape {
    /// S.
    String,
    /// BOOL.
    Bool,
    /// N, any decimal.
    Number,
    /// N within the bounds of a Rust integer type, which is named.
    Integer(String),
    /// B.
    Binary,
    /// L of one shape.
    List(Box<Shape>),
    /// M from keys to values of one shape.
    Map(Box<Shape>),
    /// M with the fields of a struct, which is named.
    Struct(String),
    /// S, one of these.
    OneOf(Vec<String>),
    /// M with the fields of one of several structs, and an entry that says of which.
    Tagged {
        /// The entry that names the variant.
        tag: String,
        /// The struct of each variant, by what the tag says.
        variants: BTreeMap<String, String>,
    },
    /// One of these.
    Union(Vec<Shape>),
    /// SS.
    StringSet,
    /// NS.
    NumberSet,
    /// BS.
    BinarySet,
    /// NULL or the shape.
    Nullable(Box<Shape>),
    /// The shape, and what is asked of its values beside it.
    Ruled {
        /// The shape.
        shape: Box<Shape>,
        /// What is asked.
        rules: Vec<Rule>,
    },
    /// Anything that DynamoDB can hold.
    Any,
}

/// A place in a record that the model declares.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'s> {
    /// A field of the record or of a struct in it.
    Field(&'s Field),
    /// An item of a list, an entry of a map, or something inside a value of any type.
    Item(&'s Shape),
}

impl<'s> Place<'s> {
    pub(crate) fn shape(self) -> &'s Shape {
        match self {
            Place::Field(field) => &field.shape,
            Place::Item(shape) => shape,
        }
    }
}

impl Schema {
    /// As JSON, for a file that [`from_json`](Self::from_json) reads.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// From the JSON of [`to_json`](Self::to_json).
    ///
    /// # Errors
    ///
    /// Another JSON; a struct that is named and not there.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        use serde::de::Error;
        let schema: Schema = serde_json::from_str(text)?;
        match schema.missing_struct() {
            None => Ok(schema),
            Some(name) => Err(serde_json::Error::custom(format!("the struct `{name}` is named and not there"))),
        }
    }

    /// For a table of another name than the model's.
    #[must_use]
    pub fn named(mut self, table: impl Into<String>) -> Self {
        self.table = table.into();
        self
    }

    /// The attributes of the primary key.
    pub(crate) fn key_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition_key).chain(&self.sort_key)
    }

    pub(crate) fn is_key(&self, path: &DocumentPath) -> bool {
        matches!(path.segments(), [Segment::Name(name)] if self.key_attributes().any(|key| key.name == *name))
    }

    pub(crate) fn index(&self, name: &Text) -> Option<&Index> {
        self.indexes.iter().find(|index| *name == index.name.as_str())
    }

    /// What the model declares at the end of a path.
    pub(crate) fn place(&self, path: &DocumentPath) -> Option<Place<'_>> {
        let (Segment::Name(name), below) = path.segments().split_first()? else { return None };
        let attribute = self.inside(&self.record, name)?;
        below.iter().try_fold(attribute, |place, segment| self.below(place.shape(), segment))
    }

    /// What a struct has under a name.
    pub(crate) fn inside(&self, name: &str, field: &Text) -> Option<Place<'_>> {
        let field = self.structs.get(name)?.0.get(field.as_str()).map(Place::Field);
        field.or_else(|| self.rest.get(name).map(Place::Item))
    }

    fn below<'s>(&'s self, shape: &'s Shape, segment: &Segment) -> Option<Place<'s>> {
        match (shape, segment) {
            (Shape::Struct(name), Segment::Name(field)) => self.inside(name, field),
            (Shape::Map(values), Segment::Name(_)) => Some(Place::Item(values)),
            (Shape::List(items), Segment::Index(_)) => Some(Place::Item(items)),
            (Shape::Nullable(inner) | Shape::Ruled { shape: inner, .. }, segment) => self.below(inner, segment),
            (Shape::Any, _) => Some(Place::Item(shape)),
            _ => None,
        }
    }

    fn missing_struct(&self) -> Option<&String> {
        let fields = self.structs.values().flat_map(|fields| fields.0.values());
        let shapes = fields.map(|field| &field.shape).chain(self.rest.values());
        let named = shapes.flat_map(Shape::named).chain(self.rest.keys()).chain([&self.record]);
        named.into_iter().find(|name| !self.structs.contains_key(*name))
    }
}

impl Index {
    /// The attributes of its key.
    pub(crate) fn key_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition_key).chain(&self.sort_key)
    }
}

impl Shape {
    /// The structs that it names, at whatever depth.
    fn named(&self) -> Vec<&String> {
        match self {
            Shape::Struct(name) => vec![name],
            Shape::Tagged { variants, .. } => variants.values().collect(),
            Shape::List(inner) | Shape::Map(inner) | Shape::Nullable(inner) | Shape::Ruled { shape: inner, .. } => {
                inner.named()
            }
            Shape::Union(shapes) => shapes.iter().flat_map(Shape::named).collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn innermost(&self) -> &Shape {
        match self {
            Shape::Nullable(inner) | Shape::Ruled { shape: inner, .. } => inner.innermost(),
            shape => shape,
        }
    }

    /// What messages call it.
    pub(crate) fn describe(&self) -> &str {
        match self {
            Shape::String => "a string",
            Shape::Bool => "a boolean",
            Shape::Number => "a number",
            Shape::Integer(name) => name,
            Shape::Binary => "binary",
            Shape::List(_) => "a list",
            Shape::Map(_) | Shape::Struct(_) | Shape::Tagged { .. } => "a map",
            Shape::Union(_) => "a value of one of the enum's types",
            Shape::OneOf(_) => "one of the enum's names",
            Shape::StringSet => "a string set",
            Shape::NumberSet => "a number set",
            Shape::BinarySet => "a binary set",
            Shape::Nullable(inner) | Shape::Ruled { shape: inner, .. } => inner.describe(),
            Shape::Any => "any value",
        }
    }
}
