//! Several items in one request, all or none.

use structnosql_core::{
    Action, Backend, CheckRequest, Condition, DeleteRequest, Failure, FailureClass, IdempotencyToken, Map, Number,
    PutRequest, TransactAction, TransactGet, TransactGetRequest, TransactWriteRequest, UpdateAction, UpdateRequest,
};

use super::stage::{Stage, at, map, numbers, set};
use crate::conformance::finding::{fails, same};
use crate::conformance::{Finding, Outcome};

impl<B: Backend> Stage<'_, B> {
    async fn transact(&self, actions: Vec<TransactAction>) -> Result<(), Failure> {
        self.backend.transact_write(TransactWriteRequest { actions, token: None }).await
    }

    fn put_action(&self, item: Map) -> TransactAction {
        TransactAction::Put(self.put_request(item))
    }

    fn update_action(&self, name: &str, condition: Option<Condition>) -> TransactAction {
        TransactAction::Update(UpdateRequest { condition, ..self.update_request(name, vec![set("n", 2)]) })
    }

    fn delete_action(&self, name: &str) -> TransactAction {
        let (table, key) = (self.tables.plain.clone(), self.key(name));
        TransactAction::Delete(DeleteRequest { table, key, condition: None, return_old: false })
    }

    fn check_action(&self, name: &str, condition: Condition) -> TransactAction {
        TransactAction::Check(CheckRequest { table: self.tables.plain.clone(), key: self.key(name), condition })
    }

    fn get_part(&self, name: &str) -> TransactGet {
        TransactGet { table: self.tables.plain.clone(), key: self.key(name), projection: Vec::new() }
    }

    /// A transaction that counts by one, with a token of this case.
    fn counting(&self, token: &str) -> Result<TransactWriteRequest, Finding> {
        let count = Action::Increment { from: Number::from(0), by: Number::from(1) };
        let update = self.update_request("a", vec![UpdateAction::new(at("n"), count)]);
        let run = &self.tables.run;
        let token = Some(IdempotencyToken::new(format!("{token}-{}", &run[run.len().saturating_sub(20)..]))?);
        Ok(TransactWriteRequest { actions: vec![TransactAction::Update(update)], token })
    }
}

pub(super) async fn every_kind_of_write_goes_with_the_others<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.key("old")).await?;
    let checked = stage.put(stage.item("checked", [("n", 1.into())])).await?;
    let item: Map = stage.item("ordered", [("at", 1.into())]);
    let ordered = PutRequest { table: stage.tables.ordered.clone(), ..stage.put_request(item) };
    stage
        .transact(vec![
            stage.put_action(stage.item("new", [("n", 1.into())])),
            stage.update_action("changed", None),
            stage.delete_action("old"),
            stage.check_action("checked", Condition::Exists(at("n"))),
            TransactAction::Put(ordered),
        ])
        .await?;
    same("what was put", stage.stored("new").await?, Some(stage.item("new", [("n", 1.into())])))?;
    same("what was changed", stage.stored("changed").await?, Some(stage.item("changed", [("n", 2.into())])))?;
    same("what was deleted", stage.stored("old").await?, None)?;
    same("what was checked", stage.stored("checked").await?, Some(checked))?;
    let found = stage.backend.query(stage.query_request(None, "id", "ordered")).await?;
    same("what was put in another table", found.count, 1)
}

pub(super) async fn one_failed_condition_undoes_all<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let there = stage.put(stage.item("there", [("n", 1.into())])).await?;
    let failure = fails(
        "the transaction",
        stage
            .transact(vec![
                stage.put_action(stage.key("new")),
                stage.update_action("there", Some(Condition::NotExists(at("n")))),
                stage.check_action("missing", Condition::Exists(at("id"))),
            ])
            .await,
        FailureClass::ConditionFailed,
    )?;
    let classes: Vec<Option<FailureClass>> =
        failure.reasons().iter().map(|reason| reason.as_ref().map(Failure::class)).collect();
    let failed = Some(FailureClass::ConditionFailed);
    same("the reasons", classes, vec![None, failed, failed])?;
    same("nothing was put", stage.stored("new").await?, None)?;
    same("nothing was changed", stage.stored("there").await?, Some(there))
}

