//! Fields that were renamed, over records that are stored under their earlier names.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use structnosql_core::{
    BasicTable, CachingTable, Change, ConditionExt, Error, FieldExt, Map, StructModel, TableDataModel, Value,
};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "people", rename_all = "camelCase", crate = "structnosql_core")]
struct Person {
    #[field(partition_key)]
    id: String,
    #[field(alias = "name", alias = "fullName")]
    display_name: Option<String>,
    #[field(alias = "visits")]
    visit_count: Option<u32>,
    #[field(alias = "tags")]
    labels: Option<BTreeSet<String>>,
    #[field(alias = "log")]
    notes: Option<Vec<String>>,
    #[field(alias = "addr")]
    address: Option<Address>,
    #[field(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Address {
    city: Option<String>,
    street: Option<String>,
}

/// How the program before this one declared it.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "people", crate = "structnosql_core")]
struct OldPerson {
    #[field(partition_key)]
    id: String,
    name: Option<String>,
    visits: Option<u32>,
    tags: Option<BTreeSet<String>>,
    log: Option<Vec<String>>,
    addr: Option<Address>,
    colour: Option<String>,
}

fn old() -> OldPerson {
    OldPerson {
        id: "p1".into(),
        name: Some("Ann".into()),
        visits: Some(7),
        tags: Some(["a".to_owned()].into()),
        log: Some(vec!["first".into()]),
        addr: Some(Address { city: Some("Lyon".into()), street: None }),
        colour: Some("red".into()),
    }
}

fn person() -> Person {
    Person {
        id: "p1".into(),
        display_name: Some("Ann".into()),
        visit_count: Some(7),
        labels: Some(["a".to_owned()].into()),
        notes: Some(vec!["first".into()]),
        address: Some(Address { city: Some("Lyon".into()), street: None }),
        rest: [("colour".to_owned(), Value::from("red"))].into(),
    }
}

type Store = Counted<Reference>;

async fn store() -> Store {
    let store = Counted::new(Reference::new());
    let old_table = BasicTable::<OldPerson, _>::open(store.clone()).await.unwrap();
    old_table.put_record(&old()).await.unwrap();
    store.reset();
    store
}

async fn basic(store: &Store) -> BasicTable<Person, Store> {
    let table = BasicTable::open(store.clone()).await.unwrap();
    store.reset();
    table
}

async fn caching(store: &Store) -> CachingTable<Person, Store> {
    let table = CachingTable::open(store.clone()).await.unwrap();
    store.reset();
    table
}

fn stored(store: &Store) -> Map {
    store.inner().item("people", &[("id", Value::from("p1"))].into_iter().collect()).unwrap()
}

fn names(store: &Store) -> Vec<String> {
    stored(store).iter().map(|(name, _)| name.to_string()).collect()
}

#[tokio::test]
async fn what_is_stored_under_earlier_names_is_read() {
    let store = store().await;
    let (basic, caching, f) = (basic(&store).await, caching(&store).await, Person::fields);
    assert_eq!(basic.get_record("p1").await.unwrap(), Some(person()));
    assert_eq!(caching.get_record("p1").await.unwrap(), Some(person()));
    caching.clear_cached_data();
    let selection = || (f().display_name(), f().address().city(), f().notes().index(0), f().labels());
    let expected = (Some("Ann".into()), Some("Lyon".into()), Some("first".into()), Some(["a".to_owned()].into()));
    assert_eq!(basic.get_field("p1", selection()).await.unwrap(), expected);
    assert_eq!(caching.get_field("p1", selection()).await.unwrap(), expected);
    store.reset();
    // A part of it brings all of it: it is known now.
    assert_eq!(caching.get_field("p1", f().address().street()).await.unwrap(), None);
    assert_eq!(store.requests(), 0);

    let page = basic.query_records(Person::indexes().primary("p1")).await.unwrap();
    assert_eq!(page.records[0].1, person());
    let page = caching.scan_field(f().display_name()).await.unwrap();
    assert_eq!(page.records[0].1.as_deref(), Some("Ann"));
    assert_eq!(basic.get_records(["p1"]).await.unwrap(), [Some(person())]);
    assert_eq!(caching.session().get_records(["p1"]).await.unwrap(), [Some(person())]);
    let read = basic.transact_get([basic.get_field("p1", f().visit_count())]).await.unwrap();
    assert_eq!(read, [Some(7)]);
    assert_eq!(basic.remove_record("p1").await.unwrap(), Some(person()));
}

