//! The sealed operations of one record, planned over what is known of it.

use super::UnitOfWork;
use crate::backend::{Backend, UpdateAction, UpdateRequest};
use crate::base::Base;
use crate::condition::Condition;
use crate::conflict::Conflict;
use crate::deliver::{Attempt, Draft, Shown};
use crate::direct::refused;
use crate::error::Error;
use crate::key::RecordKey;
use crate::link::Link;
use crate::lock::{Lock, Raise, Terms};
use crate::outlook::Carrier;
use crate::path::DocumentPath;
use crate::plan::{Parts, attributes_to_read, leans_on_parents, plan_part};
use crate::told::Told;
use crate::unit::options::CommitOptions;
use crate::value::Map;

/// The sealed operations of one record, to be delivered.
pub(super) struct Sealed<'s, B> {
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

impl<'s, B: Backend> Sealed<'s, B> {
    pub(super) fn new(unit: &'s UnitOfWork, link: &'s Link<B>, key: RecordKey<'s>, options: CommitOptions) -> Self {
        let lock = unit.shared.lock().record_mut(key.key).lock.clone();
        Sealed { unit, link, key, options, terms: Terms::default(), shown: None, lock }
    }

    /// What carries an update that was planned.
    pub(super) fn carrier(&self, update: &UpdateRequest) -> Carrier {
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key.key);
        self.options.carrier(self.shown.as_ref().unwrap_or(&record.base), update)
    }
}

impl<B: Backend> Attempt for Sealed<'_, B> {
    fn unread(&self) -> Option<Vec<DocumentPath>> {
        let (schema, can) = (self.link.schema, self.link.backend.capabilities());
        // Without conditions no version is looked at: the write is refused without a request.
        let for_version = can.conditions && schema.version.is_some() && self.lock.is_none() && !self.options.unchecked;
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
        Some(attributes_to_read(schema, &whole.fold, &whole.conditions))
    }

    fn touched(&self) -> Vec<DocumentPath> {
        self.unit.shared.lock().record_mut(self.key.key).touched(&self.key)
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
        let request = part.planned.request(&self.link.table, self.key.attributes(), &self.terms.conditions);
        let told = match self.options.tells(&request) {
            true => Some(Told::new(vec![(self.key.key.into(), request.clone())])?),
            false => None,
        };
        if let Some(sealed) = &mut record.sealed {
            sealed.request = Some(request.clone());
            sealed.raise = self.terms.raise.clone();
            sealed.told = told.clone();
        }
        Ok(Some(Draft { request, guarded, checks, torn, told }))
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
            sealed.raise = None;
            sealed.told = None;
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
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key.key);
        let base = self.shown.clone().unwrap_or_else(|| record.base.without_assumed());
        Conflict::of_update(self.key, changed, base, actions, record.put_off_folds(), shown)
    }
}
