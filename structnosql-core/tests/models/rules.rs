//! Value rules: checked before anything is pended or sent, and on what reads bring.

use std::collections::{BTreeMap, BTreeSet};

use structnosql_core::{
    BasicTable, CachingTable, Change, Error, ErrorKind, Field, FieldExt, Map, Mismatch, Nullable, Number,
    TableDataModel, Value,
};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

use super::store;

const OLDEST: u8 = 120;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "people", rename_all = "camelCase", crate = "structnosql_core")]
struct Person {
    #[field(partition_key, length = 2..=8)]
    id: String,
    #[field(min = 18, max = OLDEST)]
    age: Option<u8>,
    #[field(min = -0.5, max = 100)]
    score: Number,
    #[field(length = 1..5)]
    #[allow(clippy::box_collection, reason = "a `Box` is a type that a field may have")]
    nick_name: Option<Box<String>>,
    #[field(pattern = "^[a-z]+$", with = is_no_shout)]
    code: Nullable<String>,
    #[field(length = ..=2)]
    notes: Vec<String>,
    tags: Option<BTreeSet<Tag>>,
    by_tag: BTreeMap<Tag, Level>,
    #[field(with = has_even_levels)]
    address: Option<Address>,
    others: Vec<Address>,
    #[field(length = 4)]
    pin: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Address {
    #[field(rename = "zip", length = 5)]
    zip_code: String,
    levels: BTreeMap<String, Level>,
    next: Option<Box<Address>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, MapModel)]
#[map(crate = "structnosql_core")]
struct Tag(#[field(length = 1..=3)] String);

#[derive(Clone, Copy, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Level(#[field(max = 9)] u8);

fn is_no_shout(code: &Nullable<String>) -> Result<(), &'static str> {
    match code {
        Nullable::Value(code) if code.starts_with("zz") => Err("a code that does not start with `zz`"),
        _ => Ok(()),
    }
}

fn has_even_levels(address: &Address) -> Result<(), String> {
    let odd = address.levels.values().filter(|level| level.0 % 2 == 1).count();
    if odd == 0 { Ok(()) } else { Err("levels that are even".to_owned()) }
}

fn address() -> Address {
    Address { zip_code: "10115".into(), levels: BTreeMap::from([("a".into(), Level(2))]), next: None }
}

fn person() -> Person {
    Person {
        id: "p1".into(),
        age: Some(18),
        score: Number::from(100),
        nick_name: Some(Box::new("Anna".into())),
        code: Nullable::Null,
        notes: vec!["a".into(), "b".into()],
        tags: Some(BTreeSet::from([Tag("äöü".into())])),
        by_tag: BTreeMap::from([(Tag("x".into()), Level(9))]),
        address: Some(address()),
        others: vec![address()],
        pin: Some(vec![1, 2, 3, 4]),
    }
}

type Table = CachingTable<Person, Counted<Reference>>;

async fn people() -> Table {
    CachingTable::open(Counted::new(Reference::new())).await.unwrap()
}

fn places(mismatch: &Mismatch) -> Vec<String> {
    mismatch.each().map(|one| format!("{}: {}, {}", one.path(), one.expected(), one.found())).collect()
}

fn refused(error: &Error) -> Vec<String> {
    match error.kind() {
        ErrorKind::InvalidValue(mismatch) => places(mismatch),
        other => panic!("{other}"),
    }
}

fn broken() -> Person {
    let next = Address { zip_code: "1011".into(), levels: BTreeMap::from([("b".into(), Level(10))]), next: None };
    Person {
        id: "p".into(),
        age: Some(17),
        score: "-0.51".parse().unwrap(),
        nick_name: Some(Box::new("Annas".into())),
        code: Nullable::Value("zz9".into()),
        notes: vec![String::new(); 3],
        tags: Some(BTreeSet::from([Tag("long".into()), Tag("x".into())])),
        by_tag: BTreeMap::from([(Tag("long".into()), Level(10))]),
        address: Some(Address { levels: BTreeMap::from([("a".into(), Level(3))]), ..address() }),
        others: vec![address(), Address { next: Some(Box::new(next)), ..address() }],
        pin: Some(vec![0; 5]),
    }
}

const BROKEN: [&str; 14] = [
    "id: 2 to 8 characters, 1",
    "address: levels that are even, another value",
    "age: a number of at least 18, a smaller one",
    "byTag.long: 1 to 3 characters, 4",
    "byTag.long: a number of at most 9, a larger one",
    "code: a text that matches `^[a-z]+$`, another text",
    "code: a code that does not start with `zz`, another value",
    "nickName: 1 to 4 characters, 5",
    "notes: at most 2 items, 3",
    "others[1].next.zip: exactly 5 characters, 4",
    "others[1].next.levels.b: a number of at most 9, a larger one",
    "pin: exactly 4 bytes, 5",
    "score: a number of at least -0.5, a smaller one",
    "tags: 1 to 3 characters, 4",
];

