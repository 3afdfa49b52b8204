//! Each status that is described, given by each of the routes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use structnosql_core::{BasicTable, FailureClass};
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Limits, Schema};
use structnosql_testkit::{Fault, Faulty, Reference};

use crate::contract::{check, contract};
use crate::server::{User, exchange, request, serve, user};

#[tokio::test]
async fn every_status_is_given_and_described() {
    let limits = Limits {
        body_bytes: 10_000,
        body_ms: 200,
        client_requests: 2,
        request_ms: 300,
        operations: 3,
        ..Limits::default()
    };
    let database = Faulty::new(Reference::new());
    let users = BasicTable::<User, _>::open(database.clone()).await.unwrap();
    users.put_record(&user("x1")).await.unwrap();
    let all = |name: &str| ApiKey::new(name, KeyHash::of(name)).grant(Grant::everything("users"));
    let builder = Gateway::builder(database.clone()).table(Schema::of::<User>()).limits(limits);
    let builder = builder.key(all("all").grant(Grant::everything("nosuch"))).key(all("slow").rate(1));
    let address = serve(builder.build()).await;
    let connect = async || tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.unwrap();
    let mut seen = BTreeMap::<&str, BTreeSet<u16>>::new();
    let mut send = async |path: &'static str, bytes: Vec<u8>| {
        let answer = exchange(connect().await, &bytes).await;
        check(&bytes, &answer);
        let template = if path.starts_with("/tables/") { "/tables/{table}" } else { path };
        seen.entry(template).or_default().insert(answer.status);
        answer.status
    };
    let key = json!({"id": {"S": "x1"}});
    let path = json!([{"elementKey": "name", "defaultType": "str"}]);
    let good = |which: &str| match which {
        "/v1/operations" => json!({"id": "g", "operations": [{"get": {"table": "users", "key": key}}]}).to_string(),
        _ => json!({"operationType": "getSingleValueInPathTarget", "keyValue": "x1", "fieldPathElements": path})
            .to_string(),
    };
    let other = json!({"operations": [{"get": {"table": "other", "key": key}}]}).to_string();
    let lost = json!({"id": "l", "attempt": 2, "instance": "before", "operations": [{"update": {"table": "users",
        "key": key, "actions": [{"path": ["visits"], "action": {"increment": {"from": "0", "by": "1"}}}]}}]});
    let slow = |path: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer all\r\nContent-Length: 9\r\n\r\n{{"
        )
    };
    let bytes = |path: &str, key: &str, body: &str| request(path, Some(key), body.as_bytes());
    for (path, expected, sent) in [
        ("/v1/operations", 200, bytes("/v1/operations", "all", &good("/v1/operations"))),
        ("/v1/operations", 400, bytes("/v1/operations", "all", "{}")),
        ("/v1/operations", 401, request("/v1/operations", None, b"{}")),
        ("/v1/operations", 401, bytes("/v1/operations", "wrong", "{}")),
        ("/v1/operations", 403, bytes("/v1/operations", "all", &other)),
        ("/v1/operations", 408, slow("/v1/operations").into_bytes()),
        ("/v1/operations", 413, bytes("/v1/operations", "all", &" ".repeat(10_001))),
        ("/v1/operations", 200, bytes("/v1/operations", "slow", &good("/v1/operations"))),
        ("/v1/operations", 429, bytes("/v1/operations", "slow", &good("/v1/operations"))),
        ("/v1/operations", 502, bytes("/v1/operations", "all", &lost.to_string())),
        ("/tables/users", 200, bytes("/tables/users", "all", &good("/tables/users"))),
        ("/tables/users", 200, bytes("/tables/users", "all", "{}")),
        ("/tables/%ff", 400, bytes("/tables/%ff", "all", "{}")),
        ("/tables/users", 401, request("/tables/users", None, b"{}")),
        ("/tables/other", 403, bytes("/tables/other", "all", &good("/tables/users"))),
        ("/tables/nosuch", 404, bytes("/tables/nosuch", "all", &good("/tables/users"))),
        ("/tables/users", 408, slow("/tables/users").into_bytes()),
        ("/tables/users", 413, bytes("/tables/users", "all", &" ".repeat(10_001))),
        ("/tables/users", 429, bytes("/tables/users", "slow", &good("/tables/users"))),
        ("/health", 200, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()),
        ("/ready", 200, b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()),
        ("/metrics", 200, b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()),
        ("/openapi.json", 200, b"GET /openapi.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()),
    ] {
        assert_eq!(send(path, sent).await, expected, "{path}");
    }
    // What the database has to be told for.
    for (fault, status) in [
        (Fault::Refuse(FailureClass::Conflict), 409),
        (Fault::Refuse(FailureClass::NotSent), 502),
        (Fault::HangBefore, 502),
    ] {
        database.script([Some(fault)]);
        let given = send("/tables/users", bytes("/tables/users", "all", &good("/tables/users"))).await;
        assert!(given == status || (fault == Fault::HangBefore && given == 504), "{fault:?}: {given}");
    }
    database.script(vec![Some(Fault::HangBefore); 40]);
    let removal = json!({"operationType": "deleteDataElementsFromMap", "keyValue": "x1", "fieldsPathElements": [path]});
    for (path, body) in [
        ("/v1/operations", json!({"operations": vec![json!({"get": {"table": "users", "key": key}}); 3]}).to_string()),
        ("/tables/users", removal.to_string()),
    ] {
        let given = send(path, bytes(path, "all", &body)).await;
        assert!(matches!(given, 200 | 502 | 504), "{given}");
    }
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    database.script(vec![Some(Fault::HangBefore); 40]);
    assert_eq!(send("/ready", b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec()).await, 503);
    for (path, described) in contract().statuses() {
        // Whether the time of the request or that of its operation is over first is chance.
        let given: BTreeSet<u16> = seen[path.as_str()].iter().copied().chain(described.get(&504).copied()).collect();
        assert_eq!(given, described, "{path}");
    }
}
