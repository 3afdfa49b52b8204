//! The records of a unit of work, behind one lock that is never held across an await.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{DefaultHashBuilder, HashTable};
use parking_lot::{Mutex, MutexGuard};

use super::cache::{Bounds, CacheStatistics};
use crate::key::{Key, KeyRef};
use crate::record::Record;
use crate::report::{OperationId, Savepoint};

/// The records of a unit of work, for whoever shares it.
#[derive(Debug, Default)]
pub(super) struct Shared(Mutex<State>);

/// The records of a unit of work.
#[derive(Debug, Default)]
pub(super) struct State {
    /// In boxes, since many places of a hash table stand empty.
    records: HashTable<Box<Entry>>,
    hasher: DefaultHashBuilder,
    /// The hashes of the records with operations pending, in flight or in doubt. Each of these knows its place here.
    dirty: Vec<u64>,
    /// Raised by everything that makes an answer under way out of date.
    pub(super) generation: u64,
    next_operation: u64,
    /// The latest savepoint. Operations before and after it are not folded into one.
    pub(super) savepoint: Option<Savepoint>,
    pub(super) bounds: Bounds,
    pub(super) statistics: CacheStatistics,
    /// Goes on with every use of a record.
    clock: u64,
}

impl Shared {
    pub(super) fn bounded(bounds: Bounds) -> Self {
        Shared(Mutex::new(State { bounds, ..State::default() }))
    }

    #[inline]
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Not poisoned by a panic: every change of the state is complete before anything that could.
        self.0.lock()
    }
}

#[derive(Debug)]
struct Entry {
    key: Key,
    record: Record,
}

/// The next place among the records with operations, for the record of a key with this hash.
#[derive(Clone, Copy)]
pub(super) struct DirtyPlace {
    hash: u64,
    pub(super) at: u32,
}

impl Entry {
    fn is_dirty_at(&self, at: u32) -> bool {
        self.record.dirty_at == Some(at)
    }
}

impl From<&KeyRef<'_>> for Key {
    fn from(key: &KeyRef<'_>) -> Key {
        key.clone().into_owned()
    }
}

impl State {
    pub(super) fn record(&self, key: &KeyRef<'_>) -> Option<&Record> {
        let entry = self.records.find(hash_of(&self.hasher, key), |entry| *entry.key == *key);
        entry.map(|entry| &entry.record)
    }

    /// The record for a read of it: it is used now, and what is too old is forgotten.
    #[inline]
    pub(super) fn record_to_read(&mut self, key: &KeyRef<'_>) -> Option<&Record> {
        let State { records, hasher, bounds, statistics, clock, .. } = self;
        let Entry { record, .. } = &mut **records.find_mut(hash_of(hasher, key), |entry| *entry.key == *key)?;
        *clock += 1;
        record.last_used = *clock;
        if bounds.max_age.is_some_and(|max_age| record.expire(max_age)) {
            statistics.expired += 1;
        }
        Some(record)
    }

    /// The record for a change of it, made where nothing is known of it yet, and the place among those with operations
    /// that it may take by it. What is too old is forgotten: a change must not be refused, or placed in a list, by it.
    #[inline]
    pub(super) fn record_to_change(&mut self, key: &KeyRef<'_>) -> (&mut Record, DirtyPlace) {
        if self.bounds.max_age.is_some() {
            self.record_to_read(key);
        }
        let place = self.dirty_place(key);
        (self.record_at(place.hash, key), place)
    }

    /// The record, made where nothing is known of it yet.
    pub(super) fn record_mut(&mut self, key: &KeyRef<'_>) -> &mut Record {
        self.record_at(hash_of(&self.hasher, key), key)
    }

    #[inline]
    fn record_at(&mut self, hash: u64, key: &KeyRef<'_>) -> &mut Record {
        let State { records, hasher, generation, clock, .. } = self;
        match records.find_entry(hash, |entry| *entry.key == *key) {
            Ok(found) => &mut found.into_mut().record,
            Err(absent) => {
                *clock += 1;
                add(absent.into_table(), hasher, hash, key, (*generation, *clock))
            }
        }
    }

    pub(super) fn existing_mut(&mut self, key: &KeyRef<'_>) -> Option<&mut Record> {
        let entry = self.records.find_mut(hash_of(&self.hasher, key), |entry| *entry.key == *key);
        entry.map(|entry| &mut entry.record)
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        self.records.iter().map(|entry| entry.key.clone()).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.records.len()
    }

