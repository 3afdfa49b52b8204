//! `query_field` and `query_multiple_fields`: by the table's key and by every kind of index.

use structnosql::index::{begins_with, between, equal, greater, greater_or_equal, less, less_or_equal};
use structnosql::{Cursor, FieldExt, Page, Projection, Source, TableDataModel};

use crate::model::{Movie, User, movie, paul};
use crate::support::{Outcome, Settle, on_both_tables};

/// Movies of one studio and of another.
async fn stored(put: impl AsyncFn(&Movie) -> structnosql::Result<()>) -> Outcome {
    for movie in [
        movie("Ghibli", 1988, "Totoro", "Fantasy", 81),
        Movie { director: Some("Miyazaki".to_owned()), ..movie("Ghibli", 1997, "Mononoke", "Fantasy", 84) },
        Movie { director: Some("Miyazaki".to_owned()), ..movie("Ghibli", 2001, "Chihiro", "Fantasy", 86) },
        movie("Ghibli", 1999, "The Yamadas", "Comedy", 72),
        movie("Pixar", 1995, "Toy Story", "Comedy", 83),
    ] {
        put(&movie).await?;
    }
    Ok(())
}

fn titles(page: &Page<String>) -> Vec<&str> {
    page.records.iter().map(|(_, title)| title.as_str()).collect()
}

#[derive(Debug, PartialEq, Projection)]
#[projection(model = Movie)]
struct Poster {
    title: String,
    director: Option<String>,
}

