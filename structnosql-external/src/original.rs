//! The backend on the wire of StructNoSQL for Python.

mod ask;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use structnosql_core::{
    Backend, Capabilities, DeleteRequest, Failure, FailureClass, GetRequest, Map, PageResponse, PutRequest,
    QueryRequest, TableDefinition, TableDescription, UpdateRequest, Value,
};

use self::ask::Update;
use crate::failure;
use crate::post::{self, Poster};
use crate::retry::{Failed, Retries};
use crate::wire::Plain;
use crate::wire::original::{Answer, Operation};

/// Services that speak the wire of StructNoSQL for Python 2.6.7, one address a table, as a [`Backend`].
///
/// ```no_run
/// use structnosql_external::Original;
///
/// # fn main() -> Result<(), structnosql_core::Failure> {
/// let original = Original::new()?.with_table("users", "https://api.example.com/users")?.with_key("the access token");
/// # Ok(())
/// # }
/// ```
///
/// That wire reads, puts and deletes records, and sets and removes values, in requests of their own:
/// [`Capabilities::LEAST`]. Everything else is refused before anything is sent: conditions, increments, sets and
/// binary, positions of lists in writes, sort keys and keys that are no strings, indexes, filters, cursors, scans,
/// batches and transactions, tables that are to be described or created (use `attach`), and numbers that a double does
/// not hold, since its services work with doubles.
///
/// Such a service brings parents that are not there into being. It does not know request ids, so only what can be
/// repeated without harm is repeated. The Python package's own executor answers success in some cases where it has
/// failed: where a value of another type is in the way of an update, and where its database fails during a read.
#[derive(Clone)]
pub struct Original {
    poster: Poster,
    tables: BTreeMap<String, Uri>,
    /// What each body has beside the operation.
    payload: BTreeMap<String, Plain>,
    retries: Retries,
}

impl Original {
    /// No table yet.
    ///
    /// # Errors
    ///
    /// A system without certificates that it trusts.
    pub fn new() -> Result<Self, Failure> {
        Ok(Original {
            poster: Poster::new(post::connector()?),
            tables: BTreeMap::new(),
            payload: BTreeMap::new(),
            retries: Retries::default(),
        })
    }

    /// With the address of one more table.
    ///
    /// # Errors
    ///
    /// An address that is none.
    pub fn with_table(mut self, table: impl Into<String>, address: &str) -> Result<Self, Failure> {
        self.tables.insert(table.into(), post::uri(address)?);
        Ok(self)
    }

    /// With the access token that the services know this client by: `accessToken` in each body.
    #[must_use]
    pub fn with_key(self, key: &str) -> Self {
        self.with_payload("accessToken", key)
    }

    /// With one more value in each body, what the original calls the base payload. Its name wins over the operation's
    /// own.
    #[must_use]
    pub fn with_payload(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.payload.insert(name.into(), Plain(value.into()));
        self
    }

    /// With these certificates trusted in the place of the system's: PEM, of a service's own authority.
    ///
    /// # Errors
    ///
    /// What holds no certificate.
    #[cfg(feature = "tls")]
    pub fn with_root_certificates(mut self, pem: &[u8]) -> Result<Self, Failure> {
        self.poster.set_roots(pem)?;
        Ok(self)
    }

