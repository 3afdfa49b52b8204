//! A bounded cache, while requests are under way.

use structnosql::index::equal;
use structnosql::{CachingTable, TableDataModel};

use crate::model::{Movie, movie};
use crate::support::{Engine, Outcome, Probe, caching};

/// Three films of which nothing is cached, in a table that keeps one.
async fn stored() -> Outcome<(CachingTable<Movie, Engine>, Probe)> {
    let (movies, probe) = caching::<Movie>().await?;
    for (year, title) in [(1988, "Totoro"), (1997, "Mononoke"), (2001, "Chihiro")] {
        movies.put_record(&movie("Ghibli", year, title, "Fantasy", 81)).await?;
    }
    let movies = movies.session().max_cached_records(1);
    probe.take();
    Ok((movies, probe))
}

async fn notes(movies: &CachingTable<Movie, Engine>, year: u16) -> Outcome<Option<String>> {
    Ok(movies.get_field(("Ghibli", year), Movie::fields().notes()).await?)
}

#[tokio::test]
async fn a_late_row_does_not_bring_back_what_was_written_and_evicted_meanwhile() -> Outcome {
    let (movies, probe) = stored().await?;
    let f = Movie::fields;
    let hold = probe.hold_answer();
    let query = movies.query_field(Movie::indexes().primary("Ghibli").sort(equal(1988)), f().notes());
    let (page, ()) = tokio::try_join!(query, async {
        hold.reached().await;
        movies.update_field(("Ghibli", 1988), f().notes(), "newer").await?;
        movies.commit_operations().await?;
        movies.get_field(("Ghibli", 1997), f().notes()).await?; // the other one goes
        assert_eq!(movies.cache_statistics().records, 1);
        hold.release();
        Ok(())
    })?;
    assert_eq!(page.records[0].1.as_deref(), Some("notes on Totoro"), "the row is what the database answered");
    assert_eq!(notes(&movies, 1988).await?.as_deref(), Some("newer"));
    Ok(())
}

#[tokio::test]
async fn a_record_with_a_request_under_way_stays() -> Outcome {
    let (movies, probe) = stored().await?;
    let f = Movie::fields;
    let hold = probe.hold_answer();
    tokio::try_join!(
        async {
            assert_eq!(notes(&movies, 1988).await?.as_deref(), Some("notes on Totoro"));
            Ok::<_, Box<dyn std::error::Error>>(())
        },
        async {
            hold.reached().await;
            notes(&movies, 1997).await?;
            notes(&movies, 2001).await?;
            // What is cleared while the answer is under way must not come with it, whatever was evicted.
            movies.update_field(("Ghibli", 1988), f().notes(), "pending").await?;
            movies.rollback();
            hold.release();
            Ok(())
        }
    )?;
    assert_eq!(notes(&movies, 1988).await?.as_deref(), Some("notes on Totoro"));
    assert!(movies.cache_statistics().records <= 1);
    Ok(())
}
