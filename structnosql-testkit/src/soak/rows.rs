//! Histories of a table that is queried and scanned: in the order of its keys and of its indexes, in pages, with
//! filters, and with changes pending. Many records go in batches, some in transactions.

mod ask;
mod deeds;
mod draw;
mod filter;
mod question;
mod reading;

use fastrand::Rng;
use structnosql_core::{BasicTable, Billing, CachingTable};

use super::Tally;
use super::bench::{Checked, finished};
use super::history::{Failed, History};
use super::patience::finish;
use crate::{Counted, Fault, Faulty, Reference};
use deeds::Transaction;
use question::Question;
use reading::{Edit, Id, Reading, Shelf};

type Store = Counted<Faulty<Reference>>;

/// A history of two tables, of which one caches, over the same records.
#[derive(Clone)]
pub(super) struct Rows {
    items: Vec<Reading>,
    /// How many records the table keeps in its cache.
    bound: Option<usize>,
    /// The database leaves half of what a batch asks for first.
    leaves: bool,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Pend(Id, Edit),
    Put(Vec<Reading>),
    Delete(Vec<Id>),
    Get(Vec<Id>),
    Commit,
    Clear(Clear),
    Ask(Question),
    Transact(Transaction),
    /// In one request.
    ReadTogether(Vec<Id>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Clear {
    CachedData,
    Refresh,
    Rollback,
}

impl Rows {
    pub(super) fn draw(mut rng: Rng) -> Rows {
        let rng = &mut rng;
        let mut items: Vec<Reading> = (0..rng.usize(..25)).map(|_| draw::reading(rng)).collect();
        items.sort_by_key(Reading::id);
        items.dedup_by_key(|reading| reading.id());
        let bound = if rng.u32(..3) == 0 { Some(rng.usize(..5)) } else { None };
        let steps = (0..rng.usize(5..60)).map(|_| Step::draw(rng)).collect();
        Rows { items, bound, leaves: rng.u32(..3) == 0, steps }
    }
}

/// The tables under test, and what is known to be on the shelf.
struct Shop {
    table: CachingTable<Reading, Store>,
    basic: BasicTable<Reading, Store>,
    shelf: Shelf,
}

impl Shop {
    async fn open(items: &[Reading], bound: Option<usize>) -> Result<Shop, structnosql_core::Error> {
        let store = Counted::new(Faulty::new(Reference::new()));
        let (table, basic) = (CachingTable::attach(store.clone()), BasicTable::attach(store));
        let table = bound.into_iter().fold(table, CachingTable::max_cached_records);
        basic.create_table(Billing::OnDemand).await?;
        let mut shelf = Shelf::default();
        for reading in items {
            basic.put_record(reading).await?;
            shelf.replace(&reading.id(), Some(reading.clone()));
        }
        Ok(Shop { table, basic, shelf })
    }

    async fn step(&mut self, step: &Step) -> Checked {
        let said = |error: structnosql_core::Error| error.to_string();
        let before = self.requests();
        match step {
            Step::Pend(id, edit) => {
                self.table.update_multiple_fields(id.clone(), [edit.change()]).await.map_err(said)?;
                self.shelf.pend(id.clone(), edit.clone());
            }
            Step::Put(readings) => {
                self.table.put_records(readings).await.map_err(said)?;
                readings.iter().for_each(|reading| self.shelf.replace(&reading.id(), Some(reading.clone())));
                self.took(before, readings.len().div_ceil(25), 0)?;
            }
            Step::Delete(ids) => {
                self.table.delete_records(ids.iter().cloned()).await.map_err(said)?;
                ids.iter().for_each(|id| self.shelf.replace(id, None));
                self.took(before, ids.len().div_ceil(25), 0)?;
            }
            Step::Get(ids) => {
                let found = self.table.get_records(ids.iter().cloned()).await.map_err(said)?;
                self.took(before, ids.len().div_ceil(100), ids.len())?;
                self.check_records(ids, &found)?;
            }
            Step::Commit => {
                self.table.commit_operations().await.map_err(said)?;
                self.shelf.commit();
            }
            Step::Clear(Clear::CachedData) => {
                self.table.clear_cached_data();
                self.shelf.show(false);
            }
            Step::Clear(Clear::Refresh) => {
                self.table.refresh();
                self.shelf.show(true);
            }
            Step::Clear(Clear::Rollback) => {
                self.table.rollback();
                self.shelf.rollback();
            }
            Step::Ask(question) => self.ask(question).await?,
            Step::Transact(transaction) => self.transact(transaction).await?,
            Step::ReadTogether(ids) => self.read_together(ids).await?,
        }
        self.check_stored()
    }

    /// How many requests there were, those aside that took what an earlier one had left.
    fn requests(&self) -> usize {
        let store = self.table.backend();
        store.requests() - store.inner().injected() as usize
    }

    /// Checks how many requests were sent: so many, and fewer where as much as this may be known.
    fn took(&self, before: usize, most: usize, known: usize) -> Checked {
        let sent = self.requests() - before;
        match sent > most || (known == 0 && sent < most) {
            true => Err(format!("{sent} requests in place of {most}")),
            false => Ok(()),
        }
    }

    fn check_records(&self, ids: &[Id], found: &[Option<Reading>]) -> Checked {
        if ids.len() != found.len() {
            return Err(format!("{} answers for {} keys", found.len(), ids.len()));
        }
        for (id, found) in ids.iter().zip(found) {
            let view = self.shelf.view(id);
            // What an earlier layer brought into being stays until it is committed.
            let bare = view.is_none() && found.as_ref().is_some_and(|found| found.is_bare() && found.id() == *id);
            if *found != view && !bare {
                return Err(format!("{id:?} reads as {found:?}, expected {view:?}"));
            }
        }
        Ok(())
    }

    fn check_stored(&self) -> Checked {
        let stored = self.table.backend().inner().inner().items(self.table.name());
        let decoded = stored.iter().map(structnosql_core::StructModel::decode_fields);
        let stored: Vec<Reading> = decoded.collect::<Result<_, _>>().map_err(|mismatch| mismatch.to_string())?;
        match stored.iter().eq(self.shelf.stored.values()) {
            true => Ok(()),
            false => Err(format!("the database holds {stored:?}, expected {:?}", self.shelf.stored)),
        }
    }
}

impl History for Rows {
    type Step = Step;

    fn steps(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    fn run(&self) -> Result<Tally, Failed> {
        let open = finished(finish(Shop::open(&self.items, self.bound)));
        let mut shop = open.and_then(|shop| shop.map_err(|error| error.to_string())).map_err(Failed::at(0))?;
        for (at, step) in self.steps.iter().enumerate() {
            if self.leaves && matches!(step, Step::Put(_) | Step::Delete(_) | Step::Get(_)) {
                shop.table.backend().inner().script([Some(Fault::LeaveHalf)]);
            }
            let done = finished(finish(shop.step(step))).and_then(|done| done);
            shop.table.backend().inner().heal();
            done.map_err(|problem| Failed { at, what: format!("{step:?}: {problem}") })?;
        }
        let (requests, faults) = (shop.table.backend().requests() as u64, shop.table.backend().inner().injected());
        Ok(Tally { cases: 1, operations: self.steps.len() as u64, requests, faults, ..Tally::default() })
    }

    fn strip(&mut self) {
        for at in (0..self.items.len()).rev() {
            self.without(|rows| drop(rows.items.remove(at)));
        }
    }

    fn lines(&self) -> Vec<String> {
        let bound = self.bound.map(|records| format!("the table keeps {records} records"));
        let items = self.items.iter().map(|item| format!("{item:?}"));
        bound.into_iter().chain(items).chain(self.steps.iter().map(|step| format!("{step:?}"))).collect()
    }
}
