//! Consistent reads of several records.

use structnosql_core::{FailureClass, Source, TableDataModel, Value};
use structnosql_testkit::Fault;

use crate::model::{Account, Transfer, account, basic, caching, sent, store, transfer};

#[tokio::test]
async fn the_answer_has_the_shape_of_the_question() {
    let store = store().await;
    let (accounts, transfers) = basic(&store).await;
    transfers.create_record(&transfer(1)).await.unwrap();
    store.reset();
    let (f, t) = (Account::fields, Transfer::fields);
    let (whole, (fields, many), [raw], lenient) = accounts
        .transact_get((
            accounts.get_record("a1"),
            (
                accounts.get_field("a2", (f().owner(), f().limits().key("card").day())),
                (0..2).map(|number| transfers.get_field(("a1", number), t().amount())).collect::<Vec<_>>(),
            ),
            [transfers.get_field(("a2", 1), t().amount()).skip_validation()],
            accounts.get_record("a3").lenient(),
        ))
        .await
        .unwrap();
    assert_eq!(sent(&store), (1, 0));
    assert_eq!(whole, Some(account("a1", 100)));
    assert_eq!((fields, many), ((Some("Ann".to_owned()), None), vec![None, Some(10)]));
    assert_eq!((raw, lenient.value), (None::<Value>, None));
}

#[tokio::test]
async fn a_caching_table_asks_for_what_it_knows_learns_it_and_lays_changes_over_it() {
    let store = store().await;
    let ((theirs, _), (mine, _)) = (basic(&store).await, caching(&store).await);
    let f = Account::fields;
    mine.get_record("a1").await.unwrap();
    theirs.update_field("a1", f().balance(), 50).await.unwrap();
    mine.update_field("a1", f().owner(), "Bob").await.unwrap();
    store.reset();
    let (owner, balance) = (f().owner(), f().balance());
    let (read, other) =
        mine.transact_get((mine.debug().get_field("a1", (owner, balance)), mine.get_record("a2"))).await.unwrap();
    assert_eq!((read.0.value.as_deref(), read.0.source), (Some("Bob"), Source::Pending));
    assert_eq!((read.1.value, read.1.source), (Some(50), Source::Database));
    assert_eq!((other, sent(&store)), (Some(account("a2", 100)), (1, 0)));

    assert_eq!(mine.get_field("a1", f().balance()).await.unwrap(), Some(50));
    assert_eq!(mine.get_record("a2").await.unwrap(), Some(account("a2", 100)));
    assert_eq!(store.requests(), 1);
    assert!(mine.has_pending_operations());
}

#[tokio::test]
async fn a_cache_that_is_cleared_meanwhile_learns_nothing() {
    let store = store().await;
    let (mine, _) = caching(&store).await;
    store.inner().script([None]);
    let mut reading = Box::pin(mine.transact_get([mine.get_record("a1")]));
    let read = std::future::poll_fn(|context| {
        let polled = reading.as_mut().poll(context);
        mine.clear_cached_data();
        polled
    });
    assert_eq!(read.await.unwrap(), [Some(account("a1", 100))]);
}

#[tokio::test]
async fn a_failed_read_says_so() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    store.inner().script([Some(Fault::Refuse(FailureClass::Throttled))]);
    assert!(accounts.transact_get([accounts.get_record("a1")]).await.unwrap_err().is_throttled());
    assert!(accounts.transact_get([accounts.get_record("a1")]).await.unwrap()[0].is_some());
}
