//! What goes over the wire: a span, counts and a call for each request, whatever the backend.

mod backend;
pub mod meter;
mod statistics;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::Empty;
use tracing::{Instrument, Span};

pub use statistics::{RequestCounts, RequestStatistics};

use crate::failure::{Failure, FailureClass};
use meter::{Meter, Took};

/// A backend that passes every request on to another, and tells what went over the wire.
///
/// For each request there is
///
/// - a [`tracing`](https://docs.rs/tracing) span of level INFO, named `request`, with the fields `table`, `operation`,
///   `items`, and once it is answered `attempts`, `read_units`, `write_units`, `unprocessed`, `duration_ms` and
///   `outcome`;
/// - an entry in the [`statistics`](Self::statistics);
/// - a call of what [`on_request`](Self::on_request) was given.
///
/// None of them holds a key or a value. Clones share the statistics: give one to a table and keep one.
///
/// Capacity units are those that the server says were consumed; asking for them costs nothing. An engine that does not
/// tell them leaves them at 0.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// use structnosql_core::{Observed, ApiOperation};
///
/// let backend = Observed::new(Reference::new()).on_request(|request| {
///     println!("{} of {} took {:?}", request.operation, request.table, request.duration);
/// });
/// let users = CachingTable::<User, _>::open(backend.clone()).await?;
/// users.put_record(&robinson()).await?;
///
/// let statistics = backend.statistics();
/// assert_eq!(statistics.of("users", ApiOperation::PutItem).requests, 1);
/// assert_eq!(statistics.total().failed, 0);
/// println!("{statistics}");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Observed<B> {
    inner: B,
    statistics: Arc<Mutex<RequestStatistics>>,
    hooks: Vec<Hook>,
}

type Hook = Arc<dyn Fn(&ObservedRequest) + Send + Sync>;

/// One request, after it was answered or given up.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ObservedRequest {
    /// What was asked for.
    pub operation: ApiOperation,
    /// The table's name; of a request over several tables their names, joined by commas.
    pub table: Arc<str>,
    /// How many items it names: 1 but for batches and transactions, 0 for queries, scans and requests about a table.
    pub items: usize,
    /// Of a batch, how many were left out or refused under the success of the whole.
    pub unprocessed: usize,
    /// How often it was sent, retries included; 0 where the backend does not tell, or refused it without sending it.
    pub attempts: u32,
    /// The read capacity units that it consumed, as the server says.
    pub read_units: f64,
    /// The write capacity units that it consumed, as the server says.
    pub write_units: f64,
    /// From the first time it was sent to the last answer, pauses between attempts included.
    pub duration: Duration,
    /// What came of it.
    pub outcome: RequestOutcome,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestOutcome {
    /// It was answered.
    Answered,
    /// It failed.
    Failed(FailureClass),
    /// Its future was dropped before there was an answer.
    Dropped,
}

/// The operations of DynamoDB that a backend sends, by AWS's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
#[allow(missing_docs, reason = "they are AWS's")]
pub enum ApiOperation {
    GetItem,
    PutItem,
    UpdateItem,
    DeleteItem,
    Query,
    Scan,
    BatchGetItem,
    BatchWriteItem,
    BatchExecuteStatement,
    TransactWriteItems,
    TransactGetItems,
    DescribeTable,
    CreateTable,
    UpdateTable,
    DeleteTable,
    DescribeTimeToLive,
    UpdateTimeToLive,
}

impl fmt::Display for ApiOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The names of the variants are AWS's.
        f.pad(&format!("{self:?}"))
    }
}

impl fmt::Display for RequestOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RequestOutcome::Answered => f.pad("answered"),
            RequestOutcome::Failed(class) => fmt::Display::fmt(class, f),
            RequestOutcome::Dropped => f.pad("dropped"),
        }
    }
}

