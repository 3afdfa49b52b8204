//! Versioned records that others wrote, or that were not there, before the commit found out.

use std::collections::BTreeSet;
use std::time::Duration;

use structnosql_core::{BasicTable, CachingTable, FailureClass, FieldExt, Outcome, TableDataModel, Value};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Fault, Faulty, Reference};

use crate::model::Engine;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "logs", crate = "structnosql_core")]
struct Log {
    #[field(partition_key)]
    id: String,
    owner: Option<String>,
    lines: Option<Vec<String>>,
    labels: Option<BTreeSet<String>>,
    #[field(version)]
    version: u64,
}

type Logs = CachingTable<Log, Engine>;

/// Stored logs of one line, at version 1, of which nothing is known.
async fn stored(ids: &[&str]) -> Logs {
    let engine = Faulty::new(Counted::new(Reference::new()));
    let table = BasicTable::<Log, _>::open(engine.clone()).await.unwrap();
    for id in ids {
        let lines = Some(vec!["first".to_owned()]);
        table.create_record(&Log { id: (*id).to_owned(), owner: None, lines, labels: None, version: 0 }).await.unwrap();
    }
    engine.inner().reset();
    Logs::attach(engine)
}

fn value(logs: &Logs, id: &str, attribute: &str) -> Option<Value> {
    let key = [("id", Value::from(id))].into_iter().collect();
    logs.backend().inner().inner().item("logs", &key)?.get(attribute).cloned()
}

/// Somebody else writes the record.
async fn interfere(logs: &Logs, id: &str) {
    let other = logs.session();
    other.update_multiple_fields(id, [Log::fields().lines().append(["other"])]).await.unwrap();
    other.commit_operations().await.unwrap();
    logs.backend().inner().reset();
}

/// It is known without another request that the lost one was never applied.
#[tokio::test]
async fn a_lost_write_whose_version_another_took_is_a_conflict_and_not_sent_anew() {
    let (logs, f) = (stored(&["a"]).await, Log::fields);
    logs.get_record("a").await.unwrap();
    logs.update_field("a", f().owner(), "Ann").await.unwrap();
    logs.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    logs.commit_operations().await.unwrap_err();
    interfere(&logs, "a").await;
    let error = logs.commit_operations().await.unwrap_err();
    let record = &error.commit_report().unwrap().records[0];
    assert!(matches!(&record.outcome, Outcome::Rejected(error) if error.is_conflict()), "{error}");
    assert_eq!((record.requests, logs.backend().inner().updates()), (1, 1));
    assert_eq!(value(&logs, "a", "owner"), None);
}

/// What the set was is not known, but it has what the write adds.
#[tokio::test]
async fn a_lost_write_that_is_there_is_settled() {
    let (logs, f) = (stored(&["a"]).await, Log::fields);
    logs.get_field("a", f().owner()).await.unwrap();
    logs.update_multiple_fields("a", [f().labels().insert_into_set(["new"])]).await.unwrap();
    logs.backend().script([Some(Fault::LoseAnswer)]);
    logs.commit_operations().await.unwrap_err();
    logs.backend().inner().reset();
    let report = logs.commit_operations().await.unwrap();
    assert_eq!((report.records[0].resent, logs.backend().inner().updates()), (true, 1));
    assert!(!logs.has_pending_operations());
    assert_eq!(value(&logs, "a", "version"), Some(2.into()));
}

#[tokio::test]
async fn only_the_record_that_could_not_be_read_is_left() {
    let (logs, f) = (stored(&["a", "b", "c"]).await, Log::fields);
    logs.get_record("a").await.unwrap();
    logs.get_record("c").await.unwrap();
    for id in ["a", "b", "c"] {
        logs.update_field(id, f().owner(), "Ann").await.unwrap();
    }
    logs.backend().script([Some(Fault::Refuse(FailureClass::AccessDenied))]);
    let error = logs.commit_operations().batched().await.unwrap_err();
    let left: Vec<String> = error.commit_report().unwrap().uncommitted().map(|record| record.key.to_string()).collect();
    assert_eq!(left, ["b"]);
    assert_eq!(value(&logs, "c", "owner"), Some("Ann".into()));
}

/// A batch brings no record into being: one that is read and not there goes alone from the start.
#[tokio::test]
async fn a_record_that_turns_out_not_to_be_there_is_not_sent_in_the_batch() {
    let (logs, f) = (stored(&["a", "b"]).await, Log::fields);
    for id in ["a", "b", "new"] {
        logs.update_field(id, f().owner(), "Ann").await.unwrap();
    }
    let report = logs.commit_operations().batched().await.unwrap();
    let log = logs.backend().inner().log();
    let sent: Vec<(String, usize)> = log.iter().map(|sent| (sent.kind.to_string(), sent.parts.len())).collect();
    let sent: Vec<(&str, usize)> = sent.iter().map(|(kind, parts)| (kind.as_str(), *parts)).collect();
    assert_eq!(sent, [("batch get", 3), ("batch update", 2), ("update", 0)]);
    assert_eq!((report.requests(), logs.cache_statistics().write_requests), (3, 3));
}

/// What is pending was decided on what is too old now; where nothing is, a read begins anew.
#[tokio::test(start_paused = true)]
async fn what_is_too_old_to_be_kept_holds_its_version_for_what_is_pending() {
    for is_pending in [false, true] {
        let (logs, f) = (stored(&["a"]).await.max_cache_age(Duration::from_secs(60)), Log::fields);
        logs.get_record("a").await.unwrap();
        if is_pending {
            logs.update_field("a", f().owner(), "Ann").await.unwrap();
        }
        tokio::time::advance(Duration::from_secs(61)).await;
        interfere(&logs, "a").await;
        assert_eq!(logs.get_field("a", f().lines()).await.unwrap().unwrap().len(), 2);
        logs.update_field("a", f().owner(), "Bob").await.unwrap();
        let committed = logs.commit_operations().await;
        assert_eq!(committed.is_err(), is_pending, "{committed:?}");
    }
}
