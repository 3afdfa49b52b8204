//! Dropping what is pending of a record, and forgetting what is known.

use std::borrow::Cow;

use super::Record;
use super::layer::{Layer, Stack, conditions_of};
use super::view::resolve_over;
use crate::fold::{Fate, Resolved};
use crate::key::RecordKey;
use crate::path::DocumentPath;
use crate::report::{OperationKind, Savepoint};
use crate::value::Value;

impl Record {
    /// Drops the pending operations that are younger than the savepoint.
    pub(crate) fn rollback_to(&mut self, savepoint: Savepoint) {
        self.layers.retain(|layer| layer.first < savepoint.0);
    }

    /// Drops the pending operations that are older than the savepoint.
    pub(crate) fn drop_before(&mut self, savepoint: Savepoint) {
        self.layers.retain(|layer| layer.first >= savepoint.0);
        self.rejected = None;
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

    /// Puts what `dropped` shows over the rest into the base: where something came into being with it, all of that.
    pub(super) fn take_over(&mut self, dropped: &[Layer], key: &RecordKey<'_>) {
        let visible = Stack::of(None, dropped).visible();
        let mut changed: Vec<DocumentPath> = Vec::new();
        visible.clone().for_each(|(_, fold)| fold.visit_values(&mut |path| changed.push(path)));
        // What stays pending of a list counts positions in the stored one: no other may stand in its place.
        let is_held = |path: &DocumentPath| self.all_layers().any(|layer| layer.fold.touches(path));
        let (held, free): (Vec<_>, Vec<_>) = changed.into_iter().partition(is_held);
        let mut shown: Vec<(DocumentPath, Option<Value>)> = Vec::new();
        for path in free {
            let absent = self.base.outermost_absent(path.segments()).map(|length| path.prefix(length));
            let is_whole = |above: &DocumentPath| !held.iter().any(|held| held.starts_with(above));
            let path = absent.filter(is_whole).unwrap_or(path);
            if shown.last().is_some_and(|(last, _)| *last == path) {
                // Changes of one value come one after another.
                continue;
            }
            if let Resolved::Known { value, .. } = resolve_over(&self.base, visible.clone(), path.segments(), key) {
                shown.push((path, value.map(Cow::into_owned)));
            }
        }
        for (path, value) in shown {
            self.base.assume(path.segments(), value);
        }
    }

    /// Takes the pending operations of one kind out, layer by layer.
    pub(super) fn take_layers(&mut self, kind: OperationKind, fate: Fate, key: &RecordKey<'_>) -> Vec<Layer> {
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
}
