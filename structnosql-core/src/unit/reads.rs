//! Reading through the cache.

use std::borrow::Cow;

use super::UnitOfWork;
use super::state::State;
use crate::backend::{Backend, GetRequest};
use crate::base::Base;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::fold::{Resolved, ShownBy};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::path::DocumentPath;
use crate::projection::with_version;
use crate::record::Record;
use crate::selection::{Found, Reading, RecordView, Selection, Source, Unread};
use crate::value::{Map, Value};

/// A record as reads see it.
pub(super) struct View<'v> {
    pub(super) record: &'v Record,
    /// What is known of it: the record's own base, or what one answer has shown.
    pub(super) base: &'v Base,
    pub(super) key: RecordKey<'v>,
    /// The paths that a request has just brought.
    pub(super) fresh: &'v [DocumentPath],
}

impl<'v> View<'v> {
    pub(super) fn of(record: &'v Record, key: RecordKey<'v>) -> View<'v> {
        View { record, base: &record.base, key, fresh: &[] }
    }

    pub(super) fn resolve(&self, path: &DocumentPath) -> Resolved<'_> {
        self.record.resolve_in(self.base, path.segments(), &self.key)
    }

    /// Where a stored value comes from.
    #[inline]
    fn source(&self, path: &DocumentPath) -> Source {
        if self.fresh.is_empty() { Source::Cache } else { self.source_after_request(path) }
    }

    fn source_after_request(&self, path: &DocumentPath) -> Source {
        let is_fresh = self.fresh.iter().any(|fresh| path.starts_with(fresh) || fresh.starts_with(path));
        if is_fresh { Source::Database } else { Source::Cache }
    }

    /// Reads what is at the path where more has to be looked at than the stored value.
    #[inline(never)]
    fn read_changed<T>(
        &self,
        path: &DocumentPath,
        read: impl FnOnce(Found<'_>) -> Result<T, Unread>,
    ) -> Result<T, Unread> {
        let (value, source) = self.find_changed(path)?;
        read(Found { value: value.as_deref(), source, schema: self.key.schema })
    }

    fn find_changed(&self, path: &DocumentPath) -> Result<(Option<Cow<'_, Value>>, Source), Unread> {
        path.check()?;
        match self.resolve(path) {
            Resolved::Unknown => Err(Unread::Unknown),
            Resolved::Conflict(mismatch) => Err(Unread::Failed(ErrorKind::StoredValue(mismatch).into())),
            Resolved::Known { value, by, .. } => Ok((
                value,
                match by {
                    ShownBy::Operations => Source::Pending,
                    ShownBy::Cleared => Source::Assumed,
                    ShownBy::Stored => self.source(path),
                },
            )),
        }
    }
}

impl View<'_> {
    /// What is wrong with a value that is stored under an earlier name says so.
    #[cold]
    fn as_stored(&self, unread: Unread) -> Unread {
        let record = self.key.schema.record;
        match unread {
            Unread::Failed(error) => {
                let old_name = |name: &str| record.adopted(self.base, name).map(|(old, _)| old);
                record.as_stored(error, old_name).into()
            }
            Unread::Unknown => Unread::Unknown,
        }
    }
}

impl RecordView for View<'_> {
    #[inline]
    fn read_at<T>(&self, path: &DocumentPath, read: impl FnOnce(Found<'_>) -> Result<T, Unread>) -> Result<T, Unread> {
        let read = match self.record.stored_in(self.base, path.segments()) {
            Some(stored) => read(Found { value: Some(stored), source: self.source(path), schema: self.key.schema }),
            None => self.read_changed(path, read),
        };
        read.map_err(|unread| self.as_stored(unread))
    }

    fn exists(&self) -> Result<bool, Unread> {
        let visible = self.record.creates();
        match self.base.exists() {
            Some(exists) => Ok(exists || visible),
            None if visible => Ok(true),
            None => Err(Unread::Unknown),
        }
    }
}

/// Reads a selection; nothing where some of it is not known.
#[inline]
pub(super) fn read_known<R: Reading, S: Selection>(
    selection: &S,
    view: &View<'_>,
) -> Option<Result<S::Output<R>, Error>> {
    match selection.read::<R>(view) {
        Ok(output) => Some(Ok(output)),
        Err(Unread::Failed(error)) => Some(Err(error)),
        Err(Unread::Unknown) => None,
    }
}

