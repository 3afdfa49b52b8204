//! `.check_unchanged()`: a commit only over what was read.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::HashMap;

use structnosql_core::{BasicTable, CachingTable, Conflict, Error, Field, FieldExt, TableDataModel};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "users", crate = "structnosql_core")]
struct User {
    #[field(partition_key)]
    id: String,
    name: Option<String>,
    visits: Option<i64>,
    tags: Option<Vec<String>>,
    scores: HashMap<String, i64>,
}

type Store = Counted<Reference>;

/// A table that knows nothing of the one record, and another writer.
async fn users() -> (CachingTable<User, Store>, BasicTable<User, Store>) {
    let store = Counted::new(Reference::new());
    let other = BasicTable::<User, _>::open(store.clone()).await.unwrap();
    let scores = HashMap::from([("a".to_owned(), 1)]);
    let tags = Some(vec!["x".to_owned(), "y".to_owned()]);
    other.put_record(&User { id: "u".into(), visits: Some(7), tags, scores, ..User::default() }).await.unwrap();
    (CachingTable::open(store).await.unwrap(), other)
}

fn conflict(error: &Error) -> &Conflict {
    error.commit_report().unwrap().conflicts().next().unwrap()
}

#[tokio::test]
async fn disjoint_paths_of_two_writers_both_survive() {
    let (one, other) = users().await;
    let f = User::fields;
    let two = one.session();
    for (table, change) in [(&one, f().name().set("Ann")), (&two, f().visits().set(8))] {
        table.get_record("u").await.unwrap();
        table.update_multiple_fields("u", [change]).await.unwrap();
    }
    one.commit_operations().check_unchanged().await.unwrap();
    two.commit_operations().check_unchanged().await.unwrap();
    let (name, visits) = other.get_field("u", (f().name(), f().visits())).await.unwrap();
    assert_eq!((name.as_deref(), visits), (Some("Ann"), Some(8)));
}

#[tokio::test]
async fn what_was_read_is_compared_and_nothing_else() {
    let (table, other) = users().await;
    let f = User::fields;
    table.get_field("u", (f().visits(), f().name())).await.unwrap();
    table.update_multiple_fields("u", [f().visits().increment(1), f().name().set("Ann")]).await.unwrap();
    table.update_field("u", f().scores().key("a"), 5).await.unwrap();
    let plan = table.commit_operations().check_unchanged().plan();
    let [record] = &plan.records[..] else { panic!("{plan}") };
    assert_eq!(
        record.updates.as_ref().unwrap()[0].condition_expression().unwrap(),
        "attribute_not_exists(#n0) AND #n3=:v4"
    );
    assert_eq!(plan.requests(), 1);

    // Not read, so not compared.
    other.update_field("u", f().scores().key("a"), 3).await.unwrap();
    other.update_field("u", f().tags(), ["z"]).await.unwrap();
    // Read as absent.
    other.update_field("u", f().name(), "Bob").await.unwrap();
    let error = table.commit_operations().check_unchanged().await.unwrap_err();
    let found = conflict(&error);
    assert_eq!(found.changed(), [f().name().into_path()]);
    assert_eq!(found.base().get(&f().name()).unwrap(), None);
    assert_eq!(found.mine().get(&f().visits()).unwrap(), Some(8));
    assert_eq!(found.theirs().get(&f().name()).unwrap().as_deref(), Some("Bob"));
    assert_eq!(other.get_field("u", f().visits()).await.unwrap(), Some(7), "nothing is written");
    assert_eq!(table.pending_operations().len(), 3);

    // Without the check it goes, and with it once the record was read again.
    table.refresh();
    table.get_record("u").await.unwrap();
    table.commit_operations().check_unchanged().await.unwrap();
    assert_eq!(other.get_field("u", f().visits()).await.unwrap(), Some(8));
}

#[tokio::test]
async fn assumed_values_are_not_compared() {
    let (table, _) = users().await;
    let f = User::fields;
    table.update_field("u", f().visits(), 99).await.unwrap();
    table.clear_pending_operations();
    assert_eq!(table.get_field("u", f().visits()).await.unwrap(), Some(99), "what the cleared change showed");
    table.update_field("u", f().visits(), 100).await.unwrap();
    table.commit_operations().check_unchanged().await.unwrap();

    // What was read beneath the assumption is.
    table.get_field("u", f().visits()).await.unwrap();
    table.update_field("u", f().visits(), 5).await.unwrap();
    table.clear_pending_operations();
    table.update_field("u", f().visits(), 6).await.unwrap();
    let plan = table.commit_operations().check_unchanged().plan();
    assert_eq!(plan.records[0].updates.as_ref().unwrap()[0].condition_expression().unwrap(), "#n0=:v1");
    table.commit_operations().check_unchanged().await.unwrap();
}

/// A position means something only in the list that was read.
#[tokio::test]
async fn lists_are_compared_as_a_whole() {
    let (table, other) = users().await;
    let f = User::fields;
    table.get_field("u", f().tags()).await.unwrap();
    table.update_field("u", f().tags().index(1), "changed").await.unwrap();
    other.update_multiple_fields("u", [f().tags().index(0).remove()]).await.unwrap();
    let error = table.commit_operations().check_unchanged().await.unwrap_err();
    assert_eq!(conflict(&error).changed(), [f().tags().into_path()]);
    assert_eq!(other.get_field("u", f().tags()).await.unwrap().unwrap(), ["y"]);
}

/// A plan that has to be made again is over what is stored then: what was read before still counts.
#[tokio::test]
async fn a_plan_that_is_made_again_forgets_nothing() {
    let (table, other) = users().await;
    let f = User::fields;
    table.get_field("u", (f().visits(), f().scores())).await.unwrap();
    table.update_field("u", f().visits(), 8).await.unwrap();
    table.update_field("u", f().scores().key("b"), 1).await.unwrap();
    // The map that the plan leads through is gone, and what was read has changed.
    let bare = User { id: "u".into(), visits: Some(1), ..User::default() };
    other.put_record(&bare).await.unwrap();
    let error = table.commit_operations().check_unchanged().await.unwrap_err();
    assert_eq!(conflict(&error).changed(), [f().visits().into_path()]);
}

/// Conditions take room in a request, and have limits of their own.
#[tokio::test]
async fn many_paths_take_several_requests() {
    for count in [150, 151, 400] {
        let (table, other) = users().await;
        let f = User::fields;
        let scores: HashMap<String, i64> = (0..count).map(|at| (format!("key-{at:03}"), at)).collect();
        other.update_field("u", f().scores(), scores).await.unwrap();
        table.get_record("u").await.unwrap();
        let changes: Vec<_> = (0..count).map(|at| f().scores().key(format!("key-{at:03}")).set(-1)).collect();
        table.update_multiple_fields("u", changes).await.unwrap();
        let plan = table.commit_operations().check_unchanged().plan();
        let report = table.commit_operations().check_unchanged().await.unwrap();
        assert_eq!(plan.requests(), report.requests() as usize);
        assert_eq!(report.requests(), (count as u32).div_ceil(150), "{count} conditions");
        let stored = other.get_field("u", f().scores()).await.unwrap().unwrap();
        assert!(stored.len() == count as usize && stored.values().all(|score| *score == -1));
    }
}
