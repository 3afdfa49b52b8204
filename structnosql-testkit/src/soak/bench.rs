//! One case on the bench: the table under test, its database, and what the model allows.

use structnosql_core::{
    BasicTable, CachingTable, CommitPlan, CommitReport, Map, RecordPlan, RecordReport, Savepoint, Value,
};

use super::document::{Document, definition};
use super::patience::{Unfinished, finish};
use super::place::Place;
use super::start::{Answer, start_read};
use super::step::{RECORDS, Setting};
use super::world::{Clock, Phase, World};
use crate::model::{Entries, Path, Record, Tree, entries_of};
use crate::{Counted, Faulty, Reference};

/// What the engine did that the model does not allow.
pub(crate) type Checked = Result<(), String>;

pub(crate) type SoakBackend = Counted<Faulty<Reference>>;
pub(crate) type SoakTable = CachingTable<Document, SoakBackend>;

pub(crate) struct Bench {
    pub(crate) table: std::rc::Rc<SoakTable>,
    pub(crate) setting: Setting,
    /// Another process.
    pub(crate) foreign: BasicTable<Document, Reference>,
    pub(crate) reference: Reference,
    pub(crate) places: Vec<Place>,
    pub(crate) clock: Clock,
    pub(crate) savepoints: Vec<(Savepoint, u64)>,
    pub(crate) reads: u64,
    /// Calls that were given up half-way.
    pub(crate) cancellations: u64,
}

/// The key of a record.
pub(crate) fn id(record: usize) -> String {
    format!("r{record}")
}

/// What a plan has for a record.
pub(super) fn plan_of(plan: &CommitPlan, record: usize) -> Option<&RecordPlan> {
    plan.records.iter().find(|one| one.key.to_string() == id(record))
}

/// What a commit reports of a record.
pub(super) fn report_of(report: &CommitReport, record: usize) -> Option<&RecordReport> {
    report.records.iter().find(|one| one.key.to_string() == id(record))
}

pub(crate) fn key(record: usize) -> Map {
    [("id", Value::from(id(record)))].into_iter().collect()
}

