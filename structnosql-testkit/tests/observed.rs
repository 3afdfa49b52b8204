//! What an observed backend tells of its requests.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod spans;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use structnosql_core::{
    ApiOperation, Backend, BatchGetRequest, CachingTable, Failure, FailureClass, GetRequest, Map, Observed,
    ObservedRequest, RequestOutcome, TableDataModel, Value, meter,
};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Fault, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    title: Option<String>,
}

type Engine = Observed<Faulty<Reference>>;

/// A table, its backend, and a list of what was sent since it was opened.
async fn notes() -> (CachingTable<Note, Engine>, Engine, Arc<Mutex<Vec<ObservedRequest>>>) {
    spans::remember();
    let seen: Arc<Mutex<Vec<ObservedRequest>>> = Arc::default();
    let hook = { seen.clone() };
    let backend = Observed::new(Faulty::new(Reference::new()))
        .on_request(move |request| hook.lock().unwrap().push(request.clone()));
    let notes = CachingTable::open(backend.clone()).await.unwrap();
    seen.lock().unwrap().clear();
    (notes, backend, seen)
}

fn key(id: &str) -> Map {
    [("id", Value::from(id))].into_iter().collect()
}

#[tokio::test]
async fn every_request_is_told_with_what_came_of_it() {
    let (notes, backend, seen) = notes().await;
    notes.update_field("a", Note::fields().title(), "x").await.unwrap();
    assert!(seen.lock().unwrap().is_empty(), "what is pending is no request");
    notes.commit_operations().await.unwrap();
    notes.get_record("b").await.unwrap();
    backend.inner().script([Some(Fault::Refuse(FailureClass::Throttled))]);
    notes.get_record("c").await.unwrap_err();

    let told: Vec<_> =
        seen.lock().unwrap().iter().map(|request| (request.operation, request.items, request.outcome)).collect();
    let throttled = RequestOutcome::Failed(FailureClass::Throttled);
    let expected = [
        (ApiOperation::UpdateItem, 1, RequestOutcome::Answered),
        (ApiOperation::GetItem, 1, RequestOutcome::Answered),
        (ApiOperation::GetItem, 1, throttled),
    ];
    assert_eq!(told, expected);

    let gets = backend.statistics().of("notes", ApiOperation::GetItem);
    assert_eq!((gets.requests, gets.failed, gets.throttled), (2, 1, 1));
    assert_eq!(backend.statistics().of("others", ApiOperation::GetItem).requests, 0);
}

#[tokio::test]
async fn a_request_that_is_given_up_is_told_too() {
    let (notes, backend, seen) = notes().await;
    backend.inner().script([Some(Fault::HangBefore)]);
    tokio::time::timeout(Duration::from_millis(1), notes.get_record("a")).await.unwrap_err();
    assert_eq!(seen.lock().unwrap()[0].outcome, RequestOutcome::Dropped);
    assert_eq!(backend.statistics().total().dropped, 1);
}

/// What a future of a request that was never polled would tell: nothing was sent.
#[tokio::test]
async fn a_request_that_was_never_polled_is_none() {
    let (_, backend, seen) = notes().await;
    let request = GetRequest { table: "notes".into(), key: key("a"), projection: Vec::new(), consistent: true };
    drop(backend.get(request));
    assert!(seen.lock().unwrap().is_empty());
}

/// A backend that tells what its requests take.
struct Metered;

impl Backend for Metered {
    async fn get(&self, _: GetRequest) -> Result<Option<Map>, Failure> {
        assert!(meter::is_observed());
        meter::attempted();
        tokio::task::yield_now().await;
        meter::attempted();
        meter::consumed_read_units(0.5);
        Ok(None)
    }

    async fn batch_get(&self, request: BatchGetRequest) -> Result<structnosql_core::BatchGetResponse, Failure> {
        meter::consumed_read_units(request.keys.len() as f64);
        let unprocessed = request.keys.into_iter().take(1).collect();
        Ok(structnosql_core::BatchGetResponse { items: Vec::new(), unprocessed })
    }

    async fn put(&self, _: structnosql_core::PutRequest) -> Result<Option<Map>, Failure> {
        meter::consumed_write_units(3.0);
        Ok(None)
    }

