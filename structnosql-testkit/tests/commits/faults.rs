//! Each mode under each fault at each request, and dropped at each point where it waits: nothing is lost, nothing is
//! applied twice, every report is true.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use structnosql_core::{CommitReport, ErrorKind, FailureClass, FieldExt, Outcome, Resolution, TableDataModel, Value};
use structnosql_testkit::Fault;

use crate::model::{MODES, Mode, User, Users, ids, stored, unknown, user, value};

/// Records of which some are known and some are not, with every kind of change; increments where they are safe.
async fn pending(mode: Mode) -> Users {
    let users = unknown(&stored(&ids(4)).await);
    let f = User::fields;
    users.get_record("u000").await.unwrap();
    users.get_record("u001").await.unwrap();
    users.update_field("u000", f().name(), "Friday").await.unwrap();
    users.delete_field("u001", f().notes()).await.unwrap();
    users.update_field("u002", f().scores().key("chess"), 1500).await.unwrap(); // a parent that is not there
    users.update_field("new", f().name(), "Robinson").await.unwrap();
    if mode.counts_once() {
        users
            .update_multiple_fields("u003", [f().visits().increment(1), f().notes().append(["second"])])
            .await
            .unwrap();
    }
    users
}

fn is_committed(users: &Users, id: &str) -> bool {
    match id {
        "u000" => value(users, id, "name") == Some("Friday".into()),
        "u001" => value(users, id, "notes").is_none(),
        "u002" => value(users, id, "scores") == Some(Value::from_iter([("chess", Value::from(1500))])),
        "u003" => value(users, id, "visits") == Some(Value::from(8)),
        "new" => value(users, id, "name") == Some("Robinson".into()),
        other => unreachable!("no such record: {other}"),
    }
}

fn assert_true(users: &Users, report: &CommitReport, what: &str) {
    for record in &report.records {
        let committed = is_committed(users, &record.key.to_string());
        match record.outcome {
            Outcome::Committed => assert!(committed, "{what}: {report}"),
            Outcome::Rejected(_) | Outcome::NotSent(_) => assert!(!committed, "{what}: {report}"),
            Outcome::InDoubt(_) => assert!(users.has_pending_operations(), "{what}: {report}"),
        }
    }
}

/// Whatever happened before, the next commits bring everything to where it should be, once.
async fn assert_recovers(users: &Users, mode: Mode, what: &str) {
    users.backend().heal();
    let f = User::fields;
    assert_eq!(users.get_field("u000", f().name()).await.unwrap().as_deref(), Some("Friday"), "{what}: views");
    assert_eq!(users.get_field("u001", f().notes()).await.unwrap(), None, "{what}: views");
    let committed = mode.commit(users).await;
    assert!(committed.is_ok(), "{what}: {committed:?}");
    assert!(!users.has_pending_operations(), "{what}");
    if mode.counts_once() {
        assert_eq!(users.get_field("u003", f().visits()).await.unwrap(), Some(8), "{what}: views");
    }
    for id in ["u000", "u001", "u002", "new"] {
        assert!(is_committed(users, id), "{what}: {id}");
    }
    if mode.counts_once() {
        assert_eq!(value(users, "u003", "visits"), Some(Value::from(8)), "{what}: once");
        assert_eq!(value(users, "u003", "notes").unwrap().to_string(), r#"["first", "second"]"#, "{what}: once");
    }
}

#[tokio::test]
async fn every_fault_at_every_request() {
    let faults = [
        Fault::LoseAnswer,
        Fault::Refuse(FailureClass::Interrupted),
        Fault::Refuse(FailureClass::BadAnswer),
        Fault::Refuse(FailureClass::Throttled),
        Fault::RefuseFirst(FailureClass::Interrupted),
        Fault::RefuseFirst(FailureClass::Throttled),
        Fault::RefuseFirst(FailureClass::Invalid),
        Fault::Refuse(FailureClass::Conflict),
        Fault::Refuse(FailureClass::NotSent),
        Fault::Refuse(FailureClass::AccessDenied),
    ];
    for mode in MODES {
        let users = pending(mode).await;
        let before = users.backend().requests();
        mode.commit(&users).await.unwrap();
        let requests = users.backend().requests() - before;
        for fault in faults {
            for at in 0..requests as usize {
                let what = format!("{mode:?}, {fault:?} at request {at}");
                let users = pending(mode).await;
                users.backend().script((0..at).map(|_| None).chain([Some(fault)]));
                match mode.commit(&users).await {
                    Ok(report) => assert_true(&users, &report, &what),
                    Err(error) => assert_true(&users, error.commit_report().expect(&what), &what),
                }
                assert_recovers(&users, mode, &what).await;
            }
        }
    }
}

#[tokio::test]
async fn dropped_at_every_point() {
    let mut dropped = 0;
    for mode in MODES {
        for polls in 1.. {
            let users = pending(mode).await;
            let finished = {
                let mut commit = pin!(mode.commit(&users));
                let mut context = Context::from_waker(Waker::noop());
                (0..polls).any(|_| matches!(commit.as_mut().poll(&mut context), Poll::Ready(_)))
            };
            if finished {
                break;
            }
            dropped += 1;
            assert_recovers(&users, mode, &format!("{mode:?}, dropped after {polls} polls")).await;
        }
    }
    assert!(dropped > 20, "{dropped}");
}

/// Requests that hang show how many are under way.
#[tokio::test]
async fn so_many_requests_are_under_way_as_it_says() {
    for (concurrency, expected) in [(0, 1), (1, 1), (3, 3), (100, 5)] {
        let users = stored(&ids(5)).await;
        for id in ids(5) {
            users.update_field(&id, User::fields().name(), "Friday").await.unwrap();
        }
        users.backend().script(std::iter::repeat_n(Some(Fault::HangBefore), 100));
        let before = users.backend().requests();
        {
            let mut commit = pin!(users.commit_operations().concurrency(concurrency));
            for _ in 0..50 {
                assert!(commit.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            }
        }
        assert_eq!(users.backend().requests() - before, expected, "{concurrency}");
        users.backend().heal();
        users.commit_operations().await.unwrap();
    }
}

/// Whether the increment was applied does not show in the map that holds it.
#[tokio::test]
async fn nothing_is_worked_out_from_a_value_whose_increment_is_in_doubt() {
    for (fault, resolution) in
        [(Fault::LoseAnswer, Resolution::Applied), (Fault::Refuse(FailureClass::Interrupted), Resolution::NotApplied)]
    {
        let users = stored(&ids(1)).await;
        let f = User::fields;
        users.put_record(&User { scores: Some(HashMap::new()), ..user("u000") }).await.unwrap();
        let users = users.session();
        users.update_multiple_fields("u000", [f().scores().key("chess").increment(18)]).await.unwrap();
        users.backend().script([Some(fault)]);
        users.commit_operations().await.unwrap_err();
        let more = || [f().scores().set_if_absent(HashMap::new()), f().scores().key("chess").increment(24)];
        let error = users.update_multiple_fields("u000", more()).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InDoubt { .. }), "{error}");
        users.resolve_in_doubt("u000", resolution);
        users.update_multiple_fields("u000", more()).await.unwrap();
        users.commit_operations().await.unwrap();
        let scores = users.session().get_field("u000", f().scores()).await.unwrap().unwrap();
        assert_eq!(scores, HashMap::from([("chess".to_owned(), 42)]));
    }
}
