//! What a commit would send: plans of all records, to look at.

mod modes;
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
use crate::told::Told;
use crate::value::{Map, Value};

pub use modes::{Carrier, CommitMode};
pub(crate) use modes::{check_transaction, fits_batch, not_atomic, takes_several};

/// What a commit would send now: pure, made without any request.
///
/// It prints as a table for people: a line of totals, then a row for each request, with names in place of placeholders
/// and without values. `{}` leaves out what is alike: it shortens long expressions, and after twenty records shows only
/// those that cannot be committed, are in doubt or take several requests. `{:#}` prints everything. With the feature
/// `serde` it serialises for tools.
///
/// It is the plan of a plain commit, or of one [with options](crate::Commit): `commit_operations().atomic().plan()`.
///
/// Against a stored record that is not as the table knows it, a commit plans again; its report counts that.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CommitPlan {
    /// The records with operations pending, in the order of their keys.
    pub records: Vec<RecordPlan>,
    /// How they go together.
    pub mode: CommitMode,
    /// Why the commit would be refused before anything is sent, if it would be: the backend cannot do it, or the records
    /// do not fit one transaction. Requests and units are then counted as if it were not.
    pub refusal: Option<Arc<Error>>,
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
    /// What carries it.
    pub carrier: Carrier,
    /// The write capacity units that it takes of the table, without those of its indexes: one for each KB of the larger
    /// of the old and the new item, and two in a transaction.
    pub write_units: u64,
    /// Whether the item is known as a whole, so that `write_units` is what it takes; else it is the least.
    pub is_item_known: bool,
    /// The bytes of the larger of the old and the new item, as far as is known.
    pub(crate) item_bytes: usize,
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
    /// The transaction that it was part of, and is sent again with.
    told: Option<Arc<Told>>,
}

impl CommitPlan {
    /// How many requests the commit would send.
    pub fn requests(&self) -> usize {
        self.count_requests()
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
    /// changed as one where the [mode](Self::mode) is atomic.
    pub fn is_atomic(&self) -> bool {
        self.records.iter().all(RecordPlan::is_atomic)
    }
}

impl InDoubt {
    /// The records of the transaction that it went with, this one among them; none where it went without. They are sent
    /// again, or resolved, together.
    pub fn together(&self) -> &[Key] {
        self.told.as_ref().map_or(&[], |told| &told.keys)
    }
}

impl RecordPlan {
    /// The updates that the commit would send for this record, in their order.
    pub fn sent(&self) -> impl Iterator<Item = &PlannedUpdate> {
        let resent = self.in_doubt.iter().filter(|in_doubt| in_doubt.is_sent_again).map(|in_doubt| &in_doubt.update);
        resent.chain(self.updates())
    }

    /// The updates that carry what is pending: none where it waits for one in doubt.
    fn updates(&self) -> impl Iterator<Item = &PlannedUpdate> {
        let waits = self.in_doubt.as_ref().is_some_and(|in_doubt| !in_doubt.is_sent_again);
        self.updates.iter().flatten().filter(move |_| !waits)
    }

    /// How many requests the commit would send for this record, those that it shares with others included.
    pub fn requests(&self) -> usize {
        self.sent().count() + usize::from(self.is_read_first())
    }

    /// Whether the commit would read the record before it sends the first update.
    fn is_read_first(&self) -> bool {
        (self.reads_version || self.reads_parents) && self.updates().next().is_some()
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
    /// Changes what carries it.
    pub(crate) fn go_by(&mut self, carrier: Carrier) {
        if carrier == Carrier::Transaction && self.carrier != carrier {
            self.write_units *= 2;
        }
        self.carrier = carrier;
    }

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
        let mut text = expressions.update(&self.request.actions);
        if let Some(condition) = &self.request.condition {
            text.push_str(" IF ");
            text.push_str(&expressions.condition(condition));
        }
        expressions.with_names(&text)
    }

    pub(crate) fn rendered(&self) -> Rendered {
        let mut expressions = Expressions::default();
        let update = expressions.update(&self.request.actions);
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
    /// The updates that a fold takes after those that an earlier commit put off, each planned over what the ones before
    /// leave.
    pub(crate) fn updates<'f>(
        &self,
        put_off: impl Iterator<Item = &'f Fold>,
        fold: &Fold,
        terms: Terms,
    ) -> Result<Vec<PlannedUpdate>, Error> {
        let mut updates = Vec::new();
        let mut base = Cow::Borrowed(self.base);
        for earlier in put_off {
            self.add_updates(&mut updates, &mut base, earlier, terms.clone().of_the_next())?;
        }
        self.add_updates(&mut updates, &mut base, fold, terms)?;
        Ok(updates)
    }

    fn add_updates(
        &self,
        updates: &mut Vec<PlannedUpdate>,
        base: &mut Cow<'_, Base>,
        fold: &Fold,
        mut terms: Terms,
    ) -> Result<(), Error> {
        let mut parts = VecDeque::from([(fold.clone(), Vec::new())]);
        while let Some((fold, forced_by)) = parts.pop_front() {
            let part = plan_part(self.schema, base, &fold, &terms)?;
            for later in part.split.into_iter().flat_map(|Parts { later, .. }| later).rev() {
                parts.push_front(later);
            }
            if !part.planned.actions.is_empty() {
                let request = part.planned.request(self.table, self.key.clone(), &terms.conditions);
                terms = terms.of_the_next();
                let forced_by = if updates.is_empty() { Vec::new() } else { forced_by };
                updates.push(PlannedUpdate { forced_by, ..planned(request, base) });
            }
        }
        Ok(())
    }

    /// A request whose answer was lost: what was known of what it writes is forgotten.
    pub(crate) fn in_doubt(&self, request: &UpdateRequest, is_sent_again: bool, told: Option<&Arc<Told>>) -> InDoubt {
        let mut update = planned(request.clone(), &mut Cow::Borrowed(self.base));
        if told.is_some() {
            update.go_by(Carrier::Transaction);
        }
        InDoubt { update, is_sent_again, told: told.cloned() }
    }
}

/// What a request takes over `base`, which then is as the request leaves it. By AWS's page on
/// [capacity units](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
pub(crate) fn planned(request: UpdateRequest, base: &mut Cow<'_, Base>) -> PlannedUpdate {
    let before = size_of_item(base);
    base.to_mut().apply(&request.actions, &request.key);
    let known = before.zip(size_of_item(base)).map(|(before, after)| before.max(after));
    let written = || request.key.item_size() + request.actions.iter().map(|action| action.action.size()).sum::<usize>();
    let item_bytes = known.unwrap_or_else(written);
    let write_units = item_bytes.div_ceil(1024).max(1) as u64;
    let (carrier, is_item_known, forced_by) = (Carrier::Update, known.is_some(), Vec::new());
    PlannedUpdate { request, carrier, write_units, is_item_known, item_bytes, forced_by }
}

fn size_of_item(base: &Base) -> Option<usize> {
    match base.lookup(&[]) {
        Lookup::Absent => Some(0),
        Lookup::Known(value) => value.as_map().map(Map::item_size),
        _ => None,
    }
}
