//! The bounds of a cache, and what it counts.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::time::Duration;

use structnosql_core::{CachingTable, FieldExt, Source, TableDataModel};
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

type Notes = CachingTable<Note, Counted<Faulty<Reference>>>;

/// A table of so many records, of which it knows nothing.
async fn notes(records: u64) -> Notes {
    let notes = Notes::open(Counted::new(Faulty::new(Reference::new()))).await.unwrap();
    for id in 0..records {
        let tags = Some(vec!["a".to_owned(), "b".to_owned()]);
        notes.put_record(&Note { id, title: Some(format!("title {id}")), visits: Some(id), tags }).await.unwrap();
    }
    let fresh = notes.session();
    fresh.backend().reset();
    fresh
}

async fn title(notes: &Notes, id: u64) -> Option<String> {
    notes.get_field(id, Note::fields().title()).await.unwrap()
}

/// The records that are read without a request.
async fn cached(notes: &Notes, ids: std::ops::Range<u64>) -> Vec<u64> {
    let mut cached = Vec::new();
    for id in ids {
        notes.backend().inner().script([Some(Fault::Refuse(structnosql_core::FailureClass::Throttled))]);
        if notes.get_field(id, Note::fields().title()).await.is_ok() {
            cached.push(id);
        }
        notes.backend().inner().heal();
    }
    cached
}

