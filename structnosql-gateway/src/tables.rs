//! The tables that are served.

use std::collections::BTreeMap;

use crate::schema::Schema;

/// The tables that are served: those with a model, and perhaps others by how their names begin.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    modelled: BTreeMap<String, Schema>,
    open: Option<String>,
}

impl Tables {
    pub(crate) fn add(&mut self, schema: Schema) {
        self.modelled.insert(schema.table.clone(), schema);
    }

    pub(crate) fn open(&mut self, prefix: String) {
        self.open = Some(prefix);
    }

    pub(crate) fn schema(&self, table: &str) -> Option<&Schema> {
        self.modelled.get(table)
    }

    pub(crate) fn serve(&self, table: &str) -> bool {
        self.modelled.contains_key(table) || self.open.as_ref().is_some_and(|prefix| table.starts_with(prefix.as_str()))
    }

    /// The names of those with a model.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.modelled.keys()
    }
}
