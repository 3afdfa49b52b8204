//! Several records of any tables in one request: all of it, or none.
//!
//! What the verbs do one by one goes together here: each part is planned as its own request would be, and where the
//! database refuses the whole for what a plan took for granted, those parts are planned again.

mod action;
mod read;
mod report;

use std::sync::Arc;

pub(crate) use action::Left;
pub(crate) use read::{Asked, Reply, read};
pub use report::{ActionReport, TransactionReport, TransactionVerb};

use self::action::{Action, Meaning, action_of};
use crate::backend::{Backend, GetRequest, IdempotencyToken, TransactAction, TransactWriteRequest};
use crate::condition::Condition;
use crate::deliver::{MAX_REPLANS, Shown, unread};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::mode::{Delete, Put, Write};
use crate::path::DocumentPath;
use crate::unit::{Held, UnitOfWork};
use crate::value::Value;

/// One action of a transaction, as it was given.
pub(crate) struct Part<'a, B> {
    pub(crate) link: &'a Link<B>,
    /// The unit of work that the record is one of, where it is one of any.
    pub(crate) unit: Option<&'a UnitOfWork>,
    pub(crate) key: Key,
    pub(crate) does: Does,
}

/// What is done to a record.
pub(crate) enum Does {
    Put(Put),
    Update(Write),
    Delete(Delete),
    Check(Condition),
}

impl Does {
    pub(crate) fn verb(&self) -> TransactionVerb {
        match self {
            Does::Put(_) => TransactionVerb::Put,
            Does::Update(_) => TransactionVerb::Update,
            Does::Delete(_) => TransactionVerb::Delete,
            Does::Check(_) => TransactionVerb::ConditionCheck,
        }
    }
}

/// One action under way.
struct Member<'m, B> {
    part: &'m Part<'m, B>,
    held: Option<Held<'m>>,
    action: Box<dyn Action + 'm>,
    /// What goes with the request; nothing where nothing has to be done.
    sent: Option<TransactAction>,
}

/// A transaction that DynamoDB would refuse.
pub(crate) fn wrong(problem: impl Into<String>) -> Error {
    ErrorKind::WrongTransaction(problem.into()).into()
}

/// Refuses what is not one transaction: too few records, too many, or one that is given twice.
fn check<'k>(most: usize, records: impl ExactSizeIterator<Item = (&'k str, &'k Key)>) -> Result<(), Error> {
    let count = records.len();
    if count == 0 || count > most {
        return Err(wrong(format!("it has {count} actions, and takes 1 to {most}")));
    }
    let mut records: Vec<(&str, &Key)> = records.collect();
    records.sort_unstable();
    match records.windows(2).find(|pair| pair[0] == pair[1]) {
        Some([(table, key), _]) => Err(wrong(format!(
            "two actions are on record `{key}` of table `{table}`, and it takes one for each record"
        ))),
        _ => Ok(()),
    }
}

/// The order in which gates are taken: that of the keys in each unit of work.
fn in_order<'k>(of: impl ExactSizeIterator<Item = (Option<&'k UnitOfWork>, &'k Key)>) -> Vec<usize> {
    let places: Vec<(usize, &Key)> =
        of.map(|(unit, key)| (unit.map_or(0, |unit| std::ptr::from_ref(unit).addr()), key)).collect();
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_unstable_by_key(|at| places[*at]);
    order
}

