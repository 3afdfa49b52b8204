//! Several entities of one table, read by one query.

use structnosql::{BasicTable, CachingTable, Collection, MapModel, TableDataModel};

use crate::support::{Outcome, Probe};

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "STUDIO")]
struct StudioKey {}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "FILM#{year:04}")]
struct FilmKey {
    year: u32,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "studios")]
struct Studio {
    #[field(partition_key)]
    name: String,
    #[field(sort_key)]
    kind: StudioKey,
    city: String,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "studios")]
struct Film {
    #[field(partition_key)]
    name: String,
    #[field(sort_key)]
    kind: FilmKey,
    title: String,
}

#[derive(Clone, Debug, PartialEq, Collection)]
enum StudioItem {
    Film(Film),
    Studio(Studio),
}

fn film(year: u32) -> Film {
    Film { name: "Ghibli".to_owned(), kind: FilmKey { year }, title: format!("Film of {year}") }
}

#[tokio::test]
async fn a_partition_is_read_by_one_query() -> Outcome {
    let probe = Probe::in_memory()?;
    let studios = BasicTable::<Studio, _>::open(probe.0.clone()).await?;
    let films = CachingTable::<Film, _>::open(probe.0.clone()).await?;
    let ghibli = Studio { name: "Ghibli".to_owned(), kind: StudioKey {}, city: "Koganei".to_owned() };
    studios.put_record(&ghibli).await?;
    films.put_records(&[film(1986), film(1988), film(2001)]).await?;
    films.clear_cached_data();
    films.update_field(("Ghibli", FilmKey { year: 1988 }), Film::fields().title(), "Totoro").await?;
    probe.take();

    let items = StudioItem::over((&films, &studios))?;
    let all = items.query_records(Studio::indexes().primary("Ghibli")).await?;
    let values: Vec<StudioItem> = all.records.into_iter().map(|(_, item)| item).collect();
    let totoro = Film { title: "Totoro".to_owned(), ..film(1988) };
    let films_of_ghibli = [film(1986), totoro, film(2001)].map(StudioItem::Film);
    assert_eq!((&values[..3], &values[3..]), (&films_of_ghibli[..], &[StudioItem::Studio(ghibli)][..]));
    assert_eq!(probe.take(), ["query WHERE name=:v0"]); // films and studios begin with nothing in common

    let first = items.query_records(Film::indexes().primary("Ghibli")).descending().limit(2).await?;
    let rest = items.query_records(Film::indexes().primary("Ghibli")).descending();
    let rest = rest.start_from(first.next.unwrap()).await?;
    assert_eq!((first.records.len(), rest.records.len(), probe.count()), (2, 2, 2));
    assert_eq!(films.get_record(("Ghibli", FilmKey { year: 2001 })).await?, Some(film(2001)));
    films.commit_operations().await?;
    assert_eq!(probe.count(), 1);
    Ok(())
}

/// Each table looks at its own records: what one has committed or forgotten meanwhile is newer than the page, and no
/// affair of the other.
#[tokio::test]
async fn what_changed_while_a_page_was_under_way_is_newer() -> Outcome {
    let probe = Probe::in_memory()?;
    let studios = CachingTable::<Studio, _>::open(probe.0.clone()).await?;
    let films = CachingTable::<Film, _>::open(probe.0.clone()).await?;
    let ghibli = Studio { name: "Ghibli".to_owned(), kind: StudioKey {}, city: "Koganei".to_owned() };
    studios.put_record(&ghibli).await?;
    films.put_records(&[film(1986), film(1988)]).await?;
    films.clear_cached_data();
    let of_1988 = || ("Ghibli", FilmKey { year: 1988 });
    films.update_field(of_1988(), Film::fields().title(), "Totoro").await?;

    let items = StudioItem::over((&films, &studios))?;
    let hold = probe.hold_answer();
    let query = async { items.query_records(Studio::indexes().primary("Ghibli")).await };
    let meanwhile = async {
        hold.reached().await;
        films.commit_operations().await?;
        studios.clear_cached_data();
        hold.release();
        Ok::<_, structnosql::Error>(())
    };
    let (page, meanwhile) = tokio::join!(query, meanwhile);
    meanwhile?;
    let page = page?;
    assert_eq!(page.records.len(), 3);
    assert_eq!(films.get_field(of_1988(), Film::fields().title()).await?.as_deref(), Some("Totoro"));
    // The cleared table has learnt nothing from an answer that is older than the clear.
    probe.take();
    studios.get_record(("Ghibli", StudioKey {})).await?;
    assert_eq!(probe.count(), 1);
    Ok(())
}
