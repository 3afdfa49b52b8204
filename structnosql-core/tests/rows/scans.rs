//! Scans: pages, streams, segments.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use structnosql_core::{BasicTable, CachingTable, ConditionExt, Cursor, Error, Projection, Source, TableDataModel};
use structnosql_derive::{Projection, TableDataModel};
use structnosql_testkit::Reference;

use crate::model::{Backend, Letter, Note, note, notes};

type Outcome = Result<(), Error>;

#[derive(Debug, PartialEq, Projection)]
#[projection(model = Note, crate = "structnosql_core")]
struct Card {
    title: String,
    text: Option<String>,
}

#[tokio::test]
async fn a_scan_covers_the_table_once() -> Outcome {
    let (caching, basic) = notes().await?;
    let mut found: Vec<Note> = basic.scan_records().limit(4).items().map_ok(|(_, note)| note).try_collect().await?;
    assert_eq!(basic.backend().scans(), 3);
    found.sort_by_key(|note| (note.author.clone(), note.number));
    let expected: Vec<Note> = (0..10).map(|number| note("Ann", number)).chain([note("Bob", 0)]).collect();
    assert_eq!(found, expected);
    let page = caching.scan_field(Note::fields().stars()).await?;
    assert_eq!((page.count(), page.scanned_count, page.has_reached_end()), (11, 11, true));
    Ok(())
}

#[tokio::test]
async fn rows_of_every_shape() -> Outcome {
    let (notes, _) = notes().await?;
    let f = Note::fields;
    assert_eq!(notes.scan_field(Card::projection()).limit(1).await?.records[0].1.title, "even");
    let (title, text): &(String, Option<String>) =
        &notes.scan_field((f().title(), f().text())).limit(1).await?.records[0].1;
    assert_eq!((title.as_str(), text.as_deref()), ("even", Some("text 0")));
    let named = BTreeMap::from([("a", f().stars()), ("b", f().stars())]);
    assert_eq!(notes.scan_field(named).limit(2).await?.records[1].1, BTreeMap::from([("a", 1), ("b", 1)]));
    assert_eq!(notes.scan_field(vec![f().stars()]).limit(1).await?.records[0].1, [0]);
    assert_eq!(notes.scan_field([f().stars(), f().stars()]).limit(1).await?.records[0].1, [0, 0]);
    Ok(())
}

#[tokio::test]
async fn a_caching_table_keeps_what_it_shows_and_lays_changes_over() -> Outcome {
    let (notes, basic) = notes().await?;
    let f = Note::fields;
    notes.update_field(("Ann", 3), f().text(), "mine").await?;
    let page = notes.debug().scan_field((f().text(), f().title())).await?;
    let (_, (text, title)) = page.records.iter().find(|(key, _)| key.to_string() == "Ann/3").unwrap();
    assert_eq!((text.value.as_deref(), text.source), (Some("mine"), Source::Pending));
    assert_eq!(title.source, Source::Database);
    basic.backend().reset();
    assert_eq!(notes.get_field(("Bob", 0), f().title()).await?.as_deref(), Some("even"));
    assert_eq!(basic.backend().requests(), 0);
    notes.rollback();
    Ok(())
}

