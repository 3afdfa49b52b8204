//! Scans. The tables are shared, so each looks at the items of its own case alone.

use structnosql_core::{Backend, Condition, Map, ScanRequest, Text, Value};

use super::stage::{Stage, at, map};
use crate::conformance::finding::{fails, same};
use crate::conformance::{Finding, Outcome};

impl<B: Backend> Stage<'_, B> {
    /// Asks for the items of this case in the ordered table, or in an index of it.
    fn scan_request(&self, index: Option<&'static str>) -> ScanRequest {
        ScanRequest {
            table: self.tables.ordered.clone(),
            index: index.map(Text::from_static),
            filter: Some(Condition::BeginsWith(at("id"), Value::from(self.own("")))),
            projection: Vec::new(),
            limit: None,
            start: None,
            segment: None,
            consistent: false,
            count_only: false,
        }
    }

    /// The items of all pages, in the order of their sort keys.
    async fn scanned(&self, mut request: ScanRequest) -> Result<Vec<Map>, Finding> {
        let mut all = Vec::new();
        loop {
            let page = self.backend.scan(request.clone()).await?;
            same("items counted", page.count as usize, page.items.len())?;
            same("no more than were looked at", page.count <= page.scanned, true)?;
            if let Some(limit) = request.limit {
                same("no more than the limit", page.scanned <= limit, true)?;
            }
            all.extend(page.items);
            match page.next {
                Some(next) => request.start = Some(next),
                None => break,
            }
        }
        all.sort_by_key(|item| item.get("at").map(ToString::to_string));
        Ok(all)
    }

    async fn three_partitions(&self) -> Result<Vec<Map>, Finding> {
        let mut items = Vec::new();
        for (sort, partition) in (1..).zip(["a", "b", "b", "c"]) {
            items.push(self.put_ordered(partition, sort, [("n", sort.into())]).await?);
        }
        Ok(items)
    }
}

pub(super) async fn every_item_comes_once<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let items = stage.three_partitions().await?;
    let request = stage.scan_request(None);
    same("the items", stage.scanned(ScanRequest { consistent: true, ..request.clone() }).await?, items.clone())?;
    same("with small pages", stage.scanned(ScanRequest { limit: Some(7), ..request }).await?, items)
}

pub(super) async fn segments_share_the_items<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    let items = stage.three_partitions().await?;
    let mut all = Vec::new();
    for segment in 0..3 {
        let request = ScanRequest { segment: Some((segment, 3)), consistent: true, ..stage.scan_request(None) };
        all.extend(stage.scanned(request).await?);
    }
    all.sort_by_key(|item| item.get("at").map(ToString::to_string));
    same("the items of all segments", all, items)?;
    let request = ScanRequest { segment: Some((3, 3)), ..stage.scan_request(None) };
    fails("a fourth of three", stage.backend.scan(request).await, structnosql_core::FailureClass::Invalid)?;
    Ok(())
}

pub(super) async fn counting_brings_no_items<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.three_partitions().await?;
    let mut request = ScanRequest { count_only: true, consistent: true, ..stage.scan_request(None) };
    let mut count = 0;
    loop {
        let page = stage.backend.scan(request.clone()).await?;
        same("the items", page.items, Vec::new())?;
        count += page.count;
        match page.next {
            Some(next) => request.start = Some(next),
            None => break,
        }
    }
    same("the count", count, 4)
}

pub(super) async fn a_projection_brings_its_paths_alone<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.three_partitions().await?;
    let request = ScanRequest { projection: vec![at("at")], ..stage.scan_request(None) };
    let parts = (1..5).map(|sort: i64| map([("at", sort.into())])).collect::<Vec<_>>();
    same("the parts", stage.scanned(request).await?, parts)
}

pub(super) async fn an_index_has_its_own_items<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    stage.put_ordered("a", 1, []).await?;
    let kind = || Value::from(stage.own("kind"));
    stage.put_ordered("b", 2, [("kind", kind()), ("n", 1.into())]).await?;
    let held: Map =
        [("at", 2.into()), ("kind", kind())].into_iter().map(|(name, value): (&str, Value)| (name, value)).collect();
    let held = stage.key("b").into_iter().chain(held).collect();
    same("the items", stage.scanned(stage.scan_request(Some("byKind"))).await?, vec![held])
}
