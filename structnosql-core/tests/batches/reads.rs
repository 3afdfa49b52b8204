//! `get_records`.

use std::sync::Arc;

use structnosql_core::{FailureClass, TableDataModel};
use tokio::sync::Notify;

use crate::busy::Step;
use crate::{Outcome, Part, part, parts};

#[tokio::test]
async fn records_come_in_the_order_of_the_keys_each_as_often_as_it_is_named() -> Outcome {
    let (caching, basic) = parts(5).await?;
    let expected = [Some(part(3)), None, Some(part(0)), Some(part(3)), None];
    assert_eq!(basic.get_records([3, 77, 0, 3, 77]).await?, expected);
    assert_eq!(basic.backend().requests(), 1);
    assert_eq!(caching.get_records(vec![3_u32, 77, 0, 3, 77]).await?, expected);
    assert_eq!(caching.get_records([part(4).key()?]).await?, [Some(part(4))]);
    assert_eq!(caching.get_records(Vec::<u32>::new()).await?, []);
    assert_eq!(basic.backend().requests(), 3);
    Ok(())
}

#[tokio::test]
async fn a_request_takes_a_hundred() -> Outcome {
    let (caching, basic) = parts(3).await?;
    for (keys, requests) in [(99, 1), (100, 1), (101, 2), (950, 10)] {
        basic.backend().reset();
        assert_eq!(basic.get_records(0..keys).await?.len(), keys as usize);
        assert_eq!(basic.backend().requests(), requests, "{keys} keys");
        basic.backend().reset();
        caching.clear_cached_data();
        assert_eq!(caching.get_records(0..keys).await?.iter().flatten().count(), 3);
        assert_eq!(basic.backend().requests(), requests, "{keys} keys");
    }
    Ok(())
}

#[tokio::test]
async fn a_caching_table_asks_for_what_it_does_not_know() -> Outcome {
    let (caching, basic) = parts(10).await?;
    caching.get_records(0..5).await?;
    caching.get_field(7, Part::fields().name()).await?; // known in part
    caching.update_field(1, Part::fields().weight(), 9).await?;
    basic.backend().reset();
    let found = caching.get_records([1, 2, 7, 8, 99]).await?;
    assert_eq!(found[0], Some(Part { weight: Some(9), ..part(1) }));
    assert_eq!(found[2..4], [Some(part(7)), Some(part(8))]);
    let asked: Vec<String> = basic.backend().log().iter().map(ToString::to_string).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    // All of it is known now, also that there is none.
    assert_eq!(caching.get_records([99, 8, 1]).await?[0], None);
    assert_eq!(caching.get_record(7).await?, Some(part(7)));
    assert_eq!(basic.backend().requests(), 1);
    caching.rollback();
    Ok(())
}

#[tokio::test]
async fn what_is_left_is_asked_for_again() -> Outcome {
    let (caching, basic) = parts(10).await?;
    let busy = caching.backend().inner();
    busy.next([Step::Only(4), Step::Only(0), Step::Only(3)]);
    let found = caching.get_records(0..10).await?;
    assert_eq!(found, (0..10).map(|id| Some(part(id))).collect::<Vec<_>>());
    assert_eq!(basic.backend().requests(), 4);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn answer_after_answer_that_does_nothing_is_an_error_that_says_what_is_left() -> Outcome {
    let (caching, basic) = parts(4).await?;
    let busy = caching.backend().inner();
    busy.next([Step::Only(1), Step::Only(0), Step::Only(1)].into_iter().chain((0..8).map(|_| Step::Only(0))));
    let error = caching.get_records([0, 1, 2, 3]).await.unwrap_err();
    let report = error.batch_report().unwrap();
    assert_eq!(report.processed, 2);
    let left: Vec<String> = report.remaining.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(left, ["2", "3"]);
    assert!(error.is_throttled());
    assert_eq!(
        error.to_string(),
        "2 of 4 records were left; `2`: throttled: the database left them undone 8 times in a row"
    );
    assert_eq!(basic.backend().requests(), 11);
    // What was read is kept.
    caching.get_records([0, 1]).await?;
    assert_eq!(basic.backend().requests(), 11);
    assert_eq!(caching.get_records([0, 1, 2, 3]).await?.iter().flatten().count(), 4);
    Ok(())
}

#[tokio::test]
async fn a_failure_that_lasts_ends_the_batch() -> Outcome {
    let (caching, basic) = parts(1).await?;
    caching.backend().inner().next([Step::Fail(FailureClass::AccessDenied)]);
    let error = caching.get_records(0..5_000).await.unwrap_err();
    assert!(error.is_access_denied());
    let report = error.batch_report().unwrap();
    // The chunks that were begun with the first one still go through.
    assert!(basic.backend().requests() <= 8, "{}", basic.backend().requests());
    assert_eq!(report.processed + report.remaining.len(), 5_000);
    Ok(())
}

#[tokio::test]
async fn a_record_that_does_not_fit_is_told_by_its_key() -> Outcome {
    let (caching, basic) = parts(2).await?;
    let item = [("id", 9.into()), ("name", 1.into())].into_iter().collect();
    let put = structnosql_core::PutRequest { table: "parts".into(), item, condition: None, return_old: false };
    structnosql_core::Backend::put(basic.backend(), put).await?;
    for error in [basic.get_records([0, 9]).await.unwrap_err(), caching.get_records([0, 9]).await.unwrap_err()] {
        assert!(error.is_stored_value());
        let problem = "stored value does not fit the model: `name`: expected a string, found number (`.lenient()` reads what fits)";
        assert_eq!(error.to_string(), format!("1 of 2 records were left; `9`: {problem}"));
    }
    Ok(())
}

/// An answer that left the database before the clear must not come back into the cache.
#[tokio::test]
async fn what_was_asked_before_a_clear_is_answered_and_not_kept() -> Outcome {
    let (caching, basic) = parts(3).await?;
    let (reached, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    caching.backend().inner().next([Step::Hold(reached.clone(), release.clone())]);
    let read = async { caching.get_records([0, 1]).await };
    let clear = async {
        reached.notified().await;
        caching.clear_cached_data();
        release.notify_one();
    };
    let (found, ()) = tokio::join!(read, clear);
    assert_eq!(found?, [Some(part(0)), Some(part(1))]);
    basic.backend().reset();
    caching.get_record(0).await?;
    assert_eq!(basic.backend().requests(), 1);
    Ok(())
}

/// Two batches that name the same records in different orders wait for one another, and not for ever.
#[tokio::test]
async fn batches_of_the_same_records_share_what_they_ask() -> Outcome {
    let (caching, basic) = parts(300).await?;
    let (one, other) =
        tokio::join!(async { caching.get_records(0..300).await }, async { caching.get_records((0..300).rev()).await });
    assert_eq!(one?.into_iter().rev().collect::<Vec<_>>(), other?);
    assert_eq!(basic.backend().requests(), 3);
    Ok(())
}

#[tokio::test]
async fn an_eventual_read_fills_what_is_unknown() -> Outcome {
    let (caching, basic) = parts(3).await?;
    caching.get_field(1, Part::fields().name()).await?;
    basic.put_record(&Part { name: "renamed".to_owned(), ..part(1) }).await?;
    let found = caching.get_records([0, 1]).eventually_consistent().await?;
    assert_eq!(found, [Some(part(0)), Some(part(1))]);
    let found = basic.get_records([1]).eventually_consistent().await?;
    assert_eq!(found[0].as_ref().unwrap().name, "renamed");
    Ok(())
}
