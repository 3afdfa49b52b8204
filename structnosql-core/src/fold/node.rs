//! The nodes of a fold.

use smallvec::SmallVec;

use super::list::ListFold;
use super::{Children, Folded, Lengths, Refusal};
use crate::action::{Action, Incompatible};
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::report::{OperationId, OperationKind};
use crate::text::position;
use crate::value::Value;

/// The operations that were folded into one node. They are retired together.
pub(crate) type Operations = SmallVec<[OperationId; 2]>;

/// What is pending at one path, or below it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum FoldNode {
    /// The map stays; something below it changes.
    Keep(Children),
    /// The list stays; items of it change.
    List(ListFold),
    /// The value itself changes.
    Act(Act),
}

/// What is pending for one value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Act {
    pub(crate) action: Action,
    /// Something in a set value came into being with changes of what is in it, and may lack required fields.
    pub(crate) assembled: bool,
    pub(crate) operations: Operations,
}

/// An operation to fold in. Its action is taken by what folds it in, which leaves any other in its place; where it is
/// refused the action stays.
pub(super) struct New<'n> {
    pub(super) action: &'n mut Action,
    pub(super) assembled: bool,
    pub(super) operations: &'n [OperationId],
}

impl<'n> New<'n> {
    pub(super) fn of(act: &'n mut Act) -> Self {
        New { action: &mut act.action, assembled: act.assembled, operations: &act.operations }
    }

    pub(super) fn take(self) -> Act {
        let New { assembled, operations, .. } = self;
        Act { action: self.take_action(), assembled, operations: Operations::from_slice(operations) }
    }

    pub(super) fn take_action(self) -> Action {
        std::mem::replace(self.action, Action::Remove)
    }

    /// Whether the action is one that a list fold holds.
    fn is_of_list(&self) -> bool {
        matches!(self.action, Action::Append(_) | Action::Prepend(_))
    }
}

/// Where a walk down the tree stands.
pub(super) struct Walk<'w> {
    above: &'w [Segment],
    path: &'w [Segment],
    depth: usize,
    /// Positions in lists that are others in what lies below the fold, by their place in the path.
    stored: SmallVec<[(usize, u32); 2]>,
    pub(super) lengths: &'w dyn Lengths,
}

/// Folds `new` in at `path` below a map.
pub(super) fn add_below(
    children: &mut Children,
    path: &[Segment],
    new: New<'_>,
    walk: &mut Walk<'_>,
) -> Result<(), Refusal> {
    let Some((segment @ Segment::Name(name), below)) = path.split_first() else {
        return Err(Mismatch::new("a list", "a map").into());
    };
    walk.depth += 1;
    // A change without effect, such as a removal past a list's end, leaves no node behind.
    match position(children, name) {
        Ok(at) => children[at].1.add(below, new, walk).map(|()| {
            if children[at].1.is_empty() {
                children.remove(at);
            }
        }),
        Err(at) => FoldNode::of(below, new, walk).map(|node| {
            if !node.is_empty() {
                match children.is_empty() {
                    // Nearly always the only one: no room is made for more.
                    true => *children = vec![(name.clone(), node)],
                    false => children.insert(at, (name.clone(), node)),
                }
            }
        }),
    }
    .map_err(|refusal| refusal.under(segment))
}

/// Folds `new`, which sets or removes a value, over another one that does so at the same path, if there is one.
///
/// To change a value again and again is common, and nothing else has to be looked at for it.
pub(super) fn replace(mut children: &mut Children, mut path: &[Segment], new: New<'_>) -> bool {
    while let Some((Segment::Name(name), below)) = path.split_first()
        && let Ok(at) = position(children, name)
    {
        match &mut children[at].1 {
            FoldNode::Keep(inner) => (children, path) = (inner, below),
            FoldNode::Act(act) if below.is_empty() && act.action.outcome().is_some() => {
                act.replace(new);
                return true;
            }
            _ => return false,
        }
    }
    false
}

