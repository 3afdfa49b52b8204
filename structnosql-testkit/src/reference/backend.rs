//! The requests that the reference serves.

use structnosql_core::{
    Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Capabilities,
    DeleteRequest, Failure, GetRequest, Map, PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition,
    TableDescription, Text, TransactGetRequest, TransactWriteRequest, UpdateRequest, UpdateTableRequest,
};

use super::{Reference, batch, limits, project, query, scan, transact};

impl Backend for Reference {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.serve(|store| {
            let table = store.table_mut(&request.table)?.seen(request.consistent);
            limits::check_projection(&request.projection)?;
            let key = table.key_of_request(&request.key)?;
            Ok(table.get(&key).map(|item| project::project(item, &request.projection)))
        })
        .await
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        self.serve(|store| {
            let old = store.table_mut(&request.table)?.put(request.item, request.condition.as_ref())?;
            Ok(old.filter(|_| request.return_old))
        })
        .await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        self.serve(|store| {
            let old = store.table_mut(&request.table)?.update(&request)?;
            Ok(old.filter(|_| request.return_old))
        })
        .await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        self.serve(|store| {
            let old = store.table_mut(&request.table)?.delete(&request.key, request.condition.as_ref())?;
            Ok(old.filter(|_| request.return_old))
        })
        .await
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        self.serve(|store| query::query(&store.table_mut(&request.table)?.seen(request.consistent), &request)).await
    }

    async fn scan(&self, request: ScanRequest) -> Result<PageResponse, Failure> {
        self.serve(|store| scan::scan(&store.table_mut(&request.table)?.seen(request.consistent), &request)).await
    }

    async fn batch_get(&self, request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        self.serve(|store| batch::get(store, request)).await
    }

    async fn batch_write(&self, request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        self.serve(|store| batch::write(store, request)).await
    }

    async fn batch_update(&self, request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
        self.require(self.capabilities.batched_updates, "batch of updates")?;
        self.serve(|store| batch::update(store, request)).await
    }

    async fn transact_write(&self, request: TransactWriteRequest) -> Result<(), Failure> {
        self.require(self.capabilities.transactions, "transaction")?;
        self.serve(|store| transact::write(store, request)).await
    }

    async fn transact_get(&self, request: TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
        self.require(self.capabilities.transactions, "transaction")?;
        self.serve(|store| transact::get(store, &request)).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.serve(|store| {
            let found = store.tables.get(table);
            Ok(found.map(|found| TableDescription { active: true, definition: found.definition().clone() }))
        })
        .await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.serve(|store| store.create(definition)).await
    }

    async fn update_table(&self, request: UpdateTableRequest) -> Result<(), Failure> {
        self.serve(|store| store.table_mut(&request.table)?.add_index(request.add_index)).await
    }

    async fn delete_table(&self, table: &str) -> Result<(), Failure> {
        self.serve(|store| store.delete(table)).await
    }

    async fn describe_time_to_live(&self, table: &str) -> Result<Option<Text>, Failure> {
        self.require(self.capabilities.time_to_live, "time to live")?;
        self.serve(|store| Ok(store.table(table)?.time_to_live().cloned())).await
    }

    async fn enable_time_to_live(&self, table: &str, attribute: &str) -> Result<(), Failure> {
        self.require(self.capabilities.time_to_live, "time to live")?;
        self.serve(|store| store.table_mut(table)?.enable_time_to_live(attribute)).await
    }
}

impl Reference {
    fn require(&self, has: bool, what: &str) -> Result<(), Failure> {
        if has { Ok(()) } else { Err(Failure::unsupported(what)) }
    }
}
