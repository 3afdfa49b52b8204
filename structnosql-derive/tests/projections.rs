//! Projections read several fields into a struct, from one record or from the rows of a query.

use std::collections::HashMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use structnosql::{
    Backend, BasicTable, DeleteRequest, Failure, FailureClass, GetRequest, Map, PageResponse, Projection, PutRequest,
    QueryRequest, TableDataModel, TableDefinition, TableDescription, UpdateRequest, Value,
};
use structnosql_derive::{MapModel, Projection, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    name: String,
    age: Option<u8>,
    #[field(rename = "t")]
    tokens: Option<HashMap<String, Token>>,
    #[field(default = 1)]
    level: u8,
    address: Address,
}

#[derive(MapModel)]
struct Token {
    expires: i64,
}

#[derive(Debug, PartialEq, MapModel)]
struct Address {
    city: String,
    lines: Vec<String>,
}

#[derive(Debug, PartialEq, Projection)]
#[projection(model = User)]
struct Card {
    id: String,
    name: String,
    age: Option<u8>,
    #[field(path = tokens.key("t.32").expires)]
    expires: Option<i64>,
    level: Option<u8>,
    #[field(path = address.city)]
    city: String,
    address: Address,
    #[field(path = address.lines.index(1))]
    second_line: Option<String>,
}

/// A database of one record.
struct OneRecord(Map);

impl Backend for OneRecord {
    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        let asked_for = request.key.iter().all(|(name, value)| self.0.get(name) == Some(value));
        Ok(asked_for.then(|| self.0.clone()))
    }

    async fn query(&self, _: QueryRequest) -> Result<PageResponse, Failure> {
        Ok(PageResponse { items: vec![self.0.clone()], count: 1, scanned: 1, next: None })
    }

    async fn put(&self, _: PutRequest) -> Result<Option<Map>, Failure> {
        Err(unsupported())
    }

    async fn update(&self, _: UpdateRequest) -> Result<Option<Map>, Failure> {
        Err(unsupported())
    }

    async fn delete(&self, _: DeleteRequest) -> Result<Option<Map>, Failure> {
        Err(unsupported())
    }

    async fn describe_table(&self, _: &str) -> Result<Option<TableDescription>, Failure> {
        Err(unsupported())
    }

    async fn create_table(&self, _: TableDefinition) -> Result<(), Failure> {
        Err(unsupported())
    }
}

fn unsupported() -> Failure {
    Failure::new(FailureClass::Unsupported, "not in this test")
}

/// Nothing here waits for anything.
fn ready<F: IntoFuture>(future: F) -> F::Output {
    let mut future = pin!(future.into_future());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return output;
        }
    }
}

fn item() -> Map {
    let address =
        [("city", Value::from("Lyon")), ("lines", Value::List(vec![Value::from("1 rue"), Value::from("B2")]))];
    let tokens = [("t.32", Value::from_iter([("expires", Value::from(1_618_322_249))]))];
    Map::from_iter([
        ("id", Value::from("x42")),
        ("name", Value::from("Paul")),
        ("age", Value::Null),
        ("t", Value::from_iter(tokens)),
        ("address", Value::from_iter(address)),
    ])
}

fn card() -> Card {
    let lines = vec!["1 rue".to_owned(), "B2".to_owned()];
    Card {
        id: "x42".to_owned(),
        name: "Paul".to_owned(),
        age: None,
        expires: Some(1_618_322_249),
        level: None,
        city: "Lyon".to_owned(),
        address: Address { city: "Lyon".to_owned(), lines },
        second_line: Some("B2".to_owned()),
    }
}

#[test]
fn of_one_record() {
    let users: BasicTable<User, _> = BasicTable::attach(OneRecord(item()));
    assert_eq!(ready(users.get_field("x42", Card::projection())).unwrap(), Some(card()));
    assert_eq!(ready(users.get_field("y42", Card::projection())).unwrap(), None);
    let (name, nested) = ready(users.get_field("x42", (User::fields().name(), Card::projection()))).unwrap();
    assert_eq!((name.as_deref(), nested), (Some("Paul"), Some(card())));
}

#[test]
fn of_the_rows_of_a_query() {
    let users: BasicTable<User, _> = BasicTable::attach(OneRecord(item()));
    let page = ready(users.query_field(User::indexes().primary("x42"), Card::projection())).unwrap();
    let rows: Vec<_> = page.records.into_iter().map(|(key, card)| (key.to_string(), card)).collect();
    assert_eq!(rows, [("x42".to_owned(), card())]);
}

#[test]
fn a_required_field_that_is_not_stored_is_an_error() {
    let mut item = item();
    item.remove("name");
    let users: BasicTable<User, _> = BasicTable::attach(OneRecord(item));
    let error = ready(users.get_field("x42", Card::projection())).unwrap_err();
    assert!(error.is_stored_value());
    assert_eq!(
        error.to_string(),
        "stored value does not fit the model: `name`: expected a string, found nothing (`.lenient()` reads what fits)"
    );
}

#[test]
fn it_prints_its_paths() {
    let paths = r#"[id, name, age, t."t.32".expires, level, address.city, address, address.lines[1]]"#;
    assert_eq!(format!("{:?}", Card::projection()), paths);
}

/// Wider than the widest tuple.
#[derive(Debug, PartialEq, Projection)]
#[projection(model = User)]
#[rustfmt::skip]
struct Wide {
    #[field(path = id)] a: String, #[field(path = id)] b: String, #[field(path = id)] c: String,
    #[field(path = id)] d: String, #[field(path = id)] e: String, #[field(path = id)] f: String,
    #[field(path = id)] g: String, #[field(path = id)] h: String, #[field(path = id)] i: String,
    #[field(path = id)] j: String, #[field(path = id)] k: String, #[field(path = id)] l: String,
    #[field(path = name)] m: String,
}

#[test]
fn it_may_have_many_fields() {
    let users: BasicTable<User, _> = BasicTable::attach(OneRecord(item()));
    let wide = ready(users.get_field("x42", Wide::projection())).unwrap().unwrap();
    assert_eq!((wide.a.as_str(), wide.l.as_str(), wide.m.as_str()), ("x42", "x42", "Paul"));
}
