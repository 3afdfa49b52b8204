//! What reads see of a record: its operations laid over what is known.

use std::borrow::Cow;

use super::Record;
use super::layer::{Layer, Stack, Whole, fold_of};
use crate::action::Action;
use crate::base::Base;
use crate::condition::Condition;
use crate::fold::{Fold, Length, Lengths, Refusal, Resolved, Sent, ShownBy, resolve};
use crate::key::RecordKey;
use crate::path::{DocumentPath, Segment};
use crate::report::OperationKind;
use crate::schema::{Declared, StructSchema};
use crate::value::Value;

impl Record {
    pub(super) fn stack(&self) -> Stack<'_> {
        Stack::of(self.sealed.as_deref(), &self.layers)
    }

    pub(super) fn all_layers(&self) -> impl DoubleEndedIterator<Item = &Layer> + Clone {
        self.stack().layers()
    }

    /// Operations that were cleared while they were under way: they may come to nothing while later ones stay, in which
    /// their values must not be stored therefore.
    pub(super) fn may_vanish(&self) -> impl Iterator<Item = &Layer> {
        self.sealed.iter().filter(|sealed| sealed.dropped).flat_map(|sealed| sealed.all())
    }

    fn visible_folds(&self) -> impl Iterator<Item = &Fold> {
        self.stack().visible().map(|(_, fold)| fold)
    }

    /// What a read sees at `path`. `key` is what every record that is there has.
    pub(crate) fn resolve(&self, path: &[Segment], key: &RecordKey<'_>) -> Resolved<'_> {
        self.resolve_in(&self.base, path, key)
    }

    /// What has to be asked for so that `path` can be read: a list with visible changes as a whole, since its items
    /// stand elsewhere in the database; a value as a whole that is set where it is absent; and one that comes into being
    /// where it is not there, and brings a default along.
    pub(crate) fn asked(&self, path: &DocumentPath, record: &'static StructSchema) -> DocumentPath {
        let has_default = Declared::Record(record).has_default(path.segments());
        let wholes = self.visible_folds().flat_map(|fold| {
            let brought = if has_default { fold.brings(path.segments()) } else { None };
            fold.read_whole(path).into_iter().chain(brought.map(|length| path.prefix(length)))
        });
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
        match self.is_as_stored() {
            true => shown.lookup(path).into(),
            false => resolve_over(shown, self.stack().visible(), path, key),
        }
    }

    /// Whether no operation lies over what is known. The layer of the first change is empty while it is looked at whether
    /// that is allowed.
    #[inline]
    pub(super) fn is_as_stored(&self) -> bool {
        self.sealed.is_none() && self.layers.iter().all(|layer| layer.fold.is_empty())
    }

    /// Whether what is pending and visible brings the record into being where it is not there.
    pub(crate) fn creates(&self) -> bool {
        self.visible_folds().any(Fold::creates)
    }

    /// Whether the record is not there, and is not being brought into being: what is under way counts also where it was
    /// cleared from sight.
    pub(crate) fn is_missing(&self) -> bool {
        let mut under_way = self.sealed.iter().flat_map(|sealed| sealed.all());
        self.base == Base::Absent && !self.creates() && !under_way.any(|layer| layer.fold.creates())
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

    /// All pending operations in one fold, hidden ones too.
    pub(crate) fn whole(&self, key: &RecordKey<'_>) -> Result<Whole<'_>, Refusal> {
        let due = self.layers.iter().flat_map(Layer::due_conditions);
        fold_of(&self.base, self.sealed.as_deref(), &self.layers, due, key)
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

/// What `folds`, oldest first, show at `path` over `base`.
pub(super) fn resolve_over<'r, 'f: 'r>(
    base: &'r Base,
    folds: impl DoubleEndedIterator<Item = Sent<'f>> + Clone,
    path: &[Segment],
    key: &RecordKey<'_>,
) -> Resolved<'r> {
    let creates = matches!(base, Base::Absent) && folds.clone().any(|(_, fold)| fold.creates());
    if !creates {
        return resolve(base, folds.rev(), path, key.schema.record);
    }
    // A record that comes into being has its key.
    match resolve(&Base::Known(Value::Map(key.attributes())), folds.rev(), path, key.schema.record) {
        Resolved::Unknown => Resolved::Unknown,
        Resolved::Conflict(mismatch) => Resolved::Conflict(mismatch),
        Resolved::Known { value, by, assembled } => {
            let by = if value.is_some() { ShownBy::Operations } else { by };
            Resolved::Known { value: value.map(|value| Cow::Owned(value.into_owned())), by, assembled }
        }
    }
}

/// What lies below a layer: where the positions of its lists count from.
pub(super) struct Below<'b> {
    pub(super) base: &'b Base,
    pub(super) stack: Stack<'b>,
    pub(super) key: &'b RecordKey<'b>,
}

impl Lengths for Below<'_> {
    fn length(&self, list: &[Segment]) -> Length {
        match resolve_over(self.base, self.stack.folds(), list, self.key) {
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
