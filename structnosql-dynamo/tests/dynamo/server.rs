//! A server that answers what it was told to, inside the SDK's HTTP client.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, IdentityCache, Region};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use std::time::Duration;

use structnosql_core::{
    Action, Backend, BatchWrite, BatchWriteRequest, Condition, Failure, GetRequest, IdempotencyToken, Map, PutRequest,
    TransactAction, TransactWriteRequest, UpdateAction, UpdateRequest, Value,
};
use structnosql_dynamo::Dynamo;

#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A status and a body.
    Says(u16, String),
    /// Nothing, ever.
    Hangs,
    /// The connection breaks after the request was sent.
    Breaks,
    /// The server's machine refuses the connection.
    Refuses,
}

impl Answer {
    pub(crate) fn error(status: u16, code: &str, message: &str) -> Self {
        let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"{message}"}}"#);
        Answer::Says(status, body)
    }

    pub(crate) fn ok() -> Self {
        Answer::Says(200, "{}".to_owned())
    }
}

/// Gives its answers in turn, and the last one again and again.
#[derive(Clone)]
pub(crate) struct Server(Arc<Mutex<State>>);

struct State {
    answers: VecDeque<Answer>,
    requests: u32,
    last_body: String,
}

impl Server {
    pub(crate) fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        Server(Arc::new(Mutex::new(State {
            answers: answers.into_iter().collect(),
            requests: 0,
            last_body: String::new(),
        })))
    }

    pub(crate) fn last_body(&self) -> String {
        self.0.lock().unwrap().last_body.clone()
    }

    pub(crate) fn requests(&self) -> u32 {
        self.0.lock().unwrap().requests
    }

    /// With three attempts, and a time-out of a second for each.
    pub(crate) fn dynamo(&self) -> Dynamo {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("local"))
            .credentials_provider(Credentials::new("id", "key-that-nobody-may-see", None, None, "test"))
            .identity_cache(IdentityCache::no_cache())
            .endpoint_url("http://server.invalid")
            .retry_config(RetryConfig::standard())
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(1)).build())
            .http_client(self.clone());
        Dynamo::new(Client::from_conf(config.build()))
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Server")
    }
}

impl HttpClient for Server {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Server {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let answer = {
            let mut state = self.0.lock().unwrap();
            state.requests += 1;
            state.last_body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
            let answer = state.answers.pop_front().unwrap();
            if state.answers.is_empty() {
                state.answers.push_back(answer.clone());
            }
            answer
        };
        let io = |kind: std::io::ErrorKind| Err(ConnectorError::io(std::io::Error::from(kind).into()));
        HttpConnectorFuture::new(async move {
            match answer {
                Answer::Says(status, body) => {
                    let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                    response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
                    Ok(response)
                }
                Answer::Hangs => std::future::pending().await,
                Answer::Breaks => io(std::io::ErrorKind::ConnectionReset),
                Answer::Refuses => io(std::io::ErrorKind::ConnectionRefused),
            }
        })
    }
}

fn one(name: &str, value: &str) -> Map {
    [(name, Value::from(value))].into_iter().collect()
}

/// The requests that are repeated by different rules.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sending {
    Get,
    Put,
    GuardedPut,
    ReturningPut,
    Update,
    ReturningUpdate,
    BatchWrite,
    ToldTransaction,
    Transaction,
}

impl Sending {
    pub(crate) async fn over(self, dynamo: &impl Backend) -> Result<(), Failure> {
        let table: Arc<str> = "t".into();
        let key = one("id", "secret");
        match self {
            Sending::Get => {
                dynamo.get(GetRequest { table, key, projection: Vec::new(), consistent: true }).await.map(|_| ())
            }
            Sending::Put | Sending::ReturningPut => {
                let return_old = matches!(self, Sending::ReturningPut);
                dynamo.put(PutRequest { table, item: key, condition: None, return_old }).await.map(|_| ())
            }
            Sending::GuardedPut => {
                let condition = Some(Condition::NotExists("id".into()));
                dynamo.put(PutRequest { table, item: key, condition, return_old: false }).await.map(|_| ())
            }
            Sending::Update | Sending::ReturningUpdate => {
                let actions = vec![UpdateAction::new("a".into(), Action::Set(Value::from("secret")))];
                let return_old = matches!(self, Sending::ReturningUpdate);
                dynamo.update(UpdateRequest { table, key, actions, condition: None, return_old }).await.map(|_| ())
            }
            Sending::BatchWrite => {
                let writes = vec![BatchWrite::Put(key.clone()), BatchWrite::Delete(one("id", "other"))];
                dynamo.batch_write(BatchWriteRequest { table, writes }).await.map(|_| ())
            }
            Sending::ToldTransaction | Sending::Transaction => {
                let put = PutRequest { table, item: key, condition: None, return_old: false };
                let token = matches!(self, Sending::ToldTransaction).then(|| IdempotencyToken::new("token").unwrap());
                dynamo.transact_write(TransactWriteRequest { actions: vec![TransactAction::Put(put)], token }).await
            }
        }
    }
}
