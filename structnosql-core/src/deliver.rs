//! Sending one record's update, and planning again where the stored record is not as it was known.

use std::future::ready;
use std::sync::Arc;

use futures_util::future::Either;

use crate::backend::{Backend, GetRequest, UpdateAction, UpdateRequest};
use crate::base::Base;
use crate::condition::Condition;
use crate::conflict::Conflict;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::link::Link;
use crate::path::DocumentPath;
use crate::told::Told;
use crate::value::{Map, Value};

/// How often a plan is made again before the failure is reported: other writers may change the record each time.
pub(crate) const MAX_REPLANS: u32 = 3;

/// An update that is to be applied.
pub(crate) trait Attempt: Send {
    /// What has to be read before the first plan.
    fn unread(&self) -> Option<Vec<DocumentPath>>;

    /// What tells why the request of the last plan does not fit what is stored.
    fn touched(&self) -> Vec<DocumentPath>;

    /// The record's key attributes.
    fn key(&self) -> Map;

    /// The request as it stands now; nothing where there is nothing to send.
    ///
    /// It is called right before each request is sent, and may note it as sent.
    fn plan(&mut self) -> Result<Option<Draft>, Error>;

    /// The request of the last plan was applied. Gives whether there is more to send.
    fn applied(&mut self, old: Option<&Map>) -> bool;

    /// The request of the last plan was refused, and certainly not applied.
    fn refused(&mut self);

    /// What the stored record was found to be.
    fn learn(&mut self, shown: Shown);

    /// The caller's own conditions.
    fn conditions(&self) -> &[Condition];

    /// The conflict of what was read, and of what `actions` make of it, with what is stored.
    fn conflict(&self, changed: Vec<DocumentPath>, actions: &[UpdateAction], shown: &Shown) -> Conflict;
}

/// A request, and what it takes for granted beside the caller's own conditions.
pub(crate) struct Draft {
    pub(crate) request: UpdateRequest,
    /// Whether it leans on what the plan is made over; where that is not so, it is made again.
    pub(crate) guarded: bool,
    /// What was read and has to be stored still; where it is not, another writer was there.
    pub(crate) checks: Vec<Condition>,
    /// What was read is of several versions, so that no check can hold: nothing has to be sent to know it.
    pub(crate) torn: bool,
    /// The transaction of it alone that goes in its place, where it must not be applied twice.
    pub(crate) told: Option<Arc<Told>>,
}

impl Draft {
    /// The refusal that is certain before it is sent.
    pub(crate) fn hopeless(&self) -> Option<Failure> {
        self.torn.then(|| Failure::new(FailureClass::ConditionFailed, "what was read is of several versions"))
    }

    /// Not an `async fn`, which would hold the request twice while it is under way.
    fn send<'s, B: Backend>(
        self,
        link: &'s Link<B>,
        tally: &mut Tally,
    ) -> impl Future<Output = Result<Option<Map>, Failure>> + Send + use<'s, B> {
        let sending = match (self.hopeless(), self.told) {
            (Some(refusal), _) => return Either::Left(ready(Err(refusal))),
            (None, None) => Either::Left(link.backend.update(self.request)),
            (None, Some(told)) => {
                Either::Right(async move { told.send(link).await.map(|()| None).map_err(Failure::of_only_action) })
            }
        };
        tally.requests += 1;
        Either::Right(sending)
    }
}

/// What a request takes for granted: where it is refused, what is stored is compared with that.
pub(crate) struct Premise {
    guarded: bool,
    bound: Option<Bound>,
}

impl Premise {
    pub(crate) fn of(mut draft: Draft) -> (Draft, Premise) {
        let premise = Premise { guarded: draft.guarded, bound: Bound::of(&mut draft) };
        (draft, premise)
    }

    /// Shows the attempt what is stored, so that it can be planned again; an error where that does not mend what it was
    /// refused for.
    pub(crate) async fn mend<B: Backend>(
        self,
        link: &Link<B>,
        attempt: &mut impl Attempt,
        failure: Failure,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let Premise { guarded, bound } = self;
        let stale = may_be_stale(failure.class(), guarded || bound.is_some());
        let exhausted = tally.replans == MAX_REPLANS;
        if !stale || exhausted && bound.is_none() {
            return Err(failure.into());
        }
        attempt.refused();
        let shown = Readback::over(link, attempt.key(), attempt.touched()).read(link, &failure, tally).await?;
        match explain(attempt, bound.as_ref(), failure.class(), &shown) {
            Explained::Conflict(error) => return Err(error),
            Explained::Refused => return Err(failure.into()),
            Explained::Stale if exhausted => return Err(failure.into()),
            Explained::Stale => {}
        }
        tally.replans += 1;
        attempt.learn(shown);
        Ok(())
    }
}

/// What a request is compared with where its checks fail.
pub(crate) struct Bound {
    checks: Vec<Condition>,
    actions: Vec<UpdateAction>,
    torn: bool,
}

impl Bound {
    pub(crate) fn of(draft: &mut Draft) -> Option<Bound> {
        let checks = std::mem::take(&mut draft.checks);
        (!checks.is_empty()).then(|| Bound { checks, actions: draft.request.actions.clone(), torn: draft.torn })
    }

