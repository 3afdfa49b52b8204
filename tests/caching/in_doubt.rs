//! Writes whose answer was lost: nobody knows whether they were applied.

use structnosql::{CachingTable, FailureClass, Outcome as Became, Resolution, TableDataModel};

use crate::model::{User, paul, plain};
use crate::support::{Engine, Outcome, Probe, Step, caching};

/// Paul is stored and cached.
async fn stored() -> Outcome<(CachingTable<User, Engine>, Probe)> {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&paul()).await?;
    probe.take();
    Ok((users, probe))
}

#[tokio::test]
async fn a_lost_answer_is_reported_and_the_request_sent_again() -> Outcome {
    for lost in [Step::Lose, Step::Refuse(FailureClass::Interrupted)] {
        let (users, probe) = stored().await?;
        users.update_field("x42", User::fields().age(), 1).await?;
        probe.next([lost]);
        let error = users.commit_operations().await.unwrap_err();
        assert!(matches!(error.commit_report().unwrap().records[0].outcome, Became::InDoubt(_)));
        assert!(error.to_string().contains("x42: in doubt: answer lost"), "{error}");
        assert!(users.has_pending_operations());
        assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(1), "views are as they were");
        let plan = users.plan_commit();
        assert_eq!(
            plan.to_string(),
            "1 record, 1 request, 1 write unit at least; 1 record in doubt\
             \n  record  units  bytes  update\
             \n  x42        1+     16  in doubt, sent again: SET age=:v0"
        );
        let report = users.commit_operations().await?;
        assert!(report.records[0].resent);
        assert_eq!(probe.take(), ["update SET age=:v0"; 2]);
        assert_eq!(users.session().get_field("x42", User::fields().age()).await?, Some(1));
    }
    Ok(())
}

/// A position in a list may have become another one's: nothing at such a position is written twice.
#[tokio::test]
async fn what_would_do_harm_twice_is_not_sent_again() -> Outcome {
    for applied in [true, false] {
        let (users, probe) = stored().await?;
        users.delete_field("x42", User::fields().visited().index(0)).await?;
        probe.next([if applied { Step::Lose } else { Step::Refuse(FailureClass::Interrupted) }]);
        users.commit_operations().await.unwrap_err();
        probe.take();
        let error = users.commit_operations().await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "committed 0 of 1 records, requests: 0\n  x42: in doubt: record `x42` has a write in doubt, whose answer was \
             lost: sending it again cannot settle it; look at the record and call `resolve_in_doubt`"
        );
        assert_eq!(probe.count(), 0);
        let stored = users.session().get_field("x42", User::fields().visited()).await?.unwrap();
        users.resolve_in_doubt("x42", if applied { Resolution::Applied } else { Resolution::NotApplied });
        assert_eq!(stored.len(), if applied { 2 } else { 3 });
        assert_eq!(users.has_pending_operations(), !applied);
        assert_eq!(users.get_field("x42", User::fields().visited()).await?.unwrap(), ["Oslo", "Lima"]);
        users.commit_operations().await?;
        assert_eq!(users.session().get_field("x42", User::fields().visited()).await?.unwrap(), ["Oslo", "Lima"]);
    }
    Ok(())
}

#[tokio::test]
async fn later_changes_wait_behind_it() -> Outcome {
    let (users, probe) = stored().await?;
    users.delete_field("x42", User::fields().visited().index(0)).await?;
    probe.next([Step::Lose]);
    users.commit_operations().await.unwrap_err();
    users.update_field("x42", User::fields().age(), 5).await?;
    users.commit_operations().await.unwrap_err();
    assert_eq!(users.session().get_field("x42", User::fields().age()).await?, Some(36));
    users.resolve_in_doubt("x42", Resolution::Applied);
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", User::fields().age()).await?, Some(5));
    Ok(())
}

#[tokio::test]
async fn it_blocks_a_put_of_the_record_and_no_other() -> Outcome {
    let (users, probe) = stored().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    probe.next([Step::Lose]);
    users.commit_operations().await.unwrap_err();
    for error in [users.put_record(&paul()).await.unwrap_err(), users.delete_record("x42").await.unwrap_err()] {
        assert_eq!(
            error.to_string(),
            "record `x42` has a write in doubt, whose answer was lost: commit again to settle it"
        );
    }
    users.put_record(&plain("y1")).await?;
    users.commit_operations().await?;
    users.put_record(&paul()).await?;
    Ok(())
}

#[tokio::test]
async fn clearing_does_not_decide_it() -> Outcome {
    let (users, probe) = stored().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    probe.next([Step::Refuse(FailureClass::Interrupted)]);
    users.commit_operations().await.unwrap_err();
    users.clear_cached_data_and_pending_operations();
    assert!(users.has_pending_operations());
    assert_eq!(users.get_field("x42", User::fields().age()).await?, Some(36), "reads show the database");
    users.commit_operations().await?;
    assert_eq!(users.session().get_field("x42", User::fields().age()).await?, Some(1));
    Ok(())
}

/// The guard of the first request makes the second one fail: what it wrote is there.
#[tokio::test]
async fn a_guarded_write_that_was_applied_is_recognised() -> Outcome {
    let (users, probe) = caching::<User>().await?;
    users.put_record(&plain("y1")).await?;
    users.update_field("y1", User::fields().tokens().key("t").expiration_timestamp(), 5).await?;
    probe.next([Step::Lose]);
    users.commit_operations().await.unwrap_err();
    let report = users.commit_operations().await?;
    assert!(report.is_complete());
    assert_eq!(users.session().get_record("y1").await?.unwrap().tokens.unwrap()["t"].expiration_timestamp, 5);
    Ok(())
}

#[tokio::test]
async fn resolving_what_is_not_in_doubt_does_nothing() -> Outcome {
    let (users, _) = stored().await?;
    users.update_field("x42", User::fields().age(), 1).await?;
    users.resolve_in_doubt("x42", Resolution::Applied);
    users.resolve_in_doubt("nobody", Resolution::NotApplied);
    assert_eq!(users.pending_operations().len(), 1);
    users.commit_operations().await?;
    Ok(())
}
