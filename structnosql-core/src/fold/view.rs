//! What a read sees: the base with visible operations laid over, at one path.

use std::borrow::Cow;

use super::laid::{Changes, Laid};
use super::list::{Length, Shown};
use super::node::{Act, FoldNode};
use super::{Fold, Lengths};
use crate::action::Action;
use crate::base::{Base, Lookup};
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::schema::{Declared, StructSchema};
use crate::text::position;
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
    ///
    /// It is `assembled` where it, or something in it, came into being with changes below.
    Known { value: Option<Cow<'r, Value>>, by: ShownBy, assembled: bool },
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

/// A fold, and the request that it goes with: folds of one number are one when they are sent.
pub(crate) type Sent<'f> = (usize, &'f Fold);

/// What one fold says of a path.
enum Found<'f> {
    /// Nothing: what lies below the fold shows through.
    Nothing,
    /// The value is set, or part of one that is; or it is removed. Something in what is set may have come into being.
    Given {
        value: Option<&'f Value>,
        assembled: bool,
    },
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
    newest_first: impl Iterator<Item = Sent<'f>> + Clone,
    path: &[Segment],
    record: &'static StructSchema,
) -> Resolved<'r> {
    let resolved = resolve_here(base, newest_first.clone(), path, record);
    let Resolved::Known { value: None, by, .. } = resolved else {
        return resolved;
    };
    let is_brought = || newest_first.clone().any(|(_, fold)| fold.brings(path).is_some());
    match path.split_last() {
        // A struct above that comes into being brings its defaults along.
        Some((last, above)) if newest_first.clone().next().is_some() && Declared::Record(record).has_default(path) => {
            match resolve(base, newest_first.clone(), above, record) {
                found @ Resolved::Known { value: Some(_), by: ShownBy::Cleared | ShownBy::Operations, .. } => {
                    found.descend(std::slice::from_ref(last), above)
                }
                Resolved::Unknown if by != ShownBy::Operations && is_brought() => Resolved::Unknown,
                _ => resolved,
            }
        }
        _ => resolved,
    }
}

fn resolve_here<'r, 'f: 'r>(
    base: &'r Base,
    mut newest_first: impl Iterator<Item = Sent<'f>> + Clone,
    path: &[Segment],
    record: &'static StructSchema,
) -> Resolved<'r> {
    let mut path = Cow::Borrowed(path);
    let mut changes: Vec<(usize, Changes<'f>)> = Vec::new();
    let mut bottom = None;
    while let Some((request, fold)) = newest_first.next() {
        match fold.find(&mut path) {
            Found::Nothing => {}
            Found::Given { value, assembled } => {
                bottom = Some((request, Laid { value: value.map(Cow::Borrowed), is_given: true, assembled }));
                break;
            }
            Found::Above(node, length) => {
                let (above, inside) = path.split_at(length);
                let laid = resolve(base, newest_first, above, record).with(node, above, record);
                match laid.descend(inside, above) {
                    Resolved::Known { value, .. } => bottom = Some((request, Laid::stored(value))),
                    unknown => return unknown,
                }
                break;
            }
            Found::Below(node) => changes.push((request, node.into())),
            Found::Record(fold) => changes.push((request, fold.into())),
            Found::Conflict(mismatch) => return Resolved::Conflict(mismatch),
        }
    }
    let declared = Declared::Record(record).at(&path);
    let (mut request, mut laid) = match bottom {
        Some((request, laid)) => (Some(request), laid),
        None => match Resolved::from(base.lookup(&path)) {
            Resolved::Known { value, .. } if !changes.is_empty() => (None, Laid::stored(value)),
            stored => return stored,
        },
    };
    changes.reverse();
    let mut later = &changes[..];
    for of_one in changes.chunk_by(|(one, _), (next, _)| one == next) {
        later = &later[of_one.len()..];
        if request != Some(of_one[0].0) {
            (request, laid) = (Some(of_one[0].0), laid.filled(declared).sent());
        }
        let [now, later] = [of_one, later].map(|changes| changes.iter().map(|(_, change)| *change).collect::<Vec<_>>());
        laid = match laid.with(&now, &later, declared) {
            Ok(laid) => laid,
            Err(mismatch) => return Resolved::Conflict(mismatch.inside(&path)),
        };
    }
    let Laid { value, assembled, .. } = laid.filled(declared);
    Resolved::Known { value, by: ShownBy::Operations, assembled }
}

impl<'r> Resolved<'r> {
    /// With a later change of the value at this path.
    fn with(self, change: &FoldNode, path: &[Segment], record: &'static StructSchema) -> Resolved<'r> {
        let Resolved::Known { value, .. } = self else {
            return self;
        };
        match Laid::stored(value).with(&[change.into()], &[], Declared::Record(record).at(path)) {
            Ok(Laid { value, assembled, .. }) => Resolved::Known { value, by: ShownBy::Operations, assembled },
            Err(mismatch) => Resolved::Conflict(mismatch.inside(path)),
        }
    }

    /// What is at `below` inside the value.
    fn descend(self, below: &[Segment], walked: &[Segment]) -> Resolved<'r> {
        let Resolved::Known { value: Some(value), by, assembled } = self else {
            return self;
        };
        match value.find(below) {
            Ok(found) => Resolved::Known { value: found.cloned().map(Cow::Owned), by, assembled },
            Err(mismatch) => Resolved::Conflict(mismatch.inside(walked)),
        }
    }
}

impl<'b> From<Lookup<'b>> for Resolved<'b> {
    #[inline]
    fn from(lookup: Lookup<'b>) -> Self {
        let (value, by) = match lookup {
            Lookup::Unknown => return Resolved::Unknown,
            Lookup::Conflict(mismatch) => return Resolved::Conflict(mismatch),
            Lookup::Absent => (None, ShownBy::Stored),
            Lookup::Known(value) => (Some(value), ShownBy::Stored),
            Lookup::Assumed(value) => (value, ShownBy::Cleared),
        };
        Resolved::Known { value, by, assembled: false }
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

    /// The outermost value above `path` that comes into being with changes in it, if it is not there.
    pub(crate) fn brings(&self, path: &[Segment]) -> Option<usize> {
        let is_brought = |length: &usize| {
            let found = self.find(&mut Cow::Borrowed(&path[..*length]));
            matches!(found, Found::Below(node @ FoldNode::Keep(_)) if node.creates())
        };
        (1..path.len()).find(is_brought)
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
                        Some(value) => match value.map_or(Ok(None), |value| value.find(&path[at..])) {
                            Ok(value) => Found::Given { value, assembled: act.assembled },
                            Err(mismatch) => Found::Conflict(mismatch.inside(&path[..at])),
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
                        Shown::Nothing => return Found::Given { value: None, assembled: false },
                        Shown::New(item) => {
                            let value = item.action.outcome().flatten();
                            let value = value.and_then(|value| value.find(&path[at + 1..]).ok().flatten());
                            return Found::Given { value, assembled: item.assembled };
                        }
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
