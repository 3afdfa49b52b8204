//! The life of tables: created, compared, given indexes, waited for, deleted.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod slow;

use std::time::Duration;

use structnosql_core::{BasicTable, Billing, CachingTable, Error, ErrorKind, FailureClass, TableDataModel};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Reference, SentKind};

use slow::Slow;

/// As it once was.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "films", crate = "structnosql_core")]
struct Plain {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    studio: String,
}

/// As it is, with two more indexes.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "films", crate = "structnosql_core")]
struct Film {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    studio: String,
    #[field(index(projection = keys_only))]
    genre: Option<String>,
    #[field(index(name = "by-year"))]
    year: Option<u32>,
    #[field(ttl)]
    until: Option<u64>,
}

/// As somebody else has it.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "films", crate = "structnosql_core")]
struct Longer {
    #[field(partition_key)]
    id: String,
    #[field(ttl)]
    year: Option<u64>,
}

/// As it never was.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "films", crate = "structnosql_core")]
struct Other {
    #[field(partition_key)]
    id: u32,
    #[field(sort_key)]
    part: String,
    #[field(index(projection = keys_only), index(name = "by-studio", local))]
    studio: String,
}

type Outcome = Result<(), Error>;

#[tokio::test]
async fn a_table_is_created_as_it_is_to_be_paid() -> Outcome {
    let films = BasicTable::<Film, _>::attach(Reference::new());
    assert_eq!(films.describe_table().await?, None);
    let billing = Billing::Provisioned { read_units: 5, write_units: 2 };
    films.create_table(billing).await?;
    let described = films.describe_table().await?.unwrap();
    assert_eq!((described.active, described.definition.billing), (true, billing));
    assert_eq!(described.definition.indexes.len(), 3);
    let error = films.create_table(billing).await.unwrap_err();
    assert_eq!(error.failure().map(|failure| failure.class()), Some(FailureClass::TableInUse));
    // How it is paid is no difference.
    CachingTable::<Film, _>::open(films.backend().clone()).await?;

    films.delete_table().await?;
    assert_eq!(films.describe_table().await?, None);
    assert!(films.delete_table().await.unwrap_err().is_table_not_found());
    Ok(())
}

#[tokio::test]
async fn a_check_says_what_differs_and_changes_nothing() -> Outcome {
    let backend = Counted::new(Reference::new());
    let other = BasicTable::<Other, _>::attach(backend.clone());
    let words = |differences: Vec<structnosql_core::TableDifference>| -> Vec<String> {
        differences.iter().map(ToString::to_string).collect()
    };
    assert_eq!(words(other.check().await?), ["there is no such table"]);
    BasicTable::<Film, _>::open(backend.clone()).await?;
    backend.reset();
    assert_eq!(
        words(other.check().await?),
        [
            "the partition key is `id` (a string) and should be `id` (a number)",
            "the sort key is none and should be `part` (a string)",
            "index `studio` is a global one with partition key `studio` (a string), sort key none and all attributes and \
             should be a global one with partition key `studio` (a string), sort key none and the keys only",
            "index `by-studio` is missing and should be a local one with partition key `id` (a number), sort key `studio` \
             (a string) and all attributes",
            "index `genre` is not in the model: a global one with partition key `genre` (a string), sort key none and the \
             keys only",
            "index `by-year` is not in the model: a global one with partition key `year` (a number), sort key none and \
             all attributes",
        ]
    );
    assert_eq!(backend.requests(), 1);
    // More indexes than the model's are no harm.
    let plain = BasicTable::<Plain, _>::open(backend.clone()).await?;
    let differences = plain.check().await?;
    assert_eq!(differences.len(), 2);
    assert!(differences.iter().all(|difference| difference.is_harmless()));
    let error = BasicTable::<Other, _>::open(backend).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TableMismatch { differences, .. } if differences.len() == 4));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn indexes_are_added_one_by_one_and_filled() -> Outcome {
    let backend = Counted::new(Slow::over(Reference::new()));
    let plain = BasicTable::<Plain, _>::open(backend.clone()).await?;
    plain.put_record(&Plain { id: "a".to_owned(), studio: "Ghibli".to_owned() }).await?;
    let film = BasicTable::<Film, _>::attach(backend.clone());
    assert!(matches!(
        BasicTable::<Film, _>::open(backend.clone()).await.unwrap_err().kind(),
        ErrorKind::TableMismatch { .. }
    ));
    let late = Film { id: "b".to_owned(), studio: "Pixar".to_owned(), genre: None, year: Some(1995), until: None };
    film.put_record(&late).await?;

    let added = film.add_missing_indexes(Duration::from_secs(60)).await?;
    assert_eq!(added, ["genre", "by-year"]);
    assert_eq!(backend.of_kind(SentKind::UpdateTable), 2);
    assert!(film.check().await?.iter().all(|difference| difference.is_harmless()));
    assert_eq!(film.query_records(Film::indexes().by_year(1995)).await?.records[0].1, late);
    assert_eq!(film.add_missing_indexes(Duration::ZERO).await?, Vec::<structnosql_core::Text>::new());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_told_and_goes_on() -> Outcome {
    let backend = Slow::over(Reference::new());
    BasicTable::<Plain, _>::open(backend.clone()).await?;
    let film = BasicTable::<Film, _>::attach(backend.clone());
    backend.takes(1_000);
    let error = film.add_missing_indexes(Duration::from_secs(5)).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TableNotActive { seconds: 5, .. }), "{error}");
    backend.takes(3);
    backend.finish();
    film.wait_until_active(Duration::from_secs(5)).await?;
    assert_eq!(film.add_missing_indexes(Duration::from_secs(5)).await?, ["by-year"]);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_added_is_refused_before_anything_is_changed() -> Outcome {
    let backend = Counted::new(Reference::new());
    let other = BasicTable::<Other, _>::attach(backend.clone());
    let patience = Duration::from_secs(1);
    assert!(other.add_missing_indexes(patience).await.unwrap_err().is_table_not_found());
    assert!(other.wait_until_active(patience).await.unwrap_err().is_table_not_found());
    BasicTable::<Plain, _>::open(backend.clone()).await?;
    let error = other.add_missing_indexes(patience).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::TableMismatch { .. }));
    assert_eq!(backend.of_kind(SentKind::UpdateTable), 0);
    Ok(())
}

#[tokio::test]
async fn records_go_out_of_date_where_the_model_says_so() -> Outcome {
    let backend = Counted::new(Reference::new());
    let plain = BasicTable::<Plain, _>::open(backend.clone()).await?;
    let error = plain.enable_time_to_live().await.unwrap_err();
    assert_eq!(error.to_string(), "request refused: the model of `films` has no field with `ttl`");
    assert_eq!(backend.of_kind(SentKind::EnableTimeToLive), 0);

    let film = BasicTable::<Film, _>::attach(backend.clone());
    film.add_missing_indexes(Duration::from_secs(1)).await?;
    let differences = film.check().await?;
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].to_string(), "records go out of date never and should by `until`");
    BasicTable::<Film, _>::open(backend.clone()).await?; // harmless
    film.enable_time_to_live().await?;
    film.enable_time_to_live().await?;
    assert!(film.check().await?.is_empty());
    let error = BasicTable::<Longer, _>::attach(backend).enable_time_to_live().await.unwrap_err();
    assert!(error.to_string().contains("live by `until` already"), "{error}");
    Ok(())
}
