//! Transactions that the database refuses, and answers that are lost.

use structnosql_core::{ConditionExt, ErrorKind, FailureClass, FieldExt, TableDataModel, TransactionVerb};
use structnosql_testkit::Fault;

use crate::model::{Account, account, basic, caching, sent, store, stored_account, stored_transfer, transfer};

#[tokio::test]
async fn each_reason_has_its_key_its_paths_and_the_item() {
    let store = store().await;
    let (accounts, transfers) = basic(&store).await;
    let f = Account::fields;
    let poor = f().owner().exists().and(f().balance().ge(1_000));
    let error = accounts
        .transact((
            accounts.update_field("a1", f().balance(), 0).condition(poor),
            transfers.create_record(&transfer(1)),
            accounts.create_record(&account("a2", 1)),
            accounts.condition_check("a3", f().owner().exists()),
        ))
        .await
        .unwrap_err();
    assert!(error.is_condition_failed() && !error.may_be_applied());
    let report = error.transaction_report().unwrap();
    let told: Vec<_> = report
        .actions
        .iter()
        .map(|one| {
            let paths: Vec<String> = one.paths.iter().map(ToString::to_string).collect();
            (&*one.table, one.key.to_string(), one.verb, paths.join(","), one.error.is_some(), one.item().is_some())
        })
        .collect();
    assert_eq!(
        told,
        [
            ("accounts", "a1".to_owned(), TransactionVerb::Update, "balance".to_owned(), true, true),
            ("transfers", "a1/1".to_owned(), TransactionVerb::Put, String::new(), false, false),
            ("accounts", "a2".to_owned(), TransactionVerb::Put, "id".to_owned(), true, true),
            ("accounts", "a3".to_owned(), TransactionVerb::ConditionCheck, "owner".to_owned(), true, false),
        ]
    );
    let text = error.to_string();
    assert!(text.contains("3 of 4 actions were in the way; update of `a1` in `accounts` at `balance`: "), "{text}");
    assert!(!text.contains("Ann"), "{text}");
    assert_eq!((stored_account(&store, "a1").unwrap().balance, stored_transfer(&store, 1)), (Some(100), None));
}

/// The removal is guarded by the existence of its record, which nobody asked for.
#[tokio::test]
async fn what_a_table_had_taken_for_granted_is_not_in_the_way() {
    let store = store().await;
    let (accounts, _) = basic(&store).await;
    let f = Account::fields;
    let removal = || accounts.update_multiple_fields("nobody", [f().owner().remove()]);
    let error =
        accounts.transact((removal(), accounts.condition_check("a1", f().owner().not_exists()))).await.unwrap_err();
    let report = error.transaction_report().unwrap();
    let told: Vec<String> = report.in_the_way().map(|(action, _)| format!("{} {}", action.verb, action.key)).collect();
    assert_eq!(told, ["condition check a1"]);
    accounts.transact((removal(), accounts.condition_check("a1", f().owner().exists()))).await.unwrap();
    assert_eq!(stored_account(&store, "nobody"), None);
}

#[tokio::test]
async fn a_path_that_does_not_fit_is_named() {
    let store = store().await;
    let (accounts, _) = basic(&store).await;
    let item = [("id", structnosql_core::Value::from("a3")), ("limits", structnosql_core::Value::from("none"))];
    store.inner().inner().put_item("accounts", item.into_iter().collect()).unwrap();
    let f = Account::fields;
    let change = accounts.update_field("a3", f().limits().key("card").day(), 5);
    let error = accounts.transact((accounts.delete_record("a1"), change)).await.unwrap_err();
    assert!(error.is_type_conflict(), "{error}");
    assert!(error.to_string().contains("limits"), "{error}");
    assert!(stored_account(&store, "a1").is_some());
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_nothing_is_done_twice() {
    let store = store().await;
    let (accounts, transfers) = basic(&store).await;
    let f = Account::fields;
    store.inner().script([Some(Fault::LoseAnswer)]);
    accounts
        .transact((
            accounts.update_multiple_fields("a1", [f().balance().increment(-10)]).condition(f().balance().ge(100)),
            transfers.create_record(&transfer(1)),
        ))
        .await
        .unwrap();
    assert_eq!((stored_account(&store, "a1").unwrap().balance, sent(&store)), (Some(90), (2, 0)));
}

#[tokio::test]
async fn where_both_answers_are_lost_it_says_so_and_what_was_known_is_forgotten() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    accounts.get_record("a1").await.unwrap();
    store.inner().script([Some(Fault::LoseAnswer), Some(Fault::Refuse(FailureClass::Interrupted))]);
    let count = || accounts.update_multiple_fields("a1", [f().balance().increment(-10)]);
    let error = accounts.transact((count(), accounts.delete_record("a2"))).await.unwrap_err();
    assert!(error.may_be_applied());
    assert_eq!(accounts.get_field("a1", f().balance()).await.unwrap(), Some(90));
    assert_eq!(accounts.get_record("a2").await.unwrap(), None);
}

#[tokio::test]
async fn a_dropped_transaction_forgets_what_it_may_have_changed() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    accounts.get_records(["a1", "a2"]).await.unwrap();
    store.inner().script([Some(Fault::HangAfter)]);
    let writes = (accounts.update_field("a1", f().balance(), 0), accounts.delete_record("a2"));
    let late = tokio::time::timeout(std::time::Duration::from_millis(20), accounts.transact(writes)).await;
    assert!(late.is_err());
    assert_eq!(accounts.get_field("a1", f().balance()).await.unwrap(), Some(0));
    assert_eq!(accounts.get_record("a2").await.unwrap(), None);
}

#[tokio::test]
async fn what_was_refused_changes_nothing_that_is_known() {
    let store = store().await;
    let (accounts, _) = caching(&store).await;
    let f = Account::fields;
    accounts.get_records(["a1", "a2"]).await.unwrap();
    store.inner().script([Some(Fault::Refuse(FailureClass::Throttled))]);
    let writes = || (accounts.update_field("a1", f().balance(), 0), accounts.delete_record("a2"));
    assert!(accounts.transact(writes()).await.unwrap_err().is_throttled());
    store.reset();
    assert_eq!(accounts.get_field("a1", f().balance()).await.unwrap(), Some(100));
    assert!(accounts.get_record("a2").await.unwrap().is_some());
    assert_eq!(store.requests(), 0);
    accounts.transact(writes()).await.unwrap();
    assert!(matches!(
        accounts.transact([accounts.condition_check("a1", f().balance().eq(1))]).await.unwrap_err().kind(),
        ErrorKind::Transaction(_)
    ));
}
