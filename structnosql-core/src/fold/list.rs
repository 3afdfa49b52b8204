//! Pending changes of a list: in the positions that the stored list has.

use super::node::{Act, FoldNode, New, Operations, Walk};
use super::{Folded, Lengths, Refusal};
use crate::action::Action;
use crate::base::Base;
use crate::condition::Condition;
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::report::OperationKind;
use crate::value::Value;

/// How long the list below a fold is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Length {
    /// Not known.
    #[default]
    Unknown,
    /// So many items.
    Items(u32),
    /// Not known, and positions are taken as they are given: DynamoDB decides what they mean.
    AsGiven,
    /// There is something else, or nothing.
    NotAList(&'static str),
}

/// Pending changes of a list.
///
/// Callers name positions in the list as they see it; DynamoDB wants positions in the list as it is stored.
/// The fold keeps stored positions, so that all changes fit one expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ListFold {
    /// How long the stored list is. It is asked for when a position has to be understood.
    pub(super) length: Length,
    /// Items before the stored ones.
    pub(super) prepended: Vec<Act>,
    /// Changes of stored items, by position.
    pub(super) edits: Vec<(u32, FoldNode)>,
    /// Stored items that are taken out, by position.
    pub(super) removed: Vec<(u32, Act)>,
    /// Items behind the stored ones.
    pub(super) appended: Vec<Act>,
}

/// What a visible position stands for.
enum Place {
    Prepended(usize),
    Stored(u32),
    Appended(usize),
    Past,
}

