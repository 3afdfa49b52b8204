//! Plans and reports as data, for tools.
//!
//! | what | fields |
//! |---|---|
//! | [`CommitPlan`] | `mode`: `perRecord`, `atomic` or `batched`; `refusal` (or null), `requests`, `writeUnits`, `atomic`, `records` |
//! | [`RecordPlan`] | `key`, `requests`, `writeUnits`, `atomic`, `inDoubt` (or null), `readsVersion`, `updates`, `error` (or null) |
//! | [`InDoubt`] | `update`, `sentAgain` |
//! | [`PlannedUpdate`] | `request`, `carrier`: `update`, `batch` or `transaction`; `bytes`, `writeUnits`, `itemKnown`, `forcedBy` |
//! | [`Split`] | `path` as text, `reason` |
//! | [`CommitReport`] | `complete`, `requests`, `sharedRequests`, `records` |
//! | [`RecordReport`] | `key`, `outcome`, `requests`, `replans`, `resent` |
//! | [`Outcome`] | `is`: `committed`, `rejected`, `notSent` or `inDoubt`; `error` (or null) |
//! | an error | `message`; `class` and `code` (or null), where a request failed |
//! | [`RequestStatistics`] | a list of `table`, `operation`, `counts` |
//! | [`CacheStatistics`] | `hits`, `misses`, `readRequests`, `pended`, `writeRequests`, `requestsSaved`, `records`, `evicted`, `expired` |
//!
//! A planned `request` has the names and the form of AWS's
//! [`UpdateItem`](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html), values included,
//! so that a tool can send it as it is. Everything else holds no values but those of keys: `{"partition": {"S": "x42"}}`,
//! with `sort` where there is one. A report holds no stored values.

use std::sync::Arc;

use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::expression::{name_placeholder, value_placeholder};
use crate::key::Key;
use crate::observe::{ApiOperation, RequestCounts, RequestStatistics};
use crate::outlook::{Carrier, CommitMode, CommitPlan, InDoubt, PlannedUpdate, RecordPlan, Rendered};
use crate::plan::Split;
use crate::report::{CommitReport, Outcome, RecordReport};
use crate::unit::CacheStatistics;

/// Writes a struct of these fields.
macro_rules! fields {
    ($serializer:expr, $name:literal, $($field:literal: $value:expr),* $(,)?) => {{
        let mut fields = $serializer.serialize_struct($name, [$($field),*].len())?;
        $(fields.serialize_field($field, &$value)?;)*
        fields.end()
    }};
}

impl Serialize for CommitPlan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mode = match self.mode {
            CommitMode::PerRecord => "perRecord",
            CommitMode::Atomic => "atomic",
            CommitMode::Batched => "batched",
        };
        fields!(serializer, "CommitPlan",
            "mode": mode,
            "refusal": self.refusal.as_deref().map(Shown),
            "requests": self.requests(),
            "writeUnits": self.write_units(),
            "atomic": self.is_atomic(),
            "records": self.records,
        )
    }
}

impl Serialize for RecordPlan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "RecordPlan",
            "key": self.key,
            "requests": self.requests(),
            "writeUnits": self.write_units(),
            "atomic": self.is_atomic(),
            "inDoubt": self.in_doubt,
            "readsVersion": self.reads_version,
            "readsParents": self.reads_parents,
            "updates": self.updates.as_deref().unwrap_or_default(),
            "error": self.updates.as_ref().err().map(|error| Shown(error)),
        )
    }
}

impl Serialize for InDoubt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "InDoubt", "update": self.update, "sentAgain": self.is_sent_again)
    }
}

impl Serialize for PlannedUpdate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let carrier = match self.carrier {
            Carrier::Update => "update",
            Carrier::Batch => "batch",
            Carrier::Transaction => "transaction",
        };
        fields!(serializer, "PlannedUpdate",
            "request": UpdateItem(self),
            "carrier": carrier,
            "bytes": self.bytes(),
            "writeUnits": self.write_units,
            "itemKnown": self.is_item_known,
            "forcedBy": self.forced_by,
        )
    }
}

/// A planned update in the form of AWS's `UpdateItem`.
struct UpdateItem<'u>(&'u PlannedUpdate);

impl Serialize for UpdateItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let UpdateItem(planned) = self;
        let Rendered { update, condition, names, values } = planned.rendered();
        let mut request = serializer.serialize_map(None)?;
        request.serialize_entry("TableName", &planned.request.table)?;
        request.serialize_entry("Key", &planned.request.key)?;
        request.serialize_entry("UpdateExpression", &update)?;
        if let Some(condition) = condition {
            request.serialize_entry("ConditionExpression", &condition)?;
        }
        // DynamoDB refuses empty ones.
        if !names.is_empty() {
            request.serialize_entry("ExpressionAttributeNames", &Placeholders(&names, name_placeholder))?;
        }
        if !values.is_empty() {
            request.serialize_entry("ExpressionAttributeValues", &Placeholders(&values, value_placeholder))?;
        }
        request.end()
    }
}

/// What stands behind the placeholders of an expression.
struct Placeholders<'p, T>(&'p [T], fn(usize) -> String);

impl<T: Serialize> Serialize for Placeholders<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().enumerate().map(|(at, behind)| ((self.1)(at), behind)))
    }
}

impl Serialize for Split {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "Split", "path": self.path.to_string(), "reason": self.reason)
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut values = serializer.serialize_map(None)?;
        values.serialize_entry("partition", self.partition())?;
        if let Some(sort) = self.sort() {
            values.serialize_entry("sort", sort)?;
        }
        values.end()
    }
}

impl Serialize for CommitReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "CommitReport",
            "complete": self.is_complete(),
            "requests": self.requests(),
            "sharedRequests": self.shared_requests,
            "records": self.records,
        )
    }
}

impl Serialize for RecordReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "RecordReport",
            "key": self.key,
            "outcome": self.outcome,
            "requests": self.requests,
            "replans": self.replans,
            "resent": self.resent,
        )
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (is, error): (_, Option<&Arc<Error>>) = match self {
            Outcome::Committed => ("committed", None),
            Outcome::Rejected(error) => ("rejected", Some(error)),
            Outcome::NotSent(error) => ("notSent", Some(error)),
            Outcome::InDoubt(error) => ("inDoubt", Some(error)),
        };
        fields!(serializer, "Outcome", "is": is, "error": error.map(|error| Shown(error)))
    }
}

/// An error as its message, with what programs decide on.
struct Shown<'e>(&'e Error);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let failure = self.0.failure();
        fields!(serializer, "Error",
            "message": self.0.to_string(),
            "class": failure.map(|failure| failure.class()),
            "code": failure.and_then(|failure| failure.code()),
        )
    }
}

impl Serialize for CacheStatistics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fields!(serializer, "CacheStatistics",
            "hits": self.hits,
            "misses": self.misses,
            "readRequests": self.read_requests,
            "pended": self.pended,
            "writeRequests": self.write_requests,
            "requestsSaved": self.requests_saved(),
            "records": self.records,
            "evicted": self.evicted,
            "expired": self.expired,
        )
    }
}

impl Serialize for RequestStatistics {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'r> {
            table: &'r str,
            operation: ApiOperation,
            counts: &'r RequestCounts,
        }
        serializer.collect_seq(self.iter().map(|(table, operation, counts)| Row { table, operation, counts }))
    }
}
