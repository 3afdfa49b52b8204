//! A backend behind a shared pointer serves as well.

use std::future::Future;
use std::sync::Arc;

use super::{
    Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Capabilities,
    DeleteRequest, GetRequest, PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition, TableDescription,
    TransactGetRequest, TransactWriteRequest, UpdateRequest, UpdateTableRequest,
};
use crate::failure::Failure;
use crate::text::Text;
use crate::value::Map;

impl<B: Backend> Backend for Arc<B> {
    fn capabilities(&self) -> Capabilities {
        B::capabilities(self)
    }

    fn concurrency(&self) -> usize {
        B::concurrency(self)
    }

    fn gather<F>(&self, work: F) -> impl Future<Output = F::Output> + Send
    where
        F: Future<Output: Send> + Send,
    {
        B::gather(self, work)
    }

    fn get(&self, request: GetRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        B::get(self, request)
    }

    fn put(&self, request: PutRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        B::put(self, request)
    }

    fn update(&self, request: UpdateRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        B::update(self, request)
    }

    fn delete(&self, request: DeleteRequest) -> impl Future<Output = Result<Option<Map>, Failure>> + Send {
        B::delete(self, request)
    }

    fn query(&self, request: QueryRequest) -> impl Future<Output = Result<PageResponse, Failure>> + Send {
        B::query(self, request)
    }

    fn scan(&self, request: ScanRequest) -> impl Future<Output = Result<PageResponse, Failure>> + Send {
        B::scan(self, request)
    }

    fn batch_get(&self, request: BatchGetRequest) -> impl Future<Output = Result<BatchGetResponse, Failure>> + Send {
        B::batch_get(self, request)
    }

    fn batch_write(&self, request: BatchWriteRequest) -> impl Future<Output = Result<Vec<BatchWrite>, Failure>> + Send {
        B::batch_write(self, request)
    }

    fn batch_update(
        &self,
        request: BatchUpdateRequest,
    ) -> impl Future<Output = Result<Vec<Result<(), Failure>>, Failure>> + Send {
        B::batch_update(self, request)
    }

    fn transact_write(&self, request: TransactWriteRequest) -> impl Future<Output = Result<(), Failure>> + Send {
        B::transact_write(self, request)
    }

    fn transact_get(
        &self,
        request: TransactGetRequest,
    ) -> impl Future<Output = Result<Vec<Option<Map>>, Failure>> + Send {
        B::transact_get(self, request)
    }

    fn create_table(&self, request: TableDefinition) -> impl Future<Output = Result<(), Failure>> + Send {
        B::create_table(self, request)
    }

    fn update_table(&self, request: UpdateTableRequest) -> impl Future<Output = Result<(), Failure>> + Send {
        B::update_table(self, request)
    }

    fn describe_table(&self, table: &str) -> impl Future<Output = Result<Option<TableDescription>, Failure>> + Send {
        B::describe_table(self, table)
    }

    fn delete_table(&self, table: &str) -> impl Future<Output = Result<(), Failure>> + Send {
        B::delete_table(self, table)
    }

    fn describe_time_to_live(&self, table: &str) -> impl Future<Output = Result<Option<Text>, Failure>> + Send {
        B::describe_time_to_live(self, table)
    }

    fn enable_time_to_live(&self, table: &str, attribute: &str) -> impl Future<Output = Result<(), Failure>> + Send {
        B::enable_time_to_live(self, table, attribute)
    }
}
