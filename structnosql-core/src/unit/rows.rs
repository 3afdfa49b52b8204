//! Pages of rows, as a unit of work sees them.

use super::UnitOfWork;
use super::reads::{View, read_known};
use super::state::State;
use crate::base::{Base, Lookup};
use crate::condition::Condition;
use crate::error::{Error, ErrorKind};
use crate::fold::{Resolved, ShownBy};
use crate::key::{Key, RecordKey};
use crate::path::DocumentPath;
use crate::projection::{with_key, with_version};
use crate::readers::{Asked, Shown};
use crate::rows::{Rows, Which};
use crate::schema::{IndexSchema, TableSchema};
use crate::selection::{Reading, Selection};
use crate::value::{Map, Value};

impl UnitOfWork {
    /// Adds to what a page is asked for what has to come so that changes can be laid over its records; gives the
    /// generation of which that is true.
    pub(crate) fn begin_page(&self, rows: &Rows, projection: &mut Vec<DocumentPath>) -> u64 {
        let state = self.shared.lock();
        *projection = versioned(rows, state.widened(rows, std::mem::take(projection)));
        state.generation
    }

    /// The items of a page with the visible changes laid over their values; nothing where changes were pended meanwhile
    /// that take more of one than was asked for.
    pub(crate) fn show_page<R: Reading, S: Selection>(
        &self,
        schema: &'static TableSchema,
        asked: &Asked<'_>,
        generation: u64,
        items: Vec<(usize, Map)>,
        selection: &S,
    ) -> Result<Option<Vec<(usize, Shown<S::Output<R>>)>>, Error> {
        let mut shown = Vec::with_capacity(items.len());
        let mut state = self.shared.lock();
        let fenced_all = state.generation != generation;
        for (place, mut item) in items {
            schema.record.lend_names(&mut item);
            let key = Key::of_item(schema, &item).map_err(ErrorKind::StoredValue)?;
            // What changed, or was cleared, since the question was asked is newer than this answer.
            let fenced = match state.record(&key) {
                Some(record) => record.generation > generation,
                None => fenced_all,
            };
            let of = RecordKey { schema, key: &key };
            let (row, fits) = asked.row::<R, S>(&mut state, of, &item, fenced, selection);
            state.tidy(&key);
            match row {
                Some(value) => shown.push((place, Shown { key, value, fits })),
                None => return Ok(None),
            }
        }
        state.shrink();
        Ok(Some(shown))
    }
}

impl State {
    /// The paths to ask for where changes may have to be laid over any of the records: a list as a whole, since its
    /// items may stand elsewhere in the database, what such a change depends on, and what the filter reads.
    fn widened(&self, rows: &Rows, projection: Vec<DocumentPath>) -> Vec<DocumentPath> {
        if projection.is_empty() || self.count_dirty() == 0 {
            return projection;
        }
        let dirty = self.dirty_keys();
        let asked = |path: &DocumentPath| {
            let path = path.outside_lists();
            let of_records = dirty.iter().filter_map(|key| Some(self.record(key)?.asked(&path, rows.schema.record)));
            of_records.min_by_key(|asked| asked.segments().len()).unwrap_or(path)
        };
        let of_filter = rows.filter.iter().flat_map(Condition::paths);
        with_key(rows.schema, projection.iter().chain(of_filter).map(asked).collect())
    }
}

/// The paths with the version, where the rows have it.
fn versioned(rows: &Rows, projection: Vec<DocumentPath>) -> Vec<DocumentPath> {
    match !projection.is_empty() && rows.schema.has_version(rows.index) {
        true => with_version(rows.schema, projection),
        false => projection,
    }
}

