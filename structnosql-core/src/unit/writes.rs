//! Pending changes, and the writes that are sent at once.

use super::UnitOfWork;
use super::reads::known_in;
use super::state::State;
use crate::at_once::AtOnce;
use crate::backend::Backend;
use crate::condition::Condition;
use crate::direct::{read_old, refused};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::fold::Refusal;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::mode::{Delete, Lent, Put, Returned, Write};
use crate::path::DocumentPath;
use crate::projection::with_version;
use crate::record::Record;
use crate::report::{OperationId, Savepoint};
use crate::selection::{Reading, Selection};
use crate::value::Map;
use crate::whole::{self, Known, Written};

/// How often a value is read again because the cache was cleared before its changes could be pended.
const VALUE_READS: u32 = 3;

/// What became of an attempt to pend.
enum Pended {
    Done(Result<(), Error>),
    /// The value here has to be known first.
    NeedsValue(DocumentPath),
}

/// Pends changes. The actions of those that were pended are taken.
#[inline]
fn pend(state: &mut State, key: RecordKey<'_>, mut write: Lent<'_>) -> Pended {
    let first = state.number_operations(write.changes.len());
    let savepoint = state.savepoint;
    let (record, place) = state.record_to_change(key.key);
    // It is common to change a value again and again, and nothing else has to be looked at for it.
    if record.replace(&mut write, first, savepoint) {
        state.statistics.pended += 1;
        return Pended::Done(Ok(()));
    }
    let pended = pend_new(record, key, write, first, savepoint);
    if record.enters_dirty(place.at) {
        state.add_dirty(place);
    } else if !record.is_tidy() {
        state.tidy(key.key);
    }
    state.statistics.pended += u64::from(matches!(pended, Pended::Done(Ok(()))));
    pended
}

fn pend_new(
    record: &mut Record,
    key: RecordKey<'_>,
    write: Lent<'_>,
    first: OperationId,
    savepoint: Option<Savepoint>,
) -> Pended {
    if let Some(refused) = write.condition.and_then(|condition| refused_by(condition, record, key)) {
        return Pended::Done(Err(refused));
    }
    match record.pend(write, first, savepoint, &key) {
        Ok(()) => Pended::Done(Ok(())),
        Err(Refusal::Unknown(path)) => Pended::NeedsValue(path),
        Err(refusal) => Pended::Done(Err(refused(refusal))),
    }
}

/// Why nothing can be pended under a condition: it is known to fail, or reads what is pending.
fn refused_by(condition: &Condition, record: &Record, key: RecordKey<'_>) -> Option<Error> {
    if *condition == key.schema.record_exists() && record.is_missing() {
        let message = format!("there is no record `{}`", key.key);
        return Some(Failure::new(FailureClass::ConditionFailed, message).into());
    }
    let path = record.pending_path(Some(condition))?;
    Some(ErrorKind::ConditionOnPending { path }.into())
}

impl UnitOfWork {
    /// Pends changes, where nothing has to be read for it.
    pub(super) fn pend(&self, key: RecordKey<'_>, write: Lent<'_>) -> Option<Result<(), Error>> {
        if let Err(error) = write.changes.check_size() {
            return Some(Err(error));
        }
        match pend(&mut self.shared.lock(), key, write) {
            Pended::Done(done) => Some(done),
            Pended::NeedsValue(_) => None,
        }
    }

