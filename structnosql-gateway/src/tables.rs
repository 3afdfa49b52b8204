//! The tables that are served.

use std::collections::BTreeMap;

use structnosql_core::schema::KeyAttribute;
use structnosql_core::{DocumentPath, Text};

use crate::schema::Schema;

/// The tables that are served: those with models, and perhaps others by how their names begin.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// A table whose records are several entities has a model for each.
    modelled: BTreeMap<String, Vec<Schema>>,
    open: Option<String>,
}

impl Tables {
    pub(crate) fn add(&mut self, schema: Schema) {
        self.modelled.entry(schema.table.clone()).or_default().push(schema);
    }

    pub(crate) fn open(&mut self, prefix: String) {
        self.open = Some(prefix);
    }

    /// The models of a table; none where it has none.
    pub(crate) fn models(&self, table: &str) -> &[Schema] {
        self.modelled.get(table).map_or(&[], Vec::as_slice)
    }

    /// The partition key of a table, where its models say what it is.
    pub(crate) fn partition_key(&self, table: &str) -> Option<&KeyAttribute> {
        let (first, others) = self.models(table).split_first()?;
        others.iter().all(|model| model.partition_key == first.partition_key).then_some(&first.partition_key)
    }

    /// Whether a path is that of a key attribute.
    pub(crate) fn is_key(&self, table: &str, path: &DocumentPath) -> bool {
        let models = self.models(table);
        !models.is_empty() && models.iter().all(|model| model.is_key(path))
    }

    /// The attributes of the key of an index, as the models have it: none where there is no such index.
    pub(crate) fn index_key<'t>(&'t self, table: &str, index: &Text) -> impl Iterator<Item = &'t KeyAttribute> {
        let indexes = self.models(table).iter().filter_map(move |model| model.index(index));
        indexes.flat_map(|index| index.key_attributes()).collect::<Vec<_>>().into_iter()
    }

    pub(crate) fn serve(&self, table: &str) -> bool {
        self.modelled.contains_key(table) || self.open.as_ref().is_some_and(|prefix| table.starts_with(prefix.as_str()))
    }

    /// The names of those with a model.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.modelled.keys()
    }
}
