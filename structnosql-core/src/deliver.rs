//! Sending one record's update, and planning again where the stored record is not as it was known.

use crate::backend::{Backend, GetRequest, UpdateRequest};
use crate::base::Base;
use crate::condition::Condition;
use crate::error::Error;
use crate::failure::{Failure, FailureClass};
use crate::link::Link;
use crate::path::DocumentPath;
use crate::plan::attributes_to_read;
use crate::value::{Map, Value};

/// How often a plan is made again before the failure is reported: other writers may change the record each time.
const MAX_REPLANS: u32 = 3;

/// An update that is to be applied.
pub(crate) trait Attempt: Send {
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
}

/// A request, and whether it takes more for granted than the caller's own conditions.
pub(crate) struct Draft {
    pub(crate) request: UpdateRequest,
    pub(crate) guarded: bool,
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
    loop {
        let Some(Draft { request, guarded }) = attempt.plan()? else {
            match attempt.applied(None) {
                true => continue,
                false => return Ok(first_old.flatten()),
            }
        };
        tally.requests += 1;
        let read_back = Readback::of(link, &request);
        let failure = match link.backend.update(request).await {
            Ok(old) => {
                let goes_on = attempt.applied(old.as_ref());
                let old = first_old.get_or_insert(old);
                match goes_on {
                    true => continue,
                    false => return Ok(old.take()),
                }
            }
            Err(failure) => failure,
        };
        let stale = match failure.class() {
            FailureClass::InvalidPath => true,
            FailureClass::ConditionFailed => guarded,
            _ => false,
        };
        if !stale || tally.replans == MAX_REPLANS {
            return Err(failure.into());
        }
        attempt.refused();
        let shown = read_back.read(link, &failure, tally).await?;
        let broken = |condition: &Condition| !condition.holds(shown.item.as_ref());
        if failure.class() == FailureClass::ConditionFailed && attempt.conditions().iter().any(broken) {
            return Err(failure.into());
        }
        tally.replans += 1;
        attempt.learn(shown);
    }
}

/// The read that tells why an update was refused.
pub(crate) struct Readback(GetRequest);

impl Readback {
    pub(crate) fn of<B>(link: &Link<B>, request: &UpdateRequest) -> Readback {
        Readback(GetRequest {
            table: request.table.clone(),
            key: request.key.clone(),
            projection: attributes_to_read(link.schema, request),
            consistent: true,
        })
    }

    /// The stored item: from the failure, or from a request for what the update touches.
    pub(crate) async fn read<B: Backend>(
        self,
        link: &Link<B>,
        failure: &Failure,
        tally: &mut Tally,
    ) -> Result<Shown, Error> {
        if let Some(item) = failure.item() {
            return Ok(Shown { projection: Vec::new(), item: Some(Value::Map(item.clone())) });
        }
        tally.requests += 1;
        let projection = self.0.projection.clone();
        let item = link.backend.get(self.0).await.map_err(unread)?;
        Ok(Shown { projection, item: item.map(Value::Map) })
    }
}

/// A read that failed after an update was refused: whatever became of the read, nothing was applied.
fn unread(failure: Failure) -> Failure {
    match failure.class().may_be_applied() {
        true => {
            let message = format!("the update does not fit the stored record, and reading that failed: {failure}");
            Failure::new(FailureClass::Conflict, message)
        }
        false => failure,
    }
}

/// What a stored record was found to be.
pub(crate) struct Shown {
    /// What was asked for; everything where it is empty.
    projection: Vec<DocumentPath>,
    pub(crate) item: Option<Value>,
}

impl Base {
    /// Notes what a stored record was found to be.
    pub(crate) fn learn_shown(&mut self, shown: &Shown) {
        self.learn_item(&shown.projection, shown.item.as_ref().and_then(Value::as_map));
    }
}
