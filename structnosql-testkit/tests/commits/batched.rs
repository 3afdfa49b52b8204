//! Several records in one request, each for itself.

use structnosql_core::{
    Carrier, CommitPlan, ConditionExt, FailureClass, FieldExt, Outcome, RecordPlan, TableDataModel, Value,
};

use structnosql_testkit::Fault;

use crate::model::{User, ids, sent, stored, unknown, value};

fn is_batched(record: &RecordPlan) -> bool {
    record.sent().next().is_some_and(|update| update.carrier == Carrier::Batch)
}

fn in_batches(plan: &CommitPlan) -> usize {
    plan.records.iter().filter(|record| is_batched(record)).count()
}

#[tokio::test]
async fn twenty_five_records_go_in_one_request() {
    for (count, requests) in [(24, 1), (25, 1), (26, 2), (60, 3)] {
        let ids = ids(count);
        let users = stored(&ids).await;
        for id in &ids {
            users.update_field(id, User::fields().name(), "Friday").await.unwrap();
            users.delete_field(id, User::fields().notes()).await.unwrap();
        }
        let plan = users.commit_operations().batched().plan();
        assert_eq!((plan.requests(), plan.write_units(), in_batches(&plan)), (requests, count as u64, count));
        assert!(plan.to_string().contains(&format!("{count} records in batches")), "{plan}");
        let report = users.commit_operations().batched().await.unwrap();
        assert_eq!((report.requests() as usize, report.records.len()), (requests, count));
        assert_eq!(sent(&users).len(), requests);
        assert!(!users.has_pending_operations());
        for id in &ids {
            assert_eq!((value(&users, id, "name"), value(&users, id, "notes")), (Some("Friday".into()), None));
            assert_eq!(users.get_field(id, User::fields().name()).await.unwrap().as_deref(), Some("Friday"));
        }
        assert!(sent(&users).is_empty());
    }
}

#[tokio::test]
async fn what_a_statement_cannot_do_goes_alone() {
    let users = stored(&ids(5)).await;
    let f = User::fields;
    users.update_field("u000", f().name(), "Friday").await.unwrap();
    users.update_multiple_fields("u001", [f().visits().increment(1), f().notes().append(["second"])]).await.unwrap();
    users.update_field("u002", f().notes().index(0), "changed").await.unwrap();
    users.update_field("u003", f().name(), "Friday").condition(f().name().begins_with("P")).await.unwrap();
    users.update_multiple_fields("u004", [f().scores().key("chess").set(1500)]).await.unwrap();
    users.clear_cached_data_for_record("u001"); // a counter that may not be there

    let plan = users.commit_operations().batched().plan();
    let together = plan.records.iter().filter(|record| is_batched(record)).map(|record| record.key.to_string());
    let together: Vec<String> = together.collect();
    assert_eq!(together, ["u000", "u004"]);
    assert_eq!(plan.requests(), 4);
    let report = users.commit_operations().batched().await.unwrap();
    assert_eq!((report.requests(), report.shared_requests), (4, 1));
    let mut lines = sent(&users);
    lines.sort();
    assert_eq!(
        lines,
        [
            r#"batch update: update users {"id": "u000"} SET name=:v0; update users {"id": "u004"} SET scores=:v0 IF attribute_not_exists(scores)"#,
            r#"update users {"id": "u001"} SET notes=list_append(if_not_exists(notes,:v0),:v1),visits=if_not_exists(visits,:v2)+:v3"#,
            r#"update users {"id": "u002"} SET notes[0]=:v0"#,
            r#"update users {"id": "u003"} SET name=:v0 IF begins_with(name,:v1)"#,
        ]
    );
    assert_eq!(value(&users, "u001", "visits"), Some(Value::from(8)));
}

