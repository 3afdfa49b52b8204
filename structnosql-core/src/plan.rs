//! From folded operations to one update request: pure, from what is known of the record.

mod cuts;
mod parents;
mod parts;
mod renamed;
mod whole;

pub(crate) use parents::leans_on_parents;
pub(crate) use parts::{Part, Parts, plan_part};
pub use parts::{Split, SplitReason};

use std::sync::Arc;

use crate::action::Action;
use crate::backend::{Capabilities, UpdateAction, UpdateRequest};
use crate::base::{Base, Lookup};
use crate::condition::Condition;
use crate::error::{Error, ErrorKind};
use crate::fold::{Act, Children, Fold, FoldNode, ListFold, PAST_END};
use crate::lock::{Terms, unchanged};
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::projection::with_version;
use crate::report::OperationKind;
use crate::schema::{Declared, TableSchema};
use crate::value::{Map, StoredType, Value};
use whole::{check_whole, completed, completed_items};

/// What one update has to do, and what it takes for granted.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Planned {
    /// Paths that are neither equal nor below one another.
    pub(crate) actions: Vec<UpdateAction>,
    /// What the plan takes for granted of the stored record, each with the place of the action that leans on it; where
    /// it fails, the plan is made again.
    pub(crate) guards: Vec<(usize, Condition)>,
    /// What was read and has to be stored still; where it fails, another writer was there.
    pub(crate) checks: Vec<Condition>,
}

impl Planned {
    /// The request, with the caller's own conditions.
    pub(crate) fn request(self, table: &Arc<str>, key: Map, conditions: &[Condition]) -> UpdateRequest {
        UpdateRequest {
            table: table.clone(),
            key,
            condition: self.condition(conditions, &self.checks),
            actions: self.actions,
            return_old: false,
        }
    }

    fn condition(&self, conditions: &[Condition], checks: &[Condition]) -> Option<Condition> {
        Condition::all(conditions.iter().chain(checks).chain(self.guards.iter().map(|(_, guard)| guard)).cloned())
    }

    fn creates(&self) -> bool {
        self.actions.iter().any(|action| action.action.creates())
    }

    /// As one request: bound to the record's existence where it only removes, and what is written to what was read.
    fn bound(mut self, schema: &TableSchema, base: &Base, terms: &Terms) -> Planned {
        let creates = self.creates();
        if !creates && *base == Base::Absent {
            // Nothing can be removed from a record that is not there.
            self.actions.clear();
        }
        if self.actions.is_empty() {
            return self;
        }
        if !creates && (!base.is_present() || terms.may_create()) && terms.can.conditions {
            // An update that only removes must not bring a record into being, nor must the version with it.
            self.guards.push((0, schema.record_exists()));
        }
        if terms.unchanged {
            self.checks = unchanged(schema, base, &self.actions);
        }
        if let Some(version) = terms.version_action(schema) {
            self.checks.splice(0..0, terms.version_check(&version.path));
            self.actions.insert(0, version);
        }
        self
    }
}

/// Plans what applies `fold` to a record of which `base` is known, in however many requests.
pub(crate) fn plan(schema: &TableSchema, base: &Base, fold: &Fold, can: Capabilities) -> Result<Planned, Error> {
    let mut planner = Planner { schema, base, can, planned: Planned::default() };
    fold.attributes().iter().try_for_each(|(name, node)| planner.attribute(name, node))?;
    Ok(planner.planned)
}

struct Planner<'p> {
    schema: &'p TableSchema,
    base: &'p Base,
    can: Capabilities,
    planned: Planned,
}

