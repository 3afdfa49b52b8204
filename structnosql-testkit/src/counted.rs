//! Counting the requests that go to a backend.

use std::sync::{Arc, Mutex, PoisonError};

use structnosql_core::{
    Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Capabilities,
    DeleteRequest, Failure, GetRequest, Map, PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition,
    TableDescription, Text, TransactGetRequest, TransactWriteRequest, UpdateRequest, UpdateTableRequest,
};

use crate::sent::{Sent, SentKind};

/// A backend that passes every request on to another, and keeps a list of them.
///
/// Clones share the list: give one to a table and keep one. A request counts once it is sent, whatever comes of it.
#[derive(Clone, Debug)]
pub struct Counted<B> {
    inner: B,
    log: Arc<Mutex<Vec<Sent>>>,
}

impl<B> Counted<B> {
    /// Counts what goes to `inner` from now on.
    pub fn new(inner: B) -> Self {
        Counted { inner, log: Arc::default() }
    }

    /// The backend behind it; what is sent to it directly is not counted.
    pub fn inner(&self) -> &B {
        &self.inner
    }

    /// All requests since the last [`reset`](Self::reset), those about tables included.
    pub fn requests(&self) -> usize {
        self.with_log(|log| log.len())
    }

    /// The reads of one item.
    pub fn gets(&self) -> usize {
        self.of_kind(SentKind::Get)
    }

    /// The writes of one whole item.
    pub fn puts(&self) -> usize {
        self.of_kind(SentKind::Put)
    }

    /// The changes of one item.
    pub fn updates(&self) -> usize {
        self.of_kind(SentKind::Update)
    }

    /// The deletions of one item.
    pub fn deletes(&self) -> usize {
        self.of_kind(SentKind::Delete)
    }

    /// The pages of queries.
    pub fn queries(&self) -> usize {
        self.of_kind(SentKind::Query)
    }

    /// The pages of scans.
    pub fn scans(&self) -> usize {
        self.of_kind(SentKind::Scan)
    }

    /// The requests of one kind.
    pub fn of_kind(&self, kind: SentKind) -> usize {
        self.with_log(|log| log.iter().filter(|sent| sent.kind == kind).count())
    }

    /// The requests to one table, those of several tables included.
    pub fn of_table(&self, table: &str) -> usize {
        self.with_log(|log| log.iter().filter(|sent| sent.is_about(table)).count())
    }

    /// The requests, in the order in which they were sent.
    pub fn log(&self) -> Vec<Sent> {
        self.with_log(|log| log.clone())
    }

    /// Starts from nothing.
    pub fn reset(&self) {
        self.with_log(Vec::clear);
    }

    fn note(&self, sent: Sent) {
        self.with_log(|log| log.push(sent));
    }

    /// A list is whole at any time: one that a panic was near is as good as any.
    fn with_log<T>(&self, use_it: impl FnOnce(&mut Vec<Sent>) -> T) -> T {
        use_it(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<B: Backend> Backend for Counted<B> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn concurrency(&self) -> usize {
        self.inner.concurrency()
    }

    fn gather<F>(&self, work: F) -> impl Future<Output = F::Output> + Send
    where
        F: Future<Output: Send> + Send,
    {
        self.inner.gather(work)
    }

    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.note(Sent::get(&request));
        self.inner.get(request).await
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        self.note(Sent::put(&request));
        self.inner.put(request).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        self.note(Sent::update(&request));
        self.inner.update(request).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        self.note(Sent::delete(&request));
        self.inner.delete(request).await
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        self.note(Sent::query(&request));
        self.inner.query(request).await
    }

    async fn scan(&self, request: ScanRequest) -> Result<PageResponse, Failure> {
        self.note(Sent::scan(&request));
        self.inner.scan(request).await
    }

    async fn batch_get(&self, request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        self.note(Sent::batch_get(&request));
        self.inner.batch_get(request).await
    }

    async fn batch_write(&self, request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        self.note(Sent::batch_write(&request));
        self.inner.batch_write(request).await
    }

    async fn batch_update(&self, request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
        self.note(Sent::batch_update(&request));
        self.inner.batch_update(request).await
    }

    async fn transact_write(&self, request: TransactWriteRequest) -> Result<(), Failure> {
        self.note(Sent::transact_write(&request));
        self.inner.transact_write(request).await
    }

    async fn transact_get(&self, request: TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
        self.note(Sent::transact_get(&request));
        self.inner.transact_get(request).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.note(Sent::table(SentKind::DescribeTable, table));
        self.inner.describe_table(table).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.note(Sent::table(SentKind::CreateTable, &definition.table));
        self.inner.create_table(definition).await
    }

    async fn update_table(&self, request: UpdateTableRequest) -> Result<(), Failure> {
        self.note(Sent::table(SentKind::UpdateTable, &request.table));
        self.inner.update_table(request).await
    }

    async fn delete_table(&self, table: &str) -> Result<(), Failure> {
        self.note(Sent::table(SentKind::DeleteTable, table));
        self.inner.delete_table(table).await
    }

    async fn describe_time_to_live(&self, table: &str) -> Result<Option<Text>, Failure> {
        self.note(Sent::table(SentKind::DescribeTimeToLive, table));
        self.inner.describe_time_to_live(table).await
    }

    async fn enable_time_to_live(&self, table: &str, attribute: &str) -> Result<(), Failure> {
        self.note(Sent::table(SentKind::EnableTimeToLive, table));
        self.inner.enable_time_to_live(table, attribute).await
    }
}
