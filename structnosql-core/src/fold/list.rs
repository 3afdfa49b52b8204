//! Pending changes of a list: in the positions that the stored list has.

use super::node::{Act, FoldNode, New, Operations, Walk};
use super::{Folded, Refusal};
use crate::change::Action;
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::report::OperationKind;
use crate::value::Value;

/// How long the list below a fold is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// So many items.
    Items(u32),
    /// Not known, and it matters.
    Unknown,
    /// There is something else, or nothing.
    NotAList(&'static str),
    /// Not known, and positions are taken as they are given: DynamoDB decides what they mean.
    AsGiven,
}

/// Pending changes of a list.
///
/// Callers name positions in the list as they see it; DynamoDB wants positions in the list as it is stored.
/// The fold keeps stored positions, so that all changes fit one expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ListFold {
    /// How long the stored list is; `None` takes every position as given.
    length: Option<u32>,
    /// Changes of stored items, by position.
    edits: Vec<(u32, FoldNode)>,
    /// Stored items that are taken out, by position.
    removed: Vec<(u32, Act)>,
    /// Items behind the stored ones.
    appended: Vec<Act>,
}

/// What a visible position stands for.
enum Place {
    Stored(u32),
    Appended(usize),
    Past,
}

impl ListFold {
    /// A fold without changes, over the list that `walk` has reached.
    pub(super) fn begin(walk: &Walk<'_>) -> Result<ListFold, Refusal> {
        let length = match walk.lengths.length(walk.walked) {
            Length::Items(length) => Some(length),
            Length::AsGiven => None,
            Length::NotAList(found) => return Err(Mismatch::new("a list", found).into()),
            Length::Unknown => return Err(Refusal::UnknownList(walk.walked.iter().cloned().collect())),
        };
        Ok(ListFold { length, edits: Vec::new(), removed: Vec::new(), appended: Vec::new() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.removed.is_empty() && self.appended.is_empty()
    }

    fn place(&self, visible: u32) -> Place {
        let mut stored = visible;
        for (removed, _) in &self.removed {
            if *removed <= stored {
                stored += 1;
            }
        }
        match self.length {
            Some(length) if stored >= length => {
                let behind = (stored - length) as usize;
                if behind < self.appended.len() { Place::Appended(behind) } else { Place::Past }
            }
            _ => Place::Stored(stored),
        }
    }

    pub(super) fn add(&mut self, path: &[Segment], new: New, walk: &mut Walk<'_>) -> Result<(), Refusal> {
        let Some((segment @ Segment::Index(visible), below)) = path.split_first() else {
            return Err(Mismatch::new("a map", "a list").into());
        };
        let added = match self.place(*visible) {
            Place::Stored(stored) => self.add_stored(stored, below, new, walk),
            Place::Appended(at) => self.add_appended(at, below, new),
            Place::Past => self.add_past(below, new),
        };
        added.map_err(|refusal| refusal.under(segment))
    }

    fn add_stored(&mut self, stored: u32, below: &[Segment], mut new: New, walk: &mut Walk<'_>) -> Result<(), Refusal> {
        let edit = self.edits.binary_search_by_key(&stored, |(at, _)| *at);
        if below.is_empty() && new.action == Action::Remove {
            if let Ok(at) = edit {
                let (_, dropped) = self.edits.remove(at);
                new.operations.extend(dropped.operations());
            }
            let at = self.removed.partition_point(|(removed, _)| *removed < stored);
            self.removed.insert(at, (stored, new));
            return Ok(());
        }
        walk.walked.push(Segment::Index(stored));
        match edit {
            Ok(at) => self.edits[at].1.add(below, new, walk),
            Err(at) => {
                self.edits.insert(at, (stored, FoldNode::of(below, new, walk)?));
                Ok(())
            }
        }
    }

    fn add_appended(&mut self, at: usize, below: &[Segment], new: New) -> Result<(), Refusal> {
        let item = &mut self.appended[at];
        match (new.action, &mut item.action) {
            (Action::Set(value), kept) if below.is_empty() => *kept = Action::Set(value),
            (Action::Set(inner), Action::Set(value)) => value.set_at(below, inner)?,
            (Action::Remove, Action::Set(value)) if !below.is_empty() => value.remove_at(below)?,
            _ => {
                // Appended and taken out again: nothing is left to send. Its operations go with a neighbour's.
                let mut operations = self.appended.remove(at).operations;
                operations.extend(new.operations);
                self.hand_on(operations);
                return Ok(());
            }
        }
        item.operations.extend(new.operations);
        Ok(())
    }

    fn add_past(&mut self, below: &[Segment], new: New) -> Result<(), Refusal> {
        match (&new.action, below.is_empty()) {
            (Action::Set(_), true) => self.appended.push(new),
            (Action::Set(_), false) => {
                return Err(Mismatch::new("a list item", "nothing past the end of the list").into());
            }
            (Action::Remove, _) => self.hand_on(new.operations),
        }
        Ok(())
    }

    /// Operations that have no effect are retired with another change of the list, if there is one.
    fn hand_on(&mut self, operations: Operations) {
        let neighbour = self.appended.last_mut().or(self.removed.last_mut().map(|(_, act)| act));
        if let Some(act) = neighbour {
            act.operations.extend(operations);
        }
    }

    /// Changes of stored items, by position.
    pub(crate) fn edits(&self) -> &[(u32, FoldNode)] {
        &self.edits
    }

    /// Items behind the stored ones, by the positions that they will have.
    pub(crate) fn appended(&self) -> impl Iterator<Item = (u32, &Act)> {
        self.appended.iter().enumerate().map(|(at, act)| (self.appended_position(at), act))
    }

    /// Stored items that are taken out, by position.
    pub(crate) fn removed(&self) -> impl DoubleEndedIterator<Item = (u32, &Act)> {
        self.removed.iter().map(|(at, act)| (*at, act))
    }

    /// The position behind the stored items of the appended item `at`.
    fn appended_position(&self, at: usize) -> u32 {
        self.length.unwrap_or(0) + at as u32
    }

    /// In the positions of the stored list.
    pub(super) fn visit(&self, path: &DocumentPath, visit: &mut dyn FnMut(Folded<'_>)) {
        for (at, node) in &self.edits {
            node.visit(path.clone().child(*at), visit);
        }
        for (at, act) in self.appended().chain(self.removed()) {
            visit(Folded { path: path.clone().child(at), action: &act.action, operations: &act.operations });
        }
    }

    /// In the positions that a caller would name: edits and appended items first, then removals from the end.
    pub(super) fn replay(&self, path: &DocumentPath, sequence: &mut Vec<(DocumentPath, New)>) {
        for (at, node) in &self.edits {
            node.replay(path.clone().child(*at), sequence);
        }
        for (at, act) in self.appended().chain(self.removed().rev()) {
            sequence.push((path.clone().child(at), act.clone()));
        }
    }

    /// The list with the changes laid over.
    pub(super) fn over(&self, below: Option<&Value>) -> Result<Value, Mismatch> {
        let mut items = match below {
            Some(Value::List(items)) => items.clone(),
            Some(other) => return Err(Mismatch::type_of("a list", other)),
            None => return Err(Mismatch::new("a list", "nothing")),
        };
        for (at, node) in &self.edits {
            let index = *at as usize;
            match node.over(items.get(index)).map_err(|mismatch| mismatch.under(Segment::Index(*at)))? {
                Some(value) if index < items.len() => items[index] = value,
                Some(value) => items.push(value),
                None => {}
            }
        }
        items.extend(self.appended.iter().filter_map(|act| match &act.action {
            Action::Set(value) => Some(value.clone()),
            Action::Remove => None,
        }));
        for (at, _) in self.removed.iter().rev() {
            if (*at as usize) < items.len() {
                items.remove(*at as usize);
            }
        }
        Ok(Value::List(items))
    }

    /// What a visible position shows: the value of an appended item, or the node and position of a stored one.
    pub(super) fn at(&self, visible: u32) -> Option<Result<&Value, (u32, Option<&FoldNode>)>> {
        match self.place(visible) {
            Place::Stored(stored) => {
                let edit = self.edits.binary_search_by_key(&stored, |(at, _)| *at).ok();
                Some(Err((stored, edit.map(|at| &self.edits[at].1))))
            }
            Place::Appended(at) => match &self.appended[at].action {
                Action::Set(value) => Some(Ok(value)),
                Action::Remove => None,
            },
            Place::Past => None,
        }
    }

    /// Takes the changes of one kind out; what stays is put in the positions that the list will have then.
    pub(super) fn take_kind(&mut self, kind: OperationKind) -> Option<ListFold> {
        let mut taken = ListFold { length: self.length, edits: Vec::new(), removed: Vec::new(), appended: Vec::new() };
        self.edits.retain_mut(|(at, node)| {
            taken.edits.extend(node.take_kind(kind).map(|node| (*at, node)));
            !node.is_empty()
        });
        match kind {
            OperationKind::Remove => {
                taken.removed = std::mem::take(&mut self.removed);
                for (at, _) in &mut self.edits {
                    *at -= taken.removed.iter().filter(|(removed, _)| removed < at).count() as u32;
                }
                self.length = self.length.map(|length| length - taken.removed.len() as u32);
            }
            OperationKind::Update => {
                taken.appended = std::mem::take(&mut self.appended);
                self.length = self.length.map(|length| length + taken.appended.len() as u32);
            }
        }
        (!taken.is_empty()).then_some(taken)
    }

    pub(super) fn has(&self, kind: OperationKind) -> bool {
        let structural = match kind {
            OperationKind::Update => !self.appended.is_empty(),
            OperationKind::Remove => !self.removed.is_empty(),
        };
        structural || self.edits.iter().any(|(_, node)| node.has(kind))
    }

    /// The kind of the list's changes taken as one: an update unless they only remove.
    pub(super) fn kind(&self) -> OperationKind {
        if self.has(OperationKind::Update) { OperationKind::Update } else { OperationKind::Remove }
    }
}
