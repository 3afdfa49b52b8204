//! Types of other crates as fields.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use rust_decimal::Decimal;
use structnosql_core::index::text;
use structnosql_core::{CachingTable, FieldExt, FieldValue, Number, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "events", crate = "structnosql_core")]
struct Event {
    #[field(partition_key)]
    id: Uuid,
    #[field(sort_key)]
    at: jiff::Timestamp,
    #[field(index(name = "by-day"))]
    day: Option<chrono::NaiveDate>,
    #[field(index(name = "by-day", sort))]
    seen: chrono::DateTime<chrono::Utc>,
    last: OffsetDateTime,
    date: jiff::civil::Date,
    #[field(min = 0)]
    price: Decimal,
    parts: BTreeMap<Uuid, BTreeSet<Decimal>>,
    others: BTreeSet<Uuid>,
}

fn event() -> Event {
    let id = Uuid::from_u128(7);
    Event {
        id,
        at: "2026-11-21T10:45:55.5+01:00".parse().unwrap(),
        day: chrono::NaiveDate::from_ymd_opt(2026, 11, 21),
        seen: "2026-11-21T10:45:55Z".parse().unwrap(),
        last: OffsetDateTime::from_unix_timestamp(0).unwrap(),
        date: jiff::civil::date(1970, 1, 2),
        price: "0.10".parse().unwrap(),
        parts: BTreeMap::from([(id, BTreeSet::from([Decimal::MAX, Decimal::from(3)]))]),
        others: BTreeSet::from([id]),
    }
}

#[tokio::test]
async fn they_are_fields_keys_and_members() {
    let events = CachingTable::<Event, _>::open(Counted::new(Reference::new())).await.unwrap();
    events.put_record(&event()).await.unwrap();
    events.clear_cached_data();
    let (f, key) = (Event::fields, (event().id, event().at));
    assert_eq!(events.get_record(key).await.unwrap(), Some(event()));

    events.update_multiple_fields(key, [f().price().increment("0.2".parse::<Number>().unwrap())]).await.unwrap();
    assert_eq!(events.get_field(key, f().price()).await.unwrap(), Some("0.3".parse().unwrap()));
    assert!(events.update_field(key, f().price(), Decimal::from(-1)).await.unwrap_err().is_invalid_value());
    events.rollback();

    let by_day = Event::indexes()
        .by_day(event().day.unwrap())
        .sort(structnosql_core::index::greater(chrono::DateTime::UNIX_EPOCH));
    let page = events.query_field(by_day, f().last()).await.unwrap();
    assert_eq!(page.records[0].1, event().last);
}

fn stored(value: impl FieldValue) -> String {
    value.encode().unwrap().unwrap().to_string()
}

#[test]
fn times_are_texts_of_one_length_in_utc() {
    assert_eq!(stored(event().at), r#""2026-11-21T09:45:55.500000000Z""#);
    assert_eq!(stored(event().seen), r#""2026-11-21T10:45:55.000000000Z""#);
    assert_eq!(stored(event().last), r#""1970-01-01T00:00:00.000000000Z""#);
    assert_eq!(stored(event().date), r#""1970-01-02""#);
    assert_eq!(stored(event().day), r#""2026-11-21""#);
    assert_eq!(stored(event().id), r#""00000000-0000-0000-0000-000000000007""#);
    assert_eq!(stored(event().price), "0.1");
}

#[test]
fn later_times_have_greater_texts() {
    let texts: Vec<String> = [-62_167_219_200_i64, -1, 0, 1, 253_402_207_199]
        .into_iter()
        .flat_map(|second| [0, 1, 999_999_999].map(|nanosecond| (second, nanosecond)))
        .map(|(second, nanosecond)| {
            let texts = [
                stored(jiff::Timestamp::from_second(second).unwrap() + jiff::SignedDuration::from_nanos(nanosecond)),
                stored(chrono::DateTime::from_timestamp(second, nanosecond as u32).unwrap()),
                stored(OffsetDateTime::from_unix_timestamp(second).unwrap() + time::Duration::nanoseconds(nanosecond)),
            ];
            assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
            texts[0].clone()
        })
        .collect();
    assert!(texts.is_sorted(), "{texts:?}");
}

#[test]
fn a_year_that_does_not_sort_is_refused() {
    fn refused(value: impl FieldValue) {
        let message = value.encode().unwrap_err().to_string();
        assert_eq!(message, "`the record`: expected a year from 0 to 9999, whose text sorts, found another year");
    }
    refused(jiff::Timestamp::MIN);
    refused(chrono::DateTime::<chrono::Utc>::MAX_UTC);
    refused(chrono::NaiveDate::MIN);
    refused(jiff::civil::Date::MIN);
    refused(OffsetDateTime::new_utc(time::Date::MIN, time::Time::MIDNIGHT));
}

#[test]
fn what_does_not_fit_is_told_in_words() {
    fn message<T: FieldValue + Debug>(value: Value) -> String {
        T::decode(&value).unwrap_err().to_string()
    }
    let time = "`the record`: expected a time in the form of RFC 3339, found another text";
    assert_eq!(message::<jiff::Timestamp>("yesterday".into()), time);
    assert_eq!(message::<chrono::DateTime<chrono::Utc>>("yesterday".into()), time);
    assert_eq!(message::<OffsetDateTime>("yesterday".into()), time);
    assert_eq!(message::<Uuid>("x".into()), "`the record`: expected a UUID, found another text");
    assert_eq!(message::<Uuid>(3.into()), "`the record`: expected a UUID, found number");
    let long: Number = "0.1234567890123456789012345678901234567".parse().unwrap();
    let message = message::<Decimal>(long.into());
    assert!(message.ends_with("found one that a `Decimal` cannot hold"), "{message}");
    let small: Number = "1E-20".parse().unwrap();
    assert_eq!(Decimal::decode(&small.into()).unwrap(), Decimal::new(1, 20));
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "VISIT#{day}#{at}#{id}", crate = "structnosql_core")]
struct VisitKey {
    id: Uuid,
    day: chrono::NaiveDate,
    at: jiff::Timestamp,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "visits", crate = "structnosql_core")]
struct Visit {
    #[field(partition_key)]
    place: String,
    #[field(sort_key)]
    key: VisitKey,
}

#[tokio::test]
async fn they_are_values_in_keys() {
    let visits = CachingTable::<Visit, _>::open(Counted::new(Reference::new())).await.unwrap();
    let visit = |day| {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
        let at = "2026-11-21T10:45:55Z".parse().unwrap();
        Visit { place: "Rome".to_owned(), key: VisitKey { id: Uuid::from_u128(7), day, at } }
    };
    visits.put_records(&[visit(9), visit(21)]).await.unwrap();
    let page = visits.query_records(Visit::indexes().primary("Rome").sort(text::begins_with("VISIT#2026-11-2")));
    let page = page.await.unwrap();
    let id = "00000000-0000-0000-0000-000000000007";
    let key = format!("Rome/VISIT#2026-11-21#2026-11-21T10:45:55.000000000Z#{id}");
    assert_eq!((page.records.len(), page.records[0].0.to_string()), (1, key));
    assert_eq!(page.records[0].1, visit(21));

    // A year whose text does not sort is none in a key.
    let later = chrono::NaiveDate::from_ymd_opt(12_026, 1, 1).unwrap();
    let wrong = Visit { key: VisitKey { day: later, ..visit(1).key }, ..visit(1) };
    assert!(visits.put_record(&wrong).await.unwrap_err().to_string().contains("a year from 0 to 9999"));
}
