//! Puts and deletes are sent at once, and drop what was pending for the record: it would overwrite or resurrect it.

use structnosql::{FailureClass, TableDataModel};

use crate::model::{User, paul, plain};
use crate::support::{Outcome, Step, caching};

#[tokio::test]
async fn a_put_drops_what_was_pending() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    users.delete_field("x42", User::fields().username()).await?;
    users.update_field("y1", User::fields().age(), 2).await?;
    users.put_record(&paul()).await?;
    assert_eq!(users.get_record("x42").await?, Some(paul()));
    assert_eq!(users.pending_for("x42").len(), 0);
    assert_eq!(users.pending_operations().len(), 1, "of the other record");
    users.commit_operations().await?;
    assert_eq!(probe.take(), ["put", "update SET age=:v0"]);
    Ok(())
}

#[tokio::test]
async fn a_put_drops_what_was_hidden_too() -> Outcome {
    let (users, _) = caching::<User>().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    users.clear_cached_data();
    users.put_record(&paul()).await?;
    assert!(!users.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn a_put_that_fails_drops_nothing() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    probe.next([Step::Refuse(FailureClass::Throttled)]);
    assert!(users.put_record(&paul()).await.unwrap_err().is_throttled());
    assert_eq!(users.pending_for("x42").len(), 1);
    assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(1));

    users.rollback();
    assert!(!users.has_pending_operations());
    assert_eq!(users.get_record("x42").await?, None);
    Ok(())
}

#[tokio::test]
async fn a_create_that_fails_drops_nothing() -> Outcome {
    let (users, _) = caching::<User>().await?;
    users.put_record(&plain("x42")).await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    assert!(users.create_record(&paul()).await.unwrap_err().is_condition_failed());
    assert_eq!(users.get_record("x42").await?, Some(User { age: 1, ..plain("x42") }));
    users.commit_operations().await?;
    users.clear_cached_data();
    assert_eq!(users.get_record("x42").await?, Some(User { age: 1, ..plain("x42") }));
    Ok(())
}

#[tokio::test]
async fn a_record_that_is_not_sent_drops_nothing() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    let too_large = User { username: Some("x".repeat(450 * 1024)), ..paul() };
    assert!(users.put_record(&too_large).await.unwrap_err().is_too_large());
    assert!(users.has_pending_operations());
    assert_eq!(probe.count(), 0);
    Ok(())
}

#[tokio::test]
async fn a_delete_drops_what_was_pending() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    users.delete_record("x42").await?;
    assert!(!users.has_pending_operations());
    assert_eq!(users.get_record("x42").await?, None);
    users.commit_operations().await?;
    assert_eq!(probe.take(), ["put", "delete"]);
    users.clear_cached_data();
    assert_eq!(users.get_record("x42").await?, None);
    Ok(())
}

#[tokio::test]
async fn a_removed_record_is_what_was_stored_not_what_was_pending() -> Outcome {
    let (users, _) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    assert_eq!(users.remove_record("x42").await?, Some(paul()));
    assert!(!users.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn changes_pended_while_the_put_is_under_way_survive_it() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.update_field("x42", f().username(), "before").await?;
    let record = paul();
    let hold = probe.hold();
    let put = async { users.put_record(&record).await };
    let meanwhile = async {
        hold.reached().await;
        users.update_field("x42", f().age(), 99).await?;
        hold.release();
        Ok::<_, structnosql::Error>(())
    };
    let (put, pended) = tokio::join!(put, meanwhile);
    put?;
    pended?;
    let expected = User { age: 99, ..paul() };
    assert_eq!(users.get_record("x42").await?, Some(expected.clone()));
    users.commit_operations().await?;
    users.clear_cached_data();
    assert_eq!(users.get_record("x42").await?, Some(expected));
    Ok(())
}

#[tokio::test]
async fn a_put_whose_answer_is_lost_leaves_the_record_to_be_read_again() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&plain("x42")).await?;
    users.update_field("x42", User::fields().username(), "pending").await?;
    probe.next([Step::Lose]);
    let error = users.put_record(&paul()).await.unwrap_err();
    assert!(error.may_be_applied());
    assert_eq!(users.pending_for("x42").len(), 1, "it is not certain that they are obsolete");
    assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(36));
    Ok(())
}

#[tokio::test]
async fn a_put_that_is_dropped_half_way_leaves_the_record_to_be_read_again() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&plain("x42")).await?;
    let record = paul();
    let hold = probe.hold_answer();
    tokio::select! {
        biased;
        _ = users.put_record(&record) => unreachable!("it is held up"),
        () = hold.reached() => {}
    }
    assert_eq!(users.get_record("x42").await?, Some(paul()));
    Ok(())
}