/// In one order, whichever they were found in.
fn sorted(mut places: Vec<String>) -> Vec<String> {
    places.sort_unstable();
    places
}

fn all_broken() -> Vec<String> {
    sorted(BROKEN.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn a_record_that_keeps_its_rules_is_written_and_read() {
    let people = people().await;
    people.put_record(&person()).await.unwrap();
    people.clear_cached_data();
    assert_eq!(people.get_record("p1").await.unwrap(), Some(person()));
}

#[tokio::test]
async fn all_rules_that_a_record_breaks_are_told_at_once_and_nothing_is_sent() {
    let people = people().await;
    people.backend().reset();
    let error = people.put_record(&broken()).await.unwrap_err();
    assert!(error.is_invalid_value());
    assert_eq!(sorted(refused(&error)), all_broken());
    assert_eq!(people.backend().requests(), 0);

    let basic = BasicTable::<Person, _>::attach(people.backend().clone());
    assert_eq!(sorted(refused(&basic.create_record(&broken()).await.unwrap_err())), all_broken());
    assert_eq!(people.backend().requests(), 0);
}

#[tokio::test]
async fn a_change_that_breaks_a_rule_is_neither_pended_nor_sent() {
    let people = people().await;
    let f = Person::fields;
    let cases: [(Change<Person>, &str); 14] = [
        (f().age().set(17), "age: a number of at least 18, a smaller one"),
        (f().age().set(121), "age: a number of at most 120, a larger one"),
        (f().age().set_if_absent(0), "age: a number of at least 18, a smaller one"),
        (f().score().set("100.000001".parse::<Number>().unwrap()), "score: a number of at most 100, a larger one"),
        (f().nick_name().set(String::new()), "nickName: 1 to 4 characters, 0"),
        (f().code().set(Nullable::Value("A".into())), "code: a text that matches `^[a-z]+$`, another text"),
        (f().notes().set(["a", "b", "c"]), "notes: at most 2 items, 3"),
        (f().tags().insert_into_set([Tag(String::new())]), "tags: 1 to 3 characters, 0"),
        (f().by_tag().key(Tag("x".into())).set(Level(10)), "byTag.x: a number of at most 9, a larger one"),
        (f().address().zip_code().set("1"), "address.zip: exactly 5 characters, 1"),
        (
            f().address().set(Address { levels: BTreeMap::from([("a".into(), Level(1))]), ..address() }),
            "address: levels that are even, another value",
        ),
        (f().address().levels().key("a").set(Level(10)), "address.levels.a: a number of at most 9, a larger one"),
        (
            f().others().append([address(), Address { zip_code: "1".into(), ..address() }]),
            "others[1].zip: exactly 5 characters, 1",
        ),
        (f().others().index(3).next().zip_code().set("1"), "others[3].next.zip: exactly 5 characters, 1"),
    ];
    for (change, expected) in cases {
        let error = people.update_multiple_fields("p1", [change]).await.unwrap_err();
        assert_eq!(refused(&error), [expected]);
    }
    assert!(!people.has_pending_operations());

    let several = [f().age().set(1), f().notes().set(["a"]), f().pin().set(vec![1]), f().score().set(f64::NAN)];
    let error = people.update_multiple_fields("p1", several).await.unwrap_err();
    assert_eq!(refused(&error).len(), 3, "{error}");
    assert!(!people.has_pending_operations());

    let basic = BasicTable::<Person, _>::attach(people.backend().clone());
    people.backend().reset();
    assert!(basic.update_field("p1", f().age(), 17).await.unwrap_err().is_invalid_value());
    assert_eq!(people.backend().requests(), 0);
}

#[tokio::test]
async fn the_bounds_themselves_are_kept() {
    let people = people().await;
    let f = Person::fields;
    let changes = [
        f().age().set(120),
        f().score().set(-0.5),
        f().nick_name().set("ä".to_owned()),
        f().code().set(Nullable::Value("z".into())),
        f().notes().set(Vec::new()),
        f().by_tag().key(Tag("abc".into())).set(Level(0)),
    ];
    people.update_multiple_fields("p1", changes).await.unwrap();
    people.update_field("12345678", f().age(), 18).await.unwrap();
    people.rollback();
}

#[tokio::test]
async fn a_key_that_breaks_its_rule_brings_no_record_into_being() {
    let people = people().await;
    let error = people.update_field("p", Person::fields().age(), 20).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Key(_)), "{error}");
    assert_eq!(error.to_string(), "wrong key: `id`: expected 2 to 8 characters, found 1");
    assert!(!people.has_pending_operations());
    assert_eq!(people.get_record("p").await.unwrap(), None);
}