/// Writes all of the parts, or none.
pub(crate) async fn write<B: Backend>(
    backend: &B,
    parts: &[Part<'_, B>],
    token: Option<IdempotencyToken>,
) -> Result<(), Error> {
    check(TransactWriteRequest::MAX_ACTIONS, parts.iter().map(|part| (&*part.link.table, &part.key)))?;
    if !backend.capabilities().transactions {
        return Err(Failure::unsupported("transaction").into());
    }
    let mut members = begin(parts).await?;
    read_first(&mut members).await?;
    let mut replans = 0;
    loop {
        plan(&mut members).await?;
        let actions: Vec<TransactAction> = members.iter().filter_map(|member| member.sent.clone()).collect();
        if actions.is_empty() {
            return Ok(());
        }
        check_bytes(&actions)?;
        let token = token.clone().map_or_else(IdempotencyToken::random, Ok)?;
        members.iter_mut().filter_map(|member| member.held.as_mut()).for_each(Held::sending);
        let failure = match send(backend, TransactWriteRequest { actions, token: Some(token) }).await {
            Ok(()) => return settle(members),
            // What was known of the records is forgotten with their gates.
            Err(failure) if failure.class().may_be_applied() => return Err(failure.into()),
            Err(failure) => failure,
        };
        members.iter_mut().filter_map(|member| member.held.as_mut()).for_each(Held::refused);
        learn(&mut members, failure, replans == MAX_REPLANS).await?;
        replans += 1;
    }
}

/// Waits for the turn of each record.
async fn begin<'m, B: Backend>(parts: &'m [Part<'m, B>]) -> Result<Vec<Member<'m, B>>, Error> {
    // What is pended from here on comes after the transaction.
    let apart = parts.iter().map(|part| part.unit.and_then(|unit| unit.apart(&part.key, &part.does)));
    let mut apart: Vec<_> = apart.collect();
    let mut held: Vec<Option<Held<'m>>> = parts.iter().map(|_| None).collect();
    for at in in_order(parts.iter().map(|part| (part.unit, &part.key))) {
        let part = &parts[at];
        if let Some(unit) = part.unit {
            held[at] = Some(unit.hold(&part.key, &part.does, apart[at].take()).await?);
        }
    }
    let member = |(part, held): (&'m Part<'m, B>, Option<Held<'m>>)| {
        let known = held.as_ref().map(Held::known).unwrap_or_default();
        Ok(Member { part, action: action_of(part, known)?, held, sent: None })
    };
    parts.iter().zip(held).map(member).collect()
}

/// Reads the versions that are to be checked and are not known.
async fn read_first<B: Backend>(members: &mut [Member<'_, B>]) -> Result<(), Error> {
    for member in members {
        if let Some(projection) = member.action.unread() {
            let shown = ask(member.part, projection).await?;
            member.action.learn(shown);
        }
    }
    Ok(())
}

async fn ask<B: Backend>(part: &Part<'_, B>, projection: Vec<DocumentPath>) -> Result<Shown, Error> {
    let key = RecordKey { schema: part.link.schema, key: &part.key }.attributes();
    let request = GetRequest { table: part.link.table.clone(), key, projection: projection.clone(), consistent: true };
    let item = part.link.taken_in(part.link.backend.get(request).await.map_err(unread)?);
    Ok(Shown { projection, item: item.map(Value::Map), read_again: true })
}

/// Plans every action over what is known of its record.
async fn plan<B: Backend>(members: &mut [Member<'_, B>]) -> Result<(), Error> {
    for member in members {
        member.sent = member.action.plan()?;
        if member.action.is_torn() {
            let shown = ask(member.part, Vec::new()).await?;
            return Err(match member.action.refused(FailureClass::ConditionFailed, Some(shown)) {
                Meaning::Conflict(error) => error,
                Meaning::Stale | Meaning::Refused => {
                    Failure::new(FailureClass::ConditionFailed, "what was read is of several versions").into()
                }
            });
        }
    }
    Ok(())
}

/// Refuses what is too large for one transaction whatever is stored.
fn check_bytes(actions: &[TransactAction]) -> Result<(), Error> {
    let size = |action: &TransactAction| match action {
        TransactAction::Put(put) => put.item.item_size(),
        TransactAction::Update(update) => {
            update.key.item_size() + update.actions.iter().map(|one| one.action.size()).sum::<usize>()
        }
        TransactAction::Delete(delete) => delete.key.item_size(),
        TransactAction::Check(check) => check.key.item_size(),
    };
    let (bytes, most) = (actions.iter().map(size).sum::<usize>(), TransactWriteRequest::MAX_BYTES);
    match bytes > most {
        true => Err(wrong(format!("its records have {bytes} bytes, and it takes {most}"))),
        false => Ok(()),
    }
}

/// Sends the transaction, and once more where its answer is lost: the token makes that harmless.
async fn send<B: Backend>(backend: &B, request: TransactWriteRequest) -> Result<(), Failure> {
    match backend.transact_write(request.clone()).await {
        Err(lost) if lost.class().may_be_applied() => match backend.transact_write(request).await {
            Err(failure) if !is_refusal(&failure) => Err(lost),
            again => again,
        },
        sent => sent,
    }
}

/// Whether the database looked at the stored items: a transaction that had been applied before it takes for done.
fn is_refusal(failure: &Failure) -> bool {
    !failure.reasons().is_empty() && !failure.class().is_transient()
}

/// The transaction was applied.
fn settle<B>(members: Vec<Member<'_, B>>) -> Result<(), Error> {
    for member in members {
        if let Some(held) = member.held {
            held.finish(member.part.link.schema, member.action.left());
        }
    }
    Ok(())
}

/// Looks at what was in the way, so that the actions can be planned again; an error with the reasons where that does not
/// mend it.
async fn learn<B: Backend>(members: &mut [Member<'_, B>], failure: Failure, exhausted: bool) -> Result<(), Error> {
    if failure.reasons().is_empty() {
        return Err(failure.into());
    }
    let mut errors: Vec<Option<Arc<Error>>> = vec![None; members.len()];
    let mut mended = false;
    let sent = members.iter_mut().enumerate().filter(|(_, member)| member.sent.is_some());
    for ((at, member), reason) in sent.zip(failure.reasons()) {
        let Some(reason) = reason else { continue };
        let item = member.part.link.taken_in(reason.item().cloned());
        let shown = match (item, member.action.unclear(reason.class())) {
            (Some(item), _) => Some(Shown { projection: Vec::new(), item: Some(Value::Map(item)), read_again: false }),
            (None, Some(projection)) => ask(member.part, projection).await.ok(),
            (None, None) => None,
        };
        let error = match member.action.refused(reason.class(), shown) {
            // What the table had taken for granted is in nobody's way: the next request goes without it.
            Meaning::Stale if !exhausted => {
                mended = true;
                continue;
            }
            Meaning::Stale | Meaning::Refused => reason.clone().into(),
            Meaning::Conflict(error) => error,
        };
        errors[at] = Some(Arc::new(error));
    }
    if mended && errors.iter().all(Option::is_none) {
        return Ok(());
    }
    let actions = members.iter().zip(errors).map(|(member, error)| {
        let Part { link, key, does, .. } = member.part;
        ActionReport::new(&link.table, key, does.verb(), member.sent.as_ref(), error)
    });
    Err(ErrorKind::Transaction(TransactionReport { actions: actions.collect() }).into())
}