#[tokio::test]
async fn segments_cover_the_table_once() -> Outcome {
    let (_, notes) = notes().await?;
    for segments in [1, 2, 3, 16] {
        notes.backend().reset();
        let found: Vec<_> = notes.scan_field(Note::fields().number()).segments(segments).items().try_collect().await?;
        let mut keys: Vec<String> = found.iter().map(|(key, _)| key.to_string()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!((found.len(), keys.len()), (11, 11), "{segments} segments");
        assert_eq!(notes.backend().scans(), segments as usize);
    }
    let mut found = 0;
    for segment in 0..3 {
        let mut pages = notes.scan_field(Note::fields().number()).segment(segment, 3).limit(2).pages();
        while let Some(page) = pages.try_next().await? {
            found += page.count();
        }
    }
    assert_eq!(found, 11);
    Ok(())
}

#[tokio::test]
async fn a_cursor_goes_on_with_its_own_segment() -> Outcome {
    let (_, notes) = notes().await?;
    let number = || Note::fields().number();
    let scan = || notes.scan_field(number()).limit(1);
    let mut pages = scan().segments(2).pages();
    let cursor: Cursor = pages.try_next().await?.unwrap().next.unwrap().to_string().parse()?;
    let of_key = notes.query_field(Note::indexes().primary("Ann"), number()).limit(1).await?.next.unwrap();
    let of_all = scan().await?.next.unwrap();
    notes.backend().reset();
    for (answer, problem) in [
        (scan().start_from(cursor.clone()).await, "it is of another segment"),
        (scan().segment(0, 3).start_from(cursor.clone()).await, "it is of another segment"),
        (scan().segment(0, 2).start_from(of_all.clone()).await, "it is of another segment"),
        (scan().start_from(of_key).await, "it is of a query, and this is a scan"),
        (
            notes.query_field(Note::indexes().primary("Ann"), number()).start_from(of_all).await,
            "it is of a scan, and this is a query",
        ),
    ] {
        assert_eq!(answer.unwrap_err().to_string(), format!("wrong cursor: {problem}"));
    }
    assert_eq!(notes.backend().requests(), 0);
    let one = scan().segment(0, 2).start_from(cursor.clone()).await.is_ok();
    let other = scan().segment(1, 2).start_from(cursor).await.is_ok();
    assert!(one != other);
    Ok(())
}

#[tokio::test]
async fn segments_that_are_none_are_refused_before_a_request() -> Outcome {
    let (_, notes) = notes().await?;
    let scan = || notes.scan_field(Note::fields().number());
    let cursor = scan().limit(1).await?.next.unwrap();
    notes.backend().reset();
    for (refused, problem) in [
        (scan().segment(2, 2).pages(), "there is no segment 2 of 2: they count from 0, up to 1000000 in all"),
        (
            scan().segment(0, 1_000_001).pages(),
            "there is no segment 0 of 1000001: they count from 0, up to 1000000 in all",
        ),
        (scan().segments(0).pages(), "there is no segment 0 of 0: they count from 0, up to 1000000 in all"),
        (
            scan().start_from(cursor).segments(2).pages(),
            "a cursor goes on with one segment: give it to `.segment(i, n)`",
        ),
    ] {
        let error = refused.try_collect::<Vec<_>>().await.unwrap_err();
        assert_eq!(error.to_string(), format!("wrong query: {problem}"));
    }
    assert_eq!(notes.backend().requests(), 0);
    Ok(())
}

/// A record that is seldom in an index.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "parcels", crate = "structnosql_core")]
struct Parcel {
    #[field(partition_key)]
    id: u32,
    #[field(index(name = "lost", projection = include(weight)))]
    lost_since: Option<String>,
    weight: Option<u32>,
    colour: Option<String>,
}

/// A table of ten parcels, of which the third, sixth and ninth are lost.
async fn parcels() -> Result<CachingTable<Parcel, Backend>, Error> {
    let parcels = CachingTable::<Parcel, Backend>::open(Backend::new(Reference::new())).await?;
    for id in 0..10 {
        let lost_since = matches!(id, 3 | 6 | 9).then(|| "2026-01-05".to_owned());
        parcels.put_record(&Parcel { id, lost_since, weight: Some(id * 10), colour: None }).await?;
    }
    parcels.clear_cached_data();
    parcels.backend().reset();
    Ok(parcels)
}

#[tokio::test]
async fn an_index_has_the_records_with_its_key() -> Outcome {
    let parcels = parcels().await?;
    let f = Parcel::fields;
    let lost = || parcels.scan_field((f().id(), f().weight())).index("lost");
    let mut page = lost().await?;
    assert_eq!((page.scanned_count, parcels.backend().scans()), (3, 1));
    page.records.sort_by_key(|(_, row)| row.0);
    assert_eq!(
        page.records.iter().map(|(_, row)| *row).collect::<Vec<_>>(),
        [(3, Some(30)), (6, Some(60)), (9, Some(90))]
    );
    // What it shows is known afterwards, and the rest is not.
    assert_eq!(parcels.get_field(6, f().weight()).await?, Some(60));
    assert_eq!(parcels.backend().requests(), 1);
    assert_eq!(parcels.get_field(6, f().colour()).await?, None);
    assert_eq!(parcels.backend().requests(), 2);

    assert_eq!(lost().filter(f().weight().gt(50)).count().await?, 2);
    let found: Vec<_> = lost().segments(4).items().try_collect().await?;
    assert_eq!(found.len(), 3);
    // An index that holds all attributes shows whole records.
    let (_, notes) = notes().await?;
    assert_eq!(notes.scan_records().index("by-topic").await?.count(), 11);
    assert_eq!(notes.scan_records().index("by-title").await?.count(), 11);
    Ok(())
}

#[tokio::test]
async fn a_pending_change_that_takes_a_record_out_of_the_index_is_told() -> Outcome {
    let parcels = parcels().await?;
    let f = Parcel::fields;
    parcels.delete_field(3, f().lost_since()).await?;
    parcels.update_field(6, f().lost_since(), "2026-02-01").await?;
    let page = parcels.scan_field(f().lost_since()).index("lost").await?;
    let told: Vec<String> = page.pending_mismatch.iter().map(ToString::to_string).collect();
    assert_eq!((page.count(), told), (3, vec!["3".to_owned()]));
    parcels.commit_operations().await?;
    assert_eq!(parcels.scan_field(f().lost_since()).index("lost").count().await?, 2);
    Ok(())
}

#[tokio::test]
async fn pages_of_an_index_go_on_in_it() -> Outcome {
    let parcels = parcels().await?;
    let scan = || parcels.scan_field(Parcel::fields().id()).limit(2);
    let first = scan().index("lost").await?;
    let cursor: Cursor = first.next.unwrap().to_string().parse()?;
    let rest: Vec<_> = scan().index("lost").start_from(cursor.clone()).items().try_collect().await?;
    let mut ids: Vec<u32> = first.records.iter().chain(&rest).map(|(_, id)| *id).collect();
    ids.sort_unstable();
    assert_eq!(ids, [3, 6, 9]);
    parcels.backend().reset();
    let error = scan().start_from(cursor).await.unwrap_err();
    assert_eq!(error.to_string(), "wrong cursor: it is of another index");
    assert_eq!(parcels.backend().requests(), 0);
    Ok(())
}

#[tokio::test]
async fn what_is_no_index_or_not_in_it_is_refused_before_a_request() -> Outcome {
    let parcels = parcels().await?;
    let f = Parcel::fields;
    let refused = [
        (
            parcels.scan_field(f().id()).index("found").await.unwrap_err(),
            "there is no index `found`: the model has `lost`",
        ),
        (
            parcels.scan_field(f().colour()).index("lost").await.map(drop).unwrap_err(),
            "the index `lost` does not hold it",
        ),
        (parcels.scan_records().index("lost").await.map(drop).unwrap_err(), "the index `lost` does not hold it"),
        (
            parcels.scan_field(f().weight()).index("lost").filter(f().colour().exists()).await.unwrap_err(),
            "the index `lost` does not hold it",
        ),
    ];
    for (error, says) in refused {
        assert!(error.to_string().contains(says), "{error}");
    }
    let letters = BasicTable::<Letter, _>::attach(parcels.backend().clone());
    let error = letters.scan_records().index("lost").await.unwrap_err();
    assert_eq!(error.to_string(), "wrong query: there is no index `lost`: the model has none");
    assert_eq!(parcels.backend().requests(), 0);
    Ok(())
}

/// A flight in a local index of keys alone.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "flights", crate = "structnosql_core")]
struct Flight {
    #[field(partition_key)]
    day: String,
    #[field(sort_key)]
    number: u32,
    #[field(index(name = "by-gate", local, projection = keys_only))]
    gate: Option<String>,
    seats: u32,
    pilot: Option<String>,
}

/// What a local index does not hold DynamoDB fetches from the table; a caching table knows it from then on.
#[tokio::test]
async fn a_local_index_brings_what_it_does_not_hold() -> Outcome {
    let flights = CachingTable::<Flight, Backend>::open(Backend::new(Reference::new())).await?;
    let f = Flight::fields;
    for (number, gate) in [(1, Some("B")), (2, None), (3, Some("A"))] {
        let (gate, pilot) = (gate.map(str::to_owned), (number == 3).then(|| "Earhart".to_owned()));
        flights.put_record(&Flight { day: "monday".to_owned(), number, gate, seats: number * 100, pilot }).await?;
    }
    flights.clear_cached_data();
    flights.backend().reset();
    let page = flights.query_field(Flight::indexes().by_gate("monday"), (f().seats(), f().pilot())).await?;
    let rows: Vec<_> = page.records.into_iter().map(|(_, row)| row).collect();
    assert_eq!(rows, [(300, Some("Earhart".to_owned())), (100, None)]);
    assert_eq!(flights.get_field(("monday", 3), f().seats()).await?, Some(300));
    assert_eq!(flights.backend().requests(), 1);
    assert_eq!(flights.scan_field(f().seats()).index("by-gate").await?.count(), 2);
    let error = flights.query_records(Flight::indexes().by_gate("monday")).await.unwrap_err();
    assert!(error.to_string().contains("the index `by-gate` does not hold it"), "{error}");
    Ok(())
}

/// Whole records come from what holds them whole.
#[tokio::test]
async fn whole_records_of_an_index_that_holds_some_attributes_are_refused() -> Outcome {
    let (_, notes) = notes().await?;
    let error = notes.query_records(Note::indexes().by_stars(3)).await.unwrap_err();
    let problem =
        "the index `by-stars` does not hold it: add it to the index's `projection`, or read it by the record's key";
    assert_eq!(error.to_string(), format!("wrong path \"the whole record\": {problem}"));
    assert_eq!(notes.query_records(Note::indexes().by_topic("odd")).await?.count(), 5);
    Ok(())
}
