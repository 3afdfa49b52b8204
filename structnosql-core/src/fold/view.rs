//! What a read sees: the base with visible operations laid over, at one path.

use std::borrow::Cow;

use super::list::{Length, Shown};
use super::node::{Act, FoldNode, lay_over};
use super::{Fold, Lengths};
use crate::action::Action;
use crate::base::{Base, Lookup};
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::schema::{Declared, StructSchema};
use crate::text::{Text, position};
use crate::value::Value;

/// Lists of which nothing is known.
struct Unmeasured;

impl Lengths for Unmeasured {
    fn length(&self, _: &[Segment]) -> Length {
        Length::Unknown
    }
}

/// What is at a path, and whether operations show it.
#[derive(Debug, PartialEq)]
pub(crate) enum Resolved<'r> {
    /// The base does not tell.
    Unknown,
    /// A value, or that there is none.
    Known { value: Option<Cow<'r, Value>>, by: ShownBy },
    /// The way there leads through a value that has no children of that kind.
    Conflict(Mismatch),
}

/// What shows a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShownBy {
    /// What is stored, as requests have shown it.
    Stored,
    /// Operations that have been cleared.
    Cleared,
    /// Operations that are pending, in flight or in doubt.
    Operations,
}

/// What an action that follows a fold depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depends {
    /// Nothing that lies below the fold.
    Nothing,
    /// The stored value at so many segments of the path.
    Value(usize),
    /// What becomes of the fold, which is under way: of several requests the last ones alone may be pending again, and
    /// need not store what all of them do.
    Requests,
}

/// What one fold says of a path.
enum Found<'f> {
    /// Nothing: what lies below the fold shows through.
    Nothing,
    /// The value is set, or part of one that is; `None` is removed.
    Covered(Option<&'f Value>),
    /// The value at the first so many segments is put together from changes: defaults come with it.
    Assembled(&'f FoldNode, usize),
    /// The value at the path changes, or something below it.
    Below(&'f FoldNode),
    /// The value at the first so many segments changes, and the path goes on inside it.
    Above(&'f FoldNode, usize),
    /// The path is the record, and something in it changes.
    Record(&'f Fold),
    Conflict(Mismatch),
}

/// What the folds show at `path` over `base`, in a record of this model.
pub(crate) fn resolve<'r, 'f: 'r>(
    base: &'r Base,
    newest_first: impl Iterator<Item = &'f Fold> + Clone,
    path: &[Segment],
    record: &'static StructSchema,
) -> Resolved<'r> {
    let resolved = resolve_here(base, newest_first.clone(), path, record);
    let absent = matches!(resolved, Resolved::Known { value: None, .. }) && newest_first.clone().next().is_some();
    match path.split_last() {
        // A struct above that comes into being brings its defaults along.
        Some((last, above)) if absent && Declared::Record(record).has_default(path) => {
            match resolve(base, newest_first, above, record) {
                found @ Resolved::Known { value: Some(_), by: ShownBy::Cleared | ShownBy::Operations } => {
                    found.descend(std::slice::from_ref(last), above)
                }
                _ => resolved,
            }
        }
        _ => resolved,
    }
}

/// Whether what the folds leave at `path` came into being by changes below it, and not as a whole: defaults come with it,
/// and it may lack required fields.
pub(crate) fn is_assembled<'f>(base: &Base, newest_first: impl Iterator<Item = &'f Fold>, path: &[Segment]) -> bool {
    let mut path = Cow::Borrowed(path);
    let mut assembled = false;
    for fold in newest_first {
        match fold.find(&mut path) {
            Found::Assembled(..) => return true,
            Found::Covered(None) => return assembled,
            Found::Covered(Some(_)) | Found::Above(..) | Found::Conflict(_) => return false,
            // What lies below decides where something is there before.
            Found::Below(node) if node.creates() => assembled = matches!(node, FoldNode::Keep(_)),
            Found::Below(_) | Found::Nothing | Found::Record(_) => {}
        }
    }
    assembled && !matches!(base.lookup(&path), Lookup::Known(value) if matches!(*value, Value::Map(_)))
}

fn resolve_here<'r, 'f: 'r>(
    base: &'r Base,
    mut newest_first: impl Iterator<Item = &'f Fold> + Clone,
    path: &[Segment],
    record: &'static StructSchema,
) -> Resolved<'r> {
    let mut path = Cow::Borrowed(path);
    let mut changed_below: Vec<Found<'r>> = Vec::new();
    let mut bottom = None;
    while let Some(fold) = newest_first.next() {
        match fold.find(&mut path) {
            Found::Above(node, length) => {
                let above = resolve(base, newest_first, &path[..length], record);
                let laid = Found::Below(node).over(above, &[], &path[..length], record);
                bottom = Some(laid.descend(&path[length..], &path[..length]));
                break;
            }
            Found::Nothing => {}
            Found::Covered(value) => {
                bottom = Some(Resolved::Known { value: value.map(Cow::Borrowed), by: ShownBy::Operations });
                break;
            }
            Found::Assembled(node, length) => {
                let nothing = Resolved::Known { value: None, by: ShownBy::Operations };
                let laid = Found::Below(node).over(nothing, &[], &path[..length], record);
                bottom = Some(laid.descend(&path[length..], &path[..length]));
                break;
            }
            Found::Conflict(mismatch) => return Resolved::Conflict(mismatch),
            below => changed_below.push(below),
        }
    }
    let bottom = bottom.unwrap_or_else(|| base.lookup(&path).into());
    (0..changed_below.len()).rev().fold(bottom, |below, at| {
        let (newer, change) = (&changed_below[..at], &changed_below[at]);
        change.over(below, newer, &path, record)
    })
}