impl<B> Observed<B> {
    /// Observes what goes to `inner` from now on.
    pub fn new(inner: B) -> Self {
        Observed { inner, statistics: Arc::default(), hooks: Vec::new() }
    }

    /// Calls `hook` after each request, also one that failed or was dropped; clones that are made later do as well. It
    /// runs where the request does and holds that up: it should only note, or send to a channel.
    #[must_use = "it returns the backend"]
    pub fn on_request(mut self, hook: impl Fn(&ObservedRequest) + Send + Sync + 'static) -> Self {
        self.hooks.push(Arc::new(hook));
        self
    }

    /// The backend behind it; what is sent to it directly is not observed.
    pub fn inner(&self) -> &B {
        &self.inner
    }

    /// What has gone over the wire since the first of these clones was made.
    pub fn statistics(&self) -> RequestStatistics {
        self.lock().clone()
    }

    /// Counts are whole at any time: those that a panic was near are as good as any.
    fn lock(&self) -> std::sync::MutexGuard<'_, RequestStatistics> {
        self.statistics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, request: &ObservedRequest) {
        self.lock().add(request);
        self.hooks.iter().for_each(|hook| hook(request));
    }
}

impl<B: Send + Sync> Observed<B> {
    async fn observe<T>(
        &self,
        asked: Asked,
        send: impl Future<Output = Result<T, Failure>> + Send,
        unprocessed: impl FnOnce(&T) -> usize + Send,
    ) -> Result<T, Failure> {
        let span = asked.span();
        let meter = Arc::new(Meter::default());
        let mut watch = Watch {
            observed: self,
            asked,
            meter: meter.clone(),
            started: Instant::now(),
            span: span.clone(),
            ended: None,
        };
        let answer = meter::within(meter, send).instrument(span).await;
        watch.ended = Some(match &answer {
            Ok(answer) => (RequestOutcome::Answered, unprocessed(answer)),
            Err(failure) => (RequestOutcome::Failed(failure.class()), 0),
        });
        answer
    }
}

/// What is known of a request before it is sent.
struct Asked {
    operation: ApiOperation,
    table: Arc<str>,
    items: usize,
}

impl Asked {
    fn span(&self) -> Span {
        tracing::info_span!(
            "request",
            table = &*self.table,
            operation = %self.operation,
            items = self.items,
            attempts = Empty,
            read_units = Empty,
            write_units = Empty,
            unprocessed = Empty,
            duration_ms = Empty,
            outcome = Empty,
        )
    }
}

/// A request under way. Dropped, it tells what came of it, also where nothing did.
struct Watch<'o, B> {
    observed: &'o Observed<B>,
    asked: Asked,
    meter: Arc<Meter>,
    started: Instant,
    span: Span,
    /// What came of it, and how many items were left out.
    ended: Option<(RequestOutcome, usize)>,
}

impl<B> Drop for Watch<'_, B> {
    fn drop(&mut self) {
        let took = self.meter.took();
        // For whoever observes this one.
        meter::add(took);
        let Took { attempts, read_units, write_units } = took;
        let (outcome, unprocessed) = self.ended.unwrap_or((RequestOutcome::Dropped, 0));
        let (Asked { operation, items, .. }, table) = (&self.asked, self.asked.table.clone());
        let (operation, items, duration) = (*operation, *items, self.started.elapsed());
        let request = ObservedRequest {
            operation,
            table,
            items,
            unprocessed,
            attempts,
            read_units,
            write_units,
            duration,
            outcome,
        };
        self.span
            .record("attempts", attempts)
            .record("read_units", read_units)
            .record("write_units", write_units)
            .record("unprocessed", unprocessed)
            .record("duration_ms", duration.as_secs_f64() * 1000.0)
            .record("outcome", tracing::field::display(outcome));
        self.observed.note(&request);
    }
}

impl<B: fmt::Debug> fmt::Debug for Observed<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observed").field("inner", &self.inner).finish_non_exhaustive()
    }
}
