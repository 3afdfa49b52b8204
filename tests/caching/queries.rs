//! What a caching table makes of the pages of queries.

use structnosql::index::{equal, greater};
use structnosql::{CachingTable, FieldExt, Source, TableDataModel};

use crate::model::{Movie, movie};
use crate::support::{Engine, Outcome, Probe, caching};

/// Two films of a studio are stored, and nothing is cached.
async fn stored() -> Outcome<(CachingTable<Movie, Engine>, Probe)> {
    let (movies, probe) = caching::<Movie>().await?;
    movies.put_record(&movie("Ghibli", 1988, "Totoro", "Fantasy", 81)).await?;
    movies.put_record(&movie("Ghibli", 1997, "Mononoke", "Fantasy", 84)).await?;
    movies.clear_cached_data();
    probe.take();
    Ok((movies, probe))
}

#[tokio::test]
async fn rows_are_cached_under_the_key_of_each_record() -> Outcome {
    let (movies, probe) = stored().await?;
    let f = Movie::fields;
    movies.query_field(Movie::indexes().genre("Fantasy"), (f().title(), f().notes())).await?;
    probe.take();
    let title = movies.debug().get_field(("Ghibli", 1988), f().title()).await?;
    assert_eq!((title.value.as_deref(), title.source), (Some("Totoro"), Source::Cache));
    assert_eq!(movies.get_field(("Ghibli", 1997), f().notes()).await?.as_deref(), Some("notes on Mononoke"));
    assert_eq!(probe.count(), 0);
    // Only what was asked for: the rest of the record is not known.
    movies.get_field(("Ghibli", 1988), f().score()).await?;
    assert_eq!(probe.take(), ["get SELECT score,studio,year"]);
    Ok(())
}

#[tokio::test]
async fn an_index_does_not_replace_what_is_known() -> Outcome {
    let (movies, probe) = stored().await?;
    let f = Movie::fields;
    movies.get_field(("Ghibli", 1988), f().notes()).await?;
    let other = movies.session();
    other.update_field(("Ghibli", 1988), f().notes(), "foreign").await?;
    other.commit_operations().await?;
    probe.take();
    let page = movies.debug().query_field(Movie::indexes().genre("Fantasy"), f().notes()).await?;
    let (_, notes) = page.records.iter().find(|(key, _)| key.to_string() == "Ghibli/1988").unwrap();
    assert_eq!((notes.value.as_deref(), notes.source), (Some("notes on Totoro"), Source::Cache));
    assert_eq!(movies.get_field(("Ghibli", 1988), f().notes()).await?.as_deref(), Some("notes on Totoro"));
    Ok(())
}

#[tokio::test]
async fn a_consistent_query_of_the_table_replaces_what_is_known() -> Outcome {
    let (movies, _) = stored().await?;
    let f = Movie::fields;
    movies.get_field(("Ghibli", 1988), f().notes()).await?;
    let other = movies.session();
    other.update_field(("Ghibli", 1988), f().notes(), "foreign").await?;
    other.commit_operations().await?;
    let page = movies.query_field(Movie::indexes().primary("Ghibli").sort(equal(1988)), f().notes()).await?;
    assert_eq!(page.records[0].1.as_deref(), Some("foreign"));
    assert_eq!(movies.get_field(("Ghibli", 1988), f().notes()).await?.as_deref(), Some("foreign"));
    Ok(())
}

#[tokio::test]
async fn pending_changes_lie_over_the_rows() -> Outcome {
    let (movies, _) = stored().await?;
    let f = Movie::fields;
    movies.update_field(("Ghibli", 1988), f().notes(), "mine").await?;
    movies.delete_field(("Ghibli", 1997), f().notes()).await?;
    let page = movies.debug().query_field(Movie::indexes().primary("Ghibli"), (f().notes(), f().title())).await?;
    let notes: Vec<_> = page.records.iter().map(|(_, (notes, _))| (notes.value.as_deref(), notes.source)).collect();
    assert_eq!(notes, [(Some("mine"), Source::Pending), (None, Source::Pending)]);
    assert_eq!(page.records[0].1.1.source, Source::Database);
    assert_eq!(page.pending_mismatch, []);
    Ok(())
}

