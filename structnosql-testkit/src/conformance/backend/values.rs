//! Values of every type.

use std::collections::BTreeSet;

use structnosql_core::{Backend, FailureClass, Map, Number, Text, Value};

use super::stage::{Stage, at, map, set};
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

fn every_type() -> Map {
    let scalars = [
        ("null", Value::Null),
        ("true", Value::from(true)),
        ("false", Value::from(false)),
        ("integer", Value::from(-42)),
        ("text", Value::from("ünï\u{301} 🎬 \"quoted\" \\ \n")),
        ("binary", Value::Binary((0..=255).collect())),
        ("texts", Value::StringSet(["b", "a", "ü"].map(Text::from).into())),
        ("numbers", Value::NumberSet([-1, 0, 10].map(Number::from).into())),
        ("binaries", Value::BinarySet([vec![0], vec![255, 0]].into())),
    ];
    let list = Value::List(scalars.iter().map(|(_, value)| value.clone()).collect());
    let nested = [("list", list), ("map", Value::from_iter(scalars.clone()))];
    map(scalars.into_iter().chain(nested))
}

pub(super) async fn every_type_comes_back<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.key("a").into_iter().chain(every_type()).collect()).await?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn every_type_is_set_by_an_update<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("m", Value::from(map([])))])).await?;
    let actions = every_type().into_iter().map(|(name, value)| set(at("m").child(name), value)).collect();
    stage.update("a", actions).await?;
    same("the item", stage.stored("a").await?, Some(stage.item("a", [("m", Value::Map(every_type()))])))
}

/// Each number comes back as the same number, whatever its notation.
async fn kept<B: Backend>(stage: &Stage<'_, B>, numbers: &[&str]) -> Outcome {
    for text in numbers {
        // Texts of this module that the core holds for no numbers would be its fault.
        let Ok(number) = text.parse::<Number>() else { return same("a number", *text, "a number") };
        let item = stage.put(stage.item("a", [("n", number.into())])).await?;
        same(text, stage.stored("a").await?, Some(item))?;
    }
    Ok(())
}

pub(super) async fn numbers_keep_38_digits<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let texts = [
        "12345678901234567890123456789012345678",
        "-12345678901234567890123456789012345678",
        "1.2345678901234567890123456789012345678",
        "0.12345678901234567890123456789012345678",
        "99999999999999999999999999999999999999",
        "9007199254740993",
        "0.1",
        "-0",
    ];
    kept(stage, &texts).await
}

pub(super) async fn numbers_keep_their_magnitude<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    kept(stage, &["1E-130", "-1E-130", "9.9999999999999999999999999999999999999E+125", "1E+125", "1000000", "1E21"])
        .await
}

pub(super) async fn empty_values_stay_empty<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let empty = [
        ("text", Value::from("")),
        ("binary", Value::Binary(Vec::new())),
        ("list", Value::List(Vec::new())),
        ("map", Value::from(map([]))),
    ];
    let list = Value::List(empty.iter().map(|(_, value)| value.clone()).collect());
    let item = stage.put(stage.item("a", empty.into_iter().chain([("all", list)]))).await?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn sets_have_no_order<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let numbers = (0..50).map(|number| Number::from(number * 7 % 50)).collect();
    let texts = (0..50).map(|number| Text::from(format!("{}", number * 7 % 50))).collect();
    let item = stage.put(stage.item("a", [("n", Value::NumberSet(numbers)), ("s", Value::StringSet(texts))])).await?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn an_empty_set_is_refused<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for empty in [
        Value::StringSet(BTreeSet::new()),
        Value::NumberSet(BTreeSet::new()),
        Value::BinarySet(BTreeSet::new()),
        Value::List(vec![Value::StringSet(BTreeSet::new())]),
    ] {
        let what = empty.kind();
        let put = stage.put_request(stage.item("a", [("s", empty.clone())]));
        fails(what, stage.backend.put(put).await, FailureClass::Invalid)?;
        fails(what, stage.update("a", vec![set("s", empty)]).await, FailureClass::Invalid)?;
    }
    same("the item", stage.stored("a").await?, None)
}