impl Planner<'_> {
    fn children(&mut self, children: &Children, path: &DocumentPath) -> Result<(), Error> {
        children.iter().try_for_each(|(name, node)| self.node(node, path.clone().child(name.clone())))
    }

    fn node(&mut self, node: &FoldNode, path: DocumentPath) -> Result<(), Error> {
        match node {
            // No members at all: nothing changes.
            FoldNode::Act(Act { action: Action::Members { add: None, remove: None }, .. }) => Ok(()),
            FoldNode::Act(act) => {
                let action = match &act.action {
                    Action::Set(value) if act.assembled => Action::Set(completed(self.schema, &path, value.clone())?),
                    action => action.clone(),
                };
                self.planned.actions.push(UpdateAction { path, action });
                Ok(())
            }
            FoldNode::List(list) => self.list(list, path),
            FoldNode::Keep(children) => match self.base.lookup(path.segments()) {
                // Nothing comes into being between items of a list: DynamoDB would append it.
                Lookup::Absent if matches!(path.segments().last(), Some(Segment::Index(_))) => {
                    match self.over_nothing(node, &path)? {
                        None => Ok(()),
                        Some(_) => Err(conflict(Mismatch::new("a list item", "nothing").at(&path))),
                    }
                }
                Lookup::Absent => self.create(node, path, Condition::NotExists),
                Lookup::Known(value) => match &*value {
                    Value::Map(_) => self.children(children, &path),
                    // As for an `Option`, a NULL is as good as nothing.
                    Value::Null => self.create(node, path, |path| Condition::HasType(path, StoredType::Null)),
                    other => Err(conflict(Mismatch::type_of("a map", other).at(&path))),
                },
                Lookup::Unknown | Lookup::Assumed(_) => self.children(children, &path),
                Lookup::Conflict(mismatch) => Err(conflict(mismatch)),
            },
        }
    }

    fn list(&mut self, list: &ListFold, path: DocumentPath) -> Result<(), Error> {
        let removes = !list.has(OperationKind::Update);
        match self.base.lookup(path.segments()) {
            // There is nothing to take out.
            Lookup::Absent if removes => return Ok(()),
            Lookup::Known(value) if removes && *value == Value::Null => return Ok(()),
            Lookup::Known(value) if !matches!(*value, Value::List(_)) => {
                return Err(conflict(Mismatch::type_of("a list", &value).at(&path)));
            }
            Lookup::Absent if !list.edits().is_empty() || list.removed().next().is_some() => {
                return Err(conflict(Mismatch::new("a list", "nothing").at(&path)));
            }
            Lookup::Conflict(mismatch) => return Err(conflict(mismatch)),
            _ => {}
        }
        let appended = completed_items(self.schema, &path, list.appended(), list.first_appended())?;
        let mut push = |path, action| self.planned.actions.push(UpdateAction { path, action });
        if !list.prepended().is_empty() {
            push(path.clone(), Action::Prepend(completed_items(self.schema, &path, list.prepended(), 0)?));
        }
        if list.edits().is_empty() && list.removed().next().is_none() {
            if !list.appended().is_empty() {
                push(path, Action::Append(appended));
            }
            return Ok(());
        }
        list.edits().iter().try_for_each(|(at, node)| self.node(node, path.clone().child(*at)))?;
        // A path to the list and one to an item of it do not go together: items past the end append as well.
        for (at, value) in (PAST_END..).zip(appended) {
            let path = path.clone().child(at);
            self.planned.actions.push(UpdateAction { path, action: Action::Set(value) });
        }
        // From the end, so that engines that remove one item after the other do the same as DynamoDB.
        for (at, act) in list.removed().rev() {
            let path = path.clone().child(at);
            self.planned.actions.push(UpdateAction { path, action: act.action.clone() });
        }
        Ok(())
    }

    /// What `node` comes to where nothing is stored.
    fn over_nothing(&self, node: &FoldNode, path: &DocumentPath) -> Result<Option<Value>, Error> {
        let declared = Declared::Record(self.schema.record).at(path.segments());
        let laid = node.over(None, declared).map_err(|mismatch| conflict(mismatch.at(path)))?;
        Ok(laid.into_value())
    }

    /// Brings the map at `path` into being with everything that is pending below it: DynamoDB fails an update
    /// whose path leads through something that is not there.
    fn create(
        &mut self,
        node: &FoldNode,
        path: DocumentPath,
        guard: fn(DocumentPath) -> Condition,
    ) -> Result<(), Error> {
        match self.over_nothing(node, &path)? {
            None => Ok(()),
            Some(value) => {
                check_whole(self.schema, &path, None, &value)?;
                let guard = guard(path.clone());
                match (self.can.conditions, guard) {
                    (true, guard) => self.planned.guards.push((self.planned.actions.len(), guard)),
                    (false, Condition::NotExists(_)) => {
                        parents::set_leaves(&mut self.planned.actions, path, value);
                        return Ok(());
                    }
                    // Nothing comes into being below what is stored: it has to make way.
                    (false, _) => {}
                }
                self.planned.actions.push(UpdateAction { path, action: Action::Set(value) });
                Ok(())
            }
        }
    }
}

pub(crate) fn conflict(mismatch: Mismatch) -> Error {
    ErrorKind::TypeConflict(mismatch).into()
}

/// What tells why an update that carries `fold` does not fit the stored record, and whether it has been applied: the
/// attributes that it writes or looks at. How much of a record is read does not change what reading it costs.
pub(crate) fn attributes_to_read(schema: &TableSchema, fold: &Fold, conditions: &[Condition]) -> Vec<DocumentPath> {
    let written = fold.attributes().iter().map(|(name, _)| name);
    let looked_at = conditions.iter().flat_map(Condition::paths).filter_map(|path| path.segments().first()?.name());
    with_version(schema, written.chain(looked_at).map(|name| DocumentPath::from(name.as_str())).collect())
}
