//! What joins a table to its database.

use std::sync::Arc;

use crate::schema::TableSchema;
use crate::value::Map;

/// Where a table's requests go.
#[derive(Debug)]
pub struct Link<B> {
    pub(crate) backend: Arc<B>,
    pub(crate) table: Arc<str>,
    pub(crate) schema: &'static TableSchema,
}

impl<B> Link<B> {
    /// Takes in an item that the database answered.
    pub(crate) fn taken_in(&self, mut item: Option<Map>) -> Option<Map> {
        item.iter_mut().for_each(|item| self.schema.record.adopt(item));
        item
    }
}

impl<B> Clone for Link<B> {
    fn clone(&self) -> Self {
        Link { backend: self.backend.clone(), table: self.table.clone(), schema: self.schema }
    }
}
