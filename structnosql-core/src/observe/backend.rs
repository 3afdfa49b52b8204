//! The requests of an observed backend.

use std::sync::Arc;

use super::{ApiOperation, Asked, Observed};
use crate::backend::{
    Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Capabilities,
    DeleteRequest, GetRequest, PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition, TableDescription,
    TransactAction, TransactGetRequest, TransactWriteRequest, UpdateRequest, UpdateTableRequest,
};
use crate::failure::Failure;
use crate::text::Text;
use crate::value::Map;

impl Asked {
    fn item(operation: ApiOperation, table: &Arc<str>) -> Self {
        Asked { operation, table: table.clone(), items: 1 }
    }

    fn items(operation: ApiOperation, table: &Arc<str>, items: usize) -> Self {
        Asked { operation, table: table.clone(), items }
    }

    fn table(operation: ApiOperation, table: &str) -> Self {
        Asked { operation, table: table.into(), items: 0 }
    }

    fn tables<'t>(operation: ApiOperation, tables: impl Iterator<Item = &'t Arc<str>>) -> Self {
        let (mut items, mut names): (_, Vec<&Arc<str>>) = (0, Vec::new());
        for table in tables {
            items += 1;
            if !names.contains(&table) {
                names.push(table);
            }
        }
        let table = match names[..] {
            [only] => only.clone(),
            _ => names.iter().map(|name| &***name).collect::<Vec<_>>().join(",").into(),
        };
        Asked { operation, table, items }
    }
}

/// Where a request succeeds or fails as a whole.
fn none<T>(_: &T) -> usize {
    0
}

impl<B: Backend> Backend for Observed<B> {
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
        let asked = Asked::item(ApiOperation::GetItem, &request.table);
        self.observe(asked, self.inner.get(request), none).await
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        let asked = Asked::item(ApiOperation::PutItem, &request.table);
        self.observe(asked, self.inner.put(request), none).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        let asked = Asked::item(ApiOperation::UpdateItem, &request.table);
        self.observe(asked, self.inner.update(request), none).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        let asked = Asked::item(ApiOperation::DeleteItem, &request.table);
        self.observe(asked, self.inner.delete(request), none).await
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        let asked = Asked::table(ApiOperation::Query, &request.table);
        self.observe(asked, self.inner.query(request), none).await
    }

    async fn scan(&self, request: ScanRequest) -> Result<PageResponse, Failure> {
        let asked = Asked::table(ApiOperation::Scan, &request.table);
        self.observe(asked, self.inner.scan(request), none).await
    }

    async fn batch_get(&self, request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        let asked = Asked::items(ApiOperation::BatchGetItem, &request.table, request.keys.len());
        self.observe(asked, self.inner.batch_get(request), |answer| answer.unprocessed.len()).await
    }

    async fn batch_write(&self, request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        let asked = Asked::items(ApiOperation::BatchWriteItem, &request.table, request.writes.len());
        self.observe(asked, self.inner.batch_write(request), Vec::len).await
    }

    async fn batch_update(&self, request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
        let tables = request.updates.iter().map(|update| &update.table);
        let asked = Asked::tables(ApiOperation::BatchExecuteStatement, tables);
        let refused = |answers: &Vec<Result<(), Failure>>| answers.iter().filter(|answer| answer.is_err()).count();
        self.observe(asked, self.inner.batch_update(request), refused).await
    }

    async fn transact_write(&self, request: TransactWriteRequest) -> Result<(), Failure> {
        let tables = request.actions.iter().map(|action| match action {
            TransactAction::Put(PutRequest { table, .. }) => table,
            TransactAction::Update(UpdateRequest { table, .. }) => table,
            TransactAction::Delete(DeleteRequest { table, .. }) => table,
            TransactAction::Check(check) => &check.table,
        });
        let asked = Asked::tables(ApiOperation::TransactWriteItems, tables);
        self.observe(asked, self.inner.transact_write(request), none).await
    }

    async fn transact_get(&self, request: TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
        let asked = Asked::tables(ApiOperation::TransactGetItems, request.gets.iter().map(|get| &get.table));
        self.observe(asked, self.inner.transact_get(request), none).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.observe(Asked::table(ApiOperation::DescribeTable, table), self.inner.describe_table(table), none).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        let asked = Asked::table(ApiOperation::CreateTable, &definition.table);
        self.observe(asked, self.inner.create_table(definition), none).await
    }

    async fn update_table(&self, request: UpdateTableRequest) -> Result<(), Failure> {
        let asked = Asked::table(ApiOperation::UpdateTable, &request.table);
        self.observe(asked, self.inner.update_table(request), none).await
    }

    async fn delete_table(&self, table: &str) -> Result<(), Failure> {
        self.observe(Asked::table(ApiOperation::DeleteTable, table), self.inner.delete_table(table), none).await
    }

    async fn describe_time_to_live(&self, table: &str) -> Result<Option<Text>, Failure> {
        let asked = Asked::table(ApiOperation::DescribeTimeToLive, table);
        self.observe(asked, self.inner.describe_time_to_live(table), none).await
    }

    async fn enable_time_to_live(&self, table: &str, attribute: &str) -> Result<(), Failure> {
        let asked = Asked::table(ApiOperation::UpdateTimeToLive, table);
        self.observe(asked, self.inner.enable_time_to_live(table, attribute), none).await
    }
}
