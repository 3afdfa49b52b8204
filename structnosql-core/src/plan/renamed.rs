//! Attributes that may be stored under an earlier name: a write moves them to their own.

use super::whole::check_whole;
use super::{Planner, conflict};
use crate::action::Action;
use crate::backend::UpdateAction;
use crate::base::Lookup;
use crate::condition::{Comparison, Condition, Operand};
use crate::error::Error;
use crate::failure::Failure;
use crate::fold::{Act, FoldNode};
use crate::path::DocumentPath;
use crate::schema::Declared;
use crate::text::Text;
use crate::value::Value;

impl Planner<'_> {
    /// What is pending for an attribute of the record.
    pub(super) fn attribute(&mut self, name: &Text, node: &FoldNode) -> Result<(), Error> {
        let path = DocumentPath::root().child(name.clone());
        let removes = matches!(node, FoldNode::Act(Act { action: Action::Remove, .. }));
        let replaces = removes || matches!(node, FoldNode::Act(Act { action: Action::Set(_), .. }));
        let old_names = self.unsettled(name);
        if old_names.is_empty() {
            return self.node(node, path);
        }
        let first = self.planned.actions.len();
        match self.schema.record.adopted(self.base, name) {
            Some((old, value)) if !replaces => self.carry_over(node, path, old, value)?,
            _ => self.node(node, path)?,
        }
        if !replaces && !self.knows(name) {
            // What is stored under an earlier name would be left behind.
            self.check_guards()?;
            let guard = |old| (first, Condition::NotExists(attribute(old)));
            self.planned.guards.extend(old_names.into_iter().map(guard));
        } else if removes || self.can.grouped_updates {
            // Where it stays, what was set is what reads show.
            let remove = |old| UpdateAction { path: attribute(old), action: Action::Remove };
            self.planned.actions.extend(old_names.into_iter().map(remove));
        }
        Ok(())
    }

    /// The earlier names that something may be stored under.
    fn unsettled(&self, name: &Text) -> Vec<&'static Text> {
        let is_absent = |old: &&Text| matches!(self.base.lookup(attribute(old).segments()), Lookup::Absent);
        self.schema.record.old_names(name).filter(|old| !is_absent(old)).collect()
    }

    /// Whether there is known to be something under the name, its own or adopted.
    fn knows(&self, name: &Text) -> bool {
        matches!(self.base.lookup(attribute(name).segments()), Lookup::Known(_))
    }

    /// Makes of what is stored under an earlier name what is pending, in one piece: it has to be stored so still.
    fn carry_over(&mut self, node: &FoldNode, path: DocumentPath, old: &Text, value: Value) -> Result<(), Error> {
        self.check_guards()?;
        let declared = Declared::Record(self.schema.record).at(path.segments());
        let laid = node.over(Some(&value), declared).map_err(|mismatch| conflict(mismatch.at(&path)))?;
        if let (true, Some(after)) = (laid.assembled, &laid.value) {
            check_whole(self.schema, &path, Some(&value), after)?;
        }
        let action = laid.into_value().map_or(Action::Remove, Action::Set);
        let guard = Condition::Compare(Operand::Value(attribute(old)), Comparison::Equal, value);
        self.planned.guards.push((self.planned.actions.len(), guard));
        self.planned.actions.push(UpdateAction { path, action });
        Ok(())
    }

    fn check_guards(&self) -> Result<(), Error> {
        match self.can.conditions {
            true => Ok(()),
            false => Err(Failure::unsupported("change of a part of what may be stored under an earlier name").into()),
        }
    }
}

fn attribute(name: &Text) -> DocumentPath {
    DocumentPath::root().child(name.clone())
}
