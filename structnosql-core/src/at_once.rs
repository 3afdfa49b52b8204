//! Updates that are sent at once.

use crate::backend::{Backend, UpdateAction, UpdateRequest};
use crate::base::{Base, Lookup};
use crate::change::check_size;
use crate::condition::Condition;
use crate::conflict::Conflict;
use crate::deliver::{Attempt, Draft, Readback, Shown, Tally, deliver};
use crate::direct::refused;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::fold::Fold;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::lock::{Lock, Open, Raise, Terms, Verdict};
use crate::mode::Write;
use crate::path::DocumentPath;
use crate::plan::{Part, Parts, attributes_to_read, leans_on_parents, plan_part};
use crate::record::AsGiven;
use crate::report::OperationId;
use crate::schema::TableSchema;
use crate::selection::{Found, Reading, RecordView, Selection, Source, Unread};
use crate::value::{Map, Value};
use crate::whole::Known;

/// An update that is sent at once, over a record of which nothing is known until it is refused.
pub(crate) struct AtOnce<'l, B> {
    link: &'l Link<B>,
    key: Key,
    fold: Fold,
    known: Known,
    terms: Terms,
    unchecked: bool,
    return_old: bool,
    /// What is known of the record afterwards is wanted.
    learns: bool,
    /// The item as it was before the first request, where that is asked for.
    old: Option<Map>,
    /// What later requests carry, in their order.
    later: Vec<Fold>,
    /// Whether the last plan was a request.
    is_sent: bool,
    /// What the request under way does.
    sent: Vec<UpdateAction>,
    /// The request under way, where the version tells whether it was applied.
    guarded: Option<Box<UpdateRequest>>,
}

impl<'l, B: Backend> AtOnce<'l, B> {
    pub(crate) fn new(link: &'l Link<B>, key: Key, write: Write, return_old: bool) -> Result<Self, Error> {
        // Where nothing changes, no value is asked for.
        let return_old = return_old && !write.changes.is_empty();
        let mut fold = Fold::default();
        for (path, mut action) in write.changes {
            check_size(&path, &action)?;
            fold.add(&path, &mut action, OperationId(0), &AsGiven).map_err(refused)?;
        }
        Ok(AtOnce {
            link,
            key,
            fold,
            known: Known::default(),
            terms: Terms {
                conditions: write.condition.into_iter().map(|condition| *condition).collect(),
                can: link.backend.capabilities(),
                ..Terms::default()
            },
            unchecked: write.unchecked,
            return_old,
            learns: return_old,
            old: None,
            later: Vec::new(),
            is_sent: false,
            sent: Vec::new(),
            guarded: None,
        })
    }

    /// The same update over a record of which something is known.
    pub(crate) fn over(mut self, known: Known) -> Self {
        self.known = known;
        self
    }

    /// The same update, after which what is known of the record is wanted.
    pub(crate) fn learning(mut self) -> Self {
        self.learns = true;
        self
    }

