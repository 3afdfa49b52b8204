//! What happens while a commit is under way.

use structnosql::{CachingTable, FailureClass, FieldExt, TableDataModel};

use crate::model::{Token, User, paul, plain};
use crate::support::{Engine, Hold, Outcome, Probe, Step, caching};

/// Paul is stored and cached, and an age is pending.
async fn pending() -> Outcome<(CachingTable<User, Engine>, Probe)> {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    probe.take();
    Ok((users, probe))
}

/// Commits; once the commit's request is there, does what `meanwhile` says, and lets the request go.
async fn during_commit(
    users: &CachingTable<User, Engine>,
    hold: Hold,
    meanwhile: impl AsyncFnOnce() -> Outcome,
) -> Outcome<structnosql::Result<structnosql::CommitReport>> {
    let meanwhile = async {
        hold.reached().await;
        let done = meanwhile().await;
        hold.release();
        done
    };
    let (committed, done) = tokio::join!(users.commit_operations(), meanwhile);
    done?;
    Ok(committed)
}

#[tokio::test]
async fn what_is_pended_meanwhile_is_pending_afterwards() -> Outcome {
    let (users, probe) = pending().await?;
    let f = User::fields;
    let committed = during_commit(&users, probe.hold(), async || {
        users.update_field("x42", f().age(), 2).await?;
        users.delete_field("x42", f().username()).await?;
        assert_eq!(users.get_field("x42", f().age()).await?, Some(2));
        assert_eq!(users.pending_operations().len(), 3, "what is in flight counts");
        Ok(())
    })
    .await?;
    assert_eq!(committed?.records.len(), 1);
    assert_eq!(users.pending_operations().len(), 2);
    assert_eq!(users.get_field("x42", f().age()).await?, Some(2));
    assert_eq!(users.session().get_field("x42", f().age()).await?, Some(1));
    users.commit_operations().await?;
    assert_eq!(users.session().get_record("x42").await?, Some(User { age: 2, username: None, ..paul() }));
    Ok(())
}

#[tokio::test]
async fn what_is_pended_meanwhile_stays_newer_if_the_commit_fails() -> Outcome {
    let (users, probe) = pending().await?;
    let f = User::fields;
    let hold = Hold::default();
    // The first update is held up; then it turns out that it is refused.
    users.delete_field("nobody", f().username()).if_exists().await?;
    let nobody = users.pending_for("nobody").len();
    assert_eq!(nobody, 1);
    users.rollback_record("nobody");
    users.update_field("x42", f().username(), "first").if_exists().await?;
    users.session().delete_record("x42").await?;
    probe.next([Step::Hold(hold.clone())]);
    let committed = during_commit(&users, hold, async || {
        users.update_field("x42", f().username(), "second").await?;
        Ok(())
    })
    .await?;
    assert!(committed.is_err());
    assert_eq!(users.get_field("x42", f().username()).await?.as_deref(), Some("second"));
    assert_eq!(users.get_field("x42", f().age()).await?, Some(1));
    assert_eq!(users.pending_operations().len(), 2);
    Ok(())
}

