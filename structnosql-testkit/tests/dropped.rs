//! What a table says that is dropped with something pending.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod spans;

use structnosql_core::{CachingTable, TableDataModel};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Fault, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    title: Option<String>,
}

type Notes = CachingTable<Note, Faulty<Reference>>;

/// A table with changes of two records pending.
async fn pending() -> Notes {
    spans::remember();
    let notes = Notes::open(Faulty::new(Reference::new())).await.unwrap();
    for id in ["secret a", "secret b"] {
        notes.update_field(id, Note::fields().title(), "secret").await.unwrap();
    }
    notes
}

/// The warnings that a piece of code gives: records with something pending, and of these those in doubt.
async fn warnings(of: impl Future<Output = ()>) -> Vec<(String, String)> {
    spans::take();
    of.await;
    let events = spans::take();
    assert!(events.iter().flat_map(|event| event.values()).all(|value| !value.contains("secret")), "{events:?}");
    events.iter().map(|event| (event["records"].clone(), event["in_doubt"].clone())).collect()
}

#[tokio::test]
async fn what_is_lost_with_a_table_is_told_once_in_counts() {
    let notes = pending().await;
    assert_eq!(warnings(async { drop(notes) }).await, [("2".to_owned(), "0".to_owned())]);

    let notes = pending().await;
    notes.backend().script([Some(Fault::LoseAnswer)]);
    notes.commit_operations().await.unwrap_err();
    assert_eq!(warnings(async { drop(notes) }).await, [("1".to_owned(), "1".to_owned())]);
}

#[tokio::test]
async fn a_table_that_is_closed_loses_nothing_and_says_nothing() {
    let notes = pending().await;
    let backend = notes.backend().clone();
    let closed = async { assert_eq!(notes.close().await.unwrap().requests(), 2) };
    assert_eq!(warnings(closed).await, []);
    assert_eq!(Notes::attach(backend).get_record("secret a").await.unwrap().unwrap().title.as_deref(), Some("secret"));

    let idle = pending().await;
    idle.rollback();
    assert_eq!(warnings(async { drop(idle) }).await, []);
}

#[tokio::test]
async fn a_close_that_fails_gives_the_report_and_warns() {
    let notes = pending().await;
    notes.backend().script([Some(Fault::Refuse(structnosql_core::FailureClass::AccessDenied))]);
    let closed = async {
        let error = notes.close().await.unwrap_err();
        assert_eq!(error.commit_report().unwrap().uncommitted().count(), 1);
    };
    assert_eq!(warnings(closed).await, [("1".to_owned(), "0".to_owned())]);
}
