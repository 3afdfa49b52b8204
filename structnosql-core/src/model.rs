//! The traits that the derives implement.

use std::io::Read;

use serde_json::value::RawValue;

use crate::entity::EntityKeys;
use crate::error::{Error, ErrorKind};
use crate::field::FieldValue;
use crate::handle::FieldPath;
use crate::key::Key;
use crate::mismatch::{Mismatch, unless};
use crate::path::{DocumentPath, Segment};
use crate::presence::{Optional, ReadOnly};
use crate::schema::{StructSchema, TableSchema};
use crate::value::{Map, Value, from_json};

/// A struct that is stored as a map, field by field. Implemented by the derives.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a struct that is stored as a map",
    label = "expected a struct with named fields that derives `MapModel`",
    note = "a variant of an enum with a `tag` is around such a struct, or names its fields: `Card {{ number: String }}`"
)]
pub trait StructModel: Sized + Send + Sync + 'static {
    /// What the struct declares.
    fn schema() -> &'static StructSchema;

    /// The attributes to store.
    fn encode_fields(&self) -> Result<Map, Mismatch>;

    /// The struct that is stored as these attributes.
    fn decode_fields(map: &Map) -> Result<Self, Mismatch>;
}

/// A struct or enum that is stored inside records. Implemented by `#[derive(MapModel)]`.
pub trait MapModel: FieldValue {}

/// A struct that is a table's record. Implemented by `#[derive(TableDataModel)]`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a table's model", label = "derive `TableDataModel` for it")]
pub trait TableDataModel: StructModel {
    /// The type of the primary key: [`One`](crate::key::One) or [`Two`](crate::key::Two).
    type Key;
    /// The accessors of the record's fields.
    type Fields;
    /// The methods that name the table's key and indexes for a query.
    type Indexes;

    /// The primary keys of its records.
    #[doc(hidden)]
    const KEYS: EntityKeys;

    /// What the table declares.
    fn table() -> &'static TableSchema;

    /// The accessors of the record's fields: `Movie::fields().ratings().imdb()`.
    fn fields() -> Self::Fields;

    /// The table's key and indexes, to query by: `Movie::indexes().primary_type("Thriller")`.
    fn indexes() -> Self::Indexes;

    /// The record's primary key.
    fn key(&self) -> Result<Key, Error> {
        let item = self.encode_fields().map_err(ErrorKind::InvalidValue)?;
        Ok(Key::of_item(Self::table(), &item).map_err(ErrorKind::Key)?)
    }

    /// Reads a JSON array of records, or a single one, in plain JSON: `[{"id": "b12", "name": "Breaking Bad"}]`.
    ///
    /// Numbers keep the text they are written in, every digit of it. JSON has no sets or binary: an array is read
    /// into a set where the model declares one.
    ///
    /// # Errors
    ///
    /// Malformed JSON, a failing reader, or a value that does not fit the model, with its path.
    fn from_json_reader(reader: impl Read) -> Result<Vec<Self>, Error> {
        let raw: Box<RawValue> = serde_json::from_reader(reader).map_err(|error| ErrorKind::Json(error.to_string()))?;
        let records = match from_json(&raw).map_err(ErrorKind::JsonValue)? {
            Value::List(records) => records,
            record => vec![record],
        };
        let fit = |(index, record)| {
            Self::schema()
                .read_json(record)
                .and_then(|map| decode_record(&map))
                .map_err(|mismatch| ErrorKind::JsonValue(mismatch.under(Segment::Index(index as u32))).into())
        };
        records.into_iter().enumerate().map(fit).collect()
    }

    /// One path in text form, checked against the model: `"tokens.{{tokenId}}.expirationTimestamp"`.
    ///
    /// `{{name}}` stands for the map key or list index that `arguments` gives for that name. What the path selects is
    /// read as a raw [`Value`].
    fn path(text: &str, arguments: &[(&str, &str)]) -> Result<TextPath<Self>, Error> {
        Ok(FieldPath::new(DocumentPath::parse(text, Self::schema(), arguments)?))
    }

    /// One or several paths in text form: `"(name, ratings.imdb)"` selects two.
    fn paths(text: &str, arguments: &[(&str, &str)]) -> Result<Vec<TextPath<Self>>, Error> {
        Ok(DocumentPath::parse_several(text, Self::schema(), arguments)?.into_iter().map(FieldPath::new).collect())
    }
}

/// A path that was given as text: its value is read as it is stored.
pub type TextPath<M> = FieldPath<M, Value, ReadOnly<Optional>>;

/// The record that is stored as these attributes, where they keep its rules as well; for the expansion of the derive too.
pub fn decode_record<M: TableDataModel>(item: &Map) -> Result<M, Mismatch> {
    let decoded = M::decode_fields(item);
    if M::table().has_rules() { unless(decoded, M::schema().broken(item)) } else { decoded }
}

/// A struct as it is stored inside a record; for the expansion of the derive.
pub fn encode_struct<T: StructModel>(value: &T) -> Result<Option<Value>, Mismatch> {
    value.encode_fields().map(|map| Some(Value::Map(map)))
}

/// A struct that is stored inside a record; for the expansion of the derive.
pub fn decode_struct<T: StructModel>(value: &Value) -> Result<T, Mismatch> {
    match value {
        Value::Map(map) => T::decode_fields(map),
        other => Err(Mismatch::type_of("a map", other)),
    }
}
