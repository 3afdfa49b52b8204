//! The backend that posts its requests to a service.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use structnosql_core::{
    Backend, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Capabilities,
    DeleteRequest, Failure, FailureClass, GetRequest, Map, PageResponse, PutRequest, QueryRequest, ScanRequest,
    TableDefinition, TableDescription, Text, TransactGetRequest, TransactWriteRequest, UpdateRequest,
    UpdateTableRequest,
};

use crate::failure;
use crate::gather::{self, MAX_OPERATIONS};
use crate::post::{self, Poster};
use crate::retry::{Failed, Retries};
use crate::wire::extension::{Answer, Operation, PATH, Post, Reply, TableName, TimeToLive};

/// A service that holds tables, as a [`Backend`].
///
/// Clones are cheap and share connections.
#[derive(Clone)]
pub struct External {
    poster: Poster,
    uri: Uri,
    retries: Retries,
    capabilities: Capabilities,
    /// The process of the service that was heard of last.
    instance: Arc<Mutex<Option<String>>>,
}

impl External {
    /// The service at this address, without its path: `https://tables.example.com`.
    ///
    /// # Errors
    ///
    /// An address that is none.
    pub fn at(address: &str) -> Result<Self, Failure> {
        let uri = post::uri(&format!("{}{PATH}", address.trim_end_matches('/')))?;
        let poster = Poster::new(post::connector()?);
        Ok(External {
            poster,
            uri,
            retries: Retries::default(),
            capabilities: Capabilities::ALL,
            instance: Arc::default(),
        })
    }

    /// With the API key that the service knows this client by.
    ///
    /// # Errors
    ///
    /// A key with characters that no header can hold.
    pub fn with_key(mut self, key: &str) -> Result<Self, Failure> {
        self.poster.set_key(key)?;
        Ok(self)
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

    /// With what the service's database can do, where it is not all that DynamoDB can.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// Runs operations in one POST; gives their answers in their order.
    ///
    /// Repeated with the same id it is run once, so every transient failure but the last is followed by another
    /// attempt.
    pub(crate) async fn run(&self, operations: Vec<Operation>) -> Result<Vec<Answer>, Failure> {
        let expected = operations.len();
        let writes = operations.iter().any(Operation::writes);
        let mut post =
            Post { id: writes.then(|| format!("{:032x}", fastrand::u128(..))), attempt: 1, instance: None, operations };
        let mut doubtful = false;
        loop {
            post.instance = self.heard_of();
            let failed = match self.attempt(&post).await {
                Ok(reply) if reply.answers.len() == expected => return Ok(reply.answers),
                Ok(_) => bad_answer("another number of answers than of operations").into(),
                Err(failed) => failed,
            };
            let Failed { failure, retry_after } = failed;
            let class = failure.class();
            if !class.is_transient() || post.attempt >= self.retries.attempts {
                return Err(if doubtful && writes { failure::after_doubt(failure) } else { failure });
            }
            doubtful |= class.may_be_applied();
            tokio::time::sleep(self.retries.pause_after(post.attempt, retry_after)).await;
            post.attempt += 1;
        }
    }

    async fn attempt(&self, post: &Post) -> Result<Reply, Failed> {
        let body = serde_json::to_vec(post).map_err(|error| not_sent(&error.to_string()))?;
        let answer = self.poster.post(&self.uri, Bytes::from(body)).await?;
        if !answer.status.is_success() {
            return Err(failure::of_extension(&answer));
        }
        // What serde says of it may repeat a part of it.
        let reply: Reply = serde_json::from_slice(&answer.body).map_err(|_| bad_answer("what is no reply"))?;
        *self.instance.lock().unwrap_or_else(PoisonError::into_inner) = Some(reply.instance.clone());
        Ok(reply)
    }

    /// What clones have in common, and no other client.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.instance).addr()
    }