    /// How many records have operations pending, in flight or in doubt.
    pub(super) fn count_dirty(&self) -> usize {
        self.dirty.len()
    }

    /// How many records have a write whose answer was lost.
    pub(super) fn count_in_doubt(&self) -> usize {
        self.records.iter().filter(|entry| entry.record.is_in_doubt()).count()
    }

    /// The records with operations pending, in flight or in doubt, in the order of their keys.
    pub(super) fn dirty_keys(&self) -> Vec<Key> {
        let dirty = self.dirty.iter().zip(0..);
        let entries = dirty.filter_map(|(hash, at)| self.records.find(*hash, |entry| entry.is_dirty_at(at)));
        let mut keys: Vec<Key> = entries.map(|entry| entry.key.clone()).collect();
        keys.sort_unstable();
        keys
    }

    /// Makes every answer under way for this record out of date.
    pub(super) fn raise(&mut self, key: &KeyRef<'_>) {
        self.generation += 1;
        let generation = self.generation;
        if let Some(record) = self.existing_mut(key) {
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
        let place = self.dirty_place(key);
        let found = self.records.find_mut(place.hash, |entry| *entry.key == *key);
        let Some(Entry { record, .. }) = found.map(Box::as_mut).filter(|entry| !entry.record.is_tidy()) else {
            return;
        };
        let vacant = record.is_vacant();
        if record.enters_dirty(place.at) {
            self.add_dirty(place);
        } else if let Some(left) = record.leaves_dirty() {
            self.fill_dirty(left);
        }
        if vacant {
            self.forget(key);
        }
    }

    #[inline]
    fn dirty_place(&self, key: &KeyRef<'_>) -> DirtyPlace {
        DirtyPlace { hash: hash_of(&self.hasher, key), at: self.dirty.len() as u32 }
    }

    /// Notes that a record has taken its place among those with operations.
    pub(super) fn add_dirty(&mut self, place: DirtyPlace) {
        self.dirty.push(place.hash);
    }

    /// Gives the place of a record that is not dirty any more to the last that is.
    fn fill_dirty(&mut self, at: u32) {
        self.dirty.swap_remove(at as usize);
        let last = self.dirty.len() as u32;
        if let Some(hash) = self.dirty.get(at as usize)
            && let Some(moved) = self.records.find_mut(*hash, |entry| entry.is_dirty_at(last))
        {
            moved.record.dirty_at = Some(at);
        }
    }

    /// Forgets the records that were used least recently, down to the bounds.
    pub(super) fn shrink(&mut self) {
        let records = self.records.len() - self.dirty.len();
        let Some(left) = self.bounds.shrunk(records) else {
            return;
        };
        let evictable = self.records.iter().filter(|entry| entry.record.is_evictable());
        let mut uses: Vec<u64> = evictable.map(|entry| entry.record.last_used).collect();
        let excess = uses.len().min(records - left);
        if excess == 0 {
            return;
        }
        let (_, latest, _) = uses.select_nth_unstable(excess - 1);
        let latest = *latest;
        self.records.retain(|entry| entry.record.last_used > latest || !entry.record.is_evictable());
        self.statistics.evicted += excess as u64;
    }

    fn forget(&mut self, key: &KeyRef<'_>) {
        let hash = hash_of(&self.hasher, key);
        if let Ok(entry) = self.records.find_entry(hash, |entry| *entry.key == *key) {
            entry.remove();
        }
    }
}

/// A string alone, which most keys are, is hashed where that is called for: it takes a few instructions.
#[inline(always)]
fn hash_of(hasher: &DefaultHashBuilder, key: &KeyRef<'_>) -> u64 {
    match key.text() {
        Some(text) => {
            let mut state = hasher.build_hasher();
            state.write(text.as_bytes());
            state.finish()
        }
        None => hasher.hash_one(key),
    }
}

/// Out of the way of records that are there.
#[cold]
fn add<'r>(
    records: &'r mut HashTable<Box<Entry>>,
    hasher: &DefaultHashBuilder,
    hash: u64,
    key: &KeyRef<'_>,
    (generation, clock): (u64, u64),
) -> &'r mut Record {
    let new = Box::new(Entry { key: key.into(), record: Record::new(generation, clock) });
    &mut records.insert_unique(hash, new, |entry| hash_of(hasher, &entry.key)).into_mut().record
}