    /// With another time that each attempt may take; 30 s otherwise.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.poster.set_timeout(timeout);
        self
    }

    /// With another number of attempts.
    #[must_use]
    pub fn with_retries(mut self, retries: Retries) -> Self {
        self.retries = retries;
        self
    }

    /// Runs an operation; gives what it brought where it succeeded, and nothing where it did not and the service does
    /// not say why.
    async fn ask(&self, table: &str, operation: &Operation) -> Result<Option<Answer>, Failure> {
        let uri = self.tables.get(table).ok_or_else(|| {
            Failure::new(FailureClass::TableNotFound, format!("no address is given for table `{table}`"))
        })?;
        let body = operation.to_body(&self.payload).map_err(|error| ask::invalid(&error.to_string()))?;
        let body = Bytes::from(body);
        let mut doubtful = false;
        for attempt in 1.. {
            let Failed { failure, retry_after } = match self.attempt(uri, body.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            let class = failure.class();
            let harmful = class.may_be_applied() && !operation.is_repeatable();
            if !class.is_transient() || harmful || attempt >= self.retries.attempts {
                return Err(if doubtful && operation.writes() { failure::after_doubt(failure) } else { failure });
            }
            doubtful |= class.may_be_applied();
            tokio::time::sleep(self.retries.pause_after(attempt, retry_after)).await;
        }
        Ok(None)
    }

    async fn attempt(&self, uri: &Uri, body: Bytes) -> Result<Option<Answer>, Failed> {
        let answered = self.poster.post(uri, body).await?;
        if !answered.status.is_success() {
            return Err(failure::of_original(&answered));
        }
        // What serde says of it may repeat a part of it.
        let answer: Answer = serde_json::from_slice(&answered.body).map_err(|_| bad_answer("what is no answer"))?;
        match failure::of_answer(&answer).filter(|_| !answer.success) {
            Some(failure) => Err(failure.into()),
            None => Ok(Some(answer).filter(|answer| answer.success)),
        }
    }

    /// Runs an operation that succeeds, or fails.
    async fn run(&self, table: &str, operation: &Operation) -> Result<Value, Failure> {
        match self.ask(table, operation).await? {
            Some(answer) => Ok(answer.data.map_or(Value::Null, |Plain(value)| value)),
            None => {
                let message = format!("the service failed at `{}` and does not say why", operation.name());
                Err(Failure::new(FailureClass::Interrupted, message))
            }
        }
    }

    async fn run_for_item(&self, table: &str, operation: &Operation) -> Result<Option<Map>, Failure> {
        match self.run(table, operation).await? {
            Value::Null => Ok(None),
            Value::Map(item) => Ok(Some(item)),
            _ => Err(bad_answer("what is no record")),
        }
    }

    /// Removes what is at several paths.
    ///
    /// A path that leads through nothing keeps the original's service from removing any, and it answers success. So
    /// where it says that it has removed nothing each path is sent alone: then there is nothing else to keep from it.
    async fn remove_each(&self, table: &str, removals: ask::Removals) -> Result<Option<Map>, Failure> {
        let removed = self.run_for_item(table, &removals.together()).await?;
        if removals.is_single() || removed.as_ref().is_some_and(|removed| !removed.is_empty()) {
            return Ok(removed);
        }
        let mut all = Map::new();
        for one in removals.apart() {
            let removed = self.run_for_item(table, &one).await?;
            ask::merge(&mut all, removed.unwrap_or_default());
        }
        Ok(Some(all))
    }
}

fn into_map(value: Value) -> Option<Map> {
    if let Value::Map(map) = value { Some(map) } else { None }
}

fn bad_answer(what: &str) -> Failure {
    Failure::new(FailureClass::BadAnswer, format!("the service answered {what}"))
}

impl Backend for Original {
    fn capabilities(&self) -> Capabilities {
        Capabilities::LEAST
    }

    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.run_for_item(&request.table, &ask::get(&request.key, &request.projection)?).await
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        let table = request.table.clone();
        self.run(&table, &ask::put(request)?).await.map(|_| None)
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        let (table, return_old) = (request.table.clone(), request.return_old);
        let old = match ask::update(request)? {
            Update::Set(operation) => self.run_for_item(&table, &operation).await?,
            Update::Remove(removals) => self.remove_each(&table, removals).await?,
        };
        // The paths that were not there are left out: that tells as much as an item does.
        Ok(return_old.then(|| old.unwrap_or_default()))
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        let operation = ask::delete(&request)?;
        if !request.return_old {
            return self.run(&request.table, &operation).await.map(|_| None);
        }
        let Some(answer) = self.ask(&request.table, &operation).await? else {
            // It says as much of a record that is not there as of one that it failed to delete.
            return match self.run_for_item(&request.table, &ask::get(&request.key, &[])?).await? {
                None => Ok(None),
                Some(_) => Err(Failure::new(FailureClass::Interrupted, "the service did not delete the record")),
            };
        };
        match answer.data {
            Some(Plain(Value::Map(item))) => Ok(Some(item)),
            _ => Err(bad_answer("what is no record")),
        }
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        let operation = ask::query(&request)?;
        let items = match self.run(&request.table, &operation).await? {
            // A read of one record is the only one that is consistent here.
            data if request.consistent => into_map(data).into_iter().collect(),
            Value::Map(mut page) => match page.remove("data") {
                Some(Value::List(items)) => items.into_iter().filter_map(into_map).collect(),
                _ => return Err(bad_answer("what is no page")),
            },
            _ => return Err(bad_answer("what is no page")),
        };
        Ok(ask::page(items, request.count_only))
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        Err(ask::unsupported(&format!("description of tables: attach to `{table}` instead of opening it")))
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        Err(ask::unsupported(&format!("creation of tables such as `{}`", definition.table)))
    }
}

/// Says where it posts to, and nothing of what each body has.
impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Original").field("tables", &self.tables).finish_non_exhaustive()
    }
}
