//! Queries of a table by its key.

use structnosql_core::index::SortCondition;
use structnosql_core::key::KeyValue;
use structnosql_core::{Backend, Comparison, Condition, FailureClass, Map, Number, Operand, QueryRequest, Text, Value};

use super::stage::{Stage, at, map, numbers};
use crate::conformance::finding::{fails, same};
use crate::conformance::{Finding, Outcome};

impl<B: Backend> Stage<'_, B> {
    /// Asks for a partition of the ordered table, or of an index of it, by a text of this case.
    pub(super) fn query_request(&self, index: Option<&'static str>, name: &'static str, value: &str) -> QueryRequest {
        QueryRequest {
            table: self.tables.ordered.clone(),
            index: index.map(Text::from_static),
            partition: (name.into(), KeyValue::String(self.own(value).into())),
            sort: None,
            filter: None,
            projection: Vec::new(),
            limit: None,
            start: None,
            descending: false,
            consistent: false,
            count_only: false,
        }
    }

    /// Puts an item of the ordered table with this sort key.
    pub(super) async fn put_ordered<'n>(
        &self,
        partition: &str,
        sort: i64,
        attributes: impl IntoIterator<Item = (&'n str, Value)>,
    ) -> Result<Map, Finding> {
        let item: Map = self.item(partition, attributes).into_iter().chain(map([("at", sort.into())])).collect();
        let mut request = self.put_request(item.clone());
        request.table = self.tables.ordered.clone();
        self.backend.put(request).await?;
        Ok(item)
    }

    /// The sort keys of the items on one page.
    pub(super) async fn sorts(&self, request: QueryRequest) -> Result<Vec<Value>, Finding> {
        Ok(sorts_of(self.backend.query(request).await?.items))
    }

    /// The sort keys of all pages, checking that none is longer than the limit.
    pub(super) async fn sorts_of_pages(&self, mut request: QueryRequest) -> Result<Vec<Value>, Finding> {
        let limit = request.limit.unwrap_or(u32::MAX);
        let mut all = Vec::new();
        loop {
            let page = self.backend.query(request.clone()).await?;
            same("a page within its limit", page.items.len() as u64 <= u64::from(limit), true)?;
            same("items looked at", page.scanned as usize, page.items.len())?;
            all.extend(sorts_of(page.items));
            match page.next {
                Some(next) => request.start = Some(next),
                None => return Ok(all),
            }
        }
    }
}

fn sorts_of(items: Vec<Map>) -> Vec<Value> {
    items.into_iter().filter_map(|mut item| item.remove("at")).collect()
}

pub(super) fn values<const N: usize>(numbers: [i64; N]) -> Vec<Value> {
    numbers.map(Value::from).to_vec()
}

pub(super) async fn items_come_in_the_order_of_their_sort_key<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let mut items = Vec::new();
    for sort in [10, -3, 2, 0] {
        items.push(stage.put_ordered("a", sort, [("n", sort.into())]).await?);
    }
    let page = stage.backend.query(stage.query_request(None, "id", "a")).await?;
    let [ten, minus_three, two, zero] = items.as_slice() else { return Ok(()) };
    same("the items", page.items.iter().collect(), vec![minus_three, zero, two, ten])?;
    same("items looked at, and no further page", (page.scanned, page.next), (4, None))
}

pub(super) async fn descending_turns_the_order<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for sort in [10, -3, 2] {
        stage.put_ordered("a", sort, []).await?;
    }
    let request = QueryRequest { descending: true, ..stage.query_request(None, "id", "a") };
    same("the sort keys", stage.sorts(request).await?, values([10, 2, -3]))
}

pub(super) async fn sort_conditions_select<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for sort in [-1, 2, 10, 30] {
        stage.put_ordered("a", sort, []).await?;
    }
    let number = |value: i64| KeyValue::Number(Number::from(value));
    for (condition, selected) in [
        (SortCondition::Equal(number(2)), values([2])),
        (SortCondition::Equal(number(3)), values([])),
        (SortCondition::Less(number(10)), values([-1, 2])),
        (SortCondition::LessOrEqual(number(10)), values([-1, 2, 10])),
        (SortCondition::Greater(number(10)), values([30])),
        (SortCondition::GreaterOrEqual(number(10)), values([10, 30])),
        (SortCondition::Between(number(2), number(10)), values([2, 10])),
    ] {
        let sort = Some(("at".into(), condition.clone()));
        let request = QueryRequest { sort, ..stage.query_request(None, "id", "a") };
        same(&format!("{condition:?}"), stage.sorts(request).await?, selected)?;
    }
    Ok(())
}