/// Membership is the database's; the page says which rows do not belong to it any more.
#[tokio::test]
async fn rows_that_no_longer_fit_are_listed() -> Outcome {
    let (movies, _) = stored().await?;
    let f = Movie::fields;
    movies.update_field(("Ghibli", 1988), f().genre(), "Horror").await?;
    let page = movies.query_field(Movie::indexes().genre("Fantasy"), f().genre()).await?;
    assert_eq!(page.count(), 2);
    assert_eq!(page.pending_mismatch.len(), 1);
    assert_eq!(page.pending_mismatch[0].to_string(), "Ghibli/1988");
    let page = movies.query_field(Movie::indexes().genre("Horror"), f().genre()).await?;
    assert_eq!(page.count(), 0);
    Ok(())
}

#[tokio::test]
async fn rows_that_no_longer_fit_the_sort_condition_are_listed() -> Outcome {
    let (movies, _) = stored().await?;
    let f = Movie::fields;
    movies.update_field(("Ghibli", 1997), f().score(), 10).await?;
    let page = movies.query_field(Movie::indexes().by_score("Ghibli").sort(greater(80)), f().title()).await?;
    assert_eq!(page.count(), 2);
    assert_eq!(page.pending_mismatch.len(), 1);
    assert_eq!(page.pending_mismatch[0].to_string(), "Ghibli/1997");
    Ok(())
}

#[tokio::test]
async fn a_query_whose_rows_are_known_still_asks_which_they_are() -> Outcome {
    let (movies, probe) = stored().await?;
    let query = || movies.query_field(Movie::indexes().primary("Ghibli"), Movie::fields().title());
    query().await?;
    query().await?;
    assert_eq!(probe.count(), 2);
    Ok(())
}

/// An answer that left the database before the clear must not come back into the cache.
#[tokio::test]
async fn a_query_under_way_when_the_cache_is_cleared_fills_nothing() -> Outcome {
    let (movies, probe) = stored().await?;
    let f = Movie::fields;
    let hold = probe.hold_answer();
    let query = async { movies.query_field(Movie::indexes().genre("Fantasy"), f().notes()).await };
    let clear = async {
        hold.reached().await;
        movies.clear_cached_data();
        hold.release();
    };
    let (page, ()) = tokio::join!(query, clear);
    assert_eq!(page?.count(), 2);
    probe.take();
    movies.get_field(("Ghibli", 1988), f().notes()).await?;
    assert_eq!(probe.count(), 1);
    Ok(())
}

/// A row that was read before a commit landed is older than what was committed.
#[tokio::test]
async fn a_query_under_way_during_a_commit_does_not_bring_old_values_back() -> Outcome {
    let (movies, probe) = stored().await?;
    let f = Movie::fields;
    movies.update_multiple_fields(("Ghibli", 1988), [f().notes().set("new")]).await?;
    let hold = probe.hold_answer();
    let query = async { movies.query_field(Movie::indexes().primary("Ghibli"), f().notes()).await };
    let commit = async {
        hold.reached().await;
        movies.commit_operations().await?;
        hold.release();
        Ok::<_, structnosql::Error>(())
    };
    let (page, committed) = tokio::join!(query, commit);
    committed?;
    assert_eq!(page?.records[0].1.as_deref(), Some("new"));
    assert_eq!(movies.get_field(("Ghibli", 1988), f().notes()).await?.as_deref(), Some("new"));
    Ok(())
}

#[tokio::test]
async fn a_query_during_a_put_does_not_bring_the_old_record_back() -> Outcome {
    let (movies, probe) = caching::<Movie>().await?;
    let f = Movie::fields;
    movies.put_record(&movie("G", 1, "A", "F", 1)).await?;
    let hold = probe.hold();
    let new = movie("G", 1, "B", "F", 1);
    let put = async { movies.put_record(&new).await };
    let query = async {
        hold.reached().await;
        let page = movies.query_field(Movie::indexes().primary("G"), f().title()).await;
        hold.release();
        page
    };
    let (put, page) = tokio::join!(put, query);
    put?;
    assert_eq!(page?.records[0].1, "A");
    assert_eq!(movies.get_field(("G", 1), f().title()).await?.as_deref(), Some("B"));
    // Neither does an index, of which the answer may lag behind.
    let hold = probe.hold_answer();
    let newer = movie("G", 1, "C", "F", 1);
    let put = async { movies.put_record(&newer).await };
    let query = async {
        hold.reached().await;
        let page = movies.query_field(Movie::indexes().genre("F"), f().title()).await;
        hold.release();
        page
    };
    let (put, _page) = tokio::join!(put, query);
    put?;
    assert_eq!(movies.get_field(("G", 1), f().title()).await?.as_deref(), Some("C"));
    Ok(())
}
