//! Operations of one record that were accepted one after another, and what they come to.

use std::borrow::Cow;
use std::ops::Range;

use super::sealed::Sealed;
use super::view::Below;
use crate::base::Base;
use crate::condition::Condition;
use crate::fold::{Fold, Refusal, Sent};
use crate::key::RecordKey;
use crate::report::{OperationId, Savepoint};

/// Operations that were accepted one after another, under the same conditions of visibility.
#[derive(Debug)]
pub(crate) struct Layer {
    /// Reads do not see it: the cache was cleared after it was pended.
    pub(super) hidden: bool,
    /// Not all of it was pended without the check of the version.
    pub(super) checked: bool,
    /// No operation in it is older.
    pub(super) first: OperationId,
    pub(super) fold: Fold,
    pub(super) conditions: Vec<Conditional>,
}

/// A condition, and the operations that it came with. It goes where any of them goes, and goes away with the last.
#[derive(Clone, Debug)]
pub(super) struct Conditional {
    pub(super) condition: Condition,
    pub(super) operations: Range<OperationId>,
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
    pub(super) fn takes_more(&self, savepoint: Option<Savepoint>) -> bool {
        !self.hidden && savepoint.is_none_or(|Savepoint(first)| self.first >= first)
    }

    /// The conditions without those that came with operations of which nothing is left.
    pub(super) fn due_conditions(&self) -> Vec<Conditional> {
        conditions_of(&self.conditions, &self.fold)
    }
}

/// Layers that lie one over another: those of a commit under way or in doubt, and over them those that are pending.
#[derive(Clone, Copy)]
pub(super) struct Stack<'l>([&'l [Layer]; 3]);

impl<'l> Stack<'l> {
    pub(super) fn of(sealed: Option<&'l Sealed>, pending: &'l [Layer]) -> Stack<'l> {
        let [now, later] = sealed.map_or([&[][..]; 2], Sealed::parts);
        Stack([now, later, pending])
    }

    /// The newest layer, and those below it.
    pub(super) fn split_newest(self) -> Option<(&'l Layer, Stack<'l>)> {
        let mut below = self;
        let newest = below.0.iter_mut().rev().find_map(|part| {
            let (newest, rest) = part.split_last()?;
            *part = rest;
            Some(newest)
        })?;
        Some((newest, below))
    }

    /// Whether none of them is pending.
    pub(super) fn is_under_way(self) -> bool {
        self.0[2].is_empty()
    }

    pub(super) fn layers(self) -> impl DoubleEndedIterator<Item = &'l Layer> + Clone {
        self.sent().map(|(_, layer)| layer)
    }

    pub(super) fn folds(self) -> impl DoubleEndedIterator<Item = Sent<'l>> + Clone {
        self.sent().map(|(request, layer)| (request, &layer.fold))
    }

    /// What reads see.
    pub(super) fn visible(self) -> impl DoubleEndedIterator<Item = Sent<'l>> + Clone {
        self.sent().filter(|(_, layer)| !layer.hidden).map(|(request, layer)| (request, &layer.fold))
    }

    /// The layers, with the number of the request that they go with. What is put off goes in as many.
    fn sent(self) -> impl DoubleEndedIterator<Item = (usize, &'l Layer)> + Clone {
        let [now, later, pending] = self.0;
        let now = now.iter().map(|layer| (0, layer));
        let pending = pending.iter().map(|layer| (usize::MAX, layer));
        let later = later.iter().enumerate().map(|(at, layer)| (1 + at, layer));
        now.chain(later).chain(pending)
    }
}

/// Those conditions that came with an operation of this fold.
pub(super) fn conditions_of(conditions: &[Conditional], fold: &Fold) -> Vec<Conditional> {
    let came_with = |Conditional { operations, .. }: &&Conditional| {
        let mut any = false;
        fold.visit(&mut |folded| any |= folded.operations.iter().any(|operation| operations.contains(operation)));
        any
    };
    conditions.iter().filter(came_with).cloned().collect()
}

pub(super) fn fold_of<'r>(
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
            let below = Below { base, stack: Stack::of(sealed, &[]), key };
            for layer in newer {
                whole.absorb(&layer.fold, &below)?;
            }
            Cow::Owned(whole)
        }
    };
    Ok(Whole { fold, conditions, checked })
}
