//! A backend that does only some of a batch, or fails it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use structnosql_core::{
    Backend, BatchGetRequest, BatchGetResponse, BatchWrite, BatchWriteRequest, DeleteRequest, Failure, FailureClass,
    GetRequest, Map, PageResponse, PutRequest, QueryRequest, ScanRequest, TableDefinition, TableDescription,
    UpdateRequest,
};
use tokio::sync::Notify;

/// What becomes of a batch.
pub(crate) enum Step {
    /// So many of its records are done, the rest is left.
    Only(usize),
    /// It fails, and nothing is done.
    Fail(FailureClass),
    /// It is done, and the answer is lost.
    Lose,
    /// It is done, and answered when the second is notified; the first is, when it is done.
    Hold(Arc<Notify>, Arc<Notify>),
}

#[derive(Clone)]
pub(crate) struct Busy<B> {
    inner: B,
    steps: Arc<Mutex<VecDeque<Step>>>,
}

impl<B> Busy<B> {
    pub(crate) fn over(inner: B) -> Self {
        Busy { inner, steps: Arc::default() }
    }

    /// What becomes of the next batches; those behind are done as usual.
    pub(crate) fn next(&self, steps: impl IntoIterator<Item = Step>) {
        self.steps.lock().unwrap().extend(steps);
    }

    /// What is left of the batch from the start, and what becomes of its answer.
    async fn through<T>(&self, size: usize, send: impl AsyncFnOnce(usize) -> Result<T, Failure>) -> Result<T, Failure> {
        let step = self.steps.lock().unwrap().pop_front();
        match step {
            None => send(size).await,
            Some(Step::Only(some)) => send(some.min(size)).await,
            Some(Step::Fail(class)) => Err(Failure::new(class, "so the test says")),
            Some(Step::Lose) => {
                send(size).await?;
                Err(Failure::new(FailureClass::Interrupted, "so the test says"))
            }
            Some(Step::Hold(reached, released)) => {
                let answer = send(size).await;
                reached.notify_one();
                released.notified().await;
                answer
            }
        }
    }
}

impl<B: Backend> Backend for Busy<B> {
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

    async fn scan(&self, request: ScanRequest) -> Result<PageResponse, Failure> {
        self.inner.scan(request).await
    }

    async fn batch_get(&self, mut request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        let step = self.through(request.keys.len(), async |done| {
            let left = request.keys.split_off(done);
            let mut response = match request.keys.is_empty() {
                true => BatchGetResponse::default(),
                false => self.inner.batch_get(request).await?,
            };
            response.unprocessed.extend(left);
            Ok(response)
        });
        step.await
    }

    async fn batch_write(&self, mut request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        let step = self.through(request.writes.len(), async |done| {
            let left = request.writes.split_off(done);
            if !request.writes.is_empty() {
                self.inner.batch_write(request).await?;
            }
            Ok(left)
        });
        step.await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.inner.describe_table(table).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.inner.create_table(definition).await
    }
}