    fn record(&self) -> RecordKey<'_> {
        RecordKey { schema: self.link.schema, key: &self.key }
    }

    /// Whether it takes more than one request.
    pub(crate) fn is_split(&self) -> bool {
        !self.later.is_empty()
    }

    /// What is known of the record after the update.
    pub(crate) fn into_known(self) -> Known {
        self.known
    }

    /// What the update has left, as far as what was there before and what was sent tell.
    pub(crate) fn read_new<R: Reading, S: Selection>(&self, selection: &S) -> Result<S::Output<R>, Error> {
        let left = LeftBehind { schema: self.link.schema, base: &self.known.base };
        selection.read::<R>(&left).map_err(|unread| match unread {
            Unread::Failed(error) => error,
            Unread::Unknown => Failure::new(FailureClass::BadAnswer, "it lacks what was there before").into(),
        })
    }

    /// Applies the update, and gives the item as it was where that was asked for.
    ///
    /// What few updates come to is in a box: a future is as large as the largest part of it, and one over a KB takes the
    /// allocator's long way.
    pub(crate) async fn send(&mut self) -> Result<Option<Map>, Error> {
        let mut tally = Tally::default();
        if let Err(error) = deliver(self.link, self, &mut tally).await {
            Box::pin(self.recover(error, &mut tally)).await?;
        }
        if self.return_old || !self.terms.conditions.is_empty() {
            Box::pin(self.look(&mut tally)).await?;
        }
        Ok(self.old.take())
    }

    /// Goes on where it is found out what became of a request that may have been applied.
    async fn recover(&mut self, error: Error, tally: &mut Tally) -> Result<(), Error> {
        match error.may_be_applied() && self.send_again(tally).await? {
            true => deliver(self.link, self, tally).await.map(drop),
            false => Err(error),
        }
    }

    /// Looks at the record where nothing had to be sent: changes may cancel one another out, or find nothing to do. Their
    /// conditions count all the same, and so does what there was.
    async fn look(&mut self, tally: &mut Tally) -> Result<(), Error> {
        if !matches!(self.known.base, Base::Known(_) | Base::Absent) {
            let shown = Readback::over(self.link, self.key(), Vec::new()).ask(self.link, tally).await?;
            self.learn(shown);
        }
        let item = match &self.known.base {
            Base::Known(record) => Some(record),
            _ => None,
        };
        self.old = item.and_then(Value::as_map).cloned();
        match self.terms.conditions.iter().all(|condition| condition.holds(item)) {
            true => Ok(()),
            false => {
                let failure = Failure::new(FailureClass::ConditionFailed, "the conditional request failed");
                Err(match self.old.take() {
                    Some(item) => failure.with_item(item),
                    None => failure,
                }
                .into())
            }
        }
    }

    /// Sends a request again whose answer was lost. Gives whether it is known now what became of it; what is left to do
    /// goes on then.
    async fn send_again(&mut self, tally: &mut Tally) -> Result<bool, Error> {
        let (Some(request), Some(version)) = (self.guarded.take(), self.link.schema.version_path()) else {
            return Ok(false);
        };
        let attributes = self.record().attributes();
        let open = Open::update(self.terms.raise.as_ref(), &self.known.base, &request.actions, &attributes);
        let Some(open) = open else { return Ok(false) };
        let actions = request.actions.clone();
        let failure = match self.link.backend.update(*request).await {
            Ok(old) => {
                self.settle(self.link.taken_in(old).as_ref());
                return Ok(true);
            }
            Err(failure) => failure,
        };
        if !matches!(failure.class(), FailureClass::ConditionFailed | FailureClass::InvalidPath) {
            return Ok(false);
        }
        let read_back = Readback::over(self.link, attributes, self.touched());
        let Ok(shown) = read_back.read(self.link, &failure, tally).await else { return Ok(false) };
        match open.judge(&version, shown.item.as_ref()) {
            // What there was before went with the answer that was lost.
            Verdict::Applied if self.return_old => Ok(false),
            Verdict::Applied => {
                self.settle(None);
                Ok(true)
            }
            Verdict::NotApplied => {
                self.learn(shown);
                Ok(true)
            }
            Verdict::Overtaken => Err(ErrorKind::Conflict(self.conflict(vec![version], &actions, &shown)).into()),
            Verdict::Open => Ok(false),
        }
    }

    /// The request under way was applied: what it carried is no more to be done.
    fn settle(&mut self, old: Option<&Map>) {
        if !self.applied(old) {
            self.fold = Fold::default();
        }
    }
}

/// A record as an update has left it.
struct LeftBehind<'k> {
    schema: &'static TableSchema,
    base: &'k Base,
}

impl RecordView for LeftBehind<'_> {
    fn read_at<T>(&self, path: &DocumentPath, read: impl FnOnce(Found<'_>) -> Result<T, Unread>) -> Result<T, Unread> {
        let found = |value| Found { value, source: Source::Database, schema: self.schema };
        match self.base.lookup(path.segments()) {
            Lookup::Known(value) => read(found(Some(&value))),
            Lookup::Absent => read(found(None)),
            Lookup::Conflict(mismatch) => Err(ErrorKind::StoredValue(mismatch).into()),
            Lookup::Unknown | Lookup::Assumed(_) => Err(Unread::Unknown),
        }
    }

    fn exists(&self) -> Result<bool, Unread> {
        self.base.exists().ok_or(Unread::Unknown)
    }
}

