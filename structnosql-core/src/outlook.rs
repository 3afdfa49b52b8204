//! What a commit would send: plans of all records, to look at.

mod print;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;

use crate::backend::UpdateRequest;
use crate::base::{Base, Lookup};
use crate::error::Error;
use crate::expression::Expressions;
use crate::fold::Fold;
use crate::key::Key;
use crate::lock::Terms;
use crate::plan::{Parts, Split, plan_part};
use crate::schema::TableSchema;
use crate::text::Text;
use crate::value::{Map, Value};

/// What a commit would send now: pure, made without any request.
///
/// It prints as a table for people: a line of totals, then a row for each request, with names in place of placeholders
/// and without values. `{}` leaves out what is alike: it shortens long expressions, and after twenty records shows only
/// those that cannot be committed, are in doubt or take several requests. `{:#}` prints everything. With the feature
/// `serde` it serialises for tools.
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
    /// A request whose answer was lost, where there is one. It comes before the updates.
    pub in_doubt: Option<InDoubt>,
    /// Whether the record is read first, for its version: nothing of it was read yet. The updates are then shown as those
    /// of a record that has no version.
    pub reads_version: bool,
    /// Whether the record is read first, for what its updates lie below: its database brings parents into being that
    /// are not there, and these would not be whole. The updates are then shown as those of a record that has them.
    pub reads_parents: bool,
    /// The updates, in their order, or why they cannot be made. It is one, or none where nothing has to be sent, or
    /// several where DynamoDB forces that.
    pub updates: Result<Vec<PlannedUpdate>, Arc<Error>>,
}

/// One `UpdateItem` of a plan.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlannedUpdate {
    /// The request, with its values.
    pub request: UpdateRequest,
    /// The write capacity units that it takes of the table, without those of its indexes: one for each KB of the larger
    /// of the old and the new item.
    pub write_units: u64,
    /// Whether the item is known as a whole, so that `write_units` is what it takes; else it is the least.
    pub is_item_known: bool,
    /// The changes that made this a request of its own; none for a record's first.
    pub forced_by: Vec<Split>,
}

/// What a commit does about a request whose answer was lost.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InDoubt {
    /// The request, as it was sent.
    pub update: PlannedUpdate,
    /// Whether it is sent again, which changes nothing if it was applied. Where that could apply it twice, it waits for
    /// [`resolve_in_doubt`](crate::CachingTable::resolve_in_doubt), and the record's updates wait behind it.
    pub is_sent_again: bool,
}

impl CommitPlan {
    /// How many requests the commit would send.
    pub fn requests(&self) -> usize {
        self.records.iter().map(RecordPlan::requests).sum()
    }

    /// The write capacity units that it would take of the table, as far as is known.
    pub fn write_units(&self) -> u64 {
        self.records.iter().map(RecordPlan::write_units).sum()
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.requests() == 0
    }

    /// Whether each record is changed as a whole or not at all: none takes more than one request. Several records are
    /// never changed as one.
    pub fn is_atomic(&self) -> bool {
        self.records.iter().all(RecordPlan::is_atomic)
    }
}

impl RecordPlan {
    /// The requests that the commit would send for this record, in their order.
    pub fn sent(&self) -> impl Iterator<Item = &PlannedUpdate> {
        let resent = self.in_doubt.iter().filter(|in_doubt| in_doubt.is_sent_again).map(|in_doubt| &in_doubt.update);
        let waits = self.in_doubt.as_ref().is_some_and(|in_doubt| !in_doubt.is_sent_again);
        resent.chain(self.updates.iter().flatten().filter(move |_| !waits))
    }

    /// How many requests the commit would send for this record.
    pub fn requests(&self) -> usize {
        self.sent().count() + usize::from(self.is_read_first())
    }

    /// Whether the commit would read the record before it sends the first update.
    fn is_read_first(&self) -> bool {
        let waits = self.in_doubt.as_ref().is_some_and(|in_doubt| !in_doubt.is_sent_again);
        (self.reads_version || self.reads_parents)
            && !waits
            && self.updates.as_ref().is_ok_and(|updates| !updates.is_empty())
    }

    /// The write capacity units that they would take of the table, as far as is known.
    pub fn write_units(&self) -> u64 {
        self.sent().map(|update| update.write_units).sum()
    }

