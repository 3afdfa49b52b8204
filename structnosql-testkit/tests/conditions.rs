//! Typed conditions on every write, at once and at commit.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::BTreeSet;

use structnosql_core::{
    BasicTable, CachingTable, ConditionExt, ErrorKind, FieldExt, Predicate, StoredType, TableDataModel,
};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "users", rename_all = "camelCase", crate = "structnosql_core")]
struct User {
    #[field(partition_key)]
    user_id: String,
    username: Option<String>,
    visits: Option<u64>,
    tags: Option<BTreeSet<String>>,
    notes: Option<Vec<String>>,
}

fn robinson() -> User {
    User {
        user_id: "x42".into(),
        username: Some("Robinson".into()),
        visits: Some(7),
        tags: Some(["sailor".to_owned()].into()),
        notes: None,
    }
}

#[tokio::test]
async fn each_condition_holds_or_not() {
    let users = BasicTable::<User, _>::open(Reference::new()).await.unwrap();
    users.put_record(&robinson()).await.unwrap();
    let f = User::fields;
    let cases: [(Predicate<User>, bool); 22] = [
        (f().visits().eq(7), true),
        (f().visits().ne(7), false),
        (f().visits().lt(8), true),
        (f().visits().lt(7), false),
        (f().visits().le(7), true),
        (f().visits().gt(6), true),
        (f().visits().ge(8), false),
        (f().visits().between(5, 7), true),
        (f().visits().is_in([1, 7]), true),
        (f().visits().is_in([1, 2]), false),
        (f().username().begins_with("Rob"), true),
        (f().username().contains("ins"), true),
        (f().username().contains("inz"), false),
        (f().tags().has_member("sailor"), true),
        (f().notes().has_item("none"), false),
        (f().notes().exists(), false),
        (f().notes().not_exists(), true),
        (f().username().attribute_type(StoredType::String), true),
        (f().username().size().eq(8), true),
        (f().username().eq("Paul").or(f().visits().gt(3).and(f().notes().not_exists())), true),
        (!f().username().eq("Paul"), true),
        (!(f().visits().gt(3).or(f().notes().exists())), false),
    ];
    for (condition, holds) in cases {
        let shown = format!("{condition:?}");
        let updated = users.update_field("x42", f().username(), "Robinson").condition(condition).await;
        match updated {
            Ok(()) => assert!(holds, "{shown}"),
            Err(error) => {
                assert!(error.is_condition_failed() && !holds, "{shown}: {error}");
                assert!(error.failure().unwrap().item().is_some(), "the failed item comes with the error");
            }
        }
    }
}

#[tokio::test]
async fn every_write_takes_one() {
    let users = BasicTable::<User, _>::open(Reference::new()).await.unwrap();
    users.put_record(&robinson()).await.unwrap();
    let f = User::fields;
    let wrong = || f().visits().eq(8);
    assert!(users.put_record(&robinson()).condition(wrong()).await.unwrap_err().is_condition_failed());
    assert!(users.delete_record("x42").condition(wrong()).await.unwrap_err().is_condition_failed());
    assert!(users.remove_record("x42").condition(wrong()).await.unwrap_err().is_condition_failed());
    assert!(users.delete_field("x42", f().tags()).condition(wrong()).await.unwrap_err().is_condition_failed());
    let replaced = users.update_field_return_old("x42", f().visits(), 9).condition(wrong()).await;
    assert!(replaced.unwrap_err().is_condition_failed());
    assert_eq!(users.get_record("x42").await.unwrap(), Some(robinson()));
    assert_eq!(users.remove_record("x42").condition(f().visits().eq(7)).await.unwrap(), Some(robinson()));
}

#[tokio::test]
async fn a_commit_applies_nothing_of_a_record_whose_conditions_fail() {
    let users = CachingTable::<User, _>::open(Reference::new()).await.unwrap();
    users.put_record(&robinson()).await.unwrap();
    let f = User::fields;
    users.update_field("x42", f().username(), "Paul").condition(f().visits().lt(5)).await.unwrap();
    users.update_multiple_fields("x42", [f().notes().append(["n"])]).await.unwrap();
    let error = users.commit_operations().await.unwrap_err();
    let report = error.commit_report().unwrap();
    assert!(report.records[0].outcome.to_string().contains("condition failed"), "{error}");
    assert_eq!(users.session().get_record("x42").await.unwrap(), Some(robinson()));
    // Nothing is lost: what failed is still pending, with its condition.
    assert_eq!(users.get_field("x42", f().username()).await.unwrap().as_deref(), Some("Paul"));
    users.session().update_field("x42", f().visits(), 4).await.unwrap();
    let other = BasicTable::<User, _>::attach(users.backend().clone());
    other.update_field("x42", f().visits(), 4).await.unwrap();
    users.commit_operations().await.unwrap();
    let stored = users.session().get_field("x42", (f().username(), f().notes())).await.unwrap();
    assert_eq!(stored, (Some("Paul".into()), Some(vec!["n".into()])));
}

