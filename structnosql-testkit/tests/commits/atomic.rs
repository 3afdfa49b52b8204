//! All records or none.

use std::collections::BTreeSet;
use std::time::Duration;

use structnosql_core::{
    Capabilities, ConditionExt, Error, ErrorKind, FailureClass, FieldExt, Outcome, Resolution, TableDataModel, Value,
};
use structnosql_testkit::{Counted, Fault, Faulty, Reference};

use crate::model::{User, Users, ids, item, sent, stored, unknown, user, value};

fn outcome(error: &Error, at: usize) -> &Outcome {
    &error.commit_report().unwrap().records[at].outcome
}

#[tokio::test]
async fn all_records_go_in_one_transaction() {
    let users = stored(&ids(3)).await;
    let f = User::fields;
    users.update_field("u000", f().name(), "Friday").await.unwrap();
    users.update_multiple_fields("u001", [f().visits().increment(1), f().notes().append(["second"])]).await.unwrap();
    users.update_field("new", f().name(), "Robinson").await.unwrap();

    let plan = users.commit_operations().atomic().plan();
    assert_eq!((plan.requests(), plan.write_units(), plan.refusal.is_none()), (1, 6, true));
    let twice = users.plan_commit();
    assert_eq!((twice.requests(), twice.write_units()), (3, 3));

    let report = users.commit_operations().atomic().await.unwrap();
    assert_eq!((report.records.len(), report.requests(), report.shared_requests), (3, 1, 1));
    assert_eq!(
        sent(&users),
        [
            r#"transact write: update users {"id": "new"} SET name=:v0; update users {"id": "u000"} SET name=:v0; update users {"id": "u001"} SET notes=list_append(if_not_exists(notes,:v0),:v1),visits=if_not_exists(visits,:v2)+:v3"#
        ]
    );
    assert!(!users.has_pending_operations());
    // What was written is known: nothing is asked for.
    assert_eq!(users.get_field("u001", f().visits()).await.unwrap(), Some(8));
    assert!(sent(&users).is_empty());
    assert_eq!(value(&users, "u001", "visits"), Some(Value::from(8)));
    assert!(users.commit_operations().atomic().await.unwrap().records.is_empty());
    assert!(sent(&users).is_empty());
}

#[tokio::test]
async fn more_than_a_hundred_records_are_refused_before_anything_is_sent() {
    for (count, fits) in [(99, true), (100, true), (101, false)] {
        let ids = ids(count);
        let users = stored(&ids).await;
        for id in &ids {
            users.update_field(id, User::fields().name(), "Friday").await.unwrap();
        }
        let refusal = users.commit_operations().atomic().plan().refusal;
        assert_eq!(refusal.is_none(), fits, "{count}");
        match users.commit_operations().atomic().await {
            Ok(report) => assert_eq!((fits, report.requests()), (true, 1)),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::NotAtomic { .. }), "{error}");
                assert!(sent(&users).is_empty());
                assert_eq!(users.pending_operations().len(), count);
                let report = users.commit_operations().await.unwrap();
                assert_eq!(report.requests() as usize, count);
            }
        }
    }
}

#[tokio::test]
async fn more_than_four_megabytes_are_refused_before_anything_is_sent() {
    let ids = ids(11);
    let users = stored(&ids).await;
    let large = "x".repeat(390 * 1024);
    for id in &ids {
        users.update_field(id, User::fields().name(), large.as_str()).await.unwrap();
    }
    let error = users.commit_operations().atomic().await.unwrap_err();
    assert!(error.to_string().contains("a transaction takes 4194304"), "{error}");
    assert!(sent(&users).is_empty());
    users.clear_pending_operations_for_record("u000");
    users.commit_operations().atomic().await.unwrap();
}

#[tokio::test]
async fn a_record_that_takes_two_requests_is_refused_before_anything_is_sent() {
    let users = unknown(&stored(&ids(2)).await);
    let f = User::fields;
    users.update_field("u000", f().name(), "Friday").await.unwrap();
    // Of a set that is not known: an expression takes each path once.
    let tags = [f().tags().insert_into_set(["a"]), f().tags().remove_from_set(["b"])];
    users.update_multiple_fields("u001", tags).await.unwrap();
    assert_eq!(users.plan_commit().requests(), 3);
    let error = users.commit_operations().atomic().await.unwrap_err();
    assert!(error.to_string().contains("record `u001` takes more than one request"), "{error}");
    assert!(sent(&users).is_empty());
    assert_eq!(users.commit_operations().await.unwrap().requests(), 3);
}

