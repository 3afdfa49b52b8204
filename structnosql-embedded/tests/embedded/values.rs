use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::support::{TABLE, get, item, map, n, put, s, ss, with_table};

#[tokio::test]
async fn every_kind_of_value_comes_back() {
    let client = with_table().await;
    let every_byte: Vec<u8> = (0..=255).collect();
    let stored = item([
        ("id", s("values")),
        ("binary", AttributeValue::B(Blob::new(every_byte))),
        ("empty binary", AttributeValue::B(Blob::new([]))),
        ("empty string", s("")),
        ("empty list", AttributeValue::L(vec![])),
        ("empty map", map([])),
        ("null", AttributeValue::Null(true)),
        ("bool", AttributeValue::Bool(false)),
        ("strings", ss(&["", "a", "é"])),
        ("numbers", AttributeValue::Ns(vec!["-1".into(), "2.5".into()])),
        ("binaries", AttributeValue::Bs(vec![Blob::new([0]), Blob::new([255])])),
        ("largest", n("99999999999999999999999999999999999999")),
        ("finest", n("-0.12345678901234567890123456789012345678")),
        ("control", s("\0\u{1}\"\\\n\u{2028}\u{10ffff}")),
    ]);
    put(&client, stored.clone()).await;
    assert_eq!(get(&client, "values").await, Some(stored));
}

#[tokio::test]
async fn numbers_come_back_in_one_form() {
    let client = with_table().await;
    for (given, stored) in [("1.50", "1.5"), ("-0", "0"), ("+007", "7"), ("1E2", "100"), ("0.00", "0")] {
        put(&client, item([("id", s("number")), ("number", n(given))])).await;
        assert_eq!(get(&client, "number").await.unwrap()["number"], n(stored));
    }
}

#[tokio::test]
async fn any_name_is_an_attribute() {
    let client = with_table().await;
    for name in ["a.b", "a[0]", "🎬", "#n", ":v", " ", "SELECT", "\"", "\\", "é\0"] {
        put(&client, item([("id", s("names"))])).await;
        client
            .update_item()
            .table_name(TABLE)
            .key("id", s("names"))
            .update_expression("SET #n0 = :v0")
            .expression_attribute_names("#n0", name)
            .expression_attribute_values(":v0", map([(name, n(1))]))
            .send()
            .await
            .unwrap();
        let found = client
            .get_item()
            .table_name(TABLE)
            .key("id", s("names"))
            .projection_expression("#n0.#n0")
            .expression_attribute_names("#n0", name)
            .send()
            .await
            .unwrap();
        assert_eq!(found.item, Some(item([(name, map([(name, n(1))]))])), "{name:?}");
    }
}

#[tokio::test]
async fn any_string_is_a_key() {
    let client = with_table().await;
    for id in ["a.b", "🎬", " ", "'; DROP TABLE", "é\0é", &"k".repeat(2048)] {
        let stored = item([("id", s(id))]);
        put(&client, stored.clone()).await;
        assert_eq!(get(&client, id).await, Some(stored), "{id:?}");
    }
}
