//! What DynamoDB holds at most: just so much works, and one more is refused.

use structnosql_core::{Backend, FailureClass, MAX_DEPTH, Value};

use super::stage::{Stage, set};
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

/// 400 KB, names included.
const MAX_ITEM: usize = 400 * 1024;

/// Lists and maps in turn, with a text inside.
fn nested(levels: usize) -> Value {
    (0..levels).fold(Value::from("inside"), |value, level| {
        if level % 2 == 0 { Value::List(vec![value]) } else { Value::from_iter([("m", value)]) }
    })
}

async fn comes_back<B: Backend>(stage: &Stage<'_, B>, levels: usize) -> Outcome {
    let item = stage.put(stage.item("a", [("deep", nested(levels))])).await?;
    same("the item", stage.stored("a").await?, Some(item.clone()))?;
    stage.update("a", vec![set("deep", nested(levels))]).await?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn values_may_be_nested_31_levels_deep<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    comes_back(stage, MAX_DEPTH - 1).await
}

pub(super) async fn values_may_be_nested_32_levels_deep<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    comes_back(stage, MAX_DEPTH).await
}

pub(super) async fn deeper_nesting_is_refused<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for levels in [MAX_DEPTH + 1, 60] {
        let put = stage.put_request(stage.item("a", [("deep", nested(levels))]));
        fails("a put", stage.backend.put(put).await, FailureClass::Invalid)?;
        fails("an update", stage.update("a", vec![set("deep", nested(levels))]).await, FailureClass::Invalid)?;
    }
    same("the item", stage.stored("a").await?, None)
}

/// A text that makes the item `size` bytes large.
fn filling<B: Backend>(stage: &Stage<'_, B>, size: usize) -> Value {
    let empty = stage.item("a", [("text", "".into())]).item_size();
    Value::from("x".repeat(size.saturating_sub(empty)))
}

pub(super) async fn an_item_may_have_400_kilobytes<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("text", filling(stage, MAX_ITEM))])).await?;
    same("the item came back", stage.stored("a").await? == Some(item), true)
}

pub(super) async fn a_larger_item_is_too_large<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let put = stage.put_request(stage.item("a", [("text", filling(stage, MAX_ITEM + 1))]));
    fails("a put", stage.backend.put(put).await, FailureClass::TooLarge)?;
    same("nothing is stored", stage.stored("a").await?.is_none(), true)
}

pub(super) async fn an_update_may_not_make_an_item_too_large<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("other", "y".repeat(200 * 1024).into())])).await?;
    let set = vec![set("text", filling(stage, 200 * 1024 + 100))];
    fails("an update", stage.update("a", set).await, FailureClass::TooLarge)?;
    same("the item is as it was", stage.stored("a").await? == Some(item), true)
}