/// What a visible position shows.
pub(super) enum Shown<'l> {
    /// The stored list has to be known.
    Unknown,
    /// An item that the changes bring.
    New(&'l Act),
    /// The stored item at this position, with the changes of it.
    Stored(u32, Option<&'l FoldNode>),
    /// No item.
    Nothing,
}

impl ListFold {
    /// A list to which items are added at one end.
    pub(super) fn of(new: New<'_>) -> ListFold {
        let mut list = ListFold::default();
        list.extend(new);
        list
    }

    pub(super) fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.removed.is_empty() && self.appended.is_empty() && self.prepended.is_empty()
    }

    /// Adds the items of an append or prepend.
    pub(super) fn extend(&mut self, new: New<'_>) {
        let New { operations, assembled, .. } = new;
        let item = |value| Act { action: Action::Set(value), assembled, operations: operations.into() };
        match new.take_action() {
            Action::Append(items) => self.appended.extend(items.into_iter().map(item)),
            Action::Prepend(items) => drop(self.prepended.splice(0..0, items.into_iter().map(item))),
            _ => {}
        }
    }

    /// Where a visible position is over a list of this length.
    fn place(&self, visible: u32, length: Length) -> Place {
        let Some(mut stored) = visible.checked_sub(self.prepended.len() as u32) else {
            return Place::Prepended(visible as usize);
        };
        for (removed, _) in &self.removed {
            if *removed <= stored {
                stored += 1;
            }
        }
        match length {
            Length::Items(length) if stored >= length => {
                let behind = (stored - length) as usize;
                if behind < self.appended.len() { Place::Appended(behind) } else { Place::Past }
            }
            _ => Place::Stored(stored),
        }
    }

    /// Folds all of `later` in, which came later.
    ///
    /// Changes of an item that has none so far go there as they are, with what they knew of the lists in it.
    pub(super) fn absorb(
        &mut self,
        later: &ListFold,
        walked: &mut Vec<Segment>,
        lengths: &dyn Lengths,
    ) -> Result<(), Refusal> {
        self.adopt_length(later);
        let mut sequence = Vec::new();
        for (at, node) in &later.edits {
            let Place::Stored(stored) = self.place(*at, self.length) else {
                node.replay(DocumentPath::root().child(*at), &mut sequence);
                continue;
            };
            match self.edits.binary_search_by_key(&stored, |(at, _)| *at) {
                Ok(edit) => {
                    walked.push(Segment::Index(stored));
                    self.edits[edit].1.absorb(node, walked, lengths)?;
                    walked.pop();
                }
                Err(edit) => self.edits.insert(edit, (stored, node.clone())),
            }
        }
        self.edits.retain(|(_, node)| !node.is_empty());
        later.replay_items(&DocumentPath::root(), &mut sequence);
        for (path, mut act) in sequence {
            match path.segments() {
                [] => self.extend(New::of(&mut act)),
                below => {
                    let mut walk = Walk::below(walked, below, lengths);
                    self.add(below, New::of(&mut act), &mut walk).map_err(|refusal| refusal.at(walked))?;
                }
            }
        }
        Ok(())
    }

    /// Takes over the length that later changes knew the list to have with these: the base may have been forgotten since.
    fn adopt_length(&mut self, later: &ListFold) {
        if let (Length::Unknown, Length::Items(length)) = (self.length, later.length) {
            let added = (self.appended.len() + self.prepended.len()) as u32;
            // Of a list whose length is not known nothing is removed: it only grows.
            self.length = Length::Items(length.saturating_sub(added));
        }
    }

    /// Finds out how long the stored list is, before a position in it is understood.
    fn measure(&mut self, action: &Action, walk: &Walk<'_>) -> Result<(), Refusal> {
        if self.length == Length::Unknown {
            self.length = match walk.lengths.length(walk.walked().segments()) {
                Length::Unknown => return Err(walk.unknown()),
                // The list comes into being with what is added to it.
                Length::NotAList("nothing") if !self.is_empty() => Length::Items(0),
                // There is nothing to take out.
                Length::NotAList("nothing" | "null") if *action == Action::Remove => Length::Items(0),
                Length::NotAList(found) => return Err(Mismatch::new("a list", found).into()),
                length => length,
            };
        }
        Ok(())
    }

    pub(super) fn add(&mut self, path: &[Segment], new: New<'_>, walk: &mut Walk<'_>) -> Result<(), Refusal> {
        let Some((segment @ Segment::Index(visible), below)) = path.split_first() else {
            return Err(Mismatch::new("a map", "a list").into());
        };
        self.measure(new.action, walk)?;
        let added = match self.place(*visible, self.length) {
            Place::Stored(stored) => self.add_stored(stored, below, new, walk),
            Place::Prepended(at) => add_new(&mut self.prepended, at, below, new).map(|freed| self.hand_on(freed)),
            Place::Appended(at) => add_new(&mut self.appended, at, below, new).map(|freed| self.hand_on(freed)),
            Place::Past => self.add_past(below, new),
        };
        added.map_err(|refusal| refusal.under(segment))
    }

    fn add_stored(&mut self, stored: u32, below: &[Segment], new: New<'_>, walk: &mut Walk<'_>) -> Result<(), Refusal> {
        let edit = self.edits.binary_search_by_key(&stored, |(at, _)| *at);
        if below.is_empty() && *new.action == Action::Remove {
            let mut removal = new.take();
            if let Ok(at) = edit {
                let (_, dropped) = self.edits.remove(at);
                removal.operations.extend(dropped.operations());
            }
            let at = self.removed.partition_point(|(removed, _)| *removed < stored);
            self.removed.insert(at, (stored, removal));
            return Ok(());
        }
        walk.enter_item(stored);
        match edit {
            Ok(at) => self.edits[at].1.add(below, new, walk)?,
            Err(at) => self.edits.insert(at, (stored, FoldNode::of(below, new, walk)?)),
        }
        self.edits.retain(|(_, node)| !node.is_empty());
        Ok(())
    }

    fn add_past(&mut self, below: &[Segment], new: New<'_>) -> Result<(), Refusal> {
        match (new.action.over(None)?, below.is_empty()) {
            (None, _) => self.hand_on(new.operations.into()),
            (Some(value), true) => self.appended.push(Act { action: Action::Set(value), ..new.take() }),
            (Some(_), false) => return Err(Mismatch::new("a list item", "nothing past the end of the list").into()),
        }
        Ok(())
    }

    /// Operations that have no effect are retired with another change of the list, if there is one.
    pub(super) fn hand_on(&mut self, operations: Operations) {
        let ends = self.appended.last_mut().or(self.prepended.last_mut());
        match ends.or(self.removed.last_mut().map(|(_, act)| act)) {
            Some(act) => act.operations.extend(operations),
            None => {
                if let Some((_, node)) = self.edits.last_mut() {
                    node.hand_on(operations);
                }
            }
        }
    }

    /// Items before the stored ones.
    pub(crate) fn prepended(&self) -> &[Act] {
        &self.prepended
    }

    /// Changes of stored items, by position.
    pub(crate) fn edits(&self) -> &[(u32, FoldNode)] {
        &self.edits
    }

    /// Items behind the stored ones.
    pub(crate) fn appended(&self) -> &[Act] {
        &self.appended
    }

    /// The position that a caller names the first of these by.
    pub(crate) fn first_appended(&self) -> u32 {
        let stored = if let Length::Items(length) = self.length { length } else { 0 };
        (stored + self.prepended.len() as u32).saturating_sub(self.removed.len() as u32)
    }

    /// Stored items that are taken out, by position.
    pub(crate) fn removed(&self) -> impl DoubleEndedIterator<Item = (u32, &Act)> {
        self.removed.iter().map(|(at, act)| (*at, act))
    }

    /// In the positions of the stored list.
    pub(super) fn visit(&self, path: &DocumentPath, visit: &mut dyn FnMut(Folded<'_>)) {
        for (at, node) in &self.edits {
            node.visit(path.clone().child(*at), visit);
        }
        for (at, act) in self.removed() {
            visit(Folded { path: path.clone().child(at), action: &act.action, operations: &act.operations });
        }
        for (items, added) in [(&self.prepended, Action::Prepend as fn(_) -> _), (&self.appended, Action::Append)] {
            if !items.is_empty() {
                let operations: Operations = items.iter().flat_map(|act| act.operations.iter().copied()).collect();
                visit(Folded { path: path.clone(), action: &added(values(items)), operations: &operations });
            }
        }
    }

    /// In the positions that a caller would name: edits first, then removals from the end, then what is added.
    pub(super) fn replay(&self, path: &DocumentPath, sequence: &mut Vec<(DocumentPath, Act)>) {
        for (at, node) in &self.edits {
            node.replay(path.clone().child(*at), sequence);
        }
        self.replay_items(path, sequence);
    }

    fn replay_items(&self, path: &DocumentPath, sequence: &mut Vec<(DocumentPath, Act)>) {
        for (at, act) in self.removed().rev() {
            sequence.push((path.clone().child(at), act.clone()));
        }
        for act in &self.appended {
            let action = Action::Append(values(std::slice::from_ref(act)));
            sequence.push((path.clone(), Act { action, ..act.clone() }));
        }
        for act in self.prepended.iter().rev() {
            let action = Action::Prepend(values(std::slice::from_ref(act)));
            sequence.push((path.clone(), Act { action, ..act.clone() }));
        }
    }

    /// What a visible position shows; `below` tells how long the list is below the changes, where they do not know it.
    pub(super) fn at(&self, visible: u32, below: impl FnOnce() -> Length) -> Shown<'_> {
        let length = if self.length == Length::Unknown { below() } else { self.length };
        let place = match length {
            Length::Unknown => return Shown::Unknown,
            Length::NotAList(_) => self.place(visible, Length::Items(0)),
            length => self.place(visible, length),
        };
        let item = match place {
            Place::Stored(stored) => {
                let edit = self.edits.binary_search_by_key(&stored, |(at, _)| *at).ok();
                return Shown::Stored(stored, edit.map(|at| &self.edits[at].1));
            }
            Place::Prepended(at) => &self.prepended[at],
            Place::Appended(at) => &self.appended[at],
            Place::Past => return Shown::Nothing,
        };
        Shown::New(item)
    }

    /// As [`Fold::in_one`](super::Fold::in_one), for what changes inside the items.
    pub(super) fn in_one(&mut self, path: &DocumentPath, base: &Base, guards: &mut Vec<Condition>) {
        for (at, node) in &mut self.edits {
            node.in_one(path.clone().child(*at), base, guards);
        }
        if !self.prepended.is_empty() && self.appended.is_empty() && self.removed.is_empty() {
            let mut idle = Vec::new();
            if self.edits.iter().all(|(at, node)| node.is_idle(path.clone().child(*at), base, &mut idle)) {
                self.edits.clear();
                guards.extend(idle);
            }
        }
    }

    pub(crate) fn has(&self, kind: OperationKind) -> bool {
        let here = match kind {
            OperationKind::Update => !self.appended.is_empty() || !self.prepended.is_empty(),
            OperationKind::Remove => !self.removed.is_empty(),
        };
        here || self.edits.iter().any(|(_, node)| node.has(kind))
    }

    /// The kind of the list's changes taken as one: an update unless they only remove.
    pub(super) fn kind(&self) -> OperationKind {
        if self.has(OperationKind::Update) { OperationKind::Update } else { OperationKind::Remove }
    }
}

/// A position behind all the stored items, whatever other writers have added meanwhile: more than fit an item of 400 KB.
pub(crate) const PAST_END: u32 = 400 * 1024;

/// Changes an item that the changes bring; gives the operations of one that is taken out again.
fn add_new(items: &mut Vec<Act>, at: usize, below: &[Segment], new: New<'_>) -> Result<Operations, Refusal> {
    if below.is_empty() && *new.action == Action::Remove {
        let mut operations = items.remove(at).operations;
        operations.extend_from_slice(new.operations);
        return Ok(operations);
    }
    let item = &mut items[at];
    if let Action::Set(value) = &mut item.action {
        let replaces = below.is_empty() && new.action.outcome().is_some();
        let came_inside = value.change_at(below, new.action)?;
        item.assembled = new.assembled || came_inside || item.assembled && !replaces;
    }
    item.operations.extend_from_slice(new.operations);
    Ok(Operations::new())
}

/// The values of items that changes bring.
pub(super) fn values(items: &[Act]) -> Vec<Value> {
    items.iter().filter_map(|act| act.action.outcome().flatten().cloned()).collect()
}
