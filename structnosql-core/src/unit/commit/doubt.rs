//! Writes whose answer was lost: sending them again where that is harmless, and settling them.

use std::sync::Arc;

use super::UnitOfWork;
use super::flight::Flight;
use crate::backend::{Backend, UpdateAction};
use crate::conflict::Conflict;
use crate::deliver::{Readback, Shown, Tally};
use crate::error::{Error, ErrorKind};
use crate::failure::FailureClass;
use crate::fold::Fold;
use crate::key::RecordKey;
use crate::link::Link;
use crate::lock::Verdict;
use crate::report::Outcome;
use crate::value::Value;

impl UnitOfWork {
    /// Settles a record's write in doubt, if there is one and that is harmless.
    pub(super) async fn settle_doubt<B: Backend>(
        &self,
        link: &Link<B>,
        key: RecordKey<'_>,
        tally: &mut Tally,
    ) -> Option<Outcome> {
        let in_doubt = self.shared.lock().record_mut(key.key).is_in_doubt();
        if in_doubt { Some(self.resend(link, key, tally).await) } else { None }
    }

    /// Sends a request again whose answer was lost, if that is harmless. Nothing came of it where it turns out that
    /// it was never applied: its operations are pending again.
    async fn resend<B: Backend>(&self, link: &Link<B>, key: RecordKey<'_>, tally: &mut Tally) -> Outcome {
        let still_in_doubt = |repeatable| {
            let error = ErrorKind::InDoubt { key: key.key.to_string(), repeatable };
            Outcome::InDoubt(Arc::new(error.into()))
        };
        let (request, open, touched, later) = {
            let mut state = self.shared.lock();
            let record = state.record_mut(key.key);
            match &record.sealed {
                // A transaction is sent again as a whole, or not at all.
                Some(sealed) if sealed.told.is_some() => return still_in_doubt(sealed.is_repeatable()),
                Some(sealed) if sealed.is_repeatable() => {
                    let later: Vec<Fold> = record.put_off_folds().cloned().collect();
                    (sealed.request.clone(), sealed.open.clone(), record.touched(&key), later)
                }
                _ => return still_in_doubt(false),
            }
        };
        let Some(request) = request else { return still_in_doubt(false) };
        let harmless = request.is_harmless_again();
        let actions = request.actions.clone();
        tally.requests += 1;
        // It stays in doubt unless it is resolved, and what was read meanwhile may be out of date then.
        let mut flight = Flight::new(self, key);
        let failure = match link.backend.update(request).await {
            Ok(_) => {
                flight.settled();
                return self.resolve(key, true);
            }
            Err(failure) => failure,
        };
        if !matches!(failure.class(), FailureClass::ConditionFailed | FailureClass::InvalidPath) {
            return Outcome::InDoubt(Arc::new(failure.into()));
        }
        // The first request may have made the guard of the second one fail: then what it wrote is there.
        let shown = match Readback::over(link, key.attributes(), touched).read(link, &failure, tally).await {
            Ok(shown) => shown,
            Err(error) => return Outcome::InDoubt(Arc::new(error)),
        };
        let verdict = match (open, key.schema.version_path()) {
            (Some(open), Some(version)) => open.judge(&version, shown.item.as_ref()),
            _ => Verdict::NotApplied,
        };
        // What is there cannot be told from what was written.
        let is_there = || harmless && actions.iter().all(|action| is_visible(action, shown.item.as_ref()));
        let applied = match verdict {
            Verdict::Applied => true,
            Verdict::Overtaken => false,
            Verdict::NotApplied => is_there(),
            Verdict::Open if is_there() => true,
            Verdict::Open => return still_in_doubt(false),
        };
        flight.settled();
        match (self.resolve(key, applied), verdict) {
            (outcome, _) if applied => outcome,
            (_, Verdict::Overtaken) => self.reject_overtaken(key, &actions, &later, &shown),
            // What is pending again is sent in another request; what was cleared meanwhile is done with here.
            _ => Outcome::Rejected(Arc::new(failure.into())),
        }
    }

    /// A write in doubt turned out not to be applied, since another one took its version.
    fn reject_overtaken(&self, key: RecordKey<'_>, actions: &[UpdateAction], later: &[Fold], shown: &Shown) -> Outcome {
        let mut state = self.shared.lock();
        let record = state.record_mut(key.key);
        let changed = key.schema.version_path().into_iter().collect();
        let conflict = Conflict::of_update(key, changed, record.base.without_assumed(), actions, later, shown);
        let error = Arc::new(Error::from(ErrorKind::Conflict(conflict)));
        record.rejected = Some(error.clone());
        state.tidy(key.key);
        Outcome::Rejected(error)
    }

    /// Decides what became of a record's write in doubt.
    pub(in crate::unit) fn resolve(&self, key: RecordKey<'_>, applied: bool) -> Outcome {
        let mut state = self.shared.lock();
        if let Some(record) = state.existing_mut(key.key).filter(|record| record.is_in_doubt()) {
            // What the request did not carry yet is pending again.
            if !applied || record.settle(&key) {
                record.unseal(&key);
            }
            state.raise(key.key);
            state.tidy(key.key);
        }
        Outcome::Committed
    }
}

/// Whether an item is as an action leaves it.
fn is_visible(UpdateAction { path, action }: &UpdateAction, item: Option<&Value>) -> bool {
    let stored = item.and_then(|item| item.descend(path.segments()));
    action.over(stored).is_ok_and(|left| left.as_ref() == stored)
}