/// Folds all of `newer`, which came later, in below a map.
///
/// What is new at its place goes there as it is: the lists in it have kept the positions that they have below these
/// operations, so that nothing has to be known of them again.
pub(super) fn absorb(
    children: &mut Children,
    newer: &Children,
    walked: &mut Vec<Segment>,
    lengths: &dyn Lengths,
) -> Result<(), Refusal> {
    for (name, later) in newer {
        let at = match position(children, name) {
            Ok(at) => at,
            Err(at) => {
                children.insert(at, (name.clone(), later.clone()));
                continue;
            }
        };
        walked.push(Segment::Name(name.clone()));
        children[at].1.absorb(later, walked, lengths)?;
        if children[at].1.is_empty() {
            children.remove(at);
        }
        walked.pop();
    }
    Ok(())
}

impl Refusal {
    pub(super) fn at(self, walked: &[Segment]) -> Refusal {
        walked.iter().rev().fold(self, Refusal::under)
    }

    pub(super) fn under(self, segment: &Segment) -> Refusal {
        match self {
            Refusal::Conflict(mismatch) => Refusal::Conflict(mismatch.under(segment.clone())),
            // Its path starts at the record already.
            unknown => unknown,
        }
    }
}

impl<'w> Walk<'w> {
    /// A walk along `path`, which starts at the end of `above`.
    pub(super) fn below(above: &'w [Segment], path: &'w [Segment], lengths: &'w dyn Lengths) -> Self {
        Walk { above, path, depth: 0, stored: SmallVec::new(), lengths }
    }

    /// Goes to the item at this position of the stored list.
    pub(super) fn enter_item(&mut self, stored: u32) {
        self.stored.push((self.depth, stored));
        self.depth += 1;
    }

    /// The way so far, in the terms of what lies below the fold.
    pub(super) fn walked(&self) -> DocumentPath {
        let stored = |(at, segment): (usize, &Segment)| match self.stored.iter().find(|(place, _)| *place == at) {
            Some((_, stored)) => Segment::Index(*stored),
            None => segment.clone(),
        };
        let path = self.path[..self.depth].iter().enumerate().map(stored);
        self.above.iter().cloned().chain(path).collect()
    }

    /// The value that the walk has reached has to be known: it is told as the caller named it.
    pub(super) fn unknown(&self) -> Refusal {
        Refusal::Unknown(self.above.iter().chain(&self.path[..self.depth]).cloned().collect())
    }
}

impl FoldNode {
    /// The node of a single operation at `path` below.
    pub(super) fn of(path: &[Segment], new: New<'_>, walk: &mut Walk<'_>) -> Result<FoldNode, Refusal> {
        match path.first() {
            None if new.is_of_list() => Ok(FoldNode::List(ListFold::of(new))),
            None => Ok(FoldNode::Act(new.take())),
            Some(segment @ Segment::Name(name)) => {
                walk.depth += 1;
                let node = FoldNode::of(&path[1..], new, walk).map_err(|refusal| refusal.under(segment))?;
                Ok(FoldNode::Keep(if node.is_empty() { Children::new() } else { vec![(name.clone(), node)] }))
            }
            Some(Segment::Index(_)) => {
                let mut list = ListFold::default();
                list.add(path, new, walk)?;
                Ok(FoldNode::List(list))
            }
        }
    }

    /// Folds all of `later` in, which is at this path and came later.
    pub(super) fn absorb(
        &mut self,
        later: &FoldNode,
        walked: &mut Vec<Segment>,
        lengths: &dyn Lengths,
    ) -> Result<(), Refusal> {
        match (&mut *self, later) {
            (FoldNode::Keep(children), FoldNode::Keep(later)) => absorb(children, later, walked, lengths),
            (FoldNode::List(list), FoldNode::List(later)) => list.absorb(later, walked, lengths),
            (node, later) => {
                let mut sequence = Vec::new();
                later.replay(DocumentPath::root(), &mut sequence);
                sequence.into_iter().try_for_each(|(path, mut act)| {
                    let mut walk = Walk::below(walked, path.segments(), lengths);
                    let added = node.add(path.segments(), New::of(&mut act), &mut walk);
                    added.map_err(|refusal| refusal.at(walked))
                })
            }
        }
    }

