//! Schemas: from a model to a file and back, and what they take.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::collections::{BTreeMap, BTreeSet};

use structnosql_core::{
    Action, Backend, BasicTable, DocumentPath, FailureClass, FieldExt, Map, PutRequest, TableDataModel, Text,
    UpdateAction, UpdateRequest, Value,
};
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

/// A client of a gateway over the database.
async fn serve(database: Reference, schema: Schema) -> External {
    let key = ApiKey::new("all", KeyHash::of("key")).grant(Grant::everything("*"));
    let gateway = Gateway::builder(database).table(schema).key(key).build();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", server.local_addr().unwrap());
    tokio::spawn(server.serve(gateway, std::future::pending()));
    External::at(&address).unwrap().with_key("key").unwrap().with_retries(Retries::NONE)
}

#[tokio::test]
async fn what_a_model_writes_fits_its_schema() {
    let database = Reference::new();
    BasicTable::<Thing, _>::open(database.clone()).await.unwrap();
    let schema = Schema::from_json(&Schema::of::<Thing>().to_json()).unwrap();
    let things = BasicTable::<Thing, _>::attach(serve(database.clone(), schema).await);
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

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "ruled", crate = "structnosql_core")]
struct Ruled {
    #[field(partition_key, pattern = "^[a-z]+$")]
    id: String,
    #[field(min = 1, max = 5)]
    stars: Option<u32>,
    #[field(length = ..=3)]
    code: Option<String>,
    #[field(length = 2..)]
    names: Option<Vec<Short>>,
    tags: Option<BTreeSet<Short>>,
    by_short: Option<BTreeMap<Short, u32>>,
    #[field(with = is_even)]
    even: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, MapModel)]
#[map(crate = "structnosql_core")]
struct Short(#[field(length = 1..=4)] String);

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "open", crate = "structnosql_core")]
struct Open {
    #[field(partition_key)]
    id: String,
    #[field(flatten)]
    rest: BTreeMap<String, u32>,
}

#[tokio::test]
async fn what_else_a_record_holds_is_of_its_shape() {
    let schema = Schema::from_json(&Schema::of::<Open>().to_json()).unwrap();
    assert_eq!(schema, Schema::of::<Open>());
    let database = Reference::new();
    BasicTable::<Open, _>::open(database.clone()).await.unwrap();
    let external = serve(database, schema).await;
    let open = BasicTable::<Open, _>::attach(external.clone());
    let record = Open { id: "a".to_owned(), rest: [("seen".to_owned(), 3)].into() };
    open.put_record(&record).await.unwrap();
    assert_eq!(open.get_record("a").await.unwrap(), Some(record));
    let item = [("id", Value::from("b")), ("seen", Value::from("often"))].into_iter().collect();
    let refused =
        external.put(PutRequest { table: "open".into(), item, condition: None, return_old: false }).await.unwrap_err();
    assert!(refused.message().contains("`seen`: expected"), "{refused}");
}

fn is_even(number: &u32) -> Result<(), &'static str> {
    if number.is_multiple_of(2) { Ok(()) } else { Err("an even number") }
}

/// What a client sends that has no model, or another one.
#[tokio::test]
async fn rules_are_kept_to_where_the_schema_has_them() {
    let schema = Schema::from_json(&Schema::of::<Ruled>().to_json()).unwrap();
    assert_eq!(schema, Schema::of::<Ruled>());
    let database = Reference::new();
    BasicTable::<Ruled, _>::open(database.clone()).await.unwrap();
    let external = serve(database.clone(), schema).await;
    let key = || [("id", Value::from("a"))].into_iter().collect::<Map>();
    let update = async |path: DocumentPath, action: Action| {
        let actions = vec![UpdateAction::new(path, action)];
        let request = UpdateRequest { table: "ruled".into(), key: key(), actions, condition: None, return_old: false };
        external.update(request).await.map(drop)
    };
    let put = async |name: &str, value: Value| {
        let mut item = key();
        item.insert(name, value);
        external.put(PutRequest { table: "ruled".into(), item, condition: None, return_old: false }).await.map(drop)
    };
    let (path, number) = (|name: &str| DocumentPath::from(name), |number: i64| Value::from(number));
    let texts = |texts: &[&str]| Value::List(texts.iter().map(|text| Value::from(*text)).collect());
    let set = |text: &str| Value::StringSet([Text::from(text)].into());
    let add = |text: &str| Action::Members { add: Some(set(text)), remove: None };
    let by_a_wrong_key = async || {
        let key = [("id", Value::from("A1"))].into_iter().collect();
        let actions = vec![UpdateAction::new(DocumentPath::from("stars"), Action::Set(Value::from(1)))];
        external.update(UpdateRequest { table: "ruled".into(), key, actions, condition: None, return_old: false }).await
    };
    let refused = [
        (by_a_wrong_key().await.map(drop), "`id`: expected a text that matches `^[a-z]+$`"),
        (put("id", "A1".into()).await, "`id`: expected a text that matches `^[a-z]+$`"),
        (put("stars", number(6)).await, "`stars`: expected a number of at most 5"),
        (update(path("stars"), Action::Set(number(0))).await, "a number of at least 1"),
        (update(path("code"), Action::SetIfAbsent("long".into())).await, "at most 3 characters"),
        (update(path("names"), Action::Set(texts(&["one"]))).await, "at least 2 items"),
        (update(path("names").child(1u32), Action::Set("longer".into())).await, "1 to 4 characters"),
        (update(path("names"), Action::Append(vec!["longer".into()])).await, "1 to 4 characters"),
        (update(path("tags"), Action::Set(set(""))).await, "1 to 4 characters"),
        (update(path("tags"), add("longer")).await, "1 to 4 characters"),
        (update(path("by_short").child("longer"), Action::Set(number(1))).await, "1 to 4 characters"),
        (put("by_short", Value::from_iter([("longer", number(1))])).await, "1 to 4 characters"),
    ];
    for (at, (written, says)) in refused.into_iter().enumerate() {
        let failure = written.err().unwrap_or_else(|| panic!("{at}: {says}"));
        assert_eq!(failure.class(), FailureClass::Invalid);
        assert!(failure.message().contains(says), "{at}: {failure}");
    }
    assert_eq!(database.items("ruled"), []);
    put("stars", number(5)).await.unwrap();
    update(path("names"), Action::Set(texts(&["one", "four"]))).await.unwrap();
    update(path("names"), Action::Append(vec!["abc".into()])).await.unwrap();
    update(path("tags"), add("tag")).await.unwrap();
    // A function of the model's own is in no file.
    update(path("even"), Action::Set(number(3))).await.unwrap();
    let pattern = Schema::of::<Ruled>().to_json().replace("^[a-z]+$", "[");
    assert!(Schema::from_json(&pattern).unwrap_err().to_string().contains("is no pattern"));
}
