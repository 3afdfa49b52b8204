//! Records with a version.

use structnosql_core::{FieldExt, TableDataModel};

use crate::model::{Transfer, account, basic, caching, sent, store, stored_account, stored_transfer, transfer};

#[tokio::test]
async fn a_version_is_checked_and_raised() {
    let store = store().await;
    let (accounts, transfers) = basic(&store).await;
    for number in 1..=3 {
        transfers.create_record(&transfer(number)).await.unwrap();
    }
    store.reset();
    let mine = transfers.get_record(("a1", 1)).await.unwrap().unwrap();
    let f = Transfer::fields;
    transfers
        .transact((
            transfers.put_record(&Transfer { amount: 20, ..mine }),
            transfers.update_field(("a1", 2), f().amount(), 30),
            transfers.delete_record(("a1", 3)),
            accounts.delete_record("a1"),
        ))
        .await
        .unwrap();
    // A read of each record whose version was not known, one for `mine`, and the transaction.
    assert_eq!(sent(&store), (1, 3));
    assert_eq!(stored_transfer(&store, 1), Some(Transfer { amount: 20, version: 2, ..transfer(1) }));
    assert_eq!(stored_transfer(&store, 2), Some(Transfer { amount: 30, version: 2, ..transfer(2) }));
    assert_eq!(stored_transfer(&store, 3), None);
}

#[tokio::test]
async fn another_writer_is_a_conflict_for_each_kind_of_write() {
    let store = store().await;
    let ((accounts, theirs), (_, mine)) = (basic(&store).await, caching(&store).await);
    let f = Transfer::fields;
    theirs.create_record(&transfer(1)).await.unwrap();
    for kind in 0..3 {
        mine.refresh();
        let read = mine.get_record(("a1", 1)).await.unwrap().unwrap();
        theirs.update_multiple_fields(("a1", 1), [f().amount().increment(1)]).await.unwrap();
        let also = accounts.put_record(&account("a9", 9)).unchecked();
        let done = match kind {
            0 => mine.transact((mine.update_field(("a1", 1), f().amount(), 5), also)).await,
            1 => mine.transact((mine.put_record(&read), also)).await,
            _ => mine.transact((mine.delete_record(("a1", 1)), also)).await,
        };
        let error = done.unwrap_err();
        let conflict = error.conflict().unwrap_or_else(|| panic!("{kind}: {error}"));
        assert_eq!(conflict.changed()[0].to_string(), "version");
        let amounts = (conflict.base().get(&f().amount()).unwrap(), conflict.theirs().get(&f().amount()).unwrap());
        assert_eq!(amounts, (Some(read.amount), Some(read.amount + 1)));
        assert_eq!(error.transaction_report().unwrap().actions[0].paths[0].to_string(), "version");
        assert_eq!(stored_account(&store, "a9"), None);
    }
}

#[tokio::test]
async fn what_was_read_of_two_versions_is_a_conflict_and_is_not_sent() {
    let store = store().await;
    let ((_, theirs), (_, mine)) = (basic(&store).await, caching(&store).await);
    let f = Transfer::fields;
    theirs.create_record(&transfer(1)).await.unwrap();
    mine.get_field(("a1", 1), f().version()).await.unwrap();
    theirs.update_multiple_fields(("a1", 1), [f().amount().increment(1)]).await.unwrap();
    mine.get_field(("a1", 1), f().amount()).await.unwrap();
    for kind in 0..2 {
        let error = match kind {
            0 => mine.transact([mine.update_field(("a1", 1), f().amount(), 5)]).await,
            _ => mine.transact([mine.delete_record(("a1", 1))]).await,
        };
        assert!(error.unwrap_err().is_conflict());
    }
    assert_eq!(sent(&store).0, 0);
}

#[tokio::test]
async fn unchecked_writes_take_whatever_version_there_is() {
    let store = store().await;
    let (_, transfers) = basic(&store).await;
    let f = Transfer::fields;
    for number in 1..=3 {
        transfers.create_record(&transfer(number)).await.unwrap();
        transfers.update_field(("a1", number), f().amount(), 11).await.unwrap();
    }
    transfers
        .transact((
            transfers.put_record(&transfer(1)).unchecked(),
            transfers.update_field(("a1", 2), f().amount(), 30).unchecked(),
            transfers.delete_record(("a1", 3)).unchecked(),
        ))
        .await
        .unwrap();
    assert_eq!(stored_transfer(&store, 1), Some(Transfer { version: 3, ..transfer(1) }));
    assert_eq!(stored_transfer(&store, 2), Some(Transfer { amount: 30, version: 3, ..transfer(2) }));
    assert_eq!(stored_transfer(&store, 3), None);
}