impl<'r> Resolved<'r> {
    /// What is at `below` inside the value.
    fn descend(self, below: &[Segment], walked: &[Segment]) -> Resolved<'r> {
        let Resolved::Known { value: Some(value), by } = self else {
            return self;
        };
        match value.find(below) {
            Ok(found) => Resolved::Known { value: found.cloned().map(Cow::Owned), by },
            Err(mismatch) => Resolved::Conflict(walked.iter().rev().cloned().fold(mismatch, Mismatch::under)),
        }
    }
}

impl<'b> From<Lookup<'b>> for Resolved<'b> {
    #[inline]
    fn from(lookup: Lookup<'b>) -> Self {
        match lookup {
            Lookup::Unknown => Resolved::Unknown,
            Lookup::Absent => Resolved::Known { value: None, by: ShownBy::Stored },
            Lookup::Known(value) => Resolved::Known { value: Some(value), by: ShownBy::Stored },
            Lookup::Assumed(value) => Resolved::Known { value, by: ShownBy::Cleared },
            Lookup::Conflict(mismatch) => Resolved::Conflict(mismatch),
        }
    }
}

impl Found<'_> {
    /// The change laid over what lies below it. Where it does not fit there, `newer` changes may decide alone.
    fn over<'r>(
        &self,
        below: Resolved<'r>,
        newer: &[Found<'_>],
        path: &[Segment],
        record: &'static StructSchema,
    ) -> Resolved<'r> {
        let Resolved::Known { value, .. } = below else {
            return below;
        };
        let laid = match self {
            Found::Below(node) => node.over(value.as_deref(), Declared::Record(record).at(path)),
            Found::Record(fold) => {
                let is_replaced = |name: &Text| newer.iter().any(|newer| newer.replaces(name));
                lay_over(fold.attributes(), value.as_deref(), Declared::Record(record), &is_replaced)
            }
            Found::Nothing | Found::Covered(_) | Found::Assembled(..) | Found::Above(..) | Found::Conflict(_) => {
                return Resolved::Known { value, by: ShownBy::Operations };
            }
        };
        match laid {
            Ok(value) => Resolved::Known { value: value.map(Cow::Owned), by: ShownBy::Operations },
            Err(mismatch) => Resolved::Conflict(path.iter().rev().cloned().fold(mismatch, Mismatch::under)),
        }
    }

    /// Whether it sets or removes the whole of an attribute of the record.
    fn replaces(&self, name: &Text) -> bool {
        let Found::Record(fold) = self else { return false };
        let found = position(fold.attributes(), name).map(|at| &fold.attributes()[at].1);
        matches!(found, Ok(FoldNode::Act(act)) if act.action.outcome().is_some())
    }
}

impl Fold {
    /// Whether an operation is pending at `path`, above or below it.
    ///
    /// An item of a list that changes is touched whatever changes there: its position may not be the stored one.
    pub(crate) fn touches(&self, path: &DocumentPath) -> bool {
        self.changed_list(path).is_some() || !matches!(self.find(&mut Cow::Borrowed(path.segments())), Found::Nothing)
    }

