//! Pages of rows over what a caching table knows: which of the two is shown, and what it says of the version.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::time::Duration;

use structnosql_core::{CachingTable, Map, Source, TableDataModel, Value};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Fault, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    category: Option<String>,
    title: Option<String>,
    visits: Option<i64>,
    tags: Option<Vec<String>>,
    #[field(version)]
    version: u64,
}

/// A record of an index with a sort key.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "readings", crate = "structnosql_core")]
struct Reading {
    #[field(partition_key)]
    id: String,
    #[field(index(name = "by-kind"))]
    kind: Option<String>,
    #[field(index(name = "by-kind", sort))]
    code: Option<String>,
}

type Notes = CachingTable<Note, Counted<Reference>>;

/// Stores the record as another writer would.
fn store(notes: &Notes, category: &str, title: &str, version: i64) {
    let item: Map = [
        ("id", Value::from("x")),
        ("category", category.into()),
        ("title", title.into()),
        ("visits", 7.into()),
        ("version", version.into()),
    ]
    .into_iter()
    .collect();
    notes.backend().inner().put_item("notes", item).unwrap();
}

/// A table that knows nothing of its one record.
async fn notes() -> Notes {
    let notes = Notes::open(Counted::new(Reference::new())).await.unwrap();
    store(&notes, "red", "old", 1);
    notes.backend().reset();
    notes
}

/// How many updates a commit sends that is a conflict.
async fn updates_of_a_conflict(notes: &Notes) -> usize {
    notes.update_field("x", Note::fields().visits(), 8).await.unwrap();
    notes.backend().reset();
    let error = notes.commit_operations().await.unwrap_err();
    assert_eq!(error.commit_report().unwrap().conflicts().count(), 1, "{error}");
    notes.backend().updates()
}

/// Nothing can be decided on a row that shows nothing new, and an index may lag behind: the database has the last word.
#[tokio::test]
async fn a_row_of_an_index_says_nothing_of_the_version_of_what_is_known() {
    let f = Note::fields;
    for whole in [false, true] {
        let notes = notes().await;
        notes.get_record("x").await.unwrap();
        store(&notes, "red", "new", 2);
        match whole {
            true => {
                let page = notes.query_records(Note::indexes().category("red")).await.unwrap();
                assert_eq!(page.records[0].1.title.as_deref(), Some("old"));
            }
            false => {
                let page = notes.query_field(Note::indexes().category("red"), f().title()).await.unwrap();
                assert_eq!(page.records[0].1.as_deref(), Some("old"));
            }
        }
        assert_eq!(updates_of_a_conflict(&notes).await, 1, "whole: {whole}");
    }
}

/// What was known and what the row adds are of two versions: no write can be right for both.
#[tokio::test]
async fn a_row_that_shows_more_of_another_version_is_a_conflict_before_it_is_sent() {
    let f = Note::fields;
    let notes = notes().await;
    notes.get_field("x", f().title()).await.unwrap();
    store(&notes, "red", "new", 2);
    let page = notes.query_field(Note::indexes().category("red"), f().visits()).await.unwrap();
    assert_eq!(page.records[0].1, Some(7));
    assert_eq!(updates_of_a_conflict(&notes).await, 0);
}

#[tokio::test]
async fn a_row_of_the_table_replaces_what_is_known_and_shows_its_version() {
    let (notes, f) = (notes().await, Note::fields);
    notes.get_record("x").await.unwrap();
    store(&notes, "red", "new", 2);
    let page = notes.debug().scan_field(f().title()).await.unwrap();
    assert_eq!((page.records[0].1.value.as_deref(), page.records[0].1.source), (Some("new"), Source::Database));
    assert_eq!(updates_of_a_conflict(&notes).await, 0);
}

#[tokio::test]
async fn a_row_says_which_of_its_values_it_brought() {
    let (notes, f) = (notes().await, Note::fields);
    notes.get_field("x", f().title()).await.unwrap();
    let page = notes.debug().query_field(Note::indexes().category("red"), (f().title(), f().visits())).await.unwrap();
    let (title, visits) = &page.records[0].1;
    assert_eq!((title.source, visits.source), (Source::Cache, Source::Database));
}

/// A row of an index that fits the query is one that was asked for, whatever was known of it.
#[tokio::test]
async fn a_row_with_nothing_pending_fits_its_query() {
    let (notes, f) = (notes().await, Note::fields);
    notes.get_record("x").await.unwrap();
    store(&notes, "blue", "new", 2);
    let page = notes.query_field(Note::indexes().category("blue"), f().title()).await.unwrap();
    assert_eq!(page.records.len(), 1);
    assert!(page.pending_mismatch.is_empty());
    notes.update_field("x", f().category(), "green").await.unwrap();
    let page = notes.query_field(Note::indexes().category("blue"), f().title()).await.unwrap();
    assert_eq!(page.pending_mismatch.len(), 1);
}

