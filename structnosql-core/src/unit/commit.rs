//! Committing what is pending: seal, plan, send, settle, record by record.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};

use super::UnitOfWork;
use crate::backend::{Backend, UpdateAction, UpdateRequest};
use crate::base::Base;
use crate::condition::Condition;
use crate::deliver::{Attempt, Draft, Readback, Shown, Tally, deliver};
use crate::direct::refused;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::plan::{Parts, plan_part};
use crate::report::{CommitReport, OperationKind, Outcome, RecordReport};
use crate::value::{Map, Value};

impl UnitOfWork {
    /// Commits the pending operations of all records, or those of one kind.
    pub(super) async fn commit<B: Backend>(
        &self,
        link: &Link<B>,
        kind: Option<OperationKind>,
    ) -> Result<CommitReport, Error> {
        let keys = self.shared.lock().dirty_keys();
        self.commit_keys(link, keys, kind).await
    }

    pub(super) async fn commit_keys<B: Backend>(
        &self,
        link: &Link<B>,
        keys: Vec<Key>,
        kind: Option<OperationKind>,
    ) -> Result<CommitReport, Error> {
        let commits = stream::iter(keys).map(|key| self.commit_record(link, key, kind));
        let commits = commits.buffer_unordered(link.backend.concurrency()).filter_map(std::future::ready);
        let mut records: Vec<RecordReport> = link.backend.gather(commits.collect()).await;
        records.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let report = CommitReport { records };
        if report.is_complete() { Ok(report) } else { Err(ErrorKind::Commit(report).into()) }
    }

    /// Commits one record; nothing where nothing of it is pending.
    async fn commit_record<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        kind: Option<OperationKind>,
    ) -> Option<RecordReport> {
        let of = RecordKey { schema: link.schema, key: &key };
        let _gate = self.enter(&key).await;
        let mut tally = Tally::default();
        let in_doubt = self.shared.lock().record_mut(&key).is_in_doubt();
        let mut outcome = match in_doubt {
            true => Some(self.resend(link, of, &mut tally).await),
            false => None,
        };
        let resent = tally.requests > 0;
        let may_go_on = !matches!(outcome, Some(Outcome::InDoubt(_)));
        if may_go_on && self.shared.lock().record_mut(&key).seal(kind, &of) {
            outcome = Some(self.send_sealed(link, of, &mut tally).await);
        }
        let Tally { requests, replans } = tally;
        self.shared.lock().statistics.write_requests += u64::from(requests);
        Some(RecordReport { key: key.clone(), outcome: outcome?, requests, replans, resent })
    }

    /// Sends what was sealed.
    async fn send_sealed<B: Backend>(&self, link: &Link<B>, key: RecordKey<'_>, tally: &mut Tally) -> Outcome {
        let mut flight = Flight { unit: self, key, landed: false };
        let mut attempt = Sealed { unit: self, link, key, conditions: Vec::new(), shown: None };
        let delivered = deliver(link, &mut attempt, tally).await;
        flight.land(delivered.map(drop))
    }

    /// Sends a request again whose answer was lost, if that is harmless. Nothing came of it where it turns out that
    /// it was never applied: its operations are pending again.
    async fn resend<B: Backend>(&self, link: &Link<B>, key: RecordKey<'_>, tally: &mut Tally) -> Outcome {
        let request = self.shared.lock().record_mut(key.key).sealed.as_ref().and_then(|sealed| sealed.request.clone());
        let Some(request) = request.filter(UpdateRequest::is_harmless_again) else {
            let error = ErrorKind::InDoubt { key: key.key.to_string(), repeatable: false };
            return Outcome::InDoubt(Arc::new(error.into()));
        };
        let read_back = Readback::of(link, &request);
        let actions = request.actions.clone();
        tally.requests += 1;
        // It stays in doubt unless it is resolved, and what was read meanwhile may be out of date then.
        let mut flight = Flight { unit: self, key, landed: false };
        let failure = match link.backend.update(request).await {
            Ok(_) => {
                flight.landed = true;
                return self.resolve(key, true);
            }
            Err(failure) => failure,
        };
        if !matches!(failure.class(), FailureClass::ConditionFailed | FailureClass::InvalidPath) {
            return Outcome::InDoubt(Arc::new(failure.into()));
        }
        // The first request may have made the guard of the second one fail: then what it wrote is there.
        match read_back.read(link, &failure, tally).await {
            Ok(shown) if actions.iter().all(|action| is_visible(action, shown.item.as_ref())) => {
                flight.landed = true;
                self.resolve(key, true)
            }
            Ok(_) => {
                flight.landed = true;
                self.resolve(key, false);
                // What is pending again is sent in another request; what was cleared meanwhile is done with here.
                Outcome::Rejected(Arc::new(failure.into()))
            }
            Err(error) => Outcome::InDoubt(Arc::new(error)),
        }
    }

    /// Decides what became of a record's write in doubt.
    pub(super) fn resolve(&self, key: RecordKey<'_>, applied: bool) -> Outcome {
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

/// A record's sealed operations on their way.
///
/// Dropped half-way, it leaves them in doubt if a request was sent, and pending again if not.
struct Flight<'u> {
    unit: &'u UnitOfWork,
    key: RecordKey<'u>,
    landed: bool,
}

impl Flight<'_> {
    fn land(&mut self, delivered: Result<(), Error>) -> Outcome {
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
                match error.failure().map(Failure::class) {
                    Some(FailureClass::NotSent) => Outcome::NotSent(error),
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

/// The sealed operations of one record, to be delivered.
struct Sealed<'s, B> {
    unit: &'s UnitOfWork,
    link: &'s Link<B>,
    key: RecordKey<'s>,
    conditions: Vec<Condition>,
    /// What the stored record was found to be when a plan did not fit it.
    shown: Option<Base>,
}

impl<B: Backend> Attempt for Sealed<'_, B> {
    fn plan(&mut self) -> Result<Option<Draft>, Error> {
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key.key);
        let (part, conditions) = {
            let whole = record.sealed_whole(&self.key).map_err(refused)?;
            let base = self.shown.as_ref().unwrap_or(&record.base);
            (plan_part(self.link.schema, base, &whole.fold, &whole.conditions)?, whole.conditions)
        };
        if let Some(Parts { now, later }) = part.split {
            record.put_off(now, later.into_iter().map(|(fold, _)| fold).collect());
        }
        self.conditions = conditions;
        if part.planned.actions.is_empty() {
            return Ok(None);
        }
        let guarded = !part.planned.guards.is_empty();
        let request = part.planned.request(&self.link.table, &self.key.attributes(), &self.conditions);
        if let Some(sealed) = &mut record.sealed {
            sealed.request = Some(request.clone());
        }
        Ok(Some(Draft { request, guarded }))
    }

    fn applied(&mut self, _: Option<&Map>) -> bool {
        let mut state = self.unit.shared.lock();
        let goes_on = state.record_mut(self.key.key).settle(&self.key);
        // What was shown is older than what was just applied.
        self.shown = None;
        goes_on
    }

    fn refused(&mut self) {
        if let Some(sealed) = self.unit.shared.lock().record_mut(self.key.key).sealed.as_mut() {
            sealed.request = None;
        }
    }

    fn learn(&mut self, shown: Shown) {
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key.key);
        if record.is_unfenced() {
            record.base.learn_shown(&shown);
        }
        // What else is known still counts: it would be found out one refused request at a time.
        self.shown.get_or_insert_with(|| record.base.without_assumed()).learn_shown(&shown);
    }

    fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}