#[tokio::test]
async fn the_field_s_own_name_goes_first_and_the_latest_of_several_next() {
    let store = store().await;
    let (basic, f) = (basic(&store).await, Person::fields);
    let item = |entries: [(&str, &str); 3]| entries.into_iter().map(|(name, text)| (name, Value::from(text))).collect();
    store.inner().put_item("people", item([("id", "p2"), ("name", "late"), ("fullName", "early")])).unwrap();
    store.inner().put_item("people", item([("id", "p3"), ("displayName", "now"), ("name", "late")])).unwrap();
    assert_eq!(basic.get_field("p2", f().display_name()).await.unwrap().as_deref(), Some("late"));
    assert_eq!(basic.get_field("p3", f().display_name()).await.unwrap().as_deref(), Some("now"));
    assert!(basic.get_record("p3").await.unwrap().unwrap().rest.is_empty());
    // A write takes all of them away.
    basic.update_field("p2", f().display_name(), "new").await.unwrap();
    let key = [("id", Value::from("p2"))].into_iter().collect();
    let stored: Vec<String> =
        store.inner().item("people", &key).unwrap().iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(stored, ["displayName", "id"]);
}

/// One change of each kind, and the same by a program that never renamed anything.
fn changes() -> Vec<(Change<Person>, Change<OldPerson>)> {
    let (f, o) = (Person::fields, OldPerson::fields);
    let address = Address { city: None, street: Some("Rue".into()) };
    vec![
        (f().display_name().set("Bea"), o().name().set("Bea")),
        (f().display_name().remove(), o().name().remove()),
        (f().display_name().set_if_absent("Bea"), o().name().set_if_absent("Bea")),
        (f().visit_count().increment(3), o().visits().increment(3)),
        (f().labels().insert_into_set(["b"]), o().tags().insert_into_set(["b"])),
        (f().labels().remove_from_set(["a"]), o().tags().remove_from_set(["a"])),
        (f().notes().append(["second"]), o().log().append(["second"])),
        (f().notes().prepend(["zeroth"]), o().log().prepend(["zeroth"])),
        (f().notes().index(0).set("other"), o().log().index(0).set("other")),
        (f().notes().index(0).remove(), o().log().index(0).remove()),
        (f().address().street().set("Rue"), o().addr().street().set("Rue")),
        (f().address().city().remove(), o().addr().city().remove()),
        (f().address().set(address.clone()), o().addr().set(address)),
    ]
}

/// What a program that never renamed anything would have come to, under the new names.
fn moved(old: Map) -> Person {
    let renamed =
        [("name", "displayName"), ("visits", "visitCount"), ("tags", "labels"), ("log", "notes"), ("addr", "address")];
    let name =
        |name: &str| renamed.iter().find(|(old, _)| *old == name).map_or(name.to_owned(), |(_, new)| (*new).to_owned());
    let item: Map = old.iter().map(|(stored, value)| (name(stored), value.clone())).collect();
    Person::decode_fields(&item).unwrap()
}

/// Makes one change in each way, and compares what is stored with what it would be without a rename.
async fn each_change(change_it: impl AsyncFn(&Store, Change<Person>) -> Result<(), Error>) {
    for at in 0..changes().len() {
        let (store, plain) = (store().await, store().await);
        let (change, same) = changes().swap_remove(at);
        let told = format!("{change:?}");
        let old_table = BasicTable::<OldPerson, _>::open(plain.clone()).await.unwrap();
        old_table.update_multiple_fields("p1", [same]).await.unwrap();
        change_it(&store, change).await.unwrap_or_else(|error| panic!("{told}: {error}"));
        let fresh = basic(&store).await.get_record("p1").await.unwrap().unwrap();
        assert_eq!(fresh, moved(stored(&plain)), "{told}: {:?}", stored(&store));
        // What was written is under its own name alone, and the rest where it was.
        let kept =
            names(&store).iter().filter(|name| ["name", "visits", "tags", "log", "addr"].contains(&&***name)).count();
        assert_eq!(kept, 4, "{told}: {:?}", stored(&store));
    }
}

#[tokio::test]
async fn each_change_moves_what_is_stored_at_once() {
    each_change(async |store, change| basic(store).await.update_multiple_fields("p1", [change]).await).await;
}

#[tokio::test]
async fn each_change_moves_what_is_stored_at_commit() {
    each_change(async |store, change| {
        let table = caching(store).await;
        table.update_multiple_fields("p1", [change]).await?;
        table.commit_operations().await.map(drop)
    })
    .await;
}

