//! Bodies that nobody meant: whatever comes, the service answers, in JSON, changes nothing that is not granted, and
//! serves the next one.
//!
//! A failure prints the case that it shrank to, and the seed: `FUZZ_SEED=… cargo test` runs it again, with as many cases as
//! `FUZZ_CASES` says.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::{Value as Json, json};
use structnosql_gateway::{ApiKey, Grant, KeyHash, Paths, Verb};

use crate::server::{KEY, Service, request, stored, user};

const READER: &str = "reads names";

/// Any JSON: of the names and values that requests have, and others.
fn any_json() -> impl Strategy<Value = Json> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            "operations",
            "get",
            "update",
            "query",
            "table",
            "users",
            "key",
            "id",
            "S",
            "N",
            "M",
            "L",
            "x1",
            "projection",
            "path",
            "action",
            "set",
            "remove",
            "condition",
            "exists",
            "not",
            "all",
            "operationType",
            "putRecord",
            "keyValue",
            "fieldPathElements",
            "elementKey",
            "defaultType",
            "dict",
            "secret",
            "hash",
            "name",
            "accessToken",
            "batchGet",
            "transactWrite",
            "scan",
            "start",
            "sort",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        word.clone().prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            proptest::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|entries| Json::Object(entries.into_iter().collect())),
        ]
    })
}

/// Requests that are right, to be damaged.
fn right() -> Vec<String> {
    let path = json!([{"elementKey": "name", "defaultType": "str"}]);
    let key = json!({"id": {"S": "x1"}});
    [
        json!({"operations": [{"get": {"table": "users", "key": key, "projection": [["name"]]}}]}),
        json!({"id": "f", "attempt": 1, "operations": [{"update": {"table": "users", "key": key,
            "actions": [{"path": ["visits"], "action": {"increment": {"from": "0", "by": "1"}}}],
            "condition": {"not": {"any": [{"exists": ["name"]}]}}}}]}),
        json!({"operations": [{"query": {"table": "users", "partition": ["id", {"S": "x1"}], "projection": [["name"]],
            "filter": {"exists": ["name"]}, "start": key, "limit": 2}}, {"scan": {"table": "users", "segment": [0, 2],
            "start": key, "projection": [["name"]]}}]}),
        json!({"id": "f", "operations": [{"transactWrite": {"token": "t", "actions": [
            {"check": {"table": "users", "key": key, "condition": {"exists": ["name"]}}},
            {"update": {"table": "users", "key": {"id": {"S": "x2"}},
                "actions": [{"path": ["visits"], "action": {"append": [{"N": "1"}]}}]}}]}}]}),
        json!({"id": "f", "operations": [{"batchUpdate": {"updates": [{"table": "users", "key": key,
            "actions": [{"path": ["notes", 0], "action": "remove"}], "returnOld": false}]}},
            {"batchWrite": {"table": "users", "writes": [{"put": {"id": {"S": "x3"}}}, {"delete": key}]}}]}),
        json!({"operations": [{"batchGet": {"table": "users", "keys": [key], "projection": [["name"]]}},
            {"transactGet": {"gets": [{"table": "users", "key": key, "projection": [["name"]]}]}}]}),
        json!({"operationType": "getSingleValueInPathTarget", "keyValue": "x1", "fieldPathElements": path}),
        json!({"operationType": "queryItemsByKey", "keyValue": "x1", "fieldsPathElements": [path],
            "exclusive_start_key": {"id": "x1"}, "paginationRecordsLimit": 1}),
        json!({"operationType": "setUpdateMultipleDataElementsToMap", "keyValue": "x1",
            "setters": [{"valueToSet": 1.5, "fieldPathElements": path}]}),
    ]
    .map(|body| body.to_string())
    .to_vec()
}

/// Bytes changed, dropped and doubled, a value in the place of another.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edits = proptest::collection::vec((any::<proptest::sample::Index>(), 0..3u8, any::<u8>()), 1..6);
    (proptest::sample::select(right()), edits).prop_map(|(body, edits)| {
        let mut bytes = body.into_bytes();
        for (at, kind, byte) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, bytes[at]),
            }
        }
        bytes
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let operation = any_json().prop_map(|inner| json!({"id": "f", "operations": [inner]}).to_string().into_bytes());
    let original = any_json().prop_map(|value| {
        json!({"operationType": "putRecord", "recordItemData": value, "keyValue": value}).to_string().into_bytes()
    });
    prop_oneof![
        damaged(),
        any_json().prop_map(|json| json.to_string().into_bytes()),
        operation,
        original,
        proptest::collection::vec(any::<u8>(), 0..200),
    ]
}

#[test]
fn any_body_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let grant = Grant::on("users").verbs([Verb::Get, Verb::Query, Verb::Update, Verb::Put]);
    let reader = grant.read(Paths::only([vec!["name".into()]]));
    let service = runtime
        .block_on(Service::with(|builder| builder.key(ApiKey::new("reader", KeyHash::of(READER)).grant(reader))));
    let number = |variable: &str| std::env::var(variable).ok().and_then(|number| number.parse::<u64>().ok());
    let seed = number("FUZZ_SEED").unwrap_or_else(|| fastrand::u64(..));
    let cases = number("FUZZ_CASES").unwrap_or(400) as u32;
    let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let path = proptest::sample::select(vec!["/v1/operations", "/tables/users", "/tables/nosuch"]);
    let ran = runner.run(&(path, body()), |(path, body)| {
        let answer = runtime.block_on(service.raw(&request(path, Some(READER), &body)));
        prop_assert!(matches!(answer.status, 200 | 400 | 403 | 404), "{answer:?}");
        prop_assert!(serde_json::from_str::<Json>(&answer.body).is_ok(), "{answer:?}");
        prop_assert!(!answer.body.contains("h4sh"), "{answer:?}");
        Ok::<(), TestCaseError>(())
    });
    if let Err(failure) = ran {
        panic!("seed {seed}: {failure}");
    }
    runtime.block_on(async {
        assert_eq!(stored(&service, "x1").await, Some(user("x1")), "the reader may change nothing");
        let get = json!([{"get": {"table": "users", "key": {"id": {"S": "x1"}}}}]);
        assert_eq!(service.post(KEY, get).await.0, 200);
    });
}
