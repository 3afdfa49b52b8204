//! The wire of StructNoSQL for Python, 2.6.7: one POST an operation, with values in plain JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use super::Plain;

/// One operation. It serialises as its fields, without its name: [`to_body`](Self::to_body) makes the whole of a POST.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(tag = "operationType"))]
pub enum Operation {
    /// `putRecord`
    #[cfg_attr(feature = "schema", schemars(rename = "putRecord"))]
    PutRecord(PutRecord),
    /// `deleteRecord`
    #[cfg_attr(feature = "schema", schemars(rename = "deleteRecord"))]
    DeleteRecord(Selectors),
    /// `removeRecord`
    #[cfg_attr(feature = "schema", schemars(rename = "removeRecord"))]
    RemoveRecord(Selectors),
    /// `getSingleValueInPathTarget`
    #[cfg_attr(feature = "schema", schemars(rename = "getSingleValueInPathTarget"))]
    GetValue(OnePath),
    /// `getValuesInMultiplePathTarget`
    #[cfg_attr(feature = "schema", schemars(rename = "getValuesInMultiplePathTarget"))]
    GetValues(NamedPaths),
    /// `getOrQuerySingleItem`
    #[cfg_attr(feature = "schema", schemars(rename = "getOrQuerySingleItem"))]
    GetItem(Paths),
    /// `queryItemsByKey`
    #[cfg_attr(feature = "schema", schemars(rename = "queryItemsByKey"))]
    QueryItems(QueryItems),
    /// `setUpdateMultipleDataElementsToMapWithDefaultInitialization`
    #[cfg_attr(feature = "schema", schemars(rename = "setUpdateMultipleDataElementsToMapWithDefaultInitialization"))]
    SetWithDefaults(SetOne),
    /// `setUpdateMultipleDataElementsToMap`
    #[cfg_attr(feature = "schema", schemars(rename = "setUpdateMultipleDataElementsToMap"))]
    SetSeveral(SetSeveral),
    /// `removeDataElementsFromMap`
    #[cfg_attr(feature = "schema", schemars(rename = "removeDataElementsFromMap"))]
    Remove(Paths),
    /// `deleteDataElementsFromMap`
    #[cfg_attr(feature = "schema", schemars(rename = "deleteDataElementsFromMap"))]
    Delete(Paths),
}

/// One step of a path, with the Python type of what is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PathElement {
    /// An attribute's name, a map's key, or a position in a list.
    pub element_key: ElementKey,
    /// `str`, `int`, `float`, `dict`, `list`, `bool`, `set`, `bytes`, `NoneType` or `Any`.
    pub default_type: String,
    /// What to store here where nothing is and something below is to be set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_default_value: Option<Plain>,
}

/// A name or a position. The original writes positions both as numbers and as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum ElementKey {
    /// A position, or a key of a map with integer keys.
    Number(i64),
    /// A name.
    Text(String),
}

/// A path from the record.
pub type Path = Vec<PathElement>;

/// `putRecord`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct PutRecord {
    /// The whole record.
    pub record_item_data: Plain,
}

/// `deleteRecord`, `removeRecord`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Selectors {
    /// The key attributes.
    pub indexes_keys_selectors: BTreeMap<String, Plain>,
}

/// `getSingleValueInPathTarget`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct OnePath {
    /// The partition key's value.
    pub key_value: Plain,
    /// The path.
    pub field_path_elements: Path,
}

/// `getValuesInMultiplePathTarget`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct NamedPaths {
    /// The partition key's value.
    pub key_value: Plain,
    /// The paths, by the names that their values are answered under.
    pub fields_path_elements: BTreeMap<String, Path>,
}

/// `getOrQuerySingleItem`, `removeDataElementsFromMap`, `deleteDataElementsFromMap`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Paths {
    /// The partition key's value.
    pub key_value: Plain,
    /// The paths.
    pub fields_path_elements: Vec<Path>,
}

/// `queryItemsByKey`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct QueryItems {
    /// The partition key's value.
    pub key_value: Plain,
    /// The paths to return.
    pub fields_path_elements: Vec<Path>,
    /// The most items to look at.
    #[serde(default)]
    pub pagination_records_limit: Option<u32>,
    /// Condition objects of boto3 have no JSON: it is always null.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(with = "()"))]
    pub filter_expression: Option<Box<RawValue>>,
    /// The index; the original sends it and its own host overlooks it.
    #[serde(default, rename = "index_name", skip_serializing_if = "Option::is_none")]
    pub index_name: Option<String>,
    /// Where the page before ended; likewise.
    #[serde(default, rename = "exclusive_start_key", skip_serializing_if = "Option::is_none")]
    pub exclusive_start_key: Option<BTreeMap<String, Plain>>,
}

/// `setUpdateMultipleDataElementsToMapWithDefaultInitialization`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SetOne {
    /// The partition key's value.
    pub key_value: Plain,
    /// Where to store.
    pub field_path_elements: Path,
    /// What to store.
    pub value: Plain,
    /// Whether to return what was there.
    #[serde(default)]
    pub return_old_value: bool,
}

/// `setUpdateMultipleDataElementsToMap`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct SetSeveral {
    /// The partition key's value.
    pub key_value: Plain,
    /// What to store where.
    pub setters: Vec<Setter>,
    /// Whether to return what was there.
    #[serde(default)]
    pub return_old_values: bool,
}

