//! `put_records` and `delete_records`.

use structnosql_core::{FailureClass, TableDataModel};

use crate::busy::Step;
use crate::{Outcome, Part, part, parts};

fn several(count: u32) -> Vec<Part> {
    (0..count).map(part).collect()
}

#[tokio::test]
async fn a_request_takes_twenty_five() -> Outcome {
    let (caching, basic) = parts(0).await?;
    for (records, requests) in [(24, 1), (25, 1), (26, 2), (240, 10)] {
        basic.backend().reset();
        basic.put_records(&several(records)).await?;
        assert_eq!(basic.backend().requests(), requests, "{records} records");
        caching.delete_records(0..records).await?;
        assert_eq!(basic.backend().requests(), 2 * requests, "{records} records");
        assert_eq!(basic.scan_records().count().await?, 0);
    }
    basic.backend().reset();
    basic.put_records(&[]).await?;
    assert_eq!(basic.backend().requests(), 0);
    Ok(())
}

#[tokio::test]
async fn two_records_of_one_key_are_refused_before_a_request_and_one_that_is_deleted_twice_is_not() -> Outcome {
    let (caching, basic) = parts(3).await?;
    let error = caching.put_records(&[part(1), part(2), part(1)]).await.unwrap_err();
    assert_eq!(error.to_string(), "wrong key: `id`: expected records of different keys in one batch, found two of `1`");
    assert_eq!(basic.backend().requests(), 0);
    caching.delete_records([1, 2, 1]).await?;
    assert_eq!(basic.backend().requests(), 1);
    assert_eq!(basic.get_records([0, 1, 2]).await?, [Some(part(0)), None, None]);
    Ok(())
}

#[tokio::test]
async fn what_was_written_is_known_and_what_was_pended_before_is_dropped() -> Outcome {
    let (caching, basic) = parts(3).await?;
    caching.update_field(0, Part::fields().weight(), 9).await?;
    caching.update_field(1, Part::fields().weight(), 9).await?;
    caching.update_field(2, Part::fields().weight(), 9).await?;
    caching.put_records(&[Part { name: "new".to_owned(), ..part(0) }]).await?;
    caching.delete_records([1, 77]).await?;
    assert!(caching.has_pending_operations());
    basic.backend().reset();
    assert_eq!(caching.get_record(0).await?.unwrap(), Part { name: "new".to_owned(), ..part(0) });
    assert_eq!(caching.get_records([1, 77]).await?, [None, None]);
    assert_eq!(basic.backend().requests(), 0);
    caching.commit_operations().await?;
    assert_eq!(basic.get_records([0, 1, 2]).await?[1..], [None, Some(Part { weight: Some(9), ..part(2) })]);
    Ok(())
}

#[tokio::test]
async fn what_is_left_is_written_again() -> Outcome {
    let (caching, basic) = parts(0).await?;
    caching.backend().inner().next([Step::Only(3), Step::Only(0), Step::Only(10)]);
    caching.put_records(&several(20)).await?;
    assert_eq!(basic.backend().requests(), 4);
    assert_eq!(basic.scan_records().count().await?, 20);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_written_is_told_and_stays_as_it_was() -> Outcome {
    let (caching, basic) = parts(4).await?;
    caching.get_records([2, 3]).await?;
    caching.update_field(3, Part::fields().weight(), 9).await?;
    caching.backend().inner().next([Step::Only(2)].into_iter().chain((0..8).map(|_| Step::Only(0))));
    let new: Vec<Part> = (0..4).map(|id| Part { name: "new".to_owned(), ..part(id) }).collect();
    let error = caching.put_records(&new).await.unwrap_err();
    let report = error.batch_report().unwrap();
    assert_eq!((report.processed, report.remaining.len()), (2, 2));
    assert!(!error.may_be_applied());
    basic.backend().reset();
    let found = caching.get_records(0..4).await?;
    assert_eq!(found[1].as_ref().unwrap().name, "new");
    assert_eq!(found[2..], [Some(part(2)), Some(Part { weight: Some(9), ..part(3) })]);
    assert_eq!(basic.backend().requests(), 0);
    caching.rollback();
    Ok(())
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_told_and_what_was_known_is_forgotten() -> Outcome {
    let (caching, basic) = parts(3).await?;
    caching.get_records([0, 1, 2]).await?;
    caching.backend().inner().next([Step::Lose]);
    let error = caching.put_records(&[Part { name: "new".to_owned(), ..part(1) }]).await.unwrap_err();
    assert!(error.may_be_applied());
    basic.backend().reset();
    assert_eq!(caching.get_record(1).await?.unwrap().name, "new");
    caching.get_record(2).await?;
    assert_eq!(basic.backend().requests(), 1);
    Ok(())
}

#[tokio::test]
async fn a_failure_that_lasts_ends_the_batch() -> Outcome {
    let (caching, basic) = parts(0).await?;
    caching.backend().inner().next([Step::Fail(FailureClass::TableNotFound)]);
    let error = caching.put_records(&several(1_000)).await.unwrap_err();
    assert!(error.is_table_not_found());
    assert!(basic.backend().requests() <= 8, "{}", basic.backend().requests());
    let report = error.batch_report().unwrap();
    assert_eq!(basic.scan_records().count().await?, report.processed as u64);
    assert_eq!(report.processed + report.remaining.len(), 1_000);
    Ok(())
}
