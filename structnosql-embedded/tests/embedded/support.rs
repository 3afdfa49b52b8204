use std::collections::HashMap;
use std::path::PathBuf;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    LocalSecondaryIndex, Projection, ScalarAttributeType,
};
use structnosql_embedded::Embedded;

pub(crate) type Item = HashMap<String, AttributeValue>;

pub(crate) const TABLE: &str = "movies-table";

pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(crate) fn ss(members: &[&str]) -> AttributeValue {
    AttributeValue::Ss(members.iter().map(|member| (*member).to_owned()).collect())
}

pub(crate) fn map<const N: usize>(entries: [(&str, AttributeValue); N]) -> AttributeValue {
    AttributeValue::M(item(entries))
}

pub(crate) fn item<const N: usize>(entries: [(&str, AttributeValue); N]) -> Item {
    entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

pub(crate) fn string_attribute(name: &str) -> AttributeDefinition {
    attribute(name, ScalarAttributeType::S)
}

pub(crate) fn attribute(name: &str, kind: ScalarAttributeType) -> AttributeDefinition {
    AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build().unwrap()
}

pub(crate) fn key_schema(name: &str, kind: KeyType) -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
}

/// Creates [`TABLE`], with the partition key `id` and no sort key.
pub(crate) async fn create_table(client: &Client) {
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(string_attribute("id"))
        .key_schema(key_schema("id", KeyType::Hash))
        .send()
        .await
        .unwrap();
}

/// An in-memory engine's client, with [`TABLE`] in it.
pub(crate) async fn with_table() -> Client {
    let client = Embedded::in_memory().unwrap().client();
    create_table(&client).await;
    client
}

/// An in-memory engine's client, with [`TABLE`] in it for films: keys `studio` and `year`, a local index `by-title` and
/// a global one `by-director`, which hold what the projection says.
pub(crate) async fn with_film_table(projection: Projection) -> Client {
    let client = Embedded::in_memory().unwrap().client();
    let by_title = LocalSecondaryIndex::builder()
        .index_name("by-title")
        .key_schema(key_schema("studio", KeyType::Hash))
        .key_schema(key_schema("title", KeyType::Range))
        .projection(projection.clone())
        .build()
        .unwrap();
    let by_director = GlobalSecondaryIndex::builder()
        .index_name("by-director")
        .key_schema(key_schema("director", KeyType::Hash))
        .projection(projection)
        .build()
        .unwrap();
    client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(string_attribute("studio"))
        .attribute_definitions(string_attribute("title"))
        .attribute_definitions(string_attribute("director"))
        .attribute_definitions(attribute("year", ScalarAttributeType::N))
        .key_schema(key_schema("studio", KeyType::Hash))
        .key_schema(key_schema("year", KeyType::Range))
        .local_secondary_indexes(by_title)
        .global_secondary_indexes(by_director)
        .send()
        .await
        .unwrap();
    client
}

pub(crate) async fn put(client: &Client, item: Item) {
    client.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
}

pub(crate) async fn get(client: &Client, id: &str) -> Option<Item> {
    client.get_item().table_name(TABLE).key("id", s(id)).send().await.unwrap().item
}

/// The error code that a request was answered with.
pub(crate) fn code<T, E, R>(result: Result<T, SdkError<E, R>>) -> String
where
    E: ProvideErrorMetadata + std::fmt::Debug,
    R: std::fmt::Debug,
{
    match result {
        Ok(_) => panic!("the request succeeded"),
        Err(SdkError::ServiceError(error)) => error.err().code().unwrap().to_owned(),
        Err(error) => panic!("not an answer of the engine: {error:?}"),
    }
}

/// A path for a database file that does not exist, in a directory of its own.
pub(crate) fn fresh_file(test: &str) -> PathBuf {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    directory.join("data.db")
}