    /// Pends changes that depend on stored values: positions in lists are those of the stored list.
    pub(super) async fn pend_over_stored<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        mut write: Write,
    ) -> Result<(), Error> {
        let of = RecordKey { schema: link.schema, key: &key };
        // While it is held, what is read for the changes is not forgotten to make room.
        let _gate = self.enter(&key).await;
        for _ in 0..VALUE_READS {
            let path = match pend(&mut self.shared.lock(), of, write.lent()) {
                Pended::Done(done) => return done,
                Pended::NeedsValue(path) => path,
            };
            self.fetch_value(link, of, path).await?;
        }
        self.shared.lock().record_mut(&key).refuse_in_doubt(&key)?;
        let message = "the cache was cleared each time that a value had been read; try again";
        Err(Failure::new(FailureClass::Conflict, message).into())
    }

    async fn fetch_value<B: Backend>(
        &self,
        link: &Link<B>,
        of: RecordKey<'_>,
        path: DocumentPath,
    ) -> Result<(), Error> {
        let key = of.key;
        let generation = {
            let mut state = self.shared.lock();
            state.statistics.write_requests += 1;
            state.record_mut(key).generation
        };
        let projection = with_version(link.schema, vec![path]);
        let item = self.request(link, of, projection.clone(), true).await?;
        let mut state = self.shared.lock();
        if state.record_mut(key).generation == generation {
            state.raise(key);
            state.record_mut(key).learn(link.schema, &projection, item.as_ref(), true);
        }
        Ok(())
    }

    /// Pends changes of values that are known, and gives these, or those that reads show now.
    pub(super) fn pend_known<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        write: &mut Write,
        selection: &S,
        returned: Returned,
    ) -> Option<Result<S::Output<R>, Error>> {
        let write = write.lent();
        if let Err(error) = write.changes.check_size() {
            return Some(Err(error));
        }
        let mut state = self.shared.lock();
        let old = match known_in::<R, S>(&mut state, key, selection)? {
            Ok(old) => old,
            Err(error) => return Some(Err(error)),
        };
        match pend(&mut state, key, write) {
            Pended::Done(Ok(())) if returned == Returned::New => {
                let unknown = || Failure::new(FailureClass::BadAnswer, "what was known before is not known now");
                let new = known_in::<R, S>(&mut state, key, selection);
                // Pended it is either way.
                Some(new.unwrap_or_else(|| Err(unknown().into())))
            }
            Pended::Done(done) => Some(done.map(|()| old)),
            Pended::NeedsValue(_) => None,
        }
    }

    /// Sends changes of values that are not known at once.
    ///
    /// Where other changes are pending at these paths their order matters: then the values are fetched, and the changes
    /// pended behind them.
    pub(super) async fn replace_at_once<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        mut write: Write,
        selection: S,
        returned: Returned,
    ) -> Result<S::Output<R>, Error> {
        let of = RecordKey { schema: link.schema, key: &key };
        let gate = self.enter(&key).await;
        if let Some(pended) = self.pend_known::<R, S>(of, &mut write, &selection, returned) {
            return pended;
        }
        let mut changing = self.begin_changing(&key, gate, write.condition.as_deref())?;
        if self.shared.lock().record_mut(&key).touches(&write.changes) {
            drop(changing);
            let old = self.fetch::<R, S, B>(link, &key, &selection, true).await?;
            self.pend_over_stored(link, key.clone(), write).await?;
            return match returned {
                Returned::Old => Ok(old),
                Returned::New => self.fetch::<R, S, B>(link, &key, &selection, true).await,
            };
        }
        let mut attempt = AtOnce::new(link, key.clone(), write, true)?.over(changing.known());
        changing.sending();
        let delivered = match attempt.send().await {
            // What was known of the record is forgotten with the gate.
            Err(error) if error.may_be_applied() => return Err(error),
            delivered => delivered,
        };
        let read = delivered.and_then(|old| match returned {
            Returned::Old => read_old::<R, S>(link.schema, &selection, old),
            Returned::New => attempt.read_new::<R, S>(&selection),
        });
        // Also where it failed: a first request of two may have been applied.
        changing.finish(attempt.into_known());
        read
    }

    /// Writes a whole record; what was pended for it before would overwrite it, and is dropped.
    pub(super) async fn put_at_once<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        put: Put,
    ) -> Result<Option<Map>, Error> {
        let of = RecordKey { schema: link.schema, key: &key };
        let send = async |known| {
            let Written { item, old } = whole::put(link, of, put, known).await?;
            Ok((old, Some(item)))
        };
        self.replace_record(link, &key, send).await
    }

    /// Deletes a record; what was pended for it before would bring it back, and is dropped.
    pub(super) async fn delete_at_once<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        delete: Delete,
    ) -> Result<Option<Map>, Error> {
        let of = RecordKey { schema: link.schema, key: &key };
        let send = async |known| {
            let old = whole::delete(link, of, delete, known).await?;
            Ok((old, None))
        };
        self.replace_record(link, &key, send).await
    }

    /// Sends a write of a whole record, which gives the record as it is then.
    async fn replace_record<B: Backend, T>(
        &self,
        link: &Link<B>,
        key: &Key,
        send: impl AsyncFnOnce(Known) -> Result<(T, Option<Map>), Error>,
    ) -> Result<T, Error> {
        let mut replacing = self.set_apart(key).begin().await?;
        let known = if link.schema.version.is_some() { replacing.known() } else { Known::default() };
        replacing.sending();
        let (answer, stored) = match send(known).await {
            Ok((answer, stored)) => (Ok(answer), stored),
            Err(error) => (Err(error), None),
        };
        replacing.finish(link.schema, stored.as_ref(), answer)
    }
}
