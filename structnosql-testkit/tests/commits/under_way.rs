//! What happens while a commit is under way.

use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use structnosql_core::{CachingTable, ConditionExt, FailureClass, FieldExt, TableDataModel, Value};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Fault, Reference};

use crate::model::{User, ids, stored, value};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", crate = "structnosql_core")]
struct Account {
    #[field(partition_key)]
    id: String,
    balance: Option<i64>,
    #[field(version)]
    version: u64,
}

/// A row that shows the version that the commit itself has stored is no other writer's.
#[tokio::test]
async fn a_row_that_shows_what_is_being_written_is_no_conflict() {
    let accounts = CachingTable::<Account, _>::open(Reference::new()).await.unwrap();
    let f = Account::fields;
    accounts.create_record(&Account { id: "a".to_owned(), balance: Some(1), version: 0 }).await.unwrap();
    accounts.update_field("a", f().balance(), 2).await.unwrap();
    let key = [("id", Value::from("a"))].into_iter().collect();
    let stored = || accounts.backend().item("accounts", &key).unwrap().get("balance").cloned();
    {
        let mut commit = pin!(accounts.commit_operations().into_future());
        while stored() != Some(2.into()) {
            assert!(commit.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        let page = accounts.scan_field(f().balance()).await.unwrap();
        assert_eq!(page.records[0].1, Some(2));
        commit.await.unwrap();
    }
    accounts.update_field("a", f().balance(), 3).await.unwrap();
    accounts.commit_operations().await.unwrap();
    assert_eq!(stored(), Some(3.into()));
}

/// A row may show what is being written already: it must not be counted once more when the answer comes.
#[tokio::test]
async fn a_row_that_shows_what_is_being_counted_is_not_counted_again() {
    let f = User::fields;
    for consistent in [true, false] {
        let users = stored(&ids(1)).await.session();
        users.update_multiple_fields("u000", [f().visits().increment(1u64)]).await.unwrap();
        {
            let mut commit = pin!(users.commit_operations().into_future());
            while value(&users, "u000", "visits") != Some(8.into()) {
                assert!(commit.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            }
            let scan = users.scan_field(f().visits());
            if consistent { scan.await } else { scan.eventually_consistent().await }.unwrap();
            commit.await.unwrap();
        }
        assert_eq!(users.get_field("u000", f().visits()).await.unwrap(), Some(8), "consistent: {consistent}");
    }
}

/// The request was refused: whether the read that is to tell why is answered does not matter.
#[tokio::test(start_paused = true)]
async fn a_commit_that_is_given_up_after_it_was_refused_leaves_nothing_in_doubt() {
    let users = stored(&ids(1)).await.session();
    let f = User::fields;
    users.update_field("u000", f().scores().key("chess"), 1).await.unwrap();
    let before = users.backend().requests();
    users.backend().script([None, Some(Fault::HangBefore)]);
    tokio::time::timeout(Duration::from_secs(1), users.commit_operations()).await.unwrap_err();
    assert_eq!(users.backend().requests() - before, 2, "the update and the read");
    assert!(users.plan_record("u000").unwrap().in_doubt.is_none());
    users.commit_operations().await.unwrap();
    assert!(!users.has_pending_operations());
}

/// Each record of a batch is its own as long as the batch is under way.
#[tokio::test]
async fn two_commits_of_the_records_of_one_batch_wait_for_one_another() {
    let users = stored(&ids(2)).await;
    let f = User::fields;
    for id in ids(2) {
        users.update_field(&id, f().name(), "Friday").await.unwrap();
    }
    users.backend().script([Some(Fault::RefuseFirst(FailureClass::AccessDenied))]);
    let first = async { users.commit_operations().batched().await };
    let second = async {
        for id in ids(2) {
            users.update_field(&id, f().visits(), 8u64).await.unwrap();
        }
        users.commit_operations().await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.unwrap_err().commit_report().unwrap().uncommitted().count(), 1);
    second.unwrap();
    assert!(!users.has_pending_operations());
    for id in ids(2) {
        assert_eq!((value(&users, &id, "name"), value(&users, &id, "visits")), (Some("Friday".into()), Some(8.into())));
    }
}

/// Nothing is known of the records of a page that is under way, and yet clearing makes it out of date.
#[tokio::test]
async fn a_page_that_was_asked_for_before_the_cache_was_cleared_is_not_kept() {
    let users = stored(&ids(2)).await.session();
    let f = User::fields;
    {
        let mut page = pin!(users.scan_field(f().name()).into_future());
        assert!(page.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        users.clear_cached_data();
        assert_eq!(page.await.unwrap().records.len(), 2);
    }
    users.backend().inner().reset();
    users.get_field("u000", f().name()).await.unwrap();
    assert_eq!(users.backend().inner().gets(), 1);
}

/// What was cleared from sight is stored all the same, and with it the record.
#[tokio::test]
async fn a_record_that_a_commit_under_way_brings_into_being_may_be_there() {
    let users = stored(&[]).await.session();
    let f = User::fields;
    users.update_field("u000", f().name(), "Friday").await.unwrap();
    users.clear_cached_data();
    assert_eq!(users.get_field("u000", f().visits()).await.unwrap(), None);
    let refused = users.update_field("u000", f().visits(), 1u64).if_exists().await.unwrap_err();
    assert!(refused.is_condition_failed(), "{refused}");
    {
        let mut commit = pin!(users.commit_operations().into_future());
        while value(&users, "u000", "name").is_none() {
            assert!(commit.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        users.update_field("u000", f().visits(), 2u64).if_exists().await.unwrap();
        commit.await.unwrap();
    }
    users.commit_operations().await.unwrap();
    assert_eq!(value(&users, "u000", "visits"), Some(2.into()));
}

/// A number that is being counted up is there, whatever becomes of the request: others may count it up as well.
#[tokio::test]
async fn a_value_set_where_absent_leaves_a_count_under_way_a_count() {
    let users = stored(&ids(1)).await;
    let f = User::fields;
    let counted = users.update_multiple_fields("u000", [f().visits().increment(1u64)]);
    counted.condition(f().name().eq("Friday")).await.unwrap();
    let set = users.update_multiple_fields("u000", [f().visits().set_if_absent(9u64)]);
    let (refused, set) = tokio::join!(users.commit_operations(), set);
    refused.unwrap_err();
    set.unwrap();
    let other = users.session();
    other.update_multiple_fields("u000", [f().visits().increment(5u64), f().name().set("Friday")]).await.unwrap();
    other.commit_operations().await.unwrap();
    users.commit_operations().await.unwrap();
    assert_eq!(users.session().get_field("u000", f().visits()).await.unwrap(), Some(7 + 1 + 5));
}