fn foreign(fields: &[(&'static str, Value)]) -> Map {
    let required = [
        ("id", Value::from("p1")),
        ("score", Value::from(1)),
        ("code", Value::Null),
        ("notes", Value::List(Vec::new())),
        ("byTag", Value::Map(Map::new())),
        ("others", Value::List(Vec::new())),
    ];
    required.into_iter().chain(fields.iter().cloned()).collect()
}

#[tokio::test]
async fn a_stored_value_that_breaks_a_rule_does_not_fit_the_model() {
    let people = people().await;
    let f = Person::fields;
    let zip = Value::from_iter([("zip", Value::from("1")), ("levels", Value::from_iter([("a", Value::from(12))]))]);
    store::<Person>(people.backend(), foreign(&[("age", Value::from(3)), ("others", Value::List(vec![zip]))])).await;

    let error = people.get_field("p1", f().age()).await.unwrap_err();
    assert!(error.is_stored_value());
    assert!(error.to_string().contains("`age`: expected a number of at least 18, found a smaller one"), "{error}");
    // The cache does not get past it, and neither does what is around it.
    assert!(people.get_field("p1", f().age()).await.unwrap_err().is_stored_value());
    assert!(people.get_field("p1", f().others().index(0).zip_code()).await.unwrap_err().is_stored_value());
    let Err(error) = people.get_record("p1").await else { panic!("it was read") };
    let ErrorKind::StoredValue(mismatch) = error.kind() else { panic!("{error}") };
    let paths: Vec<String> = mismatch.each().map(|one| one.path().to_string()).collect();
    assert_eq!(paths, ["age", "others[0].zip", "others[0].levels.a"]);

    let raw = people.get_field("p1", f().age()).skip_validation().await.unwrap();
    assert_eq!(raw, Some(Value::from(3)));
    assert!(people.get_record("p1").skip_validation().await.unwrap().is_some());
    assert_eq!(people.get_field("p1", f().score()).await.unwrap(), Some(Number::from(1)));
}

#[tokio::test]
async fn wrong_types_and_broken_rules_are_told_together() {
    let people = people().await;
    let fields = [("age", Value::from("old")), ("score", Value::from(101)), ("notes", Value::from(vec![Value::Null]))];
    store::<Person>(people.backend(), foreign(&fields)).await;
    let basic = BasicTable::<Person, _>::attach(people.backend().clone());
    let error = basic.get_record("p1").await.unwrap_err();
    let ErrorKind::StoredValue(mismatch) = error.kind() else { panic!("{error}") };
    let expected = ["age: u8, string", "notes[0]: a string, null", "score: a number of at most 100, a larger one"];
    assert_eq!(sorted(places(mismatch)), expected);

    let removed = basic.remove_record("p1").await.unwrap_err();
    assert!(matches!(removed.kind(), ErrorKind::Replaced { .. }), "{removed}");
}

#[tokio::test]
async fn an_old_value_that_breaks_a_rule_is_told_after_the_write() {
    let people = people().await;
    store::<Person>(people.backend(), foreign(&[("age", Value::from(3))])).await;
    let f = Person::fields;
    let error = people.update_field_return_old("p1", f().age(), 30).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Replaced { .. }), "{error}");
    assert_eq!(people.session().get_field("p1", f().age()).await.unwrap(), Some(30));
}

#[test]
fn json_is_held_to_the_rules() {
    let json = r#"{"id": "p1", "age": 5, "score": 1, "code": null, "notes": [], "byTag": {"long": 3}, "others": []}"#;
    let error = Person::from_json_reader(json.as_bytes()).unwrap_err();
    let ErrorKind::JsonValue(mismatch) = error.kind() else { panic!("{error}") };
    let expected = ["[0].age: a number of at least 18, a smaller one", "[0].byTag.long: 1 to 3 characters, 4"];
    assert_eq!(sorted(places(mismatch)), expected);
}

#[test]
fn paths_lead_through_what_is_held_to_rules() {
    let path = Person::fields().address().levels().key("a").into_path();
    assert_eq!(path.to_string(), "address.levels.a");
    assert!(Person::path("address.levels.{{level}}", &[("level", "a")]).is_ok());
}