impl Asked<'_> {
    /// One row with what is pending laid over, and whether it still is one that was asked for. What it shows is
    /// learnt, unless the answer is `fenced`. Nothing where it does not hold what the record's changes take.
    fn row<R: Reading, S: Selection>(
        &self,
        state: &mut State,
        key: RecordKey<'_>,
        item: &Map,
        fenced: bool,
        selection: &S,
    ) -> (Option<Result<S::Output<R>, Error>>, bool) {
        let record = state.record_mut(key.key);
        let mut shown = if fenced { record.base.clone() } else { std::mem::take(&mut record.base) };
        let unknown = unknown_of(&shown, &self.projection);
        // A row of which all was known already shows nothing that anything could be decided on.
        let shows_more = match self.projection.is_empty() {
            true => shown.lookup(&[]) == Lookup::Unknown,
            false => !unknown.is_empty(),
        };
        if self.consistent && !fenced {
            shown.learn_item(&self.projection, Some(item));
        } else {
            shown.fill_item(&self.projection, Some(item));
        }
        let fresh: Vec<DocumentPath> = match self.projection.is_empty() {
            true => vec![DocumentPath::root()],
            false if self.consistent => self.projection.clone(),
            false => unknown,
        };
        let view = View { base: &shown, fresh: &fresh, ..View::of(record, key) };
        // An index may still have, or have already, what is known not to be there, or what is being replaced.
        let stands_alone = shown == Base::Absent || record.replaced_from.is_some();
        let known = if stands_alone { None } else { read_known::<R, S>(selection, &view) };
        let row = known.or_else(|| {
            // What is known of the record is newer than the row and says less: the row stands alone.
            let mut alone = Base::Unknown;
            alone.learn_item(&self.projection, Some(item));
            let view = View { base: &alone, fresh: &fresh, ..View::of(record, key) };
            read_known::<R, S>(selection, &view)
        });
        let fits = self.still_fits(&view);
        if !fenced {
            match self.projection.is_empty() && self.consistent {
                true => record.know(shown),
                false => record.base = shown,
            }
            if self.consistent || shows_more {
                record.see_version(key.schema, &self.projection, Some(item));
            }
            record.date(self.since);
            if self.consistent || shows_more {
                // What a write under way has done may be in it already, and an answer under way may be older.
                state.raise(key.key);
            }
        }
        (row, fits)
    }

    /// Whether what is pending leaves the record among those that were asked for.
    fn still_fits(&self, view: &View<'_>) -> bool {
        let holds = |name: &str, fits: &dyn Fn(Option<&Value>) -> bool| match view.resolve(&DocumentPath::from(name)) {
            Resolved::Known { by: ShownBy::Stored, .. } => true,
            Resolved::Known { value, .. } => fits(value.as_deref()),
            _ => true,
        };
        let is_asked = match &self.rows.which {
            Which::OfKey { partition: (name, value), sort, .. } => {
                let asked = value.to_value();
                holds(name, &|value| value == Some(&asked))
                    && sort.as_ref().is_none_or(|(name, condition)| holds(name, &|value| condition.holds(value)))
            }
            Which::All { .. } => true,
        };
        // What lacks a key attribute of an index is not in it.
        let mut of_index = self.rows.index.into_iter().flat_map(IndexSchema::key_attributes);
        let is_held = of_index.all(|key| holds(&key.name, &|value| value.is_some()));
        is_asked && is_held && self.rows.filter.as_ref().is_none_or(|filter| still_meets(view, filter))
    }
}

/// Whether a record, which was let through by the filter, still would be.
fn still_meets(view: &View<'_>, filter: &Condition) -> bool {
    let is_pending = |path: &&DocumentPath| {
        matches!(view.resolve(path), Resolved::Known { by: ShownBy::Cleared | ShownBy::Operations, .. })
    };
    let visible = |path: &DocumentPath| match view.resolve(path) {
        Resolved::Known { value, .. } => value,
        _ => None,
    };
    !filter.paths().iter().any(is_pending) || filter.holds_where(&visible)
}

/// Those of `paths` that are not known yet.
fn unknown_of(base: &Base, paths: &[DocumentPath]) -> Vec<DocumentPath> {
    paths.iter().filter(|path| base.lookup(path.segments()) == Lookup::Unknown).cloned().collect()
}
