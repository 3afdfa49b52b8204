//! Updates of several items in one request, each by a statement of its own.

use structnosql_core::{
    Action, Backend, BatchUpdateRequest, Comparison, Condition, Failure, FailureClass, Number, Operand, UpdateAction,
    UpdateRequest, Value,
};

use super::stage::{Stage, at, list, numbers, remove, set};
use crate::conformance::finding::{fails, same};
use crate::conformance::{Finding, Outcome};

impl<B: Backend> Stage<'_, B> {
    async fn update_all(&self, updates: Vec<UpdateRequest>) -> Result<Vec<Result<(), Failure>>, Finding> {
        let count = updates.len();
        let answers = self.backend.batch_update(BatchUpdateRequest { updates }).await?;
        same("answers", answers.len(), count)?;
        Ok(answers)
    }

    async fn update_by_statement(
        &self,
        name: &str,
        actions: Vec<UpdateAction>,
    ) -> Result<Result<(), Failure>, Finding> {
        let mut answers = self.update_all(vec![self.update_request(name, actions)]).await?;
        Ok(answers.swap_remove(0))
    }
}

fn action(path: &str, action: Action) -> UpdateAction {
    UpdateAction::new(at(path), action)
}

fn texts(members: &[&str]) -> Value {
    Value::StringSet(members.iter().map(|member| (*member).into()).collect())
}

pub(super) async fn several_items_change_in_one_request<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("n", 1.into()), ("m", numbers([("x", 1), ("y", 2)]))])).await?;
    stage.put(stage.item("b", [("n", 1.into())])).await?;
    let first = vec![set("n", 2), remove(at("m").child("x")), set(at("m").child("z"), 3)];
    let updates = vec![stage.update_request("a", first), stage.update_request("b", vec![set("text", "new")])];
    same("the answers", stage.update_all(updates).await?, vec![Ok(()), Ok(())])?;
    let a = stage.item("a", [("n", 2.into()), ("m", numbers([("y", 2), ("z", 3)]))]);
    same("the first", stage.stored("a").await?, Some(a))?;
    same("the second", stage.stored("b").await?, Some(stage.item("b", [("n", 1.into()), ("text", "new".into())])))
}

pub(super) async fn each_is_answered_for_itself<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("n", 1.into())])).await?;
    let updates =
        vec![stage.update_request("missing", vec![set("n", 2)]), stage.update_request("a", vec![set("n", 2)])];
    let answers = stage.update_all(updates).await?;
    let [missing, there] = answers.as_slice() else { return Ok(()) };
    fails("an item that is not there", missing.clone(), FailureClass::ConditionFailed)?;
    same("an item that is there", there, &Ok(()))?;
    same("nothing was created", stage.stored("missing").await?, None)?;
    same("the other", stage.stored("a").await?, Some(stage.item("a", [("n", 2.into())])))
}

pub(super) async fn a_missing_parent_is_an_invalid_path<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("n", 1.into())])).await?;
    for actions in [vec![set(at("m").child("x"), 1)], vec![remove(at("m").child("x"))]] {
        let answer = stage.update_by_statement("a", actions).await?;
        fails("below nothing", answer, FailureClass::InvalidPath)?;
    }
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn names_may_be_any_but_for_quotes<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let odd = ["a.b", "a[0]", "from", "Ünïcode ✓", "with space", "it's", "back\\slash"];
    let item = stage.put(stage.item("a", odd.map(|name| (name, 1.into())))).await?;
    let sets = odd.map(|name| set(name, 2)).to_vec();
    same("setting", stage.update_by_statement("a", sets).await?, Ok(()))?;
    same("the item", stage.stored("a").await?, Some(stage.item("a", odd.map(|name| (name, 2.into())))))?;
    let removes = odd.map(remove).to_vec();
    same("removing", stage.update_by_statement("a", removes).await?, Ok(()))?;
    same("the item", stage.stored("a").await?, Some(stage.key("a")))?;
    stage.put(item).await?;
    let quoted = stage.update_request("a", vec![set("a\"b", 1)]);
    let answer = stage.backend.batch_update(BatchUpdateRequest { updates: vec![quoted] }).await;
    let refused = match answer {
        Ok(answers) => answers.into_iter().all(|answer| answer.is_err()),
        Err(failure) => !failure.class().may_be_applied(),
    };
    same("a quote is refused", refused, true)
}

