//! Taking changes out of a fold: those of one kind, those that go with a later request.

use super::Children;
use super::list::{Length, ListFold, PAST_END};
use super::node::{Act, FoldNode};
use crate::action::Action;
use crate::path::Segment;
use crate::report::OperationKind;
use crate::text::position;

/// What becomes of operations that are taken out of a fold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// A commit applies them.
    Applied,
    /// They are cleared.
    Dropped,
}

impl FoldNode {
    /// Takes the changes of one kind out; this node is [empty](Self::is_empty) where none are left.
    pub(super) fn take_kind(&mut self, kind: OperationKind, fate: Fate) -> Option<FoldNode> {
        match self {
            FoldNode::Act(act) if act.kind() == kind => Some(std::mem::replace(self, FoldNode::Keep(Children::new()))),
            FoldNode::Act(_) => None,
            FoldNode::Keep(children) => {
                Some(FoldNode::Keep(take_kind(children, kind, fate))).filter(|node| !node.is_empty())
            }
            FoldNode::List(list) => list.take_kind(kind, fate).map(FoldNode::List),
        }
    }

    /// Whether the changes take two requests, as [`take_later`] tells.
    pub(super) fn takes_two(&self) -> bool {
        match self {
            FoldNode::Keep(children) => children.iter().any(|(_, child)| child.takes_two()),
            FoldNode::List(list) => list.takes_two(),
            FoldNode::Act(act) => matches!(act.action, Action::Members { add: Some(_), remove: Some(_) }),
        }
    }

    /// Takes out what cannot be in one request with the rest.
    pub(super) fn take_later(&mut self) -> Option<FoldNode> {
        match self {
            FoldNode::Keep(children) => Some(FoldNode::Keep(take_later(children))).filter(|later| !later.is_empty()),
            FoldNode::List(list) => list.take_later().map(FoldNode::List),
            FoldNode::Act(act) => match &mut act.action {
                Action::Members { add: Some(_), remove: lost @ Some(_) } => {
                    let action = Action::Members { add: None, remove: lost.take() };
                    let operations = act.operations.clone();
                    Some(FoldNode::Act(Act { action, assembled: false, operations }))
                }
                _ => None,
            },
        }
    }
}

/// Takes the changes of one kind out of the children of a map.
pub(super) fn take_kind(children: &mut Children, kind: OperationKind, fate: Fate) -> Children {
    let mut taken = Children::new();
    children.retain_mut(|(name, node)| {
        taken.extend(node.take_kind(kind, fate).map(|node| (name.clone(), node)));
        !node.is_empty()
    });
    taken
}

/// Takes out of one of several layers what is of `kind` in the whole fold of them.
///
/// A list that several layers change is one: its positions in one layer depend on the layers below.
pub(super) fn take_layer_kind(children: &mut Children, whole: &Children, kind: OperationKind) -> Children {
    let mut taken = Children::new();
    children.retain_mut(|(name, node)| {
        let Some(whole) = position(whole, name).ok().map(|at| &whole[at].1) else {
            return true;
        };
        let covered = match whole {
            FoldNode::Act(act) => act.kind() == kind,
            FoldNode::List(list) => list.kind() == kind,
            FoldNode::Keep(whole) => {
                if let FoldNode::Keep(below) = node {
                    let below_taken = take_layer_kind(below, whole, kind);
                    if !below_taken.is_empty() {
                        taken.push((name.clone(), FoldNode::Keep(below_taken)));
                    }
                    return !below.is_empty();
                }
                // It has no effect over the others, and is retired with them.
                node.has(kind)
            }
        };
        if covered {
            taken.push((name.clone(), std::mem::replace(node, FoldNode::Keep(Children::new()))));
        }
        !covered
    });
    taken
}

/// Takes out what cannot be in one request with the rest: a set takes new members and loses others in two, a list
/// grows at its front and changes elsewhere in two.
pub(super) fn take_later(children: &mut Children) -> Children {
    let later = children.iter_mut().filter_map(|(name, node)| node.take_later().map(|later| (name.clone(), later)));
    later.collect()
}

