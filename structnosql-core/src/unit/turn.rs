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
        if record.is_in_doubt() {
            return Err(ErrorKind::InDoubt { key: key.to_string(), repeatable: record.is_repeatable() }.into());
        }
        if let Some(path) = record.pending_path(condition) {
            return Err(ErrorKind::ConditionOnPending { path }.into());
        }
        Ok(Changing { unit: self, key, generation: record.generation, gate })
    }

    /// Begins a layer of its own for what is pended from here on: a whole-record write drops what was pended before.
    pub(super) fn set_apart(&self, key: &Key) -> Savepoint {
        let mut state = self.shared.lock();
        let later = Savepoint(state.next_operation());
        state.record_mut(key).set_apart(later);
        later
    }

    /// Waits until a record can be written as a whole.
    pub(super) async fn begin_replacing<'u>(&'u self, key: &'u Key, later: Savepoint) -> Result<Replacing<'u>, Error> {
        let gate = self.enter(key).await;
        let mut state = self.shared.lock();
        let record = state.record_mut(key);
        if record.is_in_doubt() {
            return Err(ErrorKind::InDoubt { key: key.to_string(), repeatable: record.is_repeatable() }.into());
        }
        Ok(Replacing { unit: self, key, later, generation: record.generation, gate })
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

/// A record that is about to be written as a whole.
pub(crate) struct Replacing<'u> {
    unit: &'u UnitOfWork,
    key: &'u Key,
    /// What was pended from here on stays.
    later: Savepoint,
    generation: u64,
    gate: Gate<'u>,
}

impl Replacing<'_> {
    /// What was read of the record.
    pub(super) fn known(&self) -> Known {
        self.unit.shared.lock().record_mut(self.key).known()
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
        let mut state = self.unit.shared.lock();
        let fenced = state.record_mut(self.key).generation != self.generation;
        state.raise(self.key);
        let record = state.record_mut(self.key);
        if let Some(stored) = written {
            record.drop_before(self.later);
            record.forget_read();
            if !fenced {
                record.learn(schema, &[], stored, true);
            }
        }
        state.tidy(self.key);
    }
}
