//! Committing what is pending: seal, plan, send, settle, record by record.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};

use super::UnitOfWork;
use crate::backend::{Backend, UpdateAction};
use crate::base::Base;
use crate::condition::Condition;
use crate::conflict::Conflict;
use crate::deliver::{Attempt, Draft, Readback, Shown, Tally, deliver};
use crate::direct::refused;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::lock::{Lock, Raise, Terms, Verdict};
use crate::path::DocumentPath;
use crate::plan::{Parts, leans_on_parents, plan_part};
use crate::projection::with_version;
use crate::record::Whole;
use crate::report::{CommitReport, OperationKind, Outcome, RecordReport};
use crate::value::{Map, Value};

/// What a commit is told beside the records.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CommitOptions {
    /// One kind of operations alone.
    pub(crate) kind: Option<OperationKind>,
    /// What was read of the written paths has to be stored still.
    pub(crate) unchanged: bool,
    /// The version is raised without a look at it.
    pub(crate) unchecked: bool,
}

impl CommitOptions {
    /// What the update of a record is bound to, whose version was read as `lock`.
    pub(super) fn terms<B: Backend>(
        self,
        link: &Link<B>,
        lock: Option<&Lock>,
        whole: &Whole<'_>,
    ) -> Result<Terms, Error> {
        let raise = Raise::of(link.schema, lock, self.unchecked || !whole.checked)?;
        let can = link.backend.capabilities();
        Ok(Terms { conditions: whole.conditions.clone(), raise, unchanged: self.unchanged, can })
    }
}

impl UnitOfWork {
    /// Commits the pending operations of one record, or of all.
    pub(super) async fn commit<B: Backend>(
        &self,
        link: &Link<B>,
        key: Option<Key>,
        options: CommitOptions,
    ) -> Result<CommitReport, Error> {
        let keys = key.map_or_else(|| self.shared.lock().dirty_keys(), |key| vec![key]);
        let commits = stream::iter(keys).map(|key| self.commit_record(link, key, options));
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
        options: CommitOptions,
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
        let may_go_on = match &outcome {
            Some(Outcome::InDoubt(_)) => false,
            Some(Outcome::Rejected(error)) => !error.is_conflict(),
            _ => true,
        };
        if may_go_on && self.shared.lock().record_mut(&key).seal(options.kind, &of) {
            outcome = Some(self.send_sealed(link, of, options, &mut tally).await);
        }
        let Tally { requests, replans } = tally;
        self.shared.lock().statistics.write_requests += u64::from(requests);
        Some(RecordReport { key: key.clone(), outcome: outcome?, requests, replans, resent })
    }

    /// Sends what was sealed.
    async fn send_sealed<B: Backend>(
        &self,
        link: &Link<B>,
        key: RecordKey<'_>,
        options: CommitOptions,
        tally: &mut Tally,
    ) -> Outcome {
        let mut flight = Flight { unit: self, key, landed: false };
        let lock = self.shared.lock().record_mut(key.key).lock.clone();
        let mut attempt = Sealed { unit: self, link, key, terms: Terms::default(), options, shown: None, lock };
        let delivered = deliver(link, &mut attempt, tally).await;
        flight.land(delivered.map(drop))
    }

    /// Sends a request again whose answer was lost, if that is harmless. Nothing came of it where it turns out that
    /// it was never applied: its operations are pending again.
    async fn resend<B: Backend>(&self, link: &Link<B>, key: RecordKey<'_>, tally: &mut Tally) -> Outcome {
        let in_doubt = || Outcome::InDoubt(Arc::new(still_in_doubt(key)));
        let (request, open) = match &self.shared.lock().record_mut(key.key).sealed {
            Some(sealed) if sealed.is_repeatable() => (sealed.request.clone(), sealed.open.clone()),
            _ => return in_doubt(),
        };
        let Some(request) = request else { return in_doubt() };
        let read_back = Readback::of(link, &request);
        let harmless = request.is_harmless_again();
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
        let shown = match read_back.read(link, &failure, tally).await {
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
            Verdict::Open => return in_doubt(),
        };
        flight.landed = true;
        match (self.resolve(key, applied), verdict) {
            (outcome, _) if applied => outcome,
            (_, Verdict::Overtaken) => self.reject_overtaken(key, &actions, &shown),
            // What is pending again is sent in another request; what was cleared meanwhile is done with here.
            _ => Outcome::Rejected(Arc::new(failure.into())),
        }
    }

