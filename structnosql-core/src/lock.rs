//! Optimistic locking: the version that a record was read at, what a write makes of it, and whose write it was that
//! a lost answer leaves open.

use crate::action::Action;
use crate::backend::{Capabilities, UpdateAction};
use crate::base::{Base, Lookup};
use crate::condition::{Comparison, Condition, Operand};
use crate::error::{Error, ErrorKind};
use crate::mismatch::Mismatch;
use crate::number::Number;
use crate::path::{DocumentPath, Segment};
use crate::schema::{IndexProjection, IndexSchema, TableSchema};
use crate::value::{Map, StoredType, Value};

/// The version that a record was first read at.
///
/// Later reads do not move it: whatever was decided on what the first one showed is decided on this version.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Lock {
    /// The stored version; nothing where the record, or its version, was not there.
    at: Option<Value>,
    /// Another read has shown another version: somebody else wrote in between.
    torn: bool,
}

impl Lock {
    pub(crate) fn is_torn(&self) -> bool {
        self.torn
    }

    /// Notes the version that an answer has shown.
    pub(crate) fn see(lock: &mut Option<Box<Lock>>, version: Option<&Value>) {
        match lock {
            None => *lock = Some(Box::new(Lock { at: version.cloned(), torn: false })),
            Some(lock) => lock.torn |= lock.at.as_ref() != version,
        }
    }

    /// Notes that a write of ours was applied.
    pub(crate) fn move_on(lock: &mut Option<Box<Lock>>, raise: &Raise) {
        match (raise, lock) {
            (Raise::From(read), Some(lock)) if lock.at == read.clone().map(Value::Number) => {
                lock.at = Some(Value::Number(raised(read.as_ref())));
            }
            (Raise::From(_), _) => {}
            // Whatever else was written before it went unnoticed: what was read counts for nothing now.
            (Raise::Unchecked, lock) => *lock = None,
        }
    }
}

/// What a write does with its record's version.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raise {
    /// It raises this one, and is refused where another is stored.
    From(Option<Number>),
    /// It raises whichever is stored.
    Unchecked,
}

impl Raise {
    /// What a write does to a record that was read at `lock`; one that was not is taken to have no version.
    pub(crate) fn of(schema: &TableSchema, lock: Option<&Lock>, unchecked: bool) -> Result<Option<Raise>, Error> {
        let Some(name) = &schema.version else {
            return Ok(None);
        };
        if unchecked {
            return Ok(Some(Raise::Unchecked));
        }
        match lock.and_then(|lock| lock.at.as_ref()) {
            None => Ok(Some(Raise::From(None))),
            Some(Value::Number(at)) => Ok(Some(Raise::From(Some(at.clone())))),
            Some(other) => {
                Err(ErrorKind::TypeConflict(Mismatch::type_of("a number", other).under(name.clone().into())).into())
            }
        }
    }

    /// What the stored record must meet.
    pub(crate) fn check(&self, version: &DocumentPath) -> Option<Condition> {
        let stored = |at: &Number| {
            Condition::Compare(Operand::Value(version.clone()), Comparison::Equal, Value::Number(at.clone()))
        };
        match self {
            Raise::Unchecked => None,
            Raise::From(None) => Some(Condition::NotExists(version.clone())),
            // A model reads 0 where there is none.
            Raise::From(Some(at)) if *at == Number::from(0) => {
                Some(Condition::NotExists(version.clone()).or(stored(at)))
            }
            Raise::From(Some(at)) => Some(stored(at)),
        }
    }

    pub(crate) fn action(&self) -> Action {
        match self {
            Raise::From(read) => Action::Set(Value::Number(raised(read.as_ref()))),
            Raise::Unchecked => Action::Increment { from: Number::from(0), by: Number::from(1) },
        }
    }
}

/// The version after this one. One that is too long to count on is beyond every integer type: it stays what it is, and
/// the database refuses nothing that it would not refuse anyway.
pub(crate) fn raised(at: Option<&Number>) -> Number {
    let one = Number::from(1);
    at.map_or_else(|| one.clone(), |at| at.checked_add(&one).unwrap_or_else(|_| at.clone()))
}

/// What a write is bound to beside its changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Terms {
    /// The caller's own conditions.
    pub(crate) conditions: Vec<Condition>,
    /// What becomes of the version; nothing where the model has none.
    pub(crate) raise: Option<Raise>,
    /// Whether what reads have shown of the written paths has to be stored still.
    pub(crate) unchanged: bool,
    /// What the database can do.
    pub(crate) can: Capabilities,
}

impl Terms {
    /// Whether raising the version would bring a record into being that was deleted after it was read.
    pub(crate) fn may_create(&self) -> bool {
        match &self.raise {
            None => false,
            Some(Raise::Unchecked | Raise::From(None)) => true,
            Some(Raise::From(Some(at))) => *at == Number::from(0),
        }
    }

    /// What raises the version.
    pub(crate) fn version_action(&self, schema: &TableSchema) -> Option<UpdateAction> {
        let (path, raise) = schema.version_path().zip(self.raise.as_ref())?;
        Some(UpdateAction { path, action: raise.action() })
    }

    /// What the version must be.
    pub(crate) fn version_check(&self, version: &DocumentPath) -> Option<Condition> {
        self.raise.as_ref().and_then(|raise| raise.check(version))
    }

