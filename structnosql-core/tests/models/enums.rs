//! Enums with data: maps with a tag, and one of several types.

use std::collections::{BTreeMap, BTreeSet};

use structnosql_core::{
    BasicTable, CachingTable, ErrorKind, Field, FieldExt, FieldValue, Number, StructModel, TableDataModel, Value,
};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

use super::{item, store};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "orders", crate = "structnosql_core")]
struct Order {
    #[field(partition_key)]
    id: String,
    payment: Option<Payment>,
    history: Vec<Payment>,
    cells: BTreeMap<String, Cell>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(tag = "kind", rename_all = "kebab-case", rename_all_fields = "camelCase", crate = "structnosql_core")]
enum Payment {
    CreditCard {
        #[field(length = 4)]
        last_digits: String,
        #[field(rename = "amount", default = 5)]
        cents: u32,
        labels: Option<BTreeSet<String>>,
        #[field(skip)]
        is_shown: bool,
    },
    Transfer(Transfer),
    #[field(rename = "cash")]
    Money,
    Split {
        parts: Vec<Payment>,
    },
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Transfer {
    iban: String,
    #[field(min = 1)]
    cents: Number,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(untagged, crate = "structnosql_core")]
enum Cell {
    Small(#[field(max = 9)] u8),
    Number(#[field(max = 1000)] f64),
    Text(#[field(length = 1..)] String),
    Many(Vec<Cell>),
    Flag(bool),
}

fn card() -> Payment {
    let labels = Some(BTreeSet::from(["a".to_owned()]));
    Payment::CreditCard { last_digits: "1234".into(), cents: 5, labels, is_shown: false }
}

fn transfer() -> Payment {
    Payment::Transfer(Transfer { iban: "DE02".into(), cents: Number::from(1) })
}

fn order() -> Order {
    let cells = [
        ("small", Cell::Small(9)),
        ("number", Cell::Number(9.5)),
        ("large", Cell::Number(999.0)),
        ("text", Cell::Text("nine".into())),
        ("many", Cell::Many(vec![Cell::Flag(true), Cell::Many(Vec::new())])),
    ];
    Order {
        id: "o1".into(),
        payment: Some(card()),
        history: vec![transfer(), Payment::Money, Payment::Split { parts: vec![card(), Payment::Money] }],
        cells: cells.map(|(name, cell)| (name.to_owned(), cell)).into(),
    }
}

async fn orders() -> CachingTable<Order, Counted<Reference>> {
    CachingTable::open(Counted::new(Reference::new())).await.unwrap()
}

#[tokio::test]
async fn every_variant_is_read_as_it_was_written() {
    let orders = orders().await;
    orders.put_record(&order()).await.unwrap();
    orders.clear_cached_data();
    assert_eq!(orders.get_record("o1").await.unwrap(), Some(order()));

    let f = Order::fields;
    orders.update_field("o1", f().payment(), transfer()).await.unwrap();
    orders.update_field("o1", f().history().index(0), Payment::Money).await.unwrap();
    orders.update_field("o1", f().cells().key("new"), Cell::Text("x".into())).await.unwrap();
    assert_eq!(orders.get_field("o1", f().payment()).await.unwrap(), Some(transfer()));
    orders.commit_operations().await.unwrap();
    orders.clear_cached_data();
    assert_eq!(orders.get_field("o1", f().history().index(0)).await.unwrap(), Some(Payment::Money));
    assert_eq!(orders.get_field("o1", f().cells().key("new")).await.unwrap(), Some(Cell::Text("x".into())));
}

#[test]
fn a_variant_is_stored_beside_its_tag() {
    let item = order().encode_fields().unwrap();
    let stored = |name: &str| item.get(name).unwrap().to_string();
    assert_eq!(stored("payment"), r#"{"amount": 5, "kind": "credit-card", "labels": {"a"}, "lastDigits": "1234"}"#);
    let history = r#"[{"cents": 1, "iban": "DE02", "kind": "transfer"}, {"kind": "cash"}"#;
    assert!(stored("history").starts_with(history), "{}", stored("history"));
    assert_eq!(stored("cells"), r#"{"large": 999, "many": [true, []], "number": 9.5, "small": 9, "text": "nine"}"#);
}

#[test]
fn a_default_stands_for_what_is_absent() {
    let stored = Value::from_iter([("kind", Value::from("credit-card")), ("lastDigits", Value::from("1234"))]);
    let decoded = Payment::decode(&stored).unwrap();
    assert_eq!(decoded, Payment::CreditCard { last_digits: "1234".into(), cents: 5, labels: None, is_shown: false });
}

#[test]
fn what_fits_no_variant_is_told_with_the_known_ones() {
    let message = |entries: &[(&'static str, Value)]| {
        Payment::decode(&entries.iter().cloned().collect()).unwrap_err().to_string()
    };
    let known = "one of `credit-card`, `transfer`, `cash`, `split`";
    assert_eq!(message(&[]), format!("`kind`: expected {known}, found nothing"));
    assert_eq!(message(&[("kind", "Cash".into())]), format!("`kind`: expected {known}, found another text"));
    assert_eq!(message(&[("kind", 3.into())]), format!("`kind`: expected {known}, found number"));
    assert_eq!(
        message(&[("kind", "transfer".into()), ("cents", "x".into())]),
        "`iban`: expected a string, found nothing; `cents`: expected a number, found string"
    );
    assert_eq!(Payment::decode(&"cash".into()).unwrap_err().to_string(), "`the record`: expected a map, found string");
    let split = Value::from_iter([
        ("kind", Value::from("split")),
        ("parts", vec![Value::from_iter([("kind", Value::from("cash"))]), Value::Null].into()),
    ]);
    assert_eq!(Payment::decode(&split).unwrap_err().to_string(), "`parts[1]`: expected a map, found null");

    let none = Cell::decode(&Value::Null).unwrap_err().to_string();
    assert_eq!(none, "`the record`: expected u8, a number, a string, a list or a boolean, found null");
}

#[tokio::test]
async fn rules_hold_inside_variants() {
    let orders = orders().await;
    let f = Order::fields;
    let zero = Payment::Transfer(Transfer { iban: "DE02".into(), cents: Number::from(0) });
    let short = Payment::CreditCard { last_digits: "1".into(), cents: 1, labels: None, is_shown: true };
    let cases = [
        (f().payment().set(zero.clone()), Some("payment.cents")),
        (
            f().history().set([Payment::Money, Payment::Split { parts: vec![short] }]),
            Some("history[1].parts[0].lastDigits"),
        ),
        (f().history().append([zero]), Some("history[0].cents")),
        (f().cells().key("a").set(Cell::Number(1000.5)), Some("cells.a")),
        (f().cells().key("a").set(Cell::Many(vec![Cell::Text(String::new())])), Some("cells.a[0]")),
        // It could be a `Number`, which may be this large.
        (f().cells().key("a").set(Cell::Small(200)), None),
    ];
    for (change, expected) in cases {
        let updated = orders.update_multiple_fields("o1", [change]).await;
        let found = updated.err().map(|error| match error.into_kind() {
            ErrorKind::InvalidValue(mismatch) => mismatch.path().to_string(),
            other => panic!("{other}"),
        });
        assert_eq!(found.as_deref(), expected);
    }
    orders.rollback();

    let broken = Value::from_iter([("kind", Value::from("credit-card")), ("lastDigits", Value::from("1"))]);
    store::<Order>(orders.backend(), item(&[("id", "o2".into()), ("payment", broken)])).await;
    let basic = BasicTable::<Order, _>::attach(orders.backend().clone());
    let error = basic.get_field("o2", f().payment()).await.unwrap_err();
    assert!(error.to_string().contains("`payment.lastDigits`: expected exactly 4 characters, found 1"), "{error}");
}

#[test]
fn json_of_a_variant_is_fitted_to_its_fields() {
    let json = r#"{"id": "o1", "payment": {"kind": "credit-card", "lastDigits": "1234", "labels": ["b", "a"]},
        "history": [], "cells": {"a": 1, "b": "x"}}"#;
    let orders = Order::from_json_reader(json.as_bytes()).unwrap();
    let labels = Some(BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    let payment = Payment::CreditCard { last_digits: "1234".into(), cents: 5, labels, is_shown: false };
    assert_eq!(orders[0].payment, Some(payment));
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Kind {
    kind: String,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(tag = "kind", crate = "structnosql_core")]
enum Twice {
    Of(Kind),
}

#[test]
fn a_field_of_a_struct_does_not_take_the_place_of_the_tag() {
    let error = Twice::Of(Kind { kind: "x".into() }).encode().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`kind`: expected a variant without a field stored as `kind`, which is the tag, found one"
    );
}

#[test]
fn a_path_to_an_enum_is_a_leaf() {
    assert_eq!(Order::fields().payment().path().to_string(), "payment");
    assert!(Order::path("payment.kind", &[]).is_err());
}
