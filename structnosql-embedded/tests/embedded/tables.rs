use aws_sdk_dynamodb::types::{
    BillingMode, GlobalSecondaryIndex, KeyType, LocalSecondaryIndex, Projection, ProjectionType, ScalarAttributeType,
    TableStatus, Tag, TimeToLiveSpecification,
};
use structnosql_embedded::Embedded;

use crate::support::{TABLE, attribute, code, create_table, key_schema, string_attribute};

#[tokio::test]
async fn a_table_with_indexes_is_created_described_listed_and_deleted() {
    let client = Embedded::in_memory().unwrap().client();
    let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
    let all = Projection::builder().projection_type(ProjectionType::All).build();
    let by_director = GlobalSecondaryIndex::builder()
        .index_name("by-director")
        .key_schema(key_schema("director", KeyType::Hash))
        .key_schema(key_schema("year", KeyType::Range))
        .projection(all)
        .build()
        .unwrap();
    let by_year = LocalSecondaryIndex::builder()
        .index_name("by-year")
        .key_schema(key_schema("studio", KeyType::Hash))
        .key_schema(key_schema("year", KeyType::Range))
        .projection(keys_only)
        .build()
        .unwrap();
    let created = client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(string_attribute("studio"))
        .attribute_definitions(string_attribute("title"))
        .attribute_definitions(string_attribute("director"))
        .attribute_definitions(attribute("year", ScalarAttributeType::N))
        .key_schema(key_schema("studio", KeyType::Hash))
        .key_schema(key_schema("title", KeyType::Range))
        .global_secondary_indexes(by_director)
        .local_secondary_indexes(by_year)
        .send()
        .await
        .unwrap();
    assert_eq!(created.table_description().unwrap().table_name(), Some(TABLE));

    let described = client.describe_table().table_name(TABLE).send().await.unwrap();
    let table = described.table().unwrap();
    assert_eq!(table.table_status(), Some(&TableStatus::Active));
    assert_eq!(table.key_schema().len(), 2);
    let global = &table.global_secondary_indexes()[0];
    assert_eq!(global.index_name(), Some("by-director"));
    assert_eq!(global.key_schema().len(), 2);
    let local = &table.local_secondary_indexes()[0];
    assert_eq!(local.index_name(), Some("by-year"));
    assert_eq!(local.projection().unwrap().projection_type(), Some(&ProjectionType::KeysOnly));

    let listed = client.list_tables().send().await.unwrap();
    assert_eq!(listed.table_names(), [TABLE]);

    client.delete_table().table_name(TABLE).send().await.unwrap();
    assert!(client.list_tables().send().await.unwrap().table_names().is_empty());
    assert_eq!(code(client.describe_table().table_name(TABLE).send().await), "ResourceNotFoundException");
}

#[tokio::test]
async fn a_table_cannot_be_created_twice() {
    let client = Embedded::in_memory().unwrap().client();
    create_table(&client).await;
    let again = client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(string_attribute("id"))
        .key_schema(key_schema("id", KeyType::Hash))
        .send()
        .await;
    assert_eq!(code(again), "ResourceInUseException");
}

#[tokio::test]
async fn time_to_live_is_remembered() {
    let client = Embedded::in_memory().unwrap().client();
    create_table(&client).await;
    client
        .update_time_to_live()
        .table_name(TABLE)
        .time_to_live_specification(
            TimeToLiveSpecification::builder().attribute_name("expires").enabled(true).build().unwrap(),
        )
        .send()
        .await
        .unwrap();
    let described = client.describe_time_to_live().table_name(TABLE).send().await.unwrap();
    assert_eq!(described.time_to_live_description().unwrap().attribute_name(), Some("expires"));
}

#[tokio::test]
async fn tags_are_remembered() {
    let client = Embedded::in_memory().unwrap().client();
    create_table(&client).await;
    let described = client.describe_table().table_name(TABLE).send().await.unwrap();
    let arn = described.table().unwrap().table_arn().unwrap();
    client
        .tag_resource()
        .resource_arn(arn)
        .tags(Tag::builder().key("team").value("films").build().unwrap())
        .send()
        .await
        .unwrap();
    let tags = client.list_tags_of_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tags()[0].value(), "films");
    client.untag_resource().resource_arn(arn).tag_keys("team").send().await.unwrap();
}

#[tokio::test]
async fn an_index_can_be_added_to_a_table_with_items() {
    use crate::support::{item, put, s};
    use aws_sdk_dynamodb::types::{CreateGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate};

    let client = Embedded::in_memory().unwrap().client();
    create_table(&client).await;
    put(&client, item([("id", s("alien")), ("director", s("Scott"))])).await;
    let by_director = CreateGlobalSecondaryIndexAction::builder()
        .index_name("by-director")
        .key_schema(key_schema("director", KeyType::Hash))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap();
    client
        .update_table()
        .table_name(TABLE)
        .attribute_definitions(string_attribute("director"))
        .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(by_director).build())
        .send()
        .await
        .unwrap();
    let found = client
        .query()
        .table_name(TABLE)
        .index_name("by-director")
        .key_condition_expression("director = :director")
        .expression_attribute_values(":director", s("Scott"))
        .send()
        .await
        .unwrap();
    assert_eq!(found.count(), 1);
}