#[tokio::test]
async fn a_cache_holds_as_many_records_as_it_may() {
    for (reads, evicted) in [(15, 0), (16, 0), (17, 3)] {
        let notes = notes(20).await.max_cached_records(16);
        for id in 0..reads {
            title(&notes, id).await;
        }
        let statistics = notes.cache_statistics();
        assert_eq!((statistics.records, statistics.evicted), (reads - evicted, evicted), "{reads} reads");
        assert_eq!(cached(&notes, 0..20).await, (evicted..reads).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn what_was_used_least_recently_goes() {
    let notes = notes(10).await.max_cached_records(4);
    for id in [0, 1, 2, 3, 0, 1, 4] {
        title(&notes, id).await;
    }
    assert_eq!(cached(&notes, 0..10).await, [0, 1, 3, 4]);
}

#[tokio::test]
async fn a_cache_of_no_records_still_answers() {
    let notes = notes(3).await.max_cached_records(0);
    assert_eq!(title(&notes, 1).await.as_deref(), Some("title 1"));
    assert_eq!(title(&notes, 1).await.as_deref(), Some("title 1"));
    assert_eq!((notes.backend().gets(), notes.cache_statistics().records), (2, 0));

    let f = Note::fields;
    notes.update_field(1, f().tags().index(1), "z").await.unwrap(); // its list has to be read first
    assert_eq!(notes.get_field(1, f().tags()).await.unwrap().unwrap(), ["a", "z"]);
    assert_eq!(notes.update_field_return_old(1, f().title(), "new").await.unwrap().as_deref(), Some("title 1"));
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_record(1).await.unwrap().unwrap().title.as_deref(), Some("new"));
    assert_eq!(notes.cache_statistics().records, 0);
}

#[tokio::test]
async fn operations_are_never_evicted() {
    let notes = notes(50).await.max_cached_records(2);
    for id in 0..30 {
        title(&notes, id).await;
        notes.update_field(id, Note::fields().visits(), 100).await.unwrap();
    }
    for id in 30..50 {
        title(&notes, id).await;
    }
    assert_eq!(notes.pending_operations().len(), 30);
    notes.backend().inner().script([Some(Fault::LoseAnswer)]);
    notes.commit_record(7).await.unwrap_err(); // in doubt
    title(&notes, 40).await;
    assert_eq!(notes.pending_operations().len(), 30);
    let report = notes.commit_operations().await.unwrap();
    assert_eq!((report.records.len(), report.requests()), (30, 30));
    assert!(notes.cache_statistics().records <= 2);
    let stored = notes.session();
    for id in 0..30 {
        assert_eq!(stored.get_field(id, Note::fields().visits()).await.unwrap(), Some(100));
    }
}

#[tokio::test]
async fn a_bound_set_later_evicts_at_once() {
    let notes = notes(10).await;
    for id in 0..10 {
        title(&notes, id).await;
    }
    let notes = notes.max_cached_records(3);
    assert_eq!(cached(&notes, 0..10).await, [7, 8, 9]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_read_again() {
    let notes = notes(3).await.max_cache_age(Duration::from_secs(60));
    title(&notes, 1).await;
    let other = notes.session();
    other.update_field(1, Note::fields().title(), "theirs").await.unwrap();
    other.commit_operations().await.unwrap();

    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(title(&notes, 1).await.as_deref(), Some("title 1"), "not older than a minute");
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(title(&notes, 1).await.as_deref(), Some("theirs"));
    assert_eq!(notes.cache_statistics().expired, 1);
    notes.backend().reset();
    tokio::time::advance(Duration::from_secs(60)).await;
    title(&notes, 1).await;
    assert_eq!(notes.backend().requests(), 0, "its age counts from the second read");
}

#[tokio::test(start_paused = true)]
async fn a_record_is_as_old_as_the_oldest_read_of_it() {
    let (notes, f) = (notes(3).await.max_cache_age(Duration::from_secs(60)), Note::fields);
    title(&notes, 1).await;
    tokio::time::advance(Duration::from_secs(40)).await;
    notes.get_field(1, f().visits()).await.unwrap();
    tokio::time::advance(Duration::from_secs(40)).await;
    notes.backend().reset();
    notes.get_field(1, f().visits()).await.unwrap();
    assert_eq!(notes.backend().gets(), 1);

    notes.get_record(2).await.unwrap();
    tokio::time::advance(Duration::from_secs(40)).await;
    notes.clear_cached_data();
    notes.get_record(2).await.unwrap(); // a whole record is as young as its read
    tokio::time::advance(Duration::from_secs(40)).await;
    notes.backend().reset();
    notes.get_record(2).await.unwrap();
    notes.put_record(&Note { id: 2, title: None, visits: None, tags: None }).await.unwrap();
    tokio::time::advance(Duration::from_secs(40)).await;
    notes.get_record(2).await.unwrap();
    assert_eq!(notes.backend().gets(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_is_pending_lies_over_what_is_read_again() {
    let (notes, f) = (notes(3).await.max_cache_age(Duration::from_secs(60)), Note::fields);
    notes.get_record(1).await.unwrap();
    notes.update_field(1, f().visits(), 8).await.unwrap();
    let other = notes.session();
    other.update_multiple_fields(1, [f().title().set("theirs"), f().tags().append(["c"])]).await.unwrap();
    other.commit_operations().await.unwrap();
    tokio::time::advance(Duration::from_secs(61)).await;

    // A position counts in the list as it is now.
    notes.update_field(1, f().tags().index(2), "z").await.unwrap();
    let record = notes.get_record(1).await.unwrap().unwrap();
    assert_eq!((record.title.as_deref(), record.visits), (Some("theirs"), Some(8)));
    assert_eq!(record.tags.unwrap(), ["a", "b", "z"]);
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_record(1).await.unwrap().unwrap().tags.unwrap(), ["a", "b", "z"]);
}

#[tokio::test]
async fn sessions_have_the_bounds_of_their_table_and_count_for_themselves() {
    let notes = notes(10).await.max_cached_records(4);
    title(&notes, 1).await;
    let work = notes.session();
    for id in 0..10 {
        title(&work, id).await;
        title(&work, id).await;
    }
    assert!(work.cache_statistics().records <= 4);
    let (mut all, own) = (work.cache_statistics(), notes.cache_statistics());
    assert_eq!((all.hits, all.misses, own.misses), (10, 10, 1));
    all += own;
    assert_eq!((all.hits, all.misses), (10, 11));
}

#[tokio::test]
async fn requests_saved_are_those_of_a_basic_table_less_those_sent() {
    let (notes, f) = (notes(10).await, Note::fields);
    let mut calls = 0;
    for id in 0..5 {
        title(&notes, id).await;
        title(&notes, id).await;
        notes.update_field(id, f().visits(), 5).await.unwrap();
        notes.update_multiple_fields(id, [f().title().set("x"), f().visits().set(6)]).await.unwrap();
        notes.update_field(id + 5, f().tags().index(0), "y").await.unwrap();
        notes.remove_field(id, f().title()).await.unwrap();
        calls += 6;
    }
    notes.commit_operations().await.unwrap();
    let sent = notes.backend().requests() as u64;
    assert_eq!(notes.cache_statistics().requests_saved(), calls - sent);
}

/// A bound changes how many requests there are, and nothing that is read or stored.
#[tokio::test]
async fn a_bounded_table_shows_what_an_unbounded_one_shows() {
    let (bounded, free, f) = (notes(8).await.max_cached_records(2), notes(8).await, Note::fields);
    let mut random = fastrand::Rng::with_seed(7);
    for step in 0..2_000 {
        let (id, what, value) = (random.u64(0..8), random.u32(0..14), random.u64(0..100));
        let at = random.u32(0..2);
        for table in [&bounded, &free] {
            match what {
                0..3 => table.update_field(id, f().visits(), value).await.unwrap(),
                3 => table.delete_field(id, f().title()).await.unwrap(),
                4 => table.update_multiple_fields(id, [f().visits().increment(1)]).await.unwrap(),
                5 => table.update_field(id, f().tags().index(at), value.to_string()).await.unwrap(),
                6 => table.update_multiple_fields(id, [f().tags().append([value.to_string()])]).await.unwrap(),
                7 => table.clear_cached_data_for_record(id),
                8 => table.rollback_record(id),
                9 => drop(table.commit_record(id).await.unwrap()),
                10 if step % 7 == 0 => drop(table.commit_operations().await.unwrap()),
                _ => {}
            }
        }
        let read = random.u64(0..8);
        assert_eq!(title(&bounded, read).await, title(&free, read).await, "step {step}");
        if what % 3 == 0 {
            assert_eq!(bounded.get_record(read).await.unwrap(), free.get_record(read).await.unwrap(), "step {step}");
        }
    }
    assert!(bounded.cache_statistics().evicted > 100);
    assert_eq!(free.cache_statistics().evicted, 0);
}

#[tokio::test(start_paused = true)]
async fn a_record_tells_how_old_it_is() {
    let (notes, f) = (notes(2).await, Note::fields);
    assert_eq!(notes.cache_age(1), None);
    title(&notes, 1).await;
    tokio::time::advance(Duration::from_secs(30)).await;
    notes.get_field(1, f().visits()).await.unwrap();
    assert_eq!(notes.cache_age(1), Some(Duration::from_secs(30)));
    notes.get_record(1).await.unwrap();
    assert_eq!(notes.cache_age(1), Some(Duration::ZERO), "all of it was read again");
    notes.clear_cached_data();
    assert_eq!(notes.cache_age(1), None);
}

#[tokio::test]
async fn what_was_cleared_is_told_from_what_is_pending() {
    let (notes, f) = (notes(2).await, Note::fields);
    let source = async || notes.debug().get_field(1, f().title()).await.unwrap().source;
    notes.get_record(1).await.unwrap();
    assert_eq!(source().await, Source::Cache);
    notes.update_field(1, f().title(), "new").await.unwrap();
    assert_eq!(source().await, Source::Pending);
    notes.clear_pending_operations();
    assert_eq!(source().await, Source::Assumed);
    assert_eq!(notes.debug().get_record(1).await.unwrap().source, Source::Assumed);
    notes.update_field(1, f().visits(), 1).await.unwrap();
    assert_eq!(notes.debug().get_record(1).await.unwrap().source, Source::Pending);
    notes.rollback();
    assert_eq!(source().await, Source::Cache);
}
