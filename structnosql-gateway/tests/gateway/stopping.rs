//! A service that is told to stop: nothing more is accepted, and what is under way is finished.

use std::time::Duration;

use serde_json::json;
use structnosql_core::{
    Backend, BasicTable, DeleteRequest, Failure, GetRequest, Map, PageResponse, PutRequest, QueryRequest,
    TableDataModel, TableDefinition, TableDescription, UpdateRequest,
};
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Limits, Schema, Server};
use structnosql_testkit::Reference;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{KEY, Service, User, request, user};

#[tokio::test]
async fn a_request_that_has_begun_is_answered() {
    let service = Service::start().await;
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.serve(service.gateway.clone(), async {
        stopped.await.ok();
    }));
    // Half of a request is there when the service is told to stop.
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let body = json!({"operations": [{"get": {"table": "users", "key": {"id": {"S": "x1"}}}}]}).to_string();
    let bytes = request("/v1/operations", Some(KEY), body.as_bytes());
    stream.write_all(&bytes[..bytes.len() - 5]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nothing more is accepted");
    stream.write_all(&bytes[bytes.len() - 5..]).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), running).await.expect("it ends").unwrap();
}

/// A database that takes its time for updates.
#[derive(Clone)]
struct Slow(Reference, Duration);

impl Backend for Slow {
    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.0.get(request).await
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        self.0.put(request).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        tokio::time::sleep(self.1).await;
        self.0.update(request).await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        self.0.delete(request).await
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        self.0.query(request).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.0.describe_table(table).await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.0.create_table(definition).await
    }
}

/// Stops a service while thirty writes are under way, half of them of clients that have vanished. Gives how many were
/// answered, how many are stored, and how long it took.
async fn stop_amid_writes(takes: Duration, drain_ms: u64) -> (usize, usize, Duration) {
    let database = Slow(Reference::new(), takes);
    let users = BasicTable::<User, _>::open(database.clone()).await.unwrap();
    let all = ApiKey::new("all", KeyHash::of(KEY)).grant(Grant::everything("users"));
    let limits = Limits { drain_ms, ..Limits::default() };
    let gateway = Gateway::builder(database).table(Schema::of::<User>()).limits(limits).key(all).build();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = server.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.serve(gateway, async {
        stopped.await.ok();
    }));
    let mut waiting = Vec::new();
    for at in 0..30 {
        users.put_record(&User { visits: Some(0), ..user(&at.to_string()) }).await.unwrap();
        let actions = json!([{"path": ["visits"], "action": {"increment": {"from": "0", "by": "1"}}}]);
        let update = json!({"table": "users", "key": {"id": {"S": at.to_string()}}, "actions": actions});
        let body = json!({"id": at.to_string(), "operations": [{"update": update}]}).to_string();
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(&request("/v1/operations", Some(KEY), body.as_bytes())).await.unwrap();
        waiting.push(stream);
    }
    tokio::time::sleep(takes / 2).await;
    let waiting = waiting.split_off(15);
    let began = std::time::Instant::now();
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(10), running).await.expect("it ends").unwrap();
    let took = began.elapsed();
    let mut answered = 0;
    for mut stream in waiting {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok();
        answered += usize::from(answer.starts_with("HTTP/1.1 200"));
    }
    let mut stored = 0;
    for at in 0..30 {
        stored += users.get_field(at.to_string(), User::fields().visits()).await.unwrap().unwrap_or_default() as usize;
    }
    (answered, stored, took)
}

#[tokio::test]
async fn writes_under_way_are_finished_whether_their_clients_wait_or_not() {
    let (answered, stored, _) = stop_amid_writes(Duration::from_millis(600), 10_000).await;
    assert_eq!((answered, stored), (15, 30));
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_not_waited_for_too_long() {
    let (_, _, took) = stop_amid_writes(Duration::from_secs(3), 200).await;
    assert!(took < Duration::from_secs(1), "{took:?}: what is left goes on for as long as the process does");
}
