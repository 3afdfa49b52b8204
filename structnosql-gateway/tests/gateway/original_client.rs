//! The client on the original's wire: what it can do, what it plans, and what it refuses before anything is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use structnosql_core::{
    BasicTable, CachingTable, ConditionExt, Error, ErrorKind, FailureClass, FieldExt, SplitReason, TableDataModel,
};
use structnosql_external::{Original, Retries};

use crate::server::{KEY, Service, User, stored, user};

/// A client of the service's table `users`.
fn original(service: &Service, key: &str) -> Original {
    let address = format!("{}/tables/users", service.address);
    Original::new().unwrap().with_table("users", &address).unwrap().with_key(key).with_retries(Retries::NONE)
}

fn basic(service: &Service) -> BasicTable<User, Original> {
    BasicTable::attach(original(service, KEY))
}

fn class(error: &Error) -> FailureClass {
    error.failure().unwrap_or_else(|| panic!("{error}")).class()
}

#[tokio::test]
async fn a_basic_table_works() {
    let service = Service::start().await;
    let users = basic(&service);
    let f = User::fields;
    assert_eq!(users.get_record("x1").await.unwrap(), Some(user("x1")));
    assert_eq!(users.get_record("nobody").await.unwrap(), None);
    let read =
        users.get_field("x1", (f().name(), f().tokens().key("t1").expires(), f().notes().index(1))).await.unwrap();
    assert_eq!(read, (Some("Robinson".to_owned()), Some(5), Some("b".to_owned())));

    users.put_record(&user("p1")).await.unwrap();
    users.update_field("p1", f().name(), "Paul").await.unwrap();
    users.update_multiple_fields("p1", [f().visits().set(0), f().secret().salt().set("")]).await.unwrap();
    users.update_field("p1", f().tokens().key("t2").expires(), 9).await.unwrap();
    assert_eq!(users.update_field_return_old("p1", f().visits(), 8).await.unwrap(), Some(0));
    assert_eq!(users.remove_field("p1", f().email()).await.unwrap().as_deref(), Some("p1@example.com"));
    users.delete_multiple_fields("p1", (f().tokens().key("t1"), f().notes())).await.unwrap();
    let p1 = stored(&service, "p1").await.unwrap();
    assert_eq!((p1.name.as_deref(), p1.visits, p1.email, p1.notes), (Some("Paul"), Some(8), None, None));
    assert_eq!(
        (p1.secret.unwrap().salt.as_deref(), p1.tokens.unwrap().keys().cloned().collect()),
        (Some(""), vec!["t2".to_owned()])
    );

    let page = users.query_field(User::indexes().primary("p1"), f().name()).await.unwrap();
    assert_eq!((page.records.len(), page.records[0].1.as_deref()), (1, Some("Paul")));
    assert_eq!(users.remove_record("p1").await.unwrap().and_then(|user| user.visits), Some(8));
    assert_eq!(users.remove_record("p1").await.unwrap(), None);
    users.delete_record("x2").await.unwrap();
    assert_eq!(stored(&service, "x2").await, None);
}

#[tokio::test]
async fn the_plan_shows_the_requests_that_go_out() {
    let service = Service::start().await;
    let users = CachingTable::<User, _>::attach(original(&service, KEY));
    let f = User::fields;
    assert_eq!(users.get_field("x1", f().tokens()).await.unwrap().unwrap().len(), 1);
    service.database.reset();
    users.update_field("x1", f().name(), "Paul").await.unwrap();
    users.update_field("x1", f().tokens().key("t9").expires(), 1).await.unwrap();
    users.delete_field("x1", f().notes()).await.unwrap();
    let plan = users.plan_commit();
    assert_eq!((plan.requests(), plan.is_atomic()), (2, false));
    let expressions = plan.records[0].expressions();
    let updates = plan.records[0].updates.as_ref().unwrap();
    assert!(updates.iter().all(|update| update.condition_expression().is_none()), "{plan}");
    assert_eq!(expressions, ["SET #n0=:v0,#n1.#n2.#n3=:v1", "REMOVE #n0"]);
    assert_eq!(updates[1].forced_by[0].reason, SplitReason::RemovesApart);
    let report = users.commit_operations().await.unwrap();
    assert_eq!(report.requests(), 2);
    assert_eq!(service.answered("original").await, 3, "one read, and two for the commit");
    let x1 = stored(&service, "x1").await.unwrap();
    assert_eq!((x1.name.as_deref(), x1.notes, x1.tokens.unwrap()["t9"].expires), (Some("Paul"), None, 1));
}

/// A service of this wire brings parents into being: one that would lack a required field is found out by a read.
#[tokio::test]
async fn no_parent_comes_into_being_that_is_not_whole() {
    let service = Service::start().await;
    let without = crate::server::User { secret: None, ..user("p1") };
    basic(&service).put_record(&without).await.unwrap();
    let users = CachingTable::<User, _>::attach(original(&service, KEY));
    let f = User::fields;
    users.update_field("p1", f().secret().salt(), "s").await.unwrap();
    users.update_field("x1", f().secret().salt(), "s").await.unwrap();
    let plan = users.plan_commit();
    assert!(plan.records.iter().all(|record| record.reads_parents && record.requests() == 2), "{plan}");
    let error = users.commit_operations().await.unwrap_err();
    let ErrorKind::Commit(report) = error.kind() else { panic!("{error}") };
    let refused: Vec<_> = report.uncommitted().map(|record| record.key.to_string()).collect();
    assert_eq!((report.committed().count(), refused), (1, vec!["p1".to_owned()]), "{report}");
    assert!(report.to_string().contains("secret.hash"), "{report}");
    assert_eq!(stored(&service, "p1").await, Some(without));
    assert_eq!(stored(&service, "x1").await.unwrap().secret.unwrap().salt.as_deref(), Some("s"));
    let error = basic(&service).update_field("p1", f().secret().salt(), "s").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::MissingParent { .. }), "{error}");
}

