//! What a transaction writes.

use std::collections::HashMap;

use structnosql_core::{ConditionExt, FieldExt, TableDataModel};

use crate::model::{Account, Limit, Transfer, account, basic, sent, store, stored_account, stored_transfer, transfer};

#[tokio::test]
async fn every_verb_that_writes_goes_with_the_others() {
    let store = store().await;
    let (accounts, transfers) = basic(&store).await;
    let f = Account::fields;
    accounts.put_record(&account("a4", 1)).await.unwrap();
    accounts.put_record(&account("a5", 1)).await.unwrap();
    store.reset();
    accounts
        .transact((
            accounts.update_multiple_fields("a1", [f().balance().increment(-10)]).condition(f().balance().ge(10)),
            accounts.update_field("a2", f().balance(), 110).if_exists(),
            transfers.create_record(&transfer(1)),
            accounts.put_record(&account("a3", 3)),
            accounts.delete_record("a4"),
            accounts.delete_field("a5", f().owner()),
            accounts.condition_check("a6", f().id().not_exists()),
        ))
        .await
        .unwrap();
    assert_eq!(sent(&store), (1, 0));
    assert_eq!(stored_account(&store, "a1").unwrap().balance, Some(90));
    assert_eq!(stored_account(&store, "a2").unwrap().balance, Some(110));
    assert_eq!(stored_transfer(&store, 1), Some(Transfer { version: 1, ..transfer(1) }));
    assert_eq!(stored_account(&store, "a3"), Some(account("a3", 3)));
    assert_eq!(stored_account(&store, "a4"), None);
    assert_eq!(stored_account(&store, "a5").unwrap().owner, None);
    assert_eq!(stored_account(&store, "a6"), None);
}

#[tokio::test]
async fn shapes_go_together_as_they_are_nested() {
    let store = store().await;
    let (accounts, transfers) = basic(&store).await;
    let all: Vec<_> = (0..20).map(transfer).collect();
    let f = Account::fields;
    let fee = false.then(|| accounts.update_field("a9", f().balance(), 1));
    let writes = (
        all.iter().map(|one| transfers.create_record(one)).collect::<Vec<_>>(),
        ([accounts.delete_record("a1"), accounts.delete_record("a2")], fee),
    );
    transfers.transact(writes).await.unwrap();
    assert_eq!(sent(&store), (1, 0));
    assert!(stored_transfer(&store, 19).is_some() && stored_account(&store, "a2").is_none());
}

/// As `update_field` does: the maps above come into being with the field.
#[tokio::test]
async fn absent_parents_come_into_being() {
    let store = store().await;
    let (accounts, _) = basic(&store).await;
    let f = Account::fields;
    accounts
        .transact((
            accounts.update_field("a1", f().limits().key("card").day(), 5),
            accounts.update_field("a2", f().limits().key("card").month(), 50),
        ))
        .await
        .unwrap();
    let limits = |day, month| Some(HashMap::from([("card".to_owned(), Limit { day, month })]));
    assert_eq!(stored_account(&store, "a1").unwrap().limits, limits(Some(5), None));
    assert_eq!(stored_account(&store, "a2").unwrap().limits, limits(None, Some(50)));
    // One transaction that is refused, a read for each record, and one that fits.
    assert_eq!(sent(&store).0, 2);
}

#[tokio::test]
async fn an_update_that_has_nothing_to_do_still_asks_its_condition() {
    let store = store().await;
    let (accounts, _) = crate::model::caching(&store).await;
    let f = Account::fields;
    assert_eq!(accounts.get_record("nobody").await.unwrap(), None);
    let removal = || accounts.delete_field("nobody", f().owner());
    accounts.transact((removal(), accounts.delete_record("a1"))).await.unwrap();
    let error = accounts.transact((removal().if_exists(), accounts.delete_record("a2"))).await.unwrap_err();
    assert!(error.is_condition_failed());
    assert!(stored_account(&store, "a1").is_none() && stored_account(&store, "a2").is_some());
}

#[tokio::test]
async fn both_kinds_of_table_go_together() {
    let store = store().await;
    let ((accounts, _), (_, transfers)) = (crate::model::caching(&store).await, basic(&store).await);
    let f = Account::fields;
    tokio::spawn(async move {
        let done =
            accounts.transact((accounts.update_field("a2", f().balance(), 90), transfers.create_record(&transfer(2))));
        done.await.unwrap();
    })
    .await
    .unwrap();
    assert!(stored_transfer(&store, 2).is_some());
}
