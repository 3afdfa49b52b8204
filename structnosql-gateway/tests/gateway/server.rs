//! A gateway that is served for one test, and requests to it byte by byte.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use structnosql_core::{Backend, BasicTable, FieldExt, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_external::{External, Retries};
use structnosql_gateway::{ApiKey, Gateway, GatewayBuilder, Grant, KeyHash, Schema, Server};
use structnosql_testkit::{Counted, Reference};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The key of the client that may do everything.
pub(crate) const KEY: &str = "the key of the test, which is long and random";

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "users", rename_all = "camelCase", crate = "structnosql_core")]
pub(crate) struct User {
    #[field(partition_key)]
    pub(crate) id: String,
    #[field(index)]
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) visits: Option<u32>,
    pub(crate) secret: Option<Secret>,
    pub(crate) tokens: Option<std::collections::BTreeMap<String, Token>>,
    pub(crate) notes: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
pub(crate) struct Secret {
    pub(crate) hash: String,
    pub(crate) salt: Option<String>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
pub(crate) struct Token {
    pub(crate) expires: i64,
    pub(crate) scope: Option<String>,
}

pub(crate) fn user(id: &str) -> User {
    User {
        id: id.to_owned(),
        email: Some(format!("{id}@example.com")),
        name: Some("Robinson".to_owned()),
        visits: Some(7),
        secret: Some(Secret { hash: "h4sh".to_owned(), salt: None }),
        tokens: Some([("t1".to_owned(), Token { expires: 5, scope: None })].into()),
        notes: Some(vec!["a".to_owned(), "b".to_owned()]),
    }
}

/// A gateway over a database with the users `x1`, `x2` and `y1`, whose requests are counted.
pub(crate) struct Service {
    pub(crate) database: Counted<Reference>,
    pub(crate) gateway: Arc<Gateway<Counted<Reference>>>,
    pub(crate) address: String,
}

impl Service {
    pub(crate) async fn start() -> Service {
        Service::with(|builder| builder).await
    }

    /// With what a test adds to the gateway.
    pub(crate) async fn with(
        add: impl FnOnce(GatewayBuilder<Counted<Reference>>) -> GatewayBuilder<Counted<Reference>>,
    ) -> Service {
        let database = Counted::new(Reference::new());
        let users = BasicTable::<User, _>::open(database.clone()).await.unwrap();
        for id in ["x1", "x2", "y1"] {
            users.put_record(&user(id)).await.unwrap();
        }
        database.reset();
        let all = ApiKey::new("all", KeyHash::of(KEY)).grant(Grant::everything("users"));
        let gateway = add(Gateway::builder(database.clone()).table(Schema::of::<User>()).key(all)).build();
        let address = serve(gateway.clone()).await;
        Service { database, gateway, address }
    }

    /// A client with a key, which tries once.
    pub(crate) fn client(&self, key: &str) -> External {
        external(&self.address, key).with_retries(Retries::NONE)
    }

    pub(crate) fn users(&self, key: &str) -> BasicTable<User, External> {
        BasicTable::attach(self.client(key))
    }

    /// Posts operations of the extension; gives the status and the body.
    pub(crate) async fn post(&self, key: &str, operations: Json) -> (u16, Json) {
        static IDS: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let id = IDS.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_string();
        self.send("/v1/operations", Some(key), &json!({"id": id, "operations": operations})).await
    }

    /// Posts JSON; gives the status and the body.
    pub(crate) async fn send(&self, path: &str, key: Option<&str>, body: &Json) -> (u16, Json) {
        let answer = self.raw(&request(path, key, body.to_string().as_bytes())).await;
        (answer.status, serde_json::from_str(&answer.body).unwrap_or(Json::String(answer.body)))
    }

    /// Sends bytes and reads what comes until the service closes.
    pub(crate) async fn raw(&self, bytes: &[u8]) -> Answer {
        let stream = self.connect().await;
        let answer = exchange(stream, bytes).await;
        #[cfg(feature = "openapi")]
        crate::contract::check(bytes, &answer);
        answer
    }

    /// How many requests of the extension the service has answered with 200.
    pub(crate) async fn posts(&self) -> u32 {
        self.answered("extension").await
    }

    /// How many requests of a wire it has answered with 200.
    pub(crate) async fn answered(&self, wire: &str) -> u32 {
        let counts = self.raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.body;
        let counted = format!("requests_total{{wire=\"{wire}\",status=\"200\"}} ");
        counts.lines().find_map(|line| line.split_once(&counted)?.1.parse().ok()).unwrap_or_default()
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address.trim_start_matches("http://")).await.unwrap()
    }
}

pub(crate) fn external(address: &str, key: &str) -> External {
    External::at(address).unwrap().with_key(key).unwrap()
}

/// Serves a gateway on a free port until the test's runtime ends.
pub(crate) async fn serve<B: Backend>(gateway: Arc<Gateway<B>>) -> String {
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", server.local_addr().unwrap());
    tokio::spawn(server.serve(gateway, std::future::pending()));
    address
}

/// The bytes of a POST after which the connection closes.
pub(crate) fn request(path: &str, key: Option<&str>, body: &[u8]) -> Vec<u8> {
    let key = key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
    let length = body.len();
    let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\n{key}Connection: close\r\nContent-Length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

#[derive(Debug)]
pub(crate) struct Answer {
    /// 0 where the service closed without an answer.
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends bytes while it reads: a service that refuses a large body does not read it to its end.
pub(crate) async fn exchange(stream: TcpStream, bytes: &[u8]) -> Answer {
    let (mut from, mut to) = stream.into_split();
    let mut answer = Vec::new();
    let sending = async {
        to.write_all(bytes).await.ok();
    };
    let reading = async {
        let mut part = [0; 4096];
        while let Ok(length) = from.read(&mut part).await {
            answer.extend_from_slice(&part[..length]);
            if length == 0 {
                break;
            }
        }
    };
    let both = async { tokio::join!(sending, reading) };
    tokio::time::timeout(Duration::from_secs(20), both).await.expect("the service neither answers nor closes");
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// The whole record, read past the service.
pub(crate) async fn stored(service: &Service, id: &str) -> Option<User> {
    let users = BasicTable::<User, _>::attach(service.database.inner().clone());
    users.get_record(id).await.unwrap()
}

/// Changes a record past the service.
pub(crate) async fn set_name(service: &Service, id: &str, name: &str) {
    let users = BasicTable::<User, _>::attach(service.database.inner().clone());
    users.update_multiple_fields(id, [User::fields().name().set(name)]).await.unwrap();
}
