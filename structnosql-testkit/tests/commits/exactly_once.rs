//! What must not be applied twice goes with a token.

use structnosql_core::{FailureClass, FieldExt, Outcome, TableDataModel, Value};
use structnosql_testkit::Fault;

use crate::model::{User, ids, sent, stored, value};

#[tokio::test]
async fn what_does_no_harm_twice_goes_as_ever() {
    let users = stored(&ids(2)).await;
    let f = User::fields;
    users.update_field("u000", f().name(), "Friday").await.unwrap();
    users.update_multiple_fields("u001", [f().visits().increment(1)]).await.unwrap();
    let plan = users.commit_operations().exactly_once().plan();
    assert_eq!((plan.requests(), plan.write_units()), (2, 3));
    users.commit_operations().exactly_once().await.unwrap();
    let mut lines = sent(&users);
    lines.sort();
    assert_eq!(
        lines,
        [
            r#"transact write: update users {"id": "u001"} SET visits=if_not_exists(visits,:v0)+:v1"#,
            r#"update users {"id": "u000"} SET name=:v0"#,
        ]
    );
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_next_commit() {
    for fault in [Fault::LoseAnswer, Fault::Refuse(FailureClass::Interrupted)] {
        for batched in [false, true] {
            let users = stored(&ids(1)).await;
            let f = User::fields;
            let changes = [f().visits().increment(1), f().notes().append(["second"])];
            users.update_multiple_fields("u000", changes).await.unwrap();
            users.backend().script([Some(fault)]);
            let commit = users.commit_operations().exactly_once();
            let error = if batched { commit.batched().await } else { commit.await }.unwrap_err();
            assert!(matches!(error.commit_report().unwrap().records[0].outcome, Outcome::InDoubt(_)));
            assert_eq!(users.plan_commit().requests(), 1);
            let report = users.commit_operations().await.unwrap();
            assert!(report.records[0].resent);
            assert_eq!(report.requests(), 1);
            assert_eq!(value(&users, "u000", "visits"), Some(Value::from(8)), "{fault:?}");
            assert_eq!(value(&users, "u000", "notes").unwrap().to_string(), r#"["first", "second"]"#);
            assert!(!users.has_pending_operations());
        }
    }
}

/// Without it, what may have been applied waits for the caller.
#[tokio::test]
async fn without_it_a_lost_increment_stays_in_doubt() {
    let users = stored(&ids(1)).await;
    users.update_multiple_fields("u000", [User::fields().visits().increment(1)]).await.unwrap();
    users.backend().script([Some(Fault::LoseAnswer)]);
    users.commit_operations().await.unwrap_err();
    users.commit_operations().exactly_once().await.unwrap_err();
    assert_eq!(value(&users, "u000", "visits"), Some(Value::from(8)));
}

/// A position in a list is planned over what is stored, and refused as alone.
#[tokio::test]
async fn a_refused_one_is_planned_again() {
    let users = stored(&ids(1)).await;
    let f = User::fields;
    let session = users.session();
    session.update_multiple_fields("u000", [f().scores().key("chess").increment(1500)]).await.unwrap();
    let report = session.commit_operations().exactly_once().await.unwrap();
    assert_eq!(report.records[0].replans, 1);
    assert_eq!(value(&users, "u000", "scores"), Some(Value::from_iter([("chess", Value::from(1500))])));
}
