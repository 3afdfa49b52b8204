//! Savepoints, and operations that are pended while a record is being written.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use structnosql_core::{CachingTable, Change, FieldExt, TableDataModel};
use structnosql_derive::TableDataModel;
use structnosql_testkit::Reference;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "users", rename_all = "camelCase", crate = "structnosql_core")]
struct User {
    #[field(partition_key)]
    user_id: String,
    username: Option<String>,
    visits: Option<u64>,
    tags: Option<Vec<String>>,
}

fn set_visits(visits: u64) -> Change<User> {
    User::fields().visits().set(visits)
}

async fn users() -> CachingTable<User, Reference> {
    CachingTable::open(Reference::new()).await.unwrap()
}

#[tokio::test]
async fn rolling_back_drops_what_came_later() {
    let users = users().await;
    let f = User::fields;
    users.update_multiple_fields("x42", [f().username().set("Paul"), set_visits(1)]).await.unwrap();
    let savepoint = users.savepoint();
    users.update_field("x42", f().username(), "Robinson").await.unwrap();
    users.update_multiple_fields("x42", [f().visits().increment(5), f().tags().append(["new"])]).await.unwrap();
    assert_eq!(users.get_field("x42", f().username()).await.unwrap().as_deref(), Some("Robinson"));
    assert_eq!(users.get_field("x42", f().visits()).await.unwrap(), Some(6));

    users.rollback_to(savepoint);
    assert_eq!(users.get_field("x42", f().username()).await.unwrap().as_deref(), Some("Paul"));
    assert_eq!(users.get_field("x42", f().visits()).await.unwrap(), Some(1));
    let report = users.commit_operations().await.unwrap();
    assert_eq!(report.requests(), 1);
    let stored = User { user_id: "x42".into(), username: Some("Paul".into()), visits: Some(1), tags: None };
    assert_eq!(users.session().get_record("x42").await.unwrap(), Some(stored));
}

#[tokio::test]
async fn what_was_sent_is_not_undone() {
    let users = users().await;
    let f = User::fields;
    let savepoint = users.savepoint();
    users.update_field("x42", f().username(), "Paul").await.unwrap();
    users.commit_operations().await.unwrap();
    users.update_field("x42", f().username(), "Robinson").await.unwrap();
    users.rollback_to(savepoint);
    assert_eq!(users.get_field("x42", f().username()).await.unwrap().as_deref(), Some("Paul"));
    assert!(!users.has_pending_operations());
}

#[tokio::test]
async fn layers_of_savepoints_commit_as_one() {
    let users = users().await;
    let f = User::fields;
    users.update_multiple_fields("x42", [f().tags().set(["a", "b", "c"])]).await.unwrap();
    let savepoints: Vec<_> = (0..4u32)
        .map(|round| {
            let savepoint = users.savepoint();
            at_once(users.update_multiple_fields(
                "x42",
                [f().visits().increment(1), f().tags().append([format!("t{round}")]), f().tags().index(0).remove()],
            ));
            savepoint
        })
        .collect();
    users.rollback_to(savepoints[3]);
    let report = users.commit_operations().await.unwrap();
    assert_eq!(report.requests(), 1);
    let stored = users.session().get_record("x42").await.unwrap().unwrap();
    assert_eq!(stored.visits, Some(3));
    assert_eq!(stored.tags.unwrap(), ["t0", "t1", "t2"]);
}

/// A pended write is done at its first poll.
fn at_once<T>(call: impl Future<Output = structnosql_core::Result<T>>) {
    let mut call = std::pin::pin!(call);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(matches!(call.as_mut().poll(&mut context), std::task::Poll::Ready(Ok(_))));
}

#[tokio::test]
async fn a_put_drops_what_was_pended_before_it_alone() {
    let users = users().await;
    let f = User::fields;
    users.update_field("x42", f().username(), "Paul").await.unwrap();
    let record = User { user_id: "x42".into(), username: None, visits: Some(7), tags: None };
    let mut put = Box::pin(users.put_record(&record));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(put.as_mut().poll(&mut context).is_pending());
    users.update_multiple_fields("x42", [f().visits().increment(1)]).await.unwrap();
    put.await.unwrap();
    assert_eq!(users.get_field("x42", f().username()).await.unwrap(), None);
    assert_eq!(users.get_field("x42", f().visits()).await.unwrap(), Some(8));
    users.commit_operations().await.unwrap();
    assert_eq!(users.session().get_field("x42", f().visits()).await.unwrap(), Some(8));
}
