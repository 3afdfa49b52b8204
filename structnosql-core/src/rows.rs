//! What a query or a scan asks, one page after another.

use std::sync::Arc;

use crate::backend::{Backend, PageResponse, QueryRequest, ScanRequest};
use crate::condition::Condition;
use crate::cursor::{Cursor, Origin, Way, wrong};
use crate::error::{Error, ErrorKind};
use crate::failure::Failure;
use crate::index::SortCondition;
use crate::key::KeyValue;
use crate::path::{DocumentPath, Segment};
use crate::schema::{IndexSchema, KeyAttribute, TableSchema};
use crate::text::Text;
use crate::value::Map;

/// A question whose answer comes in pages.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Rows {
    pub(crate) table: Arc<str>,
    pub(crate) schema: &'static TableSchema,
    pub(crate) index: Option<&'static IndexSchema>,
    pub(crate) which: Which,
    pub(crate) filter: Option<Condition>,
    /// Which parts to bring; whole records where it is empty.
    pub(crate) projection: Vec<DocumentPath>,
    pub(crate) limit: Option<u32>,
    pub(crate) start: Option<Map>,
    pub(crate) consistent: bool,
}

/// Which rows are looked at.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// Those with one partition key value, of which the sort key may have to meet a condition.
    OfKey { partition: (Text, KeyValue<'static>), sort: Option<(Text, SortCondition)>, descending: bool },
    /// All of them, or those of one segment, counted from 0, of so many.
    All { segment: Option<(u32, u32)> },
}

impl Rows {
    /// Asks for the page, with these parts of each record.
    pub(crate) async fn send<B: Backend>(
        &self,
        backend: &B,
        projection: Vec<DocumentPath>,
    ) -> Result<PageResponse, Failure> {
        self.ask(backend, projection, false).await
    }

    /// Asks how many records the page and all behind it would have.
    pub(crate) async fn count<B: Backend>(mut self, backend: &B) -> Result<u64, Failure> {
        let mut count = 0;
        loop {
            let page = self.ask(backend, Vec::new(), true).await?;
            count += u64::from(page.count);
            self.start = match page.next {
                Some(next) => Some(next),
                None => return Ok(count),
            };
        }
    }

    async fn ask<B: Backend>(
        &self,
        backend: &B,
        projection: Vec<DocumentPath>,
        count_only: bool,
    ) -> Result<PageResponse, Failure> {
        let Rows { table, filter, limit, start, .. } = self.clone();
        let index = self.index.map(|index| Text::from_static(index.name));
        // A global index cannot be read consistently.
        let consistent = self.is_consistent();
        match self.which.clone() {
            Which::OfKey { partition, sort, descending } => {
                let request = QueryRequest {
                    table,
                    index,
                    partition,
                    sort,
                    filter,
                    projection,
                    limit,
                    start,
                    descending,
                    consistent,
                    count_only,
                };
                backend.query(request).await
            }
            Which::All { segment } => {
                let request =
                    ScanRequest { table, index, filter, projection, limit, start, segment, consistent, count_only };
                backend.scan(request).await
            }
        }
    }

    /// Whether the answer shows every write before it.
    pub(crate) fn is_consistent(&self) -> bool {
        self.consistent && self.index.is_none_or(|index| index.local)
    }

    /// The same question, for the page behind `cursor`.
    pub(crate) fn behind(mut self, cursor: Cursor) -> Result<Self, Error> {
        self.start = Some(self.start(cursor)?);
        Ok(self)
    }

    /// The cursor behind the last item that was looked at.
    pub(crate) fn cursor(&self, last: Option<Map>) -> Result<Option<Cursor>, Failure> {
        last.map(|last| Cursor::of(self.origin(), &self.cursor_attributes(), &last)).transpose()
    }

    fn origin(&self) -> Origin {
        let way = match self.which {
            Which::OfKey { descending: false, .. } => Way::Ascending,
            Which::OfKey { descending: true, .. } => Way::Descending,
            Which::All { segment } => {
                let (segment, of) = segment.unwrap_or((0, 1));
                Way::Scan(segment, of)
            }
        };
        Origin::new(&self.table, self.index.map(|index| index.name), way)
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
        if let Which::OfKey { partition: (name, value), sort, .. } = &self.which {
            if start.get(name) != Some(&value.to_value()) {
                return Err(wrong(format!("it is of another `{name}`")));
            }
            // DynamoDB refuses to start outside of what it is to search.
            if let Some((name, condition)) = sort
                && !condition.holds(start.get(name))
            {
                return Err(wrong(format!("it lies outside of the condition on `{name}`")));
            }
        }
        Ok(start)
    }

    /// Refuses a filter on what decides which items are looked at, as DynamoDB does, and on what an index does not hold,
    /// which would look absent to it.
    pub(crate) fn check_filter(&self) -> Result<(), Error> {
        let by_key = matches!(self.which, Which::OfKey { .. });
        let of_key = |name: &Text| match self.index {
            Some(index) => index.key_attributes().any(|key| key.name == *name),
            None => self.schema.key_attributes().any(|key| key.name == *name),
        };
        for path in self.filter.iter().flat_map(Condition::paths) {
            let problem = match (path.segments().first(), self.index) {
                (Some(Segment::Name(name)), _) if by_key && of_key(name) => {
                    "it is part of the key that is queried: give a condition on the sort key".to_owned()
                }
                (Some(Segment::Name(name)), Some(index)) if !index.holds(self.schema, name) => {
                    format!("the index `{}` does not hold it: add it to the index's `projection`", index.name)
                }
                _ => continue,
            };
            return Err(ErrorKind::Query(format!("a filter cannot read `{path}`: {problem}")).into());
        }
        Ok(())
    }
}
