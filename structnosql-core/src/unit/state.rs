//! The records of a unit of work, behind one lock that is never held across an await.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hashbrown::hash_map::EntryRef;
use hashbrown::{Equivalent, HashMap};

use crate::key::{Key, KeyRef};
use crate::record::Record;
use crate::report::{OperationId, Savepoint};

/// The records of a unit of work, for whoever shares it.
#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<State>);

/// The records of a unit of work.
#[derive(Debug, Default)]
pub(super) struct State {
    /// In boxes, since many places of a hash map stand empty.
    records: HashMap<Key, Box<Record>>,
    /// The records with operations pending, in flight or in doubt.
    pub(super) dirty: BTreeSet<Key>,
    /// Raised by everything that makes an answer under way out of date.
    pub(super) generation: u64,
    next_operation: u64,
    /// The latest savepoint. Operations before and after it are not folded into one.
    pub(super) savepoint: Option<Savepoint>,
}

impl Shared {
    #[inline]
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Every change of the state is complete before anything that could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Equivalent<Key> for KeyRef<'_> {
    #[inline]
    fn equivalent(&self, key: &Key) -> bool {
        key.has_values_of(self)
    }
}

impl From<&KeyRef<'_>> for Key {
    fn from(key: &KeyRef<'_>) -> Key {
        key.clone().into_owned()
    }
}

impl State {
    #[inline]
    pub(super) fn record(&self, key: &KeyRef<'_>) -> Option<&Record> {
        self.records.get(key).map(|record| &**record)
    }

    /// The record, made where nothing is known of it yet.
    #[inline]
    pub(super) fn record_mut(&mut self, key: &KeyRef<'_>) -> &mut Record {
        match self.records.entry_ref(key) {
            EntryRef::Occupied(known) => known.into_mut(),
            EntryRef::Vacant(place) => {
                place.insert_with_key(key.into(), Box::new(Record::of_generation(self.generation)))
            }
        }
    }

    pub(super) fn existing_mut(&mut self, key: &KeyRef<'_>) -> Option<&mut Record> {
        self.records.get_mut(key).map(|record| &mut **record)
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.records.keys().cloned().collect()
    }

    /// Makes every answer under way for this record out of date.
    pub(super) fn raise(&mut self, key: &KeyRef<'_>) {
        self.generation += 1;
        let generation = self.generation;
        if let Some(record) = self.records.get_mut(key) {
            record.generation = generation;
        }
    }

    /// The number of the next operation, which is not given out by this.
    pub(super) fn next_operation(&self) -> OperationId {
        OperationId(self.next_operation)
    }

    /// Numbers for so many operations.
    pub(super) fn number_operations(&mut self, count: usize) -> OperationId {
        let first = self.next_operation();
        self.next_operation += count as u64;
        first
    }

    /// Brings the books of a record up to date after it changed, and forgets it where nothing is left.
    pub(super) fn tidy(&mut self, key: &KeyRef<'_>) {
        let Some(record) = self.records.get_mut(key).filter(|record| !record.is_tidy()) else {
            return;
        };
        record.noted_dirty = record.is_dirty();
        if record.noted_dirty {
            self.dirty.insert(key.into());
        } else {
            self.dirty.remove(&Key::from(key));
        }
        if record.is_vacant() {
            self.records.remove(key);
        }
    }
}