#[tokio::test]
async fn a_backend_without_it_says_so_before_anything_is_sent() {
    let reference = Reference::new().with_capabilities(Capabilities::default());
    let users = Users::open(Faulty::new(Counted::new(reference))).await.unwrap();
    users.put_record(&user("u000")).await.unwrap();
    users.update_field("u000", User::fields().visits(), 1).await.unwrap();
    sent(&users);
    for commit in [
        users.commit_operations().atomic(),
        users.commit_operations().batched(),
        users.commit_operations().exactly_once(),
        users.commit_record("u000").atomic(),
    ] {
        let error = commit.await.unwrap_err();
        assert_eq!(error.failure().unwrap().class(), FailureClass::Unsupported, "{error}");
    }
    assert!(sent(&users).is_empty());
    assert!(users.plan_commit().refusal.is_none());
    for plan in [
        users.commit_operations().atomic().plan(),
        users.commit_operations().batched().plan(),
        users.commit_operations().exactly_once().plan(),
    ] {
        assert!(plan.refusal.is_some());
        assert!(plan.to_string().contains("refused: not supported by this backend"), "{plan}");
    }
    users.commit_operations().await.unwrap();
}

#[tokio::test]
async fn one_record_in_the_way_leaves_all_as_they_were() {
    let users = stored(&ids(3)).await;
    let f = User::fields;
    let before: Vec<_> = ids(3).iter().map(|id| item(&users, id)).collect();
    users.update_field("u000", f().name(), "Friday").await.unwrap();
    users.update_field("u001", f().name(), "Friday").condition(f().visits().eq(8)).await.unwrap();
    users.delete_field("u002", f().notes()).await.unwrap();

    let error = users.commit_operations().atomic().await.unwrap_err();
    assert!(
        matches!(outcome(&error, 0), Outcome::NotSent(why) if why.to_string().contains("record `u001` was in the way"))
    );
    let Outcome::Rejected(why) = outcome(&error, 1) else { panic!("{error}") };
    assert!(why.is_condition_failed());
    assert_eq!(why.failure().unwrap().item(), before[1].as_ref());
    assert!(matches!(outcome(&error, 2), Outcome::NotSent(_)));
    assert_eq!(ids(3).iter().map(|id| item(&users, id)).collect::<Vec<_>>(), before);
    assert_eq!(users.pending_operations().len(), 3);
    assert_eq!(users.get_field("u002", f().notes()).await.unwrap(), None, "views are as they were");

    users.clear_pending_operations_for_record("u001");
    users.commit_operations().atomic().await.unwrap();
    assert_eq!(value(&users, "u002", "notes"), None);
}

/// Nothing is known of the record, so the plan is made for one whose map is there; it is made again.
#[tokio::test]
async fn a_plan_that_does_not_fit_is_made_again_for_the_whole() {
    let users = unknown(&stored(&ids(2)).await);
    let f = User::fields;
    users.update_field("u000", f().scores().key("chess"), 1500).await.unwrap();
    users.update_field("u001", f().visits(), 8).await.unwrap();
    let report = users.commit_operations().atomic().await.unwrap();
    assert_eq!(report.shared_requests, 2);
    assert_eq!((report.records[0].replans, report.records[1].replans), (1, 0));
    assert_eq!(value(&users, "u000", "scores"), Some(Value::from_iter([("chess", Value::from(1500))])));
    assert_eq!(value(&users, "u001", "visits"), Some(Value::from(8)));
    let log = users.backend().inner().log();
    let tokens: Vec<_> = log.iter().filter_map(|sent| sent.token.clone()).collect();
    assert!(tokens.len() == 2 && tokens[0] != tokens[1], "another plan is another transaction");
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_sending_it_again_with_its_token() {
    for fault in [Fault::LoseAnswer, Fault::Refuse(FailureClass::Interrupted)] {
        let users = stored(&ids(2)).await;
        let f = User::fields;
        users.update_field("u000", f().visits(), 100).await.unwrap();
        users.update_multiple_fields("u001", [f().visits().increment(1)]).await.unwrap();
        users.backend().script([Some(fault)]);
        let error = users.commit_operations().atomic().await.unwrap_err();
        assert!(matches!((outcome(&error, 0), outcome(&error, 1)), (Outcome::InDoubt(_), Outcome::InDoubt(_))));
        // What comes later waits behind it.
        users.update_multiple_fields("u001", [f().visits().increment(10)]).await.unwrap();
        let plan = users.plan_commit();
        assert_eq!(plan.requests(), 2, "{plan}");

        let report = users.commit_operations().await.unwrap();
        assert!(report.records.iter().all(|record| record.resent));
        let log = users.backend().inner().log();
        let told: Vec<_> = log.iter().filter(|sent| sent.token.is_some()).collect();
        // The answer that was never sent has no trace in the log behind the fault.
        let expected = if fault == Fault::LoseAnswer { 2 } else { 1 };
        assert_eq!(told.len(), expected);
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "as it was sent, with the same token");
        assert_eq!(value(&users, "u000", "visits"), Some(Value::from(100)));
        assert_eq!(value(&users, "u001", "visits"), Some(Value::from(18)), "{fault:?}");
        assert!(!users.has_pending_operations());
    }
}