    async fn update(&self, _: structnosql_core::UpdateRequest) -> Result<Option<Map>, Failure> {
        Err(Failure::unsupported("update"))
    }

    async fn delete(&self, _: structnosql_core::DeleteRequest) -> Result<Option<Map>, Failure> {
        Err(Failure::unsupported("delete"))
    }

    async fn query(&self, _: structnosql_core::QueryRequest) -> Result<structnosql_core::PageResponse, Failure> {
        Err(Failure::unsupported("query"))
    }

    async fn describe_table(&self, _: &str) -> Result<Option<structnosql_core::TableDescription>, Failure> {
        Ok(None)
    }

    async fn create_table(&self, _: structnosql_core::TableDefinition) -> Result<(), Failure> {
        Ok(())
    }
}

fn get(id: &str) -> GetRequest {
    GetRequest { table: "notes".into(), key: key(id), projection: Vec::new(), consistent: true }
}

#[tokio::test]
async fn attempts_and_capacity_are_those_of_the_request_that_took_them() {
    spans::remember();
    let inner = Observed::new(Metered);
    let outer = Observed::new(Arc::new(inner));
    let put =
        structnosql_core::PutRequest { table: "notes".into(), item: key("a"), condition: None, return_old: false };
    let batch = BatchGetRequest {
        table: "notes".into(),
        keys: vec![key("a"), key("b")],
        projection: Vec::new(),
        consistent: true,
    };
    let (gets, puts, batches) = tokio::join!(
        async { tokio::join!(outer.get(get("a")), outer.get(get("b"))) },
        outer.put(put),
        outer.batch_get(batch)
    );
    gets.0.unwrap();
    gets.1.unwrap();
    puts.unwrap();
    batches.unwrap();
    assert!(!meter::is_observed());
    for statistics in [outer.inner().statistics(), outer.statistics()] {
        let counts = statistics.of("notes", ApiOperation::GetItem);
        assert_eq!((counts.requests, counts.retries, counts.read_units), (2, 2, 1.0));
        let counts = statistics.of("notes", ApiOperation::BatchGetItem);
        assert_eq!((counts.unprocessed, counts.read_units), (1, 2.0));
        assert_eq!((statistics.total().read_units, statistics.total().write_units), (3.0, 3.0));
    }
}

#[tokio::test]
async fn statistics_print_as_a_table() {
    let (notes, backend, _) = notes().await;
    assert_eq!(
        Observed::new(Reference::new()).statistics().to_string(),
        "requests: 0, failed: 0, retries: 0, read units: 0, write units: 0"
    );
    notes.get_record("b").await.unwrap();
    let shown = backend.statistics().to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(
        lines[1].starts_with("  table  operation      requests  failed  retries  read units  write units"),
        "{shown}"
    );
    assert!(lines[2].starts_with("  notes  GetItem               1       0"), "{shown}");
    assert_eq!(lines.len(), 2 + 3, "{shown}");
    assert!(lines.iter().skip(1).all(|line| line.chars().count() == lines[1].chars().count()), "{shown}");
}

#[tokio::test]
async fn every_request_has_a_span_without_keys_and_values() {
    let (notes, backend, _) = notes().await;
    spans::take();
    notes.update_field("secret key", Note::fields().title(), "secret value").await.unwrap();
    notes.commit_operations().await.unwrap();
    backend.inner().script([Some(Fault::Refuse(FailureClass::AccessDenied))]);
    notes.get_record("secret key 2").await.unwrap_err();
    let seen = spans::take();
    assert_eq!(seen.len(), 2);
    let [update, get] = &seen[..] else { unreachable!("two were sent") };
    for (span, operation, outcome) in [(update, "UpdateItem", "answered"), (get, "GetItem", "access denied")] {
        let field = |name: &str| span.get(name).cloned().unwrap_or_default();
        assert_eq!(
            (field("name"), field("table"), field("operation")),
            ("request".into(), "notes".into(), operation.into())
        );
        assert_eq!((field("items"), field("outcome")), ("1".into(), outcome.into()));
        assert!(field("duration_ms").parse::<f64>().unwrap() >= 0.0);
        assert!(["attempts", "read_units", "write_units", "unprocessed"].iter().all(|name| span.contains_key(*name)));
        assert!(span.values().all(|value| !value.contains("secret")), "{span:?}");
    }
}
