//! The turn of a write that is sent at once: it holds its record's gate until it was answered.

use super::UnitOfWork;
use super::gate::Gate;
use crate::condition::Condition;
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::report::Savepoint;
use crate::schema::TableSchema;
use crate::value::Map;
use crate::whole::Known;

impl UnitOfWork {
    /// Begins a change of a record that is sent at once, unless it has a write in doubt or the condition reads what is
    /// pending.
    pub(super) fn begin_changing<'u>(
        &'u self,
        key: &'u Key,
        gate: Gate<'u>,
        condition: Option<&Condition>,
    ) -> Result<Changing<'u>, Error> {
        let mut state = self.shared.lock();
        let record = state.record_mut(key);
        record.refuse_in_doubt(key)?;
        if let Some(path) = record.pending_path(condition) {
            return Err(ErrorKind::ConditionOnPending { path }.into());
        }
        Ok(Changing { unit: self, key, generation: record.generation, gate })
    }

    /// Begins a layer of its own for what is pended from here on: a whole-record write drops what was pended before.
    pub(super) fn set_apart<'u>(&'u self, key: &'u Key) -> Apart<'u> {
        let mut state = self.shared.lock();
        let later = Savepoint(state.next_operation());
        state.record_mut(key).replaced_from = Some(later);
        Apart { unit: self, key, later }
    }
}

/// A record that is about to be changed at once.
pub(crate) struct Changing<'u> {
    unit: &'u UnitOfWork,
    key: &'u Key,
    generation: u64,
    gate: Gate<'u>,
}

impl Changing<'_> {
    /// What was read of the record.
    pub(super) fn known(&self) -> Known {
        self.unit.shared.lock().record_mut(self.key).known()
    }

    /// From here on the change may have been applied.
    pub(super) fn sending(&mut self) {
        self.gate.sending();
    }

    /// The change was certainly not applied, and may be sent again.
    pub(super) fn refused(&mut self) {
        self.gate.answered();
    }

    /// The record is known to be so after the change, or after it was refused.
    pub(super) fn finish(mut self, known: Known) {
        self.gate.answered();
        let mut state = self.unit.shared.lock();
        let fenced = state.record_mut(self.key).generation != self.generation;
        state.raise(self.key);
        let record = state.record_mut(self.key);
        Known { base: record.base, lock: record.lock } = if fenced { Known::default() } else { known };
    }
}

/// A whole-record write that has been called. What is pended from here on stays when it succeeds.
pub(crate) struct Apart<'u> {
    unit: &'u UnitOfWork,
    key: &'u Key,
    later: Savepoint,
}

impl Drop for Apart<'_> {
    fn drop(&mut self) {
        if let Some(record) = self.unit.shared.lock().existing_mut(self.key) {
            // Another write may have been called since.
            record.replaced_from.take_if(|from| *from == self.later);
        }
    }
}

impl<'u> Apart<'u> {
    /// Waits until the record can be written as a whole.
    pub(super) async fn begin(self) -> Result<Replacing<'u>, Error> {
        let gate = self.unit.enter(self.key).await;
        let generation = {
            let mut state = self.unit.shared.lock();
            let record = state.record_mut(self.key);
            record.refuse_in_doubt(self.key)?;
            record.generation
        };
        Ok(Replacing { apart: self, generation, gate })
    }
}

/// A record that is about to be written as a whole.
pub(crate) struct Replacing<'u> {
    apart: Apart<'u>,
    generation: u64,
    gate: Gate<'u>,
}

impl Replacing<'_> {
    /// What was read of the record.
    pub(super) fn known(&self) -> Known {
        self.apart.unit.shared.lock().record_mut(self.apart.key).known()
    }

    /// From here on the write may have been applied.
    pub(super) fn sending(&mut self) {
        self.gate.sending();
    }

    /// The write was certainly not applied, and may be sent again.
    pub(super) fn refused(&mut self) {
        self.gate.answered();
    }

    /// Notes what became of the write, after which the record is as `stored`.
    pub(super) fn finish<T>(
        self,
        schema: &TableSchema,
        stored: Option<&Map>,
        sent: Result<T, Error>,
    ) -> Result<T, Error> {
        match &sent {
            Ok(_) => self.answered(schema, Some(stored)),
            // What was known of the record is forgotten with the gate.
            Err(error) if error.may_be_applied() => {}
            Err(_) => self.answered(schema, None),
        }
        sent
    }

    /// Notes that the record is as it was written, if it was.
    pub(super) fn answered(mut self, schema: &TableSchema, written: Option<Option<&Map>>) {
        self.gate.answered();
        let Apart { unit, key, later } = &self.apart;
        let mut state = unit.shared.lock();
        let fenced = state.record_mut(key).generation != self.generation;
        state.raise(key);
        let record = state.record_mut(key);
        if let Some(stored) = written {
            record.drop_before(*later);
            record.forget_read();
            if !fenced {
                record.learn(schema, &[], stored, true);
            }
        }
        state.tidy(key);
    }
}
