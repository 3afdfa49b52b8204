use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;

use crate::support::{TABLE, code, get, item, n, put, s, with_table};

#[tokio::test]
async fn a_failed_condition_changes_nothing_and_returns_the_item_if_asked() {
    let client = with_table().await;
    let stored = item([("id", s("alien")), ("version", n(3))]);
    put(&client, stored.clone()).await;

    let update = || {
        client
            .update_item()
            .table_name(TABLE)
            .key("id", s("alien"))
            .update_expression("SET version = :next")
            .condition_expression("version = :known")
            .expression_attribute_values(":next", n(3))
            .expression_attribute_values(":known", n(2))
    };
    let failed = update()
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(failed.is_conditional_check_failed_exception());
    let aws_sdk_dynamodb::operation::update_item::UpdateItemError::ConditionalCheckFailedException(failed) = failed
    else {
        panic!("{failed:?}");
    };
    assert_eq!(failed.item, Some(stored.clone()));

    let unasked = update().send().await;
    assert_eq!(code(unasked), "ConditionalCheckFailedException");
    assert_eq!(get(&client, "alien").await, Some(stored));
}

#[tokio::test]
async fn put_and_delete_take_conditions() {
    let client = with_table().await;
    let create = || {
        client
            .put_item()
            .table_name(TABLE)
            .item("id", s("alien"))
            .condition_expression("attribute_not_exists(id)")
            .send()
    };
    create().await.unwrap();
    assert_eq!(code(create().await), "ConditionalCheckFailedException");

    let delete = client
        .delete_item()
        .table_name(TABLE)
        .key("id", s("alien"))
        .condition_expression("attribute_exists(seen)")
        .send()
        .await;
    assert_eq!(code(delete), "ConditionalCheckFailedException");
}
