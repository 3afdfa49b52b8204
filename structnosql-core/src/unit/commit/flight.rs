//! Sealed operations on their way, and where they end up.

use std::sync::Arc;

use super::UnitOfWork;
use crate::error::{Error, ErrorKind};
use crate::failure::FailureClass;
use crate::key::RecordKey;
use crate::report::Outcome;

/// A record's sealed operations on their way.
///
/// Dropped half-way, it leaves them in doubt if a request was sent, and pending again if not.
pub(super) struct Flight<'u> {
    unit: &'u UnitOfWork,
    key: RecordKey<'u>,
    landed: bool,
}

impl<'u> Flight<'u> {
    pub(super) fn new(unit: &'u UnitOfWork, key: RecordKey<'u>) -> Self {
        Flight { unit, key, landed: false }
    }

    /// What became of the operations is settled elsewhere.
    pub(super) fn settled(&mut self) {
        self.landed = true;
    }

    /// Settles what became of the operations.
    pub(super) fn land(&mut self, delivered: Result<(), Error>) -> Outcome {
        self.landed = true;
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key.key);
        let outcome = match delivered {
            Ok(()) => Outcome::Committed,
            Err(error) if error.may_be_applied() => {
                let error = Arc::new(error);
                record.doubt();
                record.rejected = Some(error.clone());
                Outcome::InDoubt(error)
            }
            Err(error) => {
                let error = Arc::new(error);
                record.unseal(&self.key);
                record.rejected = Some(error.clone());
                match error.kind() {
                    ErrorKind::Cancelled { .. } => Outcome::NotSent(error),
                    ErrorKind::Backend(failure) if failure.class() == FailureClass::NotSent => Outcome::NotSent(error),
                    _ => Outcome::Rejected(error),
                }
            }
        };
        state.raise(self.key.key);
        state.tidy(self.key.key);
        outcome
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if self.landed {
            return;
        }
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key.key);
        if record.sealed.as_ref().is_some_and(|sealed| sealed.request.is_some()) {
            record.doubt();
        } else {
            record.unseal(&self.key);
        }
        state.raise(self.key.key);
        state.tidy(self.key.key);
    }
}