    fn heard_of(&self) -> Option<String> {
        self.instance.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs one operation, together with others where work is gathered.
    async fn run_one(&self, operation: Operation) -> Result<Answer, Failure> {
        let answer = match self.gathered(operation) {
            Ok(answer) => answer.await?,
            Err(operation) => self.run(vec![*operation]).await?.pop(),
        };
        match answer {
            Some(Answer::Failed(failure)) => Err(failure),
            Some(answer) => Ok(answer),
            None => Err(bad_answer("no answer")),
        }
    }
}

/// Runs one operation, whose answer is to be of one kind.
macro_rules! run {
    ($external:ident, $operation:expr, $kind:pat => $found:expr) => {
        match $external.run_one($operation).await? {
            $kind => Ok($found),
            _ => Err(bad_answer("an operation of another kind")),
        }
    };
}

fn not_sent(message: &str) -> Failure {
    Failure::new(FailureClass::NotSent, message)
}

fn bad_answer(what: &str) -> Failure {
    Failure::new(FailureClass::BadAnswer, format!("the service answered {what}"))
}

impl Backend for External {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    /// As many as one POST takes.
    fn concurrency(&self) -> usize {
        MAX_OPERATIONS
    }

    fn gather<F>(&self, work: F) -> impl Future<Output = F::Output> + Send
    where
        F: Future<Output: Send> + Send,
    {
        self.gather_work(work)
    }

    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        run!(self, Operation::Get(request), Answer::Item(item) => item)
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        run!(self, Operation::Put(request), Answer::Item(old) => old)
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        run!(self, Operation::Update(request), Answer::Item(old) => old)
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        run!(self, Operation::Delete(request), Answer::Item(old) => old)
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        run!(self, Operation::Query(request), Answer::Page(page) => page)
    }

    async fn scan(&self, request: ScanRequest) -> Result<PageResponse, Failure> {
        run!(self, Operation::Scan(request), Answer::Page(page) => page)
    }

    async fn batch_get(&self, request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
        run!(self, Operation::BatchGet(request), Answer::Found(found) => found)
    }

    async fn batch_write(&self, request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
        // What does not fit a post is left as a database leaves what it has no room for.
        let (now, later) = gather::fitting(request.writes);
        let request = BatchWriteRequest { writes: now, ..request };
        run!(self, Operation::BatchWrite(request), Answer::Unwritten(unwritten) => [unwritten, later].concat())
    }

    async fn batch_update(&self, request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
        let result = |failure: Option<Failure>| failure.map_or(Ok(()), Err);
        run!(self, Operation::BatchUpdate(request), Answer::Each(each) => each.into_iter().map(result).collect())
    }

    async fn transact_write(&self, request: TransactWriteRequest) -> Result<(), Failure> {
        run!(self, Operation::TransactWrite(request), Answer::Done => ())
    }

    async fn transact_get(&self, request: TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
        run!(self, Operation::TransactGet(request), Answer::Items(items) => items)
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        run!(self, Operation::DescribeTable(named(table)), Answer::Table(description) => description)
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        run!(self, Operation::CreateTable(definition), Answer::Done => ())
    }

    async fn update_table(&self, request: UpdateTableRequest) -> Result<(), Failure> {
        run!(self, Operation::UpdateTable(request), Answer::Done => ())
    }

    async fn delete_table(&self, table: &str) -> Result<(), Failure> {
        run!(self, Operation::DeleteTable(named(table)), Answer::Done => ())
    }

    async fn describe_time_to_live(&self, table: &str) -> Result<Option<Text>, Failure> {
        run!(self, Operation::DescribeTimeToLive(named(table)), Answer::Attribute(attribute) => attribute)
    }

    async fn enable_time_to_live(&self, table: &str, attribute: &str) -> Result<(), Failure> {
        let time_to_live = TimeToLive { table: table.to_owned(), attribute: attribute.to_owned() };
        run!(self, Operation::EnableTimeToLive(time_to_live), Answer::Done => ())
    }
}

fn named(table: &str) -> TableName {
    TableName { table: table.to_owned() }
}

/// Says where it posts to, and nothing of its key.
impl fmt::Debug for External {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("External").field("uri", &self.uri).finish_non_exhaustive()
    }
}
