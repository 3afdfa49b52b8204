use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use structnosql_embedded::Embedded;

use crate::support::{create_table, get, item, n, put, s};

#[tokio::test]
async fn many_engines_in_one_process_share_nothing() {
    let engines: Vec<Embedded> = (0..50).map(|_| Embedded::in_memory().unwrap()).collect();
    for (number, embedded) in engines.iter().enumerate() {
        let client = embedded.client();
        assert!(client.list_tables().send().await.unwrap().table_names().is_empty());
        create_table(&client).await;
        put(&client, item([("id", s("alien")), ("number", n(number))])).await;
    }
    for (number, embedded) in engines.iter().enumerate() {
        let found = get(&embedded.client(), "alien").await.unwrap();
        assert_eq!(found["number"], n(number));
    }
}

#[tokio::test]
async fn clones_and_clients_of_one_engine_share_its_data() {
    let embedded = Embedded::in_memory().unwrap();
    create_table(&embedded.client()).await;
    put(&embedded.clone().client(), item([("id", s("alien"))])).await;

    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .allow_no_auth()
        .http_client(embedded.http_client())
        .build();
    let built_by_hand = aws_sdk_dynamodb::Client::from_conf(config);
    assert!(get(&built_by_hand, "alien").await.is_some());
}

#[tokio::test]
async fn a_client_outlives_its_engine() {
    let embedded = Embedded::in_memory().unwrap();
    let client = embedded.client();
    drop(embedded);
    create_table(&client).await;
    put(&client, item([("id", s("alien"))])).await;
    assert!(get(&client, "alien").await.is_some());
}

/// Values must not reach logs through the handles a program keeps.
#[tokio::test]
async fn debug_output_shows_no_data() {
    let embedded = Embedded::in_memory().unwrap();
    create_table(&embedded.client()).await;
    put(&embedded.client(), item([("id", s("a secret"))])).await;
    assert!(!format!("{embedded:?}").contains("secret"));
}
