//! One record of a unit of work: what is known of it, and what is pending for it.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;
use tokio::time::Instant;

use crate::action::Action;
use crate::backend::{UpdateAction, UpdateRequest};
use crate::base::{Base, Lookup};
use crate::condition::Condition;
use crate::error::{Error, ErrorKind};
use crate::fold::{Fate, Fold, Length, Lengths, Refusal, Resolved, ShownBy, resolve};
use crate::key::{KeyRef, RecordKey};
use crate::lock::{Lock, Open, Raise};
use crate::path::{DocumentPath, Segment};
use crate::report::{OperationId, OperationKind, Savepoint};
use crate::schema::TableSchema;
use crate::told::Told;
use crate::value::{Map, Value};
use crate::whole::Known;

/// One record of a unit of work.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// What reads have shown.
    pub(crate) base: Base,
    /// The version that the first of them showed.
    pub(crate) lock: Option<Box<Lock>>,
    /// Operations that no request carries yet, oldest first. Later layers lie over earlier ones.
    layers: Vec<Layer>,
    /// A whole-record write has been called, which drops what was pended before this.
    pub(crate) replaced_from: Option<Savepoint>,
    /// Operations that a request carries, or may have carried. They lie under the layers.
    pub(crate) sealed: Option<Box<Sealed>>,
    /// When the oldest of what is known was asked for.
    known_since: Option<Instant>,
    /// The unit of work's clock when it was used last.
    pub(crate) last_used: u64,
    /// Raised by everything that makes an answer under way out of date.
    pub(crate) generation: u64,
    /// Held by whoever talks to the database about this record.
    pub(crate) gate: Option<Arc<AsyncMutex<()>>>,
    /// Whether the unit of work has it among those with operations.
    pub(crate) noted_dirty: bool,
    /// Why the last commit could not apply what is pending.
    pub(crate) rejected: Option<Arc<Error>>,
}

/// Operations that were accepted one after another, under the same conditions of visibility.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Reads do not see it: the cache was cleared after it was pended.
    hidden: bool,
    /// Not all of it was pended without the check of the version.
    checked: bool,
    /// No operation in it is older.
    first: OperationId,
    fold: Fold,
    conditions: Vec<Conditional>,
}

/// A condition, and the operations that it came with. It goes where any of them goes, and goes away with the last.
#[derive(Clone, Debug)]
struct Conditional {
    condition: Condition,
    operations: Range<OperationId>,
}

/// The operations of a commit under way, or in doubt.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// What the request under way carries.
    layers: Vec<Layer>,
    /// What goes with a later request of the same commit.
    later: Vec<Layer>,
    /// What reads see, and what is pending again if it fails, as long as nothing of a split commit is applied.
    unsplit: Option<Vec<Layer>>,
    /// The record's generation when they were sealed.
    generation: u64,
    /// Pending operations were cleared meanwhile: if the commit fails they are not restored.
    dropped: bool,
    /// The request that was sent, as it was sent.
    pub(crate) request: Option<UpdateRequest>,
    /// What becomes of the version with that request.
    pub(crate) raise: Option<Raise>,
    /// The request was sent and its answer lost.
    pub(crate) in_doubt: bool,
    /// What tells then whether it was applied.
    pub(crate) open: Option<Open>,
    /// The transaction that the request is part of, where it went with a token.
    pub(crate) told: Option<Arc<Told>>,
}

/// The folded operations of a record, with the conditions that go with them.
#[derive(Debug)]
pub(crate) struct Whole<'r> {
    pub(crate) fold: Cow<'r, Fold>,
    pub(crate) conditions: Vec<Condition>,
    /// The version is to be looked at.
    pub(crate) checked: bool,
}

impl Layer {
    /// Whether later operations may be folded in: reads see them all, and no savepoint lies between.
    fn takes_more(&self, savepoint: Option<Savepoint>) -> bool {
        !self.hidden && savepoint.is_none_or(|Savepoint(first)| self.first >= first)
    }

    /// The conditions without those that came with operations of which nothing is left.
    fn due_conditions(&self) -> Vec<Conditional> {
        conditions_of(&self.conditions, &self.fold)
    }
}

impl Sealed {
    /// Whether sending the request again does no harm: the database knows its token, or it leaves what it left, or the
    /// version tells that it was applied.
    pub(crate) fn is_repeatable(&self) -> bool {
        match &self.told {
            // Alone it could be applied without the rest of its transaction.
            Some(told) => told.is_fresh(),
            None => self.open.is_some() || self.request.as_ref().is_some_and(UpdateRequest::is_harmless_again),
        }
    }

