//! What joins a table to its database.

use std::sync::Arc;

use crate::schema::TableSchema;

/// Where a table's requests go.
#[derive(Debug)]
pub struct Link<B> {
    pub(crate) backend: Arc<B>,
    pub(crate) table: Arc<str>,
    pub(crate) schema: &'static TableSchema,
}

impl<B> Clone for Link<B> {
    fn clone(&self) -> Self {
        Link { backend: self.backend.clone(), table: self.table.clone(), schema: self.schema }
    }
}
