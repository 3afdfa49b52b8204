//! Structs that come into being with changes of fields in them: whole, with their defaults, read as they will be stored.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use structnosql_core::presence::Optional;
use structnosql_core::{CachingTable, ErrorKind, FieldExt, FieldPath, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "people", crate = "structnosql_core")]
struct Person {
    #[field(partition_key)]
    id: String,
    name: Option<String>,
    home: Option<Home>,
    stays: Option<Vec<Home>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Home {
    city: Option<String>,
    #[field(default = 3)]
    floor: u32,
    spot: Option<Spot>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Spot {
    row: Option<u32>,
    number: u32,
    #[field(default = true)]
    free: bool,
}

const NO_SPOT: Home = Home { city: None, floor: 1, spot: None };

type People = CachingTable<Person, Counted<Reference>>;

async fn people() -> People {
    let people = People::open(Counted::new(Reference::new())).await.unwrap();
    people.update_field("p", Person::fields().name(), "P").await.unwrap();
    people.commit_operations().await.unwrap();
    people.get_record("p").await.unwrap();
    people
}

/// The home that reads show before a commit is the one that it stores.
async fn commits_as_it_reads(people: &People) -> Option<Home> {
    let (raw, home) = (
        people.get_field("p", Person::fields().home()).skip_validation().await.unwrap(),
        people.get_field("p", Person::fields().home()),
    );
    let home = home.await.unwrap();
    people.commit_operations().await.unwrap();
    assert_eq!(people.session().get_field("p", Person::fields().home()).skip_validation().await.unwrap(), raw);
    assert_eq!(people.get_field("p", Person::fields().home()).await.unwrap(), home);
    home
}

/// The only field that a commit misses.
async fn missing(people: &People) -> String {
    people.commit_operations().await.unwrap_err();
    let error = people.plan_record("p").unwrap().updates.unwrap_err();
    match error.kind() {
        ErrorKind::MissingParent { missing, .. } if missing.len() == 1 => missing[0].to_string(),
        _ => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_default_gives_way_to_what_is_set_where_nothing_is_stored() {
    for is_apart in [false, true] {
        let (people, f) = (people().await, Person::fields);
        people.update_field("p", f().home().city(), "Rome").await.unwrap();
        if is_apart {
            let _ = people.savepoint();
        }
        people.update_multiple_fields("p", [f().home().floor().set_if_absent(9)]).await.unwrap();
        assert_eq!(people.get_field("p", f().home().floor()).await.unwrap(), Some(9));
        assert_eq!(commits_as_it_reads(&people).await.unwrap().floor, 9);
    }
}

#[tokio::test]
async fn what_was_removed_comes_back_with_its_default() {
    for is_apart in [false, true] {
        let (people, f) = (people().await, Person::fields);
        people.update_field("p", f().home().city(), "Rome").await.unwrap();
        if is_apart {
            let _ = people.savepoint();
        }
        people.delete_field("p", f().home().spot()).await.unwrap();
        people.update_field("p", f().home().spot().number(), 7).await.unwrap();
        if is_apart {
            let _ = people.savepoint();
        }
        people.update_field("p", f().home().spot().row(), 1).await.unwrap();
        assert_eq!(people.get_field("p", f().home().spot().free()).await.unwrap(), Some(true));
        let home = commits_as_it_reads(&people).await.unwrap();
        assert_eq!(home.spot, Some(Spot { row: Some(1), number: 7, free: true }));
    }
}

#[tokio::test]
async fn what_comes_into_being_in_a_value_that_is_pending_is_whole() {
    for is_apart in [false, true] {
        let (people, f) = (people().await, Person::fields);
        people.update_field("p", f().home(), NO_SPOT).await.unwrap();
        if is_apart {
            let _ = people.savepoint();
        }
        people.update_field("p", f().home().spot().row(), 1).await.unwrap();
        assert_eq!(missing(&people).await, "home.spot.number");
        people.update_field("p", f().home().spot().number(), 7).await.unwrap();
        let home = commits_as_it_reads(&people).await.unwrap();
        assert_eq!(home.spot, Some(Spot { row: Some(1), number: 7, free: true }));
    }
}

#[tokio::test]
async fn what_comes_into_being_in_an_item_that_is_pending_is_whole() {
    for is_apart in [false, true] {
        let (people, f) = (people().await, Person::fields);
        people.update_multiple_fields("p", [f().stays().append([NO_SPOT])]).await.unwrap();
        if is_apart {
            let _ = people.savepoint();
        }
        people.update_field("p", f().stays().index(0).spot().row(), 1).await.unwrap();
        people.update_multiple_fields("p", [f().stays().index(0).set_if_absent(NO_SPOT)]).await.unwrap();
        assert_eq!(missing(&people).await, "stays[0].spot.number");
        people.update_field("p", f().stays().index(0).spot().number(), 7).await.unwrap();
        let shown = people.get_field("p", f().stays()).await.unwrap();
        people.commit_operations().await.unwrap();
        assert_eq!(people.session().get_field("p", f().stays()).await.unwrap(), shown);
    }
}

/// A value that was given whole is stored as it was given.
#[tokio::test]
async fn defaults_are_not_added_to_what_was_given() {
    let (people, f) = (people().await, Person::fields);
    let raw = Value::Map([("city", Value::from("Rome"))].into_iter().collect());
    let given = FieldPath::<Person, Value, Optional>::new(["home"].into_iter().map(Into::into).collect());
    people.update_field("p", given, raw).await.unwrap();
    let _ = people.savepoint();
    people.update_field("p", f().home().city(), "Oslo").await.unwrap();
    assert_eq!(commits_as_it_reads(&people).await.unwrap().floor, 3);
    let stored = people.session().get_field("p", f().home()).skip_validation().await.unwrap();
    assert_eq!(stored, Some(Value::Map([("city", Value::from("Oslo"))].into_iter().collect())));
}

/// Of two requests none is sent where what the second one adds lacks a field.
#[tokio::test]
async fn what_lacks_a_field_is_told_before_anything_is_sent() {
    let (people, f) = (people().await, Person::fields);
    people.update_field("p", f().stays(), vec![NO_SPOT]).await.unwrap();
    people.commit_operations().await.unwrap();
    people.update_field("p", f().stays().index(0).floor(), 2).await.unwrap();
    people.update_multiple_fields("p", [f().stays().prepend([NO_SPOT])]).await.unwrap();
    people.update_field("p", f().stays().index(0).spot().row(), 1).await.unwrap();
    people.backend().reset();
    assert_eq!(missing(&people).await, "stays[0].spot.number");
    assert_eq!(people.backend().updates(), 0);
    people.update_field("p", f().stays().index(0).spot().number(), 7).await.unwrap();
    let shown = people.get_field("p", f().stays()).await.unwrap();
    people.commit_operations().await.unwrap();
    assert_eq!(people.session().get_field("p", f().stays()).await.unwrap(), shown);
}
