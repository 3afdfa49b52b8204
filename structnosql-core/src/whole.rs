//! Whole records, written and deleted at once, under the check of their version.

use crate::backend::{Backend, DeleteRequest, GetRequest, PutRequest};
use crate::base::Base;
use crate::condition::Condition;
use crate::conflict::Conflict;
use crate::deliver::{Shown, unread};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::RecordKey;
use crate::link::Link;
use crate::lock::{Lock, Open, Raise, Verdict, raised};
use crate::mode::{Delete, Put};
use crate::number::Number;
use crate::path::DocumentPath;
use crate::projection::with_version;
use crate::value::{Map, Value};

/// How often a record that is to be replaced whatever its version is met at another one than before.
const MAX_OVERTAKEN: u32 = 3;

/// What was read of a record before it is written.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) base: Base,
    pub(crate) lock: Option<Box<Lock>>,
}

/// A whole record on its way to the database.
///
/// The version that it is read at is its own: a record that was read, changed and put back replaces that one alone.
pub(crate) struct Replacement<'l, B> {
    link: &'l Link<B>,
    put: Put,
    /// The version that it replaces.
    at: Option<Number>,
    overtaken: u32,
}

/// What is to be done about a whole record that was refused.
pub(crate) enum Recourse {
    /// The same again, over the version that is stored.
    Again,
    /// Another writer was there.
    Conflict,
    /// It is refused for another reason.
    Failed,
}

impl<'l, B> Replacement<'l, B> {
    pub(crate) fn new(link: &'l Link<B>, put: Put) -> Self {
        let at = match link.schema.version.as_ref().and_then(|name| put.item.get(name)) {
            Some(Value::Number(at)) if !put.creates => Some(at.clone()),
            _ => None,
        };
        Replacement { link, put, at, overtaken: 0 }
    }

    /// The check of the version, where there is one.
    pub(crate) fn check(&self) -> Option<Condition> {
        let version = self.link.schema.version_path().filter(|_| !self.put.creates)?;
        Raise::From(self.at.clone()).check(&version)
    }

    /// The request as it stands, with the version raised.
    pub(crate) fn request(&mut self) -> PutRequest {
        if let Some(name) = &self.link.schema.version {
            self.put.item.insert(name.clone(), Value::Number(raised(self.at.as_ref())));
        }
        let condition = Condition::all(self.put.condition.iter().cloned().chain(self.check()));
        let Put { item, return_old, .. } = &self.put;
        PutRequest { table: self.link.table.clone(), item: item.clone(), condition, return_old: *return_old }
    }

    /// What became of a request whose answer was lost, by what is stored.
    fn judge(&self, version: &DocumentPath, shown: &Shown) -> Verdict {
        Open::put(self.at.clone(), &self.put.item).judge(version, shown.item.as_ref())
    }

    /// Whether the version is another than the one that it replaces.
    fn is_overtaken(&self, shown: &Shown) -> bool {
        self.check().is_some_and(|check| !check.holds(shown.item.as_ref()))
    }

    /// What is to be done about a request that was refused for its condition.
    pub(crate) fn refused(&mut self, shown: &Shown) -> Recourse {
        if self.is_overtaken(shown) { self.overtaken(shown) } else { Recourse::Failed }
    }

    fn overtaken(&mut self, shown: &Shown) -> Recourse {
        if self.put.creates {
            return Recourse::Failed;
        }
        if !self.put.unchecked || self.overtaken == MAX_OVERTAKEN {
            return Recourse::Conflict;
        }
        self.overtaken += 1;
        let name = self.link.schema.version.as_ref();
        self.at = match shown.item().zip(name).and_then(|(item, name)| item.get(name)) {
            Some(Value::Number(at)) => Some(at.clone()),
            _ => None,
        };
        Recourse::Again
    }

    /// The record as it is stored once it is written.
    pub(crate) fn into_item(self) -> Map {
        self.put.item
    }

    /// The conflict with the stored record.
    pub(crate) fn conflict(&self, key: RecordKey<'_>, base: Base, shown: &Shown) -> Error {
        conflict(key, base, Base::Known(Value::Map(self.put.item.clone())), shown)
    }
}

/// A whole record that was written.
pub(crate) struct Written {
    /// The record as it is stored now.
    pub(crate) item: Map,
    /// The one that it replaced, where that was asked for and there was one.
    pub(crate) old: Option<Map>,
}

