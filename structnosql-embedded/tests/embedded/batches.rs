use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, KeysAndAttributes, PutRequest, WriteRequest};

use crate::support::{Item, TABLE, code, get, item, put, s, with_table};

fn put_request(item: Item) -> WriteRequest {
    let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
    WriteRequest::builder().put_request(put).build()
}

#[tokio::test]
async fn a_batch_puts_and_deletes() {
    let client = with_table().await;
    put(&client, item([("id", s("old"))])).await;
    let delete = DeleteRequest::builder().key("id", s("old")).build().unwrap();
    let answer = client
        .batch_write_item()
        .request_items(
            TABLE,
            vec![put_request(item([("id", s("new"))])), WriteRequest::builder().delete_request(delete).build()],
        )
        .send()
        .await
        .unwrap();
    assert!(answer.unprocessed_items().unwrap().is_empty());
    assert_eq!(get(&client, "old").await, None);
    assert!(get(&client, "new").await.is_some());
}

#[tokio::test]
async fn a_batch_reads_what_exists() {
    let client = with_table().await;
    put(&client, item([("id", s("alien"))])).await;
    let keys = KeysAndAttributes::builder()
        .keys(item([("id", s("alien"))]))
        .keys(item([("id", s("nothing"))]))
        .build()
        .unwrap();
    let answer = client.batch_get_item().request_items(TABLE, keys).send().await.unwrap();
    assert_eq!(answer.responses().unwrap()[TABLE], [item([("id", s("alien"))])]);
}

#[tokio::test]
async fn a_batch_read_past_sixteen_megabytes_leaves_keys_unprocessed() {
    let client = with_table().await;
    let ids: Vec<String> = (0..50).map(|number| format!("reel {number}")).collect();
    let reel = AttributeValue::S("x".repeat(390 * 1024));
    for id in &ids {
        put(&client, item([("id", s(id)), ("reel", reel.clone())])).await;
    }
    let keys = KeysAndAttributes::builder()
        .set_keys(Some(ids.iter().map(|id| item([("id", s(id))])).collect()))
        .build()
        .unwrap();
    let answer = client.batch_get_item().request_items(TABLE, keys).send().await.unwrap();
    let read = answer.responses().unwrap()[TABLE].len();
    let left = answer.unprocessed_keys().unwrap()[TABLE].keys().len();
    assert!(read > 0 && left > 0);
    assert_eq!(read + left, ids.len());
}

#[tokio::test]
async fn a_batch_has_limits() {
    let client = with_table().await;
    let write = |count| {
        let requests = (0..count).map(|number| put_request(item([("id", s(&format!("film {number}")))]))).collect();
        client.batch_write_item().request_items(TABLE, requests).send()
    };
    write(25).await.unwrap();
    assert_eq!(code(write(26).await), "ValidationException");

    let twice = vec![put_request(item([("id", s("alien"))])), put_request(item([("id", s("alien"))]))];
    let twice = client.batch_write_item().request_items(TABLE, twice).send().await;
    assert_eq!(code(twice), "ValidationException");
}
