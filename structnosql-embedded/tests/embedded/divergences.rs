//! Where the engine is known or suspected to differ from DynamoDB, or where the
//! rest of the project leans on an answer that DynamoDB documents poorly. These
//! tests say what it does today: one that fails after an update of the engine
//! is news, not a fault.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::support::{TABLE, get, item, map, n, put, s, ss, with_table};

const INVALID_PATH: &str = "The document path provided in the update expression is invalid for update";

async fn put_alien(client: &Client) {
    put(
        client,
        item([
            ("id", s("alien")),
            ("casting", AttributeValue::L(vec![n(0), n(1), n(2)])),
            ("details", map([("genres", ss(&["horror"]))])),
        ]),
    )
    .await;
}

async fn update(
    client: &Client,
    id: &str,
    expression: &str,
    value: Option<AttributeValue>,
) -> Result<(), (String, String)> {
    let result = client
        .update_item()
        .table_name(TABLE)
        .key("id", s(id))
        .update_expression(expression)
        .set_expression_attribute_values(value.map(|value| item([(":v", value)])))
        .send()
        .await;
    match result.map_err(|error| error.into_service_error()) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err((error.code().unwrap_or_default().to_owned(), error.message().unwrap_or_default().to_owned()))
        }
    }
}

#[tokio::test]
async fn removing_or_deleting_from_a_missing_item_creates_it() {
    let client = with_table().await;
    update(&client, "removed", "REMOVE seen", None).await.unwrap();
    update(&client, "deleted", "DELETE seen :v", Some(ss(&["a"]))).await.unwrap();
    for id in ["removed", "deleted"] {
        assert_eq!(get(&client, id).await, Some(item([("id", s(id))])));
    }
}

#[tokio::test]
async fn a_missing_or_unfit_parent_is_an_invalid_path() {
    let client = with_table().await;
    put_alien(&client).await;
    for (expression, value) in [
        ("SET nowhere.child = :v", Some(n(1))),
        ("SET details.nowhere.child = :v", Some(n(1))),
        ("SET details[0] = :v", Some(n(1))),
        ("SET nowhere[0] = :v", Some(n(1))),
        ("ADD nowhere.child :v", Some(n(1))),
        ("DELETE nowhere.child :v", Some(ss(&["a"]))),
        ("REMOVE nowhere.child", None),
        ("REMOVE details.nowhere.child", None),
        ("REMOVE nowhere[0]", None),
        ("REMOVE details[0]", None),
    ] {
        let error = update(&client, "alien", expression, value).await.unwrap_err();
        assert_eq!(error, ("ValidationException".to_owned(), INVALID_PATH.to_owned()), "{expression}");
    }
    // On an item that does not exist, too: and none is created.
    assert!(update(&client, "nothing", "REMOVE nowhere.child", None).await.is_err());
    assert_eq!(get(&client, "nothing").await, None);
}

#[tokio::test]
async fn a_list_grows_at_its_end_whatever_the_index() {
    let client = with_table().await;
    for (expression, expected) in [
        ("SET casting[10] = :v", vec![n(0), n(1), n(2), n(9)]),
        ("SET casting[20] = :v, casting[15] = :v", vec![n(0), n(1), n(2), n(9), n(9)]),
        ("ADD casting[7] :v", vec![n(0), n(1), n(2), n(9)]),
        ("SET casting[1] = :v REMOVE casting[0]", vec![n(9), n(2)]),
    ] {
        put_alien(&client).await;
        update(&client, "alien", expression, Some(n(9))).await.unwrap();
        assert_eq!(get(&client, "alien").await.unwrap()["casting"], AttributeValue::L(expected), "{expression}");
    }
}

#[tokio::test]
async fn removals_take_the_indexes_of_the_stored_list() {
    let client = with_table().await;
    for (expression, expected) in
        [("REMOVE casting[0], casting[2]", vec![n(1)]), ("REMOVE casting[10]", vec![n(0), n(1), n(2)])]
    {
        put_alien(&client).await;
        update(&client, "alien", expression, None).await.unwrap();
        assert_eq!(get(&client, "alien").await.unwrap()["casting"], AttributeValue::L(expected));
    }
}

#[tokio::test]
async fn overlapping_paths_are_refused() {
    let client = with_table().await;
    put_alien(&client).await;
    for expression in [
        "SET details.genres = :v, details.genres = :v",
        "SET details.genres = :v REMOVE details",
        "SET details = :v, details.genres = :v",
    ] {
        let (code, message) = update(&client, "alien", expression, Some(n(1))).await.unwrap_err();
        assert_eq!(code, "ValidationException");
        assert!(message.contains("overlap"), "{message}");
    }
}

#[tokio::test]
async fn add_and_delete_reach_into_documents() {
    let client = with_table().await;
    put_alien(&client).await;
    update(&client, "alien", "ADD details.genres :v", Some(ss(&["scifi"]))).await.unwrap();
    update(&client, "alien", "ADD details.seen :v", Some(n(2))).await.unwrap();
    assert_eq!(
        get(&client, "alien").await.unwrap()["details"],
        map([("genres", ss(&["horror", "scifi"])), ("seen", n(2))])
    );
    // The last member takes its set with it.
    let all = Some(ss(&["horror", "scifi"]));
    update(&client, "alien", "DELETE details.genres :v", all).await.unwrap();
    assert_eq!(get(&client, "alien").await.unwrap()["details"], map([("seen", n(2))]));
}

#[tokio::test]
async fn more_than_300_operators_are_accepted() {
    let client = with_table().await;
    let sets: Vec<_> = (0..301).map(|number| format!("a{number}=:v")).collect();
    let expression = format!("SET {}", sets.join(","));
    update(&client, "alien", &expression, Some(n(1))).await.unwrap();
}
