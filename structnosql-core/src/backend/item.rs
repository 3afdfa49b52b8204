//! Requests about one item.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::action::Action;
use crate::condition::Condition;
use crate::path::DocumentPath;
use crate::value::Map;

/// Read one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GetRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes.
    pub key: Map,
    /// Which parts to return; everything where it is empty. No path is equal to or below another.
    #[serde(default)]
    pub projection: Vec<DocumentPath>,
    /// Whether the answer must show every write that succeeded before.
    #[serde(default)]
    pub consistent: bool,
}

/// Write one whole item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PutRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The item, key attributes included.
    pub item: Map,
    /// What the stored item must meet.
    pub condition: Option<Condition>,
    /// Whether to return the item that it replaces.
    #[serde(default)]
    pub return_old: bool,
}

impl PutRequest {
    /// Whether writing the item twice leaves it as writing it once does, and answers alike.
    pub fn is_repeatable(&self) -> bool {
        self.condition.is_none() && !self.return_old
    }
}

/// Change parts of one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes.
    pub key: Map,
    /// What to change. No action's path is equal to or below another's; all see the item as it was before.
    pub actions: Vec<UpdateAction>,
    /// What the stored item must meet.
    pub condition: Option<Condition>,
    /// Whether to return the whole item as it was before.
    #[serde(default)]
    pub return_old: bool,
}

impl UpdateRequest {
    /// Whether applying the request twice leaves the item as applying it once does, and answers alike.
    pub fn is_repeatable(&self) -> bool {
        self.condition.is_none() && !self.return_old && self.is_harmless_again()
    }

    /// Whether applying the request twice leaves the item as applying it once does, whatever its second answer is.
    pub(crate) fn is_harmless_again(&self) -> bool {
        self.actions.iter().all(UpdateAction::is_repeatable)
    }
}

/// One action of an update.
///
/// The actions that set a value are clauses of SET; [`Action::Remove`] is one of REMOVE, and [`Action::Members`] one
/// of ADD or of DELETE: in a request it either adds or removes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UpdateAction {
    /// The path that it changes.
    pub path: DocumentPath,
    /// What is done there. Setting past the end of a list appends; removing from a list moves its later items up.
    pub action: Action,
}

impl UpdateAction {
    /// An action at a path.
    pub fn new(path: DocumentPath, action: Action) -> Self {
        UpdateAction { path, action }
    }

    /// Increments and appends go on, and a list item's position depends on what was done before.
    fn is_repeatable(&self) -> bool {
        let once = matches!(self.action, Action::Increment { .. } | Action::Append(_) | Action::Prepend(_));
        let in_list = self.path.enters_list();
        !once && !in_list
    }
}

/// Delete one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeleteRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes.
    pub key: Map,
    /// What the stored item must meet.
    pub condition: Option<Condition>,
    /// Whether to return the item.
    #[serde(default)]
    pub return_old: bool,
}

impl DeleteRequest {
    /// Whether deleting the item twice leaves as much as deleting it once does, and answers alike.
    pub fn is_repeatable(&self) -> bool {
        self.condition.is_none() && !self.return_old
    }
}
