//! What a commit would send: plans of all records, to look at.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::backend::UpdateRequest;
use crate::base::{Base, Lookup};
use crate::condition::Condition;
use crate::error::Error;
use crate::expression::Expressions;
use crate::fold::Fold;
use crate::key::Key;
use crate::plan::plan_part;
use crate::schema::TableSchema;
use crate::value::{Map, Value};

/// What a commit would send now: pure, made without any request. It prints as a table.
///
/// Against a stored record that is not as the table knows it, a commit plans again; its report counts that.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CommitPlan {
    /// The records with operations pending, in the order of their keys.
    pub records: Vec<RecordPlan>,
}

/// What a commit would send for one record.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordPlan {
    /// The record.
    pub key: Key,
    /// What the commit does first about a request whose answer was lost, where there is one.
    pub in_doubt: Option<InDoubt>,
    /// The updates, in their order, or why they cannot be made. It is one, or none where nothing has to be sent. A set
    /// that gains and loses members, a list that grows at its front and changes elsewhere, and an expression over
    /// DynamoDB's limits take more.
    pub updates: Result<Vec<UpdateRequest>, Arc<Error>>,
    /// The write capacity units of the updates: one for each KB of the larger of the old and the new item. Where the
    /// item is not known as a whole, the least that they can take.
    pub write_units: u64,
}

/// What a commit does about a request whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InDoubt {
    /// It is sent again, which changes nothing if it was applied.
    SentAgain,
    /// Sending it again could apply it twice: it waits for `resolve_in_doubt`, and what came later waits behind it.
    Unresolved,
}

impl CommitPlan {
    /// How many requests the commit would send.
    pub fn requests(&self) -> usize {
        self.records.iter().map(RecordPlan::requests).sum()
    }

    /// The write capacity units that it would take, as far as is known.
    pub fn write_units(&self) -> u64 {
        self.records.iter().map(|record| record.write_units).sum()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.requests() == 0
    }
}

impl RecordPlan {
    /// How many requests the commit would send for this record.
    pub fn requests(&self) -> usize {
        match self.in_doubt {
            Some(InDoubt::Unresolved) => 0,
            Some(InDoubt::SentAgain) => 1 + self.updates.as_ref().map_or(0, Vec::len),
            None => self.updates.as_ref().map_or(0, Vec::len),
        }
    }

    /// The update expressions, as they would be sent.
    pub fn expressions(&self) -> Vec<String> {
        let updates = self.updates.iter().flatten();
        updates.map(|request| Expressions::default().update(request.actions.clone())).collect()
    }
}

impl fmt::Display for CommitPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (requests, records) = (self.requests(), self.records.len());
        let units = self.write_units();
        write!(f, "records: {records}, requests: {requests}, write units: {units} at least")?;
        self.records.iter().try_for_each(|record| write!(f, "\n  {record}"))
    }
}

impl fmt::Display for RecordPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.key)?;
        match self.in_doubt {
            Some(InDoubt::Unresolved) => return f.write_str("a request in doubt, to be decided by `resolve_in_doubt`"),
            Some(InDoubt::SentAgain) => f.write_str("a request in doubt, sent again, then ")?,
            None => {}
        }
        match self.updates.as_deref() {
            Err(error) => write!(f, "cannot be committed: {error}"),
            Ok([]) => f.write_str("nothing to send"),
            Ok(updates) => {
                for (at, request) in updates.iter().enumerate() {
                    f.write_str(if at > 0 { ", then " } else { "" })?;
                    show(request, f)?;
                }
                Ok(())
            }
        }
    }
}

fn show(request: &UpdateRequest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut expressions = Expressions::default();
    let update = expressions.update(request.actions.clone());
    write!(f, "UpdateItem {update}")?;
    if let Some(condition) = &request.condition {
        write!(f, " IF {}", expressions.condition(condition))?;
    }
    for (at, name) in expressions.names().iter().enumerate() {
        write!(f, "{}#n{at} = {name}", if at == 0 { " WITH " } else { ", " })?;
    }
    let bytes: usize = expressions.into_values().iter().map(Value::size).sum();
    write!(f, " ({bytes} bytes of values)")
}

/// Where the plan of one record starts.
pub(crate) struct Outlook<'s> {
    pub(crate) schema: &'s TableSchema,
    pub(crate) table: &'s Arc<str>,
    pub(crate) key: &'s Map,
    pub(crate) base: &'s Base,
}

impl Outlook<'_> {
    /// The updates that a fold takes, each planned over what the ones before leave.
    pub(crate) fn updates(&self, fold: &Fold, conditions: &[Condition]) -> Result<Vec<UpdateRequest>, Error> {
        let mut updates = Vec::new();
        let mut base = Cow::Borrowed(self.base);
        let mut parts = vec![fold.clone()];
        while !parts.is_empty() {
            let conditions = if updates.is_empty() { conditions } else { &[] };
            let part = plan_part(self.schema, &base, &parts.remove(0), conditions)?;
            parts.splice(0..0, part.split.into_iter().flat_map(|(_, later)| later));
            if part.planned.actions.is_empty() {
                continue;
            }
            if !parts.is_empty() {
                base.to_mut().apply(&part.planned.actions, self.key);
            }
            updates.push(part.planned.request(self.table, self.key, conditions));
        }
        Ok(updates)
    }
}

/// The write capacity units of updates, by AWS's page on
/// [capacity units](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
pub(crate) fn units(base: &Base, updates: &[UpdateRequest]) -> u64 {
    let mut base = Cow::Borrowed(base);
    let units = |update: &UpdateRequest| {
        let size = size_of_item(&base).and_then(|before| {
            base.to_mut().apply(&update.actions, &update.key);
            size_of_item(&base).map(|after| before.max(after))
        });
        let written = || update.actions.iter().map(|action| action.action.size()).sum::<usize>();
        let bytes = size.unwrap_or_else(|| update.key.item_size() + written());
        bytes.div_ceil(1024).max(1) as u64
    };
    updates.iter().map(units).sum()
}

fn size_of_item(base: &Base) -> Option<usize> {
    match base.lookup(&[]) {
        Lookup::Absent => Some(0),
        Lookup::Known(value) => value.as_map().map(Map::item_size),
        _ => None,
    }
}
