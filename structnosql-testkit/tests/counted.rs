//! What the counter counts, and how its log reads.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use structnosql_core::key::KeyValue;
use structnosql_core::{
    Action, Backend, Condition, DeleteRequest, DocumentPath, GetRequest, Map, PutRequest, QueryRequest, UpdateAction,
    UpdateRequest, Value,
};
use structnosql_embedded::Embedded;
use structnosql_testkit::{Counted, SentKind};

fn key() -> Map {
    [("id", Value::from("x42"))].into_iter().collect()
}

/// There are no tables: what fails counts too.
async fn send_one_of_each(backend: &impl Backend) {
    let table = || "accounts".into();
    let path = |name: &str| DocumentPath::from("tokens").child(name);
    let get = GetRequest { table: table(), key: key(), projection: vec![path("t32"), "name".into()], consistent: true };
    backend.get(get).await.ok();
    let put = PutRequest {
        table: table(),
        item: key(),
        condition: Some(Condition::NotExists("id".into())),
        return_old: false,
    };
    backend.put(put).await.ok();
    let update = UpdateRequest {
        table: table(),
        key: key(),
        actions: vec![
            UpdateAction::new("name".into(), Action::Set(Value::from("secret"))),
            UpdateAction::new(path("a.b").child(2), Action::Remove),
        ],
        condition: Some(Condition::Exists("id".into())),
        return_old: false,
    };
    backend.update(update).await.ok();
    let delete = DeleteRequest { table: table(), key: key(), condition: None, return_old: true };
    backend.delete(delete).await.ok();
    let query = QueryRequest {
        table: table(),
        index: Some("byName".into()),
        partition: ("name".into(), KeyValue::String("Paul".into())),
        sort: None,
        filter: Some(Condition::Exists("age".into())),
        projection: vec!["id".into()],
        limit: None,
        start: None,
        descending: false,
        consistent: false,
        count_only: false,
    };
    backend.query(query).await.ok();
    backend.describe_table("others").await.ok();
}

#[tokio::test]
async fn clones_count_together() {
    let backend = Counted::new(Embedded::in_memory().unwrap().dynamo());
    let counted = backend.clone();
    send_one_of_each(&backend).await;
    assert_eq!(counted.requests(), 6);
    let each = [counted.gets(), counted.puts(), counted.updates(), counted.deletes(), counted.queries()];
    assert_eq!(each, [1; 5]);
    assert_eq!((counted.of_kind(SentKind::DescribeTable), counted.of_table("accounts")), (1, 5));
    counted.reset();
    assert_eq!(backend.requests(), 0);
}

#[tokio::test]
async fn the_log_reads_without_placeholders_and_values() {
    let counted = Counted::new(Embedded::in_memory().unwrap().dynamo());
    send_one_of_each(&counted).await;
    let lines: Vec<String> = counted.log().iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            r#"get accounts {"id": "x42"} SELECT tokens.t32,name"#,
            "put accounts IF attribute_not_exists(id)",
            r#"update accounts {"id": "x42"} SET name=:v0 REMOVE tokens."a.b"[2] IF attribute_exists(id)"#,
            r#"delete accounts {"id": "x42"}"#,
            r#"query accounts {"name": "Paul"} SELECT id FROM byName WHERE name=:v0 FILTER attribute_exists(age)"#,
            "describe others",
        ]
    );
}