pub(super) async fn text_may_begin_with<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for (sort, name) in [(1, "2026-11"), (2, "2026-02"), (3, "2025-12"), (4, "2026"), (5, "20260")] {
        stage.put_ordered("a", sort, [("name", name.into())]).await?;
    }
    let prefix = |text: &'static str| Some(("name".into(), SortCondition::BeginsWith(KeyValue::String(text.into()))));
    let request = QueryRequest { sort: prefix("2026-"), ..stage.query_request(Some("byName"), "id", "a") };
    same("the names", stage.sorts(request).await?, values([2, 1]))
}

pub(super) async fn pages_cover_everything_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for sort in 0..7 {
        stage.put_ordered("a", sort, []).await?;
    }
    for limit in [1, 3, 7, 100] {
        let request = QueryRequest { limit: Some(limit), ..stage.query_request(None, "id", "a") };
        same("the sort keys", stage.sorts_of_pages(request.clone()).await?, values([0, 1, 2, 3, 4, 5, 6]))?;
        let request = QueryRequest { descending: true, ..request };
        same("the sort keys", stage.sorts_of_pages(request).await?, values([6, 5, 4, 3, 2, 1, 0]))?;
    }
    Ok(())
}

pub(super) async fn a_projection_brings_its_paths_alone<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put_ordered("a", 1, [("m", numbers([("x", 1), ("y", 2)])), ("n", 1.into())]).await?;
    stage.put_ordered("a", 2, [("n", 1.into())]).await?;
    let projection = vec![at("at"), at("m").child("x")];
    let request = QueryRequest { projection, consistent: true, ..stage.query_request(None, "id", "a") };
    let found = stage.backend.query(request).await?.items;
    same("the parts", found, vec![map([("at", 1.into()), ("m", numbers([("x", 1)]))]), map([("at", 2.into())])])
}

pub(super) async fn another_partition_is_not_seen<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put_ordered("a", 1, []).await?;
    let page = stage.backend.query(stage.query_request(None, "id", "b")).await?;
    same("the page", (page.items, page.scanned, page.next), (Vec::new(), 0, None))
}

pub(super) async fn a_filter_leaves_items_out<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for sort in 0..6 {
        stage.put_ordered("a", sort, [("n", (sort % 3).into())]).await?;
    }
    let filter = Some(Condition::Compare(Operand::Value(at("n")), Comparison::Equal, 1.into()));
    let request = QueryRequest { filter, ..stage.query_request(None, "id", "a") };
    let page = stage.backend.query(request.clone()).await?;
    same("counted and looked at", (page.count, page.scanned), (2, 6))?;
    same("the sort keys", sorts_of(page.items), values([1, 4]))?;
    // The limit is on what is looked at: a page may be empty and not the last one.
    let page = stage.backend.query(QueryRequest { limit: Some(1), ..request }).await?;
    same("an empty page", (page.count, page.scanned, page.items.len(), page.next.is_some()), (0, 1, 0, true))
}

pub(super) async fn counting_brings_no_items<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for sort in 0..4 {
        stage.put_ordered("a", sort, [("n", sort.into())]).await?;
    }
    let filter = Some(Condition::Compare(Operand::Value(at("n")), Comparison::Greater, 0.into()));
    let request = QueryRequest { filter, count_only: true, ..stage.query_request(None, "id", "a") };
    let page = stage.backend.query(request).await?;
    same("the page", (page.items, page.count, page.scanned, page.next), (Vec::new(), 3, 4, None))
}

pub(super) async fn a_filter_may_not_read_the_key<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    for filter in [Condition::Exists(at("at")), Condition::Not(Box::new(Condition::Exists(at("id"))))] {
        let request = QueryRequest { filter: Some(filter), ..stage.query_request(None, "id", "a") };
        fails("the query", stage.backend.query(request).await, FailureClass::Invalid)?;
    }
    Ok(())
}