pub(super) async fn a_condition_may_go_with_it<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("n", 1.into()), ("m", numbers([("x", 1)]))])).await?;
    let update =
        |condition| UpdateRequest { condition: Some(condition), ..stage.update_request("a", vec![set("done", true)]) };
    let compare = |comparison, value: i64| Condition::Compare(Operand::Value(at("n")), comparison, value.into());
    let x = || at("m").child("x");
    for condition in [
        Condition::NotExists(x()),
        Condition::Exists(at("other")),
        compare(Comparison::Greater, 1),
        Condition::All(vec![Condition::Exists(x()), compare(Comparison::Equal, 2)]),
    ] {
        let what = format!("{condition:?}");
        let answer = stage.update_all(vec![update(condition)]).await?.swap_remove(0);
        let failure = fails(&what, answer, FailureClass::ConditionFailed)?;
        same(&what, failure.item(), Some(&item))?;
    }
    let holds = Condition::All(vec![
        Condition::Exists(x()),
        Condition::NotExists(at("other")),
        compare(Comparison::LessOrEqual, 1),
    ]);
    same("what holds", stage.update_all(vec![update(holds)]).await?, vec![Ok(())])
}

pub(super) async fn members_come_and_go<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("old", texts(&["x", "y"])), ("last", texts(&["x"]))])).await?;
    let add = |members: &[&str]| Action::Members { add: Some(texts(members)), remove: None };
    let take = |members: &[&str]| Action::Members { add: None, remove: Some(texts(members)) };
    let actions = vec![
        action("old", add(&["y", "z"])),
        action("new", add(&["x"])),
        action("last", take(&["x"])),
        action("never", take(&["x"])),
    ];
    same("the answer", stage.update_by_statement("a", actions).await?, Ok(()))?;
    let left = stage.item("a", [("old", texts(&["x", "y", "z"])), ("new", texts(&["x"]))]);
    same("the item", stage.stored("a").await?, Some(left))
}

pub(super) async fn counters_and_lists_grow<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("n", 40.into()), ("l", list([2])), ("m", numbers([("x", 1)]))])).await?;
    let count = |by: i64| Action::Increment { from: Number::from(0), by: Number::from(by) };
    let actions = vec![
        action("n", count(2)),
        UpdateAction::new(at("m").child("x"), count(-1)),
        action("l", Action::Append(vec![3.into()])),
    ];
    same("the answer", stage.update_by_statement("a", actions).await?, Ok(()))?;
    let front = vec![action("l", Action::Prepend(vec![1.into()]))];
    same("the answer", stage.update_by_statement("a", front).await?, Ok(()))?;
    let grown = stage.item("a", [("n", 42.into()), ("l", list([1, 2, 3])), ("m", numbers([("x", 0)]))]);
    same("the item", stage.stored("a").await?, Some(grown))
}

pub(super) async fn what_is_to_grow_must_be_there<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.key("a")).await?;
    let count = Action::Increment { from: Number::from(0), by: Number::from(1) };
    for grown in [count, Action::Append(vec![1.into()]), Action::Prepend(vec![1.into()])] {
        let answer = stage.update_by_statement("a", vec![action("n", grown.clone())]).await?;
        same(&format!("{grown:?} is refused"), answer.is_err_and(|failure| !failure.class().may_be_applied()), true)?;
    }
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn an_item_changes_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.key("a")).await?;
    let updates = vec![stage.update_request("a", vec![set("n", 1)]), stage.update_request("a", vec![set("m", 1)])];
    let answer = stage.backend.batch_update(BatchUpdateRequest { updates }).await;
    fails("an item twice", answer, FailureClass::Invalid)?;
    same("the item", stage.stored("a").await?, Some(item))
}

pub(super) async fn more_than_25_are_refused<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let updates = |count: usize| -> Vec<UpdateRequest> {
        (0..count).map(|at| stage.update_request(&at.to_string(), vec![set("n", 1)])).collect()
    };
    for at in 0..BatchUpdateRequest::MAX_UPDATES {
        stage.put(stage.key(&at.to_string())).await?;
    }
    let answers = stage.update_all(updates(BatchUpdateRequest::MAX_UPDATES)).await?;
    same("all of 25", answers.iter().all(Result::is_ok), true)?;
    let request = BatchUpdateRequest { updates: updates(BatchUpdateRequest::MAX_UPDATES + 1) };
    fails("one more", stage.backend.batch_update(request).await, FailureClass::Invalid)?;
    Ok(())
}
