//! Conditions on the stored item.

use structnosql_core::{Backend, Condition, DeleteRequest, Failure, FailureClass, StoredType, Value};

use super::stage::{Stage, at, numbers, set};
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

const FAILED: FailureClass = FailureClass::ConditionFailed;

async fn put_if<B: Backend>(stage: &Stage<'_, B>, n: i64, condition: Condition) -> Result<(), Failure> {
    let mut request = stage.put_request(stage.item("a", [("n", n.into())]));
    request.condition = Some(condition);
    stage.backend.put(request).await.map(drop)
}

async fn update_if<B: Backend>(stage: &Stage<'_, B>, condition: Condition) -> Result<(), Failure> {
    let mut request = stage.update_request("a", vec![set("n", 2)]);
    request.condition = Some(condition);
    stage.backend.update(request).await.map(|_| ())
}

async fn delete_if<B: Backend>(stage: &Stage<'_, B>, condition: Condition) -> Result<(), Failure> {
    let (table, key) = (stage.tables.plain.clone(), stage.key("a"));
    let request = DeleteRequest { table, key, condition: Some(condition), return_old: false };
    stage.backend.delete(request).await.map(|_| ())
}

pub(super) async fn a_put_may_depend_on_absence<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    put_if(stage, 1, Condition::NotExists(at("id"))).await?;
    fails("the second put", put_if(stage, 2, Condition::NotExists(at("id"))).await, FAILED)?;
    same("the item", stage.stored("a").await?, Some(stage.item("a", [("n", 1.into())])))
}

pub(super) async fn a_put_may_depend_on_presence<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    fails("a put on nothing", put_if(stage, 1, Condition::Exists(at("id"))).await, FAILED)?;
    same("the item", stage.stored("a").await?, None)?;
    stage.put(stage.key("a")).await?;
    Ok(put_if(stage, 2, Condition::Exists(at("id"))).await?)
}

pub(super) async fn an_update_may_depend_on_a_nested_path<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("m", numbers([("x", 1)]))])).await?;
    let below = |name: &str| at("m").child(name);
    fails("what is not there", update_if(stage, Condition::Exists(below("y"))).await, FAILED)?;
    fails("what is there", update_if(stage, Condition::NotExists(below("x"))).await, FAILED)?;
    fails("below a number", update_if(stage, Condition::Exists(below("x").child("z"))).await, FAILED)?;
    same("the item", stage.stored("a").await?, Some(item))?;
    update_if(stage, Condition::Exists(below("x"))).await?;
    Ok(update_if(stage, Condition::NotExists(below("x").child("z"))).await?)
}

pub(super) async fn a_delete_may_depend_on_presence<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    fails("deleting nothing", delete_if(stage, Condition::Exists(at("id"))).await, FAILED)?;
    let item = stage.put(stage.item("a", [("n", 1.into())])).await?;
    fails("an attribute too few", delete_if(stage, Condition::Exists(at("m"))).await, FAILED)?;
    same("the item", stage.stored("a").await?, Some(item))?;
    delete_if(stage, Condition::Exists(at("n"))).await?;
    same("what is left", stage.stored("a").await?, None)
}

pub(super) async fn all_of_several_must_hold<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("x", 1.into())])).await?;
    let both = |first, second| Condition::All(vec![first, second]);
    let (x, y) = (|| at("x"), || at("y"));
    fails("one of two", update_if(stage, both(Condition::Exists(x()), Condition::Exists(y()))).await, FAILED)?;
    fails("the other", update_if(stage, both(Condition::Exists(y()), Condition::Exists(x()))).await, FAILED)?;
    Ok(update_if(stage, both(Condition::Exists(x()), Condition::NotExists(y()))).await?)
}

pub(super) async fn a_null_is_present<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("none", Value::Null)])).await?;
    fails("that it is absent", update_if(stage, Condition::NotExists(at("none"))).await, FAILED)?;
    Ok(update_if(stage, Condition::Exists(at("none"))).await?)
}

pub(super) async fn a_null_is_told_from_other_values<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("none", Value::Null), ("text", "NULL".into())])).await?;
    fails("a text", update_if(stage, Condition::HasType(at("text"), StoredType::Null)).await, FAILED)?;
    fails("nothing", put_if(stage, 1, Condition::HasType(at("missing"), StoredType::Null)).await, FAILED)?;
    fails("nothing", delete_if(stage, Condition::HasType(at("missing"), StoredType::Null)).await, FAILED)?;
    update_if(stage, Condition::HasType(at("none"), StoredType::Null)).await?;
    Ok(delete_if(stage, Condition::HasType(at("none"), StoredType::Null)).await?)
}

pub(super) async fn a_failed_put_brings_the_stored_item<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let failure = fails("nothing stored", put_if(stage, 1, Condition::Exists(at("id"))).await, FAILED)?;
    same("nothing", failure.item(), None)?;
    let item = stage.put(stage.item("a", [("m", numbers([("x", 1)]))])).await?;
    let failure = fails("the put", put_if(stage, 1, Condition::NotExists(at("id"))).await, FAILED)?;
    same("the stored item", failure.item(), Some(&item))
}

pub(super) async fn a_failed_update_brings_the_stored_item<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("m", numbers([("x", 1)]))])).await?;
    let failure = fails("the update", update_if(stage, Condition::NotExists(at("id"))).await, FAILED)?;
    same("the stored item", failure.item(), Some(&item))
}

pub(super) async fn a_failed_delete_brings_the_stored_item<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("m", numbers([("x", 1)]))])).await?;
    let failure = fails("the delete", delete_if(stage, Condition::NotExists(at("id"))).await, FAILED)?;
    same("the stored item", failure.item(), Some(&item))
}
