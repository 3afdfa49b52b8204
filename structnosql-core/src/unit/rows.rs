//! Pages of rows, as a unit of work sees them.

use tokio::time::Instant;

use super::UnitOfWork;
use super::reads::{View, read_known};
use super::state::State;
use crate::backend::Backend;
use crate::base::{Base, Lookup};
use crate::condition::Condition;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::fold::{Resolved, ShownBy};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::page::Page;
use crate::path::DocumentPath;
use crate::projection::{with_key, with_version};
use crate::rows::{Rows, Which};
use crate::selection::{Reading, Selection};
use crate::value::{Map, Value};

/// How often a page is read again because of changes that were pended meanwhile.
const PAGE_READS: u32 = 3;

/// A page that was asked for.
struct Asked<'r> {
    rows: &'r Rows,
    /// The paths that were asked for; whole records where it is empty.
    projection: Vec<DocumentPath>,
    consistent: bool,
    since: Instant,
}

impl UnitOfWork {
    /// Reads one page: the database's records, with the visible changes laid over their values.
    pub(super) async fn read_page<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        rows: &Rows,
        selection: &S,
    ) -> Result<Page<S::Output<R>>, Error> {
        for _ in 0..PAGE_READS {
            if let Some(page) = self.ask_page::<R, S, B>(link, rows, selection).await? {
                return Ok(page);
            }
        }
        Err(Failure::new(FailureClass::BadAnswer, "a row does not hold what was asked for").into())
    }

    /// One attempt; nothing where changes were pended meanwhile that take more of a row than was asked for.
    async fn ask_page<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        rows: &Rows,
        selection: &S,
    ) -> Result<Option<Page<S::Output<R>>>, Error> {
        let (projection, generation) = {
            let state = self.shared.lock();
            (versioned(rows, state.widened(rows)), state.generation)
        };
        let asked = Asked { rows, projection, consistent: rows.is_consistent(), since: Instant::now() };
        let response = rows.send(&*link.backend, asked.projection.clone()).await?;
        let mut page = Page {
            records: Vec::with_capacity(response.items.len()),
            scanned_count: response.scanned,
            next: rows.cursor(response.next)?,
            pending_mismatch: Vec::new(),
        };
        let mut state = self.shared.lock();
        let fenced_all = state.generation != generation;
        for mut item in response.items {
            link.schema.record.adopt(&mut item);
            link.schema.record.lend_names(&mut item);
            let key = Key::of_item(link.schema, &item).map_err(ErrorKind::StoredValue)?;
            // What changed, or was cleared, since the question was asked is newer than this answer.
            let fenced = match state.record(&key) {
                Some(record) => record.generation > generation,
                None => fenced_all,
            };
            let of = RecordKey { schema: link.schema, key: &key };
            let (row, fits) = asked.row::<R, S>(&mut state, of, &item, fenced, selection);
            state.tidy(&key);
            if !fits {
                page.pending_mismatch.push(key.clone());
            }
            match row {
                Some(row) => page.records.push((key, row?)),
                None => return Ok(None),
            }
        }
        state.shrink();
        Ok(Some(page))
    }
}

impl State {
    /// The paths to ask for where changes may have to be laid over any of the records: a list as a whole, since its
    /// items may stand elsewhere in the database, what such a change depends on, and what the filter reads.
    fn widened(&self, rows: &Rows) -> Vec<DocumentPath> {
        if rows.projection.is_empty() || self.count_dirty() == 0 {
            return rows.projection.clone();
        }
        let dirty = self.dirty_keys();
        let asked = |path: &DocumentPath| {
            let path = path.outside_lists();
            let of_records = dirty.iter().filter_map(|key| Some(self.record(key)?.asked(&path)));
            of_records.min_by_key(|asked| asked.segments().len()).unwrap_or(path)
        };
        let of_filter = rows.filter.iter().flat_map(Condition::paths);
        with_key(rows.schema, rows.projection.iter().chain(of_filter).map(asked).collect())
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
        let row = read_known::<R, S>(selection, &view).or_else(|| {
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
        let in_key = match &self.rows.which {
            Which::OfKey { partition: (name, value), sort, .. } => {
                let asked = value.to_value();
                holds(name, &|value| value == Some(&asked))
                    && sort.as_ref().is_none_or(|(name, condition)| holds(name, &|value| condition.holds(value)))
            }
            Which::All { .. } => true,
        };
        in_key && self.rows.filter.as_ref().is_none_or(|filter| still_meets(view, filter))
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
