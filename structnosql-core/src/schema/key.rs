//! Key attributes, of tables and of their indexes.

use serde::{Deserialize, Serialize};

use super::TableSchema;
use crate::text::Text;

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
