//! Several items in one request, each for itself.

use structnosql_core::{Backend, BatchGetRequest, BatchGetResponse, BatchWrite, BatchWriteRequest, FailureClass, Map};

use super::stage::{Stage, at, map, numbers};
use crate::conformance::finding::{fails, same};
use crate::conformance::{Finding, Outcome};

impl<B: Backend> Stage<'_, B> {
    fn batch_get_request(&self, names: impl IntoIterator<Item = String>) -> BatchGetRequest {
        let table = self.tables.plain.clone();
        let keys = names.into_iter().map(|name| self.key(&name)).collect();
        BatchGetRequest { table, keys, projection: Vec::new(), consistent: true }
    }

    fn batch_write_request(&self, writes: Vec<BatchWrite>) -> BatchWriteRequest {
        BatchWriteRequest { table: self.tables.plain.clone(), writes }
    }

    async fn write_all(&self, writes: Vec<BatchWrite>) -> Outcome {
        let left = self.backend.batch_write(self.batch_write_request(writes)).await?;
        same("unprocessed writes", left, Vec::new())
    }

    /// The items of a batch read, in the order of their keys.
    async fn read_all(&self, request: BatchGetRequest) -> Result<Vec<Map>, Finding> {
        let BatchGetResponse { mut items, unprocessed } = self.backend.batch_get(request).await?;
        same("unprocessed keys", unprocessed, Vec::new())?;
        items.sort_by_key(|item| item.get("id").map(ToString::to_string));
        Ok(items)
    }
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("{at:03}")).collect()
}

pub(super) async fn what_is_there_comes_back<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let items = vec![
        stage.put(stage.item("a", [("n", 1.into())])).await?,
        stage.put(stage.item("c", [("m", numbers([("x", 1), ("y", 2)]))])).await?,
    ];
    let request = || stage.batch_get_request(["c", "b", "a"].map(str::to_owned));
    same("the items", stage.read_all(request()).await?, items)?;
    let request = BatchGetRequest { projection: vec![at("id"), at("m").child("y")], ..request() };
    let parts = vec![stage.key("a"), stage.item("c", [("m", numbers([("y", 2)]))])];
    same("the parts", stage.read_all(request).await?, parts)
}

pub(super) async fn a_hundred_keys_are_one_read<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for names in names(100).chunks(BatchWriteRequest::MAX_WRITES) {
        stage.write_all(names.iter().map(|name| BatchWrite::Put(stage.key(name))).collect()).await?;
    }
    let found = stage.read_all(stage.batch_get_request(names(BatchGetRequest::MAX_KEYS))).await?;
    same("the items", found, names(100).iter().map(|name| stage.key(name)).collect())?;
    let request = stage.batch_get_request(names(BatchGetRequest::MAX_KEYS + 1));
    fails("one more", stage.backend.batch_get(request).await, FailureClass::Invalid)?;
    Ok(())
}

pub(super) async fn a_key_is_asked_for_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let request = stage.batch_get_request(["a", "a"].map(str::to_owned));
    fails("a key twice", stage.backend.batch_get(request).await, FailureClass::Invalid)?;
    let request = stage.batch_get_request([]);
    fails("no key", stage.backend.batch_get(request).await, FailureClass::Invalid)?;
    Ok(())
}

pub(super) async fn puts_and_deletions_go_together<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put(stage.item("a", [("n", 1.into())])).await?;
    stage.put(stage.item("b", [("n", 1.into())])).await?;
    let item = stage.item("b", [("m", 2.into())]);
    let gone = ["a", "never"].map(|name| BatchWrite::Delete(stage.key(name)));
    stage.write_all([BatchWrite::Put(item.clone())].into_iter().chain(gone).collect()).await?;
    same("what was deleted", stage.stored("a").await?, None)?;
    same("what was replaced", stage.stored("b").await?, Some(item))
}

pub(super) async fn more_writes_than_25_are_refused<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let puts = |count| names(count).iter().map(|name| BatchWrite::Put(stage.key(name))).collect();
    stage.write_all(puts(BatchWriteRequest::MAX_WRITES)).await?;
    let request = stage.batch_write_request(puts(BatchWriteRequest::MAX_WRITES + 1));
    fails("one more", stage.backend.batch_write(request).await, FailureClass::Invalid)?;
    Ok(())
}

pub(super) async fn one_wrong_write_refuses_all<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let put = |name: &str| BatchWrite::Put(stage.item(name, [("n", 1.into())]));
    for (what, wrong) in [
        ("a wrong key", BatchWrite::Delete(map([("other", "x".into())]))),
        ("an item twice", BatchWrite::Delete(stage.key("a"))),
    ] {
        let request = stage.batch_write_request(vec![put("a"), wrong]);
        fails(what, stage.backend.batch_write(request).await, FailureClass::Invalid)?;
        same("nothing is stored", stage.stored("a").await?, None)?;
    }
    Ok(())
}