/// One value to store.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Setter {
    /// What to store.
    pub value_to_set: Plain,
    /// Where.
    pub field_path_elements: Path,
}

/// What came of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Whether it was done.
    pub success: bool,
    /// What it brought.
    #[serde(default)]
    pub data: Option<Plain>,
    /// What kind of failure it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_key: Option<String>,
    /// What failed, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<String>,
}

/// Why a body is no operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It names none, or none that there is.
    NotSupported,
    /// Its fields are not those of the operation.
    Invalid(String),
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Operation::PutRecord(put) => put.serialize(serializer),
            Operation::DeleteRecord(selectors) | Operation::RemoveRecord(selectors) => selectors.serialize(serializer),
            Operation::GetValue(get) => get.serialize(serializer),
            Operation::GetValues(get) => get.serialize(serializer),
            Operation::GetItem(paths) | Operation::Remove(paths) | Operation::Delete(paths) => {
                paths.serialize(serializer)
            }
            Operation::QueryItems(query) => query.serialize(serializer),
            Operation::SetWithDefaults(set) => set.serialize(serializer),
            Operation::SetSeveral(set) => set.serialize(serializer),
        }
    }
}

impl Operation {
    /// Reads the body of a POST. Fields that the operation has not are what the client adds to every body.
    ///
    /// # Errors
    ///
    /// A body that is no JSON object, names no operation of this wire, or lacks a field.
    pub fn parse(body: &[u8]) -> Result<Operation, Unread> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Head {
            operation_type: Option<serde_json::Value>,
        }
        let head: Head = read(body)?;
        let name = head.operation_type.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        Ok(match name {
            "putRecord" => Operation::PutRecord(read(body)?),
            "deleteRecord" => Operation::DeleteRecord(read(body)?),
            "removeRecord" => Operation::RemoveRecord(read(body)?),
            "getSingleValueInPathTarget" => Operation::GetValue(read(body)?),
            "getValuesInMultiplePathTarget" => Operation::GetValues(read(body)?),
            "getOrQuerySingleItem" => Operation::GetItem(read(body)?),
            "queryItemsByKey" => Operation::QueryItems(read(body)?),
            "setUpdateMultipleDataElementsToMapWithDefaultInitialization" => Operation::SetWithDefaults(read(body)?),
            "setUpdateMultipleDataElementsToMap" => Operation::SetSeveral(read(body)?),
            "removeDataElementsFromMap" => Operation::Remove(read(body)?),
            "deleteDataElementsFromMap" => Operation::Delete(read(body)?),
            _ => return Err(Unread::NotSupported),
        })
    }

    /// The body of a POST: the fields, the operation's name, and what the client adds to every body, whose names win.
    ///
    /// # Errors
    ///
    /// None that a value of these types can cause.
    pub fn to_body(&self, payload: &BTreeMap<String, Plain>) -> Result<Vec<u8>, serde_json::Error> {
        let fields = serde_json::to_vec(self)?;
        let mut body: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&fields)?;
        body.insert("operationType".to_owned(), to_raw_value(self.name())?);
        for (name, value) in payload {
            body.insert(name.clone(), to_raw_value(value)?);
        }
        serde_json::to_vec(&body)
    }

    /// Whether running it twice leaves everything as running it once does, and is answered alike.
    pub fn is_repeatable(&self) -> bool {
        match self {
            Operation::RemoveRecord(_) | Operation::Remove(_) => false,
            Operation::SetWithDefaults(set) => !set.return_old_value,
            Operation::SetSeveral(set) => !set.return_old_values,
            _ => true,
        }
    }

    /// Whether it changes anything.
    pub fn writes(&self) -> bool {
        !matches!(
            self,
            Operation::GetValue(_) | Operation::GetValues(_) | Operation::GetItem(_) | Operation::QueryItems(_)
        )
    }

    /// Its name on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Operation::PutRecord(_) => "putRecord",
            Operation::DeleteRecord(_) => "deleteRecord",
            Operation::RemoveRecord(_) => "removeRecord",
            Operation::GetValue(_) => "getSingleValueInPathTarget",
            Operation::GetValues(_) => "getValuesInMultiplePathTarget",
            Operation::GetItem(_) => "getOrQuerySingleItem",
            Operation::QueryItems(_) => "queryItemsByKey",
            Operation::SetWithDefaults(_) => "setUpdateMultipleDataElementsToMapWithDefaultInitialization",
            Operation::SetSeveral(_) => "setUpdateMultipleDataElementsToMap",
            Operation::Remove(_) => "removeDataElementsFromMap",
            Operation::Delete(_) => "deleteDataElementsFromMap",
        }
    }
}

fn read<'b, T: Deserialize<'b>>(body: &'b [u8]) -> Result<T, Unread> {
    serde_json::from_slice(body).map_err(|error| Unread::Invalid(error.to_string()))
}

impl Answer {
    /// It was done, and brought this.
    pub fn done(data: Option<structnosql_core::Value>) -> Self {
        Answer { success: true, data: data.map(Plain), error_key: None, exception: None }
    }

    /// It was not done.
    pub fn failed(error_key: &str, exception: Option<String>) -> Self {
        Answer { success: false, data: None, error_key: Some(error_key.to_owned()), exception }
    }
}
