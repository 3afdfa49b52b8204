//! One conversation with the database about one record at a time.

use std::sync::Arc;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::Instant;

use super::UnitOfWork;
use crate::key::Key;

/// The right to talk to the database about one record.
///
/// Reads, writes and commits of one record wait for one another, so that no older answer can overwrite a newer
/// one. Dropping it, also half-way, lets the next one in.
pub(super) struct Gate<'u> {
    unit: &'u UnitOfWork,
    key: &'u Key,
    gate: Arc<AsyncMutex<()>>,
    held: Option<OwnedMutexGuard<()>>,
    /// What is learnt through it is not older.
    since: Instant,
    /// A write was sent and has not been answered: whatever is known of the record may be out of date.
    sending: bool,
}

impl UnitOfWork {
    pub(super) async fn enter<'u>(&'u self, key: &'u Key) -> Gate<'u> {
        let gate = self.shared.lock().record_mut(key).gate.get_or_insert_default().clone();
        let mut entered = Gate { unit: self, key, gate, held: None, since: Instant::now(), sending: false };
        entered.held = Some(entered.gate.clone().lock_owned().await);
        entered.since = Instant::now();
        entered
    }
}

impl Gate<'_> {
    /// From here until [`answered`](Self::answered) a whole-record write is under way.
    pub(super) fn sending(&mut self) {
        self.sending = true;
    }

    pub(super) fn answered(&mut self) {
        self.sending = false;
    }
}

impl Drop for Gate<'_> {
    fn drop(&mut self) {
        self.held = None;
        let mut state = self.unit.shared.lock();
        if self.sending {
            state.raise(self.key);
        }
        if let Some(record) = state.existing_mut(self.key) {
            if self.sending {
                record.forget_read();
            }
            record.date(self.since);
            // The record's and this one: nobody else waits, and nobody can start to while the state is locked.
            if Arc::strong_count(&self.gate) <= 2 {
                record.gate = None;
            }
        }
        state.tidy(self.key);
        state.shrink();
    }
}
