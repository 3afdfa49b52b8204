//! `pages()` and `items()`: what they bring, and when they ask for it.

use futures_util::{StreamExt, TryStreamExt};
use structnosql_core::index::greater_or_equal;
use structnosql_core::{CachingTable, Error, FieldExt, TableDataModel};

use crate::model::{Backend, Note, notes};

type Outcome = Result<(), Error>;

fn of_ann() -> structnosql_core::index::IndexKey<Note, u32> {
    Note::indexes().primary("Ann")
}

#[tokio::test]
async fn pages_come_one_request_each_and_only_when_polled_for() -> Outcome {
    let (caching, basic) = notes().await?;
    let mut pages = caching.query_field(of_ann(), Note::fields().number()).limit(4).pages();
    assert_eq!(basic.backend().requests(), 0);
    let mut counts = Vec::new();
    while let Some(page) = pages.try_next().await? {
        counts.push((page.count(), basic.backend().queries()));
    }
    assert_eq!(counts, [(4, 1), (4, 2), (2, 3)]);
    assert!(pages.next().await.is_none());
    Ok(())
}

#[tokio::test]
async fn items_cover_all_pages_in_order() -> Outcome {
    let (caching, basic) = notes().await?;
    let items = basic.query_field(of_ann(), Note::fields().number()).limit(3).descending().items();
    let numbers: Vec<u32> = items.map_ok(|(_, number)| number).try_collect().await?;
    assert_eq!(numbers, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    let items = caching.query_field(of_ann(), Note::fields().number()).sort(greater_or_equal(7)).limit(1).items();
    assert_eq!(items.try_collect::<Vec<_>>().await?.len(), 3);
    Ok(())
}

#[tokio::test]
async fn the_first_few_take_no_page_more_than_they_need() -> Outcome {
    let (_, notes) = notes().await?;
    for (limit, take, requests) in [(3, 3, 1), (3, 2, 1), (3, 4, 2), (5, 10, 2), (1, 1, 1)] {
        notes.backend().reset();
        let items = notes.query_field(of_ann(), Note::fields().number()).limit(limit).items();
        let taken: Vec<_> = items.take(take).try_collect().await?;
        assert_eq!((taken.len(), notes.backend().queries()), (take, requests), "limit {limit}, take {take}");
    }
    Ok(())
}

#[tokio::test]
async fn a_stream_that_is_dropped_asks_no_more() -> Outcome {
    let (_, notes) = notes().await?;
    let mut items = notes.query_field(of_ann(), Note::fields().number()).limit(2).items();
    items.try_next().await?;
    drop(items);
    assert_eq!(notes.backend().requests(), 1);
    Ok(())
}

#[tokio::test]
async fn a_stream_goes_on_behind_a_cursor() -> Outcome {
    let (_, notes) = notes().await?;
    let query = || notes.query_field(of_ann(), Note::fields().number()).limit(4);
    let cursor = query().await?.next.unwrap();
    let numbers: Vec<u32> = query().start_from(cursor).items().map_ok(|(_, number)| number).try_collect().await?;
    assert_eq!(numbers, [4, 5, 6, 7, 8, 9]);
    Ok(())
}

#[tokio::test]
async fn a_stream_ends_behind_an_error() -> Outcome {
    let (_, notes) = notes().await?;
    let mut items = notes.query_field(of_ann(), Note::fields().number()).limit(0).items();
    assert!(items.next().await.unwrap().is_err());
    assert!(items.next().await.is_none());
    assert_eq!(notes.backend().requests(), 0);
    Ok(())
}

#[tokio::test]
async fn streams_may_be_polled_in_tasks_that_are_spawned() -> Outcome {
    let (caching, _) = notes().await?;
    let caching = std::sync::Arc::new(caching);
    let task = tokio::spawn(async move {
        let items = caching.query_field(of_ann(), (Note::fields().number(), Note::fields().text())).limit(3).items();
        items.try_collect::<Vec<_>>().await.map(|rows| rows.len())
    });
    assert_eq!(task.await.unwrap()?, 10);
    Ok(())
}

/// A change that is pended between two pages lies over the later one.
#[tokio::test]
async fn pages_show_what_is_pending_when_they_are_read() -> Outcome {
    let (caching, _) = notes().await?;
    let caching: CachingTable<Note, Backend> = caching;
    let f = Note::fields;
    let mut pages = caching.query_field(of_ann(), f().text()).limit(5).pages();
    pages.try_next().await?;
    caching.update_field(("Ann", 7), f().text(), "mine").await?;
    caching.update_multiple_fields(("Ann", 8), [f().text().remove()]).await?;
    let page = pages.try_next().await?.unwrap();
    let texts: Vec<Option<String>> = page.records.into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts[2..4], [Some("mine".to_owned()), None]);
    caching.rollback();
    Ok(())
}