/// Writes a whole record.
pub(crate) async fn put<B: Backend>(
    link: &Link<B>,
    key: RecordKey<'_>,
    put: Put,
    known: Known,
) -> Result<Written, Error> {
    let return_old = put.return_old;
    let mut replacement = Replacement::new(link, put);
    let Some(version) = link.schema.version_path() else {
        let old = link.taken_in(link.backend.put(replacement.request()).await?);
        return Ok(Written { item: replacement.into_item(), old });
    };
    loop {
        let request = replacement.request();
        let refused = match twice(|| link.backend.put(request.clone())).await? {
            // Had an earlier attempt been applied, its version would have refused this one.
            Sent::Done(old, _) => return Ok(Written { item: replacement.into_item(), old: link.taken_in(old) }),
            Sent::Refused(refused) => refused,
        };
        let shown = refused.read(link, key).await?;
        let recourse = match &refused.lost {
            None => replacement.refused(&shown),
            Some(_) => match replacement.judge(&version, &shown) {
                // What it replaced went with the answer that was lost.
                Verdict::Applied if return_old => return Err(refused.into_lost()),
                Verdict::Applied => return Ok(Written { item: replacement.into_item(), old: None }),
                Verdict::Open => return Err(refused.into_lost()),
                Verdict::NotApplied => Recourse::Failed,
                Verdict::Overtaken => replacement.overtaken(&shown),
            },
        };
        match recourse {
            Recourse::Again => {}
            Recourse::Failed => return Err(refused.failure.into()),
            Recourse::Conflict => return Err(replacement.conflict(key, known.base, &shown)),
        }
    }
}

/// Deletes a record, and gives it as it was where that is asked for.
///
/// The version that it is read at is that of `known`; it is read first where that is not known.
pub(crate) async fn delete<B: Backend>(
    link: &Link<B>,
    key: RecordKey<'_>,
    delete: Delete,
    known: Known,
) -> Result<Option<Map>, Error> {
    let return_old = delete.return_old;
    let mut deletion = Deletion::new(link, key, delete, known);
    // Without conditions no version is looked at: the backend refuses the deletion without a request.
    if let Some(projection) = deletion.unread().filter(|_| link.backend.capabilities().conditions) {
        deletion.learn(&read(link, key, projection).await?);
    }
    if !deletion.is_checked() {
        return Ok(link.taken_in(link.backend.delete(deletion.request()?).await?));
    }
    if deletion.is_torn() {
        let shown = read(link, key, Vec::new()).await?;
        return Err(deletion.conflict(&shown));
    }
    let request = deletion.request()?;
    let refused = match twice(|| link.backend.delete(request.clone())).await? {
        // What there was went with the answer that was lost.
        Sent::Done(None, Some(lost)) if return_old && deletion.known.base != Base::Absent => return Err(lost.into()),
        Sent::Done(old, _) => return Ok(link.taken_in(old)),
        Sent::Refused(refused) => refused,
    };
    let shown = refused.read(link, key).await?;
    let holds = !deletion.is_overtaken(&shown);
    match (&refused.lost, &shown.item) {
        (_, Some(_)) if holds => Err(refused.failure.into()),
        (None, None) if holds => Err(refused.failure.into()),
        (None, _) => Err(deletion.conflict(&shown)),
        (Some(_), None) if !return_old => Ok(None),
        (Some(_), _) => Err(refused.into_lost()),
    }
}

/// A record that is to be deleted.
pub(crate) struct Deletion<'l, B> {
    link: &'l Link<B>,
    key: RecordKey<'l>,
    delete: Delete,
    known: Known,
    /// The check of the version, of the last request.
    check: Option<Condition>,
}

impl<'l, B> Deletion<'l, B> {
    pub(crate) fn new(link: &'l Link<B>, key: RecordKey<'l>, delete: Delete, known: Known) -> Self {
        Deletion { link, key, delete, known, check: None }
    }

    /// Whether the version is looked at.
    pub(crate) fn is_checked(&self) -> bool {
        self.link.schema.version.is_some() && !self.delete.unchecked
    }

    /// What has to be read before it can be deleted.
    pub(crate) fn unread(&self) -> Option<Vec<DocumentPath>> {
        let is_unread = self.is_checked() && self.known.lock.is_none();
        is_unread.then(|| with_version(self.link.schema, Vec::new()))
    }