on_both_tables! {
    async fn by_the_partition_key_in_the_order_of_the_sort_key(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let page = movies.query_field(Movie::indexes().primary("Ghibli"), Movie::fields().title()).await?;
        assert_eq!(titles(&page), ["Totoro", "Mononoke", "The Yamadas", "Chihiro"]);
        let keys: Vec<String> = page.records.iter().map(|(key, _)| key.to_string()).collect();
        assert_eq!(keys, ["Ghibli/1988", "Ghibli/1997", "Ghibli/1999", "Ghibli/2001"]);
        assert_eq!((page.count(), page.scanned_count, page.has_reached_end()), (4, 4, true));
    }

    async fn a_partition_key_without_sort_key(users: User, _probe) {
        users.put_record(&paul()).await?;
        users.settle().await?;
        let page = users.query_field(User::indexes().primary("x42"), User::fields().username()).await?;
        assert_eq!(page.records, [(paul().key()?, Some("Paul".to_owned()))]);
    }

    async fn by_every_sort_condition(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let all = Movie::indexes;
        for (index, expected) in [
            (all().primary("Ghibli").sort(equal(1997)), &["Mononoke"][..]),
            (all().primary("Ghibli").sort(less(1997)), &["Totoro"]),
            (all().primary("Ghibli").sort(less_or_equal(1997)), &["Totoro", "Mononoke"]),
            (all().primary("Ghibli").sort(greater(1999)), &["Chihiro"]),
            (all().primary("Ghibli").sort(greater_or_equal(1999)), &["The Yamadas", "Chihiro"]),
            (all().primary("Ghibli").sort(between(1990, 2000)), &["Mononoke", "The Yamadas"]),
        ] {
            let page = movies.query_field(index, Movie::fields().title()).await?;
            assert_eq!(titles(&page), expected);
        }
        let index = all().by_director("Miyazaki").sort(begins_with("Mono"));
        let page = movies.query_field(index, Movie::fields().title()).await?;
        assert_eq!(titles(&page), ["Mononoke"]);
        // The condition may also be given to the query.
        let page = movies.query_field(all().primary("Ghibli"), Movie::fields().title()).sort(greater(2000)).await?;
        assert_eq!(titles(&page), ["Chihiro"]);
    }

    async fn by_a_global_index_of_one_attribute(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let page = movies.query_field(Movie::indexes().genre("Comedy"), Movie::fields().title()).await?;
        let mut found = titles(&page);
        found.sort_unstable();
        assert_eq!(found, ["The Yamadas", "Toy Story"]);
        let page = movies.query_field(Movie::indexes().genre("Horror"), Movie::fields().title()).await?;
        assert!(page.records.is_empty());
    }

    async fn by_a_global_index_with_a_sort_key(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        // Records without a director are not in this index.
        let f = Movie::fields;
        let index = Movie::indexes().by_director("Miyazaki");
        let page = movies.query_multiple_fields(index, (f().title(), f().year())).await?;
        let found: Vec<_> = page.records.into_iter().map(|(_, fields)| fields).collect();
        assert_eq!(found, [("Chihiro".to_owned(), 2001), ("Mononoke".to_owned(), 1997)]);
    }

    async fn by_a_local_index(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let page = movies.query_field(Movie::indexes().by_title("Ghibli"), Movie::fields().title()).await?;
        assert_eq!(titles(&page), ["Chihiro", "Mononoke", "The Yamadas", "Totoro"]);
        let page = movies
            .query_field(Movie::indexes().by_title("Ghibli").sort(begins_with("T")), Movie::fields().notes())
            .await?;
        assert_eq!(page.records[1].1.as_deref(), Some("notes on Totoro"));
    }

    async fn by_an_index_that_holds_some_attributes(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let f = Movie::fields;
        let index = Movie::indexes().by_score("Ghibli").sort(greater(83));
        let page = movies.query_field(index, (f().title(), f().score())).await?;
        let found: Vec<_> = page.records.into_iter().map(|(_, fields)| fields).collect();
        assert_eq!(found, [("Mononoke".to_owned(), 84), ("Chihiro".to_owned(), 86)]);
    }

    async fn by_an_index_that_holds_only_keys(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let page = movies.query_field(Movie::indexes().by_score_alone(86), Movie::fields().year()).await?;
        assert_eq!(page.records[0].1, 2001);
    }

    async fn page_by_page(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let mut cursor: Option<Cursor> = None;
        let mut pages = Vec::new();
        for _ in 0..4 {
            let query = movies.query_field(Movie::indexes().primary("Ghibli"), Movie::fields().title()).limit(3);
            let page = match cursor.take() {
                Some(cursor) => query.start_from(cursor).await?,
                None => query.await?,
            };
            pages.push(titles(&page).join(" "));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(pages, ["Totoro Mononoke The Yamadas", "Chihiro"]);
    }

    async fn page_by_page_through_an_index(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let query = || movies.query_field(Movie::indexes().by_director("Miyazaki"), Movie::fields().title()).limit(1);
        let first = query().await?;
        let second = query().start_from(first.next.clone().unwrap()).await?;
        assert_eq!((titles(&first), titles(&second)), (vec!["Chihiro"], vec!["Mononoke"]));
    }

    async fn descending(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let query = movies.query_field(Movie::indexes().primary("Ghibli"), Movie::fields().title());
        assert_eq!(titles(&query.descending().limit(2).await?), ["Chihiro", "The Yamadas"]);
    }

    /// In a row the record is there: what its model requires is no `Option`.
    async fn rows_of_every_shape(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let f = Movie::fields;
        let index = || Movie::indexes().primary("Ghibli").sort(equal(1997));
        let page = movies.query_field(index(), (f().title(), f().director())).await?;
        let (title, director): &(String, Option<String>) = &page.records[0].1;
        assert_eq!((title.as_str(), director.as_deref()), ("Mononoke", Some("Miyazaki")));
        let page = movies.query_field(index(), [f().title(), f().title()]).await?;
        let [one, two]: &[String; 2] = &page.records[0].1;
        assert_eq!(one, two);
        let page = movies.query_field(index(), Poster::projection()).await?;
        assert_eq!(page.records[0].1, Poster { title: "Mononoke".to_owned(), director: Some("Miyazaki".to_owned()) });
    }

    async fn a_row_s_key_reads_the_record(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let page = movies.query_field(Movie::indexes().genre("Fantasy"), Movie::fields().title()).await?;
        for (key, title) in &page.records {
            assert_eq!(movies.get_record(key).await?.map(|movie| movie.title).as_ref(), Some(title));
        }
        let (key, _) = page.records.into_iter().next().unwrap();
        movies.update_multiple_fields(&key, [Movie::fields().notes().remove()]).await?;
        movies.settle().await?;
        assert_eq!(movies.get_field(key, Movie::fields().notes()).await?, None);
    }

    async fn it_asks_for_the_key_and_what_was_selected(movies: Movie, probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        probe.take();
        movies.query_field(Movie::indexes().genre("Comedy"), Movie::fields().title()).await?;
        assert_eq!(probe.take(), ["query SELECT studio,title,year FROM genre WHERE genre=:v0"]);
    }

    async fn debug_gives_sources(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let index = Movie::indexes().primary("Pixar");
        let page = movies.debug().query_multiple_fields(index, Movie::fields().title()).await?;
        let (_, title) = &page.records[0];
        assert_eq!((title.value.as_str(), title.source), ("Toy Story", Source::Database));
    }

    async fn eventually_consistent_queries_read_too(movies: Movie, _probe) {
        stored(async |movie| movies.put_record(movie).await).await?;
        movies.settle().await?;
        let query = movies.query_field(Movie::indexes().primary("Pixar"), Movie::fields().title());
        assert_eq!(titles(&query.eventually_consistent().await?), ["Toy Story"]);
    }
}
