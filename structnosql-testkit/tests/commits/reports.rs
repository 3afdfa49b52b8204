//! What a commit reports where writes were in doubt before it: what was sent again, and what was left behind.

use structnosql_core::{Change, CommitReport, ConditionExt, FailureClass, FieldExt, Outcome, TableDataModel};
use structnosql_testkit::Fault;

use crate::model::{Mode, User, Users, ids, stored, value};

/// Leaves a change of a record in doubt, which was applied.
async fn lose(users: &Users, id: &str, change: Change<User>) {
    users.update_multiple_fields(id, [change]).await.unwrap();
    users.backend().script([Some(Fault::LoseAnswer)]);
    users.commit_record(id).await.unwrap_err();
}

/// Of each record its key, what became of it in a word, and whether it was sent again.
fn told(report: &CommitReport) -> Vec<(String, &'static str, bool)> {
    let word = |outcome: &Outcome| match outcome {
        Outcome::Committed => "committed",
        Outcome::Rejected(_) => "rejected",
        Outcome::NotSent(_) => "not sent",
        Outcome::InDoubt(_) => "in doubt",
    };
    report.records.iter().map(|record| (record.key.to_string(), word(&record.outcome), record.resent)).collect()
}

fn expected(records: &[(&str, &'static str, bool)]) -> Vec<(String, &'static str, bool)> {
    records.iter().map(|(id, word, resent)| ((*id).to_owned(), *word, *resent)).collect()
}

#[tokio::test]
async fn what_was_in_doubt_says_that_it_was_sent_again() {
    for mode in [Mode::Plain, Mode::Atomic] {
        let users = stored(&ids(3)).await;
        let f = User::fields;
        lose(&users, "u000", f().visits().set(1u64)).await;
        lose(&users, "u001", f().visits().set(1u64)).await;
        users.update_field("u001", f().name(), "Friday").await.unwrap();
        users.update_field("u002", f().name(), "Friday").await.unwrap();
        let report = mode.commit(&users).await.unwrap();
        let all = [("u000", "committed", true), ("u001", "committed", true), ("u002", "committed", false)];
        assert_eq!(told(&report), expected(&all), "{mode:?}");
    }
}

/// A write that is still in doubt is in the way of a transaction; what else was in doubt is settled.
#[tokio::test]
async fn each_record_that_a_transaction_left_behind_says_why() {
    let users = stored(&ids(5)).await;
    let f = User::fields;
    lose(&users, "u000", f().visits().set(1u64)).await;
    lose(&users, "u001", f().visits().set(1u64)).await;
    lose(&users, "u002", f().visits().set(1u64)).await;
    users.delete_field("u002", f().name()).await.unwrap();
    users.delete_field("u003", f().name()).await.unwrap();
    users.update_field("u004", f().name(), "Friday").await.unwrap();
    users.backend().script([Some(Fault::LoseAnswer)]);
    let error = users.commit_remove_operations().atomic().await.unwrap_err();
    let left = [
        ("u000", "in doubt", true),
        ("u001", "committed", true),
        ("u002", "not sent", true),
        ("u003", "not sent", false),
    ];
    assert_eq!(told(error.commit_report().unwrap()), expected(&left));
}

#[tokio::test]
async fn a_transaction_that_was_sent_again_is_told_of_its_own_records() {
    let users = stored(&ids(3)).await;
    let f = User::fields;
    for id in ["u000", "u001"] {
        users.update_multiple_fields(id, [f().visits().increment(1u64)]).await.unwrap();
    }
    users.backend().script([Some(Fault::LoseAnswer)]);
    users.commit_operations().atomic().await.unwrap_err();
    users.update_field("u001", f().name(), "Friday").await.unwrap();
    users.update_field("u002", f().name(), "Friday").await.unwrap();
    let before = users.cache_statistics().write_requests;
    let report = users.commit_operations().await.unwrap();
    let all = [("u000", "committed", true), ("u001", "committed", true), ("u002", "committed", false)];
    assert_eq!(told(&report), expected(&all));
    assert_eq!((users.cache_statistics().write_requests - before, report.requests()), (3, 3));
}

/// It was never applied, and its changes were cleared while it was in doubt: nothing is left to report.
#[tokio::test]
async fn a_transaction_that_was_not_applied_and_is_cleared_is_not_told_as_committed() {
    let users = stored(&ids(2)).await;
    let f = User::fields;
    for id in ["u000", "u001"] {
        let call = users.update_multiple_fields(id, [f().visits().increment(1u64)]);
        call.condition(f().name().eq("Paul")).await.unwrap();
    }
    users.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    users.commit_operations().atomic().await.unwrap_err();
    users.clear_pending_operations();
    let other = users.session();
    other.update_field("u000", f().name(), "Friday").await.unwrap();
    other.commit_operations().await.unwrap();
    let report = users.commit_operations().await.unwrap();
    assert_eq!((told(&report), report.requests()), (expected(&[]), 1));
    assert_eq!(value(&users, "u001", "visits"), Some(7.into()));
}

/// A guard that fails since the lost request was applied tells that it was.
#[tokio::test]
async fn what_is_there_already_is_settled_without_being_written_again() {
    let users = stored(&ids(1)).await;
    lose(&users, "u000", User::fields().scores().key("chess").set(1)).await;
    let report = users.commit_operations().await.unwrap();
    assert_eq!(told(&report), expected(&[("u000", "committed", true)]));
    // The request once more, with the stored item in its refusal.
    assert_eq!(report.requests(), 1);
    assert!(!users.has_pending_operations());
}

#[tokio::test]
async fn what_fails_as_a_whole_is_not_sent_again_by_itself() {
    for (class, word) in [(FailureClass::Throttled, "rejected"), (FailureClass::NotSent, "not sent")] {
        for mode in [Mode::Plain, Mode::Atomic, Mode::Batched] {
            let users = stored(&ids(2)).await;
            let f = User::fields;
            for id in ["u000", "u001"] {
                users.update_field(id, f().name(), "Friday").await.unwrap();
            }
            let (requests, sent) = (users.backend().requests(), users.cache_statistics().write_requests);
            users.backend().script([Some(Fault::Refuse(class)), Some(Fault::Refuse(class))]);
            let error = mode.commit(&users).await.unwrap_err();
            let report = error.commit_report().unwrap();
            assert_eq!(told(report), expected(&[("u000", word, false), ("u001", word, false)]), "{mode:?}");
            let requests = users.backend().requests() - requests;
            assert_eq!(requests, if mode == Mode::Plain { 2 } else { 1 }, "{mode:?} {class}");
            let counted = (u64::from(report.requests()), users.cache_statistics().write_requests - sent);
            assert_eq!(counted, (requests, requests), "{mode:?} {class}");
        }
    }
}

/// A transaction goes again as a whole, and only a refusal of it says that it was never applied.
#[tokio::test]
async fn a_transaction_stays_in_doubt_until_the_database_has_answered() {
    let faults = [Fault::LoseAnswer, Fault::Refuse(FailureClass::Throttled), Fault::Refuse(FailureClass::NotSent)];
    for fault in faults {
        let users = stored(&ids(2)).await;
        let f = User::fields;
        users.update_multiple_fields("u000", [f().visits().increment(1u64)]).await.unwrap();
        users.update_field("u001", f().visits(), 9u64).await.unwrap();
        users.backend().script([Some(Fault::LoseAnswer)]);
        users.commit_operations().atomic().await.unwrap_err();
        let before = users.backend().requests();
        users.backend().script([Some(fault)]);
        let error = users.commit_operations().await.unwrap_err();
        let report = error.commit_report().unwrap();
        assert_eq!(told(report), expected(&[("u000", "in doubt", true), ("u001", "in doubt", true)]), "{fault:?}");
        assert_eq!(users.backend().requests() - before, 1, "{fault:?}");
        users.commit_operations().await.unwrap();
        assert_eq!(value(&users, "u000", "visits"), Some(8.into()), "{fault:?}");
    }
}
