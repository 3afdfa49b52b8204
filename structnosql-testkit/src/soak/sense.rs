//! Calls that make no sense where they stand: the model cannot say what they come to.

use structnosql_core::Segment;

use super::bench::Bench;
use super::place::Place;
use super::step::{Call, Clear, Write};
use super::world::{Done, Job, Phase};
use crate::model::{Action, Entries, Node, Path, Record, Tree};

impl Bench {
    /// Whether the model can say what a call comes to.
    pub(crate) fn makes_sense(&self, call: &Call) -> bool {
        match call {
            Call::Write(write) => self.write_makes_sense(write),
            // Which list a position counts in that waits to be understood is the engine's affair.
            Call::Clear(_) if self.counts_in_pending() => false,
            // What is under way is neither kind for the model.
            Call::Clear(Clear::PendingOf(_)) if self.is_busy_with(|_| true) => false,
            Call::Clear(Clear::PendingOf(_)) => {
                let certain = |place: &Place| {
                    place.worlds.iter().all(|world| kinds_are_apart(&world.record) && !world.record.has_mixed_list())
                };
                self.places.iter().all(certain)
            }
            Call::Commit { kind: Some(_), .. } => {
                self.places.iter().all(|place| place.worlds.iter().all(|world| kinds_are_apart(&world.record)))
            }
            // What these come to is told of the record as it was: several changes may be sent one after another.
            Call::Foreign { .. } | Call::ForeignDelete { .. } => !self.is_busy_with(|job| match job {
                Job::Commit { .. } => true,
                Job::Write(write) => write.return_old && write.changes.len() > 1,
                _ => false,
            }),
            // It would be a lie where a commit sends the write again.
            Call::Resolve { .. } => !self.is_busy_with(|_| true),
            _ => true,
        }
    }

    /// Whether such a call is under way.
    fn is_busy_with(&self, such: impl Fn(&Job) -> bool) -> bool {
        self.places.iter().any(|place| place.jobs.iter().flatten().any(&such))
    }

    /// Whether a write is under way that names a position in a list with pending changes.
    fn counts_in_pending(&self) -> bool {
        self.places.iter().any(|place| {
            let writes = place.jobs.iter().flatten().filter_map(|job| match job {
                Job::Write(write) => Some(write),
                _ => None,
            });
            let mut lists =
                writes.flat_map(|write| &write.changes).filter_map(|(path, _)| Some(&path[..first_list(path)?]));
            lists.any(|list| place.worlds.iter().any(|world| world.record.touches(list)))
        })
    }

    fn write_makes_sense(&self, write: &Write) -> bool {
        self.places[write.record].worlds.iter().all(|world| {
            let (record, changes) = (&world.record, &write.changes);
            let vain = removes_from_nothing(record, changes);
            // The table does not know of what replaced the record: positions count in the list that was there.
            let replaced = world.phases.contains(&Phase::Done(Done::Replaced));
            (!replaced || changes.iter().all(|(path, _)| first_list(path).is_none()))
                && lists_are_plain(record, changes)
                && !adds_to_null(record, changes)
                && !depends_on_hidden(record, changes)
                && (!write.return_old || positions_are_certain(record, changes))
                && !(vain && (changes.len() > 1 || write.condition.is_some()))
                && !(write.condition.is_some() && removes_no_item(record, changes))
        })
    }
}

/// Whether the operations of one kind can be told from the others: the engine takes the changes that several layers
/// of operations make of one list as a whole. The model does not know which operation of which kind in a list came with
/// a condition.
fn kinds_are_apart(record: &Record) -> bool {
    let conditional = record.all_layers().any(|layer| !layer.conditions.is_empty());
    record.has_certain_kinds() && !(record.has_list() && (conditional || record.is_layered()))
}

/// Whether every list that is written to has the same positions for a caller as for the database and the model.
pub(crate) fn lists_are_plain(record: &Record, changes: &[(Path, Action)]) -> bool {
    let plain = |path: &Path| first_list(path).is_none_or(|at| record.has_plain_list(&path[..at]));
    // What grows has as many items as the database has, or positions in it count from elsewhere later on.
    let grows = |action: &Action| matches!(action, Action::Append(_) | Action::Prepend(_));
    changes.iter().all(|(path, action)| plain(path) && (!grows(action) || record.has_certain_length(path)))
}

