//! Queries of secondary indexes.

use structnosql_core::{Backend, FailureClass, QueryRequest, Value};

use super::queries::values;
use super::stage::{Stage, at, map, numbers, set};
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

pub(super) async fn a_global_index_finds_items_by_its_key<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let group = Value::from(stage.own("g"));
    let item = stage.put_ordered("a", 1, [("group", group.clone()), ("score", 5.into()), ("n", 1.into())]).await?;
    stage.put_ordered("b", 1, [("group", "another".into()), ("score", 5.into())]).await?;
    let request = stage.query_request(Some("byGroup"), "group", "g");
    same("the whole item", stage.backend.query(request.clone()).await?.items, vec![item])?;
    let request = QueryRequest { projection: vec![at("id"), at("n")], ..request };
    let parts = stage.item("a", [("n", 1.into())]);
    same("parts of it", stage.backend.query(request).await?.items, vec![parts])
}

pub(super) async fn a_global_index_has_its_own_order<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for (partition, sort, score) in [("a", 1, 30), ("a", 2, 4), ("b", 3, 200), ("c", 4, -1)] {
        let attributes = [("group", Value::from(stage.own("g"))), ("score", score.into())];
        stage.put_ordered(partition, sort, attributes).await?;
    }
    let request = stage.query_request(Some("byGroup"), "group", "g");
    same("ascending", stage.sorts(request.clone()).await?, values([4, 2, 1, 3]))?;
    let request = QueryRequest { descending: true, ..request };
    same("descending", stage.sorts(request).await?, values([3, 1, 2, 4]))
}

pub(super) async fn an_index_follows_the_item<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put_ordered("a", 1, [("group", stage.own("g").into()), ("score", 5.into())]).await?;
    let mut request = stage.update_request("a", vec![set("group", stage.own("h"))]);
    request.table = stage.tables.ordered.clone();
    request.key.insert("at", Value::from(1));
    stage.backend.update(request).await?;
    let of = |group: &str| stage.query_request(Some("byGroup"), "group", group);
    same("the old group", stage.sorts(of("g")).await?, values([]))?;
    same("the new group", stage.sorts(of("h")).await?, values([1]))
}

pub(super) async fn an_item_without_the_key_is_not_in_the_index<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put_ordered("a", 1, [("group", stage.own("g").into())]).await?;
    stage.put_ordered("a", 2, [("group", stage.own("g").into()), ("score", 1.into())]).await?;
    same("those in it", stage.sorts(stage.query_request(Some("byGroup"), "group", "g")).await?, values([2]))
}

pub(super) async fn an_index_of_keys_has_keys_alone<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let kind = Value::from(stage.own("k"));
    stage.put_ordered("a", 1, [("kind", kind.clone()), ("n", 1.into()), ("group", "x".into())]).await?;
    let found = stage.backend.query(stage.query_request(Some("byKind"), "kind", "k")).await?.items;
    same("the keys", found, vec![stage.item("a", [("at", 1.into()), ("kind", kind)])])
}

pub(super) async fn a_local_index_is_read_consistently<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for (sort, name) in [(1, "b"), (2, "c"), (3, "a")] {
        stage.put_ordered("a", sort, [("name", name.into())]).await?;
    }
    stage.put_ordered("a", 4, []).await?;
    let request = QueryRequest { consistent: true, ..stage.query_request(Some("byName"), "id", "a") };
    same("the order of names", stage.sorts(request).await?, values([3, 1, 2]))
}

pub(super) async fn an_index_with_included_attributes_has_them<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let included = [("name", Value::from("x")), ("extra", numbers([("y", 1)]))];
    stage.put_ordered("a", 1, included.clone().into_iter().chain([("n", 1.into())])).await?;
    let found = stage.backend.query(stage.query_request(Some("byName"), "id", "a")).await?.items;
    let item = stage.item("a", included.into_iter().chain([("at", 1.into())]));
    same("keys and included attributes", found, vec![item])?;
    let request =
        QueryRequest { projection: vec![at("extra").child("y")], ..stage.query_request(Some("byName"), "id", "a") };
    same("a part", stage.backend.query(request).await?.items, vec![map([("extra", numbers([("y", 1)]))])])
}

pub(super) async fn a_local_index_fetches_what_it_does_not_hold<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put_ordered("a", 1, [("name", "x".into()), ("n", 1.into()), ("m", numbers([("y", 1), ("z", 2)]))]).await?;
    stage.put_ordered("a", 2, [("name", "y".into())]).await?;
    let projection = vec![at("id"), at("name"), at("n"), at("m").child("y")];
    let request = QueryRequest { projection, ..stage.query_request(Some("byName"), "id", "a") };
    let found = stage.backend.query(request).await?.items;
    let first = stage.item("a", [("name", "x".into()), ("n", 1.into()), ("m", numbers([("y", 1)]))]);
    same("the items", found, vec![first, stage.item("a", [("name", "y".into())])])
}

pub(super) async fn a_global_index_refuses_what_it_does_not_hold<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put_ordered("a", 1, [("kind", stage.own("k").into()), ("n", 1.into())]).await?;
    let request = QueryRequest { projection: vec![at("n")], ..stage.query_request(Some("byKind"), "kind", "k") };
    fails("what is not in it", stage.backend.query(request).await, FailureClass::Invalid).map(drop)
}

/// Items with equal index keys have an order too, or pages could not go on after one of them.
pub(super) async fn pages_of_an_index_cover_everything_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for (sort, score) in [(1, 5), (2, 5), (3, 5), (4, 1), (5, 9)] {
        let partition = if sort % 2 == 0 { "a" } else { "b" };
        stage.put_ordered(partition, sort, [("group", stage.own("g").into()), ("score", score.into())]).await?;
    }
    for limit in [1, 2, 5] {
        let request = QueryRequest { limit: Some(limit), ..stage.query_request(Some("byGroup"), "group", "g") };
        let mut sorts = stage.sorts_of_pages(request).await?;
        same("the smallest and the largest score", (sorts.first(), sorts.last()), (Some(&4.into()), Some(&5.into())))?;
        sorts.sort_by_key(ToString::to_string);
        same("the items", sorts, values([1, 2, 3, 4, 5]))?;
    }
    Ok(())
}
