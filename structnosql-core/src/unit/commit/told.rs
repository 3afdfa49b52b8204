//! Transactions whose answer was lost: they are sent again as they were, and their token makes that harmless.

use std::sync::Arc;

use super::{Flight, UnitOfWork};
use crate::backend::Backend;
use crate::failure::FailureClass;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::schema::TableSchema;
use crate::told::Told;

/// What became of a transaction in doubt that was sent again; nothing where it is in doubt still.
pub(super) struct Again {
    pub(super) told: Arc<Told>,
    pub(super) applied: Option<bool>,
}

impl UnitOfWork {
    /// Sends the transactions in doubt of these records again, where the database still knows their tokens.
    pub(super) async fn resend_told<B: Backend>(&self, link: &Link<B>, keys: &[Key]) -> Vec<Again> {
        let mut again = Vec::new();
        for told in self.told_in_doubt(keys) {
            let _gates = self.enter_all(told.keys.iter()).await;
            // Another commit may have settled it meanwhile.
            if !self.told_in_doubt(&told.keys).iter().any(|other| Arc::ptr_eq(other, &told)) {
                continue;
            }
            self.shared.lock().statistics.write_requests += 1;
            // They stay in doubt unless they are resolved, and what was read meanwhile may be out of date then.
            let of = |key| RecordKey { schema: link.schema, key };
            let mut flights: Vec<Flight<'_>> = told.keys.iter().map(|key| Flight::new(self, of(key))).collect();
            let applied = match told.send(link).await {
                Ok(()) => Some(true),
                // Had it been applied before, the database would have taken it for done.
                Err(failure) if is_refusal(failure.class()) => Some(false),
                Err(_) => None,
            };
            if let Some(applied) = applied {
                flights.iter_mut().for_each(Flight::settled);
                told.keys.iter().for_each(|key| drop(self.resolve(of(key), applied)));
            }
            drop(flights);
            again.push(Again { told: told.clone(), applied });
        }
        again
    }

    /// Those that the database still knows by their tokens.
    fn told_in_doubt(&self, keys: &[Key]) -> Vec<Arc<Told>> {
        let state = self.shared.lock();
        let mut all: Vec<Arc<Told>> = Vec::new();
        for told in keys.iter().filter_map(|key| state.record(key)?.told_in_doubt()) {
            if told.is_fresh() && !all.iter().any(|other| Arc::ptr_eq(other, told)) {
                all.push(told.clone());
            }
        }
        all
    }

    /// Decides what became of a record's write in doubt, and of those that went with it in one transaction.
    pub(in crate::unit) fn resolve_all(&self, schema: &'static TableSchema, key: &Key, applied: bool) {
        let told = self.shared.lock().record(key).and_then(|record| record.told_in_doubt().cloned());
        let keys = told.as_ref().map_or(std::slice::from_ref(key), |told| &told.keys);
        keys.iter().for_each(|key| drop(self.resolve(RecordKey { schema, key }, applied)));
    }
}

/// Whether a transaction that is sent again was never applied, and is not now.
fn is_refusal(class: FailureClass) -> bool {
    matches!(class, FailureClass::ConditionFailed | FailureClass::InvalidPath)
}
