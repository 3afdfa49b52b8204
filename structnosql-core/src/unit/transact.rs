//! Records of a unit of work that are part of a transaction.

use super::UnitOfWork;
use super::gate::Gate;
use super::reads::{View, read_known};
use super::turn::{Apart, Changing, Replacing};
use crate::base::Base;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{Key, RecordKey};
use crate::path::DocumentPath;
use crate::projection::with_version;
use crate::schema::TableSchema;
use crate::selection::{Reading, Selection};
use crate::transaction::{Does, Left, Reply};
use crate::whole::Known;

/// A record that a transaction under way writes, or asks a condition of.
pub(crate) enum Held<'u> {
    Whole(Replacing<'u>),
    Fields(Changing<'u>),
    Checked(Changing<'u>),
}

impl UnitOfWork {
    /// Where a whole record is to be written: what is pended for it from here on stays.
    pub(crate) fn apart<'u>(&'u self, key: &'u Key, does: &Does) -> Option<Apart<'u>> {
        matches!(does, Does::Put(_) | Does::Delete(_)).then(|| self.set_apart(key))
    }

    /// Waits for the turn of a record.
    ///
    /// What is pending for it is not part of the transaction, and lies over what that leaves. So a change of what has a
    /// change pending is refused: the older one would be committed over it.
    pub(crate) async fn hold<'u>(
        &'u self,
        key: &'u Key,
        does: &Does,
        apart: Option<Apart<'u>>,
    ) -> Result<Held<'u>, Error> {
        match does {
            Does::Put(_) | Does::Delete(_) => {
                let apart = apart.unwrap_or_else(|| self.set_apart(key));
                Ok(Held::Whole(apart.begin().await?))
            }
            Does::Check(condition) => {
                let gate = self.enter(key).await;
                Ok(Held::Checked(self.begin_changing(key, gate, Some(condition))?))
            }
            Does::Update(write) => {
                let gate = self.enter(key).await;
                let changing = self.begin_changing(key, gate, write.condition.as_deref())?;
                let pending = self.shared.lock().record_mut(key).pending_change(&write.changes);
                match pending {
                    Some(path) => Err(ErrorKind::ChangePending { path }.into()),
                    None => Ok(Held::Fields(changing)),
                }
            }
        }
    }
}

impl Held<'_> {
    /// What was read of the record.
    pub(crate) fn known(&self) -> Known {
        match self {
            Held::Whole(replacing) => replacing.known(),
            Held::Fields(changing) | Held::Checked(changing) => changing.known(),
        }
    }

    /// From here on the transaction may have been applied.
    pub(crate) fn sending(&mut self) {
        match self {
            Held::Whole(replacing) => replacing.sending(),
            Held::Fields(changing) => changing.sending(),
            Held::Checked(_) => {}
        }
    }

    /// The transaction was certainly not applied.
    pub(crate) fn refused(&mut self) {
        match self {
            Held::Whole(replacing) => replacing.refused(),
            Held::Fields(changing) => changing.refused(),
            Held::Checked(_) => {}
        }
    }

    /// The transaction was applied.
    pub(crate) fn finish(self, schema: &TableSchema, left: Left) {
        match (self, left) {
            (Held::Whole(replacing), Left::Whole(stored)) => replacing.answered(schema, Some(stored.as_ref())),
            (Held::Fields(changing), Left::Known(known)) => changing.finish(known),
            _ => {}
        }
    }
}

/// A record that a transaction under way reads.
pub(crate) struct Asking<'u> {
    unit: &'u UnitOfWork,
    key: &'u Key,
    generation: u64,
    _gate: Gate<'u>,
}

impl UnitOfWork {
    /// Waits for the turn of a record that is read.
    pub(crate) async fn begin_asking<'u>(&'u self, key: &'u Key) -> Asking<'u> {
        let gate = self.enter(key).await;
        let mut state = self.shared.lock();
        state.statistics.misses += 1;
        Asking { unit: self, key, generation: state.record_mut(key).generation, _gate: gate }
    }
}

impl Asking<'_> {
    /// What has to be asked for so that the paths can be read.
    pub(crate) fn projection(&self, schema: &TableSchema, paths: &[DocumentPath]) -> Vec<DocumentPath> {
        let mut state = self.unit.shared.lock();
        let record = state.record_mut(self.key);
        with_version(schema, paths.iter().map(|path| record.asked(path, schema.record)).collect())
    }
}

impl UnitOfWork {
    /// Takes the answer in, unless the cache was cleared since it was asked for, and reads it under what is pending.
    pub(super) fn read_answer_in<R: Reading, S: Selection>(
        &self,
        schema: &'static TableSchema,
        selection: &S,
        answer: &Reply<'_>,
    ) -> Result<S::Output<R>, Error> {
        let lacking = || Failure::new(FailureClass::BadAnswer, "the answer does not hold what was asked for").into();
        let Reply { projection, item, asking: Some(asking) } = answer else { return Err(lacking()) };
        let key = RecordKey { schema, key: asking.key };
        let mut item = item.clone();
        item.iter_mut().for_each(|item| schema.record.lend_names(item));
        let mut shown = Base::Unknown;
        shown.learn_item(projection, item.as_ref());
        let mut state = self.shared.lock();
        if state.record_mut(asking.key).generation == asking.generation {
            state.raise(asking.key);
            state.record_mut(asking.key).learn(schema, projection, item.as_ref(), true);
        } else {
            // It fills no cache, and yet is what the caller decides on.
            state.record_mut(asking.key).see_version(schema, projection, item.as_ref());
        }
        let root = [DocumentPath::root()];
        let fresh = if projection.is_empty() { &root[..] } else { projection };
        let view = View { base: &shown, fresh, ..View::of(state.record_mut(asking.key), key) };
        read_known::<R, S>(selection, &view).unwrap_or_else(|| Err(lacking()))
    }
}
