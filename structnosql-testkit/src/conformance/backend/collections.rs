//! Partitions that hold several kinds of items, told apart by the texts of their sort keys.

use std::sync::Arc;

use structnosql_core::index::SortCondition;
use structnosql_core::key::KeyValue;
use structnosql_core::schema::KeyKind;
use structnosql_core::{Backend, Map, PutRequest, QueryRequest, TableDefinition, Value};

use super::stage::{Stage, attribute, create, map, plain};
use crate::conformance::finding::same;
use crate::conformance::{Finding, Outcome};

/// A customer, and orders with their lines.
const SORTS: [&str; 6] = ["ORDER#0001", "ORDER#0001#LINE#01", "ORDER#0001#LINE#02", "ORDER#0002", "ORDERS", "PROFILE"];

impl<B: Backend> Stage<'_, B> {
    /// A table of its own with these items of one partition, and one of another.
    async fn mixed(&self, name: &str) -> Result<Arc<str>, Finding> {
        let table: Arc<str> = format!("conformance-{name}-{}", self.tables.run).into();
        let sort_key = Some(attribute("sort", KeyKind::String));
        create(self.backend, TableDefinition { sort_key, ..plain(&table) }).await?;
        let of_ann = SORTS.iter().rev().map(|sort| ("ann", *sort));
        for (id, sort) in of_ann.chain([("bob", "PROFILE")]) {
            let item = map([("id", Value::from(id)), ("sort", sort.into()), ("kind", sort.len().to_string().into())]);
            self.backend.put(PutRequest { table: table.clone(), item, condition: None, return_old: false }).await?;
        }
        Ok(table)
    }
}

fn of_ann(table: &Arc<str>, sort: Option<SortCondition>) -> QueryRequest {
    QueryRequest {
        table: table.clone(),
        index: None,
        partition: ("id".into(), KeyValue::String("ann".into())),
        sort: sort.map(|condition| ("sort".into(), condition)),
        filter: None,
        projection: Vec::new(),
        limit: None,
        start: None,
        descending: false,
        consistent: true,
        count_only: false,
    }
}

fn sorts(items: Vec<Map>) -> Vec<Value> {
    items.into_iter().filter_map(|mut item| item.remove("sort")).collect()
}

fn texts(texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| Value::from(*text)).collect()
}

pub(super) async fn one_query_brings_all_of_a_partition<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let table = stage.mixed("mixed").await?;
    let page = stage.backend.query(of_ann(&table, None)).await?;
    same("the items", sorts(page.items), texts(&SORTS))?;
    let first = stage.backend.query(QueryRequest { limit: Some(2), ..of_ann(&table, None) }).await?;
    let rest = stage.backend.query(QueryRequest { start: first.next, ..of_ann(&table, None) }).await?;
    same("the items of two pages", sorts(first.items.into_iter().chain(rest.items).collect()), texts(&SORTS))
}

pub(super) async fn a_kind_is_what_begins_alike<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let table = stage.mixed("kinds").await?;
    let text = |text: &'static str| KeyValue::String(text.into());
    for (condition, selected) in [
        (SortCondition::BeginsWith(text("ORDER#")), &SORTS[..4]),
        (SortCondition::BeginsWith(text("ORDER#0001")), &SORTS[..3]),
        (SortCondition::BeginsWith(text("ORDER#0001#")), &SORTS[1..3]),
        (SortCondition::Between(text("ORDER#0001#"), text("ORDER#0002")), &SORTS[1..4]),
        (SortCondition::GreaterOrEqual(text("ORDER#0002")), &SORTS[3..]),
        (SortCondition::Equal(text("PROFILE")), &SORTS[5..]),
        (SortCondition::BeginsWith(text("INVOICE#")), &[]),
    ] {
        let page = stage.backend.query(of_ann(&table, Some(condition.clone()))).await?;
        same(&format!("{condition:?}"), sorts(page.items), texts(selected))?;
    }
    Ok(())
}