    /// Whether the record's operations are applied all or none: they take one update at most.
    pub fn is_atomic(&self) -> bool {
        self.sent().count() <= 1
    }

    /// The update expressions, as they would be sent.
    pub fn expressions(&self) -> Vec<String> {
        self.updates.iter().flatten().map(PlannedUpdate::expression).collect()
    }
}

impl PlannedUpdate {
    /// Its update expression, as it would be sent.
    pub fn expression(&self) -> String {
        self.rendered().update
    }

    /// Its condition expression, as it would be sent: the caller's conditions, and what the plan takes for granted of the
    /// stored record.
    pub fn condition_expression(&self) -> Option<String> {
        self.rendered().condition
    }

    /// The bytes of its expressions, names and values, by DynamoDB's way of counting.
    pub fn bytes(&self) -> usize {
        let Rendered { update, condition, names, values } = self.rendered();
        let texts = update.len() + condition.map_or(0, |condition| condition.len());
        texts + names.iter().map(|name| name.len()).sum::<usize>() + values.iter().map(Value::size).sum::<usize>()
    }

    /// Its expressions for people: names in the place of their placeholders, values left out.
    fn shown(&self) -> String {
        let mut expressions = Expressions::default();
        let mut text = expressions.update(self.request.actions.clone());
        if let Some(condition) = &self.request.condition {
            text.push_str(" IF ");
            text.push_str(&expressions.condition(condition));
        }
        expressions.with_names(&text)
    }

    pub(crate) fn rendered(&self) -> Rendered {
        let mut expressions = Expressions::default();
        let update = expressions.update(self.request.actions.clone());
        let condition = self.request.condition.as_ref().map(|condition| expressions.condition(condition));
        Rendered { update, condition, names: expressions.names().to_vec(), values: expressions.into_values() }
    }
}

/// The expressions of an update, with what their placeholders stand for.
pub(crate) struct Rendered {
    pub(crate) update: String,
    pub(crate) condition: Option<String>,
    pub(crate) names: Vec<Text>,
    pub(crate) values: Vec<Value>,
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
    pub(crate) fn updates(&self, fold: &Fold, mut terms: Terms) -> Result<Vec<PlannedUpdate>, Error> {
        let mut updates = Vec::new();
        let mut base = Cow::Borrowed(self.base);
        let mut parts = VecDeque::from([(fold.clone(), Vec::new())]);
        while let Some((fold, forced_by)) = parts.pop_front() {
            let part = plan_part(self.schema, &base, &fold, &terms)?;
            for later in part.split.into_iter().flat_map(|Parts { later, .. }| later).rev() {
                parts.push_front(later);
            }
            if !part.planned.actions.is_empty() {
                let request = part.planned.request(self.table, self.key, &terms.conditions);
                terms = terms.of_the_next();
                let forced_by = if updates.is_empty() { Vec::new() } else { forced_by };
                updates.push(PlannedUpdate { forced_by, ..planned(request, &mut base) });
            }
        }
        Ok(updates)
    }

    /// A request whose answer was lost: what was known of what it writes is forgotten.
    pub(crate) fn in_doubt(&self, request: &UpdateRequest, is_sent_again: bool) -> InDoubt {
        InDoubt { update: planned(request.clone(), &mut Cow::Borrowed(self.base)), is_sent_again }
    }
}

/// What a request takes over `base`, which then is as the request leaves it. By AWS's page on
/// [capacity units](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
fn planned(request: UpdateRequest, base: &mut Cow<'_, Base>) -> PlannedUpdate {
    let before = size_of_item(base);
    base.to_mut().apply(&request.actions, &request.key);
    let known = before.zip(size_of_item(base)).map(|(before, after)| before.max(after));
    let written = || request.key.item_size() + request.actions.iter().map(|action| action.action.size()).sum::<usize>();
    let write_units = known.unwrap_or_else(written).div_ceil(1024).max(1) as u64;
    PlannedUpdate { request, write_units, is_item_known: known.is_some(), forced_by: Vec::new() }
}

fn size_of_item(base: &Base) -> Option<usize> {
    match base.lookup(&[]) {
        Lookup::Absent => Some(0),
        Lookup::Known(value) => value.as_map().map(Map::item_size),
        _ => None,
    }
}