pub(super) async fn a_failed_condition_brings_the_stored_item<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let there = stage.put(stage.item("there", [("m", numbers([("x", 1)]))])).await?;
    for action in [
        stage.update_action("there", Some(Condition::NotExists(at("m")))),
        stage.check_action("there", Condition::Exists(at("n"))),
    ] {
        let answer = stage.transact(vec![stage.put_action(stage.key("new")), action]).await;
        let failure = fails("the transaction", answer, FailureClass::ConditionFailed)?;
        let item = failure.reasons().get(1).and_then(Option::as_ref).and_then(Failure::item);
        same("the stored item", item, Some(&there))?;
    }
    Ok(())
}

pub(super) async fn an_invalid_path_undoes_all<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.key("there")).await?;
    let below = stage.update_request("there", vec![set(at("m").child("x"), 1)]);
    let actions = vec![stage.put_action(stage.key("new")), TransactAction::Update(below)];
    let failure = fails("the transaction", stage.transact(actions).await, FailureClass::InvalidPath)?;
    let classes: Vec<_> = failure.reasons().iter().map(|reason| reason.as_ref().map(Failure::class)).collect();
    same("the reasons", classes, vec![None, Some(FailureClass::InvalidPath)])?;
    same("nothing was put", stage.stored("new").await?, None)
}

pub(super) async fn an_item_is_in_it_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let actions = vec![stage.update_action("a", None), stage.check_action("a", Condition::NotExists(at("id")))];
    fails("an item twice", stage.transact(actions).await, FailureClass::Invalid)?;
    same("nothing was written", stage.stored("a").await?, None)
}

pub(super) async fn a_hundred_writes_are_one_transaction<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let puts = |count: usize| (0..count).map(|at| stage.put_action(stage.key(&at.to_string()))).collect();
    fails("one more", stage.transact(puts(TransactWriteRequest::MAX_ACTIONS + 1)).await, FailureClass::Invalid)?;
    same("nothing was written", stage.stored("0").await?, None)?;
    stage.transact(puts(TransactWriteRequest::MAX_ACTIONS)).await?;
    same("the last", stage.stored("99").await?, Some(stage.key("99")))
}

pub(super) async fn a_token_makes_repeating_harmless<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for _ in 0..3 {
        stage.backend.transact_write(stage.counting("same")?).await?;
    }
    same("counted once", stage.stored("a").await?, Some(stage.item("a", [("n", 1.into())])))?;
    stage.backend.transact_write(stage.counting("other")?).await?;
    same("counted twice", stage.stored("a").await?, Some(stage.item("a", [("n", 2.into())])))
}

pub(super) async fn a_token_is_of_one_transaction<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let first = stage.counting("once")?;
    stage.backend.transact_write(first.clone()).await?;
    let other = TransactWriteRequest { actions: vec![stage.put_action(stage.key("b"))], ..first };
    fails("another one", stage.backend.transact_write(other).await, FailureClass::Invalid)?;
    same("nothing was written", stage.stored("b").await?, None)
}

pub(super) async fn several_items_are_read_at_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let item = stage.put(stage.item("a", [("m", numbers([("x", 1), ("y", 2)])), ("n", 1.into())])).await?;
    stage.put(stage.item("b", [("n", 1.into())])).await?;
    let part = TransactGet { projection: vec![at("n")], ..stage.get_part("b") };
    let gets = vec![stage.get_part("missing"), part, stage.get_part("a")];
    let found = stage.backend.transact_get(TransactGetRequest { gets }).await?;
    same("the items", found, vec![None, Some(map([("n", 1.into())])), Some(item)])?;
    let gets = vec![TransactGet { projection: vec![at("other")], ..stage.get_part("b") }];
    let found = stage.backend.transact_get(TransactGetRequest { gets }).await?;
    same("an item without the parts", found, vec![None])
}

pub(super) async fn an_item_is_read_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let gets = vec![stage.get_part("a"), stage.get_part("a")];
    fails("an item twice", stage.backend.transact_get(TransactGetRequest { gets }).await, FailureClass::Invalid)?;
    Ok(())
}
