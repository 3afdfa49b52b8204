use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};

use crate::support::{TABLE, get, item, map, n, put, s, ss, with_table};

#[tokio::test]
async fn an_item_is_put_read_updated_and_deleted() {
    let client = with_table().await;
    put(
        &client,
        item([
            ("id", s("alien")),
            ("year", n(1979)),
            ("details", map([("genres", ss(&["horror"]))])),
            ("cast", AttributeValue::L(vec![s("Weaver"), s("Hurt")])),
        ]),
    )
    .await;

    let updated = client
        .update_item()
        .table_name(TABLE)
        .key("id", s("alien"))
        .update_expression("SET #y = #y + :one, #c[1] = :holm ADD details.genres :scifi")
        .expression_attribute_names("#y", "year")
        .expression_attribute_names("#c", "cast")
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":holm", s("Holm"))
        .expression_attribute_values(":scifi", ss(&["scifi"]))
        .return_values(ReturnValue::UpdatedNew)
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    assert_eq!(updated.attributes().unwrap()["year"], n(1980));
    assert!(updated.consumed_capacity().unwrap().capacity_units().unwrap() >= 1.0);

    let expected = item([
        ("id", s("alien")),
        ("year", n(1980)),
        ("details", map([("genres", ss(&["horror", "scifi"]))])),
        ("cast", AttributeValue::L(vec![s("Weaver"), s("Holm")])),
    ]);
    assert_eq!(get(&client, "alien").await, Some(expected.clone()));

    let deleted = client
        .delete_item()
        .table_name(TABLE)
        .key("id", s("alien"))
        .return_values(ReturnValue::AllOld)
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.attributes, Some(expected));
    assert_eq!(get(&client, "alien").await, None);
}

#[tokio::test]
async fn a_projection_reads_parts_of_an_item() {
    let client = with_table().await;
    put(
        &client,
        item([("id", s("alien")), ("year", n(1979)), ("details", map([("length", n(117)), ("rating", n(8))]))]),
    )
    .await;
    let found = client
        .get_item()
        .table_name(TABLE)
        .key("id", s("alien"))
        .projection_expression("details.#l")
        .expression_attribute_names("#l", "length")
        .send()
        .await
        .unwrap();
    assert_eq!(found.item, Some(item([("details", map([("length", n(117))]))])));
}