#[tokio::test]
async fn a_condition_on_what_is_pending_is_refused() {
    let users = CachingTable::<User, _>::open(Reference::new()).await.unwrap();
    let f = User::fields;
    users.update_field("x42", f().visits(), 3).await.unwrap();
    let error = users.update_field("x42", f().username(), "Paul").condition(f().visits().gt(1)).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ConditionOnPending { path } if path.to_string() == "visits"), "{error}");
    assert_eq!(users.pending_operations().len(), 1);
}

#[tokio::test]
async fn a_value_that_cannot_be_stored_cannot_be_compared() {
    let users = BasicTable::<User, _>::open(Reference::new()).await.unwrap();
    let condition = User::fields().visits().eq(-1);
    let error = users.delete_record("x42").condition(condition).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot store `visits`: expected u64, found -1");
}

#[tokio::test]
async fn what_dynamodb_would_refuse_is_refused_before_it_is_sent() {
    let users = BasicTable::<User, _>::open(Counted::new(Reference::new())).await.unwrap();
    users.backend().reset();
    let f = User::fields;
    let cases: [(Predicate<User>, &str); 6] = [
        (
            f().visits().between(7, 5),
            "`visits`: expected bounds from the lower to the upper one, found the upper one first",
        ),
        (f().visits().begins_with(7), "`visits`: expected a string or binary to begin with, found number"),
        (
            f().tags().lt(BTreeSet::from(["a".to_owned()])),
            "`tags`: expected a number, string or binary, which have an order, found string set",
        ),
        (f().visits().is_in::<u64>([]), "`visits`: expected 1 to 100 values to choose from, found 0"),
        (f().visits().is_in(0..101), "`visits`: expected 1 to 100 values to choose from, found 101"),
        (
            f().notes().not_exists().and(!f().visits().exists().or(f().visits().between(2, 1))),
            "`visits`: expected bounds from the lower to the upper one, found the upper one first",
        ),
    ];
    for (condition, problem) in cases {
        let error = users.delete_record("x42").condition(condition.clone()).await.unwrap_err();
        assert_eq!(error.to_string(), format!("wrong condition on {problem}"));
        let error = users.scan_records().filter(condition).await.unwrap_err();
        assert_eq!(error.to_string(), format!("wrong condition on {problem}"));
    }
    assert_eq!(users.backend().requests(), 0);
    // At the limits.
    users.delete_record("x42").condition(f().visits().is_in(0..100)).await.unwrap_err();
    users.scan_records().filter(f().visits().between(5, 5)).await.unwrap();
    assert_eq!(users.backend().requests(), 2);
}

#[tokio::test]
async fn a_condition_goes_with_the_operations_that_it_came_with() {
    let f = User::fields;
    let table = CachingTable::<User, _>::open(Reference::new()).await.unwrap();
    let pend = async || {
        table.put_record(&robinson()).await.unwrap();
        table.delete_field("x42", f().notes()).await.unwrap();
        table.update_field("x42", f().username(), "Paul").condition(f().visits().gt(100)).await.unwrap();
    };
    // Cleared with it: what is left is free to go.
    pend().await;
    table.clear_pending_update_operations();
    table.commit_operations().await.unwrap();

    // The other kind takes nothing of it along.
    pend().await;
    table.commit_remove_operations().await.unwrap();
    let error = table.commit_update_operations().await.unwrap_err();
    assert!(error.commit_report().unwrap().records[0].outcome.to_string().contains("condition failed"));

    // A later operation at its path builds on it, and keeps it.
    pend().await;
    table.update_field("x42", f().username(), "Friday").await.unwrap();
    table.clear_pending_remove_operations();
    table.commit_operations().await.unwrap_err();
    table.rollback();
    table.commit_operations().await.unwrap();
}