    /// The terms of the next of several requests: the conditions are met when the first one is applied.
    pub(crate) fn of_the_next(&self) -> Terms {
        let raise = self.raise.as_ref().map(|raise| match raise {
            Raise::From(at) => Raise::From(Some(raised(at.as_ref()))),
            Raise::Unchecked => Raise::Unchecked,
        });
        Terms { conditions: Vec::new(), raise, ..self.clone() }
    }
}

impl TableSchema {
    /// Where the version of a record is.
    pub(crate) fn version_path(&self) -> Option<DocumentPath> {
        self.version.as_ref().map(|name| DocumentPath::from(name.as_str()))
    }

    /// Whether rows of the table, or of this index, have the version.
    pub(crate) fn has_version(&self, index: Option<&IndexSchema>) -> bool {
        self.version.as_ref().is_some_and(|version| match index.map(|index| index.projection) {
            None | Some(IndexProjection::All) => true,
            Some(IndexProjection::KeysOnly) => false,
            Some(IndexProjection::Include(names)) => names.contains(&version.as_str()),
        })
    }

    /// The version in an answer to a read of `projection`; nothing where it was not asked for.
    pub(crate) fn shown_version<'i>(
        &self,
        projection: &[DocumentPath],
        item: Option<&'i Map>,
    ) -> Option<Option<&'i Value>> {
        let name = self.version.as_ref()?;
        let path = self.version_path()?;
        let asked = projection.is_empty() || projection.contains(&path);
        asked.then(|| item.and_then(|item| item.get(name)))
    }
}

/// The conditions that what `base` shows of the written paths is stored still.
pub(crate) fn unchanged(schema: &TableSchema, base: &Base, actions: &[UpdateAction]) -> Vec<Condition> {
    let mut checks = Vec::new();
    // What moves from an earlier name is looked at under that, which is taken away with it.
    let moves = |action: &&UpdateAction| match action.path.segments() {
        [Segment::Name(name)] => schema.record.adopted(base, name).is_some(),
        _ => false,
    };
    for action in actions.iter().filter(|action| !moves(action)) {
        // Positions in a list mean something only in the list that was read.
        let path = action.path.outside_lists();
        base.visit_shown(&path, &mut |path, shown| {
            let check = match shown {
                None => Condition::NotExists(path),
                Some(Value::Null) => Condition::HasType(path, StoredType::Null),
                Some(value) => Condition::Compare(Operand::Value(path), Comparison::Equal, value.clone()),
            };
            if !checks.contains(&check) {
                checks.push(check);
            }
        });
    }
    checks
}

/// A write whose answer was lost, as far as the version can tell what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    at: Option<Number>,
    /// What it leaves at the paths that it writes.
    left: Vec<(DocumentPath, Option<Option<Value>>)>,
}

/// What became of a write whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Applied,
    /// Nobody has written since the record was read.
    NotApplied,
    /// Another write took its version.
    Overtaken,
    /// Others have written since, and nothing tells whether it came before them.
    Open,
}

impl Open {
    /// An update of a record that was read as `base`; nothing where the version does not bind it.
    pub(crate) fn update(raise: Option<&Raise>, base: &Base, actions: &[UpdateAction], key: &Map) -> Option<Open> {
        let Some(Raise::From(at)) = raise else {
            return None;
        };
        let paths: Vec<DocumentPath> = actions.iter().map(|action| action.path.outside_lists()).collect();
        let mut after = Base::Unknown;
        for path in &paths {
            match base.lookup(path.segments()) {
                Lookup::Known(value) => after.learn(path.segments(), Some(value.into_owned())),
                Lookup::Absent => after.learn(path.segments(), None),
                Lookup::Unknown | Lookup::Assumed(_) | Lookup::Conflict(_) => {}
            }
        }
        after.apply(actions, key);
        let left = |path: DocumentPath| {
            let left = match after.lookup(path.segments()) {
                Lookup::Known(value) => Some(Some(value.into_owned())),
                Lookup::Absent => Some(None),
                Lookup::Unknown | Lookup::Assumed(_) | Lookup::Conflict(_) => None,
            };
            (path, left)
        };
        Some(Open { at: at.clone(), left: paths.into_iter().map(left).collect() })
    }

    /// A whole record.
    pub(crate) fn put(at: Option<Number>, item: &Map) -> Open {
        Open { at, left: vec![(DocumentPath::root(), Some(Some(Value::Map(item.clone()))))] }
    }

    /// What became of it, by what is stored now.
    ///
    /// Two writers that make the very same change to the same version leave the same record: they cannot be told apart.
    pub(crate) fn judge(&self, version: &DocumentPath, item: Option<&Value>) -> Verdict {
        let zero = Number::from(0);
        let stored = match item.and_then(|item| item.descend(version.segments())) {
            None => &zero,
            Some(Value::Number(stored)) => stored,
            Some(_) => return Verdict::Open,
        };
        if stored == self.at.as_ref().unwrap_or(&zero) {
            return Verdict::NotApplied;
        }
        if *stored != raised(self.at.as_ref()) {
            return Verdict::Open;
        }
        let mut verdict = Verdict::Applied;
        for (path, left) in &self.left {
            match left {
                Some(left) if left.as_ref() != item.and_then(|item| item.descend(path.segments())) => {
                    return Verdict::Overtaken;
                }
                Some(_) => {}
                None => verdict = Verdict::Open,
            }
        }
        verdict
    }
}
