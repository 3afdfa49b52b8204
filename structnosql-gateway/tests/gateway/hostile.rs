//! What a client could try to take from the others: each takes its share and no more, and the others are served.

use std::time::Duration;

use serde_json::{Value as Json, json};
use structnosql_core::BasicTable;
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Limits, Schema};
use structnosql_testkit::{Fault, Faulty, Reference};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::server::{Answer, KEY, Service, User, exchange, request, serve, user};

const OTHER: &str = "the key of another client";

fn get(id: &str) -> Json {
    json!({"get": {"table": "users", "key": {"id": {"S": id}}}})
}

fn body(operations: Json) -> Vec<u8> {
    json!({"operations": operations}).to_string().into_bytes()
}

/// A service with two clients, whose database can be told to hang.
async fn hanging(limits: Limits) -> (Faulty<Reference>, String) {
    let database = Faulty::new(Reference::new());
    let users = BasicTable::<User, _>::open(database.clone()).await.unwrap();
    users.put_record(&user("x1")).await.unwrap();
    let key = |name: &str, key| ApiKey::new(name, KeyHash::of(key)).grant(Grant::everything("users"));
    let builder = Gateway::builder(database.clone()).table(Schema::of::<User>()).limits(limits);
    let gateway = builder.key(key("first", KEY)).key(key("other", OTHER)).build();
    (database, serve(gateway).await)
}

async fn post(address: &str, key: &str, operations: Json) -> Answer {
    let stream = TcpStream::connect(address.trim_start_matches("http://")).await.unwrap();
    exchange(stream, &request("/v1/operations", Some(key), &body(operations))).await
}

/// What is under way counts as run until it is done, whether its client waits for it or not.
#[tokio::test]
async fn clients_that_vanish_pile_up_no_work() {
    let limits = Limits { requests: 4, client_requests: 4, request_ms: 300, ..Limits::default() };
    let (database, address) = hanging(limits).await;
    let before = database.requests();
    database.script(vec![Some(Fault::HangBefore); 4]);
    for _ in 0..20 {
        let mut stream = TcpStream::connect(address.trim_start_matches("http://")).await.unwrap();
        stream.write_all(&request("/v1/operations", Some(KEY), &body(json!([get("x1")])))).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        drop(stream);
    }
    assert_eq!(database.requests() - before, 4);
    // A database that never answers holds no place for ever.
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(post(&address, OTHER, json!([get("x1")])).await.status, 200);
}