    /// Folds `new` in at `path` below this node.
    pub(super) fn add(&mut self, path: &[Segment], new: New<'_>, walk: &mut Walk<'_>) -> Result<(), Refusal> {
        match (&mut *self, path.first()) {
            (node, None) => node.add_here(new, walk),
            (FoldNode::Keep(children), Some(Segment::Name(_))) => add_below(children, path, new, walk),
            (FoldNode::List(list), Some(Segment::Index(_))) => list.add(path, new, walk),
            (FoldNode::Act(act), Some(_)) => act.add_inside(path, new, walk),
            (node, Some(segment)) => Err(Mismatch::new(segment.container(), node.describe()).into()),
        }
    }

    fn add_here(&mut self, new: New<'_>, walk: &Walk<'_>) -> Result<(), Refusal> {
        match (&mut *self, &*new.action) {
            (FoldNode::Act(act), _) => return act.add_here(new, walk),
            (_, Action::Set(_) | Action::Remove) => {
                let mut operations = self.operations();
                operations.extend_from_slice(new.operations);
                *self = FoldNode::Act(Act { operations, ..new.take() });
            }
            (FoldNode::List(list), Action::Append(_) | Action::Prepend(_)) => list.extend(new),
            // What has changes below it that store something is there.
            (node, Action::SetIfAbsent(_)) if node.creates() => node.hand_on(new.operations.into()),
            (_, Action::SetIfAbsent(_)) => return Err(walk.unknown()),
            (node, action) => return Err(Mismatch::new(action.container(), node.describe()).into()),
        }
        Ok(())
    }

    /// Whether what a later action at the same path makes of this does not depend on the stored value.
    pub(super) fn takes(&self, later: &Action) -> bool {
        match (self, later) {
            (FoldNode::Act(act), later) => {
                !matches!(act.action.clone().then(later.clone()), Err(Incompatible::DependsOnStored))
            }
            (node, Action::SetIfAbsent(_)) => node.creates(),
            _ => true,
        }
    }

    /// Whether what is pending here, with what lies below, may take several requests.
    pub(super) fn may_split(&self) -> bool {
        !matches!(self, FoldNode::Act(act) if !matches!(act.action, Action::Members { .. }))
    }

