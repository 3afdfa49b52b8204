//! What a table is, and requests about whole tables.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::KeyAttribute;
use crate::text::Text;

/// The keys and indexes of a table, and how it is paid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableDefinition {
    /// The table's name.
    pub table: Arc<str>,
    /// The partition key.
    pub partition_key: KeyAttribute,
    /// The sort key.
    pub sort_key: Option<KeyAttribute>,
    /// The secondary indexes.
    pub indexes: Vec<IndexDefinition>,
    /// How it is paid.
    #[serde(default)]
    pub billing: Billing,
}

/// How requests to a table are paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Billing {
    /// By request.
    #[default]
    OnDemand,
    /// By the hour, for so much capacity of the table and as much of each global index.
    Provisioned {
        /// Read capacity units, each a consistent read of up to 4 KB a second: at least 1.
        read_units: u32,
        /// Write capacity units, each a write of up to 1 KB a second: at least 1.
        write_units: u32,
    },
}

/// The keys of a secondary index, and what it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct IndexDefinition {
    /// The index's name.
    pub name: Text,
    /// Its partition key.
    pub partition_key: KeyAttribute,
    /// Its sort key.
    pub sort_key: Option<KeyAttribute>,
    /// Which attributes it holds besides the keys.
    pub projection: IndexedAttributes,
    /// Whether it is a local index.
    pub local: bool,
}

/// Add a global index to a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateTableRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The index, a global one: a local one can only be created with its table.
    pub add_index: IndexDefinition,
    /// How the table is paid; a provisioned one gives the index capacity of its own.
    #[serde(default)]
    pub billing: Billing,
}

/// Which attributes an index holds besides the keys of the table and its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum IndexedAttributes {
    /// All of them.
    All,
    /// None.
    KeysOnly,
    /// These, sorted by name.
    Include(Vec<Text>),
}

/// An existing table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TableDescription {
    /// Whether the table and all its indexes can be used now.
    pub active: bool,
    /// Its keys and indexes, and how it is paid.
    pub definition: TableDefinition,
}
