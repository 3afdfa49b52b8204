//! The tables of several writers, and what is known to be stored.

use structnosql_core::{BasicTable, Billing, Error, Map, StructModel, TableDataModel, Value};

use super::shared::{self, Edit, Field, ID, NAMES, Name, Shared};
use super::writer::{self, Writer};
use super::{Act, Caching, Step, Store};
use crate::soak::bench::Checked;
use crate::{Counted, Faulty, Reference};

/// The tables under test, and what is known to be stored.
pub(super) struct Office {
    pub(super) caching: [Caching; 2],
    pub(super) basic: BasicTable<Shared, Store>,
    pub(super) writers: [Writer; 3],
    pub(super) stored: Option<Shared>,
}

pub(super) fn said(error: Error) -> String {
    error.to_string()
}

impl Office {
    pub(super) async fn open() -> Result<Office, Error> {
        let store = Counted::new(Faulty::new(Reference::new()));
        let caching = [Caching::attach(store.clone()), Caching::attach(store.clone())];
        let basic = BasicTable::attach(store);
        basic.create_table(Billing::OnDemand).await?;
        basic.create_record(&Shared::unwritten()).await?;
        let stored = Some(Shared { version: 1, ..Shared::unwritten() });
        Ok(Office { caching, basic, writers: Default::default(), stored })
    }

    /// The stored record, past everything.
    pub(super) fn look(&self) -> Result<Option<Shared>, String> {
        let key: Map = [("id", Value::from(ID))].into_iter().collect();
        let item = self.basic.backend().inner().inner().item(self.basic.name(), &key);
        item.map(|item| Shared::decode_fields(&item)).transpose().map_err(|mismatch| mismatch.to_string())
    }

    pub(super) async fn step(&mut self, step: &Step) -> Checked {
        let at = step.writer;
        match (&step.act, at) {
            (Act::Read(names), 2) => self.read(None, names).await?,
            (Act::Read(names), _) => self.read(Some(at), names).await?,
            (Act::ReadWhole, _) => self.read_whole(at).await?,
            (Act::Pend(edits), 0 | 1) => self.pend(at, edits).await?,
            (Act::Commit(check, how), 0 | 1) => self.commit(at, *check, *how).await?,
            (Act::Write(edits, unchecked), _) => self.write(at, edits, *unchecked).await?,
            (Act::Put(left, unchecked), _) => self.put(at, *left, *unchecked).await?,
            (Act::Create, _) => self.create(at).await?,
            (Act::Delete(unchecked), _) => self.delete(at, *unchecked).await?,
            (Act::Refresh, 0 | 1) => self.refresh(at),
            (Act::Rollback, 0 | 1) => self.rollback(at),
            _ => {}
        }
        let stored = self.look()?;
        if stored == self.stored { Ok(()) } else { Err(format!("{stored:?} is stored, expected {:?}", self.stored)) }
    }

    pub(super) fn refresh(&mut self, at: usize) {
        self.caching[at].refresh();
        self.writers[at].forget();
    }

    /// Forgets everything of a caching table.
    pub(super) fn rollback(&mut self, at: usize) {
        if let Some(table) = self.caching.get(at) {
            table.rollback();
            table.refresh();
        }
        self.writers[at] = Writer::default();
    }

    pub(super) async fn read(&mut self, caching: Option<usize>, names: &[Name]) -> Checked {
        let f = Shared::fields;
        macro_rules! shown {
            ($field:expr) => {
                match caching {
                    Some(at) => self.caching[at].get_field(ID, $field).await.map_err(said)?,
                    None => self.basic.get_field(ID, $field).await.map_err(said)?,
                }
            };
        }
        for name in names {
            let before = self.basic.backend().requests();
            let shown = match name {
                Name::Sum => Field::Number(shown!(f().sum())),
                Name::Left => Field::Number(shown!(f().left()).map(i128::from)),
                Name::Right => Field::Number(Some(shown!(f().right()).unwrap_or(shared::RIGHT).into())),
                Name::Log => Field::Log(shown!(f().log())),
                Name::Marks => Field::Marks(shown!(f().marks())),
            };
            let stored = self.stored.as_ref();
            let fits = match caching {
                None => shown == writer::field_of(stored, *name),
                Some(at) => {
                    if self.basic.backend().requests() > before {
                        self.writers[at].see(stored, &[*name]);
                    }
                    self.writers[at].may_show(*name, &shown)
                }
            };
            if !fits {
                return Err(format!("{name:?} shows {shown:?}, where {stored:?} is stored"));
            }
        }
        Ok(())
    }

    pub(super) async fn read_whole(&mut self, at: usize) -> Checked {
        let before = self.basic.backend().requests();
        let held = match self.caching.get(at) {
            Some(table) => table.get_record(ID).await.map_err(said)?,
            None => self.basic.get_record(ID).await.map_err(said)?,
        };
        if self.basic.backend().requests() > before {
            // What a pending change decides is not asked for.
            let pending = |name: &Name| self.writers[at].pending.iter().any(|edit| edit.name() == *name);
            let asked: Vec<Name> = NAMES.into_iter().filter(|name| !pending(name)).collect();
            self.writers[at].see(self.stored.as_ref(), &asked);
            self.writers[at].may_have_seen_all(self.stored.as_ref());
        }
        if let Some(held) = &held {
            let wrong = NAMES.into_iter().find(|name| !self.writers[at].may_show(*name, &held.field(*name)));
            if let Some(name) = wrong {
                return Err(format!("{name:?} of the whole record shows {:?}", held.field(name)));
            }
        }
        self.writers[at].held = held;
        Ok(())
    }

    pub(super) async fn pend(&mut self, at: usize, edits: &[Edit]) -> Checked {
        let changes = edits.iter().map(Edit::change).collect::<Vec<_>>();
        let before = self.basic.backend().requests();
        let pended = self.caching[at].update_multiple_fields(ID, changes).await;
        if pended.is_ok() == edits.iter().any(Edit::is_refused) {
            return Err(format!("{edits:?} gave {pended:?}"));
        }
        if self.basic.backend().requests() > before {
            return Err("a change that is pended sent a request".to_owned());
        }
        if pended.is_ok() {
            self.writers[at].pending.extend(edits.iter().cloned());
        }
        let (pending, listed) = (!self.writers[at].pending.is_empty(), self.caching[at].has_pending_operations());
        if pending == listed { Ok(()) } else { Err(format!("it says that something is pending: {listed}")) }
    }

    /// The record with the edits, and its version raised.
    pub(super) fn raised(&self, edits: &[Edit]) -> Shared {
        let mut record = self.stored.clone().unwrap_or_else(Shared::unwritten);
        edits.iter().for_each(|edit| edit.apply(&mut record));
        Shared { version: record.version + 1, ..record }
    }
}
