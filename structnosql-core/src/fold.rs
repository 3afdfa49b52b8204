//! Pending operations, folded: one tree over path segments, in which no operation lies below another.

mod idle;
mod laid;
mod list;
mod node;
mod parts;
mod view;

pub(crate) use laid::Laid;
pub(crate) use list::{Length, ListFold, PAST_END};
pub(crate) use node::{Act, FoldNode};
pub(crate) use parts::Fate;
pub(crate) use view::{Depends, Resolved, Sent, ShownBy, resolve};

use crate::action::Action;
use crate::backend::UpdateAction;
use crate::error::Error;
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::report::{OperationId, OperationKind};
use crate::text::{Text, position};
use crate::value::Value;

/// The operations of one record, folded.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fold {
    /// By top-level attribute, in the order of their names.
    attributes: Children,
}

/// The nodes below a map, in the order of their names.
pub(crate) type Children = Vec<(Text, FoldNode)>;

/// Why an operation cannot be folded.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It leads through a pending value of another kind.
    Conflict(Mismatch),
    /// What it comes to depends on the value here, which is not known.
    Unknown(DocumentPath),
    /// What it comes to depends on a value that a write in doubt may have changed.
    InDoubt(Error),
}

impl From<Mismatch> for Refusal {
    fn from(mismatch: Mismatch) -> Self {
        Refusal::Conflict(mismatch)
    }
}

/// Tells the lengths of lists below the folded operations.
pub(crate) trait Lengths {
    fn length(&self, list: &[Segment]) -> Length;
}

impl Fold {
    pub(crate) fn is_empty(&self) -> bool {
        self.attributes.is_empty()
    }

    /// Folds one more operation in and takes its action, or changes nothing.
    pub(crate) fn add(
        &mut self,
        path: &DocumentPath,
        action: &mut Action,
        operation: OperationId,
        lengths: &dyn Lengths,
    ) -> Result<(), Refusal> {
        self.add_folded(path, node::New { action, operations: &[operation], assembled: false }, lengths)
    }

    /// Folds in what one more operation makes of the whole value at `path`. It is `assembled` where that came into being
    /// by changes below it.
    pub(crate) fn add_value(
        &mut self,
        path: &DocumentPath,
        value: Option<Value>,
        assembled: bool,
        operation: OperationId,
        lengths: &dyn Lengths,
    ) -> Result<(), Refusal> {
        let mut action = value.map_or(Action::Remove, Action::Set);
        self.add_folded(path, node::New { action: &mut action, operations: &[operation], assembled }, lengths)
    }

    /// Sets or removes a value that is set or removed already. Gives whether it was.
    pub(crate) fn replace(&mut self, path: &DocumentPath, action: &mut Action, operation: OperationId) -> bool {
        let new = node::New { action, operations: &[operation], assembled: false };
        new.action.outcome().is_some() && node::replace(&mut self.attributes, path.segments(), new)
    }

    fn add_folded(&mut self, path: &DocumentPath, new: node::New<'_>, lengths: &dyn Lengths) -> Result<(), Refusal> {
        let path = path.segments();
        node::add_below(&mut self.attributes, path, new, &mut node::Walk::below(&[], path, lengths))
    }

    /// Folds all of `newer`, which came later, in.
    pub(crate) fn absorb(&mut self, newer: &Fold, lengths: &dyn Lengths) -> Result<(), Refusal> {
        node::absorb(&mut self.attributes, &newer.attributes, &mut Vec::new(), lengths)
    }

    /// Calls `visit` with every folded operation, in the order of their paths.
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(Folded<'_>)) {
        for (name, node) in &self.attributes {
            node.visit(DocumentPath::root().child(name.clone()), visit);
        }
    }

    /// Calls `visit` with the path of every value that a read may see change; a changed list is one value.
    pub(crate) fn visit_values(&self, visit: &mut dyn FnMut(DocumentPath)) {
        for (name, node) in &self.attributes {
            node.visit_values(DocumentPath::root().child(name.clone()), visit);
        }
    }

    /// Whether there is an operation of this kind.
    pub(crate) fn has(&self, kind: OperationKind) -> bool {
        self.attributes.iter().any(|(_, node)| node.has(kind))
    }

    /// Whether a record comes into being with it where there is none.
    pub(crate) fn creates(&self) -> bool {
        self.attributes.iter().any(|(_, node)| node.creates())
    }

    /// Takes the operations of one kind out: whole nodes, and of list nodes the clauses of that kind.
    pub(crate) fn take_kind(&mut self, kind: OperationKind, fate: Fate) -> Fold {
        Fold { attributes: parts::take_kind(&mut self.attributes, kind, fate) }
    }

    /// Takes out of this one of several layers what is of `kind` in `whole`, the fold of them all.
    pub(crate) fn take_kind_of(&mut self, whole: &Fold, kind: OperationKind) -> Fold {
        Fold { attributes: parts::take_layer_kind(&mut self.attributes, &whole.attributes, kind) }
    }

    /// Whether it takes two requests by the kinds of its operations.
    pub(crate) fn takes_two(&self) -> bool {
        self.attributes.iter().any(|(_, node)| node.takes_two())
    }

    /// Takes out what cannot be in one request with the rest, by its kind.
    pub(crate) fn take_later(&mut self) -> Fold {
        Fold { attributes: parts::take_later(&mut self.attributes) }
    }

    /// Takes out what a plan has from `first` on.
    pub(crate) fn split_at(&mut self, first: &UpdateAction) -> Fold {
        let removes = first.action == Action::Remove;
        Fold { attributes: parts::split_at(&mut self.attributes, first.path.segments(), removes) }
    }

    /// The nodes of the attributes that `path` starts with, for [`restore`](Self::restore).
    pub(crate) fn save<'p>(&self, paths: impl Iterator<Item = &'p DocumentPath>) -> Vec<(Text, Option<FoldNode>)> {
        let mut saved: Vec<(Text, Option<FoldNode>)> = Vec::new();
        for path in paths {
            if let Some(Segment::Name(name)) = path.segments().first()
                && !saved.iter().any(|(known, _)| known == name)
            {
                let node = position(&self.attributes, name).ok().map(|at| self.attributes[at].1.clone());
                saved.push((name.clone(), node));
            }
        }
        saved
    }

    /// Puts attributes back as they were saved.
    pub(crate) fn restore(&mut self, saved: Vec<(Text, Option<FoldNode>)>) {
        for (name, node) in saved {
            match (position(&self.attributes, &name), node) {
                (Ok(at), Some(node)) => self.attributes[at].1 = node,
                (Ok(at), None) => drop(self.attributes.remove(at)),
                (Err(at), Some(node)) => self.attributes.insert(at, (name, node)),
                (Err(_), None) => {}
            }
        }
    }

    pub(crate) fn attributes(&self) -> &Children {
        &self.attributes
    }
}

/// One folded operation.
#[derive(Debug)]
pub(crate) struct Folded<'f> {
    pub(crate) path: DocumentPath,
    pub(crate) action: &'f Action,
    pub(crate) operations: &'f [OperationId],
}
