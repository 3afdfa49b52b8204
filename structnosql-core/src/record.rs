//! One record of a unit of work: what is known of it, and what is pending for it.

mod clear;
mod layer;
mod pend;
mod sealed;
mod view;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use layer::Layer;
pub(crate) use layer::Whole;
use sealed::Sealed;
pub(crate) use view::AsGiven;

use crate::backend::UpdateAction;
use crate::base::{Base, Lookup};
use crate::error::Error;
use crate::lock::Lock;
use crate::path::DocumentPath;
use crate::report::Savepoint;
use crate::schema::TableSchema;
use crate::value::Map;
use crate::whole::Known;

/// One record of a unit of work.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// What reads have shown.
    pub(crate) base: Base,
    /// The version that the first of them showed.
    pub(crate) lock: Option<Box<Lock>>,
    /// Operations that no request carries yet, oldest first. Later layers lie over earlier ones.
    layers: Vec<Layer>,
    /// A whole-record write has been called, which drops what was pended before this.
    pub(crate) replaced_from: Option<Savepoint>,
    /// Operations that a request carries, or may have carried. They lie under the layers.
    pub(crate) sealed: Option<Box<Sealed>>,
    /// When the oldest of what is known was asked for.
    known_since: Option<Instant>,
    /// The unit of work's clock when it was used last.
    pub(crate) last_used: u64,
    /// Raised by everything that makes an answer under way out of date.
    pub(crate) generation: u64,
    /// Held by whoever talks to the database about this record.
    pub(crate) gate: Option<Arc<AsyncMutex<()>>>,
    /// Its place among those with operations, where the unit of work has it there.
    pub(crate) dirty_at: Option<u32>,
    /// Why the last commit could not apply what is pending.
    pub(crate) rejected: Option<Arc<Error>>,
}

impl Record {
    /// A record of which nothing is known.
    pub(crate) fn new(generation: u64, last_used: u64) -> Self {
        Record { generation, last_used, ..Record::default() }
    }

    /// Whether it may be forgotten to make room: nothing is lost but what another request brings again.
    pub(crate) fn is_evictable(&self) -> bool {
        !self.is_dirty() && self.dirty_at.is_none() && self.gate.is_none()
    }

    /// All that is known is this.
    pub(crate) fn know(&mut self, base: Base) {
        self.base = base;
        self.known_since = None;
    }

    /// What is known was asked for now, or before.
    pub(crate) fn date(&mut self, asked: Instant) {
        if self.known_since.is_none() && self.base != Base::Unknown {
            self.known_since = Some(asked);
        }
    }

    /// How long ago the oldest of what is known was asked for.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.known_since.map(|since| since.elapsed())
    }

    /// Forgets what is known where it is older than this. Gives whether it was.
    pub(crate) fn expire(&mut self, max_age: Duration) -> bool {
        let is_dirty = self.is_dirty();
        let is_too_old = self.age().is_some_and(|age| age > max_age);
        if is_too_old {
            self.know(Base::Unknown);
            // What is pending was decided on what is too old now.
            self.lock.take_if(|_| !is_dirty);
        }
        is_too_old
    }

    /// Whether nothing would be lost by forgetting this record.
    pub(crate) fn is_vacant(&self) -> bool {
        matches!(self.base, Base::Unknown) && self.lock.is_none() && !self.is_dirty() && self.gate.is_none()
    }

    /// Takes this place among the records with operations, if it has come to have some. Gives whether it did.
    #[inline]
    pub(crate) fn enters_dirty(&mut self, place: u32) -> bool {
        let enters = self.dirty_at.is_none() && self.is_dirty();
        if enters {
            self.dirty_at = Some(place);
        }
        enters
    }

    /// Leaves its place among the records with operations, if it has none any more.
    pub(crate) fn leaves_dirty(&mut self) -> Option<u32> {
        let is_dirty = self.is_dirty();
        self.dirty_at.take_if(|_| !is_dirty)
    }

    /// Whether the books of the unit of work are right about it.
    pub(crate) fn is_tidy(&self) -> bool {
        self.dirty_at.is_some() == self.is_dirty() && !self.is_vacant()
    }

    /// Whether operations are pending, in flight or in doubt.
    #[inline]
    pub(crate) fn is_dirty(&self) -> bool {
        !self.layers.is_empty() || self.sealed.is_some()
    }

    /// Forgets what reads have shown, and that it was in conflict with what is stored.
    pub(crate) fn forget_read(&mut self) {
        self.know(Base::Unknown);
        self.lock = None;
        self.rejected.take_if(|error| error.is_conflict());
    }

    /// What requests have shown.
    pub(crate) fn known(&self) -> Known {
        Known { base: self.base.without_assumed(), lock: self.lock.clone() }
    }

    /// Notes the answer to a read.
    pub(crate) fn learn(
        &mut self,
        schema: &TableSchema,
        projection: &[DocumentPath],
        item: Option<&Map>,
        consistent: bool,
    ) {
        if consistent && projection.is_empty() {
            self.know(Base::Unknown);
        }
        match consistent {
            true => self.base.learn_item(projection, item),
            false => self.base.fill_item(projection, item),
        }
        self.see_version(schema, projection, item);
    }

    /// Notes the version in an answer.
    pub(crate) fn see_version(&mut self, schema: &TableSchema, projection: &[DocumentPath], item: Option<&Map>) {
        if let Some(version) = schema.shown_version(projection, item)
            && !self.sealed.as_ref().is_some_and(|sealed| sealed.may_have_raised_to(version))
        {
            Lock::see(&mut self.lock, version);
        }
    }

    /// Forgets what is known of the paths that a request wrote, or may have written.
    fn forget(&mut self, actions: &[UpdateAction]) {
        for action in actions {
            // A list element that was written or removed leaves no other element's position certain.
            self.base.forget(action.path.outside_lists().segments());
        }
    }
}

impl Base {
    /// Whether the record is there, as far as is known.
    pub(crate) fn exists(&self) -> Option<bool> {
        match self.lookup(&[]) {
            Lookup::Absent => Some(false),
            _ if self.is_present() => Some(true),
            _ => None,
        }
    }
}