    fn all(&self) -> impl DoubleEndedIterator<Item = &Layer> + Clone {
        let (layers, later) = match &self.unsplit {
            Some(layers) => (layers, &[][..]),
            None => (&self.layers, &self.later[..]),
        };
        layers.iter().chain(later)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Layer> {
        self.layers.iter_mut().chain(&mut self.later).chain(self.unsplit.iter_mut().flatten())
    }

    /// Whether the request in doubt would have left this version: then it is no other writer's.
    fn may_have_raised_to(&self, version: Option<&Value>) -> bool {
        match &self.raise {
            Some(raise @ Raise::From(_)) if self.in_doubt => {
                raise.action().outcome().is_some_and(|left| left == version)
            }
            _ => false,
        }
    }

    /// What is pending again where the request was not applied.
    fn into_layers(self) -> Vec<Layer> {
        self.unsplit.unwrap_or_else(|| self.layers.into_iter().chain(self.later).collect())
    }
}

impl Record {
    /// A record of which nothing is known.
    pub(crate) fn new(generation: u64, last_used: u64) -> Self {
        Record { generation, last_used, ..Record::default() }
    }

    /// Whether it may be forgotten to make room: nothing is lost but what another request brings again.
    pub(crate) fn is_evictable(&self) -> bool {
        !self.is_dirty() && !self.noted_dirty && self.gate.is_none()
    }

    /// All that is known is this.
    pub(crate) fn know(&mut self, base: Base) {
        self.base = base;
        self.known_since = None;
    }

    /// What is known was asked for now, or before.
    pub(crate) fn date(&mut self, asked: Instant) {
        if self.known_since.is_none() && self.base != Base::Unknown {
            self.known_since = Some(asked);
        }
    }

    /// How long ago the oldest of what is known was asked for.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.known_since.map(|since| since.elapsed())
    }

    /// Forgets what is known where it is older than this. Gives whether it was.
    pub(crate) fn expire(&mut self, max_age: Duration) -> bool {
        let is_dirty = self.is_dirty();
        let is_too_old = self.age().is_some_and(|age| age > max_age);
        if is_too_old {
            self.know(Base::Unknown);
            // What is pending was decided on what is too old now.
            self.lock.take_if(|_| !is_dirty);
        }
        is_too_old
    }

    /// Whether nothing would be lost by forgetting this record.
    pub(crate) fn is_vacant(&self) -> bool {
        matches!(self.base, Base::Unknown) && self.lock.is_none() && !self.is_dirty() && self.gate.is_none()
    }

    /// Whether the books of the unit of work are right about it.
    pub(crate) fn is_tidy(&self) -> bool {
        self.noted_dirty == self.is_dirty() && !self.is_vacant()
    }

    /// Whether operations are pending, in flight or in doubt.
    #[inline]
    pub(crate) fn is_dirty(&self) -> bool {
        !self.layers.is_empty() || self.sealed.is_some()
    }

    /// The write that may or may not have been applied.
    pub(crate) fn in_doubt(&self) -> Option<&UpdateRequest> {
        self.sealed.as_ref().filter(|sealed| sealed.in_doubt).and_then(|sealed| sealed.request.as_ref())
    }

    /// The transaction that a write in doubt is part of.
    pub(crate) fn told_in_doubt(&self) -> Option<&Arc<Told>> {
        self.sealed.as_ref().filter(|sealed| sealed.in_doubt).and_then(|sealed| sealed.told.as_ref())
    }

    /// What is sealed for requests after the one under way, or in doubt.
    pub(crate) fn put_off_folds(&self) -> impl Iterator<Item = &Fold> {
        self.sealed.iter().flat_map(|sealed| &sealed.later).map(|layer| &layer.fold)
    }

    /// Whether what is sealed takes another request after the one under way.
    pub(crate) fn is_split(&self) -> bool {
        self.sealed.as_ref().is_some_and(|sealed| !sealed.later.is_empty())
    }

