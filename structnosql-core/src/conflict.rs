//! A conflict with another writer: what was read, what was to be written, what is stored.

use std::fmt;

use crate::backend::{Capabilities, UpdateAction};
use crate::base::{Base, Lookup};
use crate::deliver::Shown;
use crate::error::{Error, ErrorKind};
use crate::fold::Fold;
use crate::handle::Field;
use crate::key::{Key, RecordKey};
use crate::path::DocumentPath;
use crate::plan::plan;
use crate::schema::TableSchema;
use crate::selection::{Found, Get, RecordView, Selection, Source, Unread};
use crate::value::{Map, Value};

/// A write that was refused because another writer has changed the record since it was read. Nothing was written.
///
/// It has the record in three states, to compare field by field: [`base`](Self::base) as it was read,
/// [`mine`](Self::mine) as the write would have left that, and [`theirs`](Self::theirs) as it is stored.
///
/// On a caching table the changes stay pending. There are two ways out: `refresh_record` forgets what was read, so that
/// the next reads and the next commit are of what is stored now, with the changes over it; `rollback_record` drops the
/// changes.
///
/// It prints the key and the paths that differ, never a value.
#[derive(Clone)]
pub struct Conflict(Box<Detail>);

#[derive(Clone)]
struct Detail {
    key: Key,
    changed: Vec<DocumentPath>,
    base: Snapshot,
    mine: Snapshot,
    theirs: Snapshot,
    read_again: bool,
}

/// What one side of a [`Conflict`] knows of the record: all of it, or some of its fields.
#[derive(Clone)]
pub struct Snapshot {
    base: Base,
    schema: &'static TableSchema,
}

impl Conflict {
    pub(crate) fn new(key: RecordKey<'_>, changed: Vec<DocumentPath>, base: Base, mine: Base, shown: &Shown) -> Self {
        let mut theirs = Base::Unknown;
        theirs.learn_shown(shown);
        let [base, mine, theirs] = [base, mine, theirs].map(|base| Snapshot { base, schema: key.schema });
        Conflict(Box::new(Detail {
            key: Key::from(key.key),
            changed,
            base,
            mine,
            theirs,
            read_again: shown.read_again,
        }))
    }

    /// The conflict of an update of what was read. Where it takes several requests, `later` is what those after the
    /// refused one would have done.
    pub(crate) fn of_update<'f>(
        key: RecordKey<'_>,
        changed: Vec<DocumentPath>,
        base: Base,
        actions: &[UpdateAction],
        later: impl IntoIterator<Item = &'f Fold>,
        shown: &Shown,
    ) -> Self {
        let mut mine = base.clone();
        mine.apply(actions, &key.attributes());
        for fold in later {
            match plan(key.schema, &mine, fold, Capabilities::ALL) {
                Ok(planned) => mine.apply(&planned.actions, &key.attributes()),
                // What it would have come to cannot be told.
                Err(_) => fold.visit_values(&mut |path| mine.forget(path.segments())),
            }
        }
        Conflict::new(key, changed, base, mine, shown)
    }

    /// The record.
    pub fn key(&self) -> &Key {
        &self.0.key
    }

    /// The paths of which the write took for granted that they are as they were read, and that are not: the version, or
    /// what `.check_unchanged()` compared.
    pub fn changed(&self) -> &[DocumentPath] {
        &self.0.changed
    }

    /// What was read before the write.
    pub fn base(&self) -> &Snapshot {
        &self.0.base
    }

    /// What was read, with the write applied.
    pub fn mine(&self) -> &Snapshot {
        &self.0.mine
    }

    /// What is stored.
    pub fn theirs(&self) -> &Snapshot {
        &self.0.theirs
    }

    /// Whether [`theirs`](Self::theirs) was read after the write was refused, since the backend did not return the item
    /// with the refusal: it may then be newer than what the write met.
    pub fn is_read_again(&self) -> bool {
        self.0.read_again
    }
}

impl Snapshot {
    /// The value of a field; `None` where it is absent.
    ///
    /// # Errors
    ///
    /// A value that does not fit the model, or a field that this side does not know.
    pub fn get<F: Field>(&self, field: &F) -> Result<Option<F::Value>, Error> {
        match field.read::<Get>(self) {
            Ok(value) => Ok(value),
            Err(Unread::Failed(error)) => Err(error),
            Err(Unread::Unknown) => {
                let problem = "this side of the conflict does not know it: it was not read before the write".to_owned();
                Err(ErrorKind::Path { text: field.path().to_string(), problem }.into())
            }
        }
    }

    /// Whether it is known what is at a path, be it nothing.
    pub fn knows(&self, path: &DocumentPath) -> bool {
        !matches!(self.base.lookup(path.segments()), Lookup::Unknown)
    }

    /// What is stored at a path, as far as it is known.
    pub fn value(&self, path: &DocumentPath) -> Option<Value> {
        match self.base.lookup(path.segments()) {
            Lookup::Known(value) => Some(value.into_owned()),
            _ => None,
        }
    }

    /// The whole record, where it is there and all of it is known.
    pub fn item(&self) -> Option<Map> {
        match self.value(&DocumentPath::root()) {
            Some(Value::Map(item)) => Some(item),
            _ => None,
        }
    }
}

impl RecordView for Snapshot {
    fn read_at<T>(&self, path: &DocumentPath, read: impl FnOnce(Found<'_>) -> Result<T, Unread>) -> Result<T, Unread> {
        let (schema, source) = (self.schema, Source::Cache);
        match self.base.lookup(path.segments()) {
            Lookup::Unknown | Lookup::Assumed(_) => Err(Unread::Unknown),
            Lookup::Absent => read(Found { value: None, source, schema }),
            Lookup::Known(value) => read(Found { value: Some(&*value), source, schema }),
            Lookup::Conflict(mismatch) => Err(Unread::Failed(ErrorKind::StoredValue(mismatch).into())),
        }
    }

    fn exists(&self) -> Result<bool, Unread> {
        self.base.exists().ok_or(Unread::Unknown)
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record `{}` was changed by another writer since it was read: ", self.key())?;
        for (at, path) in self.changed().iter().enumerate() {
            write!(f, "{}`{path}`", if at > 0 { ", " } else { "" })?;
        }
        f.write_str(" is not as it was; nothing was written. Read it again (`refresh_record`) and repeat the write, or drop it (`rollback_record`)")
    }
}

/// Prints no values: errors end up in logs.
impl fmt::Debug for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Prints no values: errors end up in logs.
impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").finish_non_exhaustive()
    }
}