impl Bench {
    pub(crate) fn new(items: &[Option<Entries>], setting: Setting) -> Result<Bench, String> {
        let reference = setting.lag.into_iter().fold(Reference::new(), Reference::lagging);
        let created = finish(structnosql_core::Backend::create_table(&reference, definition()));
        created.map_err(|unfinished| format!("{unfinished:?}"))?.map_err(|failure| failure.to_string())?;
        let seen = reference.clone().with_capabilities(setting.capabilities);
        let table = CachingTable::attach(Counted::new(Faulty::new(seen)));
        let table = match setting.bound {
            Some(records) => table.max_cached_records(records),
            None => table,
        };
        let foreign = BasicTable::attach(reference.clone());
        let mut places = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let own = Entries::from([("id".to_owned(), Tree::Text(id(at)))]);
            let mut record = Record::new(own.clone());
            if let Some(item) = item {
                let item: Entries = item.clone().into_iter().chain(own).collect();
                let stored = reference.put_item(table.name(), crate::model::map_of(&item));
                stored.map_err(|failure| failure.to_string())?;
                record.db = Some(item);
            }
            let (stored, world) = (record.db.clone(), World::new(record));
            places.push(Place {
                seen: Vec::new(),
                worlds: vec![world],
                jobs: [None, None],
                stored,
                known: false,
                kept: Vec::new(),
                late: false,
            });
        }
        Ok(Bench {
            table: table.into(),
            setting,
            foreign,
            reference,
            places,
            clock: Clock { now: 1, mark: 0 },
            savepoints: Vec::new(),
            reads: 0,
            cancellations: 0,
        })
    }

    pub(crate) fn counted(&self) -> &SoakBackend {
        self.table.backend()
    }

    pub(crate) fn faulty(&self) -> &Faulty<Reference> {
        self.counted().inner()
    }

    /// Whether the table has read everything of a record, and keeps it.
    pub(crate) fn knows(&self, record: usize) -> bool {
        self.keeps_all() && self.places[record].known
    }

    /// Whether the table forgets nothing to make room.
    pub(crate) fn keeps_all(&self) -> bool {
        self.setting.bound.is_none()
    }

    /// Checks that the table keeps no more records than it may beside those with operations.
    fn check_bound(&self) -> Checked {
        let kept = self.table.cache_statistics().records as usize;
        let dirty = self.places.iter().filter(|place| place.record().is_dirty()).count();
        match self.setting.bound {
            Some(bound) if kept > bound + dirty => {
                Err(format!("{kept} records are kept, {dirty} of them with operations"))
            }
            _ => Ok(()),
        }
    }

    /// The stored item, read past everything.
    pub(crate) fn stored(&self, record: usize) -> Result<Option<Entries>, String> {
        match self.reference.item(self.table.name(), &key(record)) {
            None => Ok(None),
            Some(item) => Ok(Some(entries_of(&item).ok_or("a stored value of a type that nobody wrote")?)),
        }
    }

    /// Looks at the database: states that do not have what it holds are ruled out.
    pub(crate) fn observe(&mut self) -> Checked {
        for record in 0..RECORDS {
            let stored = self.stored(record)?;
            let place = &mut self.places[record];
            if stored != place.stored {
                place.advance(self.clock);
                place.stored = stored;
                self.agree_with_stored(record)?;
            }
        }
        Ok(())
    }

    /// Rules out the states that do not have what the database holds.
    pub(crate) fn agree_with_stored(&mut self, record: usize) -> Checked {
        let place = &mut self.places[record];
        let stored = &place.stored;
        let expected: Vec<String> = place.worlds.iter().map(|world| text(&world.record.db)).collect();
        // What else another writer made of it may let a request come to something else, but somebody sent one.
        let is_explained = |world: &World| world.record.db == *stored || !world.has_sent_nothing();
        if place.worlds.iter().any(is_explained) {
            place.worlds.retain(is_explained);
        }
        place.worlds.retain_mut(|world| {
            if world.record.stale {
                world.record.db = stored.clone();
            }
            world.record.db == *stored
        });
        if place.worlds.is_empty() {
            let stored = text(stored);
            return Err(format!("the database holds {stored} for {}, expected {}", id(record), expected.join(" or ")));
        }
        place.remember();
        Ok(())
    }

    /// Reads paths through the table without faults, and checks them against the model.
    pub(crate) fn look(&mut self, record: usize, paths: &[Path]) -> Checked {
        let table = self.table.clone();
        let requests = self.counted().requests();
        let read = || finished(finish(start_read(&table, record, paths, true)));
        let Answer::Values(shown) = read()? else { return Ok(()) };
        let shown = match shown {
            Ok(shown) => shown,
            // Changes of a list laid over what another writer made of it.
            Err(error) if self.places[record].is_stale() && error.is_stored_value() => return Ok(()),
            Err(error) => return Err(format!("reading {paths:?} of {} failed: {error}", id(record))),
        };
        self.reads += 1;
        if self.counted().requests() > requests {
            if self.knows(record) {
                return Err(format!("reading {paths:?} of {} sent a request, although it is known", id(record)));
            }
            self.check_bound()?;
        }
        let place = &mut self.places[record];
        place.worlds.retain(|world| shows(&world.record, paths, &shown));
        if place.worlds.is_empty() {
            return Err(self.not_shown(record, paths, &shown));
        }
        if paths.iter().any(Vec::is_empty) {
            // What is in doubt is forgotten when it is settled, and what was left in sight is not what is stored.
            place.known = !place.is_stale() && place.record().flight.is_none() && place.shows_no_more();
        }
        let before = self.counted().requests();
        let Answer::Values(again) = read()? else { return Ok(()) };
        if self.counted().requests() != before && self.setting.bound != Some(0) {
            return Err(format!("reading {paths:?} of {} again sent a request", id(record)));
        }
        match again {
            Ok(again) if again == shown => {
                self.note_kept(record, paths);
                Ok(())
            }
            other => Err(format!("reading {paths:?} of {} again gave {other:?} after {shown:?}", id(record))),
        }
    }

    /// What to say of values that no state may show.
    pub(crate) fn not_shown(&self, record: usize, paths: &[Path], shown: &[Option<Value>]) -> String {
        let path = |path: &Path| structnosql_core::DocumentPath::from_iter(path.iter().cloned());
        let Some(last) = self.places[record].seen.last() else { return "nothing was seen".to_owned() };
        let value = |value: Option<&Tree>| value.map_or("nothing".to_owned(), Tree::to_string);
        let pairs = paths.iter().zip(shown).map(|(at, shown)| {
            let expected = last.record.look(at);
            let shown = shown.as_ref().map_or("nothing".to_owned(), Value::to_string);
            format!("`{}` of {} shows {shown}, expected {}", path(at), id(record), value(expected.as_ref()))
        });
        let stored = text(&self.places[record].stored);
        format!("{}; the database holds {stored}", pairs.collect::<Vec<_>>().join(", "))
    }

    /// At a case's end: everything reads as it should before a commit, after it, and with the cache forgotten.
    pub(crate) fn look_everywhere(&mut self) -> Checked {
        for record in 0..RECORDS {
            let mut paths = vec![Path::new()];
            if let Some(view) = self.places[record].record().view() {
                collect(&Tree::Map(view), &mut Path::new(), &mut paths);
            }
            // Inner paths first, so that parents are put together from what is known of them.
            for path in paths.iter().rev() {
                self.look(record, std::slice::from_ref(path))?;
            }
        }
        Ok(())
    }

    /// No call is under way any more.
    pub(crate) fn rest(&mut self) {
        for place in &mut self.places {
            place.jobs = [None, None];
            place.worlds.iter_mut().for_each(|world| world.phases = [Phase::Idle, Phase::Idle]);
            place.tidy();
            place.seen.clear();
            place.remember();
        }
    }
}

fn collect(tree: &Tree, path: &mut Path, paths: &mut Vec<Path>) {
    let mut below = |segment: structnosql_core::Segment, child: &Tree| {
        path.push(segment);
        paths.push(path.clone());
        collect(child, path, paths);
        path.pop();
    };
    match tree {
        Tree::Map(entries) => entries.iter().for_each(|(name, child)| below(name.as_str().into(), child)),
        Tree::List(items) => items.iter().zip(0u32..).for_each(|(child, at)| below(at.into(), child)),
        _ => {}
    }
}

/// Whether a caller may see these values at these paths.
pub(crate) fn shows(record: &Record, paths: &[Path], shown: &[Option<Value>]) -> bool {
    paths.iter().zip(shown).all(|(path, shown)| match shown {
        None => record.may_show(path, None),
        Some(value) => Tree::of(value).is_some_and(|tree| record.may_show(path, Some(&tree))),
    })
}

pub(crate) fn text(item: &Option<Entries>) -> String {
    item.clone().map_or("nothing".to_owned(), |item| Tree::Map(item).to_string())
}

/// The result of a call that came to an end.
pub(crate) fn finished<T>(result: Result<T, Unfinished>) -> Result<T, String> {
    result.map_err(|unfinished| match unfinished {
        Unfinished::Stuck => "the call waits for something that nobody will do".to_owned(),
        Unfinished::Dropped => "the call came to no end".to_owned(),
    })
}