    /// Whether a write may or may not have been applied, and sending it again would be harmless.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.sealed.as_ref().filter(|sealed| sealed.in_doubt).is_some_and(|sealed| sealed.is_repeatable())
    }

    /// Whether a write may or may not have been applied.
    pub(crate) fn is_in_doubt(&self) -> bool {
        self.sealed.as_ref().is_some_and(|sealed| sealed.in_doubt)
    }

    /// Fails where a write may or may not have been applied.
    pub(crate) fn refuse_in_doubt(&self, key: &KeyRef<'_>) -> Result<(), Error> {
        match self.is_in_doubt() {
            true => Err(ErrorKind::InDoubt { key: key.to_string(), repeatable: self.is_repeatable() }.into()),
            false => Ok(()),
        }
    }

    fn all_layers(&self) -> impl DoubleEndedIterator<Item = &Layer> + Clone {
        self.sealed.iter().flat_map(|sealed| sealed.all()).chain(&self.layers)
    }

    /// Operations that may come to nothing while later ones stay, in which their values must not be stored therefore:
    /// what was cleared while it was under way, and what a whole-record write that was called is to drop.
    fn may_vanish(&self) -> impl Iterator<Item = &Layer> {
        let from = self.replaced_from;
        let sealed = self.sealed.iter().filter(move |sealed| sealed.dropped || from.is_some());
        let layers = self.layers.iter().filter(move |layer| from.is_some_and(|Savepoint(from)| layer.first < from));
        sealed.flat_map(|sealed| sealed.all()).chain(layers)
    }

    fn visible_folds(&self) -> impl DoubleEndedIterator<Item = &Fold> + Clone {
        visible(self.all_layers())
    }

    /// What a read sees at `path`. `key` is what every record that is there has.
    pub(crate) fn resolve(&self, path: &[Segment], key: &RecordKey<'_>) -> Resolved<'_> {
        self.resolve_in(&self.base, path, key)
    }

    /// What has to be asked for so that `path` can be read: a list with visible changes as a whole, since its items
    /// stand elsewhere in the database, and a value as a whole that is set where it is absent.
    pub(crate) fn asked(&self, path: &DocumentPath) -> DocumentPath {
        let wholes = self.visible_folds().filter_map(|fold| fold.read_whole(path));
        wholes.min_by_key(|whole| whole.segments().len()).unwrap_or_else(|| path.clone())
    }

    /// The stored value at `path`, where that is all there is to it: most reads end here.
    #[inline]
    pub(crate) fn stored_in<'r>(&self, shown: &'r Base, path: &[Segment]) -> Option<&'r Value> {
        match shown {
            Base::Known(record) if !self.is_dirty() => record.descend(path),
            _ => None,
        }
    }

    /// What a read sees at `path` where the record is known to be `shown` instead of what this record knows.
    pub(crate) fn resolve_in<'r>(&'r self, shown: &'r Base, path: &[Segment], key: &RecordKey<'_>) -> Resolved<'r> {
        match self.is_dirty() {
            true => resolve_over(shown, self.visible_folds(), path, key),
            false => shown.lookup(path).into(),
        }
    }

    /// Whether what is pending and visible brings the record into being where it is not there.
    pub(crate) fn creates(&self) -> bool {
        self.visible_folds().any(Fold::creates)
    }

    /// Whether something is pending at, above or below one of the changed paths, hidden or not.
    pub(crate) fn touches(&self, changes: &[(DocumentPath, Action)]) -> bool {
        self.pending_change(changes).is_some()
    }

    /// A changed path at, above or below which something is pending, hidden or not.
    pub(crate) fn pending_change(&self, changes: &[(DocumentPath, Action)]) -> Option<DocumentPath> {
        let mut paths = changes.iter().map(|(path, _)| path);
        paths.find(|path| self.all_layers().any(|layer| layer.fold.touches(path))).cloned()
    }

    /// A path that a condition reads and that an operation is pending for.
    pub(crate) fn pending_path(&self, condition: Option<&Condition>) -> Option<DocumentPath> {
        let paths = condition.into_iter().flat_map(Condition::paths);
        let mut pending = paths.filter(|path| self.all_layers().any(|layer| layer.fold.touches(path)));
        pending.next().cloned()
    }

    /// Pends changes and takes their actions: all of them, or none and the reason.
    pub(crate) fn pend(
        &mut self,
        changes: &mut [(DocumentPath, Action)],
        condition: Option<&Condition>,
        unchecked: bool,
        first: OperationId,
        savepoint: Option<Savepoint>,
        key: &RecordKey<'_>,
    ) -> Result<(), Refusal> {
        if !self.layers.last().is_some_and(|layer| layer.takes_more(savepoint.max(self.replaced_from))) {
            if self.layers.is_empty() {
                // Nearly always the only one: no room is made for more.
                self.layers.reserve_exact(1);
            }
            let (fold, conditions) = (Fold::default(), Vec::new());
            self.layers.push(Layer { hidden: false, checked: false, first, fold, conditions });
        }
        let operations = first..OperationId(first.0 + changes.len() as u64);
        let folded = match changes {
            [(path, action)] => self.fold_checked(path, action, first, key),
            changes => self.fold_several(changes, first, key),
        };
        if let (Ok(()), Some(top)) = (&folded, self.layers.last_mut()) {
            top.checked |= !unchecked;
            if let Some(condition) = condition {
                top.conditions.push(Conditional { condition: condition.clone(), operations });
            }
        }
        self.drop_empty_layers();
        folded
    }

    /// A single change is folded in or refused as a whole. Of several, the first may be in when the second is refused:
    /// then it is taken out again, and its action must still be there.
    fn fold_several(
        &mut self,
        changes: &[(DocumentPath, Action)],
        first: OperationId,
        key: &RecordKey<'_>,
    ) -> Result<(), Refusal> {
        let saved = self.layers.last().map_or(Vec::new(), |top| top.fold.save(changes.iter().map(|(path, _)| path)));
        let folded = changes.iter().zip(first.0..).try_for_each(|((path, action), operation)| {
            self.fold_checked(path, &mut action.clone(), OperationId(operation), key)
        });
        if let (Err(_), Some(top)) = (&folded, self.layers.last_mut()) {
            top.fold.restore(saved);
        }
        folded
    }

    /// Folds a checked change over a pending one that allows any, where operations from `savepoint` on may be folded into it.
    pub(crate) fn replace(
        &mut self,
        path: &DocumentPath,
        action: &mut Action,
        operation: OperationId,
        savepoint: Option<Savepoint>,
    ) -> bool {
        let savepoint = savepoint.max(self.replaced_from);
        let Some(top) = self.layers.last_mut().filter(|top| top.takes_more(savepoint)) else {
            return false;
        };
        let replaced = top.fold.replace(path, action, operation);
        top.checked |= replaced;
        replaced
    }

    /// Folds a change over an earlier one that allows any: it sets or removes the same value, and reads see that.
    fn replaces(&mut self, path: &DocumentPath, action: &mut Action, operation: OperationId) -> bool {
        self.layers.last_mut().is_some_and(|top| top.fold.replace(path, action, operation))
    }

    fn fold_checked(
        &mut self,
        path: &DocumentPath,
        action: &mut Action,
        operation: OperationId,
        key: &RecordKey<'_>,
    ) -> Result<(), Refusal> {
        if self.replaces(path, action, operation) {
            return Ok(());
        }
        self.check(path, action, key)?;
        match self.depends_on(path, action) {
            Some(above) => self.fold_value_in(&above, path, action, operation, key),
            None => self.fold_in(path, action, operation, key),
        }
    }

    /// The value that has to be known before an action can follow what is pending beneath the top layer: these are one
    /// fold when they are committed.
    fn depends_on(&self, path: &DocumentPath, action: &Action) -> Option<DocumentPath> {
        let mut segments = Cow::Borrowed(path.segments());
        let (top, layers) = self.layers.split_last()?;
        // What was cleared while it was under way is not pending again, whatever becomes of it.
        let sealed = self.sealed.iter().filter(|sealed| !sealed.dropped).flat_map(|sealed| sealed.all());
        let top = top.fold.depends_on(&mut segments, action);
        let beneath = || sealed.chain(layers).rev().find_map(|layer| layer.fold.depends_on(&mut segments, action));
        top.is_none().then(beneath)??.map(|length| path.prefix(length))
    }

    /// Whether what is known of a path, with what is folded in for it already, allows an action there.
    fn check(&self, path: &DocumentPath, action: &Action, key: &RecordKey<'_>) -> Result<(), Refusal> {
        match self.resolve(path.segments(), key) {
            // What a new value takes the place of does not matter: it is the way out of a conflict there.
            Resolved::Conflict(mismatch)
                if action.outcome().is_some() && mismatch.path().segments().len() >= path.segments().len() =>
            {
                Ok(())
            }
            Resolved::Conflict(mismatch) => Err(mismatch.into()),
            Resolved::Known { value, .. } if action.outcome().is_none() => {
                Ok(action.over(value.as_deref()).map(drop).map_err(|mismatch| mismatch.at(path))?)
            }
            _ => Ok(()),
        }
    }

    fn fold_in(
        &mut self,
        path: &DocumentPath,
        action: &mut Action,
        operation: OperationId,
        key: &RecordKey<'_>,
    ) -> Result<(), Refusal> {
        match self.add(path, action, operation, key) {
            // It is told by the positions that lists have below the top layer: the caller's are others.
            Err(Refusal::Unknown(below)) => {
                self.fold_value_in(&path.prefix(below.segments().len()), path, action, operation, key)
            }
            added => added,
        }
    }

    /// What an action comes to depends on the stored value above: where that is known, the value is set.
    fn fold_value_in(
        &mut self,
        above: &DocumentPath,
        path: &DocumentPath,
        action: &mut Action,
        operation: OperationId,
        key: &RecordKey<'_>,
    ) -> Result<(), Refusal> {
        let unknown = || {
            // A list with changes is asked for as a whole: its items stand elsewhere in the database.
            let lists = self.all_layers().filter_map(|layer| layer.fold.changed_list(above));
            let outermost = lists.min_by_key(|list| list.segments().len());
            Refusal::Unknown(outermost.unwrap_or_else(|| above.clone()))
        };
        // A whole-record write that has been called puts another value in its place.
        if self.replaced_from.is_some() || self.may_vanish().any(|layer| layer.fold.touches(above)) {
            return Err(unknown());
        }
        // Neither must what cleared operations left in sight be stored.
        let base = self.base.without_assumed();
        let folds = self.all_layers().map(|layer| &layer.fold);
        let Resolved::Known { value, .. } = resolve_over(&base, folds, above.segments(), key) else {
            return Err(unknown());
        };
        let below = &path.segments()[above.segments().len()..];
        if below.is_empty() {
            let left = action.over(value.as_deref())?;
            return self.add(above, &mut left.map_or(Action::Remove, Action::Set), operation, key);
        }
        let inner = value.as_deref().map_or(Ok(None), |value| value.find(below))?;
        let left = action.over(inner)?;
        if inner.is_none() && left.is_none() {
            // There is nothing to take out: what is pending stays what it is.
            return Ok(());
        }
        let mut value = value.map_or(Value::Null, Cow::into_owned);
        match left {
            Some(inner) => value.set_at(below, inner)?,
            None => value.remove_at(below)?,
        }
        self.add(above, &mut Action::Set(value), operation, key)
    }

    fn add(
        &mut self,
        path: &DocumentPath,
        action: &mut Action,
        operation: OperationId,
        key: &RecordKey<'_>,
    ) -> Result<(), Refusal> {
        let Some((top, layers)) = self.layers.split_last_mut() else {
            return Ok(());
        };
        let below = Below { base: &self.base, sealed: self.sealed.as_deref(), layers, key };
        top.fold.add(path, action, operation, &below)
    }

    /// Drops the pending operations that are younger than the savepoint.
    pub(crate) fn rollback_to(&mut self, savepoint: Savepoint) {
        self.layers.retain(|layer| layer.first < savepoint.0);
    }

    /// Drops the pending operations that are older than the savepoint.
    pub(crate) fn drop_before(&mut self, savepoint: Savepoint) {
        self.layers.retain(|layer| layer.first >= savepoint.0);
        self.rejected = None;
    }

    fn drop_empty_layers(&mut self) {
        if self.layers.iter().any(|layer| layer.fold.is_empty()) {
            self.layers.retain(|layer| !layer.fold.is_empty());
        }
    }

    /// All pending operations in one fold, hidden ones too.
    pub(crate) fn whole(&self, key: &RecordKey<'_>) -> Result<Whole<'_>, Refusal> {
        let due = self.layers.iter().flat_map(Layer::due_conditions);
        fold_of(&self.base, self.sealed.as_deref(), &self.layers, due, key)
    }

    /// Hides what is pending or in flight, and forgets the base.
    pub(crate) fn clear_cached_data(&mut self) {
        self.forget_read();
        let sealed = self.sealed.iter_mut().flat_map(|sealed| sealed.all_mut());
        sealed.chain(&mut self.layers).for_each(|layer| layer.hidden = true);
    }

    /// Forgets the base and shows what is pending over what the next read brings.
    pub(crate) fn refresh(&mut self) {
        self.forget_read();
        let sealed = self.sealed.iter_mut().flat_map(|sealed| sealed.all_mut());
        sealed.chain(&mut self.layers).for_each(|layer| layer.hidden = false);
    }

    /// Forgets what reads have shown, and that it was in conflict with what is stored.
    pub(crate) fn forget_read(&mut self) {
        self.know(Base::Unknown);
        self.lock = None;
        self.rejected.take_if(|error| error.is_conflict());
    }

    /// What requests have shown.
    pub(crate) fn known(&self) -> Known {
        Known { base: self.base.without_assumed(), lock: self.lock.clone() }
    }

    /// Notes the answer to a read.
    pub(crate) fn learn(
        &mut self,
        schema: &TableSchema,
        projection: &[DocumentPath],
        item: Option<&Map>,
        consistent: bool,
    ) {
        if consistent && projection.is_empty() {
            self.know(Base::Unknown);
        }
        match consistent {
            true => self.base.learn_item(projection, item),
            false => self.base.fill_item(projection, item),
        }
        self.see_version(schema, projection, item);
    }

    /// Notes the version in an answer.
    pub(crate) fn see_version(&mut self, schema: &TableSchema, projection: &[DocumentPath], item: Option<&Map>) {
        if let Some(version) = schema.shown_version(projection, item)
            && !self.sealed.as_ref().is_some_and(|sealed| sealed.may_have_raised_to(version))
        {
            Lock::see(&mut self.lock, version);
        }
    }

    /// Drops what is pending and every value that cleared operations left behind; what was read, too, where it is known
    /// to be out of date.
    pub(crate) fn rollback(&mut self) {
        if self.rejected.as_ref().is_some_and(|error| error.is_conflict()) {
            self.forget_read();
        }
        self.drop_pending();
        self.base.forget_assumed();
    }

    /// Drops what is pending; the base takes over what reads see of it.
    pub(crate) fn clear_pending(&mut self, key: &RecordKey<'_>) {
        let dropped = std::mem::take(&mut self.layers);
        self.take_over(&dropped, key);
        self.drop_pending();
    }

    /// Drops what is pending of one kind; the base takes over what reads see of it.
    pub(crate) fn clear_pending_kind(&mut self, kind: OperationKind, key: &RecordKey<'_>) {
        let dropped = self.take_layers(kind, Fate::Dropped, key);
        self.take_over(&dropped, key);
    }

    fn drop_pending(&mut self) {
        self.layers.clear();
        self.rejected = None;
        if let Some(sealed) = &mut self.sealed {
            sealed.dropped = true;
        }
    }

    /// Puts what `dropped` shows over the rest into the base.
    fn take_over(&mut self, dropped: &[Layer], key: &RecordKey<'_>) {
        let visible = visible(dropped.iter());
        let mut shown: Vec<(DocumentPath, Option<Value>)> = Vec::new();
        for fold in visible.clone() {
            fold.visit_values(&mut |path| {
                if let Resolved::Known { value, .. } = resolve_over(&self.base, visible.clone(), path.segments(), key) {
                    shown.push((path, value.map(Cow::into_owned)));
                }
            });
        }
        for (path, value) in shown {
            // What stays pending of a list counts positions in the stored one: no other may stand in its place.
            if !self.all_layers().any(|layer| layer.fold.touches(&path)) {
                self.base.assume(path.segments(), value);
            }
        }
    }

    /// Takes the pending operations of one kind out, layer by layer.
    fn take_layers(&mut self, kind: OperationKind, fate: Fate, key: &RecordKey<'_>) -> Vec<Layer> {
        let whole = match self.layers.len() {
            0 | 1 => None,
            _ => self.whole(key).ok().map(|whole| whole.fold.into_owned()),
        };
        let mut taken = Vec::new();
        for layer in &mut self.layers {
            let fold = match &whole {
                Some(whole) => layer.fold.take_kind_of(whole, kind),
                None => layer.fold.take_kind(kind, fate),
            };
            if !fold.is_empty() {
                let conditions = conditions_of(&layer.conditions, &fold);
                layer.conditions = layer.due_conditions();
                taken.push(Layer {
                    hidden: layer.hidden,
                    checked: layer.checked,
                    first: layer.first,
                    fold,
                    conditions,
                });
            }
        }
        self.drop_empty_layers();
        taken
    }

    /// Seals the pending operations, or those of one kind, for a commit.
    pub(crate) fn seal(&mut self, kind: Option<OperationKind>, key: &RecordKey<'_>) -> bool {
        let layers = match kind {
            Some(kind) => self.take_layers(kind, Fate::Applied, key),
            None => {
                self.layers.iter_mut().for_each(|layer| layer.conditions = layer.due_conditions());
                std::mem::take(&mut self.layers)
            }
        };
        let any = !layers.is_empty();
        if any {
            let generation = self.generation;
            let later = Vec::new();
            self.sealed = Some(Box::new(Sealed {
                layers,
                later,
                unsplit: None,
                generation,
                dropped: false,
                request: None,
                raise: None,
                in_doubt: false,
                open: None,
                told: None,
            }));
        }
        any
    }

    /// The sealed operations in one fold.
    pub(crate) fn sealed_whole(&self, key: &RecordKey<'_>) -> Result<Whole<'_>, Refusal> {
        let layers = self.sealed.as_ref().map_or(&[][..], |sealed| &sealed.layers);
        let conditions = layers.iter().flat_map(|layer| layer.conditions.iter().cloned());
        fold_of(&self.base, None, layers, conditions, key)
    }

    /// Whether answers to what was asked when the operations were sealed may go into the base.
    pub(crate) fn is_unfenced(&self) -> bool {
        self.sealed.as_ref().is_some_and(|sealed| sealed.generation == self.generation)
    }

    /// The sealed operations were not applied: they are pending again, older than what came meanwhile.
    pub(crate) fn unseal(&mut self, key: &RecordKey<'_>) {
        if let Some(sealed) = self.sealed.take() {
            let dropped = sealed.dropped;
            let layers = sealed.into_layers();
            if dropped {
                // They were cleared while the request was under way; views stay as they were.
                self.take_over(&layers, key);
            } else {
                self.layers.splice(0..0, layers);
            }
        }
    }

    /// The request under way was applied, or none was needed. Gives whether the commit goes on with another one.
    pub(crate) fn settle(&mut self, key: &RecordKey<'_>) -> bool {
        let unfenced = self.is_unfenced();
        self.rejected = None;
        let Some(mut sealed) = self.sealed.take() else {
            return false;
        };
        if let Some(UpdateRequest { actions, .. }) = sealed.request.take() {
            if unfenced {
                self.base.apply(&actions, &key.attributes());
            } else {
                self.forget(&actions);
            }
            if let (Some(raise), Some(version)) = (&sealed.raise, key.schema.version_path()) {
                Lock::move_on(&mut self.lock, raise);
                if *raise == Raise::Unchecked {
                    self.base.forget(version.segments());
                }
            }
        }
        let goes_on = !sealed.later.is_empty();
        if goes_on {
            sealed.layers = vec![sealed.later.remove(0)];
            sealed.unsplit = None;
            sealed.in_doubt = false;
            sealed.open = None;
            sealed.told = None;
            self.sealed = Some(sealed);
        }
        goes_on
    }

    /// Puts part of the sealed operations off until the request under way is settled.
    pub(crate) fn put_off(&mut self, now: Fold, later: Vec<Fold>) {
        let Some(sealed) = &mut self.sealed else {
            return;
        };
        let Some(first) = sealed.layers.first() else {
            return;
        };
        let hidden = sealed.layers.iter().all(|layer| layer.hidden);
        let checked = sealed.layers.iter().any(|layer| layer.checked);
        let conditions: Vec<Conditional> = sealed.layers.iter().flat_map(|layer| layer.conditions.clone()).collect();
        let first = first.first;
        // The conditions are met when the first request is applied; the second one builds on it.
        let split =
            std::mem::replace(&mut sealed.layers, vec![Layer { hidden, checked, first, fold: now, conditions }]);
        if sealed.later.is_empty() {
            sealed.unsplit = Some(split);
        }
        let layer = |fold| Layer { hidden, checked, first, fold, conditions: Vec::new() };
        sealed.later.splice(0..0, later.into_iter().map(layer));
    }

    /// The answer to the sealed operations' request was lost: what it wrote is not known any more.
    pub(crate) fn doubt(&mut self) {
        if let Some(sealed) = &mut self.sealed {
            // What tells of the first attempt was known before its answer was lost.
            let was_in_doubt = std::mem::replace(&mut sealed.in_doubt, true);
            let Some(UpdateRequest { actions, key, .. }) = &sealed.request else {
                return;
            };
            let known = if sealed.generation == self.generation { &self.base } else { &Base::Unknown };
            if !was_in_doubt {
                sealed.open = Open::update(sealed.raise.as_ref(), known, actions, key);
            }
            let actions = actions.clone();
            self.forget(&actions);
        }
    }

    /// Forgets what is known of the paths that a request wrote, or may have written.
    fn forget(&mut self, actions: &[UpdateAction]) {
        for action in actions {
            // A list element that was written or removed leaves no other element's position certain.
            self.base.forget(action.path.outside_lists().segments());
        }
    }

    /// Whether an operation of this kind, or of any, is pending, in flight or in doubt.
    pub(crate) fn has_pending(&self, kind: Option<OperationKind>, key: &RecordKey<'_>) -> bool {
        let Some(kind) = kind else {
            return self.is_dirty();
        };
        let folded =
            |layers| fold_of(&self.base, None, layers, std::iter::empty(), key).is_ok_and(|whole| whole.fold.has(kind));
        let sealed = self.sealed.as_ref().is_some_and(|sealed| match &sealed.unsplit {
            Some(layers) => folded(layers),
            None => folded(&sealed.layers) || folded(&sealed.later),
        });
        sealed || self.whole(key).is_ok_and(|whole| whole.fold.has(kind))
    }
}

/// Those conditions that came with an operation of this fold.
fn conditions_of(conditions: &[Conditional], fold: &Fold) -> Vec<Conditional> {
    let came_with = |Conditional { operations, .. }: &&Conditional| {
        let mut any = false;
        fold.visit(&mut |folded| any |= folded.operations.iter().any(|operation| operations.contains(operation)));
        any
    };
    conditions.iter().filter(came_with).cloned().collect()
}

fn fold_of<'r>(
    base: &Base,
    sealed: Option<&Sealed>,
    layers: &'r [Layer],
    conditional: impl Iterator<Item = Conditional>,
    key: &RecordKey<'_>,
) -> Result<Whole<'r>, Refusal> {
    let checked = layers.iter().any(|layer| layer.checked);
    let mut conditions: Vec<Condition> = Vec::new();
    for Conditional { condition, .. } in conditional {
        if !conditions.contains(&condition) {
            conditions.push(condition);
        }
    }
    let fold = match layers {
        [] => Cow::Owned(Fold::default()),
        [only] => Cow::Borrowed(&only.fold),
        [oldest, newer @ ..] => {
            let mut whole = oldest.fold.clone();
            // Positions count in the list below all of them, as those of a commit do.
            let below = Below { base, sealed, layers: &[], key };
            for layer in newer {
                whole.absorb(&layer.fold, &below)?;
            }
            Cow::Owned(whole)
        }
    };
    Ok(Whole { fold, conditions, checked })
}

