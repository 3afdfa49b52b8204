//! Tables over a client: what they send, and that it arrives.

use structnosql_core::{CachingTable, ConditionExt, FailureClass, FieldExt, TableDataModel};
use structnosql_external::{External, Retries};

use crate::server::{KEY, Service, User, stored, user};

#[tokio::test]
async fn a_caching_table_works_as_over_any_backend() {
    let service = Service::start().await;
    let users = CachingTable::<User, External>::attach(service.client(KEY));
    let f = User::fields;
    assert_eq!(users.get_field("x1", f().name()).await.unwrap().as_deref(), Some("Robinson"));
    assert_eq!(users.get_field("x1", f().name()).await.unwrap().as_deref(), Some("Robinson"));
    assert_eq!(service.database.requests(), 1, "the second read is from the cache");
    let changes = [f().visits().increment(2), f().tokens().key("t1").expires().set(9), f().notes().remove()];
    users.update_multiple_fields("x1", changes).await.unwrap();
    users.update_field("x2", f().name(), "Paul").await.unwrap();
    assert_eq!(service.database.requests(), 1);
    let report = users.commit_operations().await.unwrap();
    assert_eq!((report.requests(), service.database.updates()), (2, 2), "one update a record");
    let x1 = stored(&service, "x1").await.unwrap();
    assert_eq!((x1.visits, x1.tokens.unwrap()["t1"].expires, x1.notes), (Some(9), 9, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_is_one_post() {
    let service = Service::start().await;
    let users = CachingTable::<User, External>::attach(service.client(KEY));
    let f = User::fields;
    for at in 0..500 {
        users.update_field(format!("u{at}"), f().visits(), at).await.unwrap();
    }
    // Of these two one is refused, and one is planned again: a parent is not there.
    let never = f().name().eq("Nobody");
    users.update_field("x1", f().visits(), 1).condition(never).await.unwrap();
    users.update_field("x2", f().tokens().key("t9").expires(), 1).await.unwrap();
    let error = users.commit_operations().await.unwrap_err();
    let structnosql_core::ErrorKind::Commit(report) = error.kind() else { panic!("{error}") };
    assert_eq!((report.committed().count(), report.uncommitted().count()), (501, 1), "{report}");
    assert_eq!(service.database.updates(), 503);
    // One POST for all, one that reads what did not fit, one that sends it again.
    assert_eq!(service.posts().await, 3);
    assert_eq!(stored(&service, "u499").await.unwrap().visits, Some(499));
    assert_eq!(stored(&service, "x2").await.unwrap().tokens.unwrap()["t9"].expires, 1);
}

#[tokio::test]
async fn a_refused_write_is_an_error_with_the_stored_item() {
    let service = Service::start().await;
    let users = service.users(KEY);
    let f = User::fields;
    let condition = f().visits().gt(100);
    let error = users.update_field("x1", f().name(), "Paul").condition(condition).await.unwrap_err();
    assert!(error.is_condition_failed());
    assert_eq!(error.failure().unwrap().item().unwrap().get("visits").unwrap().to_string(), "7");
    let error = users.create_record(&user("x1")).await.unwrap_err();
    assert!(error.is_condition_failed());
    assert_eq!(stored(&service, "x1").await, Some(user("x1")));
}

/// DynamoDB takes 16 MB in a batch, a service less in a body.
#[tokio::test]
async fn large_batches_are_written_in_several_posts() {
    let service = Service::start().await;
    let users = service.users(KEY);
    let large = |id: usize| User { name: Some("x".repeat(300_000)), ..user(&format!("l{id:02}")) };
    let all: Vec<User> = (0..30).map(large).collect();
    users.put_records(&all).await.unwrap();
    assert_eq!(service.posts().await, 4, "10 records of 300 KB each, and what a batch has left");
    for id in ["l00", "l29"] {
        assert_eq!(stored(&service, id).await.unwrap().name.unwrap().len(), 300_000);
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_not_sent_to() {
    let users = structnosql_core::BasicTable::<User, _>::attach(
        External::at("http://127.0.0.1:1").unwrap().with_retries(Retries::NONE),
    );
    let error = users.update_field("x1", User::fields().name(), "Paul").await.unwrap_err();
    assert_eq!(error.failure().unwrap().class(), FailureClass::NotSent);
}

#[test]
fn an_address_that_is_none_is_refused() {
    for address in ["", "tables.example.com", "ftp://x", "http://", "http://a b"] {
        assert!(External::at(address).is_err(), "{address:?}");
    }
    assert!(External::at("http://127.0.0.1:80/").unwrap().with_key("a\nb").is_err());
}
