//! What nothing built on a hash map can go below, and what a cache of plain attribute values takes.

use std::collections::HashMap;
use std::hint::black_box;

use structnosql_core::{Error, StructModel, Value};

use crate::model::{SHORT_ID, ids, movie};
use crate::{Case, Goal};

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case { name: "floor: look up a string in a HashMap", goal: Goal::None, operations: 10_000, run: look_up },
        Case { name: "floor: walk maps of attribute values", goal: Goal::None, operations: 10_000, run: walk },
        Case { name: "floor: keep a map of attribute values", goal: Goal::None, operations: 1_000, run: keep },
    ]
}

/// An attribute as clients of DynamoDB hand it out: numbers as text, maps as hash maps.
#[expect(dead_code, reason = "what is in it is kept, not read")]
enum Attribute {
    Bool(bool),
    List(Vec<Attribute>),
    Map(HashMap<String, Attribute>),
    Number(String),
    String(String),
}

fn attribute(value: Value) -> Attribute {
    match value {
        Value::Bool(value) => Attribute::Bool(value),
        Value::List(items) => Attribute::List(items.into_iter().map(attribute).collect()),
        Value::Map(map) => {
            Attribute::Map(map.into_iter().map(|(name, value)| (name.into(), attribute(value))).collect())
        }
        Value::Number(number) => Attribute::Number(number.to_string()),
        other => Attribute::String(other.to_string()),
    }
}

fn attributes(id: &str) -> HashMap<String, Attribute> {
    let item = movie(id).encode_fields().unwrap_or_default();
    item.into_iter().map(|(name, value)| (name.into(), attribute(value))).collect()
}

fn look_up(operations: usize) -> Result<(), Error> {
    let ratings = HashMap::from([(SHORT_ID.to_owned(), 94)]);
    for _ in 0..operations {
        black_box(ratings.get(black_box(SHORT_ID)));
    }
    Ok(())
}

fn walk(operations: usize) -> Result<(), Error> {
    let records = HashMap::from([(SHORT_ID.to_owned(), attributes(SHORT_ID))]);
    let rating = |id: &str| match records.get(id)?.get("ratings")? {
        Attribute::Map(ratings) => match ratings.get("imdb")? {
            Attribute::Number(number) => number.parse::<i64>().ok(),
            _ => None,
        },
        _ => None,
    };
    assert_eq!(rating(SHORT_ID), Some(94));
    for _ in 0..operations {
        black_box(rating(black_box(SHORT_ID)));
    }
    Ok(())
}

fn keep(operations: usize) -> Result<(), Error> {
    let ids = ids(operations);
    let records: HashMap<String, _> = ids.iter().map(|id| (id.clone(), attributes(id))).collect();
    std::mem::forget(records);
    Ok(())
}
