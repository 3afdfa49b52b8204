use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    ConditionCheck, Get, Put, ReturnValuesOnConditionCheckFailure, TransactGetItem, TransactWriteItem, Update,
};

use crate::support::{TABLE, code, get, item, n, put, s, with_table};

fn add_one(id: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .key("id", s(id))
        .update_expression("ADD seen :one")
        .expression_attribute_values(":one", n(1))
        .build()
        .unwrap();
    TransactWriteItem::builder().update(update).build()
}

fn put_new(id: &str) -> TransactWriteItem {
    let put = Put::builder()
        .table_name(TABLE)
        .item("id", s(id))
        .condition_expression("attribute_not_exists(id)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    TransactWriteItem::builder().put(put).build()
}

#[tokio::test]
async fn a_transaction_applies_whole() {
    let client = with_table().await;
    put(&client, item([("id", s("alien"))])).await;
    let check = ConditionCheck::builder()
        .table_name(TABLE)
        .key("id", s("alien"))
        .condition_expression("attribute_exists(id)")
        .build()
        .unwrap();
    client
        .transact_write_items()
        .transact_items(TransactWriteItem::builder().condition_check(check).build())
        .transact_items(put_new("aliens"))
        .transact_items(add_one("brazil"))
        .send()
        .await
        .unwrap();

    let read = |id| {
        let get = Get::builder().table_name(TABLE).key("id", s(id)).build().unwrap();
        TransactGetItem::builder().get(get).build()
    };
    let found = client
        .transact_get_items()
        .transact_items(read("aliens"))
        .transact_items(read("nothing"))
        .transact_items(read("brazil"))
        .send()
        .await
        .unwrap();
    let found: Vec<_> = found.responses().iter().map(|answer| answer.item()).collect();
    assert_eq!(found, [Some(&item([("id", s("aliens"))])), None, Some(&item([("id", s("brazil")), ("seen", n(1))])),]);
}

#[tokio::test]
async fn a_cancelled_transaction_says_why_and_changes_nothing() {
    let client = with_table().await;
    let stored = item([("id", s("alien")), ("year", n(1979))]);
    put(&client, stored.clone()).await;
    let error = client
        .transact_write_items()
        .transact_items(add_one("brazil"))
        .transact_items(put_new("alien"))
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("{error:?}");
    };
    let [first, second] = cancelled.cancellation_reasons() else {
        panic!("{cancelled:?}");
    };
    assert_eq!(first.code(), Some("None"));
    assert_eq!(second.code(), Some("ConditionalCheckFailed"));
    assert_eq!(second.item(), Some(&stored));
    assert_eq!(get(&client, "brazil").await, None);
}

#[tokio::test]
async fn an_invalid_update_cancels_with_a_validation_error() {
    let client = with_table().await;
    put(&client, item([("id", s("alien")), ("seen", s("often"))])).await;
    let error =
        client.transact_write_items().transact_items(add_one("alien")).send().await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("{error:?}");
    };
    assert_eq!(cancelled.cancellation_reasons()[0].code(), Some("ValidationError"));
}

#[tokio::test]
async fn a_client_token_makes_a_repeat_harmless() {
    let client = with_table().await;
    let send = |action| client.transact_write_items().client_request_token("a-token").transact_items(action).send();
    send(add_one("alien")).await.unwrap();
    send(add_one("alien")).await.unwrap();
    assert_eq!(get(&client, "alien").await.unwrap()["seen"], n(1));

    assert_eq!(code(send(add_one("brazil")).await), "IdempotentParameterMismatchException");
}