#[tokio::test]
async fn each_change_moves_what_was_read_and_reads_show_it_before_and_after() {
    each_change(async |store, change| {
        let table = caching(store).await;
        table.get_record("p1").await?;
        table.update_multiple_fields("p1", [change]).await?;
        let before = table.get_record("p1").await?;
        table.commit_operations().check_unchanged().await?;
        store.reset();
        assert_eq!(table.get_record("p1").await?, before);
        assert_eq!(store.requests(), 0);
        table.clear_cached_data();
        assert_eq!(table.get_record("p1").await?, before);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn each_change_moves_in_a_transaction() {
    each_change(async |store, change| {
        let table = basic(store).await;
        table.transact([table.update_multiple_fields("p1", [change])]).await
    })
    .await;
}

#[tokio::test]
async fn a_whole_value_takes_one_request_and_a_part_of_one_is_read_first_where_it_has_to_move() {
    let store = store().await;
    let (table, f) = (basic(&store).await, Person::fields);
    table.update_field("p1", f().display_name(), "Bea").await.unwrap();
    assert_eq!(store.requests(), 1);
    let log = store.log()[0].expression.to_string();
    assert!(log.contains("SET displayName") && log.contains("REMOVE name"), "{log}");
    store.reset();
    // Refused by its guard, with the stored record, and planned again over it.
    table.update_multiple_fields("p1", [f().visit_count().increment(1)]).await.unwrap();
    assert_eq!((store.requests(), store.gets()), (2, 0));
    store.reset();
    // Nothing has to move any more.
    table.update_multiple_fields("p1", [f().visit_count().increment(1)]).await.unwrap();
    assert_eq!(store.requests(), 1);
    assert_eq!(table.get_field("p1", f().visit_count()).await.unwrap(), Some(9));
}

#[tokio::test]
async fn what_another_writer_changed_meanwhile_is_not_overwritten() {
    let store = store().await;
    let (table, f) = (caching(&store).await, Person::fields);
    table.get_record("p1").await.unwrap();
    let theirs = BasicTable::<OldPerson, _>::open(store.clone()).await.unwrap();
    theirs.update_field("p1", OldPerson::fields().visits(), 100).await.unwrap();
    table.update_multiple_fields("p1", [f().visit_count().increment(1)]).await.unwrap();
    table.commit_operations().await.unwrap();
    assert_eq!(basic(&store).await.get_field("p1", f().visit_count()).await.unwrap(), Some(101));
    assert!(!names(&store).contains(&"visits".to_owned()));
}

#[tokio::test]
async fn a_whole_record_moves_all_of_it() {
    let store = store().await;
    let table = basic(&store).await;
    table.put_record(&table.get_record("p1").await.unwrap().unwrap()).await.unwrap();
    assert_eq!(names(&store), ["address", "colour", "displayName", "id", "labels", "notes", "visitCount"]);
}

#[tokio::test]
async fn conditions_and_filters_are_asked_of_either_name() {
    let (store, f) = (store().await, Person::fields);
    for round in 0..2 {
        let table = basic(&store).await;
        let cases = [
            (f().visit_count().eq(7), true),
            (f().visit_count().ne(7), false),
            (!f().visit_count().eq(7), false),
            (f().visit_count().lt(5), false),
            (f().visit_count().between(6, 8), true),
            (f().display_name().begins_with("An"), true),
            (f().display_name().is_in(["Ann", "Bea"]), true),
            (f().display_name().exists(), true),
            (f().display_name().not_exists(), false),
            (f().display_name().size().eq(3), true),
            (f().labels().has_member("a"), true),
            (f().address().city().eq("Lyon"), true),
            (f().address().street().not_exists(), true),
            (f().address().street().exists().or(f().notes().has_item("first")), true),
        ];
        for (condition, holds) in cases {
            let told = format!("{round}: {condition:?}");
            let rows = table.scan_records().filter(condition.clone()).await.unwrap();
            assert_eq!(rows.records.len() == 1, holds, "{told}");
            let check = table.transact([table.condition_check("p1", condition)]).await;
            assert_eq!(check.is_ok(), holds, "{told}");
        }
        // The second time under the fields' own names.
        let moved = table.get_record("p1").await.unwrap().unwrap();
        table.put_record(&moved).await.unwrap();
    }
}

#[tokio::test]
async fn a_stored_value_that_does_not_fit_is_named_where_it_is_stored() {
    let store = store().await;
    let item: Map = [("id", Value::from("p1")), ("visits", Value::from("many"))].into_iter().collect();
    store.inner().put_item("people", item).unwrap();
    let (basic, caching, f) = (basic(&store).await, caching(&store).await, Person::fields);
    for error in [
        basic.get_record("p1").await.unwrap_err(),
        basic.get_field("p1", f().visit_count()).await.unwrap_err(),
        caching.get_record("p1").await.unwrap_err(),
        caching.get_field("p1", f().visit_count()).await.unwrap_err(),
    ] {
        assert!(error.is_stored_value(), "{error}");
        assert!(error.to_string().contains("`visits`: expected u32, found string"), "{error}");
    }
}

/// What takes the place of a value takes nothing of it for granted.
#[tokio::test]
async fn a_value_that_replaces_an_earlier_one_goes_without_a_condition() {
    let store = store().await;
    let (table, f) = (caching(&store).await, Person::fields);
    table.get_record("p1").await.unwrap();
    table.update_field("p1", f().display_name(), "Bob").await.unwrap();
    table.delete_field("p1", f().visit_count()).await.unwrap();
    store.reset();
    table.commit_operations().await.unwrap();
    let sent: Vec<String> = store.log().iter().map(|sent| sent.expression.clone()).collect();
    assert_eq!(sent, ["SET displayName=:v0 REMOVE name,visitCount,visits"]);
}