/// A row of an index adds to what is known, and a record is as old as the oldest of that.
#[tokio::test(start_paused = true)]
async fn rows_do_not_make_what_was_known_before_younger() {
    let (notes, f) = (notes().await, Note::fields);
    let late = Duration::from_secs(30);
    notes.get_record("x").await.unwrap();
    tokio::time::advance(late).await;
    notes.query_records(Note::indexes().category("red")).await.unwrap();
    assert_eq!(notes.cache_age("x"), Some(late));
    notes.scan_field(f().title()).await.unwrap();
    assert_eq!(notes.cache_age("x"), Some(late));
    notes.scan_records().await.unwrap();
    assert_eq!(notes.cache_age("x"), Some(Duration::ZERO));
}

/// Beside what it was asked for a page brings the key, the version, and what pending changes take.
#[tokio::test]
async fn a_page_asks_for_no_more_than_it_needs() {
    let (notes, f) = (notes().await, Note::fields);
    notes.scan_field(f().title()).await.unwrap();
    notes.update_field("x", f().visits(), 8).await.unwrap();
    notes.scan_field(f().title()).await.unwrap();
    for sent in notes.backend().log() {
        assert_eq!(sent.expression, "SELECT id,title,version", "{sent}");
    }
}

#[tokio::test]
async fn a_row_that_shows_nothing_new_takes_nothing_away() {
    let notes = notes().await;
    let f = Note::fields;
    let record = notes.get_record("x").await.unwrap();
    let page = notes.query_field(Note::indexes().primary("x"), f().tags().index(1)).await.unwrap();
    assert_eq!(page.records[0].1, None);
    notes.backend().reset();
    assert_eq!(notes.get_record("x").await.unwrap(), record);
    assert_eq!(notes.backend().requests(), 0);
}

/// Without its sort key a record is no longer in the index, whatever the query asks of the sort key.
#[tokio::test]
async fn a_row_that_loses_its_sort_key_no_longer_fits() {
    let readings = CachingTable::<Reading, _>::open(Reference::new()).await.unwrap();
    let f = Reading::fields;
    readings.put_record(&Reading { id: "x".into(), kind: Some("air".into()), code: Some("a".into()) }).await.unwrap();
    let air = || readings.query_field(Reading::indexes().by_kind("air"), f().code());
    assert!(air().await.unwrap().pending_mismatch.is_empty());
    readings.delete_field("x", f().code()).await.unwrap();
    assert_eq!(air().await.unwrap().pending_mismatch.len(), 1);
    readings.rollback();
    readings.update_field("x", f().code(), "b").await.unwrap();
    assert!(air().await.unwrap().pending_mismatch.is_empty());
    readings.rollback();
}

/// An index lags behind: it may show a record that is known to be deleted, and then the row is all there is.
#[tokio::test]
async fn a_row_of_a_record_that_is_known_to_be_gone_stands_alone() {
    let notes = notes().await;
    let f = Note::fields;
    notes.delete_record("x").await.unwrap();
    store(&notes, "red", "old", 1);
    let red = || Note::indexes().category("red");
    let page = notes.query_records(red()).await.unwrap();
    assert_eq!(page.records[0].1.title.as_deref(), Some("old"));
    let page = notes.query_field(red(), f().title()).await.unwrap();
    assert_eq!(page.records[0].1.as_deref(), Some("old"));
    assert_eq!(notes.get_record("x").await.unwrap(), None, "an older answer fills no cache");
}

/// What was known before is no part of the record that is being put in its place.
#[tokio::test(start_paused = true)]
async fn a_row_of_a_record_that_is_being_replaced_is_all_of_one_record() {
    let readings = CachingTable::<Reading, _>::open(Faulty::new(Reference::new())).await.unwrap();
    let reading =
        |code: &str| Reading { id: "x".to_owned(), kind: Some("new".to_owned()), code: Some(code.to_owned()) };
    readings.put_record(&Reading { kind: Some("old".to_owned()), ..reading("1") }).await.unwrap();
    readings.clear_cached_data();
    readings.get_field("x", Reading::fields().code()).await.unwrap();
    readings.backend().script([Some(Fault::HangAfter)]);
    let put = async {
        let put = readings.put_record(&reading("2"));
        tokio::time::timeout(Duration::from_secs(2), put.into_future()).await.unwrap_err()
    };
    let query = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        readings.query_records(Reading::indexes().by_kind("new")).await.unwrap()
    };
    let (_, page) = tokio::join!(put, query);
    assert_eq!(page.records[0].1, reading("2"));
}