impl<B: Backend> Attempt for AtOnce<'_, B> {
    fn unread(&self) -> Option<Vec<DocumentPath>> {
        let (schema, can) = (self.link.schema, self.terms.can);
        // Without conditions no version is looked at: the write is refused without a request.
        let for_version = can.conditions && schema.version.is_some() && self.known.lock.is_none() && !self.unchecked;
        if !for_version && !leans_on_parents(schema, &self.known.base, &self.fold, can) {
            return None;
        }
        // What is written is read as well: it costs no more, and decides what a lost answer leaves open.
        Some(self.touched())
    }

    fn touched(&self) -> Vec<DocumentPath> {
        attributes_to_read(self.link.schema, &self.fold, &self.terms.conditions)
    }

    fn key(&self) -> Map {
        self.record().attributes()
    }

    fn plan(&mut self) -> Result<Option<Draft>, Error> {
        let (schema, lock) = (self.link.schema, self.known.lock.as_deref());
        self.terms.raise = Raise::of(schema, lock, self.unchecked)?;
        let torn = !self.unchecked && lock.is_some_and(Lock::is_torn);
        let Part { planned, split } = plan_part(schema, &self.known.base, &self.fold, &self.terms)?;
        if let Some(Parts { now, later }) = split {
            self.fold = now;
            self.later.splice(0..0, later.into_iter().map(|(fold, _)| fold));
        }
        self.is_sent = !planned.actions.is_empty();
        if !self.is_sent {
            self.terms.raise = None;
            return Ok(None);
        }
        let (guarded, checks) = (!planned.guards.is_empty(), planned.checks.clone());
        let mut request = planned.request(&self.link.table, self.key(), &self.terms.conditions);
        request.return_old = self.return_old;
        if matches!(self.terms.raise, Some(Raise::From(_))) {
            self.guarded = Some(Box::new(request.clone()));
        }
        if self.learns || !self.later.is_empty() {
            self.sent = request.actions.clone();
        }
        Ok(Some(Draft { request, guarded, checks, torn, told: None }))
    }

    fn applied(&mut self, old: Option<&Map>) -> bool {
        let sent = std::mem::take(&mut self.sent);
        if self.is_sent && std::mem::take(&mut self.return_old) {
            let shown = match self.terms.can.whole_old_items {
                true => Vec::new(),
                false => sent.iter().map(|action| action.path.clone()).collect(),
            };
            self.known.base.learn_item(&shown, old);
            self.old = old.cloned();
        }
        if !sent.is_empty() {
            self.known.base.apply(&sent, &self.key());
        }
        if let Some(raise) = &self.terms.raise {
            Lock::move_on(&mut self.known.lock, raise);
        }
        if self.is_sent {
            // The conditions are met when the first request is applied; the later ones build on it.
            self.terms.conditions.clear();
        }
        let goes_on = !self.later.is_empty();
        if goes_on {
            self.fold = self.later.remove(0);
        }
        goes_on
    }

    fn refused(&mut self) {
        self.sent.clear();
        self.guarded = None;
    }

    fn learn(&mut self, shown: Shown) {
        if let Some(version) = self.link.schema.shown_version(&shown.projection, shown.item()) {
            Lock::see(&mut self.known.lock, version);
        }
        self.known.base.learn_shown(&shown);
    }

    fn conditions(&self) -> &[Condition] {
        &self.terms.conditions
    }

    fn conflict(&self, changed: Vec<DocumentPath>, actions: &[UpdateAction], shown: &Shown) -> Conflict {
        Conflict::of_update(self.record(), changed, self.known.base.clone(), actions, &self.later, shown)
    }
}
