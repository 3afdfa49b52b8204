//! One case on the bench: the table under test, its database, and the model.

use structnosql_core::{BasicTable, CachingTable, Error, ErrorKind, Map, Value};

use super::document::{Document, definition, field};
use super::doubt::Doubt;
use super::patience::{Unfinished, finish};
use super::step::RECORDS;
use crate::model::{Entries, Path, Record, Tree, entries_of};
use crate::{Counted, Faulty, Reference};

/// What the engine did that the model does not allow.
pub(crate) type Checked = Result<(), String>;

pub(crate) struct Bench {
    pub(crate) table: CachingTable<Document, Counted<Faulty<Reference>>>,
    /// Another process.
    pub(crate) foreign: BasicTable<Document, Reference>,
    pub(crate) reference: Reference,
    pub(crate) records: Vec<Record>,
    /// Records of which the table has read everything.
    pub(crate) known: [bool; RECORDS],
    /// Records with a commit whose answer was lost.
    pub(crate) doubts: [Option<Doubt>; RECORDS],
    pub(crate) reads: u64,
}

/// The key of a record.
pub(crate) fn id(record: usize) -> String {
    format!("r{record}")
}

pub(crate) fn key(record: usize) -> Map {
    [("id", Value::from(id(record)))].into_iter().collect()
}

impl Bench {
    pub(crate) fn new(items: &[Option<Entries>]) -> Result<Bench, String> {
        let reference = Reference::new();
        let created = finish(structnosql_core::Backend::create_table(&reference, definition()));
        created.map_err(|unfinished| format!("{unfinished:?}"))?.map_err(|failure| failure.to_string())?;
        let table = CachingTable::attach(Counted::new(Faulty::new(reference.clone())));
        let foreign = BasicTable::attach(reference.clone());
        let mut records = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let own = Entries::from([("id".to_owned(), Tree::Text(id(at)))]);
            let mut record = Record::new(own.clone());
            if let Some(item) = item {
                let item: Entries = item.clone().into_iter().chain(own).collect();
                let stored = reference.put_item(table.name(), crate::model::map_of(&item));
                stored.map_err(|failure| failure.to_string())?;
                record.db = Some(item);
            }
            records.push(record);
        }
        Ok(Bench {
            table,
            foreign,
            reference,
            records,
            known: [false; RECORDS],
            doubts: [const { None }; RECORDS],
            reads: 0,
        })
    }

    pub(crate) fn counted(&self) -> &Counted<Faulty<Reference>> {
        self.table.backend()
    }

    /// The stored item, read past everything.
    pub(crate) fn stored(&self, record: usize) -> Result<Option<Entries>, String> {
        match self.reference.item(self.table.name(), &key(record)) {
            None => Ok(None),
            Some(item) => Ok(Some(entries_of(&item).ok_or("a stored value of a type that nobody wrote")?)),
        }
    }

    /// Reads paths through the table, and checks them against the model.
    pub(crate) fn look(&mut self, record: usize, paths: &[Path]) -> Checked {
        let fields: Vec<_> = paths.iter().map(field).collect();
        let (key, table) = (id(record), &self.table);
        let shown = match finished(finish(table.get_field(&key, fields.clone()).skip_validation()))? {
            Ok(shown) => shown,
            // Changes of a list laid over what another writer made of it.
            Err(error) if self.records[record].stale && error.is_stored_value() => return Ok(()),
            Err(error) => return Err(format!("reading {paths:?} of {key} failed: {error}")),
        };
        self.reads += 1;
        for (path, value) in paths.iter().zip(&shown) {
            let value = value.as_ref().map(tree).transpose()?;
            self.check(record, path, value.as_ref())?;
        }
        if paths.iter().any(Vec::is_empty) {
            self.known[record] = true;
        }
        let before = self.counted().requests();
        let again = finished(finish(self.table.get_field(&key, fields).skip_validation()))?;
        if self.counted().requests() != before {
            return Err(format!("reading {paths:?} of {key} again sent a request"));
        }
        match again {
            Ok(again) if again == shown => Ok(()),
            other => Err(format!("reading {paths:?} of {key} again gave {other:?} after {shown:?}")),
        }
    }

    /// Checks one value that was read.
    pub(crate) fn check(&self, record: usize, path: &Path, shown: Option<&Tree>) -> Checked {
        let model = &self.records[record];
        if model.stale || model.may_show(path, shown) {
            return Ok(());
        }
        let path = structnosql_core::DocumentPath::from_iter(path.iter().cloned());
        let text = |tree: Option<&Tree>| tree.map_or("nothing".to_owned(), Tree::to_string);
        let expected = model.look(path.segments());
        Err(format!("`{path}` of {} shows {}, expected {}", id(record), text(shown), text(expected.as_ref())))
    }

    /// Checks the database and what the table says of pending operations.
    pub(crate) fn check_rest(&self) -> Checked {
        for (at, record) in self.records.iter().enumerate() {
            let stored = self.stored(at)?;
            if stored != record.db {
                let text = |item: &Option<Entries>| {
                    item.clone().map_or("nothing".to_owned(), |item| Tree::Map(item).to_string())
                };
                return Err(format!(
                    "the database holds {} for {}, expected {}",
                    text(&stored),
                    id(at),
                    text(&record.db)
                ));
            }
        }
        self.check_pending()
    }

    fn check_pending(&self) -> Checked {
        use crate::model::Kind;
        let table = &self.table;
        let any = |kind: Kind| self.records.iter().any(|record| record.whole.has(kind));
        let said = (
            table.has_pending_operations(),
            table.has_pending_update_operations(),
            table.has_pending_remove_operations(),
            !table.pending_operations().is_empty(),
        );
        let (update, remove) = (any(Kind::Update), any(Kind::Remove));
        let expected = (update || remove, update, remove, update || remove);
        if said == expected {
            return Ok(());
        }
        Err(format!("has_pending (any, update, remove, listed) is {said:?}, expected {expected:?}"))
    }

    /// At a case's end: everything reads as it should before a commit, after it, and with the cache forgotten.
    pub(crate) fn look_everywhere(&mut self) -> Checked {
        for record in 0..RECORDS {
            let mut paths = vec![Path::new()];
            if let Some(view) = self.records[record].view() {
                collect(&Tree::Map(view), &mut Path::new(), &mut paths);
            }
            // Inner paths first, so that parents are put together from what is known of them.
            for path in paths.iter().rev() {
                self.look(record, std::slice::from_ref(path))?;
            }
        }
        Ok(())
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

pub(crate) fn tree(value: &Value) -> Result<Tree, String> {
    Tree::of(value).ok_or_else(|| format!("{value} is of a type that nobody wrote"))
}

/// The result of a call that came to an end.
pub(crate) fn finished<T>(result: Result<T, Unfinished>) -> Result<T, String> {
    result.map_err(|unfinished| match unfinished {
        Unfinished::Stuck => "the call waits for something that nobody will do".to_owned(),
        Unfinished::Dropped => "the call came to no end".to_owned(),
    })
}

/// Whether a struct would have come into being without its required fields.
pub(crate) fn is_missing_parent(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::MissingParent { .. })
}
