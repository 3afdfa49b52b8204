//! Scans, filters and counts.

use futures_util::TryStreamExt;
use structnosql::{ConditionExt, TableDataModel};

use crate::model::{Movie, movie};
use crate::support::{Outcome, Settle, on_both_tables};

async fn stored(put: impl AsyncFn(&Movie) -> structnosql::Result<()>) -> Outcome {
    for year in 0..25 {
        let studio = if year < 20 { "Ghibli" } else { "Pixar" };
        put(&movie(studio, year, &format!("Film {year}"), "Comedy", year as i32)).await?;
    }
    Ok(())
}

on_both_tables! {
    async fn a_scan_covers_the_table_once(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let found: Vec<_> = movies.scan_records().limit(7).items().try_collect().await?;
        assert_eq!(found.len(), 25);
        assert!(found.iter().all(|(key, movie)| movie.key().is_ok_and(|of_movie| of_movie == *key)));
    }

    async fn segments_cover_the_table_once(movies: Movie, probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        probe.take();
        let found: Vec<_> = movies.scan_field(Movie::fields().year()).segments(3).items().try_collect().await?;
        let mut years: Vec<u32> = found.into_iter().map(|(_, year)| year).collect();
        years.sort_unstable();
        assert_eq!(years, (0..25).collect::<Vec<_>>());
        assert_eq!(probe.take().len(), 3);
    }

    async fn an_index_has_the_records_with_its_key(movies: Movie, probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.put_record(&Movie { director: Some("Docter".to_owned()), ..movie("Pixar", 99, "Up", "Comedy", 1) }).await?;
        movies.settle().await?;
        probe.take();
        let f = Movie::fields;
        let page = movies.scan_field((f().director(), f().title())).index("by-director").await?;
        assert_eq!(page.records[0].1, (Some("Docter".to_owned()), "Up".to_owned()));
        assert_eq!((page.count(), page.scanned_count), (1, 1));
        assert_eq!(movies.scan_field(f().title()).index("by-studio-and-score").count().await?, 26);
        assert_eq!(probe.take().len(), 2);
    }

    async fn filters_and_counts(movies: Movie, probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        probe.take();
        let f = Movie::fields;
        let late = || f().score().ge(10).and(f().notes().contains("Film 1"));
        let page = movies.query_field(Movie::indexes().primary("Ghibli"), f().year()).filter(late()).await?;
        assert_eq!((page.count(), page.scanned_count), (10, 20));
        assert_eq!(movies.query_records(Movie::indexes().primary("Ghibli")).filter(late()).limit(6).count().await?, 10);
        assert_eq!(movies.scan_records().filter(late()).count().await?, 10);
        assert_eq!(movies.query_records(Movie::indexes().genre("Comedy")).filter(f().year().lt(3)).count().await?, 3);
        assert_eq!(probe.take().len(), 1 + 4 + 1 + 1);
    }

    async fn a_cursor_of_a_scan_is_text(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let scan = || movies.scan_field(Movie::fields().year()).limit(20);
        let text = scan().await?.next.unwrap().to_string();
        assert_eq!(scan().start_from(text.parse()?).await?.count(), 5);
    }
}
