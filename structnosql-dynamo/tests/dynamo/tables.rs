use structnosql_core::schema::{KeyAttribute, KeyKind};
use structnosql_core::{Backend, Billing, FailureClass, IndexDefinition, IndexedAttributes, TableDefinition};
use structnosql_embedded::Embedded;

use crate::server::{Answer, Server};

fn key(name: &str, kind: KeyKind) -> KeyAttribute {
    KeyAttribute { name: name.into(), kind }
}

fn definition() -> TableDefinition {
    let index = |name: &str, partition: &str, sort: Option<&str>, projection, local| IndexDefinition {
        name: name.into(),
        partition_key: key(partition, KeyKind::String),
        sort_key: sort.map(|name| key(name, KeyKind::Number)),
        projection,
        local,
    };
    TableDefinition {
        table: "movies".into(),
        partition_key: key("id", KeyKind::String),
        sort_key: Some(key("part", KeyKind::Binary)),
        indexes: vec![
            index("byGenre", "genre", Some("year"), IndexedAttributes::All, false),
            index("byStudio", "studio", None, IndexedAttributes::Include(vec!["a".into(), "b".into()]), false),
            index("byYear", "id", Some("year"), IndexedAttributes::KeysOnly, true),
        ],
        billing: Billing::OnDemand,
    }
}

#[tokio::test]
async fn a_table_is_described_as_it_was_created() {
    let dynamo = Embedded::in_memory().unwrap().dynamo();
    assert_eq!(dynamo.describe_table("movies").await.unwrap(), None);
    dynamo.create_table(definition()).await.unwrap();
    let mut described = dynamo.describe_table("movies").await.unwrap().unwrap();
    described.definition.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    assert!(described.active);
    assert_eq!(described.definition, definition());
    assert_eq!(dynamo.create_table(definition()).await.unwrap_err().class(), FailureClass::TableInUse);
}

fn description(table_status: &str, index_status: &str) -> Answer {
    Answer::Says(
        200,
        format!(
            r#"{{"Table":{{"TableName":"t","TableStatus":"{table_status}",
            "AttributeDefinitions":[{{"AttributeName":"id","AttributeType":"S"}},{{"AttributeName":"z","AttributeType":"N"}}],
            "KeySchema":[{{"AttributeName":"id","KeyType":"HASH"}}],
            "GlobalSecondaryIndexes":[{{"IndexName":"byZ","IndexStatus":"{index_status}",
                "KeySchema":[{{"AttributeName":"z","KeyType":"HASH"}}],
                "Projection":{{"ProjectionType":"INCLUDE","NonKeyAttributes":["b","a"]}}}}]}}}}"#
        ),
    )
}

#[tokio::test]
async fn a_table_is_active_with_its_last_index() {
    for (table, index, active) in [
        ("ACTIVE", "ACTIVE", true),
        ("ACTIVE", "CREATING", false),
        ("CREATING", "ACTIVE", false),
        ("UPDATING", "ACTIVE", false),
        ("DELETING", "ACTIVE", false),
    ] {
        let described = Server::answering([description(table, index)]).dynamo().describe_table("t").await.unwrap();
        let described = described.unwrap();
        assert_eq!(described.active, active, "{table} {index}");
        let included = IndexedAttributes::Include(vec!["a".into(), "b".into()]);
        assert_eq!(described.definition.indexes[0].projection, included);
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_description_is_a_bad_answer() {
    for body in [
        "{}",
        r#"{"Table":{}}"#,
        r#"{"Table":{"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}}"#,
        r#"{"Table":{"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"NEW"}],
            "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}}"#,
    ] {
        let server = Server::answering([Answer::Says(200, body.to_owned())]);
        let failure = server.dynamo().describe_table("t").await.unwrap_err();
        assert_eq!(failure.class(), FailureClass::BadAnswer, "{body}");
    }
}
