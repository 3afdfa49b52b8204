//! Reading through the cache.

use std::borrow::Cow;

use super::UnitOfWork;
use super::state::State;
use crate::backend::{Backend, GetRequest, QueryRequest};
use crate::base::{Base, Lookup};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::fold::Resolved;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::page::{Cursor, Page};
use crate::path::{DocumentPath, Segment};
use crate::projection::with_key;
use crate::record::Record;
use crate::selection::{Found, Reading, RecordView, Selection, Source, Unread};
use crate::value::{Map, Value};

/// A record as reads see it.
struct View<'v> {
    record: &'v Record,
    /// What is known of it: the record's own base, or what one answer has shown.
    base: &'v Base,
    key: RecordKey<'v>,
    /// The paths that a request has just brought.
    fresh: &'v [DocumentPath],
}

impl<'v> View<'v> {
    fn of(record: &'v Record, key: RecordKey<'v>) -> View<'v> {
        View { record, base: &record.base, key, fresh: &[] }
    }

    fn resolve(&self, path: &DocumentPath) -> Resolved<'_> {
        self.record.resolve_in(self.base, path.segments(), &self.key)
    }

    /// Where a stored value comes from.
    fn source(&self, path: &DocumentPath) -> Source {
        let is_fresh = self.fresh.iter().any(|fresh| path.starts_with(fresh) || fresh.starts_with(path));
        if is_fresh { Source::Database } else { Source::Cache }
    }

    fn find_changed(&self, path: &DocumentPath) -> Result<Found<'_>, Unread> {
        path.check()?;
        match self.resolve(path) {
            Resolved::Unknown => Err(Unread::Unknown),
            Resolved::Conflict(mismatch) => Err(Unread::Failed(ErrorKind::StoredValue(mismatch).into())),
            Resolved::Known { value, pending: true } => {
                Ok(Found { value, source: Source::Pending, schema: self.key.schema })
            }
            Resolved::Known { value, pending: false } => {
                Ok(Found { value, source: self.source(path), schema: self.key.schema })
            }
        }
    }
}

impl RecordView for View<'_> {
    fn find(&self, path: &DocumentPath) -> Result<Found<'_>, Unread> {
        match self.record.stored_in(self.base, path.segments()) {
            Some(value) => {
                Ok(Found { value: Some(Cow::Borrowed(value)), source: self.source(path), schema: self.key.schema })
            }
            None => self.find_changed(path),
        }
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
fn read_known<R: Reading, S: Selection>(selection: &S, view: &View<'_>) -> Option<Result<S::Output<R>, Error>> {
    match selection.read::<R>(view) {
        Ok(output) => Some(Ok(output)),
        Err(Unread::Failed(error)) => Some(Err(error)),
        Err(Unread::Unknown) => None,
    }
}

/// Reads what is known of a record.
#[inline]
pub(super) fn known_in<R: Reading, S: Selection>(
    state: &State,
    key: RecordKey<'_>,
    selection: &S,
) -> Option<Result<S::Output<R>, Error>> {
    read_known::<R, S>(selection, &View::of(state.record(key.key)?, key))
}