    /// What has to be known as a whole before anything inside it can be read: a list with changes that `path` enters,
    /// or a value that depends on the stored one.
    pub(crate) fn read_whole(&self, path: &DocumentPath) -> Option<DocumentPath> {
        let above = match self.find(&mut Cow::Borrowed(path.segments())) {
            Found::Above(_, length) => Some(path.prefix(length)),
            _ => None,
        };
        self.changed_list(path).into_iter().chain(above).min_by_key(|whole| whole.segments().len())
    }

    /// What `action` depends on at `path`, where it follows this fold; `None` where that is for what lies below the fold
    /// to say. The path is rewritten to the positions that lists have below the fold.
    pub(crate) fn depends_on(
        &self,
        path: &mut Cow<'_, [Segment]>,
        action: &Action,
        under_way: bool,
        lengths: &dyn Lengths,
    ) -> Option<Depends> {
        Some(match self.find_over(path, lengths) {
            Found::Nothing | Found::Record(_) => return None,
            Found::Above(FoldNode::Act(Act { action: Action::SetIfAbsent(_), .. }), length) => Depends::Value(length),
            Found::Below(node) if action.outcome().is_none() && !node.takes(action) => Depends::Value(path.len()),
            Found::Below(node) if under_way && node.may_split() && matches!(action, Action::SetIfAbsent(_)) => {
                Depends::Requests
            }
            _ => Depends::Nothing,
        })
    }

    /// The outermost list with changes that `path` enters.
    pub(crate) fn changed_list(&self, path: &DocumentPath) -> Option<DocumentPath> {
        let segments = path.segments();
        let mut lists = (0..segments.len()).filter(|at| matches!(segments[*at], Segment::Index(_)));
        let changed = |at: &usize| !matches!(self.find(&mut Cow::Borrowed(&segments[..*at])), Found::Nothing);
        lists.find(changed).map(|at| path.prefix(at))
    }

    /// What this fold says of `path`, which is rewritten to the positions that lists have below the fold.
    fn find(&self, path: &mut Cow<'_, [Segment]>) -> Found<'_> {
        self.find_over(path, &Unmeasured)
    }

    /// As [`find`](Self::find), where `lengths` tells of the lists whose changes do not know how long they are.
    fn find_over(&self, path: &mut Cow<'_, [Segment]>, lengths: &dyn Lengths) -> Found<'_> {
        let Some(Segment::Name(name)) = path.first() else {
            return if self.is_empty() { Found::Nothing } else { Found::Record(self) };
        };
        let Ok(at) = position(self.attributes(), name) else {
            return Found::Nothing;
        };
        let mut node = &self.attributes()[at].1;
        for at in 1.. {
            node = match (node, path.get(at)) {
                (FoldNode::Act(act), _) => {
                    return match act.action.outcome() {
                        None if at == path.len() => Found::Below(node),
                        None => Found::Above(node, at),
                        Some(None) => Found::Covered(None),
                        Some(Some(_)) if act.assembled => Found::Assembled(node, at),
                        Some(Some(value)) => match value.find(&path[at..]) {
                            Ok(found) => Found::Covered(found),
                            Err(mismatch) => {
                                Found::Conflict(path[..at].iter().rev().cloned().fold(mismatch, Mismatch::under))
                            }
                        },
                    };
                }
                (node, None) => return Found::Below(node),
                (FoldNode::Keep(children), Some(Segment::Name(name))) => match position(children, name) {
                    Ok(at) => &children[at].1,
                    Err(_) => return Found::Nothing,
                },
                (FoldNode::List(list), Some(Segment::Index(visible))) => {
                    match list.at(*visible, || lengths.length(&path[..at])) {
                        Shown::Unknown => return Found::Above(node, at),
                        Shown::Nothing => return Found::Covered(None),
                        Shown::New(value) => return Found::Covered(value.find(&path[at + 1..]).ok().flatten()),
                        Shown::Stored(stored, edit) => {
                            if stored != *visible {
                                path.to_mut()[at] = Segment::Index(stored);
                            }
                            match edit {
                                Some(node) => node,
                                None => return Found::Nothing,
                            }
                        }
                    }
                }
                // Changes of a map below a path into a list, or the other way round: the base tells which is right.
                (FoldNode::Keep(_), Some(Segment::Index(_))) | (FoldNode::List(_), Some(Segment::Name(_))) => {
                    return Found::Nothing;
                }
            };
        }
        Found::Nothing
    }
}
