//! Schemas: from a model to a file and back, and what they take.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeMap;

use structnosql_core::{BasicTable, FieldExt, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_external::{External, Retries};
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema, Server};
use structnosql_testkit::Reference;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "things", crate = "structnosql_core")]
struct Thing {
    #[field(partition_key)]
    id: String,
    tree: Option<Node>,
    shape: Option<Outline>,
    mixed: Option<Mixed>,
    bytes: Option<Vec<u8>>,
    counts: Option<BTreeMap<u32, i8>>,
    #[field(alias = "name")]
    label: Option<String>,
}

/// A struct that holds itself.
#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Node {
    name: String,
    children: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(tag = "kind", crate = "structnosql_core")]
enum Outline {
    Circle { radius: u32 },
    Square { side: u32, label: Option<String> },
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(untagged, crate = "structnosql_core")]
enum Mixed {
    Number(i64),
    Text(String),
}

#[test]
fn a_schema_comes_back_from_its_file() {
    let schema = Schema::of::<Thing>();
    assert_eq!(Schema::from_json(&schema.to_json()).unwrap(), schema);
    let unknown = schema.to_json().replace("\"record\": \"Thing\"", "\"record\": \"Nothing\"");
    assert!(Schema::from_json(&unknown).unwrap_err().to_string().contains("`Nothing`"));
}

#[tokio::test]
async fn what_a_model_writes_fits_its_schema() {
    let database = Reference::new();
    BasicTable::<Thing, _>::open(database.clone()).await.unwrap();
    let key = ApiKey::new("all", KeyHash::of("key")).grant(Grant::everything("things"));
    let schema = Schema::from_json(&Schema::of::<Thing>().to_json()).unwrap();
    let gateway = Gateway::builder(database.clone()).table(schema).key(key).build();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", server.local_addr().unwrap());
    tokio::spawn(server.serve(gateway, std::future::pending()));
    let external = External::at(&address).unwrap().with_key("key").unwrap().with_retries(Retries::NONE);
    let things = BasicTable::<Thing, _>::attach(external);
    let leaf = Node { name: "leaf".to_owned(), children: Vec::new() };
    let thing = |shape, mixed| Thing {
        id: "a".to_owned(),
        tree: Some(Node { name: "root".to_owned(), children: vec![leaf.clone(), leaf.clone()] }),
        shape: Some(shape),
        mixed: Some(mixed),
        bytes: Some(vec![0, 255]),
        counts: Some([(1, -1)].into()),
        label: Some("thing".to_owned()),
    };
    for thing in [
        thing(Outline::Circle { radius: 3 }, Mixed::Number(-5)),
        thing(Outline::Square { side: 3, label: None }, Mixed::Text("five".to_owned())),
    ] {
        things.put_record(&thing).await.unwrap();
        assert_eq!(things.get_record("a").await.unwrap(), Some(thing));
    }
    // What is stored under an earlier name is asked for, and moved.
    let item = [("id", "b".into()), ("name", "old".into())];
    database.put_item("things", item.into_iter().collect()).unwrap();
    let f = Thing::fields;
    assert_eq!(things.get_field("b", f().label()).await.unwrap().as_deref(), Some("old"));
    things.update_multiple_fields("b", [f().label().set_if_absent("new")]).await.unwrap();
    let stored = database.item("things", &[("id", "b".into())].into_iter().collect()).unwrap();
    assert_eq!(stored.get("label"), Some(&"old".into()));
    assert!(!stored.contains("name"));
}
