//! The types of stored values.

use serde::{Deserialize, Serialize};

use super::Value;

/// The type of a stored value, as DynamoDB tells types apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum StoredType {
    /// NULL.
    Null,
    /// BOOL.
    Bool,
    /// N.
    Number,
    /// S.
    String,
    /// B.
    Binary,
    /// L.
    List,
    /// M.
    Map,
    /// SS.
    StringSet,
    /// NS.
    NumberSet,
    /// BS.
    BinarySet,
}

impl StoredType {
    /// The name that DynamoDB has for it: `S`, `NULL` and so on.
    pub fn code(self) -> &'static str {
        match self {
            StoredType::Null => "NULL",
            StoredType::Bool => "BOOL",
            StoredType::Number => "N",
            StoredType::String => "S",
            StoredType::Binary => "B",
            StoredType::List => "L",
            StoredType::Map => "M",
            StoredType::StringSet => "SS",
            StoredType::NumberSet => "NS",
            StoredType::BinarySet => "BS",
        }
    }

    /// What error messages call it.
    pub fn describe(self) -> &'static str {
        match self {
            StoredType::Null => "null",
            StoredType::Bool => "boolean",
            StoredType::Number => "number",
            StoredType::String => "string",
            StoredType::Binary => "binary",
            StoredType::List => "list",
            StoredType::Map => "map",
            StoredType::StringSet => "string set",
            StoredType::NumberSet => "number set",
            StoredType::BinarySet => "binary set",
        }
    }
}

impl Value {
    /// The type that it is stored as.
    pub fn stored_type(&self) -> StoredType {
        match self {
            Value::Null => StoredType::Null,
            Value::Bool(_) => StoredType::Bool,
            Value::Number(_) => StoredType::Number,
            Value::String(_) => StoredType::String,
            Value::Binary(_) => StoredType::Binary,
            Value::List(_) => StoredType::List,
            Value::Map(_) => StoredType::Map,
            Value::StringSet(_) => StoredType::StringSet,
            Value::NumberSet(_) => StoredType::NumberSet,
            Value::BinarySet(_) => StoredType::BinarySet,
        }
    }

    /// What this is, in the words that error messages use.
    pub fn kind(&self) -> &'static str {
        self.stored_type().describe()
    }
}