    fn describe(&self) -> &'static str {
        match self {
            FoldNode::Keep(_) => "pending changes of a map",
            FoldNode::List(_) => "pending changes of a list",
            FoldNode::Act(_) => "a pending change",
        }
    }

    /// Whether something is there once the changes are applied, whatever was before.
    pub(super) fn creates(&self) -> bool {
        match self {
            FoldNode::Keep(children) => children.iter().any(|(_, child)| child.creates()),
            FoldNode::List(list) => list.has(OperationKind::Update),
            FoldNode::Act(act) => act.action.creates(),
        }
    }

    /// Operations without an effect of their own are retired with another one here.
    pub(super) fn hand_on(&mut self, more: Operations) {
        match self {
            FoldNode::Act(act) => act.operations.extend(more),
            FoldNode::List(list) => list.hand_on(more),
            FoldNode::Keep(children) => {
                if let Some((_, child)) = children.first_mut() {
                    child.hand_on(more);
                }
            }
        }
    }

    /// Every operation at or below this node.
    pub(super) fn operations(&self) -> Operations {
        let mut all = Operations::new();
        self.visit(DocumentPath::root(), &mut |folded| all.extend_from_slice(folded.operations));
        all.sort_unstable();
        all.dedup();
        all
    }

    pub(super) fn visit(&self, path: DocumentPath, visit: &mut dyn FnMut(Folded<'_>)) {
        match self {
            FoldNode::Keep(children) => {
                for (name, child) in children {
                    child.visit(path.clone().child(name.clone()), visit);
                }
            }
            FoldNode::List(list) => list.visit(&path, visit),
            FoldNode::Act(act) => visit(Folded { path, action: &act.action, operations: &act.operations }),
        }
    }

    pub(super) fn has(&self, kind: OperationKind) -> bool {
        match self {
            FoldNode::Keep(children) => children.iter().any(|(_, child)| child.has(kind)),
            FoldNode::List(list) => list.has(kind),
            FoldNode::Act(act) => act.kind() == kind,
        }
    }

    pub(super) fn visit_values(&self, path: DocumentPath, visit: &mut dyn FnMut(DocumentPath)) {
        match self {
            FoldNode::Keep(children) => {
                for (name, child) in children {
                    child.visit_values(path.clone().child(name.clone()), visit);
                }
            }
            FoldNode::List(_) | FoldNode::Act(_) => visit(path),
        }
    }

    pub(super) fn replay(&self, path: DocumentPath, sequence: &mut Vec<(DocumentPath, Act)>) {
        match self {
            FoldNode::Keep(children) => {
                for (name, child) in children {
                    child.replay(path.clone().child(name.clone()), sequence);
                }
            }
            FoldNode::List(list) => list.replay(&path, sequence),
            FoldNode::Act(act) => sequence.push((path, act.clone())),
        }
    }
}

impl Act {
    /// Folds `new` in at the same path.
    fn add_here(&mut self, new: New<'_>, walk: &Walk<'_>) -> Result<(), Refusal> {
        let New { operations, assembled, .. } = new;
        self.action = match (&*new.action, self.action.outcome()) {
            (Action::Set(_) | Action::Remove, _) => {
                self.replace(new);
                return Ok(());
            }
            (action, Some(outcome)) => action.over(outcome)?.map_or(Action::Remove, Action::Set),
            (action, None) => match self.action.clone().then(action.clone()) {
                Ok(folded) => folded,
                Err(Incompatible::Conflict(mismatch)) => return Err(mismatch.into()),
                Err(Incompatible::DependsOnStored) => return Err(walk.unknown()),
            },
        };
        self.assembled |= assembled;
        self.operations.extend_from_slice(operations);
        Ok(())
    }

    /// A new value takes the place of whatever was pending, which goes where the new one was.
    #[inline]
    fn replace(&mut self, new: New<'_>) {
        self.assembled = new.assembled;
        match new.operations {
            [only] => self.operations.push(*only),
            several => self.operations.extend_from_slice(several),
        }
        std::mem::swap(&mut self.action, new.action);
    }

    /// Folds `new` into the value that this node sets, or into the nothing that it leaves.
    fn add_inside(&mut self, path: &[Segment], new: New<'_>, walk: &Walk<'_>) -> Result<(), Refusal> {
        match &mut self.action {
            Action::Set(value) => self.assembled |= new.assembled | value.change_at(path, new.action)?,
            Action::Remove => {
                if let Some(inner) = new.action.over(None)? {
                    let mut value = Value::Null;
                    self.assembled = value.set_at(path, inner)?;
                    self.action = Action::Set(value);
                }
            }
            Action::SetIfAbsent(_) => return Err(walk.unknown()),
            other => return Err(Mismatch::new("a map or list", other.container()).into()),
        }
        self.operations.extend_from_slice(new.operations);
        Ok(())
    }

    pub(crate) fn kind(&self) -> OperationKind {
        self.action.kind()
    }
}

impl FoldNode {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            FoldNode::Keep(children) => children.is_empty(),
            FoldNode::List(list) => list.is_empty(),
            FoldNode::Act(_) => false,
        }
    }
}
