//! Transactions: all of what they do, or nothing.

use std::collections::BTreeSet;

use fastrand::Rng;
use structnosql_core::{BasicTable, CachingTable, ConditionCheck, Error, ErrorKind, FailureClass, TransactionVerb};

use super::filter::Filter;
use super::reading::{Edit, Id, Reading};
use super::{Shop, Store, draw};
use crate::Fault;
use crate::soak::bench::Checked;

/// What a transaction does with one record.
#[derive(Clone, Debug)]
pub(crate) struct Deed {
    id: Id,
    does: Does,
    condition: Option<Filter>,
}

/// In the order in which a transaction is given them.
#[derive(Clone, Debug)]
enum Does {
    Update(Vec<Edit>),
    Put(Reading),
    Create(Reading),
    Delete,
    Check,
}

/// Several deeds, what goes wrong with the request, and which of the tables asks.
#[derive(Clone, Debug)]
pub(crate) struct Transaction {
    deeds: Vec<Deed>,
    fault: Option<Fault>,
    basic: bool,
}

impl Does {
    fn verb(&self) -> TransactionVerb {
        match self {
            Does::Update(_) => TransactionVerb::Update,
            Does::Put(_) | Does::Create(_) => TransactionVerb::Put,
            Does::Delete => TransactionVerb::Delete,
            Does::Check => TransactionVerb::ConditionCheck,
        }
    }

    fn rank(&self) -> u32 {
        match self {
            Does::Update(_) => 0,
            Does::Put(_) => 1,
            Does::Create(_) => 2,
            Does::Delete => 3,
            Does::Check => 4,
        }
    }
}

impl Transaction {
    pub(crate) fn draw(rng: &mut Rng) -> Transaction {
        let mut deeds: Vec<Deed> = (0..rng.usize(1..5)).map(|_| Deed::draw(rng)).collect();
        let mut ids = BTreeSet::new();
        deeds.retain(|deed| ids.insert(deed.id.clone()));
        deeds.sort_by_key(|deed| deed.does.rank());
        let faults =
            [Fault::LoseAnswer, Fault::Refuse(FailureClass::Interrupted), Fault::Refuse(FailureClass::Throttled)];
        let fault = (rng.u32(..4) == 0).then(|| faults[rng.usize(..faults.len())]);
        Transaction { deeds, fault, basic: rng.u32(..3) == 0 }
    }
}

impl Deed {
    fn draw(rng: &mut Rng) -> Deed {
        let (reading, mut condition) = (draw::reading(rng), (rng.u32(..3) == 0).then(|| Filter::draw(rng, 0)));
        let does = match rng.u32(..8) {
            0..4 => Does::Update(draw::edits(rng)),
            4 => Does::Put(reading.clone()),
            5 => Does::Create(reading.clone()),
            6 => Does::Delete,
            _ => Does::Check,
        };
        match does {
            Does::Check => drop(condition.get_or_insert(Filter::NoteIsThere(true))),
            Does::Create(_) => condition = None,
            _ => {}
        }
        Deed { id: reading.id(), does, condition }
    }

    /// Whether the database may do it.
    fn is_met(&self, stored: Option<&Reading>) -> bool {
        let nothing = Reading::of(self.id.clone());
        let holds = |condition: &Filter| condition.holds(stored.unwrap_or(&nothing));
        let created = matches!(self.does, Does::Create(_));
        !(created && stored.is_some()) && self.condition.as_ref().is_none_or(holds)
    }
}

macro_rules! transact {
    ($table:expr, $deeds:expr) => {{
        let table = $table;
        let (mut updates, mut puts, mut deletes) = (Vec::new(), Vec::new(), Vec::new());
        let mut checks: Vec<ConditionCheck<'_, Store>> = Vec::new();
        /// With the condition, where the deed has one.
        macro_rules! given {
            ($deed:expr, $call:expr) => {
                match &$deed.condition {
                    Some(condition) => $call.condition(condition.predicate()),
                    None => $call,
                }
            };
        }
        for deed in $deeds {
            let id = deed.id.clone();
            match &deed.does {
                Does::Update(edits) => {
                    let changes = edits.iter().map(Edit::change).collect::<Vec<_>>();
                    updates.push(given!(deed, table.update_multiple_fields(id, changes)));
                }
                Does::Put(reading) => puts.push(given!(deed, table.put_record(reading))),
                Does::Create(reading) => puts.push(table.create_record(reading)),
                Does::Delete => deletes.push(given!(deed, table.delete_record(id))),
                Does::Check => checks.extend(
                    deed.condition.iter().map(|condition| table.condition_check(id.clone(), condition.predicate())),
                ),
            }
        }
        table.transact((updates, puts, deletes, checks)).await
    }};
}

