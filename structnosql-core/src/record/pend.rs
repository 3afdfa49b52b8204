//! Pending operations of a record: each folded in, or refused.

use std::borrow::Cow;

use super::Record;
use super::layer::{Conditional, Layer, Stack};
use super::view::{Below, resolve_over};
use crate::action::Action;
use crate::base::Base;
use crate::fold::{Depends, Fold, Refusal, Resolved};
use crate::key::RecordKey;
use crate::mode::{Changes, Lent};
use crate::path::DocumentPath;
use crate::report::{OperationId, Savepoint};
use crate::value::Value;

impl Record {
    /// Pends changes and takes their actions: all of them, or none and the reason.
    pub(crate) fn pend(
        &mut self,
        write: Lent<'_>,
        first: OperationId,
        savepoint: Option<Savepoint>,
        key: &RecordKey<'_>,
    ) -> Result<(), Refusal> {
        if !self.layers.last().is_some_and(|layer| layer.takes_more(savepoint.max(self.replaced_from))) {
            let (fold, conditions) = (Fold::default(), Vec::new());
            let layer = Layer { hidden: false, checked: false, first, fold, conditions };
            match self.layers.is_empty() {
                // Nearly always the only one: no room is made for more.
                true => self.layers = vec![layer],
                false => self.layers.push(layer),
            }
        }
        let Lent { changes, condition, unchecked } = write;
        let operations = first..OperationId(first.0 + changes.len() as u64);
        let folded = match changes {
            Changes::One(path, action) => self.fold_checked(path, action, first, key),
            Changes::Several(changes) => self.fold_several(changes, first, key),
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

    /// Pends a change without a condition in the place of one that is pending for the very same value, and takes its
    /// action. Gives whether there was one.
    #[inline]
    pub(crate) fn replace(
        &mut self,
        write: &mut Lent<'_>,
        operation: OperationId,
        savepoint: Option<Savepoint>,
    ) -> bool {
        let Lent { changes: Changes::One(path, action), condition: None, unchecked: false } = write else {
            return false;
        };
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
        match self.depends_on(path, action, key) {
            Depends::Nothing => self.fold_in(path, action, operation, key),
            Depends::Value(length) => self.fold_value_in(&path.prefix(length), path, action, operation, key),
            Depends::Requests => {
                self.refuse_in_doubt(key.key).map_err(Refusal::InDoubt)?;
                Err(Refusal::Unknown(path.clone()))
            }
        }
    }

    /// What an action depends on that follows what is pending beneath the top layer: these are one fold when they are
    /// committed.
    fn depends_on(&self, path: &DocumentPath, action: &Action, key: &RecordKey<'_>) -> Depends {
        if self.sealed.is_none() && self.layers.len() < 2 {
            return Depends::Nothing;
        }
        let mut segments = Cow::Borrowed(path.segments());
        let mut stack = self.stack();
        let mut is_top = true;
        while let Some((layer, below)) = stack.split_newest() {
            let under_way = stack.is_under_way();
            // What was cleared while it was under way is not pending again, whatever becomes of it.
            if under_way && self.sealed.as_ref().is_some_and(|sealed| sealed.dropped) {
                break;
            }
            let lengths = Below { base: &self.base, stack: below, key };
            if let Some(depends) = layer.fold.depends_on(&mut segments, action, under_way, &lengths) {
                return if is_top { Depends::Nothing } else { depends };
            }
            (stack, is_top) = (below, false);
        }
        Depends::Nothing
    }

    /// Whether what is known of a path, with what is folded in for it already, allows an action there.
    fn check(&self, path: &DocumentPath, action: &Action, key: &RecordKey<'_>) -> Result<(), Refusal> {
        if let Base::Known(record) = &self.base
            && action.outcome().is_some()
            && self.is_as_stored()
            && record.descend(path.segments()).is_some()
        {
            // What is there may be replaced, whatever it is.
            return Ok(());
        }
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
        let added = self.top(key).map_or(Ok(()), |(top, below)| top.add(path, action, operation, &below));
        match added {
            Err(Refusal::Unknown(above)) => self.fold_value_in(&above, path, action, operation, key),
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
        // What is read of it does not tell whether the write was applied: it would count once more, or not at all.
        if self.sealed.as_deref().is_some_and(|sealed| sealed.is_ambiguous(above)) {
            self.refuse_in_doubt(key.key).map_err(Refusal::InDoubt)?;
        }
        // A whole-record write that has been called puts another value in its place.
        if self.replaced_from.is_some() || self.may_vanish().any(|layer| layer.fold.touches(above)) {
            return Err(unknown());
        }
        // Neither must what cleared operations left in sight be stored.
        let base = self.base.without_assumed();
        let folds = self.stack().folds();
        let Resolved::Known { value, mut assembled, .. } = resolve_over(&base, folds, above.segments(), key) else {
            return Err(unknown());
        };
        let below = &path.segments()[above.segments().len()..];
        let left = if below.is_empty() {
            action.over(value.as_deref())?
        } else {
            let inner = value.as_deref().map_or(Ok(None), |value| value.find(below))?;
            let left = action.over(inner)?;
            if inner.is_none() && left.is_none() {
                // There is nothing to take out: what is pending stays what it is.
                return Ok(());
            }
            let mut value = value.map_or(Value::Null, Cow::into_owned);
            match left {
                Some(inner) => assembled |= value.set_at(below, inner)?,
                None => value.remove_at(below)?,
            }
            Some(value)
        };
        self.top(key).map_or(Ok(()), |(top, below)| top.add_value(above, left, assembled, operation, &below))
    }

    /// The newest fold, and what lies below it.
    fn top<'r>(&'r mut self, key: &'r RecordKey<'_>) -> Option<(&'r mut Fold, Below<'r>)> {
        let (top, layers) = self.layers.split_last_mut()?;
        let below = Below { base: &self.base, stack: Stack::of(self.sealed.as_deref(), layers), key };
        Some((&mut top.fold, below))
    }

    pub(super) fn drop_empty_layers(&mut self) {
        if self.layers.iter().any(|layer| layer.fold.is_empty()) {
            self.layers.retain(|layer| !layer.fold.is_empty());
        }
    }
}