#[tokio::test]
async fn what_the_wire_cannot_say_is_refused_before_anything_is_sent() {
    let service = Service::start().await;
    let (users, caching) = (basic(&service), CachingTable::<User, _>::attach(original(&service, KEY)));
    let f = User::fields;
    let refused = [
        users.create_record(&user("n")).await.unwrap_err(),
        users.put_record_return_old(&user("n")).await.unwrap_err(),
        users.update_field("x1", f().name(), "Paul").condition(f().visits().gt(1)).await.unwrap_err(),
        users.update_multiple_fields("x1", [f().visits().increment(1)]).await.unwrap_err(),
        users.update_field("x1", f().notes().index(0), "c").await.unwrap_err(),
        users.delete_field("x1", f().notes().index(0)).await.unwrap_err(),
        users.update_field_return_old("x1", f().tokens().key("t1").expires(), 1).await.unwrap_err(),
        users.update_field("x1", f().tokens().key("t1").expires(), i64::MAX).await.unwrap_err(),
        users.query_field(User::indexes().email("x1@example.com"), f().name()).await.unwrap_err(),
        users.scan_field(f().name()).await.unwrap_err(),
        users.delete_record("x1").condition(f().visits().gt(1)).await.unwrap_err(),
        BasicTable::<User, _>::open(original(&service, KEY)).await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(class(&error), FailureClass::Unsupported, "{error}");
        assert!(error.to_string().contains("nothing was sent"), "{error}");
    }
    // A record's sets are not sent either where another of its changes cannot be.
    caching.update_field("x1", f().name(), "Paul").await.unwrap();
    caching.update_multiple_fields("x1", [f().visits().increment(1)]).await.unwrap();
    let plan = caching.plan_commit();
    assert!(plan.records[0].updates.as_ref().is_err_and(|error| class(error) == FailureClass::Unsupported), "{plan}");
    assert!(caching.commit_operations().await.is_err());
    assert!(caching.has_pending_operations(), "nothing is lost");
    assert_eq!(service.answered("original").await, 0);
    assert_eq!(stored(&service, "x1").await, Some(user("x1")));
}

#[tokio::test]
async fn a_refusal_of_the_service_is_an_error() {
    let service = Service::start().await;
    let f = User::fields;
    let wrong = BasicTable::<User, _>::attach(original(&service, "wrong"));
    assert_eq!(class(&wrong.get_record("x1").await.unwrap_err()), FailureClass::AccessDenied);
    let elsewhere = Original::new().unwrap().with_table("users", &format!("{}/tables/nosuch", service.address));
    let elsewhere = BasicTable::<User, _>::attach(elsewhere.unwrap().with_key(KEY));
    assert_eq!(class(&elsewhere.get_record("x1").await.unwrap_err()), FailureClass::AccessDenied);
    let nowhere = BasicTable::<User, _>::attach(Original::new().unwrap());
    assert_eq!(class(&nowhere.get_record("x1").await.unwrap_err()), FailureClass::TableNotFound);
    let error = basic(&service).update_field("x1", f().name(), "x".repeat(5_000_000)).await.unwrap_err();
    assert_eq!(class(&error), FailureClass::TooLarge);
}

/// What the original calls the base payload: its names win over those of the operation.
#[tokio::test]
async fn what_every_body_has_wins() {
    let service = Service::start().await;
    let others =
        BasicTable::<User, _>::attach(original(&service, "wrong").with_payload("keyValue", "x2").with_key(KEY));
    let read = others.get_field("nobody", User::fields().email()).await.unwrap();
    assert_eq!(read.as_deref(), Some("x2@example.com"));
}

/// Nothing on this wire tells a repeated request: what may have been run is sent again only where that does no harm.
#[tokio::test]
async fn only_what_does_no_harm_twice_is_sent_twice() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/users", listener.local_addr().unwrap());
    let heard = Arc::new(AtomicU32::new(0));
    tokio::spawn({
        let heard = heard.clone();
        async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                // It hears the request, and its answer is lost.
                let mut part = [0; 4096];
                tokio::io::AsyncReadExt::read(&mut stream, &mut part).await.ok();
                heard.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let retries = Retries { attempts: 3, first_pause: Duration::ZERO, longest_pause: Duration::ZERO };
    let original = Original::new().unwrap().with_table("users", &address).unwrap().with_retries(retries);
    let users = BasicTable::<User, _>::attach(original);
    let f = User::fields;
    let in_doubt = |error: Error| assert_eq!(class(&error), FailureClass::Interrupted, "{error}");
    in_doubt(users.get_field("x1", f().name()).await.unwrap_err());
    assert_eq!(heard.swap(0, Ordering::Relaxed), 3);
    in_doubt(users.update_field("x1", f().name(), "Paul").await.unwrap_err());
    assert_eq!(heard.swap(0, Ordering::Relaxed), 3);
    in_doubt(users.delete_record("x1").await.unwrap_err());
    assert_eq!(heard.swap(0, Ordering::Relaxed), 3);
    // Their second answer would be another one.
    in_doubt(users.remove_record("x1").await.unwrap_err());
    in_doubt(users.remove_field("x1", f().name()).await.unwrap_err());
    in_doubt(users.update_field_return_old("x1", f().name(), "Paul").await.unwrap_err());
    assert_eq!(heard.swap(0, Ordering::Relaxed), 3);
}