/// A counter and a list that are known to be there grow in a batch.
#[tokio::test]
async fn what_is_known_to_be_there_may_grow_in_a_batch() {
    let users = stored(&ids(2)).await;
    let f = User::fields;
    for id in ids(2) {
        let changes = [f().visits().increment(1), f().notes().append(["second"]), f().tags().insert_into_set(["new"])];
        users.update_multiple_fields(&id, changes).await.unwrap();
    }
    let report = users.commit_operations().batched().await.unwrap();
    assert_eq!(report.requests(), 1);
    for id in ids(2) {
        assert_eq!(value(&users, &id, "visits"), Some(Value::from(8)));
        assert_eq!(value(&users, &id, "notes").unwrap().to_string(), r#"["first", "second"]"#);
    }
}

#[tokio::test]
async fn a_record_that_is_not_there_is_created_by_a_request_of_its_own() {
    let users = unknown(&stored(&ids(2)).await);
    let f = User::fields;
    for id in ["u000", "u001", "new"] {
        users.update_field(id, f().name(), "Friday").await.unwrap();
    }
    assert_eq!(users.commit_operations().batched().plan().requests(), 1, "nothing is known of any of them");
    let report = users.commit_operations().batched().await.unwrap();
    assert_eq!((report.requests(), report.shared_requests), (2, 1));
    assert_eq!(report.records.iter().map(|record| record.requests).collect::<Vec<_>>(), [1, 0, 0]);
    assert_eq!(value(&users, "new", "name"), Some("Friday".into()));
}

#[tokio::test]
async fn each_record_fails_for_itself() {
    let users = stored(&ids(3)).await;
    let f = User::fields;
    for (id, visits) in [("u000", 7), ("u001", 8), ("u002", 7)] {
        users.update_field(id, f().name(), "Friday").condition(f().visits().eq(visits)).await.unwrap();
    }
    assert_eq!(in_batches(&users.commit_operations().batched().plan()), 3);
    let error = users.commit_operations().batched().await.unwrap_err();
    let report = error.commit_report().unwrap();
    let committed: Vec<bool> =
        report.records.iter().map(|record| matches!(record.outcome, Outcome::Committed)).collect();
    assert_eq!(committed, [true, false, true]);
    let Outcome::Rejected(why) = &report.records[1].outcome else { panic!("{report}") };
    assert!(why.is_condition_failed());
    assert_eq!(users.pending_operations().len(), 1);
    assert_eq!(value(&users, "u001", "name"), Some("Paul".into()));
    assert_eq!(value(&users, "u002", "name"), Some("Friday".into()));
}

/// The plan was made for a map that is there; alone it is made again.
#[tokio::test]
async fn a_plan_that_does_not_fit_is_made_again_alone() {
    let users = unknown(&stored(&ids(2)).await);
    let f = User::fields;
    for id in ids(2) {
        users.update_field(&id, f().scores().key("chess"), 1500).await.unwrap();
    }
    let report = users.commit_operations().batched().await.unwrap();
    assert_eq!(report.records.iter().map(|record| record.replans).collect::<Vec<_>>(), [1, 1]);
    for id in ids(2) {
        assert_eq!(value(&users, &id, "scores"), Some(Value::from_iter([("chess", Value::from(1500))])));
    }
}

/// DynamoDB takes statements of 8,192 bytes.
#[tokio::test]
async fn a_statement_that_is_too_long_goes_alone() {
    let frame = r#"UPDATE "users" SET "scores".""=? WHERE "id"=?"#.len();
    for (length, fits) in [(8191, true), (8192, true), (8193, false)] {
        let users = stored(&ids(2)).await;
        let f = User::fields;
        for id in ids(2) {
            users.update_multiple_fields(&id, [f().scores().set([("chess", 1500)])]).await.unwrap();
        }
        users.commit_operations().await.unwrap();
        sent(&users);
        users.update_field("u000", f().scores().key("x".repeat(length - frame)), 1).await.unwrap();
        users.update_field("u001", f().scores().key("go"), 1).await.unwrap();
        let plan = users.commit_operations().batched().plan();
        assert_eq!((plan.requests(), in_batches(&plan)), if fits { (1, 2) } else { (2, 1) }, "{length}");
        let report = users.commit_operations().batched().await.unwrap();
        assert_eq!(report.requests() as usize, plan.requests());
        assert!(value(&users, "u000", "scores").unwrap().size() > length - frame);
    }
}

/// Its error stands at its statement, under the success of the request.
#[tokio::test]
async fn one_statement_fails_while_the_others_are_applied() {
    for (class, outcome, requests) in [
        (FailureClass::Throttled, "committed", 2),
        (FailureClass::Invalid, "committed", 2),
        (FailureClass::AccessDenied, "rejected", 1),
        (FailureClass::Interrupted, "in doubt", 1),
    ] {
        let users = stored(&ids(3)).await;
        for id in ids(3) {
            users.update_field(&id, User::fields().name(), "Friday").await.unwrap();
        }
        users.backend().script([Some(Fault::RefuseFirst(class))]);
        let committed = users.commit_operations().batched().await;
        let report = match &committed {
            Ok(report) => report,
            Err(error) => error.commit_report().unwrap(),
        };
        assert_eq!(report.requests(), requests, "{class}");
        assert!(report.records[0].outcome.to_string().starts_with(outcome), "{class}: {}", report.records[0].outcome);
        assert!(report.records[1..].iter().all(|record| matches!(record.outcome, Outcome::Committed)));
        let report = users.commit_operations().batched().await.unwrap();
        assert_eq!(report.records.len(), usize::from(committed.is_err()));
        assert_eq!(value(&users, "u000", "name"), Some("Friday".into()));
    }
}

/// More requests would not help a table that takes none.
#[tokio::test]
async fn a_batch_that_is_throttled_as_a_whole_is_not_sent_again_piece_by_piece() {
    let users = stored(&ids(25)).await;
    for id in ids(25) {
        users.update_field(&id, User::fields().name(), "Friday").await.unwrap();
    }
    users.backend().script([Some(Fault::Refuse(FailureClass::Throttled))]);
    let error = users.commit_operations().batched().await.unwrap_err();
    let report = error.commit_report().unwrap();
    assert_eq!((report.requests(), report.uncommitted().count()), (1, 25));
    assert_eq!(users.pending_operations().len(), 25);
    assert_eq!(users.commit_operations().batched().await.unwrap().requests(), 1);
}

/// What is left of it goes alone: of its kind, and no more.
#[tokio::test]
async fn a_batch_of_one_kind_leaves_the_other_pending() {
    let users = stored(&ids(1)).await;
    let f = User::fields;
    users.update_multiple_fields("u000", [f().notes().append(["z"]), f().notes().prepend(["a"])]).await.unwrap();
    users.delete_field("u000", f().notes().index(1)).await.unwrap();
    let plan = users.commit_update_operations().batched().plan();
    assert_eq!((plan.requests(), in_batches(&plan)), (2, 1));
    let report = users.commit_update_operations().batched().await.unwrap();
    assert_eq!((report.requests(), report.shared_requests), (2, 1));
    assert_eq!(value(&users, "u000", "notes").unwrap().to_string(), r#"["a", "first", "z"]"#);
    let left: Vec<_> = users.pending_operations().iter().map(|operation| operation.path.to_string()).collect();
    assert_eq!(left, ["notes[1]"]);
    users.commit_operations().await.unwrap();
    assert_eq!(value(&users, "u000", "notes").unwrap().to_string(), r#"["a", "z"]"#);
}

/// A batch takes the first update of a record that has nothing to settle before.
#[tokio::test]
async fn the_plan_says_what_goes_in_a_batch() {
    let users = stored(&ids(3)).await;
    let f = User::fields;
    users.update_field("u000", f().visits(), 1u64).await.unwrap();
    users.backend().script([Some(Fault::LoseAnswer)]);
    users.commit_operations().await.unwrap_err();
    for id in ids(3) {
        users.update_field(&id, f().name(), "Friday").await.unwrap();
    }
    users.update_multiple_fields("u001", [f().notes().append(["z"]), f().notes().prepend(["a"])]).await.unwrap();
    let plan = users.commit_operations().batched().plan();
    let carriers: Vec<Vec<Carrier>> = plan
        .records
        .iter()
        .map(|record| record.updates.as_ref().unwrap().iter().map(|update| update.carrier).collect())
        .collect();
    assert_eq!(carriers, [vec![Carrier::Update], vec![Carrier::Batch, Carrier::Update], vec![Carrier::Batch]]);
    let report = users.commit_operations().batched().await.unwrap();
    assert_eq!(plan.requests(), report.requests() as usize);
}