#[tokio::test]
async fn is_in_flight_counts_as_pending() -> Outcome {
    let (users, probe) = pending().await?;
    let committed = during_commit(&users, probe.hold(), async || {
        assert!(users.has_pending_operations() && users.has_pending_update_operations());
        assert!(!users.has_pending_remove_operations());
        assert!(users.plan_commit().is_empty(), "what is sent is not sent again");
        Ok(())
    })
    .await?;
    committed?;
    assert!(!users.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn a_read_of_what_is_not_known_waits_for_the_commit() -> Outcome {
    let (users, probe) = pending().await?;
    users.refresh();
    let f = User::fields;
    let hold = probe.hold();
    let read = async {
        hold.reached().await;
        let (name, ()) = tokio::join!(users.get_field("x42", f().username()), async { hold.release() });
        name
    };
    let (committed, name) = tokio::join!(users.commit_operations(), read);
    committed?;
    assert_eq!(name?.as_deref(), Some("Paul"));
    assert_eq!(probe.take(), ["update SET age=:v0", "get SELECT id,username"]);
    Ok(())
}

#[tokio::test]
async fn another_record_does_not_wait() -> Outcome {
    let (users, probe) = pending().await?;
    let committed = during_commit(&users, probe.hold(), async || {
        assert_eq!(users.get_record("y1").await?, None);
        users.put_record(&plain("y1")).await?;
        Ok(())
    })
    .await?;
    committed?;
    Ok(())
}

#[tokio::test]
async fn clearing_pending_operations_does_not_stop_it() -> Outcome {
    let (users, probe) = pending().await?;
    let f = User::fields;
    let committed = during_commit(&users, probe.hold(), async || {
        users.update_field("x42", f().username(), "later").await?;
        users.clear_pending_operations();
        Ok(())
    })
    .await?;
    assert!(committed?.is_complete());
    assert!(!users.has_pending_operations());
    assert_eq!(users.session().get_record("x42").await?, Some(User { age: 1, ..paul() }));
    assert_eq!(users.get_field("x42", f().username()).await?.as_deref(), Some("later"), "as reads showed");
    Ok(())
}

#[tokio::test]
async fn cleared_operations_are_not_restored_by_a_failure() -> Outcome {
    let (users, probe) = pending().await?;
    let f = User::fields;
    users.update_field("x42", f().age(), 1).if_exists().await?;
    users.session().delete_record("x42").await?;
    let committed = during_commit(&users, probe.hold(), async || {
        users.clear_pending_operations();
        Ok(())
    })
    .await?;
    assert_eq!(committed.unwrap_err().commit_report().unwrap().uncommitted().count(), 1, "it is reported");
    assert!(!users.has_pending_operations());
    assert_eq!(users.get_field("x42", f().age()).await?, Some(1), "as reads showed");
    users.rollback();
    assert!(!users.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn a_rollback_meanwhile_drops_what_was_not_sent() -> Outcome {
    let (users, probe) = pending().await?;
    let f = User::fields;
    let committed = during_commit(&users, probe.hold(), async || {
        users.update_field("x42", f().username(), "later").await?;
        users.rollback();
        assert_eq!(users.get_field("x42", f().username()).await?.as_deref(), Some("Paul"));
        Ok(())
    })
    .await?;
    committed?;
    assert!(!users.has_pending_operations());
    let record = users.get_record("x42").await?;
    assert_eq!(record, users.session().get_record("x42").await?);
    assert_eq!(record, Some(User { age: 1, ..paul() }));
    Ok(())
}

#[tokio::test]
async fn clearing_the_cache_hides_it_and_forgets_what_it_wrote() -> Outcome {
    let (users, probe) = pending().await?;
    let f = User::fields;
    let committed = during_commit(&users, probe.hold_answer(), async || {
        users.clear_cached_data();
        Ok(())
    })
    .await?;
    committed?;
    probe.take();
    let age = users.debug().get_field("x42", f().age()).await?;
    assert_eq!((age.value, age.from_cache()), (Some(1), false));
    Ok(())
}

#[tokio::test]
async fn two_commits_at_once_send_everything_once() -> Outcome {
    let (users, probe) = pending().await?;
    users.update_field("y1", User::fields().age(), 2).await?;
    let (one, two) = tokio::join!(users.commit_operations(), users.commit_operations());
    assert_eq!(one?.records.len() + two?.records.len(), 2);
    assert_eq!(probe.count(), 2);
    Ok(())
}

#[tokio::test]
async fn a_put_meanwhile_comes_after_it() -> Outcome {
    let (users, probe) = pending().await?;
    let record = User { age: 50, ..paul() };
    let hold = probe.hold();
    let put = async {
        hold.reached().await;
        let (put, ()) = tokio::join!(users.put_record(&record), async { hold.release() });
        put
    };
    let (committed, put) = tokio::join!(users.commit_operations(), put);
    committed?;
    put?;
    assert_eq!(probe.take(), ["update SET age=:v0", "put"]);
    assert_eq!(users.get_record("x42").await?, Some(record));
    assert!(!users.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn dropped_before_anything_was_sent_it_leaves_everything_pending() -> Outcome {
    let (users, probe) = pending().await?;
    drop(users.commit_operations());
    assert_eq!(users.pending_operations().len(), 1);
    assert_eq!(probe.count(), 0);
    users.commit_operations().await?;
    assert_eq!(probe.count(), 1);
    Ok(())
}

/// Of a request that was sent nobody knows what became of it. It is sent again, where that does no harm.
#[tokio::test]
async fn dropped_half_way_it_loses_nothing() -> Outcome {
    for applied in [true, false] {
        let (users, probe) = pending().await?;
        let f = User::fields;
        let hold = if applied { probe.hold_answer() } else { probe.hold() };
        tokio::select! {
            biased;
            _ = users.commit_operations() => unreachable!("it is held up"),
            () = hold.reached() => {}
        }
        assert!(users.has_pending_operations());
        users.update_field("x42", f().tokens().key("new"), Token { expiration_timestamp: 5 }).await?;
        assert_eq!(users.get_field("x42", f().age()).await?, Some(1));
        probe.take();
        let report = users.commit_operations().await?;
        assert!(report.records[0].resent);
        assert_eq!(probe.take(), ["update SET age=:v0", "update SET tokens.new=:v0"]);
        assert!(!users.has_pending_operations());
        let stored = users.session().get_record("x42").await?.unwrap();
        assert_eq!((stored.age, stored.tokens.unwrap()["new"].expiration_timestamp), (1, 5));
    }
    Ok(())
}

#[tokio::test]
async fn of_several_records_a_dropped_commit_loses_nothing() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    for id in ["a", "b", "c"] {
        users.update_field(id, User::fields().age(), 1).await?;
    }
    let hold = Hold::default();
    probe.next([Step::Pass, Step::HoldAnswer(hold.clone()), Step::Pass]);
    tokio::select! {
        biased;
        _ = users.commit_operations() => unreachable!("one is held up"),
        () = hold.reached() => {}
    }
    users.commit_operations().await?;
    for id in ["a", "b", "c"] {
        assert_eq!(users.session().get_field(id, User::fields().age()).await?, Some(1));
    }
    assert!(!users.has_pending_operations());
    Ok(())
}

#[tokio::test]
async fn a_read_that_is_dropped_half_way_holds_nobody_up() -> Outcome {
    let (users, probe) = pending().await?;
    users.clear_cached_data();
    let hold = probe.hold();
    tokio::select! {
        biased;
        _ = users.get_record("x42") => unreachable!("it is held up"),
        () = hold.reached() => {}
    }
    assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(36));
    users.commit_operations().await?;
    Ok(())
}

#[tokio::test]
async fn a_failed_class_does_not_poison_the_record() -> Outcome {
    let (users, probe) = pending().await?;
    for class in [FailureClass::Throttled, FailureClass::Conflict, FailureClass::Invalid, FailureClass::TooLarge] {
        probe.next([Step::Refuse(class)]);
        users.commit_operations().await.unwrap_err();
        assert_eq!(users.pending_operations().len(), 1, "{class}");
    }
    users.update_multiple_fields("x42", [User::fields().username().remove()]).await?;
    users.commit_operations().await?;
    assert_eq!(users.session().get_record("x42").await?, Some(User { age: 1, username: None, ..paul() }));
    Ok(())
}

#[tokio::test]
async fn dropped_while_it_reads_why_an_update_was_refused_it_leaves_nothing_in_doubt() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&plain("y1")).await?;
    users.clear_cached_data();
    users.update_field("y1", f().tokens().key("t").expiration_timestamp(), 5).await?;
    let hold = Hold::default();
    probe.next([Step::Pass, Step::Hold(hold.clone())]);
    tokio::select! {
        biased;
        _ = users.commit_operations() => unreachable!("it is held up"),
        () = hold.reached() => {}
    }
    assert_eq!(users.pending_operations().len(), 1);
    let report = users.commit_operations().await?;
    assert!(!report.records[0].resent);
    assert_eq!(users.session().get_field("y1", f().tokens()).await?.unwrap()["t"], Token { expiration_timestamp: 5 });
    Ok(())
}

#[tokio::test]
async fn what_was_hidden_meanwhile_stays_hidden_if_the_commit_fails() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    let f = User::fields;
    users.put_record(&paul()).await?;
    users.update_field("x42", f().age(), 1).await?;
    let hold = Hold::default();
    probe.next([Step::Hold(hold.clone())]);
    let meanwhile = async {
        hold.reached().await;
        users.clear_cached_data();
        users.session().delete_record("x42").await?;
        hold.release();
        Ok::<_, structnosql::Error>(())
    };
    users.update_field("x42", f().age(), 1).if_exists().await?;
    let (committed, done) = tokio::join!(users.commit_operations(), meanwhile);
    done?;
    assert!(committed.is_err());
    assert!(users.has_pending_operations());
    assert_eq!(users.get_record("x42").await?, None);
    users.refresh();
    assert_eq!(users.get_field("x42", f().age()).await?, Some(1));
    Ok(())
}