#[tokio::test]
async fn a_transaction_in_doubt_that_is_refused_was_never_applied() {
    let users = stored(&ids(2)).await;
    let f = User::fields;
    users.update_field("u000", f().name(), "Friday").condition(f().visits().eq(7)).await.unwrap();
    users.update_multiple_fields("u001", [f().visits().increment(1)]).await.unwrap();
    users.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    users.commit_operations().atomic().await.unwrap_err();
    let other = unknown(&users);
    other.update_field("u000", f().visits(), 9).await.unwrap();
    other.commit_operations().await.unwrap();
    // Sent again it is refused, so its operations are pending again and planned anew, each for itself.
    let error = users.commit_operations().await.unwrap_err();
    assert!(matches!(outcome(&error, 0), Outcome::Rejected(why) if why.is_condition_failed()));
    assert!(matches!(outcome(&error, 1), Outcome::Committed));
    assert_eq!(value(&users, "u001", "visits"), Some(Value::from(8)));
    assert_eq!(users.pending_operations().len(), 1);
}

/// After that the database would take it for a new transaction.
#[tokio::test(start_paused = true)]
async fn a_token_is_not_used_for_longer_than_the_database_keeps_it() {
    let users = stored(&ids(2)).await;
    let f = User::fields;
    for id in ids(2) {
        users.update_multiple_fields(&id, [f().visits().increment(1)]).await.unwrap();
    }
    users.backend().script([Some(Fault::LoseAnswer)]);
    users.commit_operations().atomic().await.unwrap_err();
    sent(&users);
    tokio::time::advance(Duration::from_secs(9 * 60)).await;
    let error = users.commit_operations().await.unwrap_err();
    assert!(matches!(outcome(&error, 0), Outcome::InDoubt(_)));
    assert!(users.commit_operations().atomic().await.is_err());
    assert!(sent(&users).is_empty());
    // What is said of one record holds for all of the transaction.
    users.resolve_in_doubt("u001", Resolution::Applied);
    assert!(!users.has_pending_operations());
    assert_eq!(users.get_field("u000", f().visits()).await.unwrap(), Some(8));
    assert!(users.commit_operations().await.unwrap().records.is_empty());
}

/// What one request would do over what was known takes two over what another writer left.
#[tokio::test]
async fn a_record_that_turns_out_to_take_two_requests_leaves_all_as_they_were() {
    let users = stored(&ids(2)).await;
    let f = User::fields;
    users.update_field("u001", f().name(), "Friday").await.unwrap();
    users.update_multiple_fields("u000", [f().tags().insert_into_set(["new"])]).await.unwrap();
    users.update_multiple_fields("u000", [f().tags().remove_from_set(["old"])]).await.unwrap();
    assert_eq!(users.commit_operations().atomic().plan().requests(), 1);
    let other = unknown(&users);
    other.update_field("u000", f().tags(), BTreeSet::from(["old", "kept"].map(str::to_owned))).await.unwrap();
    other.commit_operations().await.unwrap();
    let error = users.commit_operations().atomic().await.unwrap_err();
    assert!(matches!(outcome(&error, 0), Outcome::Rejected(why) if matches!(why.kind(), ErrorKind::NotAtomic { .. })));
    assert!(matches!(outcome(&error, 1), Outcome::NotSent(_)));
    assert_eq!(value(&users, "u001", "name"), Some("Paul".into()));
    users.commit_operations().await.unwrap();
    let tags = users.session().get_field("u000", f().tags()).await.unwrap();
    assert_eq!(tags, Some(["kept", "new"].map(str::to_owned).into()));
}
