//! Whole items and projections of them.

use structnosql_core::{Backend, Comparison, Condition, DeleteRequest, FailureClass, Operand, PutRequest, Value};

use super::stage::{Stage, at, list, map, numbers};
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

pub(super) async fn an_item_comes_back_as_it_was_put<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("name", "Paul".into()), ("tokens", numbers([("t1", 1)]))])).await?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn a_put_replaces_the_whole_item<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("old", 1.into()), ("both", 1.into())])).await?;
    let item = stage.put(stage.item("a", [("both", 2.into()), ("new", 2.into())])).await?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn a_put_gives_back_what_it_replaces_where_asked_for<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = |n: i64| stage.item("a", [("n", n.into())]);
    let mut stored = None;
    for (n, return_old) in [(1, false), (2, true), (3, false), (4, true)] {
        let old = stage.backend.put(PutRequest { return_old, ..stage.put_request(item(n)) }).await?;
        same("what was replaced", old, stored.filter(|_| return_old))?;
        stored = Some(item(n));
    }
    let new = stage.item("b", [("n", 1.into())]);
    let old = stage.backend.put(PutRequest { return_old: true, ..stage.put_request(new) }).await?;
    same("what was replaced where there was none", old, None)?;

    // With a condition it is the same one item that was looked at and replaced.
    let guarded = |n: i64, was: i64| PutRequest {
        condition: Some(Condition::Compare(Operand::Value(at("n")), Comparison::Equal, was.into())),
        return_old: true,
        ..stage.put_request(item(n))
    };
    same("what was replaced under a condition", stage.backend.put(guarded(5, 4)).await?, stored)?;
    fails(
        "a put whose condition does not hold",
        stage.backend.put(guarded(6, 4)).await,
        FailureClass::ConditionFailed,
    )?;
    same("what a refused put leaves", stage.stored("a").await?, Some(item(5)))
}

pub(super) async fn an_item_of_the_key_alone_is_one<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.key("a")).await?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn what_is_not_there_is_nothing<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    same("the whole item", stage.stored("a").await?, None)?;
    same("a part of it", stage.read("a", vec![at("name").child("first")]).await?, None)
}

pub(super) async fn a_projection_brings_its_paths_alone<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let tokens = Value::from_iter([("t1", numbers([("a", 1), ("b", 2)])), ("t2", numbers([("a", 3)]))]);
    stage.put(stage.item("a", [("name", "Paul".into()), ("age", 5.into()), ("tokens", tokens)])).await?;
    let found = stage.read("a", vec![at("name"), at("tokens").child("t1").child("b")]).await?;
    let tokens = Value::from_iter([("t1", numbers([("b", 2)]))]);
    same("the parts", found, Some(map([("name", "Paul".into()), ("tokens", tokens)])))
}

pub(super) async fn a_projection_closes_the_gaps_of_a_list<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("l", list([10, 11, 12, 13]))])).await?;
    let found = stage.read("a", vec![at("l").child(1), at("l").child(3)]).await?;
    same("the elements", found, Some(map([("l", list([11, 13]))])))
}

pub(super) async fn a_projection_of_what_is_not_there_is_an_empty_item<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("name", "Paul".into()), ("m", numbers([])), ("l", list([1]))])).await?;
    for path in [
        at("missing"),
        at("missing").child("below"),
        at("m").child("missing"),
        at("m").child(0),
        at("name").child("below"),
        at("name").child(0),
        at("l").child(1),
        at("l").child("name"),
    ] {
        let found = stage.read("a", vec![path.clone()]).await?;
        same(&path.to_string(), found, Some(map([])))?;
    }
    Ok(())
}

pub(super) async fn a_deleted_item_is_gone_and_comes_back_where_asked_for<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for return_old in [true, false] {
        let item = stage.put(stage.item("a", [("name", "Paul".into())])).await?;
        let (table, key) = (stage.tables.plain.clone(), stage.key("a"));
        let old = stage.backend.delete(DeleteRequest { table, key, condition: None, return_old }).await?;
        same("what was deleted", old, return_old.then_some(item))?;
        same("what is left", stage.stored("a").await?, None)?;
    }
    Ok(())
}

pub(super) async fn deleting_what_is_not_there_succeeds<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for return_old in [true, false] {
        let (table, key) = (stage.tables.plain.clone(), stage.key("a"));
        let old = stage.backend.delete(DeleteRequest { table, key, condition: None, return_old }).await?;
        same("what was deleted", old, None)?;
    }
    Ok(())
}
