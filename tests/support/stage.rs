//! The embedded engine, behind a backend that holds requests up, and refuses or loses them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use structnosql::backend::{
    BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Capabilities, DeleteRequest,
    GetRequest, PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition, TableDescription,
    TransactGetRequest, TransactWriteRequest, UpdateRequest, UpdateTableRequest,
};
use structnosql::{Backend, Dynamo, Failure, FailureClass, Map, Text};
use structnosql_embedded::{Embedded, EmbeddedError};
use structnosql_testkit::{Counted, Sent};
use tokio::sync::Notify;

/// What tables are opened over in these tests: it counts requests, and does with them what the test says.
pub(crate) type Engine = Counted<Stage>;

/// The test's own hold on the backend that it opened a table over.
#[derive(Clone)]
pub(crate) struct Probe(pub(crate) Engine);

/// Passes requests on, once the test's script is through.
#[derive(Clone)]
pub(crate) struct Stage {
    dynamo: Dynamo,
    script: Arc<Mutex<VecDeque<Step>>>,
}

/// What happens to a request.
pub(crate) enum Step {
    /// It is answered as usual.
    Pass,
    /// It is not applied, and fails.
    Refuse(FailureClass),
    /// It is applied, and its answer is lost.
    Lose,
    /// It waits, is let go, and is applied then.
    Hold(Hold),
    /// It is applied, and the answer waits until it is let go.
    HoldAnswer(Hold),
}

/// Holds one request up.
#[derive(Clone, Default)]
pub(crate) struct Hold {
    reached: Arc<Notify>,
    released: Arc<Notify>,
}

impl Hold {
    /// Waits until the request is there.
    pub(crate) async fn reached(&self) {
        self.reached.notified().await;
    }

    pub(crate) fn release(&self) {
        self.released.notify_one();
    }

    async fn wait(&self) {
        self.reached.notify_one();
        self.released.notified().await;
    }
}

impl Probe {
    pub(crate) fn in_memory() -> Result<Self, EmbeddedError> {
        let dynamo = Embedded::in_memory()?.dynamo();
        Ok(Probe(Counted::new(Stage { dynamo, script: Arc::default() })))
    }

    /// The engine itself: another program that reads and writes the same tables. What it sends is not counted.
    pub(crate) fn other_program(&self) -> Dynamo {
        self.0.inner().dynamo.clone()
    }

    /// The requests since the last call, without table and key: `get SELECT id,name`.
    pub(crate) fn take(&self) -> Vec<String> {
        let log = self.0.log();
        self.0.reset();
        log.iter().map(|Sent { kind, expression, .. }| format!("{kind} {expression}").trim_end().to_owned()).collect()
    }

    /// How many requests there were since the last call.
    pub(crate) fn count(&self) -> usize {
        self.take().len()
    }

    /// What happens to the next requests, in their order.
    pub(crate) fn next(&self, steps: impl IntoIterator<Item = Step>) {
        let script = &self.0.inner().script;
        script.lock().unwrap_or_else(PoisonError::into_inner).extend(steps);
    }

    /// Holds the next request up before it is applied.
    pub(crate) fn hold(&self) -> Hold {
        let hold = Hold::default();
        self.next([Step::Hold(hold.clone())]);
        hold
    }

    /// Applies the next request and holds its answer up.
    pub(crate) fn hold_answer(&self) -> Hold {
        let hold = Hold::default();
        self.next([Step::HoldAnswer(hold.clone())]);
        hold
    }
}

impl Stage {
    async fn through<T>(&self, send: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let step = self.script.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        match step {
            None | Some(Step::Pass) => send.await,
            Some(Step::Refuse(class)) => Err(Failure::new(class, "so the test says")),
            Some(Step::Lose) => {
                send.await?;
                Err(Failure::new(FailureClass::Interrupted, "so the test says"))
            }
            Some(Step::Hold(hold)) => {
                hold.wait().await;
                send.await
            }
            Some(Step::HoldAnswer(hold)) => {
                let answer = send.await;
                hold.wait().await;
                answer
            }
        }
    }
}

impl Backend for Stage {
    fn capabilities(&self) -> Capabilities {
        self.dynamo.capabilities()
    }

    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.through(self.dynamo.get(request)).await
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        self.through(self.dynamo.put(request)).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        self.through(self.dynamo.update(request)).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        self.through(self.dynamo.delete(request)).await
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        self.through(self.dynamo.query(request)).await
    }

    async fn scan(&self, request: ScanRequest) -> Result<PageResponse, Failure> {
        self.through(self.dynamo.scan(request)).await
    }

    async fn batch_get(&self, request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        self.through(self.dynamo.batch_get(request)).await
    }

    async fn batch_write(&self, request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        self.through(self.dynamo.batch_write(request)).await
    }

    async fn batch_update(&self, request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
        self.through(self.dynamo.batch_update(request)).await
    }

    async fn transact_write(&self, request: TransactWriteRequest) -> Result<(), Failure> {
        self.through(self.dynamo.transact_write(request)).await
    }

    async fn transact_get(&self, request: TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
        self.through(self.dynamo.transact_get(request)).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.through(self.dynamo.describe_table(table)).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.through(self.dynamo.create_table(definition)).await
    }

    async fn update_table(&self, request: UpdateTableRequest) -> Result<(), Failure> {
        self.through(self.dynamo.update_table(request)).await
    }

    async fn delete_table(&self, table: &str) -> Result<(), Failure> {
        self.through(self.dynamo.delete_table(table)).await
    }

    async fn describe_time_to_live(&self, table: &str) -> Result<Option<Text>, Failure> {
        self.through(self.dynamo.describe_time_to_live(table)).await
    }

    async fn enable_time_to_live(&self, table: &str, attribute: &str) -> Result<(), Failure> {
        self.through(self.dynamo.enable_time_to_live(table, attribute)).await
    }
}
