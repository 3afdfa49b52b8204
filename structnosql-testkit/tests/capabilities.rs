//! Databases that can do less than DynamoDB: what is sent in its place, and what is refused before anything is sent.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::{BTreeSet, HashMap};

use structnosql_core::{
    Backend, CachingTable, Call, Capabilities, Change, Commit, ConditionExt, Error, FailureClass, FieldExt, Map,
    Outcome, TableDataModel, Value,
};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    #[field(alias = "name")]
    title: Option<String>,
    visits: Option<u64>,
    labels: Option<BTreeSet<String>>,
    tags: Option<Vec<String>>,
    author: Option<Author>,
    places: Option<HashMap<String, Place>>,
    #[field(alias = "whereabouts")]
    home: Option<Place>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Author {
    name: String,
    email: Option<String>,
    links: Option<HashMap<String, String>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Place {
    city: Option<String>,
    #[field(default = "Europe".to_owned())]
    continent: String,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", crate = "structnosql_core")]
struct Account {
    #[field(partition_key)]
    id: String,
    #[field(version)]
    version: u64,
    balance: Option<i64>,
}

type Store = Counted<Reference>;
type Notes = CachingTable<Note, Store>;

const NO_CONDITIONS: Capabilities = Capabilities { conditions: false, ..Capabilities::ALL };

async fn notes(capabilities: Capabilities) -> Notes {
    let notes = Notes::open(Counted::new(Reference::new().with_capabilities(capabilities))).await.unwrap();
    notes.backend().reset();
    notes
}

/// Stores the record as another writer would.
fn store(notes: &Notes, attributes: &[(&str, Value)]) {
    let key = [("id", Value::from("x"))];
    let item: Map = key.into_iter().chain(attributes.iter().cloned()).collect();
    notes.backend().inner().put_item("notes", item).unwrap();
}

fn map(entries: &[(&str, &str)]) -> Value {
    Value::Map(entries.iter().map(|(name, value)| (*name, Value::from(*value))).collect())
}

/// The requests of a commit, without the key.
async fn sent(notes: &Notes) -> Vec<String> {
    notes.backend().reset();
    notes.commit_operations().await.unwrap();
    let log = notes.backend().log();
    log.iter().map(|sent| format!("{} {}", sent.kind, sent.expression)).collect()
}

async fn change(notes: &Notes, change: Change<Note>) {
    notes.update_multiple_fields("x", [change]).await.unwrap();
}

fn is_unsupported(error: &Error) -> bool {
    error.failure().is_some_and(|failure| failure.class() == FailureClass::Unsupported)
}

/// The commit fails without a request, since the backend cannot do it.
async fn refuses<B: Backend>(commit: Call<Commit<'_, B>>) {
    let error = commit.await.unwrap_err();
    let report = error.commit_report().unwrap();
    assert!(
        matches!(&report.records[0].outcome, Outcome::Rejected(error) if is_unsupported(error)),
        "{error}: {report:?}"
    );
    assert_eq!(report.requests(), 0);
}

/// What another writer puts in the map meanwhile stays: the map is not set as a whole.
#[tokio::test]
async fn a_map_that_is_not_there_is_set_leaf_by_leaf() {
    let (notes, f) = (notes(NO_CONDITIONS).await, Note::fields);
    store(&notes, &[("visits", 1.into())]);
    notes.get_record("x").await.unwrap();
    change(&notes, f().author().name().set("A")).await;
    change(&notes, f().author().links().set(HashMap::new())).await;
    change(&notes, f().places().key("p").city().set("Rome")).await;
    // The database brings `author` and `places` into being by itself; this one is strict.
    store(
        &notes,
        &[("author", map(&[("email", "e")])), ("places", Value::Map([("p", map(&[]))].into_iter().collect()))],
    );
    assert_eq!(
        sent(&notes).await,
        ["update SET author.links=:v0,author.name=:v1,places.p.city=:v2,places.p.continent=:v3"]
    );
    let author = notes.session().get_field("x", f().author()).await.unwrap().unwrap();
    assert_eq!(author, Author { name: "A".to_owned(), email: Some("e".to_owned()), links: Some(HashMap::new()) });
}

/// A parent that comes into being has to be whole: where that is not sure, it is read first.
#[tokio::test]
async fn a_record_is_read_where_a_parent_would_not_be_whole() {
    let f = Note::fields;
    let author = ("author", map(&[("name", "A")]));
    let place = ("places", Value::Map([("p", map(&[("continent", "Asia")]))].into_iter().collect()));
    for (made, reads, update) in [
        (f().author().name().set("B"), false, "SET author.name=:v0"),
        (f().author().email().set("e"), true, "SET author.email=:v0"),
        (f().author().email().remove(), false, "REMOVE author.email"),
        (f().places().key("p").city().set("Rome"), true, "SET places.p.city=:v0"),
        (f().places().key("p").continent().set("Africa"), false, "SET places.p.continent=:v0"),
        (f().visits().set(1u64), false, "SET visits=:v0"),
    ] {
        let notes = notes(NO_CONDITIONS).await;
        store(&notes, &[author.clone(), place.clone()]);
        change(&notes, made).await;
        let plan = notes.plan_record("x").unwrap();
        assert_eq!(plan.reads_parents, reads, "{update}");
        let sent = sent(&notes).await;
        assert_eq!(sent.len(), 1 + usize::from(reads), "{sent:?}");
        assert_eq!(sent.last().unwrap(), &format!("update {update}"));
    }
}

/// With conditions, a plan is optimistic about parents, and says so.
#[tokio::test]
async fn no_parent_is_read_before_a_write_that_can_be_conditional() {
    let (notes, f) = (notes(Capabilities::ALL).await, Note::fields);
    store(&notes, &[("author", map(&[("name", "A")]))]);
    change(&notes, f().author().email().set("e")).await;
    assert!(!notes.plan_record("x").unwrap().reads_parents);
    assert_eq!(sent(&notes).await, ["update SET author.email=:v0"]);
}

#[tokio::test]
async fn a_parent_that_is_only_assumed_is_read() {
    let (notes, f) = (notes(NO_CONDITIONS).await, Note::fields);
    store(&notes, &[("author", map(&[("name", "A")]))]);
    change(&notes, f().author().set(Author { name: "B".to_owned(), email: None, links: None })).await;
    notes.clear_pending_operations();
    change(&notes, f().author().email().set("e")).await;
    assert!(notes.plan_record("x").unwrap().reads_parents);
    assert_eq!(sent(&notes).await.len(), 2);
}

#[tokio::test]
async fn conditions_are_refused_where_there_are_none() {
    let (notes, f) = (notes(NO_CONDITIONS).await, Note::fields);
    notes.update_field("x", f().visits(), 1u64).condition(f().title().not_exists()).await.unwrap();
    refuses(notes.commit_operations()).await;
    notes.rollback();

    notes.update_field("x", f().visits(), 1u64).await.unwrap();
    refuses(notes.commit_operations().check_unchanged()).await;
    assert_eq!(notes.backend().updates(), 0);
    assert_eq!(sent(&notes).await, ["update SET visits=:v0"]);

    let store = Counted::new(Reference::new().with_capabilities(NO_CONDITIONS));
    let accounts = CachingTable::<Account, _>::open(store).await.unwrap();
    accounts.update_field("x", Account::fields().balance(), 1).await.unwrap();
    refuses(accounts.commit_operations()).await;
    assert_eq!(accounts.backend().updates(), 0);
}

#[tokio::test]
async fn what_depends_on_the_stored_value_is_refused_where_that_cannot_be_said() {
    let f = Note::fields;
    let computing = [
        f().visits().increment(1u64),
        f().labels().insert_into_set(["a"]),
        f().tags().append(["a"]),
        f().title().set_if_absent("T".to_owned()),
        f().tags().index(0).set("a"),
        f().tags().index(0).remove(),
    ];
    for made in computing {
        let notes = notes(Capabilities { computed_updates: false, ..Capabilities::ALL }).await;
        store(&notes, &[("tags", Value::List(vec!["t".into()]))]);
        change(&notes, made).await;
        notes.backend().reset();
        refuses(notes.commit_operations()).await;
        assert_eq!(notes.backend().requests(), 0);
    }
    let notes = notes(Capabilities { computed_updates: false, ..Capabilities::ALL }).await;
    change(&notes, f().visits().set(1u64)).await;
    change(&notes, f().labels().remove()).await;
    assert_eq!(sent(&notes).await, ["update SET visits=:v0 REMOVE labels"]);
}

/// Two requests take what one would with conditions: nothing tells that the set is still as it was read.
#[tokio::test]
async fn a_set_gains_and_loses_in_two_requests_where_nothing_can_be_taken_for_granted() {
    let (notes, f) = (notes(NO_CONDITIONS).await, Note::fields);
    store(&notes, &[("labels", Value::StringSet(["kept".into()].into_iter().collect()))]);
    notes.get_record("x").await.unwrap();
    change(&notes, f().labels().insert_into_set(["new"])).await;
    change(&notes, f().labels().remove_from_set(["old"])).await;
    assert_eq!(sent(&notes).await, ["update ADD labels :v0", "update DELETE labels :v0"]);
}

/// What is stored under an earlier name would be left behind, and no condition can say that nothing is.
#[tokio::test]
async fn a_part_of_what_may_have_an_earlier_name_is_refused_without_conditions() {
    let (notes, f) = (notes(NO_CONDITIONS).await, Note::fields);
    store(&notes, &[("visits", 1.into())]);
    change(&notes, f().home().continent().set("Asia")).await;
    refuses(notes.commit_operations()).await;
    notes.get_record("x").await.unwrap();
    store(&notes, &[("home", map(&[]))]);
    assert_eq!(sent(&notes).await, ["update SET home.continent=:v0"]);
}
