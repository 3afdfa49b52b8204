//! The nodes of a fold.

use smallvec::SmallVec;

use super::list::ListFold;
use super::{Children, Folded, Lengths, Refusal};
use crate::change::Action;
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::report::{OperationId, OperationKind};
use crate::value::{Map, Value};

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
    /// Whether a set value was put together from changes below a removed one, and may lack required fields.
    pub(crate) assembled: bool,
    pub(crate) operations: Operations,
}

/// An operation to fold in.
pub(super) type New = Act;

/// Where a walk down the tree stands, in the terms of what lies below the fold.
pub(super) struct Walk<'w> {
    pub(super) walked: &'w mut Vec<Segment>,
    pub(super) lengths: &'w dyn Lengths,
}

pub(super) fn position(children: &Children, name: &str) -> Result<usize, usize> {
    children.binary_search_by(|(child, _)| child.as_str().cmp(name))
}

/// Folds `new` in at `path` below a map.
pub(super) fn add_below(
    children: &mut Children,
    path: &[Segment],
    new: New,
    walk: &mut Walk<'_>,
) -> Result<(), Refusal> {
    let Some((segment @ Segment::Name(name), below)) = path.split_first() else {
        return Err(Mismatch::new("a list", "a map").into());
    };
    walk.walked.push(segment.clone());
    match position(children, name) {
        Ok(at) => children[at].1.add(below, new, walk),
        Err(at) => FoldNode::of(below, new, walk).map(|node| children.insert(at, (name.clone(), node))),
    }
    .map_err(|refusal| refusal.under(segment))
}

impl Refusal {
    pub(super) fn under(self, segment: &Segment) -> Refusal {
        match self {
            Refusal::Conflict(mismatch) => Refusal::Conflict(mismatch.under(segment.clone())),
            // Its path starts at the record already.
            unknown => unknown,
        }
    }
}

impl FoldNode {
    /// The node of a single operation at `path` below.
    pub(super) fn of(path: &[Segment], new: New, walk: &mut Walk<'_>) -> Result<FoldNode, Refusal> {
        match path.first() {
            None => Ok(FoldNode::Act(new)),
            Some(Segment::Name(_)) => {
                let mut children = Children::with_capacity(1);
                add_below(&mut children, path, new, walk)?;
                Ok(FoldNode::Keep(children))
            }
            Some(Segment::Index(_)) => {
                let mut list = ListFold::begin(walk)?;
                list.add(path, new, walk)?;
                Ok(FoldNode::List(list))
            }
        }
    }

    /// Folds `new` in at `path` below this node.
    pub(super) fn add(&mut self, path: &[Segment], new: New, walk: &mut Walk<'_>) -> Result<(), Refusal> {
        if path.is_empty() {
            let mut operations = self.operations();
            operations.extend(new.operations);
            *self = FoldNode::Act(Act { operations, ..new });
            return Ok(());
        }
        match (&mut *self, &path[0]) {
            (FoldNode::Keep(children), Segment::Name(_)) => add_below(children, path, new, walk),
            (FoldNode::List(list), Segment::Index(_)) => list.add(path, new, walk),
            (FoldNode::Act(act), _) => act.add_inside(path, new),
            (FoldNode::Keep(_), Segment::Index(_)) => Err(Mismatch::new("a list", "pending changes of a map").into()),
            (FoldNode::List(_), Segment::Name(_)) => Err(Mismatch::new("a map", "pending changes of a list").into()),
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

    pub(super) fn replay(&self, path: DocumentPath, sequence: &mut Vec<(DocumentPath, New)>) {
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

    /// The value with this node laid over; `None` is an absent value.
    pub(crate) fn over(&self, below: Option<&Value>) -> Result<Option<Value>, Mismatch> {
        match self {
            FoldNode::Keep(children) => lay_over(children, below),
            FoldNode::List(list) => list.over(below).map(Some),
            FoldNode::Act(act) => match &act.action {
                Action::Set(value) => Ok(Some(value.clone())),
                Action::Remove => Ok(None),
            },
        }
    }
}

/// The map with its children laid over. Over nothing, or NULL, a map comes into being where a child needs it.
pub(super) fn lay_over(children: &Children, below: Option<&Value>) -> Result<Option<Value>, Mismatch> {
    let mut map = match below {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Map(map)) => map.clone(),
        Some(other) => return Err(Mismatch::type_of("a map", other)),
    };
    for (name, child) in children {
        let laid = child.over(map.get(name)).map_err(|mismatch| mismatch.under(Segment::Name(name.clone())))?;
        match laid {
            Some(value) => drop(map.insert(name.clone(), value)),
            None => drop(map.remove(name)),
        }
    }
    match below {
        Some(Value::Map(_)) => Ok(Some(Value::Map(map))),
        below if map.is_empty() => Ok(below.cloned()),
        _ => Ok(Some(Value::Map(map))),
    }
}

impl Act {
    /// Folds `new` into the value that this node sets, or into the nothing that it leaves.
    fn add_inside(&mut self, path: &[Segment], new: New) -> Result<(), Refusal> {
        match (&mut self.action, new.action) {
            (Action::Set(value), Action::Set(inner)) => value.set_at(path, inner)?,
            (Action::Set(value), Action::Remove) => value.remove_at(path)?,
            (Action::Remove, Action::Set(inner)) => {
                let mut value = Value::Null;
                value.set_at(path, inner)?;
                self.action = Action::Set(value);
                self.assembled = true;
            }
            (Action::Remove, Action::Remove) => {}
        }
        self.operations.extend(new.operations);
        Ok(())
    }

    pub(crate) fn kind(&self) -> OperationKind {
        self.action.kind()
    }
}

impl FoldNode {
    /// Takes the changes of one kind out; this node is [empty](Self::is_empty) where none are left.
    pub(super) fn take_kind(&mut self, kind: OperationKind) -> Option<FoldNode> {
        match self {
            FoldNode::Act(act) if act.kind() == kind => Some(std::mem::replace(self, FoldNode::Keep(Children::new()))),
            FoldNode::Act(_) => None,
            FoldNode::Keep(children) => Some(FoldNode::Keep(take_kind(children, kind))).filter(|node| !node.is_empty()),
            FoldNode::List(list) => list.take_kind(kind).map(FoldNode::List),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            FoldNode::Keep(children) => children.is_empty(),
            FoldNode::List(list) => list.is_empty(),
            FoldNode::Act(_) => false,
        }
    }
}

/// Takes the changes of one kind out of the children of a map.
pub(super) fn take_kind(children: &mut Children, kind: OperationKind) -> Children {
    let mut taken = Children::new();
    children.retain_mut(|(name, node)| {
        taken.extend(node.take_kind(kind).map(|node| (name.clone(), node)));
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
                let FoldNode::Keep(below) = node else {
                    return true;
                };
                let below_taken = take_layer_kind(below, whole, kind);
                if !below_taken.is_empty() {
                    taken.push((name.clone(), FoldNode::Keep(below_taken)));
                }
                return !below.is_empty();
            }
        };
        if covered {
            taken.push((name.clone(), std::mem::replace(node, FoldNode::Keep(Children::new()))));
        }
        !covered
    });
    taken
}