fn visible<'l>(
    layers: impl DoubleEndedIterator<Item = &'l Layer> + Clone,
) -> impl DoubleEndedIterator<Item = &'l Fold> + Clone {
    layers.filter(|layer| !layer.hidden).map(|layer| &layer.fold)
}

/// What `folds`, oldest first, show at `path` over `base`.
fn resolve_over<'r, 'f: 'r>(
    base: &'r Base,
    folds: impl DoubleEndedIterator<Item = &'f Fold> + Clone,
    path: &[Segment],
    key: &RecordKey<'_>,
) -> Resolved<'r> {
    let creates = matches!(base, Base::Absent) && folds.clone().any(Fold::creates);
    if !creates {
        return resolve(base, folds.rev(), path, key.schema.record);
    }
    // A record that comes into being has its key.
    match resolve(&Base::Known(Value::Map(key.attributes())), folds.rev(), path, key.schema.record) {
        Resolved::Unknown => Resolved::Unknown,
        Resolved::Conflict(mismatch) => Resolved::Conflict(mismatch),
        Resolved::Known { value, by } => {
            let by = if value.is_some() { ShownBy::Operations } else { by };
            Resolved::Known { value: value.map(|value| Cow::Owned(value.into_owned())), by }
        }
    }
}

/// What lies below a layer: where the positions of its lists count from.
struct Below<'b> {
    base: &'b Base,
    sealed: Option<&'b Sealed>,
    layers: &'b [Layer],
    key: &'b RecordKey<'b>,
}

impl Lengths for Below<'_> {
    fn length(&self, list: &[Segment]) -> Length {
        let sealed = self.sealed.iter().flat_map(|sealed| sealed.all());
        let folds = sealed.chain(self.layers).map(|layer| &layer.fold);
        match resolve_over(self.base, folds, list, self.key) {
            Resolved::Known { value: Some(value), .. } => match &*value {
                Value::List(items) => Length::Items(items.len() as u32),
                other => Length::NotAList(other.kind()),
            },
            Resolved::Known { value: None, .. } => Length::NotAList("nothing"),
            Resolved::Unknown => Length::Unknown,
            Resolved::Conflict(_) => Length::NotAList("no list"),
        }
    }
}

/// Positions as they are given, for writes that are sent at once.
pub(crate) struct AsGiven;

impl Lengths for AsGiven {
    fn length(&self, _: &[Segment]) -> Length {
        Length::AsGiven
    }
}

impl Base {
    /// Whether the record is there, as far as is known.
    pub(crate) fn exists(&self) -> Option<bool> {
        match self.lookup(&[]) {
            Lookup::Absent => Some(false),
            _ if self.is_present() => Some(true),
            _ => None,
        }
    }
}
