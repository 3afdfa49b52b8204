//! What one client may take up: clear answers, and the others served all the while.

use std::time::{Duration, Instant};

use serde_json::json;
use structnosql_gateway::{ApiKey, Grant, KeyHash, Limits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::server::{Answer, KEY, Service, exchange, request};

fn limits() -> Limits {
    Limits { body_bytes: 256 * 1024, header_ms: 400, body_ms: 400, operations: 5, ..Limits::default() }
}

async fn service() -> Service {
    Service::with(|builder| builder.limits(limits())).await
}

async fn is_served(service: &Service) -> bool {
    let get = json!([{"get": {"table": "users", "key": {"id": {"S": "x1"}}, "projection": [["name"]]}}]);
    let answer = tokio::time::timeout(Duration::from_secs(5), service.post(KEY, get)).await.expect("starved");
    answer.0 == 200
}

#[tokio::test]
async fn large_bodies_are_not_read() {
    let service = service().await;
    let head = |length: &str| {
        format!("POST /v1/operations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\n{length}\r\n\r\n")
    };
    // 100 MB by its head: answered before a byte of it is sent.
    let declared = service.raw(head("Content-Length: 104857600").as_bytes()).await;
    assert_eq!((declared.status, declared.body.contains("tooLarge")), (413, true), "{declared:?}");
    // 100 MB in chunks, whose length nothing tells.
    let mut bytes = head("Transfer-Encoding: chunked").into_bytes();
    for _ in 0..1600 {
        bytes.extend_from_slice(b"10000\r\n");
        bytes.extend_from_slice(&[b' '; 0x10000]);
        bytes.extend_from_slice(b"\r\n");
    }
    let chunked = service.raw(&bytes).await;
    assert!(matches!(chunked.status, 413 | 0), "{}: the service closes while it is being sent to", chunked.status);
    let body = vec![b' '; 256 * 1024 + 1];
    assert_eq!(service.raw(&request("/v1/operations", Some(KEY), &body)).await.status, 413);
    assert_eq!(service.raw(&request("/v1/operations", Some(KEY), &body[1..])).await.status, 400);
    assert_eq!(service.raw(&request("/tables/users", Some(KEY), &body)).await.status, 413);
    // A head is bounded as well, before there is anybody whom it is of.
    let long = format!("GET /health HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(300_000));
    assert_eq!(service.raw(long.as_bytes()).await.status, 431);
    let operations = vec![json!({"describeTable": {"table": "users"}}); 6];
    assert_eq!(service.post(KEY, json!(operations)).await.0, 413);
    assert_eq!(service.post(KEY, json!(operations[1..])).await.0, 200);
    assert!(is_served(&service).await);
}

/// What no record can hold is refused before it waits for anything: it would be kept in memory for so long.
#[tokio::test]
async fn records_are_no_larger_than_they_can_be() {
    let service = Service::start().await;
    const MOST: usize = 409_600;
    let key = json!({"id": {"S": "x1"}});
    let text = |bytes: usize| json!({"S": "x".repeat(bytes)});
    let put = |bytes: usize| json!({"table": "users", "item": {"id": {"S": "x1"}, "name": text(bytes - 8)}});
    let set = |bytes: usize| {
        let set = |name: &str, bytes: usize| json!({"path": [name], "action": {"set": text(bytes)}});
        json!({"table": "users", "key": key, "actions": [set("name", bytes / 2), set("email", bytes - bytes / 2)]})
    };
    let writes = |bytes: usize| {
        [
            json!({"put": put(bytes)}),
            json!({"update": set(bytes)}),
            json!({"batchWrite": {"table": "users", "writes": [{"put": put(bytes)["item"]}]}}),
            json!({"batchUpdate": {"updates": [set(bytes)]}}),
            json!({"transactWrite": {"actions": [{"put": put(bytes)}]}}),
            json!({"transactWrite": {"actions": [{"update": set(bytes)}]}}),
        ]
    };
    for write in writes(MOST + 1) {
        let (status, answer) = service.post(KEY, json!([write])).await;
        assert_eq!((status, &answer["answers"][0]["failed"]["class"]), (200, &json!("tooLarge")), "{answer}");
    }
    assert_eq!(service.database.requests(), 0);
    for write in [put(MOST), put(MOST - 1)] {
        let (_, answer) = service.post(KEY, json!([{"put": write}])).await;
        assert_eq!(answer["answers"], json!([{"item": null}]));
    }
    let original = json!({"operationType": "putRecord", "recordItemData": {"id": "x1", "name": "x".repeat(MOST)}});
    assert_eq!(service.send("/tables/users", Some(KEY), &original).await.0, 413);
    assert_eq!(service.database.requests(), 2);
}

#[tokio::test]
async fn malformed_bodies_are_told_so() {
    let service = service().await;
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let value =
        format!(r#"{{"operations":[{{"put":{{"table":"users","item":{{"id":{}}}}}}}]}}"#, deep(r#"{"L":["#, "]}"));
    let not = format!(
        r#"{{"id":"d","operations":[{{"delete":{{"table":"users","key":{{}},"condition":{}{{"exists":[]}}{}}}}}]}}"#,
        r#"{"not":"#.repeat(2_000),
        "}".repeat(2_000)
    );
    let bodies = [
        "",
        "{",
        "[]",
        "null",
        "0",
        "{}",
        r#"{"operations":[]}"#,
        r#"{"operations":{}}"#,
        "\u{0}",
        r#"{"operations":[{"get":{}}]}"#,
        r#"{"operations":[{"drop":{}}]}"#,
        r#"{"operations":[],"x":1}"#,
    ];
    let bodies = bodies.map(str::to_owned).into_iter().chain([deep("[", "]"), deep(r#"{"a":"#, "}"), value, not]);
    for body in bodies {
        let answer = service.raw(&request("/v1/operations", Some(KEY), body.as_bytes())).await;
        assert_eq!(answer.status, 400, "{:.60}: {answer:?}", body);
    }
    for (at, head) in
        ["GET", "POST / HTTP/9.9", "\r\n\r\n", "POST /v1/operations HTTP/1.1\r\nContent-Length: -1"].iter().enumerate()
    {
        let answer = service.raw(format!("{head}\r\n\r\n").as_bytes()).await;
        assert!(matches!(answer.status, 0 | 400), "{at}: {answer:?}");
    }
    assert!(is_served(&service).await);
}

#[tokio::test]
async fn slow_clients_are_let_go() {
    let service = service().await;
    let began = Instant::now();
    // A head that never ends: closed.
    let stream = service.connect().await;
    let slow_head = exchange(stream, b"POST /v1/operations HTTP/1.1\r\nHost: x\r\nX-Slow: ").await;
    assert!(matches!(slow_head.status, 0 | 408), "{slow_head:?}");
    // A body that never comes: 408.
    let head = format!(
        "POST /v1/operations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: 900\r\n\r\n{{"
    );
    let slow_body = service.raw(head.as_bytes()).await;
    assert_eq!(slow_body.status, 408, "{slow_body:?}");
    // A body that comes byte by byte takes no longer.
    let stream = service.connect().await;
    let (mut from, mut to) = stream.into_split();
    to.write_all(head.as_bytes()).await.unwrap();
    let dripping = tokio::spawn(async move {
        for _ in 0..200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            if to.write_all(b" ").await.is_err() {
                break;
            }
        }
    });
    let mut answer = [0; 12];
    from.read_exact(&mut answer).await.unwrap();
    dripping.abort();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_idle_connections_starve_nobody_and_are_closed() {
    let service = service().await;
    let mut idle = Vec::new();
    for at in 0..1_000 {
        let mut stream = service.connect().await;
        if at % 2 == 0 {
            stream.write_all(b"POST /v1/op").await.unwrap();
        }
        idle.push(stream);
        if at % 250 == 0 {
            assert!(is_served(&service).await);
        }
    }
    assert!(is_served(&service).await);
    let mut closed = 0;
    for mut stream in idle {
        let mut rest = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
        closed += usize::from(end.is_ok());
    }
    assert_eq!(closed, 1_000);
}

#[tokio::test]
async fn a_rate_is_kept_to_with_retry_after() {
    let slow = ApiKey::new("slow", KeyHash::of("slow")).grant(Grant::everything("users")).rate(10);
    let service = Service::with(|builder| builder.key(slow)).await;
    let get = json!({"get": {"table": "users", "key": {"id": {"S": "x1"}}}});
    let body = json!({"operations": vec![get; 4]}).to_string();
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(service.raw(&request("/v1/operations", Some("slow"), body.as_bytes())).await);
    }
    let of_status = |wanted: u16| answers.iter().filter(|answer| answer.status == wanted).collect::<Vec<_>>();
    let (served, refused): (Vec<&Answer>, Vec<&Answer>) = (of_status(200), of_status(429));
    assert!((2..=3).contains(&served.len()) && refused.len() >= 2, "{answers:?}");
    assert!(refused.iter().all(|answer| answer.head.to_lowercase().contains("retry-after: 1")), "{refused:?}");
    assert!(refused.iter().all(|answer| answer.body.contains("throttled")), "{refused:?}");
    assert!(is_served(&service).await, "another client has its own rate");
}

#[tokio::test]
async fn pages_are_no_larger_than_allowed() {
    let service = Service::with(|builder| builder.limits(Limits { page_items: 1, ..Limits::default() })).await;
    let (_, answer) = service.post(KEY, json!([{"scan": {"table": "users", "limit": 100}}])).await;
    let page = &answer["answers"][0]["page"];
    assert_eq!((page["items"].as_array().unwrap().len(), page["next"].is_object()), (1, true), "{answer}");
}

#[tokio::test]
async fn health_and_counts_show_no_names_keys_or_values() {
    let service = service().await;
    assert!(is_served(&service).await);
    service.post("wrong", json!([])).await;
    let get = async |path: &str| {
        service.raw(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes()).await
    };
    assert_eq!(get("/health").await.status, 200);
    assert_eq!(get("/ready").await.status, 200);
    let counts = get("/metrics").await;
    assert!(
        counts.body.contains(r#"structnosql_gateway_operations_total{operation="get",outcome="done"} 1"#),
        "{counts:?}"
    );
    assert!(counts.body.contains(r#"requests_total{wire="extension",status="401"} 1"#), "{counts:?}");
    for hidden in ["users", "x1", "Robinson", KEY, "wrong"] {
        assert!(!counts.body.contains(hidden), "{hidden}");
    }
}

/// Everybody may ask whether it is ready, as often as they like: the database is asked once in a while.
#[tokio::test]
async fn asking_whether_it_is_ready_is_cheap() {
    let service = service().await;
    let ready = || service.raw(b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let answers = futures_util::future::join_all((0..50).map(|_| ready())).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert_eq!(service.database.requests(), 1);
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!((ready().await.status, service.database.requests()), (200, 2));
}
