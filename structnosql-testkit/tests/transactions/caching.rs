//! A caching table's cache and what is pending there.

use structnosql_core::{ConditionExt, ErrorKind, FieldExt, TableDataModel};

use crate::model::{Account, account, caching, sent, store, stored_account, transfer};

#[tokio::test]
async fn what_it_wrote_is_known_without_a_request() {
    let store = store().await;
    let (accounts, transfers) = caching(&store).await;
    let f = Account::fields;
    accounts.get_record("a1").await.unwrap();
    accounts
        .transact((
            accounts.update_multiple_fields("a1", [f().balance().increment(-10), f().owner().remove()]),
            accounts.delete_record("a2"),
            accounts.put_record(&account("a3", 3)),
            transfers.create_record(&transfer(1)),
        ))
        .await
        .unwrap();
    store.reset();
    assert_eq!(accounts.get_record("a1").await.unwrap(), Some(Account { owner: None, ..account("a1", 90) }));
    assert_eq!(accounts.get_record("a2").await.unwrap(), None);
    assert_eq!(accounts.get_record("a3").await.unwrap(), Some(account("a3", 3)));
    assert_eq!(transfers.get_record(("a1", 1)).await.unwrap().unwrap().version, 1);
    assert_eq!(store.requests(), 0);
    assert!(!accounts.has_pending_operations());
}

#[tokio::test]
async fn an_increment_of_what_is_not_known_is_read_afterwards() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    accounts.transact([accounts.update_multiple_fields("a1", [f().balance().increment(5)])]).await.unwrap();
    assert_eq!(accounts.get_field("a1", f().balance()).await.unwrap(), Some(105));
    assert_eq!(sent(&store), (1, 1));
}

#[tokio::test]
async fn what_is_pending_is_no_part_of_it_and_lies_over_it() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    accounts.update_field("a1", f().owner(), "Bob").await.unwrap();
    accounts.transact([accounts.update_field("a1", f().balance(), 7)]).await.unwrap();
    assert_eq!(stored_account(&store, "a1").unwrap(), account("a1", 7));
    let seen = accounts.get_field("a1", (f().owner(), f().balance())).await.unwrap();
    assert_eq!(seen, (Some("Bob".to_owned()), Some(7)));
    accounts.commit_operations().await.unwrap();
    assert_eq!(stored_account(&store, "a1").unwrap(), Account { owner: Some("Bob".to_owned()), ..account("a1", 7) });
}

#[tokio::test]
async fn a_change_or_condition_of_what_is_pending_is_refused() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    accounts.update_field("a1", f().balance(), 7).await.unwrap();
    let error = accounts.transact([accounts.update_field("a1", f().balance(), 8)]).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ChangePending { path } if path.to_string() == "balance"), "{error}");
    for check in [
        accounts.transact([accounts.condition_check("a1", f().balance().eq(7))]),
        accounts.transact([accounts.update_field("a1", f().owner(), "Bob").condition(f().balance().eq(7))]),
    ] {
        let error = check.await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::ConditionOnPending { .. }), "{error}");
    }
    assert_eq!(store.requests(), 0);
    accounts.clear_cached_data(); // hidden, and still to be committed
    assert!(accounts.transact([accounts.update_field("a1", f().balance(), 8)]).await.is_err());
    accounts.rollback();
    accounts.transact([accounts.update_field("a1", f().balance(), 8)]).await.unwrap();
}

#[tokio::test]
async fn a_whole_record_drops_what_was_pended_before() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    for id in ["a1", "a2"] {
        accounts.update_field(id, f().owner(), "Bob").await.unwrap();
    }
    let refused = accounts.create_record(&account("a1", 1));
    accounts.transact((refused, accounts.delete_record("a2"))).await.unwrap_err();
    assert_eq!(accounts.pending_operations().len(), 2); // refused: both are pending as they were
    accounts.transact((accounts.put_record(&account("a1", 1)), accounts.delete_record("a2"))).await.unwrap();
    assert!(!accounts.has_pending_operations());
    assert_eq!(accounts.get_record("a1").await.unwrap(), Some(account("a1", 1)));
    assert_eq!(accounts.get_record("a2").await.unwrap(), None);
}

#[tokio::test]
async fn a_commit_under_way_comes_first() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    accounts.update_field("a1", f().balance(), 7).await.unwrap();
    let transaction = accounts.transact([accounts.update_multiple_fields("a1", [f().balance().increment(1)])]);
    let (committed, changed) = tokio::join!(accounts.commit_operations(), transaction);
    committed.unwrap();
    changed.unwrap();
    assert_eq!(stored_account(&store, "a1").unwrap().balance, Some(8));
    assert_eq!(accounts.get_field("a1", f().balance()).await.unwrap(), Some(8));
}

/// Each takes the gates in one order, whatever the order of the actions.
#[tokio::test]
async fn transactions_over_the_same_records_wait_for_one_another() {
    let store = store().await;
    let (accounts, transfers) = caching(&store).await;
    let f = Account::fields;
    let change = |id: &'static str| accounts.update_multiple_fields(id, [f().balance().increment(1)]);
    let (one, two) = (transfer(1), transfer(2));
    let mut round = Vec::new();
    for at in 0..10 {
        round.push(match at % 2 {
            0 => accounts.transact((
                vec![change("a1"), change("a2")],
                transfers.put_record(if at == 0 { &one } else { &two }).unchecked(),
            )),
            _ => accounts.transact((vec![change("a2"), change("a1")], transfers.put_record(&two).unchecked())),
        });
    }
    for done in futures(round).await {
        done.unwrap();
    }
    let balances = accounts.get_field("a1", f().balance()).await.unwrap();
    assert_eq!((balances, stored_account(&store, "a2").unwrap().balance), (Some(110), Some(110)));
}

/// Polls all of them in turn.
async fn futures<F: Future + Unpin>(mut all: Vec<F>) -> Vec<F::Output> {
    let mut done: Vec<Option<F::Output>> = all.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in all.iter_mut().zip(&mut done) {
            if output.is_none()
                && let std::task::Poll::Ready(ready) = std::pin::Pin::new(future).poll(context)
            {
                *output = Some(ready);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

/// Also while the transaction waits for its turn: what is pended from its call on lies over what it leaves.
#[tokio::test]
async fn what_is_pended_after_it_was_called_stays() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    accounts.update_field("a2", f().owner(), "before").await.unwrap();
    let read = async { accounts.get_record("a1").await.unwrap() };
    let write = async {
        let puts = [accounts.put_record(&account("a1", 1)), accounts.put_record(&account("a2", 2))];
        accounts.transact(puts).await.unwrap();
    };
    let pend = async { accounts.update_field("a2", f().owner(), "after").await.unwrap() };
    tokio::join!(read, write, pend);
    assert_eq!(accounts.get_field("a2", f().owner()).await.unwrap().as_deref(), Some("after"));
    accounts.commit_operations().await.unwrap();
    assert_eq!(stored_account(&store, "a2").unwrap().owner.as_deref(), Some("after"));
}

#[tokio::test]
async fn it_reads_no_more_than_it_is_asked_for() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    accounts.transact_get([accounts.get_field("a1", Account::fields().balance())]).await.unwrap();
    let log = store.log();
    assert_eq!(log[0].parts[0].expression, "SELECT balance,id", "{}", log[0]);
}