    /// What is not stored as it was read.
    fn changed(&self, item: Option<&Value>) -> Vec<DocumentPath> {
        let broken = self.checks.iter().filter(|check| !check.holds(item));
        let mut changed: Vec<DocumentPath> = broken.flat_map(|check| check.paths()).cloned().collect();
        if changed.is_empty() && self.torn {
            changed.extend(self.checks.first().into_iter().flat_map(Condition::paths).cloned());
        }
        changed.dedup();
        changed
    }
}

/// What a delivery took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) requests: u32,
    pub(crate) replans: u32,
}

/// Applies an update; gives the old item where the first request asks for it and there was one.
pub(crate) async fn deliver<B: Backend>(
    link: &Link<B>,
    attempt: &mut impl Attempt,
    tally: &mut Tally,
) -> Result<Option<Map>, Error> {
    let mut first_old = None;
    if let Some(projection) = attempt.unread() {
        attempt.learn(Box::pin(Readback::over(link, attempt.key(), projection).ask(link, tally)).await?);
    }
    loop {
        let Some(draft) = attempt.plan()? else {
            match attempt.applied(None) {
                true => continue,
                false => return Ok(first_old.flatten()),
            }
        };
        let (draft, premise) = Premise::of(draft);
        match draft.send(link, tally).await {
            Ok(old) => {
                let old = link.taken_in(old);
                let goes_on = attempt.applied(old.as_ref());
                let old = first_old.get_or_insert(old);
                if !goes_on {
                    return Ok(old.take());
                }
            }
            Err(failure) => Box::pin(premise.mend(link, attempt, failure, tally)).await?,
        }
    }
}

/// Whether an update that was refused so may fit once it is planned again, over what is stored.
pub(crate) fn may_be_stale(class: FailureClass, guarded: bool) -> bool {
    match class {
        FailureClass::InvalidPath => true,
        FailureClass::ConditionFailed => guarded,
        _ => false,
    }
}

/// Why an update was refused.
pub(crate) enum Explained {
    /// Another writer was there.
    Conflict(Error),
    /// What it asks for is not so.
    Refused,
    /// It was planned over what is out of date.
    Stale,
}

/// Why an update was refused, by what is stored.
pub(crate) fn explain(attempt: &impl Attempt, bound: Option<&Bound>, class: FailureClass, shown: &Shown) -> Explained {
    if let Some(bound) = bound {
        let changed = bound.changed(shown.item.as_ref());
        if !changed.is_empty() {
            return Explained::Conflict(ErrorKind::Conflict(attempt.conflict(changed, &bound.actions, shown)).into());
        }
    }
    let broken = |condition: &Condition| !condition.holds(shown.item.as_ref());
    match class == FailureClass::ConditionFailed && attempt.conditions().iter().any(broken) {
        true => Explained::Refused,
        false => Explained::Stale,
    }
}

/// The read that tells why an update was refused.
pub(crate) struct Readback(GetRequest);

impl Readback {
    /// A read of these paths, or of the whole item where there are none.
    pub(crate) fn over<B>(link: &Link<B>, key: Map, projection: Vec<DocumentPath>) -> Readback {
        Readback(GetRequest { table: link.table.clone(), key, projection, consistent: true })
    }

    /// The stored item: from the failure, or from a request for what the update touches.
    pub(crate) async fn read<B: Backend>(
        self,
        link: &Link<B>,
        failure: &Failure,
        tally: &mut Tally,
    ) -> Result<Shown, Error> {
        if let Some(item) = link.taken_in(failure.item().cloned()) {
            return Ok(Shown { projection: Vec::new(), item: Some(Value::Map(item)), read_again: false });
        }
        self.ask(link, tally).await
    }

    pub(crate) async fn ask<B: Backend>(self, link: &Link<B>, tally: &mut Tally) -> Result<Shown, Error> {
        tally.requests += 1;
        let projection = self.0.projection.clone();
        let item = link.taken_in(link.backend.get(self.0).await.map_err(unread)?);
        Ok(Shown { projection, item: item.map(Value::Map), read_again: true })
    }
}

/// A read that failed before an update, or after one was refused: whatever became of the read, nothing was applied.
pub(crate) fn unread(failure: Failure) -> Failure {
    match failure.class().may_be_applied() {
        true => {
            let message = format!("the stored record has to be read for the write, and reading it failed: {failure}");
            Failure::new(FailureClass::Conflict, message)
        }
        false => failure,
    }
}

/// What a stored record was found to be.
pub(crate) struct Shown {
    /// What was asked for; everything where it is empty.
    pub(crate) projection: Vec<DocumentPath>,
    pub(crate) item: Option<Value>,
    /// It did not come with the refusal.
    pub(crate) read_again: bool,
}

impl Shown {
    /// A record that was read as a whole.
    pub(crate) fn whole(item: Option<Map>) -> Self {
        Shown { projection: Vec::new(), item: item.map(Value::Map), read_again: true }
    }

    pub(crate) fn item(&self) -> Option<&Map> {
        self.item.as_ref().and_then(Value::as_map)
    }
}

impl Base {
    /// Notes what a stored record was found to be.
    pub(crate) fn learn_shown(&mut self, shown: &Shown) {
        self.learn_item(&shown.projection, shown.item());
    }
}