    /// A write in doubt turned out not to be applied, since another one took its version.
    fn reject_overtaken(&self, key: RecordKey<'_>, actions: &[UpdateAction], shown: &Shown) -> Outcome {
        let mut state = self.shared.lock();
        let record = state.record_mut(key.key);
        let changed = key.schema.version_path().into_iter().collect();
        let conflict = Conflict::of_update(key, changed, record.base.without_assumed(), actions, shown);
        let error = Arc::new(Error::from(ErrorKind::Conflict(conflict)));
        record.rejected = Some(error.clone());
        state.tidy(key.key);
        Outcome::Rejected(error)
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

fn still_in_doubt(key: RecordKey<'_>) -> Error {
    ErrorKind::InDoubt { key: key.key.to_string(), repeatable: false }.into()
}

/// The sealed operations of one record, to be delivered.
struct Sealed<'s, B> {
    unit: &'s UnitOfWork,
    link: &'s Link<B>,
    key: RecordKey<'s>,
    options: CommitOptions,
    terms: Terms,
    /// What the stored record was found to be when a plan did not fit it, or before the first one.
    shown: Option<Base>,
    /// The version that was read.
    lock: Option<Box<Lock>>,
}

impl<B: Backend> Attempt for Sealed<'_, B> {
    fn unread(&self) -> Option<Vec<DocumentPath>> {
        let (schema, can) = (self.link.schema, self.link.backend.capabilities());
        let for_version = schema.version.is_some() && self.lock.is_none() && !self.options.unchecked;
        if !for_version && can.conditions {
            return None;
        }
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key.key);
        let whole = record.sealed_whole(&self.key).ok()?;
        if !(for_version && whole.checked || leans_on_parents(schema, &record.base, &whole.fold, can)) {
            return None;
        }
        // What is written is read as well: it costs no more, and decides what a lost answer leaves open.
        let written = whole.fold.attributes().iter().map(|(name, _)| DocumentPath::from(name.as_str()));
        Some(with_version(schema, written.collect()))
    }

    fn key(&self) -> Map {
        self.key.attributes()
    }

    fn plan(&mut self) -> Result<Option<Draft>, Error> {
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key.key);
        let part = {
            let whole = record.sealed_whole(&self.key).map_err(refused)?;
            self.terms = self.options.terms(self.link, self.lock.as_deref(), &whole)?;
            let base = self.shown.as_ref().unwrap_or(&record.base);
            plan_part(self.link.schema, base, &whole.fold, &self.terms)?
        };
        if let Some(Parts { now, later }) = part.split {
            record.put_off(now, later.into_iter().map(|(fold, _)| fold).collect());
        }
        if part.planned.actions.is_empty() {
            self.terms.raise = None;
            return Ok(None);
        }
        let guarded = !part.planned.guards.is_empty();
        let checks = part.planned.checks.clone();
        let torn = self.terms.raise != Some(Raise::Unchecked) && self.lock.as_ref().is_some_and(|lock| lock.is_torn());
        let request = part.planned.request(&self.link.table, &self.key.attributes(), &self.terms.conditions);
        if let Some(sealed) = &mut record.sealed {
            sealed.request = Some(request.clone());
            sealed.raise = self.terms.raise.clone();
        }
        Ok(Some(Draft { request, guarded, checks, torn }))
    }

    fn applied(&mut self, _: Option<&Map>) -> bool {
        let mut state = self.unit.shared.lock();
        let goes_on = state.record_mut(self.key.key).settle(&self.key);
        if let Some(raise) = &self.terms.raise {
            Lock::move_on(&mut self.lock, raise);
        }
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
            record.learn(self.link.schema, &shown.projection, shown.item(), true);
        }
        if let Some(version) = self.link.schema.shown_version(&shown.projection, shown.item()) {
            Lock::see(&mut self.lock, version);
        }
        // What else is known still counts: it would be found out one refused request at a time.
        self.shown.get_or_insert_with(|| record.base.without_assumed()).learn_shown(&shown);
    }

    fn conditions(&self) -> &[Condition] {
        &self.terms.conditions
    }

    fn conflict(&self, changed: Vec<DocumentPath>, actions: &[UpdateAction], shown: &Shown) -> Conflict {
        let base = match &self.shown {
            Some(base) => base.clone(),
            None => self.unit.shared.lock().record_mut(self.key.key).base.without_assumed(),
        };
        Conflict::of_update(self.key, changed, base, actions, shown)
    }
}
