//! What an existing table and its model differ in.

use std::fmt;
use std::sync::Arc;

use crate::backend::{Billing, IndexDefinition, IndexedAttributes, TableDefinition};
use crate::schema::{IndexProjection, IndexSchema, KeyAttribute, TableSchema};
use crate::text::Text;

/// What a table has otherwise than its model; it prints in words.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TableDifference {
    /// There is no such table.
    Missing,
    /// The partition key is another one.
    PartitionKey {
        /// The model's.
        model: KeyAttribute,
        /// The table's.
        table: KeyAttribute,
    },
    /// The sort key is another one, or only one of the two has one.
    SortKey {
        /// The model's.
        model: Option<KeyAttribute>,
        /// The table's.
        table: Option<KeyAttribute>,
    },
    /// The table has no index of this name. A global one can be
    /// [added](crate::Table::add_missing_indexes).
    IndexMissing(IndexDefinition),
    /// The index of this name is another one. An index cannot be changed.
    Index {
        /// The model's.
        model: IndexDefinition,
        /// The table's.
        table: IndexDefinition,
    },
    /// Records do not go out of date by the model's `ttl` field. The model works all the same; they are
    /// [let](crate::Table::enable_time_to_live) by a call.
    TimeToLive {
        /// The model's attribute.
        model: Text,
        /// The table's, if there is one.
        table: Option<Text>,
    },
    /// The table has an index that the model has not. That is in nobody's way.
    IndexUnknown(IndexDefinition),
}

impl TableDifference {
    /// Whether the model works on the table all the same.
    pub fn is_harmless(&self) -> bool {
        matches!(self, TableDifference::IndexUnknown(_) | TableDifference::TimeToLive { .. })
    }
}

impl fmt::Display for TableDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TableDifference::Missing => f.write_str("there is no such table"),
            TableDifference::PartitionKey { model, table } => {
                write!(f, "the partition key is {} and should be {}", key(Some(table)), key(Some(model)))
            }
            TableDifference::SortKey { model, table } => {
                write!(f, "the sort key is {} and should be {}", key(table.as_ref()), key(model.as_ref()))
            }
            TableDifference::IndexMissing(index) => {
                write!(f, "index `{}` is missing and should be {}", index.name, described(index))
            }
            TableDifference::Index { model, table } => {
                write!(f, "index `{}` is {} and should be {}", model.name, described(table), described(model))
            }
            TableDifference::TimeToLive { model, table } => {
                let table = table.as_ref().map_or("never".to_owned(), |table| format!("by `{table}`"));
                write!(f, "records go out of date {table} and should by `{model}`")
            }
            TableDifference::IndexUnknown(index) => {
                write!(f, "index `{}` is not in the model: {}", index.name, described(index))
            }
        }
    }
}

fn key(attribute: Option<&KeyAttribute>) -> String {
    attribute.map_or("none".to_owned(), |attribute| format!("`{}` ({})", attribute.name, attribute.kind.describe()))
}

fn described(index: &IndexDefinition) -> String {
    let scope = if index.local { "local" } else { "global" };
    let attributes = match &index.projection {
        IndexedAttributes::All => "all attributes".to_owned(),
        IndexedAttributes::KeysOnly => "the keys only".to_owned(),
        IndexedAttributes::Include(names) => format!("the keys and {}", names.join(", ")),
    };
    let (partition, sort) = (key(Some(&index.partition_key)), key(index.sort_key.as_ref()));
    format!("a {scope} one with partition key {partition}, sort key {sort} and {attributes}")
}

/// What `table` has otherwise than `model`. How it is paid is nobody's affair but its owner's.
pub(crate) fn differences(model: &TableDefinition, table: &TableDefinition) -> Vec<TableDifference> {
    let mut differences = Vec::new();
    if model.partition_key != table.partition_key {
        let (model, table) = (model.partition_key.clone(), table.partition_key.clone());
        differences.push(TableDifference::PartitionKey { model, table });
    }
    if model.sort_key != table.sort_key {
        let (model, table) = (model.sort_key.clone(), table.sort_key.clone());
        differences.push(TableDifference::SortKey { model, table });
    }
    for index in &model.indexes {
        match table.indexes.iter().find(|found| found.name == index.name) {
            None => differences.push(TableDifference::IndexMissing(index.clone())),
            Some(found) if found == index => {}
            Some(found) => differences.push(TableDifference::Index { model: index.clone(), table: found.clone() }),
        }
    }
    let unknown = table.indexes.iter().filter(|found| model.indexes.iter().all(|index| index.name != found.name));
    differences.extend(unknown.cloned().map(TableDifference::IndexUnknown));
    differences
}

/// The table of several models, with the indexes of all; or what they differ in.
pub(crate) fn united(
    mut first: TableDefinition,
    others: impl Iterator<Item = TableDefinition>,
) -> Result<TableDefinition, Vec<TableDifference>> {
    for other in others {
        let mut wrong = Vec::new();
        for difference in differences(&other, &first) {
            match difference {
                TableDifference::IndexMissing(index) => first.indexes.push(index),
                harmless if harmless.is_harmless() => {}
                other => wrong.push(other),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
    }
    Ok(first)
}

impl TableSchema {
    /// The table as it is created.
    pub(crate) fn definition(&self, table: Arc<str>, billing: Billing) -> TableDefinition {
        TableDefinition {
            table,
            partition_key: self.partition_key.clone(),
            sort_key: self.sort_key.clone(),
            indexes: self.indexes.iter().map(IndexSchema::definition).collect(),
            billing,
        }
    }
}

impl IndexSchema {
    fn definition(&self) -> IndexDefinition {
        IndexDefinition {
            name: Text::from_static(self.name),
            partition_key: self.partition_key.clone(),
            sort_key: self.sort_key.clone(),
            projection: match self.projection {
                IndexProjection::All => IndexedAttributes::All,
                IndexProjection::KeysOnly => IndexedAttributes::KeysOnly,
                IndexProjection::Include(names) => {
                    let mut names: Vec<Text> = names.iter().map(|name| Text::from_static(name)).collect();
                    names.sort_unstable();
                    IndexedAttributes::Include(names)
                }
            },
            local: self.local,
        }
    }
}
