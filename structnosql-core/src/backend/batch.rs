//! Several items in one request, each for itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::UpdateRequest;
use crate::path::DocumentPath;
use crate::value::Map;

/// Read several items of one table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchGetRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes of each item: 1 to [`MAX_KEYS`](Self::MAX_KEYS) keys, none twice.
    pub keys: Vec<Map>,
    /// Which parts to return; everything where it is empty. No path is equal to or below another. Items come without
    /// their place among the keys, so it should have the key attributes.
    #[serde(default)]
    pub projection: Vec<DocumentPath>,
    /// Whether the answer must show every write that succeeded before.
    #[serde(default)]
    pub consistent: bool,
}

impl BatchGetRequest {
    /// The most keys of one request.
    pub const MAX_KEYS: usize = 100;
}

/// What a batch read brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchGetResponse {
    /// The items that are there, in any order.
    pub items: Vec<Map>,
    /// The keys that were not looked at, for want of capacity or because the answer would have grown over 16 MB: to be
    /// asked for again, a little later.
    pub unprocessed: Vec<Map>,
}

/// Put and delete several items of one table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchWriteRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// 1 to [`MAX_WRITES`](Self::MAX_WRITES) writes, 16 MB in all, none of an item that another one writes.
    pub writes: Vec<BatchWrite>,
}

impl BatchWriteRequest {
    /// The most writes of one request.
    pub const MAX_WRITES: usize = 25;
}

/// One write of a batch, which takes no condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum BatchWrite {
    /// Writes this whole item.
    Put(Map),
    /// Deletes the item with these key attributes.
    Delete(Map),
}

/// Change parts of several items, each by a statement of its own.
///
/// DynamoDB takes them as statements of PartiQL (`BatchExecuteStatement`), which can less than update expressions:
///
/// - An item that is not there is not created: its update fails as
///   [`ConditionFailed`](crate::FailureClass::ConditionFailed).
/// - A number that is to be incremented and a list that is to be added to must be there: otherwise the update fails.
///   Members can be added to a set that is not there.
/// - What [`statement`](crate::expression::statement) cannot render is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BatchUpdateRequest {
    /// 1 to [`MAX_UPDATES`](Self::MAX_UPDATES) updates, of any tables, none of an item that another one changes. None
    /// returns the old item.
    pub updates: Vec<UpdateRequest>,
}

impl BatchUpdateRequest {
    /// The most updates of one request.
    pub const MAX_UPDATES: usize = 25;
}
