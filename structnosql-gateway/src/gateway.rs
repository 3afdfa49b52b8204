//! A gateway: tables with their models over one backend, and the clients that may use them.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use structnosql_core::{Backend, Failure, FailureClass, QueryRequest, ScanRequest};
use structnosql_external::wire::extension::{Answer, Operation};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::access::{ApiKey, Client, Footprint, Keys, Old};
use crate::limits::{Limits, places};
use crate::metrics::Metrics;
use crate::repeat::Repeats;
use crate::schema::Schema;
use crate::shown::{is_hidden, shown};
use crate::tables::Tables;

/// How long the backend may take to say whether it is there, and how long that counts.
const READY_TIME: Duration = Duration::from_secs(2);
const READY_FOR: Duration = Duration::from_secs(2);

/// A service over a [`Backend`]: what its clients may do, and how much of it.
///
/// [`router`](Self::router) is the service for an `axum` application; [`Server`](crate::Server) serves it.
pub struct Gateway<B> {
    pub(crate) backend: B,
    tables: Tables,
    keys: RwLock<Arc<Keys>>,
    pub(crate) limits: Limits,
    pub(crate) repeats: Repeats,
    pub(crate) metrics: Metrics,
    /// Tells this process from others, and from itself after a restart.
    pub(crate) instance: String,
    pub(crate) slots: Arc<Semaphore>,
    /// Bytes of bodies that may be held of clients that are not known yet.
    pub(crate) unknown: Arc<Semaphore>,
    /// Writes under way: they are finished also where their client is gone.
    pub(crate) tasks: TaskTracker,
    stopping: AtomicBool,
    /// Whether it was ready, and when that was found out.
    ready: tokio::sync::Mutex<Option<(Instant, bool)>>,
}

/// A [`Gateway`] in the making.
#[derive(Debug)]
#[must_use = "`build` makes the gateway"]
pub struct GatewayBuilder<B> {
    backend: B,
    tables: Tables,
    keys: Vec<ApiKey>,
    limits: Limits,
}

impl<B: Backend> Gateway<B> {
    /// A gateway over a backend, with no tables and no clients yet.
    pub fn builder(backend: B) -> GatewayBuilder<B> {
        GatewayBuilder { backend, tables: Tables::default(), keys: Vec::new(), limits: Limits::default() }
    }

