//! Counts of requests, by table and operation.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;
use std::sync::Arc;
use std::time::Duration;

use super::{ApiOperation, ObservedRequest, RequestOutcome};
use crate::failure::FailureClass;

/// What went over the wire, by table and operation. It prints as a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestStatistics(BTreeMap<(Arc<str>, ApiOperation), RequestCounts>);

/// Counts of requests. They only grow, as exporters like them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "camelCase"))]
#[non_exhaustive]
pub struct RequestCounts {
    /// All of them.
    pub requests: u64,
    /// Those that failed, throttled ones included.
    pub failed: u64,
    /// Those that were throttled to the last attempt.
    pub throttled: u64,
    /// Those that were given up before there was an answer.
    pub dropped: u64,
    /// Attempts after the first one.
    pub retries: u64,
    /// The items of batches that were left out, or refused under the success of the whole.
    pub unprocessed: u64,
    /// Read capacity units consumed.
    pub read_units: f64,
    /// Write capacity units consumed.
    pub write_units: f64,
    /// The time that they took, one after another.
    pub duration: Duration,
    /// The time that the slowest one took.
    pub slowest: Duration,
}

impl RequestStatistics {
    /// The counts of one operation on one table.
    pub fn of(&self, table: &str, operation: ApiOperation) -> RequestCounts {
        let found = self.iter().find(|(of_table, of, _)| *of_table == table && *of == operation);
        found.map_or_else(RequestCounts::default, |(_, _, counts)| *counts)
    }

    /// Each operation on each table, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, ApiOperation, &RequestCounts)> {
        self.0.iter().map(|((table, operation), counts)| (&**table, *operation, counts))
    }

    /// All counts in one.
    pub fn total(&self) -> RequestCounts {
        let mut total = RequestCounts::default();
        self.0.values().for_each(|counts| total += *counts);
        total
    }

    pub(super) fn add(&mut self, request: &ObservedRequest) {
        let counts = self.0.entry((request.table.clone(), request.operation)).or_default();
        *counts += RequestCounts {
            requests: 1,
            failed: u64::from(matches!(request.outcome, RequestOutcome::Failed(_))),
            throttled: u64::from(request.outcome == RequestOutcome::Failed(FailureClass::Throttled)),
            dropped: u64::from(request.outcome == RequestOutcome::Dropped),
            retries: u64::from(request.attempts.saturating_sub(1)),
            unprocessed: request.unprocessed as u64,
            read_units: request.read_units,
            write_units: request.write_units,
            duration: request.duration,
            slowest: request.duration,
        };
    }
}

impl AddAssign for RequestCounts {
    fn add_assign(&mut self, other: Self) {
        self.requests += other.requests;
        self.failed += other.failed;
        self.throttled += other.throttled;
        self.dropped += other.dropped;
        self.retries += other.retries;
        self.unprocessed += other.unprocessed;
        self.read_units += other.read_units;
        self.write_units += other.write_units;
        self.duration += other.duration;
        self.slowest = self.slowest.max(other.slowest);
    }
}

impl fmt::Display for RequestStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total();
        write!(f, "requests: {}, failed: {}, retries: {}, ", total.requests, total.failed, total.retries)?;
        write!(f, "read units: {}, write units: {}", total.read_units, total.write_units)?;
        if self.0.is_empty() {
            return Ok(());
        }
        let table = self.iter().map(|(table, ..)| table.chars().count()).max().unwrap_or(0).max("table".len());
        let operation = self.iter().map(|(_, operation, _)| operation.to_string().len()).max().unwrap_or(0);
        let operation = operation.max("operation".len());
        write!(f, "\n  {:table$}  {:operation$}  requests  failed  retries", "table", "operation")?;
        write!(f, "  read units  write units  mean ms  slowest ms")?;
        self.iter().try_for_each(|(of_table, of, counts)| {
            let milliseconds = |duration: Duration| duration.as_secs_f64() * 1000.0;
            let mean = milliseconds(counts.duration) / counts.requests.max(1) as f64;
            write!(f, "\n  {of_table:table$}  {of:operation$}  {:8}  {:6}", counts.requests, counts.failed)?;
            write!(f, "  {:7}  {:10}  {:11}", counts.retries, counts.read_units, counts.write_units)?;
            write!(f, "  {mean:7.1}  {:10.1}", milliseconds(counts.slowest))
        })
    }
}
