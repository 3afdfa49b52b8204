//! Filters and counts, and what pending changes make of them.

use futures_util::TryStreamExt;
use structnosql_core::index::{IndexKey, greater};
use structnosql_core::{ConditionExt, Error, TableDataModel};

use crate::model::{Note, note, notes};

type Outcome = Result<(), Error>;

fn of_ann() -> IndexKey<Note, u32> {
    Note::indexes().primary("Ann")
}

#[tokio::test]
async fn a_filter_decides_what_comes_back_and_not_what_is_looked_at() -> Outcome {
    let (caching, basic) = notes().await?;
    let f = Note::fields;
    let even = || f().title().eq("even");
    let page = basic.query_field(of_ann(), f().number()).filter(even()).limit(5).await?;
    assert_eq!((page.count(), page.scanned_count), (3, 5));
    assert!(page.next.is_some());
    let page = caching.query_field(of_ann(), f().number()).filter(even()).filter(f().stars().ge(6)).await?;
    assert_eq!(page.records.iter().map(|(_, number)| *number).collect::<Vec<_>>(), [6, 8]);
    assert_eq!(page.scanned_count, 10);
    let page =
        caching.query_field(of_ann(), f().number()).filter(even().or(f().stars().eq(1))).sort(greater(0)).await?;
    assert_eq!(page.count(), 5);
    // Pages that are empty do not end a stream.
    let items = basic.query_field(of_ann(), f().number()).filter(f().stars().eq(9)).limit(1).items();
    assert_eq!(items.try_collect::<Vec<_>>().await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_filter_on_the_key_that_is_queried_is_refused_before_a_request() -> Outcome {
    let (_, notes) = notes().await?;
    let f = Note::fields;
    let key = "it is part of the key that is queried: give a condition on the sort key";
    for (answer, path, problem) in [
        (notes.query_field(of_ann(), f().text()).filter(f().number().gt(3)).await, "number", key),
        (notes.query_field(of_ann(), f().text()).filter(!f().author().eq("Ann")).await, "author", key),
        (notes.query_field(Note::indexes().by_topic("odd"), f().text()).filter(f().stars().gt(3)).await, "stars", key),
    ] {
        let error = answer.unwrap_err().to_string();
        assert_eq!(error, format!("wrong query: a filter cannot read `{path}`: {problem}"));
    }
    let of_stars = Note::indexes().by_stars(3);
    let error = notes.query_field(of_stars, f().number()).filter(f().text().exists()).await.unwrap_err();
    let problem = "the index `by-stars` does not hold it: add it to the index's `projection`";
    assert_eq!(error.to_string(), format!("wrong query: a filter cannot read `text`: {problem}"));
    assert_eq!(notes.backend().requests(), 0);

    // Of an index, the table's key is an attribute like any other; a scan has no key.
    let page = notes.query_field(Note::indexes().by_topic("odd"), f().number()).filter(f().number().gt(5)).await?;
    assert_eq!(page.count(), 2);
    let page = notes.scan_field(f().number()).filter(f().author().eq("Bob")).await?;
    assert_eq!(page.count(), 1);
    Ok(())
}

#[tokio::test]
async fn records_whose_changes_no_longer_meet_the_filter_are_listed() -> Outcome {
    let (notes, basic) = notes().await?;
    let f = Note::fields;
    let long = || f().title().eq("even").and(f().stars().lt(5));
    notes.update_field(("Ann", 0), f().stars(), 9).await?; // out
    notes.update_field(("Ann", 2), f().stars(), 3).await?; // still in
    notes.update_field(("Ann", 4), f().text(), "other").await?; // not read by the filter
    notes.update_field(("Ann", 1), f().title(), "even").await?; // in, and the database does not know
    let page = notes.query_field(of_ann(), f().text()).filter(long()).await?;
    let keys: Vec<String> = page.records.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(keys, ["Ann/0", "Ann/2", "Ann/4"]);
    assert_eq!(page.pending_mismatch, [note("Ann", 0).key()?]);
    assert_eq!(page.records[2].1.as_deref(), Some("other"));
    // What the filter reads came along, and is kept.
    basic.backend().reset();
    assert_eq!(notes.get_field(("Ann", 4), f().stars()).await?, Some(4));
    assert_eq!(basic.backend().requests(), 0);
    let page = notes.scan_field(f().text()).filter(long()).await?;
    assert_eq!(page.pending_mismatch, [note("Ann", 0).key()?]);
    notes.rollback();
    assert_eq!(notes.query_field(of_ann(), f().text()).filter(long()).await?.pending_mismatch, []);
    Ok(())
}

#[tokio::test]
async fn a_count_goes_through_all_pages_and_brings_none() -> Outcome {
    let (caching, basic) = notes().await?;
    let f = Note::fields;
    assert_eq!(basic.query_field(of_ann(), f().number()).limit(4).count().await?, 10);
    assert_eq!(basic.backend().queries(), 3);
    assert_eq!(caching.query_records(of_ann()).filter(f().title().eq("odd")).sort(greater(4)).count().await?, 3);
    assert_eq!(caching.scan_records().count().await?, 11);
    let cursor = basic.query_field(of_ann(), f().number()).limit(4).await?.next.unwrap();
    assert_eq!(basic.query_field(of_ann(), f().number()).start_from(cursor).count().await?, 6);
    // Nothing of it is known afterwards.
    basic.backend().reset();
    caching.get_field(("Ann", 1), f().stars()).await?;
    assert_eq!(basic.backend().gets(), 1);
    assert!(basic.query_field(of_ann(), f().number()).limit(0).count().await.is_err());
    Ok(())
}
