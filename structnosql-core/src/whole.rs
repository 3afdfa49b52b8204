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

/// Writes a whole record, and gives it as it is stored then.
///
/// The version that it is read at is its own: a record that was read, changed and put back replaces that one alone.
pub(crate) async fn put<B: Backend>(link: &Link<B>, key: RecordKey<'_>, put: Put, known: Known) -> Result<Map, Error> {
    let Put { mut item, condition, creates, unchecked } = put;
    let request = |item: &Map, check: Option<Condition>| PutRequest {
        table: link.table.clone(),
        item: item.clone(),
        condition: Condition::all(condition.iter().cloned().chain(check)),
    };
    let (Some(name), Some(version)) = (&link.schema.version, link.schema.version_path()) else {
        link.backend.put(request(&item, None)).await?;
        return Ok(item);
    };
    let mut at = match item.get(name) {
        Some(Value::Number(at)) if !creates => Some(at.clone()),
        _ => None,
    };
    let mut overtaken = 0;
    loop {
        item.insert(name.clone(), Value::Number(raised(at.as_ref())));
        let check = Raise::From(at.clone()).check(&version).filter(|_| !creates);
        let refused = match twice(|| link.backend.put(request(&item, check.clone()))).await? {
            Sent::Done(..) => return Ok(item),
            Sent::Refused(refused) => refused,
        };
        let shown = refused.read(link, key).await?;
        let verdict = match &refused.lost {
            Some(_) => Open::put(at.clone(), &item).judge(&version, shown.item.as_ref()),
            None if check.is_some_and(|check| !check.holds(shown.item.as_ref())) => Verdict::Overtaken,
            None => Verdict::NotApplied,
        };
        match verdict {
            Verdict::Applied => return Ok(item),
            Verdict::Open => return Err(refused.into_lost()),
            Verdict::NotApplied => return Err(refused.failure.into()),
            Verdict::Overtaken if creates => return Err(refused.failure.into()),
            Verdict::Overtaken if unchecked && overtaken < MAX_OVERTAKEN => {
                overtaken += 1;
                at = match shown.item().and_then(|item| item.get(name)) {
                    Some(Value::Number(at)) => Some(at.clone()),
                    _ => None,
                };
            }
            Verdict::Overtaken => {
                let mine = Base::Known(Value::Map(item));
                return Err(conflict(key, version, known.base, mine, &shown));
            }
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
    mut known: Known,
) -> Result<Option<Map>, Error> {
    let Delete { condition, return_old, unchecked } = delete;
    let request = |check: Option<Condition>| DeleteRequest {
        table: link.table.clone(),
        key: key.attributes(),
        condition: Condition::all(condition.iter().cloned().chain(check)),
        return_old,
    };
    let Some(version) = link.schema.version_path().filter(|_| !unchecked) else {
        return Ok(link.backend.delete(request(None)).await?);
    };
    if known.lock.is_none() {
        let shown = read(link, key, with_version(link.schema, Vec::new())).await?;
        let stored = shown.item.as_ref().and_then(|item| item.descend(version.segments()));
        Lock::see(&mut known.lock, stored);
        known.base.learn_shown(&shown);
    }
    if known.lock.as_ref().is_some_and(|lock| lock.is_torn()) {
        let shown = read(link, key, Vec::new()).await?;
        return Err(conflict(key, version, known.base, Base::Absent, &shown));
    }
    let check = Raise::of(link.schema, known.lock.as_deref(), false)?.and_then(|raise| raise.check(&version));
    let refused = match twice(|| link.backend.delete(request(check.clone()))).await? {
        // What there was went with the answer that was lost.
        Sent::Done(None, Some(lost)) if return_old && known.base != Base::Absent => return Err(lost.into()),
        Sent::Done(old, _) => return Ok(old),
        Sent::Refused(refused) => refused,
    };
    let shown = refused.read(link, key).await?;
    let holds = check.is_none_or(|check| check.holds(shown.item.as_ref()));
    match (&refused.lost, &shown.item) {
        (_, Some(_)) if holds => Err(refused.failure.into()),
        (None, None) if holds => Err(refused.failure.into()),
        (None, _) => Err(conflict(key, version, known.base, Base::Absent, &shown)),
        (Some(_), None) if !return_old => Ok(None),
        (Some(_), _) => Err(refused.into_lost()),
    }
}

fn conflict(key: RecordKey<'_>, version: DocumentPath, base: Base, mine: Base, shown: &Shown) -> Error {
    ErrorKind::Conflict(Conflict::new(key, vec![version], base, mine, shown)).into()
}

async fn read<B: Backend>(link: &Link<B>, key: RecordKey<'_>, projection: Vec<DocumentPath>) -> Result<Shown, Error> {
    let (table, key) = (link.table.clone(), key.attributes());
    let request = GetRequest { table, key, projection: projection.clone(), consistent: true };
    let item = link.backend.get(request).await.map_err(unread)?;
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
        if let Some(item) = self.failure.item() {
            let item = Some(Value::Map(item.clone()));
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
