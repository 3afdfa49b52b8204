//! Changes of list elements.

use structnosql_core::{Backend, UpdateAction};

use super::stage::{Stage, at, list, remove, set};
use crate::conformance::Outcome;
use crate::conformance::finding::same;

async fn becomes<B: Backend>(
    stage: &Stage<'_, B>,
    before: impl IntoIterator<Item = i64>,
    actions: Vec<UpdateAction>,
    after: impl IntoIterator<Item = i64>,
) -> Outcome {
    stage.put(stage.item("a", [("l", list(before))])).await?;
    stage.update("a", actions).await?;
    same("the item", stage.stored("a").await?, Some(stage.item("a", [("l", list(after))])))
}

fn set_at(index: u32, value: i64) -> UpdateAction {
    set(at("l").child(index), value)
}

fn remove_at(index: u32) -> UpdateAction {
    remove(at("l").child(index))
}

pub(super) async fn an_element_is_replaced<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    becomes(stage, [10, 11, 12], vec![set_at(1, 99)], [10, 99, 12]).await
}

pub(super) async fn past_the_end_is_appended<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    becomes(stage, [10], vec![set_at(7, 99)], [10, 99]).await?;
    becomes(stage, [], vec![set_at(0, 99)], [99]).await
}

pub(super) async fn several_past_the_end_are_appended_in_order<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    becomes(stage, [10], vec![set_at(9, 99), set_at(5, 55)], [10, 55, 99]).await
}

pub(super) async fn removing_moves_the_rest_up<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    becomes(stage, [10, 11, 12], vec![remove_at(1)], [10, 12]).await?;
    becomes(stage, [10], vec![remove_at(0)], []).await
}

/// From the last to the first: the order in which they are also right one after another.
pub(super) async fn several_are_removed_by_their_old_places<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    becomes(stage, [10, 11, 12, 13], vec![remove_at(3), remove_at(2), remove_at(0)], [11]).await
}

pub(super) async fn places_are_those_before_the_update<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    becomes(stage, [10, 11, 12], vec![set_at(1, 99), remove_at(0)], [99, 12]).await
}

pub(super) async fn removing_past_the_end_changes_nothing<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    becomes(stage, [10], vec![remove_at(1), remove_at(7)], [10]).await
}
