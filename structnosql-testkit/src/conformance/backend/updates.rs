//! Changes of parts of an item.

use structnosql_core::{
    Backend, Comparison, Condition, DocumentPath, FailureClass, Operand, UpdateAction, UpdateRequest, Value,
};

use super::stage::{Stage, at, list, map, numbers, remove, set};
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

pub(super) async fn setting_creates_the_item<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.update("a", vec![set("n", 1), remove("m")]).await?;
    same("the item", stage.stored("a").await?, Some(stage.item("a", [("n", 1.into())])))
}

pub(super) async fn setting_and_removing_go_together<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("x", 1.into()), ("y", 1.into()), ("z", 1.into())])).await?;
    stage.update("a", vec![set("x", 2), remove("y"), set("new", Value::Null)]).await?;
    let left = stage.item("a", [("x", 2.into()), ("z", 1.into()), ("new", Value::Null)]);
    same("the item", stage.stored("a").await?, Some(left))
}

/// As a field does that was renamed: if it is stored so still.
pub(super) async fn a_value_moves_to_another_name<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("old", numbers([("x", 1)]))])).await?;
    let moved = |x: i64| UpdateRequest {
        condition: Some(Condition::Compare(Operand::Value(at("old")), Comparison::Equal, numbers([("x", x)]))),
        ..stage.update_request("a", vec![set("new", numbers([("x", 2)])), remove("old")])
    };
    fails("of another value", stage.backend.update(moved(7)).await, FailureClass::ConditionFailed)?;
    stage.backend.update(moved(1)).await?;
    same("the item", stage.stored("a").await?, Some(stage.item("a", [("new", numbers([("x", 2)]))])))
}

pub(super) async fn nested_values_change_alone<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let tokens = Value::from_iter([("t1", numbers([("a", 1), ("b", 2)])), ("t2", numbers([("a", 3)]))]);
    stage.put(stage.item("a", [("tokens", tokens)])).await?;
    let token = |name: &str| at("tokens").child(name);
    let actions = vec![set(token("t1").child("a"), 10), remove(token("t2").child("a")), set(token("t3"), numbers([]))];
    stage.update("a", actions).await?;
    let tokens = [("t1", numbers([("a", 10), ("b", 2)])), ("t2", numbers([])), ("t3", numbers([]))];
    same("the item", stage.stored("a").await?, Some(stage.item("a", [("tokens", Value::from_iter(tokens))])))
}

pub(super) async fn removing_what_is_not_there_succeeds<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("m", numbers([("x", 1)]))])).await?;
    stage.update("a", vec![remove("missing"), remove(at("m").child("missing"))]).await?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn the_old_item_comes_back_where_asked_for<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let mut request = stage.update_request("a", vec![set("n", 1)]);
    request.return_old = true;
    same("where there was none", stage.backend.update(request.clone()).await?, None)?;
    request.actions = vec![set("n", 2), set("m", 2)];
    let old = stage.item("a", [("n", 1.into())]);
    same("the whole old item", stage.backend.update(request.clone()).await?, Some(old))?;
    request.return_old = false;
    same("where nobody asked", stage.backend.update(request).await?, None)
}

/// The update fails, and what it would have changed beside the path is as it was.
async fn refused<B: Backend>(stage: &Stage<'_, B>, action: UpdateAction) -> Outcome {
    let stored = [("text", "x".into()), ("m", numbers([("x", 1)])), ("l", list([1, 2]))];
    let item = stage.put(stage.item("a", stored)).await?;
    let what = action.path.to_string();
    fails(&what, stage.update("a", vec![set("beside", 1), action]).await, FailureClass::InvalidPath)?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn setting_under_a_missing_parent_is_an_invalid_path<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    refused(stage, set(at("missing").child("x"), 1)).await?;
    refused(stage, set(at("missing").child(0), 1)).await?;
    refused(stage, set(at("m").child("missing").child("x"), 1)).await?;
    refused(stage, set(at("l").child(5).child("x"), 1)).await
}

pub(super) async fn setting_under_a_scalar_is_an_invalid_path<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    refused(stage, set(at("text").child("x"), 1)).await?;
    refused(stage, set(at("text").child(0), 1)).await?;
    refused(stage, set(at("m").child("x").child("y"), 1)).await
}

pub(super) async fn setting_an_index_of_a_map_is_an_invalid_path<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    refused(stage, set(at("m").child(0), 1)).await
}

pub(super) async fn setting_a_name_in_a_list_is_an_invalid_path<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    refused(stage, set(at("l").child("x"), 1)).await
}

pub(super) async fn removing_under_a_missing_parent_is_an_invalid_path<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    refused(stage, remove(at("missing").child("x"))).await?;
    refused(stage, remove(at("m").child("missing").child("x"))).await
}

/// Where a backend takes it for done, it must at least have done nothing.
pub(super) async fn removing_under_a_missing_parent_changes_nothing<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("text", "x".into()), ("m", numbers([("x", 1)])), ("l", list([1]))])).await?;
    let (missing, m) = (|| at("missing"), || at("m"));
    for path in [missing().child("x"), missing().child(0), m().child("y").child("z"), at("text").child("x")] {
        // Whether it fails is the case before this one.
        stage.update("a", vec![remove(path.clone())]).await.ok();
        same(&path.to_string(), stage.stored("a").await?, Some(item.clone()))?;
    }
    Ok(())
}

pub(super) async fn one_invalid_path_undoes_the_whole_update<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("n", 1.into()), ("m", 1.into())])).await?;
    let actions = vec![set("n", 2), remove("m"), set(at("missing").child("x"), 1)];
    fails("the update", stage.update("a", actions).await, FailureClass::InvalidPath)?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn a_key_attribute_cannot_change<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("n", 1.into())])).await?;
    fails("setting it", stage.update("a", vec![set("id", "b")]).await, FailureClass::Invalid)?;
    fails("removing it", stage.update("a", vec![remove("id")]).await, FailureClass::Invalid)?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn removing_alone_creates_nothing<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.update("a", vec![remove("n")]).await?;
    same("the item", stage.stored("a").await?, None)
}

pub(super) async fn a_guarded_remove_creates_nothing<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let mut request = stage.update_request("a", vec![remove("n")]);
    request.condition = Some(Condition::Exists(at("id")));
    fails("the update", stage.backend.update(request).await, FailureClass::ConditionFailed)?;
    same("the item", stage.stored("a").await?, None)
}

pub(super) async fn a_hundred_actions_are_one_update<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let names: Vec<String> = (0..100).map(|number| format!("attribute number {number}")).collect();
    let path = |name: &String| DocumentPath::from(name.as_str());
    let (kept, removed) = names.split_at(50);
    stage.put(stage.item("a", names.iter().map(|name| (name.as_str(), Value::from(1))))).await?;
    let sets = kept.iter().map(|name| set(path(name), 2));
    let removes = removed.iter().map(|name| remove(path(name)));
    stage.update("a", sets.chain(removes).collect()).await?;
    let left = map(kept.iter().map(|name| (name.as_str(), Value::from(2))));
    same("the item", stage.stored("a").await?, Some(stage.key("a").into_iter().chain(left).collect()))
}
