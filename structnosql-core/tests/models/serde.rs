//! Fields of any type that serialises.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use structnosql_core::{BasicTable, CachingTable, FieldValue, Serde, TableDataModel, Value};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Reference};

use super::{item, store};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "parcels", crate = "structnosql_core")]
struct Parcel {
    #[field(partition_key)]
    id: String,
    address: Serde<Address>,
    #[field(with = is_short)]
    stops: Vec<Serde<Stop>>,
    rest: Option<Serde<BTreeMap<u8, (bool, char)>>>,
}

fn is_short(stops: &[Serde<Stop>]) -> Result<(), &'static str> {
    if stops.len() < 9 { Ok(()) } else { Err("a short way") }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    street_name: String,
    #[serde(default)]
    floor: i8,
    note: Option<String>,
    large: u128,
    small: i128,
    height: f64,
    width: f32,
    unit: (),
    nested: Vec<Option<BTreeMap<String, u8>>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Stop {
    Depot,
    City(String),
    Between(u8, Wrapped),
    Place { east: f64, north: f64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(Vec<Stop>);

fn address() -> Address {
    Address {
        street_name: "Elm Street".into(),
        floor: -1,
        note: None,
        large: 99_999_999_999_999_999_999_999_999_999_999_999_999,
        small: -99_999_999_999_999_999_999_999_999_999_999_999_999,
        height: 0.1,
        width: 3.0,
        unit: (),
        nested: vec![None, Some(BTreeMap::from([("a.b".into(), 7)]))],
    }
}

fn parcel() -> Parcel {
    let wrapped = Wrapped(vec![Stop::Depot, Stop::Place { east: 13.4, north: -0.5 }]);
    Parcel {
        id: "p1".into(),
        address: Serde(address()),
        stops: vec![Serde(Stop::City("Ulm".into())), Serde(Stop::Between(1, wrapped))],
        rest: Some(Serde(BTreeMap::from([(7, (true, 'ä'))]))),
    }
}

#[tokio::test]
async fn every_shape_of_serde_is_read_as_it_was_written() {
    let parcels = CachingTable::<Parcel, _>::open(Counted::new(Reference::new())).await.unwrap();
    parcels.put_record(&parcel()).await.unwrap();
    let f = Parcel::fields;
    parcels.update_field("p1", f().stops().index(0), Stop::Depot).await.unwrap();
    parcels.commit_operations().await.unwrap();
    parcels.clear_cached_data();
    let stops = vec![Serde(Stop::Depot), parcel().stops[1].clone()];
    assert_eq!(parcels.get_record("p1").await.unwrap(), Some(Parcel { stops, ..parcel() }));
    assert_eq!(parcels.get_field("p1", f().address()).await.unwrap(), Some(Serde(address())));
    parcels.delete_field("p1", f().rest()).await.unwrap();
    assert_eq!(parcels.get_field("p1", f().rest()).await.unwrap(), None);
    parcels.rollback();
}

#[test]
fn it_is_stored_as_serde_describes_it() {
    let stored = |value: Option<Value>| value.unwrap().to_string();
    let place = Serde(Stop::Place { east: 13.4, north: -0.5 });
    assert_eq!(stored(place.encode().unwrap()), r#"{"Place": {"east": 13.4, "north": -0.5}}"#);
    assert_eq!(stored(Serde(Stop::Depot).encode().unwrap()), r#""Depot""#);
    assert_eq!(stored(Serde(Stop::Between(3, Wrapped(vec![]))).encode().unwrap()), r#"{"Between": [3, []]}"#);
    assert_eq!(stored(parcel().rest.encode().unwrap()), r#"{"7": [true, "ä"]}"#);
}

#[test]
fn what_dynamodb_cannot_hold_is_told_with_its_path() {
    let refused = |value: Value| panic!("{value}");
    let infinite = Serde(Stop::Place { east: f64::INFINITY, north: 0.0 });
    let message = infinite.encode().map(|value| value.map(refused)).unwrap_err().to_string();
    assert!(message.starts_with("`Place.east`: expected a number that DynamoDB can hold"), "{message}");
    let long = Serde(vec![1, u128::MAX]).encode().unwrap_err().to_string();
    assert!(long.starts_with("`[1]`: expected a number that DynamoDB can hold"), "{long}");
    let key = Serde(BTreeMap::from([(vec![1], 1)])).encode().unwrap_err().to_string();
    assert!(key.ends_with("found a sequence"), "{key}");
}

#[test]
fn what_does_not_fit_is_told_with_its_path_and_shows_nothing_stored() {
    fn message<T: FieldValue>(value: Value) -> String {
        T::decode(&value).map(drop).unwrap_err().to_string()
    }
    let map = |entries: &[(&'static str, Value)]| entries.iter().cloned().collect::<Value>();
    type Floors = Serde<BTreeMap<String, Vec<i8>>>;
    let floors = map(&[("a", vec![1.into(), 300.into()].into())]);
    assert_eq!(message::<Floors>(floors), "`a[1]`: expected i8, found another number");
    let floors = map(&[("a", vec!["secret".into()].into())]);
    assert_eq!(message::<Floors>(floors), "`a[0]`: expected i8, found string");
    assert_eq!(message::<Serde<BTreeMap<u8, u8>>>(map(&[("x", 1.into())])), "`x`: expected u8, found another map key");
    assert_eq!(message::<Serde<Address>>(map(&[])), "`streetName`: expected a value, found nothing");
    let known = "one of `Depot`, `City`, `Between`, `Place`";
    assert_eq!(message::<Serde<Stop>>("secret".into()), format!("`the record`: expected {known}, found another text"));
    let two = map(&[("City", "a".into()), ("Depot", Value::Null)]);
    assert!(
        message::<Serde<Stop>>(two).ends_with("expected a map of a variant's name alone, found a map of another size")
    );
    let pair = vec![1.into(), 2.into(), 3.into()];
    assert_eq!(message::<Serde<(u8, u8)>>(pair.into()), "`the record`: expected 2 items, found 3");
    // What a type says in its own words may hold what is stored.
    let message = message::<Serde<std::net::IpAddr>>("secret".into());
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn sets_are_read_as_sequences() {
    let set = Value::StringSet(BTreeSet::from(["b".into(), "a".into()]));
    assert_eq!(Serde::<Vec<String>>::decode(&set).unwrap(), Serde(vec!["a".to_owned(), "b".to_owned()]));
    let set = Value::NumberSet([3.into(), 12.into()].into());
    assert_eq!(Serde::<BTreeSet<u64>>::decode(&set).unwrap(), Serde(BTreeSet::from([3, 12])));
}

#[tokio::test]
async fn a_stored_value_that_does_not_fit_is_told_from_the_record() {
    let reference = Reference::new();
    let parcels = BasicTable::<Parcel, _>::open(reference).await.unwrap();
    let stops = vec![Value::from("Depot"), Value::from_iter([("City", Value::from(3))])];
    let fields = [("id", Value::from("p1")), ("address", Value::Null), ("stops", stops.into())];
    store::<Parcel>(parcels.backend(), item(&fields)).await;
    let error = parcels.get_field("p1", Parcel::fields().stops()).await.unwrap_err();
    let message = "stored value does not fit the model: `stops[1].City`: expected a string, found number (`.lenient()` reads what fits)";
    assert_eq!(error.to_string(), message);
    let fit = parcels.get_field("p1", Parcel::fields().stops()).lenient().await.unwrap();
    assert_eq!(fit.value, Some(vec![Serde(Stop::Depot)]));
}
