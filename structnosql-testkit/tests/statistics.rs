//! What a cache counts, and where a value comes from.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::time::Duration;

use structnosql_core::{CacheStatistics, CachingTable, FailureClass, FieldExt, Source, TableDataModel};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Fault, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: u64,
    title: Option<String>,
    visits: Option<u64>,
    tags: Option<Vec<String>>,
}

type Notes = CachingTable<Note, Faulty<Counted<Reference>>>;

fn note(id: u64) -> Note {
    Note { id, title: Some(format!("title {id}")), visits: Some(id), tags: Some(vec!["a".into(), "b".into()]) }
}

/// A table of so many records, of which it knows nothing.
async fn notes(records: u64) -> Notes {
    let notes = Notes::open(Faulty::new(Counted::new(Reference::new()))).await.unwrap();
    for id in 0..records {
        notes.put_record(&note(id)).await.unwrap();
    }
    let fresh = notes.session();
    fresh.backend().inner().reset();
    fresh
}

/// All that is counted, one after another.
fn counts(statistics: CacheStatistics) -> [u64; 8] {
    let CacheStatistics { hits, misses, read_requests, pended, write_requests, records, evicted, expired, .. } =
        statistics;
    [hits, misses, read_requests, pended, write_requests, records, evicted, expired]
}

/// One that has counted something of each kind, by so many steps.
async fn worked(notes: &Notes, steps: u64) -> CacheStatistics {
    let work =
        notes.session().max_cached_records(if steps == 1 { 2 } else { 3 }).max_cache_age(Duration::from_secs(60));
    let f = Note::fields;
    for step in 0..steps {
        for id in 0..4 {
            work.get_field(id, f().title()).await.unwrap();
            work.get_field(id, f().title()).await.unwrap();
        }
        work.update_field(step, f().visits(), 7).await.unwrap();
        work.commit_operations().await.unwrap();
        tokio::time::advance(Duration::from_secs(61)).await;
        work.get_field(3, f().title()).await.unwrap();
    }
    work.cache_statistics()
}

#[tokio::test(start_paused = true)]
async fn the_statistics_of_several_tables_add_up() {
    let notes = notes(4).await;
    let (one, other) = (worked(&notes, 1).await, worked(&notes, 3).await);
    assert!(counts(one).iter().chain(&counts(other)).all(|count| *count > 0), "{one}; {other}");
    assert!(counts(one).iter().zip(counts(other)).any(|(one, other)| *one != other));
    let mut all = one;
    all += other;
    let sums: Vec<u64> = counts(one).iter().zip(counts(other)).map(|(one, other)| one + other).collect();
    assert_eq!(counts(all).to_vec(), sums);
    assert!(all.to_string().starts_with(&format!("hits: {}, misses: {}, ", all.hits, all.misses)), "{all}");
}

#[tokio::test]
async fn every_read_and_every_pended_change_counts() {
    let (notes, f) = (notes(3).await, Note::fields);
    notes.get_records([0, 1, 0]).await.unwrap();
    let read = notes.cache_statistics();
    assert_eq!((read.hits, read.misses, read.read_requests), (0, 3, 1));
    notes.get_records([0, 1]).await.unwrap();
    notes.transact_get([notes.get_field(2, f().title())]).await.unwrap();
    let read = notes.cache_statistics();
    assert_eq!((read.hits, read.misses, read.read_requests), (2, 4, 1));
    for visits in 1..4u64 {
        notes.update_field(1, f().visits(), visits).await.unwrap();
        assert_eq!(notes.cache_statistics().pended, visits);
    }
}

#[tokio::test]
async fn what_a_request_brings_comes_from_the_database() {
    let (notes, f) = (notes(3).await, Note::fields);
    let titles = || f().title();
    assert_eq!(notes.debug().get_field(0, titles()).await.unwrap().source, Source::Database);
    assert_eq!(notes.debug().get_field(0, titles()).await.unwrap().source, Source::Cache);
    assert_eq!(notes.debug().get_record(1).await.unwrap().source, Source::Database);
    // One field of two was known.
    let (title, visits) = notes.debug().get_field(0, (titles(), f().visits())).await.unwrap();
    assert_eq!((title.source, visits.source), (Source::Cache, Source::Database));
}

/// A list with changes is asked for as a whole, and what is read of it comes with that.
#[tokio::test]
async fn an_item_of_a_list_that_was_asked_for_whole_comes_from_the_database() {
    let (notes, f) = (notes(1).await, Note::fields);
    notes.update_field(0, f().tags().index(1), "B").await.unwrap();
    notes.refresh();
    let first = notes.debug().get_field(0, f().tags().index(0)).await.unwrap();
    assert_eq!((first.value.as_deref(), first.source), (Some("a"), Source::Database));
    let second = notes.debug().get_field(0, f().tags().index(1)).await.unwrap();
    assert_eq!((second.value.as_deref(), second.source), (Some("B"), Source::Pending));
}

/// The cache was cleared while the read was under way: it is read again, and kept by nobody.
#[tokio::test]
async fn what_is_read_while_the_cache_is_cleared_comes_from_the_database() {
    let (notes, f) = (notes(1).await, Note::fields);
    let read = async { notes.debug().get_field(0, f().title()).await.unwrap() };
    let clear = async { notes.clear_cached_data() };
    let (read, ()) = tokio::join!(read, clear);
    assert_eq!((read.value.as_deref(), read.source), (Some("title 0"), Source::Database));
    assert_eq!(notes.backend().inner().gets(), 2);
}

/// What is known of a record is kept where a write was certainly not applied.
#[tokio::test]
async fn a_write_that_was_refused_leaves_what_is_known() {
    let (notes, f) = (notes(1).await, Note::fields);
    notes.get_field(0, f().title()).await.unwrap();
    notes.backend().script([Some(Fault::Refuse(FailureClass::Throttled))]);
    notes.update_field_return_old(0, f().visits(), 9).await.unwrap_err();
    assert_eq!(notes.debug().get_field(0, f().title()).await.unwrap().source, Source::Cache);
}

/// A first request of a write that may have been applied leaves nothing known that it wrote.
#[tokio::test]
async fn a_write_that_may_have_been_applied_leaves_nothing_known() {
    let (notes, f) = (notes(1).await, Note::fields);
    notes.get_field(0, f().title()).await.unwrap();
    notes.backend().script([Some(Fault::LoseAnswer)]);
    let changes = [f().title().set("new"), f().visits().set(9u64)];
    notes.update_multiple_fields_return_old(0, changes).await.unwrap_err();
    assert_eq!(notes.get_field(0, f().title()).await.unwrap().as_deref(), Some("new"));
}

/// Rows are used in their order: of a page that is too long for the cache the first go.
#[tokio::test]
async fn a_page_fills_a_bounded_cache() {
    let notes = notes(17).await.max_cached_records(16);
    notes.scan_field(Note::fields().title()).await.unwrap();
    let statistics = notes.cache_statistics();
    assert_eq!((statistics.records, statistics.evicted), (14, 3));
}