/// Reads what is known of a record.
#[inline]
pub(super) fn known_in<R: Reading, S: Selection>(
    state: &mut State,
    key: RecordKey<'_>,
    selection: &S,
) -> Option<Result<S::Output<R>, Error>> {
    read_known::<R, S>(selection, &View::of(state.record_to_read(key.key)?, key))
}

impl UnitOfWork {
    /// Reads what is known.
    #[inline]
    pub(super) fn known<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        selection: &S,
    ) -> Option<Result<S::Output<R>, Error>> {
        let mut state = self.shared.lock();
        let read = known_in::<R, S>(&mut state, key, selection);
        state.statistics.hits += u64::from(read.is_some());
        read
    }

    /// Reads what is known, and fetches what is not.
    pub(super) async fn fetch<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        key: &Key,
        selection: &S,
        consistent: bool,
    ) -> Result<S::Output<R>, Error> {
        let of = RecordKey { schema: link.schema, key };
        let _gate = self.enter(key).await;
        // Whoever was in before may have brought what is wanted here.
        if let Some(read) = self.known::<R, S>(of, selection) {
            return read;
        }
        let (unknown, generation) = {
            let mut state = self.shared.lock();
            let record = state.record_mut(key);
            let view = View::of(record, of);
            let mut unknown = Vec::new();
            selection.visit(&mut |path| {
                if view.resolve(path) == Resolved::Unknown {
                    unknown.push(record.asked(path, link.schema.record));
                }
            });
            (with_version(link.schema, unknown), record.generation)
        };
        self.shared.lock().statistics.misses += 1;
        let item = self.request_to_read(link, of, unknown.clone(), consistent).await?;
        {
            let mut state = self.shared.lock();
            if state.record_mut(key).generation == generation {
                state.raise(key);
                let record = state.record_mut(key);
                record.learn(link.schema, &unknown, item.as_ref(), consistent);
                let fresh = if unknown.is_empty() { &[DocumentPath::root()][..] } else { &unknown };
                if let Some(read) = read_known::<R, S>(selection, &View { fresh, ..View::of(record, of) }) {
                    return read;
                }
            }
        }
        // The cache was cleared meanwhile: what was known before is gone, and this answer must not fill the cache.
        let all = {
            let mut state = self.shared.lock();
            let record = state.record_mut(key);
            let mut all = Vec::new();
            selection.visit(&mut |path| all.push(record.asked(path, link.schema.record)));
            with_version(link.schema, all)
        };
        let item = self.request_to_read(link, of, all.clone(), consistent).await?;
        let mut shown = Base::Unknown;
        shown.learn_item(&all, item.as_ref());
        let mut state = self.shared.lock();
        let record = state.record_mut(key);
        // It fills no cache, and yet is what the caller decides on.
        record.see_version(link.schema, &all, item.as_ref());
        let view = View { base: &shown, fresh: &all, ..View::of(record, of) };
        read_known::<R, S>(selection, &view).unwrap_or_else(|| {
            let message = "the answer does not hold what was asked for";
            Err(Failure::new(FailureClass::BadAnswer, message).into())
        })
    }

    async fn request_to_read<B: Backend>(
        &self,
        link: &Link<B>,
        key: RecordKey<'_>,
        projection: Vec<DocumentPath>,
        consistent: bool,
    ) -> Result<Option<Map>, Error> {
        self.shared.lock().statistics.read_requests += 1;
        self.request(link, key, projection, consistent).await
    }

    pub(super) async fn request<B: Backend>(
        &self,
        link: &Link<B>,
        key: RecordKey<'_>,
        projection: Vec<DocumentPath>,
        consistent: bool,
    ) -> Result<Option<Map>, Error> {
        let request = GetRequest { table: link.table.clone(), key: key.attributes(), projection, consistent };
        let mut item = link.taken_in(link.backend.get(request).await?);
        item.iter_mut().for_each(|item| link.schema.record.lend_names(item));
        Ok(item)
    }
}