    /// Puts these clients in the place of all that there were: for keys that change while the service runs.
    pub fn set_keys(&self, keys: Vec<ApiKey>) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Keys::new(keys, &self.limits));
    }

    pub(crate) fn keys(&self) -> Arc<Keys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn models(&self, table: &str) -> &[Schema] {
        self.tables.models(table)
    }

    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Whether the backend answers for every table with a model, or did so a moment ago: everybody may ask.
    pub(crate) async fn is_ready(&self) -> bool {
        // Whoever comes meanwhile waits for the same answer.
        let mut known = self.ready.lock().await;
        let ready = match *known {
            Some((since, ready)) if since.elapsed() < READY_FOR => ready,
            _ => {
                let ready = tokio::time::timeout(READY_TIME, self.has_tables()).await.unwrap_or(false);
                *known = Some((Instant::now(), ready));
                ready
            }
        };
        ready && !self.is_stopping()
    }

    async fn has_tables(&self) -> bool {
        for table in self.tables.names() {
            match self.backend.describe_table(table).await {
                Ok(Some(description)) if description.active => {}
                _ => return false,
            }
        }
        true
    }

    /// Decides whether a client may have an operation run, and makes it ready: first by what it is granted, so that
    /// what it is not tells nothing, then by the table's model.
    pub(crate) fn admit(&self, client: &Client, mut operation: Operation, old: Old<'_>) -> Result<Admitted, Failure> {
        let shows_failed_items = self.allow(client, &operation, old)?;
        self.tables.check(&operation)?;
        if let Operation::Query(QueryRequest { limit, .. }) | Operation::Scan(ScanRequest { limit, .. }) =
            &mut operation
        {
            let most = self.limits.page_items;
            *limit = Some(limit.map_or(most, |limit| limit.min(most)));
        }
        Ok(Admitted { operation, shows_failed_items })
    }

    /// Decides by what a client is granted alone. Gives whether it may see the items of failed conditions.
    pub(crate) fn allow(&self, client: &Client, operation: &Operation, old: Old<'_>) -> Result<bool, Failure> {
        let mut shows_failed_items = true;
        let footprints = Footprint::all(operation, &self.tables, old);
        for footprint in &footprints {
            shows_failed_items &= client.covering(footprint)?.reads_everything();
        }
        match footprints.iter().find(|footprint| !self.tables.serve(footprint.table)) {
            None => Ok(shows_failed_items),
            Some(Footprint { table, .. }) => {
                Err(Failure::new(FailureClass::TableNotFound, format!("the service has no table `{table}`")))
            }
        }
    }

    /// Runs an operation.
    pub(crate) async fn run(&self, admitted: Admitted) -> Answer {
        let Admitted { operation, shows_failed_items } = admitted;
        let kind = operation.name();
        let unanswered = || Failure::new(FailureClass::Interrupted, "the database did not answer in time");
        let sent = tokio::time::timeout(self.limits.request_time(), self.send(operation));
        let answer = sent.await.unwrap_or_else(|_| Err(unanswered()));
        let told = |failure: Failure| {
            if is_hidden(&failure) {
                tracing::warn!(operation = kind, %failure, "the database failed");
            }
            // A client that may not read whole records would take what is left of one for all of it.
            shown(&failure, shows_failed_items)
        };
        let answer = match answer {
            Ok(Answer::Each(each)) => Answer::Each(each.into_iter().map(|failure| failure.map(told)).collect()),
            Ok(answer) => answer,
            Err(failure) => Answer::Failed(told(failure)),
        };
        self.metrics.ran(kind, &answer);
        answer
    }

    async fn send(&self, operation: Operation) -> Result<Answer, Failure> {
        let backend = &self.backend;
        Ok(match operation {
            Operation::Get(request) => Answer::Item(backend.get(request).await?),
            Operation::Put(request) => backend.put(request).await.map(Answer::Item)?,
            Operation::Update(request) => Answer::Item(backend.update(request).await?),
            Operation::Delete(request) => Answer::Item(backend.delete(request).await?),
            Operation::Query(request) => Answer::Page(backend.query(request).await?),
            Operation::Scan(request) => Answer::Page(backend.scan(request).await?),
            Operation::BatchGet(request) => Answer::Found(backend.batch_get(request).await?),
            Operation::BatchWrite(request) => Answer::Unwritten(backend.batch_write(request).await?),
            Operation::BatchUpdate(request) => {
                Answer::Each(backend.batch_update(request).await?.into_iter().map(Result::err).collect())
            }
            Operation::TransactWrite(request) => backend.transact_write(request).await.map(|()| Answer::Done)?,
            Operation::TransactGet(request) => Answer::Items(backend.transact_get(request).await?),
            Operation::DescribeTable(named) => Answer::Table(backend.describe_table(&named.table).await?),
            Operation::CreateTable(definition) => backend.create_table(definition).await.map(|()| Answer::Done)?,
            Operation::UpdateTable(request) => backend.update_table(request).await.map(|()| Answer::Done)?,
            Operation::DeleteTable(named) => backend.delete_table(&named.table).await.map(|()| Answer::Done)?,
            Operation::DescribeTimeToLive(named) => {
                Answer::Attribute(backend.describe_time_to_live(&named.table).await?)
            }
            Operation::EnableTimeToLive(named) => {
                backend.enable_time_to_live(&named.table, &named.attribute).await.map(|()| Answer::Done)?
            }
        })
    }
}

/// An operation that may be run.
pub(crate) struct Admitted {
    operation: Operation,
    shows_failed_items: bool,
}

impl Admitted {
    /// Part of an operation that was admitted, and whose failures show no item.
    pub(crate) fn by_the_service(operation: Operation) -> Self {
        Admitted { operation, shows_failed_items: false }
    }
}

impl<B: Backend> GatewayBuilder<B> {
    /// Serves a table with a model: requests that do not fit it are refused before the database sees them.
    ///
    /// A table whose records are several entities is given a model for each, and a request has to fit one of them; the
    /// filter of a query may be about any. Their key attributes are the same: where they are not, no client that is
    /// granted certain partitions is served there.
    pub fn table(mut self, schema: Schema) -> Self {
        self.tables.add(schema);
        self
    }

    /// Serves every table whose name begins so, without a model: the database alone judges requests, and clients can
    /// create such tables where they are granted it. For tools and tests.
    pub fn tables_without_model(mut self, prefix: impl Into<String>) -> Self {
        self.tables.open(prefix.into());
        self
    }

    /// A client.
    pub fn key(mut self, key: ApiKey) -> Self {
        self.keys.push(key);
        self
    }

    /// Other limits than the default ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The gateway.
    pub fn build(self) -> Arc<Gateway<B>> {
        let GatewayBuilder { backend, tables, keys, limits } = self;
        Arc::new(Gateway {
            backend,
            tables,
            keys: RwLock::new(Arc::new(Keys::new(keys, &limits))),
            limits,
            repeats: Repeats::new(&limits),
            metrics: Metrics::default(),
            instance: format!("{:032x}", fastrand::u128(..)),
            slots: places(limits.requests),
            unknown: places(limits.unknown_bytes),
            tasks: TaskTracker::new(),
            stopping: AtomicBool::new(false),
            ready: tokio::sync::Mutex::default(),
        })
    }
}

/// Says which tables it serves.
impl<B> fmt::Debug for Gateway<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gateway").field("tables", &self.tables).finish_non_exhaustive()
    }
}
