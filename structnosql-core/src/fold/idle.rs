//! Changes that would take two requests, and take one over what is known.

use super::laid::Laid;
use super::{Act, Children, Fold, FoldNode};
use crate::action::Action;
use crate::base::{Base, Lookup};
use crate::condition::Condition;
use crate::path::DocumentPath;
use crate::schema::Declared;
use crate::value::Value;

/// More conditions than this cost more than the request that they save.
const MOST_GUARDS: usize = 25;

impl Fold {
    /// Leaves out what has no effect on a record of which `base` is known, where the rest then goes in one request: new
    /// members that a set has, lost ones that it has not. A list that comes into being is set as a whole. Gives what this
    /// takes for granted.
    pub(crate) fn in_one(&mut self, base: &Base) -> Vec<Condition> {
        let mut guards = Vec::new();
        below(&mut self.attributes, &DocumentPath::root(), base, &mut guards);
        guards
    }
}

fn below(children: &mut Children, path: &DocumentPath, base: &Base, guards: &mut Vec<Condition>) {
    for (name, node) in children {
        node.in_one(path.clone().child(name.clone()), base, guards);
    }
}

impl FoldNode {
    pub(super) fn in_one(&mut self, path: DocumentPath, base: &Base, guards: &mut Vec<Condition>) {
        match self {
            FoldNode::Keep(children) => below(children, &path, base, guards),
            FoldNode::Act(act) => {
                if let Action::Members { add, remove } = &mut act.action {
                    guards.extend(idle_half(add, remove, path, base));
                }
            }
            FoldNode::List(list) if list.takes_two() && matches!(base.lookup(path.segments()), Lookup::Absent) => {
                // Only a list that does nothing but grow comes into being.
                if let Ok(Laid { value: Some(value), assembled, .. }) = self.over(None, Declared::Nothing) {
                    let operations = self.operations();
                    *self = FoldNode::Act(Act { action: Action::Set(value.into_owned()), assembled, operations });
                    guards.push(Condition::NotExists(path));
                }
            }
            FoldNode::List(list) => list.in_one(&path, base, guards),
        }
    }

    /// Whether it takes out what is known not to be there, and nothing else; adds the conditions on which that is so.
    pub(super) fn is_idle(&self, path: DocumentPath, base: &Base, guards: &mut Vec<Condition>) -> bool {
        match self {
            FoldNode::Keep(children) => {
                children.iter().all(|(name, node)| node.is_idle(path.clone().child(name.clone()), base, guards))
            }
            FoldNode::Act(Act { action: Action::Remove | Action::Members { add: None, .. }, .. }) => {
                let is_absent = matches!(base.lookup(path.segments()), Lookup::Absent) && guards.len() < MOST_GUARDS;
                guards.push(Condition::NotExists(path));
                is_absent
            }
            _ => false,
        }
    }
}

/// Drops the members to add, or those to remove, where all of them are there already, or none; the conditions on which
/// that is so.
fn idle_half(add: &mut Option<Value>, remove: &mut Option<Value>, path: DocumentPath, base: &Base) -> Vec<Condition> {
    let (Some(gained), Some(lost)) = (&*add, &*remove) else { return Vec::new() };
    let (gained, lost) = (gained.members(), lost.members());
    let has = |member: &Value| Condition::Contains(path.clone(), member.clone());
    let set = match base.lookup(path.segments()) {
        Lookup::Absent => {
            *remove = None;
            return vec![Condition::NotExists(path)];
        }
        Lookup::Known(set) => set.members(),
        _ => return Vec::new(),
    };
    if lost.len() <= MOST_GUARDS && !lost.iter().any(|member| set.contains(member)) {
        *remove = None;
        return lost.iter().map(|member| Condition::Not(Box::new(has(member)))).collect();
    }
    if gained.len() <= MOST_GUARDS && gained.iter().all(|member| set.contains(member)) {
        *add = None;
        return gained.iter().map(has).collect();
    }
    Vec::new()
}
