//! Requests that go wrong, by a script or by chance.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use structnosql_core::{
    Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Capabilities,
    DeleteRequest, Failure, FailureClass, GetRequest, Map, PageResponse, PutRequest, QueryRequest, ScanRequest,
    TableDefinition, TableDescription, Text, TransactGetRequest, TransactWriteRequest, UpdateRequest,
    UpdateTableRequest,
};

/// How one request goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails with this class and is not applied. The classes that may have been applied are allowed: the
    /// caller cannot tell.
    Refuse(FailureClass),
    /// Of a batch of updates the first one fails so, while the request succeeds and the others are applied. Any other
    /// request is refused as a whole.
    RefuseFirst(FailureClass),
    /// Of a batch of keys or of whole records the first half is left unprocessed, while the request succeeds and the
    /// others are done. Any other request works.
    LeaveHalf,
    /// It is applied, and its answer is lost: it fails as [`FailureClass::Interrupted`].
    LoseAnswer,
    /// It is not applied, and never answered.
    HangBefore,
    /// It is applied, and never answered.
    HangAfter,
}

impl Fault {
    /// The faults that chance picks from. Those that hang end only where the caller gives up, so they are not here.
    pub const RANDOM: [Fault; 10] = [
        Fault::LoseAnswer,
        Fault::Refuse(FailureClass::Throttled),
        Fault::Refuse(FailureClass::Conflict),
        Fault::Refuse(FailureClass::NotSent),
        Fault::Refuse(FailureClass::Interrupted),
        Fault::Refuse(FailureClass::BadAnswer),
        Fault::Refuse(FailureClass::AccessDenied),
        Fault::RefuseFirst(FailureClass::Throttled),
        Fault::RefuseFirst(FailureClass::Interrupted),
        Fault::LeaveHalf,
    ];

    fn name(self) -> String {
        match self {
            Fault::Refuse(class) => class.to_string(),
            Fault::RefuseFirst(class) => format!("{class}, the first of a batch"),
            Fault::LeaveHalf => "half of a batch left".to_owned(),
            Fault::LoseAnswer => "answer lost after applying".to_owned(),
            Fault::HangBefore => "hang before applying".to_owned(),
            Fault::HangAfter => "hang after applying".to_owned(),
        }
    }
}

/// Wraps a [`Backend`] and makes its requests go wrong.
///
/// Clones share the script and the counts.
///
/// ```
/// use structnosql_core::{Backend, FailureClass, GetRequest, Map, Value};
/// use structnosql_testkit::{Fault, Faulty, Reference};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let backend = Faulty::new(Reference::new());
/// backend.script([None, Some(Fault::Refuse(FailureClass::Throttled))]);
///
/// let key: Map = [("id", Value::from("b12"))].into_iter().collect();
/// let request = GetRequest { table: "movies".into(), key, projection: Vec::new(), consistent: true };
/// let first = backend.get(request.clone()).await.unwrap_err();
/// let second = backend.get(request).await.unwrap_err();
/// assert_eq!((first.class(), second.class()), (FailureClass::TableNotFound, FailureClass::Throttled));
/// assert_eq!(backend.injected(), 1);
/// # }
/// ```
#[derive(Clone)]
pub struct Faulty<B> {
    inner: B,
    plan: Arc<Mutex<Plan>>,
}

#[derive(Default)]
struct Plan {
    script: VecDeque<Option<Fault>>,
    chance: Option<Chance>,
    requests: u64,
    injected: BTreeMap<String, u64>,
}

struct Chance {
    rng: fastrand::Rng,
    probability: f64,
    hanging: bool,
}

impl<B> Faulty<B> {
    /// A backend that works as `inner` does until it is told otherwise.
    pub fn new(inner: B) -> Self {
        Faulty { inner, plan: Arc::default() }
    }

    /// The backend that requests go to.
    pub fn inner(&self) -> &B {
        &self.inner
    }

    /// What becomes of the next requests, one after another; those behind the script's end work.
    pub fn script(&self, faults: impl IntoIterator<Item = Option<Fault>>) {
        let mut plan = self.lock();
        plan.chance = None;
        plan.script = faults.into_iter().collect();
    }

    /// Makes each request go wrong with this probability, in one of the ways of [`Fault::RANDOM`], and with
    /// `hanging` in the two that are never answered as well. The same seed makes the same faults.
    pub fn at_random(&self, seed: u64, probability: f64, hanging: bool) {
        let mut plan = self.lock();
        plan.script.clear();
        plan.chance = Some(Chance { rng: fastrand::Rng::with_seed(seed), probability, hanging });
    }

    /// Lets every request work from now on.
    pub fn heal(&self) {
        self.script([]);
    }

    /// How many faults have been injected.
    pub fn injected(&self) -> u64 {
        self.lock().injected.values().sum()
    }