async fn of_caching(table: &CachingTable<Reading, Store>, deeds: &[Deed]) -> Result<(), Error> {
    transact!(table, deeds)
}

async fn of_basic(table: &BasicTable<Reading, Store>, deeds: &[Deed]) -> Result<(), Error> {
    transact!(table, deeds)
}

impl Shop {
    pub(super) async fn transact(&mut self, transaction: &Transaction) -> Checked {
        let Transaction { deeds, fault, basic } = transaction;
        // What a whole record's condition means for what is pending there is not told.
        let is_whole = |deed: &Deed| matches!(deed.does, Does::Put(_) | Does::Delete) && deed.condition.is_some();
        if !basic && deeds.iter().any(|deed| is_whole(deed) && self.shelf.is_dirty(&deed.id)) {
            return Ok(());
        }
        let faulty = self.table.backend().inner().clone();
        faulty.script([*fault]);
        let before = self.table.backend().requests();
        let done = match basic {
            true => of_basic(&self.basic, deeds).await,
            false => of_caching(&self.table, deeds).await,
        };
        faulty.heal();
        let blocked = !basic && deeds.iter().any(|deed| self.is_blocked(deed));
        let met: Vec<bool> = deeds.iter().map(|deed| deed.is_met(self.shelf.stored.get(&deed.id))).collect();
        // What finds nothing to do sends nothing.
        let sent = self.table.backend().requests() > before;
        let throttled = sent && *fault == Some(Fault::Refuse(FailureClass::Throttled));
        let expected = !blocked && !throttled && met.iter().all(|met| *met);
        match done {
            Ok(()) if expected => {
                deeds.iter().for_each(|deed| self.is_done(deed, *basic));
                if *basic {
                    // The other table hears of it.
                    self.table.refresh();
                    self.shelf.show(true);
                }
                Ok(())
            }
            // What is known of a record may tell before anything is sent.
            Err(error)
                if !expected && !basic && error.transaction_report().is_none() && error.is_condition_failed() =>
            {
                Ok(())
            }
            Err(error) if blocked => match error.kind() {
                ErrorKind::ChangePending { .. } | ErrorKind::ConditionOnPending { .. } => Ok(()),
                _ => Err(format!("a change of what is pending was refused so: {error}")),
            },
            Err(_) if throttled => Ok(()),
            Err(error) if !expected => {
                let report = error.transaction_report().ok_or_else(|| format!("it has no report: {error}"))?;
                let told: Vec<_> = report.actions.iter().map(|one| (one.verb, one.error.is_none())).collect();
                let known: Vec<_> = deeds.iter().zip(met).map(|(deed, met)| (deed.does.verb(), met)).collect();
                if told == known { Ok(()) } else { Err(format!("the report tells {told:?}, expected {known:?}")) }
            }
            done => Err(format!("a transaction gave {done:?}, where {met:?} of its actions are met")),
        }
    }

    /// Whether it is about something that is pending.
    fn is_blocked(&self, deed: &Deed) -> bool {
        let pending = |field: &str| self.shelf.touches(&deed.id, field);
        let condition = || deed.condition.iter().flat_map(Filter::fields).any(pending);
        match &deed.does {
            Does::Update(edits) => edits.iter().any(|edit| pending(edit.field())) || condition(),
            Does::Check => condition(),
            _ => false,
        }
    }

    fn is_done(&mut self, deed: &Deed, basic: bool) {
        let reading = match &deed.does {
            Does::Update(edits) => {
                let edited = self.shelf.edited(&deed.id, edits);
                if let Some(reading) = edited {
                    self.shelf.stored.insert(deed.id.clone(), reading);
                }
                return;
            }
            Does::Check => return,
            Does::Put(reading) | Does::Create(reading) => Some(reading.clone()),
            Does::Delete => None,
        };
        match (basic, reading) {
            (false, reading) => self.shelf.replace(&deed.id, reading),
            (true, Some(reading)) => drop(self.shelf.stored.insert(deed.id.clone(), reading)),
            (true, None) => drop(self.shelf.stored.remove(&deed.id)),
        }
    }

    /// Reads several records as of one moment.
    pub(super) async fn read_together(&self, ids: &[Id]) -> Checked {
        let distinct: BTreeSet<&Id> = ids.iter().collect();
        let ids: Vec<Id> = distinct.into_iter().cloned().collect();
        let reads: Vec<_> = ids.iter().map(|id| self.table.get_record(id.clone())).collect();
        let found = self.table.transact_get(reads).await.map_err(|error| error.to_string())?;
        self.check_records(&ids, &found)
    }
}
