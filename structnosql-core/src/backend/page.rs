//! Reading items page by page.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::condition::Condition;
use crate::index::SortCondition;
use crate::key::KeyValue;
use crate::path::DocumentPath;
use crate::text::Text;
use crate::value::Map;

/// Read one page of the items with one partition key value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct QueryRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The index; the table itself where there is none.
    pub index: Option<Text>,
    /// The name and value of the partition key of the table or index.
    pub partition: (Text, KeyValue<'static>),
    /// The name of the sort key and what it must meet.
    pub sort: Option<(Text, SortCondition)>,
    /// What an item must meet to be in the answer. It is looked at, and paid for, all the same. It cannot read the key
    /// attributes of what is queried.
    pub filter: Option<Condition>,
    /// Which parts to return; everything where it is empty. No path is equal to or below another.
    #[serde(default)]
    pub projection: Vec<DocumentPath>,
    /// The most items to look at: at least 1.
    pub limit: Option<u32>,
    /// Where the page before ended.
    pub start: Option<Map>,
    /// Whether to go from the largest sort key down.
    #[serde(default)]
    pub descending: bool,
    /// Whether the answer must show every write that succeeded before; a global index cannot.
    #[serde(default)]
    pub consistent: bool,
    /// Whether to count the items and bring none. A projection is then not looked at.
    #[serde(default)]
    pub count_only: bool,
}

/// Read one page of all items, in no order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The index; the table itself where there is none.
    pub index: Option<Text>,
    /// What an item must meet to be in the answer. It is looked at, and paid for, all the same.
    pub filter: Option<Condition>,
    /// Which parts to return; everything where it is empty. No path is equal to or below another.
    #[serde(default)]
    pub projection: Vec<DocumentPath>,
    /// The most items to look at: at least 1.
    pub limit: Option<u32>,
    /// Where the page before ended, of the same segment.
    pub start: Option<Map>,
    /// Which part of the items, counted from 0, of how many in all (1 to 1,000,000): each item is in exactly one.
    /// Different parts can be read at the same time.
    pub segment: Option<(u32, u32)>,
    /// Whether the answer must show every write that succeeded before; a global index cannot.
    #[serde(default)]
    pub consistent: bool,
    /// Whether to count the items and bring none. A projection is then not looked at.
    #[serde(default)]
    pub count_only: bool,
}

/// One page of a query or a scan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PageResponse {
    /// The items; those of a query in the order of the sort key. Empty where they were only to be counted.
    pub items: Vec<Map>,
    /// How many items met the filter.
    pub count: u32,
    /// How many items the database looked at, filtered ones included.
    pub scanned: u32,
    /// Where to start for the next page; nothing on the last one. A page may be empty and not the last one.
    pub next: Option<Map>,
}