impl UnitOfWork {
    /// Reads what is known.
    #[inline]
    pub(super) fn known<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        selection: &S,
    ) -> Option<Result<S::Output<R>, Error>> {
        known_in::<R, S>(&self.shared.lock(), key, selection)
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
                    unknown.push(record.asked(path));
                }
            });
            (with_key(link.schema, unknown), record.generation)
        };
        let item = self.request(link, of, unknown.clone(), consistent).await?;
        {
            let mut state = self.shared.lock();
            if state.record_mut(key).generation == generation {
                state.raise(key);
                let record = state.record_mut(key);
                if consistent {
                    record.base.learn_item(&unknown, item.as_ref());
                } else {
                    record.base.fill_item(&unknown, item.as_ref());
                }
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
            selection.visit(&mut |path| all.push(record.asked(path)));
            with_key(link.schema, all)
        };
        let item = self.request(link, of, all.clone(), consistent).await?;
        let mut shown = Base::Unknown;
        shown.learn_item(&all, item.as_ref());
        let mut state = self.shared.lock();
        let record = state.record_mut(key);
        let view = View { base: &shown, fresh: &all, ..View::of(record, of) };
        read_known::<R, S>(selection, &view).unwrap_or_else(|| {
            let message = "the answer does not hold what was asked for";
            Err(Failure::new(FailureClass::BadAnswer, message).into())
        })
    }

    pub(super) async fn request<B: Backend>(
        &self,
        link: &Link<B>,
        key: RecordKey<'_>,
        projection: Vec<DocumentPath>,
        consistent: bool,
    ) -> Result<Option<Map>, Error> {
        let request = GetRequest { table: link.table.clone(), key: key.attributes(), projection, consistent };
        let mut item = link.backend.get(request).await?;
        item.iter_mut().for_each(|item| link.schema.record.lend_names(item));
        Ok(item)
    }

    /// Reads one page of a query: the database's records, with the visible changes laid over their values.
    pub(super) async fn query_page<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        mut request: QueryRequest,
        selection: S,
    ) -> Result<Page<S::Output<R>>, Error> {
        if self.shared.lock().count_dirty() > 0 && !request.projection.is_empty() {
            // A list may have pending changes in any of the records: its items stand elsewhere in the database.
            request.projection = with_key(link.schema, request.projection.iter().map(outside_lists).collect());
        }
        let (projection, consistent) = (request.projection.clone(), request.consistent);
        let partition = (DocumentPath::from(request.partition.0.as_str()), request.partition.1.to_value());
        let sort = request.sort.clone().map(|(name, range)| (DocumentPath::from(name.as_str()), range));
        let asked = self.shared.lock().generation;
        let response = link.backend.query(request).await?;
        let mut page = Page {
            records: Vec::with_capacity(response.items.len()),
            scanned_count: response.scanned,
            next: response.next.map(Cursor),
            pending_mismatch: Vec::new(),
        };
        let mut state = self.shared.lock();
        let fenced_all = state.generation != asked;
        for mut item in response.items {
            link.schema.record.lend_names(&mut item);
            let key = Key::of_item(link.schema, &item).map_err(ErrorKind::StoredValue)?;
            // What changed, or was cleared, since the question was asked is newer than this answer.
            let fenced = match state.record(&key) {
                Some(record) => record.generation > asked,
                None => fenced_all,
            };
            let of = RecordKey { schema: link.schema, key: &key };
            let record = state.record_mut(&key);
            let mut shown = if fenced { record.base.clone() } else { std::mem::take(&mut record.base) };
            let unknown = unknown_of(&shown, &projection);
            if consistent && !fenced {
                shown.learn_item(&projection, Some(&item));
            } else {
                shown.fill_item(&projection, Some(&item));
            }
            let fresh: Vec<DocumentPath> = match projection.is_empty() {
                true => vec![DocumentPath::root()],
                false if consistent => projection.clone(),
                false => unknown,
            };
            let view = View { base: &shown, fresh: &fresh, ..View::of(record, of) };
            let row = read_known::<R, S>(&selection, &view);
            let changed = |path: &DocumentPath, fits: &dyn Fn(Option<&Value>) -> bool| match view.resolve(path) {
                Resolved::Known { value, pending: true } => !fits(value.as_deref()),
                _ => false,
            };
            let left = changed(&partition.0, &|value| value == Some(&partition.1));
            if left || sort.as_ref().is_some_and(|(path, range)| changed(path, &|value| range.holds(value))) {
                page.pending_mismatch.push(key.clone());
            }
            let row = row.unwrap_or_else(|| {
                // What is known of the record is newer than the row and says less: the row stands alone.
                let mut alone = Base::Unknown;
                alone.learn_item(&projection, Some(&item));
                let view = View { base: &alone, fresh: &fresh, ..View::of(record, of) };
                let message = "a row does not hold what was asked for";
                let lacking = || Err(Failure::new(FailureClass::BadAnswer, message).into());
                read_known::<R, S>(&selection, &view).unwrap_or_else(lacking)
            });
            if !fenced {
                record.base = shown;
            }
            state.tidy(&key);
            page.records.push((key, row?));
        }
        Ok(page)
    }
}

/// The path, or the outermost list that it enters.
fn outside_lists(path: &DocumentPath) -> DocumentPath {
    let list = path.segments().iter().position(|segment| matches!(segment, Segment::Index(_)));
    path.prefix(list.unwrap_or(path.segments().len()))
}

/// Those of `paths` that are not known yet.
fn unknown_of(base: &Base, paths: &[DocumentPath]) -> Vec<DocumentPath> {
    paths.iter().filter(|path| base.lookup(path.segments()) == Lookup::Unknown).cloned().collect()
}
