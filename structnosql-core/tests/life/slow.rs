//! A backend whose tables and indexes take some looks until they can be used.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use structnosql_core::{
    Backend, DeleteRequest, Failure, FailureClass, GetRequest, Map, PageResponse, PutRequest, QueryRequest,
    TableDefinition, TableDescription, Text, UpdateRequest, UpdateTableRequest,
};

#[derive(Clone)]
pub(crate) struct Slow<B> {
    inner: B,
    /// The looks that something new takes.
    each: Arc<AtomicU32>,
    /// Those that what is under way still takes.
    left: Arc<AtomicU32>,
}

impl<B> Slow<B> {
    pub(crate) fn over(inner: B) -> Self {
        Slow { inner, each: Arc::new(AtomicU32::new(3)), left: Arc::default() }
    }

    /// What is begun from here on takes so many looks.
    pub(crate) fn takes(&self, looks: u32) {
        self.each.store(looks, Ordering::Relaxed);
    }

    /// What is under way is done.
    pub(crate) fn finish(&self) {
        self.left.store(0, Ordering::Relaxed);
    }

    fn begin(&self) {
        self.left.store(self.each.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl<B: Backend> Backend for Slow<B> {
    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.inner.get(request).await
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        self.inner.put(request).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        self.inner.update(request).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        self.inner.delete(request).await
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        self.inner.query(request).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        let left = self.left.load(Ordering::Relaxed);
        self.left.store(left.saturating_sub(1), Ordering::Relaxed);
        let described = self.inner.describe_table(table).await?;
        Ok(described.map(|described| TableDescription { active: described.active && left == 0, ..described }))
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.begin();
        self.inner.create_table(definition).await
    }

    async fn describe_time_to_live(&self, table: &str) -> Result<Option<Text>, Failure> {
        self.inner.describe_time_to_live(table).await
    }

    async fn update_table(&self, request: UpdateTableRequest) -> Result<(), Failure> {
        // DynamoDB adds one index at a time.
        if self.left.load(Ordering::Relaxed) > 0 {
            return Err(Failure::new(FailureClass::TableInUse, "an index is being added"));
        }
        self.begin();
        self.inner.update_table(request).await
    }
}