    /// How many faults of each kind have been injected.
    pub fn injected_by_kind(&self) -> BTreeMap<String, u64> {
        self.lock().injected.clone()
    }

    /// How many requests there were, those that went wrong included.
    pub fn requests(&self) -> u64 {
        self.lock().requests
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn serve<T>(&self, request: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let fault = self.lock().next(1);
        Self::serve_with(fault, request).await
    }

    async fn serve_with<T>(
        fault: Option<Fault>,
        request: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        match fault {
            None | Some(Fault::LeaveHalf) => request.await,
            Some(Fault::Refuse(class) | Fault::RefuseFirst(class)) => Err(Failure::new(class, "injected")),
            Some(Fault::HangBefore) => std::future::pending().await,
            Some(Fault::HangAfter) => {
                drop(request.await);
                std::future::pending().await
            }
            Some(Fault::LoseAnswer) => {
                drop(request.await);
                Err(Failure::new(FailureClass::Interrupted, "injected: applied, and the answer lost"))
            }
        }
    }
}

impl Plan {
    /// What becomes of a request of which so many things can be left.
    fn next(&mut self, parts: usize) -> Option<Fault> {
        self.requests += 1;
        let fault = match &mut self.chance {
            None => self.script.pop_front().flatten(),
            Some(chance) => chance.next(),
        }
        .filter(|fault| parts > 1 || *fault != Fault::LeaveHalf);
        if let Some(fault) = fault {
            *self.injected.entry(fault.name()).or_default() += 1;
        }
        fault
    }
}

impl Chance {
    fn next(&mut self) -> Option<Fault> {
        if self.rng.f64() >= self.probability {
            return None;
        }
        let choices = Fault::RANDOM.len() + if self.hanging { 2 } else { 0 };
        let drawn = self.rng.usize(..choices);
        let hanging = [Fault::HangBefore, Fault::HangAfter];
        Fault::RANDOM.iter().chain(&hanging).nth(drawn).copied()
    }
}

impl<B: Backend> Backend for Faulty<B> {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.serve(self.inner.get(request)).await
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        self.serve(self.inner.put(request)).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        self.serve(self.inner.update(request)).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        self.serve(self.inner.delete(request)).await
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        self.serve(self.inner.query(request)).await
    }

    async fn scan(&self, request: ScanRequest) -> Result<PageResponse, Failure> {
        self.serve(self.inner.scan(request)).await
    }

    async fn batch_get(&self, mut request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        let fault = self.lock().next(request.keys.len());
        match fault {
            Some(Fault::LeaveHalf) => {
                let left = request.keys.drain(..request.keys.len() / 2).collect::<Vec<_>>();
                let mut answer = self.inner.batch_get(request).await?;
                answer.unprocessed.extend(left);
                Ok(answer)
            }
            fault => Self::serve_with(fault, self.inner.batch_get(request)).await,
        }
    }

    async fn batch_write(&self, mut request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        let fault = self.lock().next(request.writes.len());
        match fault {
            Some(Fault::LeaveHalf) => {
                let left = request.writes.drain(..request.writes.len() / 2).collect::<Vec<_>>();
                let mut unprocessed = self.inner.batch_write(request).await?;
                unprocessed.extend(left);
                Ok(unprocessed)
            }
            fault => Self::serve_with(fault, self.inner.batch_write(request)).await,
        }
    }

    async fn batch_update(&self, mut request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
        let fault = self.lock().next(1);
        match fault {
            Some(Fault::RefuseFirst(class)) if request.updates.len() > 1 => {
                request.updates.remove(0);
                let mut answers = self.inner.batch_update(request).await?;
                answers.insert(0, Err(Failure::new(class, "injected")));
                Ok(answers)
            }
            fault => Self::serve_with(fault, self.inner.batch_update(request)).await,
        }
    }

    async fn transact_write(&self, request: TransactWriteRequest) -> Result<(), Failure> {
        self.serve(self.inner.transact_write(request)).await
    }

    async fn transact_get(&self, request: TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
        self.serve(self.inner.transact_get(request)).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.serve(self.inner.describe_table(table)).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.serve(self.inner.create_table(definition)).await
    }

    async fn update_table(&self, request: UpdateTableRequest) -> Result<(), Failure> {
        self.serve(self.inner.update_table(request)).await
    }

    async fn delete_table(&self, table: &str) -> Result<(), Failure> {
        self.serve(self.inner.delete_table(table)).await
    }

    async fn describe_time_to_live(&self, table: &str) -> Result<Option<Text>, Failure> {
        self.serve(self.inner.describe_time_to_live(table)).await
    }

    async fn enable_time_to_live(&self, table: &str, attribute: &str) -> Result<(), Failure> {
        self.serve(self.inner.enable_time_to_live(table, attribute)).await
    }
}

impl<B> fmt::Debug for Faulty<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.lock();
        f.debug_struct("Faulty").field("requests", &plan.requests).field("injected", &plan.injected).finish()
    }
}