    /// Notes what was read.
    pub(crate) fn learn(&mut self, shown: &Shown) {
        if let Some(version) = self.link.schema.shown_version(&shown.projection, shown.item()) {
            Lock::see(&mut self.known.lock, version);
        }
        self.known.base.learn_shown(shown);
    }

    /// Whether reads have shown several versions.
    pub(crate) fn is_torn(&self) -> bool {
        self.is_checked() && self.known.lock.as_ref().is_some_and(|lock| lock.is_torn())
    }

    pub(crate) fn request(&mut self) -> Result<DeleteRequest, Error> {
        if let Some(version) = self.link.schema.version_path().filter(|_| self.is_checked()) {
            let raise = Raise::of(self.link.schema, self.known.lock.as_deref(), false)?;
            self.check = raise.and_then(|raise| raise.check(&version));
        }
        Ok(DeleteRequest {
            table: self.link.table.clone(),
            key: self.key.attributes(),
            condition: Condition::all(self.delete.condition.iter().chain(&self.check).cloned()),
            return_old: self.delete.return_old,
        })
    }

    /// Whether the stored version is another than the one that was read.
    pub(crate) fn is_overtaken(&self, shown: &Shown) -> bool {
        self.is_torn() || self.check.as_ref().is_some_and(|check| !check.holds(shown.item.as_ref()))
    }

    /// The conflict with the stored record.
    pub(crate) fn conflict(&self, shown: &Shown) -> Error {
        conflict(self.key, self.known.base.clone(), Base::Absent, shown)
    }
}

fn conflict(key: RecordKey<'_>, base: Base, mine: Base, shown: &Shown) -> Error {
    let changed = key.schema.version_path().into_iter().collect();
    ErrorKind::Conflict(Conflict::new(key, changed, base, mine, shown)).into()
}

async fn read<B: Backend>(link: &Link<B>, key: RecordKey<'_>, projection: Vec<DocumentPath>) -> Result<Shown, Error> {
    let (table, key) = (link.table.clone(), key.attributes());
    let request = GetRequest { table, key, projection: projection.clone(), consistent: true };
    let item = link.taken_in(link.backend.get(request).await.map_err(unread)?);
    Ok(Shown { projection, item: item.map(Value::Map), read_again: true })
}

/// The end of a request that a version guards.
enum Sent<T> {
    /// It was answered; an earlier answer may have been lost.
    Done(T, Option<Failure>),
    Refused(Refused),
}

/// A condition failed.
struct Refused {
    failure: Failure,
    /// How the same request had failed before, so that it may have been applied.
    lost: Option<Failure>,
}

impl Refused {
    fn into_lost(self) -> Error {
        self.lost.unwrap_or(self.failure).into()
    }

    /// The stored record: from the failure, or from a request for it.
    async fn read<B: Backend>(&self, link: &Link<B>, key: RecordKey<'_>) -> Result<Shown, Error> {
        if let Some(item) = link.taken_in(self.failure.item().cloned()) {
            let item = Some(Value::Map(item));
            return Ok(Shown { projection: Vec::new(), item, read_again: false });
        }
        read(link, key, Vec::new()).await.map_err(|unread| match &self.lost {
            Some(lost) => lost.clone().into(),
            None => unread,
        })
    }
}

/// Sends a request, and the same once more where its answer is lost: it is guarded by the version, so that it is
/// applied once at most.
async fn twice<T, F: Future<Output = Result<T, Failure>>>(send: impl Fn() -> F) -> Result<Sent<T>, Error> {
    let lost = match send().await {
        Ok(answer) => return Ok(Sent::Done(answer, None)),
        Err(failure) if failure.class().may_be_applied() => failure,
        Err(failure) if failure.class() == FailureClass::ConditionFailed => {
            return Ok(Sent::Refused(Refused { failure, lost: None }));
        }
        Err(failure) => return Err(failure.into()),
    };
    match send().await {
        Ok(answer) => Ok(Sent::Done(answer, Some(lost))),
        Err(failure) if failure.class() == FailureClass::ConditionFailed => {
            Ok(Sent::Refused(Refused { failure, lost: Some(lost) }))
        }
        Err(_) => Err(lost.into()),
    }
}