/// Whether something is to be added to a list of which NULL is stored, or pending: only a list that is known can tell.
pub(crate) fn adds_to_null(record: &Record, changes: &[(Path, Action)]) -> bool {
    let mut so_far = record.clone();
    changes.iter().any(|(path, action)| {
        let is_null =
            |view: Option<Entries>| view.map(Tree::Map).is_some_and(|view| view.get(path) == Some(&Tree::Null));
        let adds = matches!(action, Action::Append(_) | Action::Prepend(_));
        let in_vain = adds && (is_null(so_far.view()) || is_null(so_far.db.clone()) || is_null(so_far.landed()));
        let _ = so_far.pend(&[(path.clone(), action.clone())], None, u64::MAX, 0);
        in_vain
    })
}

/// Where the path first enters a list.
pub(crate) fn first_list(path: &[Segment]) -> Option<usize> {
    path.iter().position(|segment| matches!(segment, Segment::Index(_)))
}

/// Whether several changes, sent at once without reading, mean what they would mean one after another: a position in
/// a list that another of them changes means the stored list.
pub(crate) fn positions_are_certain(record: &Record, changes: &[(Path, Action)]) -> bool {
    let view = record.view().map(Tree::Map);
    let is_taken_out =
        |(path, action): &&(Path, Action)| *action == Action::Remove && matches!(path.last(), Some(Segment::Index(_)));
    let taken_out = changes.iter().filter(is_taken_out).count();
    let inside = |path: &Path| {
        let mut lists = path.iter().enumerate().filter_map(|(at, segment)| match segment {
            Segment::Index(index) => Some((at, *index as usize)),
            Segment::Name(_) => None,
        });
        lists.all(|(at, index)| match view.as_ref().and_then(|view| view.get(&path[..at])) {
            // Each that is taken out lets a later position mean another item.
            Some(Tree::List(items)) => index + taken_out < items.len(),
            _ => false,
        })
    };
    changes.len() == 1 || changes.iter().all(|(path, _)| inside(path))
}

/// Whether an item is to be taken out of a list that is not there: the engine may refuse that, or do nothing.
pub(crate) fn removes_from_nothing(record: &Record, changes: &[(Path, Action)]) -> bool {
    let mut so_far = record.clone();
    changes.iter().any(|(path, action)| {
        let view = so_far.view().map(Tree::Map);
        let mut lists = path.iter().enumerate().filter(|(_, segment)| matches!(segment, Segment::Index(_)));
        let is_there =
            |at: usize| !matches!(view.as_ref().and_then(|view| view.get(&path[..at])), None | Some(Tree::Null));
        let takes = matches!(action, Action::Remove | Action::Take(_));
        let vain = takes && !lists.all(|(at, _)| is_there(at));
        let refused = so_far.pend(&[(path.clone(), action.clone())], None, u64::MAX, 0).is_err();
        vain || refused && takes
    })
}

/// Whether a removal inside a list finds nothing to remove: what becomes of its condition then is the engine's affair.
pub(crate) fn removes_no_item(record: &Record, changes: &[(Path, Action)]) -> bool {
    changes.iter().any(|(path, action)| {
        let takes = matches!(action, Action::Remove | Action::Take(_));
        takes && first_list(path).is_some() && record.look(path).is_none()
    })
}

/// Whether what a change comes to depends on the stored value below changes that the caller does not see.
pub(crate) fn depends_on_hidden(record: &Record, changes: &[(Path, Action)]) -> bool {
    record.all_layers().filter(|layer| !layer.visible).any(|layer| {
        changes.iter().any(|(path, action)| match layer.pending.at(path) {
            Some(Node::IfAbsent(_)) => true,
            Some(_) => matches!(action, Action::SetIfAbsent(_)),
            None => false,
        })
    })
}
