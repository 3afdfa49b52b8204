//! What a query asks, one page after another.

use crate::backend::{Backend, PageResponse, QueryRequest};
use crate::cursor::{Cursor, Origin, Way, wrong};
use crate::error::Error;
use crate::failure::Failure;
use crate::schema::{IndexSchema, KeyAttribute, TableSchema};
use crate::value::Map;

/// A question whose answer comes in pages.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Rows {
    pub(crate) request: QueryRequest,
    schema: &'static TableSchema,
    index: Option<&'static IndexSchema>,
}

impl Rows {
    pub(crate) fn new(
        schema: &'static TableSchema,
        index: Option<&'static IndexSchema>,
        request: QueryRequest,
        start: Option<Cursor>,
    ) -> Result<Self, Error> {
        let rows = Rows { request, schema, index };
        match start {
            Some(cursor) => rows.behind(cursor),
            None => Ok(rows),
        }
    }

    pub(crate) async fn send<B: Backend>(&self, backend: &B, request: QueryRequest) -> Result<PageResponse, Failure> {
        backend.query(request).await
    }

    /// The same question, for the page behind `cursor`.
    pub(crate) fn behind(mut self, cursor: Cursor) -> Result<Self, Error> {
        self.request.start = Some(self.start(cursor)?);
        Ok(self)
    }

    /// The cursor behind the last item that was looked at.
    pub(crate) fn cursor(&self, last: Option<Map>) -> Result<Option<Cursor>, Failure> {
        last.map(|last| Cursor::of(self.origin(), &self.cursor_attributes(), &last)).transpose()
    }

    fn origin(&self) -> Origin {
        let way = if self.request.descending { Way::Descending } else { Way::Ascending };
        Origin::new(&self.request.table, self.request.index.as_deref(), way)
    }

    /// The attributes of the table's key, and behind them those of the index's that are not among them.
    fn cursor_attributes(&self) -> Vec<&'static KeyAttribute> {
        let mut attributes: Vec<_> = self.schema.key_attributes().collect();
        for attribute in self.index.into_iter().flat_map(IndexSchema::key_attributes) {
            if !attributes.contains(&attribute) {
                attributes.push(attribute);
            }
        }
        attributes
    }

    fn start(&self, cursor: Cursor) -> Result<Map, Error> {
        let start = cursor.into_start(self.origin(), &self.cursor_attributes())?;
        let (name, value) = &self.request.partition;
        if start.get(name) != Some(&value.to_value()) {
            return Err(wrong(format!("it is of another `{name}`")));
        }
        match &self.request.sort {
            // DynamoDB refuses to start outside of what it is to search.
            Some((name, condition)) if !condition.holds(start.get(name)) => {
                Err(wrong(format!("it lies outside of the condition on `{name}`")))
            }
            _ => Ok(start),
        }
    }
}