#[tokio::test]
async fn no_client_takes_the_places_of_the_others() {
    let limits = Limits { requests: 8, client_requests: 3, request_ms: 2_000, ..Limits::default() };
    let (database, address) = hanging(limits).await;
    database.script(vec![Some(Fault::HangBefore); 3]);
    let hanging = tokio::spawn({
        let address = address.clone();
        async move { futures_util::future::join_all((0..3).map(|_| post(&address, KEY, json!([get("x1")])))).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let refused = post(&address, KEY, json!([get("x1")])).await;
    assert_eq!((refused.status, refused.head.to_lowercase().contains("retry-after")), (429, true), "{refused:?}");
    // Nor by bodies that never come.
    let served = post(&address, OTHER, json!([get("x1")])).await;
    assert_eq!(served.status, 200, "{served:?}");
    let answers: Vec<u16> = hanging.await.unwrap().iter().map(|answer| answer.status).collect();
    assert!(answers.iter().all(|status| matches!(status, 200 | 504)), "{answers:?}");
}

/// Where the key is in the body, the body is read of who is nobody yet.
#[tokio::test]
async fn bodies_of_clients_that_are_not_known_yet_have_bounds() {
    let limits = Limits { unknown_bytes: 256 * 1024, body_ms: 5_000, ..Limits::default() };
    let service = Service::with(|builder| builder.limits(limits)).await;
    let head = "POST /tables/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n";
    let mut held = Vec::new();
    for _ in 0..4 {
        let mut stream = service.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&[b' '; 63 * 1024]).await.unwrap();
        held.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let refused = service.raw(&request("/tables/users", None, &[b' '; 8 * 1024])).await;
    assert_eq!((refused.status, refused.body.contains("tooManyRequests")), (429, true), "{refused:?}");
    let get = json!({"operationType": "getSingleValueInPathTarget", "keyValue": "x1",
        "fieldPathElements": [{"elementKey": "name", "defaultType": "str"}]});
    assert_eq!(service.send("/tables/users", Some(KEY), &get).await.0, 200, "who is known is served");
    drop(held);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(service.raw(&request("/tables/users", None, &[b' '; 8 * 1024])).await.status, 401);
}

/// A client that asks and does not read would hold its place, and what waits to be sent, for ever.
#[tokio::test]
async fn clients_that_do_not_read_are_let_go() {
    let limits = Limits { write_ms: 300, ..Limits::default() };
    let service = Service::with(|builder| builder.limits(limits)).await;
    let mut idle = Vec::new();
    for _ in 0..5 {
        let mut stream = service.connect().await;
        let ask = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(300);
        tokio::time::timeout(Duration::from_secs(1), stream.write_all(ask.as_bytes())).await.ok();
        idle.push(stream);
    }
    let mut open = String::new();
    for _ in 0..50 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        open = service.raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.body;
        if open.contains("structnosql_gateway_connections 1\n") {
            return;
        }
    }
    panic!("{}", open.lines().find(|line| line.starts_with("structnosql_gateway_connections ")).unwrap_or_default());
}

#[tokio::test]
async fn connections_on_which_nothing_more_comes_are_closed() {
    let limits = Limits { header_ms: 300, ..Limits::default() };
    let service = Service::with(|builder| builder.limits(limits)).await;
    let answer = exchange(service.connect().await, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert_eq!(answer.status, 200, "and it was closed, since this waits for that");
}

/// Records count, not what they are wrapped in; and who took more than a second's worth at once waits for longer.
#[tokio::test]
async fn a_rate_is_one_of_records() {
    let limited = |key| ApiKey::new(key, KeyHash::of(key)).grant(Grant::everything("users")).rate(10);
    let service = Service::with(|builder| builder.key(limited("posts")).key(limited("batches"))).await;
    let keys: Vec<Json> = (0..50).map(|at| json!({"id": {"S": format!("u{at}")}})).collect();
    let batch = json!([{"batchGet": {"table": "users", "keys": keys}}]);
    for (key, large) in [("posts", json!(vec![get("x1"); 50])), ("batches", batch)] {
        assert_eq!(service.post(key, large).await.0, 200, "{key}");
        let refused = service.raw(&request("/v1/operations", Some(key), &body(json!([get("x1")])))).await;
        assert_eq!(refused.status, 429, "{key}");
        let head = refused.head.to_lowercase();
        let seconds: u64 = head.split("retry-after: ").nth(1).unwrap().lines().next().unwrap().parse().unwrap();
        assert!((3..=5).contains(&seconds), "{key}: {seconds}");
    }
}

#[tokio::test]
async fn answers_have_bounds() {
    let limits = Limits { answer_bytes: 20_000, ..Limits::default() };
    let service = Service::with(|builder| builder.limits(limits)).await;
    let users = BasicTable::<User, _>::attach(service.database.inner().clone());
    users.put_record(&User { name: Some("x".repeat(1_000)), ..user("large") }).await.unwrap();
    let (status, answer) = service.post(KEY, json!(vec![get("large"); 200])).await;
    let answers = answer["answers"].as_array().unwrap();
    let read = answers.iter().filter(|answer| answer["item"].is_object()).count();
    assert_eq!((status, answers.len()), (200, 200));
    assert!((17..=60).contains(&read), "{read}: as many as fit, and those that were under way");
    let left = answers.last().unwrap();
    assert_eq!(left["failed"]["class"], json!("tooLarge"), "{left}");
    assert_eq!(service.database.requests(), read, "what is left out is not run");
}
