//! `prefetch`.

use std::sync::Arc;

use structnosql_core::{FailureClass, TableDataModel};
use tokio::sync::Notify;

use crate::busy::Step;
use crate::{Outcome, Part, part, parts};

#[tokio::test]
async fn what_was_prefetched_is_read_without_a_request() -> Outcome {
    let (caching, _) = parts(150).await?;
    for (keys, requests) in [(0..100, 1), (0..100, 0), (50..150, 1), (140..351, 3)] {
        caching.backend().reset();
        caching.prefetch(keys.clone()).await?;
        assert_eq!(caching.backend().requests(), requests, "{keys:?}");
        for id in keys {
            let expected = (id < 150).then(|| part(id));
            assert_eq!(caching.get_record(id).await?, expected, "absent ones are known to be");
        }
        assert_eq!(caching.backend().requests(), requests);
    }
    caching.prefetch([7, 7, 7]).await?;
    caching.prefetch(Vec::<u32>::new()).await?;
    let statistics = caching.cache_statistics();
    assert_eq!((statistics.misses, statistics.read_requests, statistics.hits), (0, 5, 100 + 100 + 100 + 211));
    assert_eq!(statistics.requests_saved(), 511 - 5);
    Ok(())
}

#[tokio::test]
async fn what_is_pending_lies_over_what_comes() -> Outcome {
    let (caching, _) = parts(3).await?;
    caching.update_field(1, Part::fields().weight(), 9).await?;
    caching.get_field(2, Part::fields().name()).await?; // known in part: it is asked for too
    caching.backend().reset();
    caching.prefetch(0..3).await?;
    assert_eq!(caching.get_record(1).await?, Some(Part { weight: Some(9), ..part(1) }));
    assert_eq!(caching.get_record(2).await?, Some(part(2)));
    assert_eq!(caching.backend().requests(), 1);
    assert_eq!(caching.commit_operations().await?.requests(), 1);
    Ok(())
}

#[tokio::test]
async fn what_the_database_leaves_is_asked_for_again() -> Outcome {
    let (caching, _) = parts(10).await?;
    caching.backend().inner().next([Step::Only(4), Step::Only(0), Step::Only(5)]);
    caching.prefetch(0..10).await?;
    assert_eq!(caching.backend().requests(), 4);
    assert_eq!(caching.get_record(9).await?, Some(part(9)));
    assert_eq!(caching.backend().requests(), 4);
    Ok(())
}

#[tokio::test]
async fn a_failure_names_the_keys_that_are_not_known_now() -> Outcome {
    let (caching, _) = parts(150).await?;
    caching.backend().inner().next([Step::Fail(FailureClass::AccessDenied)]);
    let error = caching.prefetch(0..50).await.unwrap_err();
    assert_eq!(error.batch_report().unwrap().remaining.len(), 50);
    assert_eq!(caching.get_record(9).await?, Some(part(9)));
    Ok(())
}

/// An answer that left the database before it was cleared, or written over, must not come into the cache.
#[tokio::test]
async fn a_prefetch_under_way_when_the_cache_is_cleared_fills_nothing() -> Outcome {
    let (caching, basic) = parts(3).await?;
    let (reached, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    caching.backend().inner().next([Step::Hold(reached.clone(), released.clone())]);
    tokio::try_join!(caching.prefetch(0..3), async {
        reached.notified().await;
        basic.update_field(1, Part::fields().name(), "newer").await?;
        caching.clear_cached_data_for_record(1);
        released.notify_one();
        Ok(())
    })?;
    caching.backend().reset();
    assert_eq!(caching.get_field(1, Part::fields().name()).await?.as_deref(), Some("newer"));
    assert_eq!(caching.get_record(2).await?, Some(part(2)));
    assert_eq!(caching.backend().requests(), 1);
    Ok(())
}

/// Reads of the same records wait for the prefetch, and for nothing else.
#[tokio::test]
async fn reads_during_a_prefetch_share_its_request() -> Outcome {
    let (caching, _) = parts(3).await?;
    let (reached, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    caching.backend().inner().next([Step::Hold(reached.clone(), released.clone())]);
    let (_, read, _) = tokio::try_join!(caching.prefetch(0..2), caching.get_record(1), async {
        reached.notified().await;
        assert_eq!(caching.get_record(2).await?, Some(part(2)));
        released.notify_one();
        Ok(())
    })?;
    assert_eq!((read, caching.backend().requests()), (Some(part(1)), 2));
    Ok(())
}

#[tokio::test]
async fn a_prefetch_respects_the_bounds() -> Outcome {
    let (caching, _) = parts(50).await?;
    let caching = caching.max_cached_records(8);
    caching.prefetch(0..50).await?;
    assert!(caching.cache_statistics().records <= 8);
    assert_eq!(caching.get_record(3).await?, Some(part(3)));
    Ok(())
}
