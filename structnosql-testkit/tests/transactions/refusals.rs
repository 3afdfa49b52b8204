//! What is refused before anything is sent.

use structnosql_core::{
    BasicTable, Capabilities, Change, ConditionExt, ErrorKind, FailureClass, FieldExt, IdempotencyToken, TableDataModel,
};
use structnosql_testkit::Reference;

use crate::model::{Account, account, basic, caching, sent, store, transfer};

#[tokio::test]
async fn a_hundred_actions_are_the_most() {
    let store = store().await;
    let (_, transfers) = basic(&store).await;
    let all: Vec<_> = (0..101).map(transfer).collect();
    let put = |count: usize| all[..count].iter().map(|one| transfers.put_record(one)).collect::<Vec<_>>();
    for count in [0, 101] {
        let error = transfers.transact(put(count)).await.unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::WrongTransaction(_)), "{error}");
        assert_eq!(
            error.to_string(),
            format!("wrong transaction: it has {count} actions, and takes 1 to 100; nothing was sent")
        );
    }
    assert_eq!(store.requests(), 0);
    transfers.transact(put(99)).await.unwrap();
    let get = |count: u32| (0..count).map(|number| transfers.get_record(("a1", number))).collect::<Vec<_>>();
    assert!(matches!(transfers.transact_get(get(101)).await.unwrap_err().kind(), ErrorKind::WrongTransaction(_)));
    assert_eq!(transfers.transact_get(get(100)).await.unwrap().iter().flatten().count(), 99);
    assert_eq!(sent(&store), (2, 0));
}

#[tokio::test]
async fn a_hundred_go() {
    let store = store().await;
    let (_, transfers) = basic(&store).await;
    let all: Vec<_> = (0..100).map(transfer).collect();
    transfers.transact(all.iter().map(|one| transfers.put_record(one)).collect::<Vec<_>>()).await.unwrap();
    assert_eq!(sent(&store), (1, 0));
}

/// An account of exactly so many bytes: the names and values of its attributes.
fn of_bytes(id: &str, bytes: usize) -> Account {
    let rest = "id".len() + id.len() + "owner".len();
    Account { id: id.to_owned(), owner: Some("x".repeat(bytes - rest)), balance: None, limits: None }
}

#[tokio::test]
async fn four_megabytes_are_the_most() {
    let store = store().await;
    let (accounts, _) = basic(&store).await;
    const ALL: usize = 4 * 1024 * 1024;
    let of = |excess: isize| -> Vec<Account> {
        let each = ALL / 16;
        (0..16)
            .map(|at| of_bytes(&format!("n{at}"), if at == 0 { each.saturating_add_signed(excess) } else { each }))
            .collect()
    };
    for excess in [-1, 0] {
        let records = of(excess);
        accounts.transact(records.iter().map(|one| accounts.put_record(one)).collect::<Vec<_>>()).await.unwrap();
    }
    store.reset();
    let records = of(1);
    let error =
        accounts.transact(records.iter().map(|one| accounts.put_record(one)).collect::<Vec<_>>()).await.unwrap_err();
    assert!(error.to_string().contains("4194305 bytes, and it takes 4194304"), "{error}");
    assert_eq!(store.requests(), 0);
}

#[tokio::test]
async fn a_record_takes_one_action() {
    let store = store().await;
    let ((accounts, transfers), (same_table, _)) = (basic(&store).await, caching(&store).await);
    let f = Account::fields;
    let error = accounts
        .transact((
            accounts.update_field("a1", f().balance(), 1),
            same_table.condition_check("a1", f().owner().exists()),
        ))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("two actions are on record `a1` of table `accounts`"), "{error}");
    let error = accounts.transact_get((accounts.get_record("a1"), accounts.get_field("a1", f().owner()))).await;
    assert!(matches!(error.unwrap_err().kind(), ErrorKind::WrongTransaction(_)));
    assert_eq!(store.requests(), 0);
    // The same key in another table is another record.
    let other = transfers.update_field(("a2", 1), crate::model::Transfer::fields().amount(), 1).unchecked();
    accounts.transact((accounts.delete_record("a2"), other)).await.unwrap();
}

#[tokio::test]
async fn what_a_call_would_refuse_is_refused() {
    let store = store().await;
    let (accounts, _) = basic(&store).await;
    let f = Account::fields;
    let error = accounts.transact((accounts.delete_record("a1"), accounts.delete_record(""))).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Key(_)), "{error}");
    let long = accounts.update_field("a2", f().owner(), "x".repeat(500_000));
    assert!(accounts.transact((accounts.delete_record("a1"), long)).await.unwrap_err().is_too_large());
    assert!(accounts.transact_get([accounts.get_record("")]).await.is_err());
    assert_eq!(store.requests(), 0);
}

#[tokio::test]
async fn changes_that_take_two_requests_are_refused() {
    let store = store().await;
    let (accounts, _) = basic(&store).await;
    let many: Vec<Change<Account>> =
        (0..400).map(|at| Account::fields().limits().key(format!("{at:0>8}")).day().set(1)).collect();
    let error = accounts.transact((accounts.update_multiple_fields("a1", many), accounts.delete_record("a2"))).await;
    let error = error.unwrap_err();
    assert!(error.to_string().contains("the changes of record `a1` take more than one request"), "{error}");
    assert_eq!(store.requests(), 0);
}

#[tokio::test]
async fn a_call_that_was_awaited_is_no_part_of_it() {
    let store = store().await;
    let (accounts, _) = basic(&store).await;
    let mut delete = accounts.delete_record("a1");
    (&mut delete).await.unwrap();
    let error = accounts.transact((delete, accounts.delete_record("a2"))).await.unwrap_err();
    assert!(error.to_string().contains("a call in it was awaited before"), "{error}");
    assert!(crate::model::stored_account(&store, "a2").is_some());
}

#[tokio::test]
async fn a_backend_without_transactions_says_so() {
    let capabilities = Capabilities { transactions: false, ..Capabilities::ALL };
    let lesser = Reference::new().with_capabilities(capabilities);
    let accounts = BasicTable::<Account, _>::open(lesser).await.unwrap();
    let error = accounts.transact([accounts.put_record(&account("a1", 1))]).await.unwrap_err();
    assert_eq!(error.failure().unwrap().class(), FailureClass::Unsupported);
    let error = accounts.transact_get([accounts.get_record("a1")]).await.unwrap_err();
    assert_eq!(error.failure().unwrap().class(), FailureClass::Unsupported);
    assert_eq!(accounts.get_record("a1").await.unwrap(), None);
}

#[tokio::test]
async fn a_token_is_of_one_transaction() {
    let store = store().await;
    let (accounts, _) = basic(&store).await;
    let f = Account::fields;
    let token = IdempotencyToken::new("transfer-7").unwrap();
    for _ in 0..3 {
        let count = accounts.update_multiple_fields("a1", [f().balance().increment(1)]);
        accounts.transact([count]).token(token.clone()).await.unwrap();
    }
    assert_eq!(crate::model::stored_account(&store, "a1").unwrap().balance, Some(101));
    let other = accounts.transact([accounts.delete_record("a1")]).token(token).await.unwrap_err();
    assert_eq!(other.failure().unwrap().class(), FailureClass::Invalid);
}
