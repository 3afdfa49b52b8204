//! Committing: what is sent, and what becomes of it.

use structnosql::{FailureClass, FieldExt, Outcome as Became, TableDataModel};

use crate::model::{User, paul, plain};
use crate::support::{Outcome, Step, caching};

#[tokio::test]
async fn one_update_a_record_with_everything_in_it() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    users.update_field("x42", f().age(), 1).await?;
    users.delete_field("x42", f().username()).await?;
    users.update_field("x42", f().home().street(), "Main Street").await?;
    users.delete_field("x42", f().tokens().key("t32")).await?;
    users.update_field("y1", f().age(), 2).await?;
    probe.take();
    let report = users.commit_operations().await?;
    assert_eq!(probe.take(), ["update SET age=:v0,home.street=:v1 REMOVE tokens.t32,username", "update SET age=:v0"]);
    assert_eq!(report.to_string(), "committed 2 of 2 records, requests: 2");
    assert!(report.is_complete());
    assert!(!users.has_pending_operations());
    Ok(())
}

/// With no other writer, what reads show before a commit is what the database has after it.
#[tokio::test]
async fn reads_are_the_same_before_and_after() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    users.update_field("x42", f().tokens().key("new").expiration_timestamp(), 1).await?;
    users.delete_field("x42", f().home().post_code()).await?;
    users.update_field("x42", f().visited().index(1), "Bern").await?;
    users.delete_field("x42", f().visited().index(0)).await?;
    let before = users.get_record("x42").await?;
    users.commit_operations().await?;
    probe.take();
    assert_eq!(users.get_record("x42").await?, before);
    assert_eq!(probe.count(), 0, "what was committed is known");
    users.clear_cached_data();
    assert_eq!(users.get_record("x42").await?, before);
    Ok(())
}

#[tokio::test]
async fn nothing_pending_sends_nothing() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    assert!(users.commit_operations().await?.records.is_empty());
    users.update_field("x42", User::fields().age(), 1).await?;
    users.commit_operations().await?;
    users.commit_operations().await?;
    assert_eq!(probe.count(), 1);
    Ok(())
}

#[tokio::test]
async fn updates_alone_and_removals_alone() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    probe.take();
    users.update_multiple_fields("x42", [f().age().set(1), f().username().remove()]).await?;
    users.commit_update_operations().await?;
    assert_eq!(probe.take(), ["update SET age=:v0"]);
    assert!(!users.has_pending_update_operations() && users.has_pending_remove_operations());
    assert_eq!(users.get_record("x42").await?, Some(User { age: 1, username: None, ..paul() }));

    users.update_field("x42", f().age(), 2).await?;
    users.commit_remove_operations().await?;
    assert_eq!(probe.take(), ["update REMOVE username"]);
    assert!(users.has_pending_update_operations() && !users.has_pending_remove_operations());
    users.commit_operations().await?;
    assert_eq!(users.session().get_record("x42").await?, Some(User { age: 2, username: None, ..paul() }));
    Ok(())
}

#[tokio::test]
async fn one_record_alone() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    users.update_field("y1", User::fields().age(), 2).await?;
    let report = users.commit_record("x42").await?;
    assert_eq!((report.records.len(), probe.count()), (1, 1));
    assert_eq!(users.pending_operations()[0].key.to_string(), "y1");
    assert!(users.commit_record("nobody").await?.records.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_failed_commit_leaves_everything_as_it_was_and_says_why() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    users.update_multiple_fields("x42", [f().age().set(1), f().username().remove()]).await?;
    let (view, plan) = (users.get_record("x42").await?, users.plan_commit().to_string());
    probe.take();
    probe.next([Step::Refuse(FailureClass::AccessDenied)]);
    let error = users.commit_operations().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "committed 0 of 1 records, requests: 1\n  x42: rejected, still pending: access denied: so the test says"
    );
    let report = error.commit_report().unwrap();
    assert!(matches!(&report.records[0].outcome, Became::Rejected(why) if why.is_access_denied()));
    assert_eq!((users.get_record("x42").await?, users.plan_commit().to_string()), (view, plan));
    assert_eq!(users.pending_operations().len(), 2);
    users.commit_operations().await?;
    assert_eq!(users.session().get_record("x42").await?, Some(User { age: 1, username: None, ..paul() }));
    Ok(())
}

#[tokio::test]
async fn one_record_s_failure_does_not_stop_the_others() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    for id in ["a", "b", "c"] {
        users.update_field(id, User::fields().age(), 1).await?;
    }
    probe.next([Step::Pass, Step::Refuse(FailureClass::Throttled)]);
    let error = users.commit_operations().await.unwrap_err();
    let report = error.commit_report().unwrap();
    assert_eq!((report.committed().count(), report.uncommitted().count(), report.requests()), (2, 1, 3));
    let failed = report.uncommitted().next().unwrap().key.to_string();
    assert_eq!(users.pending_operations().len(), 1);
    assert_eq!(users.pending_operations()[0].key.to_string(), failed);
    Ok(())
}

#[tokio::test]
async fn what_never_left_is_told_apart() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.update_field("a", User::fields().age(), 1).await?;
    probe.next([Step::Refuse(FailureClass::NotSent)]);
    let error = users.commit_operations().await.unwrap_err();
    assert!(matches!(error.commit_report().unwrap().records[0].outcome, Became::NotSent(_)));
    assert!(users.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn many_records() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    for number in 0..100 {
        users.update_field(format!("user-{number}"), User::fields().age(), number).await?;
    }
    let report = users.commit_operations().await?;
    assert_eq!((report.records.len(), probe.count()), (100, 100));
    assert_eq!(users.session().get_field("user-77", User::fields().age()).await?, Some(77));
    Ok(())
}

#[tokio::test]
async fn if_exists_means_the_stored_record_at_commit() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&plain("y1")).await?;
    probe.take();
    users.update_field("y1", User::fields().age(), 1).if_exists().await?;
    users.delete_field("nobody", User::fields().username()).if_exists().await?;
    users.session().delete_record("y1").await?;
    let error = users.commit_operations().await.unwrap_err();
    let report = error.commit_report().unwrap();
    assert_eq!(report.uncommitted().count(), 2);
    for record in report.uncommitted() {
        assert!(matches!(&record.outcome, Became::Rejected(why) if why.is_condition_failed()), "{record:?}");
    }
    assert_eq!(users.session().get_record("y1").await?, None);
    Ok(())
}

/// Nothing has to be sent for a removal from a record that is known to be absent: the condition fails all the same.
#[tokio::test]
async fn if_exists_fails_where_the_record_has_been_read_as_absent_meanwhile() -> Outcome {
    let (users, _) = caching::<User>().await?;
    users.delete_field("nobody", User::fields().username()).if_exists().await?;
    assert_eq!(users.get_record("nobody").await?, None);
    let error = users.commit_operations().await.unwrap_err();
    assert!(
        matches!(&error.commit_report().unwrap().records[0].outcome, Became::Rejected(why) if why.is_condition_failed())
    );
    Ok(())
}