/// Takes out the changes at `path`, in the order that a plan has them, and all that follow.
pub(super) fn split_at(children: &mut Children, path: &[Segment], removes: bool) -> Children {
    let Some((Segment::Name(name), below)) = path.split_first() else {
        return Children::new();
    };
    let at = position(children, name).unwrap_or_else(|at| at);
    let mut later = children.split_off(at);
    if let (Some((_, node)), false) = (later.first_mut().filter(|(first, _)| first == name), below.is_empty()) {
        let split = match node {
            FoldNode::Keep(children) => FoldNode::Keep(split_at(children, below, removes)),
            FoldNode::List(list) => FoldNode::List(list.split_at(below, removes)),
            FoldNode::Act(_) => return later,
        };
        let first = std::mem::replace(node, split);
        if !first.is_empty() {
            children.push((name.clone(), first));
        }
    }
    later
}

impl ListFold {
    /// Takes the changes of one kind out. What stays is put in the positions that the list will have once they are
    /// applied; where they are dropped, positions stay those of the stored list.
    pub(super) fn take_kind(&mut self, kind: OperationKind, fate: Fate) -> Option<ListFold> {
        let mut taken = ListFold { length: self.length, ..ListFold::default() };
        self.edits.retain_mut(|(at, node)| {
            taken.edits.extend(node.take_kind(kind, fate).map(|node| (*at, node)));
            !node.is_empty()
        });
        match kind {
            OperationKind::Remove => taken.removed = std::mem::take(&mut self.removed),
            OperationKind::Update => {
                taken.appended = std::mem::take(&mut self.appended);
                taken.prepended = std::mem::take(&mut self.prepended);
            }
        }
        if fate == Fate::Applied {
            let before = taken.prepended.len() as u32;
            let moved =
                |at: u32| at + before - taken.removed.iter().filter(|(removed, _)| *removed < at).count() as u32;
            self.edits.iter_mut().for_each(|(at, _)| *at = moved(*at));
            self.removed.iter_mut().for_each(|(at, _)| *at = moved(*at));
            let added = taken.appended.len() + taken.prepended.len();
            self.lengthen(added as i64 - taken.removed.len() as i64);
        }
        (!taken.is_empty()).then_some(taken)
    }

    /// Whether the changes take two requests: the list grows at its front and changes elsewhere.
    pub(super) fn takes_two(&self) -> bool {
        let elsewhere = !self.appended.is_empty() || !self.edits.is_empty() || !self.removed.is_empty();
        !self.prepended.is_empty() && elsewhere || self.edits.iter().any(|(_, node)| node.takes_two())
    }

    /// Takes out what cannot be in one request with the rest: what is added at the front, and of items inside the list
    /// what they take two requests for. Removals go with these, whose positions they would shift.
    pub(super) fn take_later(&mut self) -> Option<ListFold> {
        if !self.takes_two() {
            return None;
        }
        let edits = self.edits.iter_mut();
        let edits: Vec<_> = edits.filter_map(|(at, node)| node.take_later().map(|later| (*at, later))).collect();
        let removed = if edits.is_empty() { Vec::new() } else { std::mem::take(&mut self.removed) };
        let mut later = ListFold {
            length: self.length,
            prepended: std::mem::take(&mut self.prepended),
            edits,
            removed,
            ..ListFold::default()
        };
        later.lengthen(self.appended.len() as i64);
        Some(later)
    }

    /// Takes out the changes at `path`, in the order that a plan has them, and all that follow: edits, appended items,
    /// removals from the end.
    pub(super) fn split_at(&mut self, path: &[Segment], removes: bool) -> ListFold {
        let mut later = ListFold { length: self.length, ..ListFold::default() };
        let Some(Segment::Index(first)) = path.first() else {
            return std::mem::take(self);
        };
        if removes && path.len() == 1 {
            let at = self.removed.partition_point(|(removed, _)| removed <= first);
            later.removed = self.removed.drain(..at).collect();
            return later;
        }
        later.removed = std::mem::take(&mut self.removed);
        match first.checked_sub(PAST_END) {
            Some(applied) => {
                later.appended = self.appended.split_off((applied as usize).min(self.appended.len()));
                later.lengthen(self.appended.len() as i64);
            }
            None => {
                let at = self.edits.partition_point(|(edit, _)| edit < first);
                later.edits = self.edits.split_off(at);
                later.appended = std::mem::take(&mut self.appended);
            }
        }
        later
    }

    fn lengthen(&mut self, by: i64) {
        if let Length::Items(length) = &mut self.length {
            *length = length.saturating_add_signed(by as i32);
        }
    }
}
