//! What reads have shown of a stored record: known, absent, or not known.

use std::borrow::Cow;

use crate::action::Action;
use crate::backend::UpdateAction;
use crate::mismatch::Mismatch;
use crate::path::{DocumentPath, Segment};
use crate::text::{Text, find, position};
use crate::value::{Map, Value};

/// What is known of a record, or of one value in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Base {
    /// Nothing.
    #[default]
    Unknown,
    /// It is not there.
    Absent,
    /// All of it.
    Known(Value),
    /// What pending operations showed when they were cleared.
    Assumed(Box<Assumption>),
    /// A map of which parts are known.
    Map(PartialMap),
    /// A list of which some items are known, by their position.
    List(Vec<(u32, Base)>),
}

/// What pending operations showed when they were cleared: served to reads, trusted by nothing else.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Assumption {
    shown: Option<Value>,
    /// What requests have shown.
    known: Base,
}

/// A map of which parts are known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct PartialMap {
    /// In the order of their names.
    children: Vec<(Text, Base)>,
    /// Whether every name that is not among the children is known to be absent.
    whole: bool,
}

/// What a lookup finds.
#[derive(Debug, PartialEq)]
pub(crate) enum Lookup<'b> {
    Unknown,
    Absent,
    Known(Cow<'b, Value>),
    /// Shown by operations that have been cleared.
    Assumed(Option<Cow<'b, Value>>),
    /// The way there leads through a value that has no children of that kind.
    Conflict(Mismatch),
}

impl Base {
    /// What is known at `segments`.
    pub(crate) fn lookup(&self, segments: &[Segment]) -> Lookup<'_> {
        let mut node = self;
        for (at, segment) in segments.iter().enumerate() {
            node = match (node, segment) {
                (Base::Map(map), Segment::Name(name)) => match map.child(name) {
                    Some(child) => child,
                    None if map.whole => return Lookup::Absent,
                    None => return Lookup::Unknown,
                },
                (Base::List(items), Segment::Index(index)) => match items.iter().find(|(known, _)| known == index) {
                    Some((_, item)) => item,
                    None => return Lookup::Unknown,
                },
                (Base::Map(_) | Base::List(_), segment) => {
                    let kind = if matches!(node, Base::Map(_)) { "map" } else { "list" };
                    let mismatch = Mismatch::new(segment.container(), kind);
                    return Lookup::Conflict(above(mismatch, &segments[..at]));
                }
                _ => return node.leaf(&segments[at..], &segments[..at]),
            };
        }
        node.leaf(&[], segments)
    }

    fn leaf(&self, below: &[Segment], walked: &[Segment]) -> Lookup<'_> {
        match self {
            Base::Unknown | Base::List(_) => Lookup::Unknown,
            Base::Absent => Lookup::Absent,
            Base::Known(value) => match value.find(below) {
                Ok(Some(value)) => Lookup::Known(Cow::Borrowed(value)),
                Ok(None) => Lookup::Absent,
                Err(mismatch) => Lookup::Conflict(above(mismatch, walked)),
            },
            Base::Assumed(assumption) => match assumption.shown.as_ref().map_or(Ok(None), |value| value.find(below)) {
                Ok(found) => Lookup::Assumed(found.map(Cow::Borrowed)),
                Err(mismatch) => Lookup::Conflict(above(mismatch, walked)),
            },
            Base::Map(map) => map.assembled(),
        }
    }

    /// Whether something is known to be stored here, as far as requests have shown it.
    pub(crate) fn is_present(&self) -> bool {
        match self {
            Base::Unknown | Base::Absent | Base::Assumed(_) => false,
            Base::Known(_) => true,
            Base::Map(map) => map.whole || map.children.iter().any(|(_, child)| child.is_present()),
            Base::List(items) => items.iter().any(|(_, item)| item.is_present()),
        }
    }

    /// Whether no value is known here or below.
    fn shows_nothing(&self) -> bool {
        match self {
            Base::Unknown | Base::Absent => true,
            Base::Known(_) | Base::Assumed(_) => false,
            Base::Map(map) => map.children.iter().all(|(_, child)| child.shows_nothing()),
            Base::List(items) => items.iter().all(|(_, item)| item.shows_nothing()),
        }
    }

    /// Notes what a consistent read, or a write, has shown at `segments`; it replaces what was known.
    pub(crate) fn learn(&mut self, segments: &[Segment], shown: Option<Value>) {
        // Where nothing is known to be there it may be known of what is above as well, of which this says nothing.
        if shown.is_none() && self.lookup(segments) == Lookup::Absent {
            return;
        }
        self.replace(segments, Base::shown(shown));
    }

    /// Notes what a read of an index, or an eventually consistent one, has shown, where nothing is known yet.
    pub(crate) fn fill(&mut self, segments: &[Segment], shown: Option<&Value>) {
        let known = match self.lookup(segments) {
            Lookup::Unknown => self.node_mut(segments),
            _ => return,
        };
        match known {
            Some(node) => node.fill_here(shown),
            None => self.learn(segments, shown.cloned()),
        }
    }

    /// What a request has shown of a value.
    fn shown(value: Option<Value>) -> Base {
        value.map_or(Base::Absent, Base::Known)
    }

    fn fill_here(&mut self, shown: Option<&Value>) {
        match (self, shown) {
            (node @ Base::Unknown, shown) => *node = Base::shown(shown.cloned()),
            (Base::Map(map), Some(Value::Map(values))) => {
                for (name, child) in &mut map.children {
                    child.fill_here(values.get(name));
                }
                for (name, value) in values.iter() {
                    map.child_mut(name).fill_here(Some(value));
                }
                map.whole = true;
            }
            (node @ (Base::Map(_) | Base::List(_)), None | Some(Value::Null)) if node.shows_nothing() => {
                *node = Base::shown(shown.cloned());
            }
            // Of a list's items nothing tells whether they still stand where they stood: take the list as shown.
            (node @ Base::List(_), Some(list @ Value::List(_))) => *node = Base::Known(list.clone()),
            _ => {}
        }
    }

    /// Calls `visit` with what requests have shown at `path`, in as large pieces as it is known.
    pub(crate) fn visit_shown(&self, path: &DocumentPath, visit: &mut dyn FnMut(DocumentPath, Option<&Value>)) {
        self.visit_shown_below(path.segments(), DocumentPath::root(), visit);
    }

    fn visit_shown_below(
        &self,
        below: &[Segment],
        walked: DocumentPath,
        visit: &mut dyn FnMut(DocumentPath, Option<&Value>),
    ) {
        let whole = |walked: DocumentPath| below.iter().cloned().fold(walked, DocumentPath::child);
        match (self, below.split_first()) {
            (Base::Unknown, _) => {}
            (Base::Absent, _) => visit(whole(walked), None),
            (Base::Known(value), _) => {
                if let Ok(found) = value.find(below) {
                    visit(whole(walked), found);
                }
            }
            (Base::Assumed(assumption), _) => assumption.known.visit_shown_below(below, walked, visit),
            (Base::Map(map), None) => match map.assembled() {
                Lookup::Known(value) => visit(walked, Some(&value)),
                _ => map.children.iter().for_each(|(name, child)| {
                    child.visit_shown_below(&[], walked.clone().child(name.clone()), visit);
                }),
            },
            (Base::Map(map), Some((Segment::Name(name), rest))) => match map.child(name) {
                Some(child) => child.visit_shown_below(rest, walked.child(name.clone()), visit),
                None if map.whole => visit(whole(walked), None),
                None => {}
            },
            (Base::List(items), None) => items.iter().for_each(|(index, item)| {
                item.visit_shown_below(&[], walked.clone().child(*index), visit);
            }),
            (Base::List(items), Some((Segment::Index(index), rest))) => {
                if let Some((_, item)) = items.iter().find(|(known, _)| known == index) {
                    item.visit_shown_below(rest, walked.child(*index), visit);
                }
            }
            // The path leads through a value of another kind: it shows nothing there.
            (Base::Map(_) | Base::List(_), Some(_)) => {}
        }
    }

    /// Forgets what is known at `segments` and below.
    pub(crate) fn forget(&mut self, segments: &[Segment]) {
        self.replace(segments, Base::Unknown);
    }

    /// At how many segments of the path the first value is that is not there, or NULL, as far as reads see.
    pub(crate) fn outermost_absent(&self, segments: &[Segment]) -> Option<usize> {
        let absent = |length: &usize| match self.lookup(&segments[..*length]) {
            Lookup::Absent | Lookup::Assumed(None) => true,
            Lookup::Known(value) | Lookup::Assumed(Some(value)) => *value == Value::Null,
            Lookup::Unknown | Lookup::Conflict(_) => false,
        };
        // Nothing is below what is absent. Where the value is there, what is above it need not be put together.
        if absent(&segments.len()) { (0..=segments.len()).find(absent) } else { None }
    }

    /// Takes over what cleared operations showed.
    pub(crate) fn assume(&mut self, segments: &[Segment], shown: Option<Value>) {
        if shown.is_none() && matches!(self.lookup(segments), Lookup::Absent | Lookup::Assumed(None)) {
            return;
        }
        match (self.assumed_above(segments), shown) {
            // It is part of what others have left in sight before: a read has just been there.
            (Some((above, below)), Some(shown)) => drop(above.set_at(below, shown)),
            (Some((above, below)), None) => drop(above.remove_at(below)),
            (None, shown) => self.assume_here(segments, shown),
        }
    }

    /// The assumed value that the path leads into, and the rest of the path.
    fn assumed_above<'s>(&mut self, segments: &'s [Segment]) -> Option<(&mut Value, &'s [Segment])> {
        let is_assumed = |length: &usize| matches!(self.node_mut(&segments[..*length]), Some(Base::Assumed(_)));
        let (above, below) = segments.split_at((0..segments.len()).find(is_assumed)?);
        match self.node_mut(above) {
            Some(Base::Assumed(assumption)) => Some((assumption.shown.as_mut()?, below)),
            _ => None,
        }
    }

    fn assume_here(&mut self, segments: &[Segment], shown: Option<Value>) {
        let known = match self.node_mut(segments) {
            Some(node) => {
                node.forget_assumed();
                std::mem::take(node)
            }
            None => match self.lookup(segments) {
                Lookup::Known(value) => Base::Known(value.into_owned()),
                Lookup::Absent => Base::Absent,
                Lookup::Unknown | Lookup::Assumed(_) | Lookup::Conflict(_) => Base::Unknown,
            },
        };
        self.replace(segments, Base::Assumed(Box::new(Assumption { shown, known })));
    }

    /// What requests have shown, without what cleared operations left behind.
    pub(crate) fn without_assumed(&self) -> Base {
        let mut base = self.clone();
        base.forget_assumed();
        base
    }

    /// Forgets every assumed value: what requests have shown counts again.
    pub(crate) fn forget_assumed(&mut self) {
        match self {
            Base::Assumed(assumption) => *self = std::mem::take(&mut assumption.known),
            Base::Map(map) => map.children.iter_mut().for_each(|(_, child)| child.forget_assumed()),
            Base::List(items) => items.iter_mut().for_each(|(_, item)| item.forget_assumed()),
            Base::Unknown | Base::Absent | Base::Known(_) => {}
        }
    }

    /// Notes that an update was applied. `key` is what a record has that came into being with it.
    pub(crate) fn apply(&mut self, actions: &[UpdateAction], key: &Map) {
        if *self == Base::Absent {
            if !actions.iter().any(|action| action.action.creates()) {
                // Removing alone brings nothing into being.
                return;
            }
            *self = Base::Known(Value::Map(key.clone()));
        }
        for (name, value) in key.iter() {
            self.learn(&[Segment::Name(name.clone())], Some(value.clone()));
        }
        // In one update every action sees the item as it was: removals last and from the end of lists, so that they
        // shift nothing under the others.
        let (mut removals, others): (Vec<_>, Vec<_>) =
            actions.iter().partition(|action| action.action == Action::Remove);
        removals.sort_unstable_by(|a, b| b.path.cmp(&a.path));
        for UpdateAction { path, action } in others.into_iter().chain(removals) {
            match path.segments().split_last() {
                Some((Segment::Index(index), list)) => self.apply_in_list(list, *index as usize, action),
                _ => self.apply_at(path.segments(), action),
            }
        }
    }

    fn apply_at(&mut self, segments: &[Segment], action: &Action) {
        let shown = match (action.outcome(), self.lookup(segments)) {
            (Some(outcome), _) => Some(outcome.cloned()),
            (None, Lookup::Known(value)) => action.over(Some(&value)).ok(),
            (None, Lookup::Absent) => action.over(None).ok(),
            (None, _) => None,
        };
        match shown {
            Some(value) => self.learn(segments, value),
            None => self.forget(segments),
        }
    }

    /// Changes a known list at a position; forgets a list of which only parts are known.
    fn apply_in_list(&mut self, list: &[Segment], index: usize, action: &Action) {
        let Some(Value::List(items)) = self.value_mut(list) else {
            return self.forget(list);
        };
        match action.over(items.get(index)) {
            Ok(Some(value)) if index < items.len() => items[index] = value,
            Ok(Some(value)) => items.push(value),
            Ok(None) if index < items.len() => drop(items.remove(index)),
            Ok(None) => {}
            Err(_) => self.forget(list),
        }
    }

    /// The whole known value at `segments`.
    fn value_mut(&mut self, segments: &[Segment]) -> Option<&mut Value> {
        match (self, segments) {
            (Base::Known(value), segments) => {
                segments.iter().try_fold(value, |value, segment| match (value, segment) {
                    (Value::Map(map), Segment::Name(name)) => map.get_mut(name),
                    (Value::List(items), Segment::Index(index)) => items.get_mut(*index as usize),
                    _ => None,
                })
            }
            (Base::Map(map), [Segment::Name(name), below @ ..]) => {
                let at = map.position(name).ok()?;
                map.children[at].1.value_mut(below)
            }
            (Base::List(items), [Segment::Index(index), below @ ..]) => {
                items.iter_mut().find(|(known, _)| known == index)?.1.value_mut(below)
            }
            _ => None,
        }
    }

    /// The node at `segments`, where the way there is split into nodes.
    fn node_mut(&mut self, segments: &[Segment]) -> Option<&mut Base> {
        match (self, segments) {
            (node, []) => Some(node),
            (Base::Map(map), [Segment::Name(name), below @ ..]) => {
                let at = map.position(name).ok()?;
                map.children[at].1.node_mut(below)
            }
            (Base::List(items), [Segment::Index(index), below @ ..]) => {
                items.iter_mut().find(|(known, _)| known == index)?.1.node_mut(below)
            }
            _ => None,
        }
    }

    fn replace(&mut self, segments: &[Segment], node: Base) {
        let Some((segment, below)) = segments.split_first() else {
            *self = node;
            return;
        };
        match (self.replace_inside(segments, node), segment) {
            (None, _) => {}
            (Some(node), Segment::Name(name)) => self.split_map().child_mut(name).replace(below, node),
            (Some(node), Segment::Index(index)) => self.split_list(*index).replace(below, node),
        }
    }

    /// Changes a value that is known as a whole without splitting it into nodes; gives `node` back where it cannot.
    fn replace_inside(&mut self, segments: &[Segment], node: Base) -> Option<Base> {
        let (Base::Known(value), true) = (&mut *self, matches!(node, Base::Known(_) | Base::Absent)) else {
            return Some(node);
        };
        let parent = &segments[..segments.len() - 1];
        // Only where the parent is there and of the right kind: what was read replaces all else.
        let fits = match (value.descend(parent), segments.last()) {
            (Some(Value::Map(_)), Some(Segment::Name(_))) => true,
            (Some(Value::List(items)), Some(Segment::Index(index))) => (*index as usize) < items.len(),
            _ => false,
        };
        match (fits, node) {
            (true, Base::Known(new)) => value.set_at(segments, new).err().map(|_| Base::Unknown),
            (true, Base::Absent) if matches!(segments.last(), Some(Segment::Name(_))) => {
                value.remove_at(segments).err().map(|_| Base::Unknown)
            }
            (_, node) => Some(node),
        }
    }

    /// This node as a map of nodes.
    fn split_map(&mut self) -> &mut PartialMap {
        if !matches!(self, Base::Map(_)) {
            *self = Base::Map(match std::mem::take(self) {
                Base::Known(Value::Map(map)) => {
                    let children = map.into_iter().map(|(name, value)| (name, Base::Known(value))).collect();
                    PartialMap { children, whole: true }
                }
                Base::Assumed(assumption) => match *assumption {
                    Assumption { shown: Some(Value::Map(map)), known } => {
                        let child = |(name, value): (Text, Value)| {
                            let known = match known.lookup(&[Segment::Name(name.clone())]) {
                                Lookup::Known(value) => Base::Known(value.into_owned()),
                                Lookup::Absent => Base::Absent,
                                _ => Base::Unknown,
                            };
                            (name, Base::Assumed(Box::new(Assumption { shown: Some(value), known })))
                        };
                        PartialMap { children: map.into_iter().map(child).collect(), whole: false }
                    }
                    _ => PartialMap { children: Vec::new(), whole: false },
                },
                _ => PartialMap { children: Vec::new(), whole: false },
            });
        }
        match self {
            Base::Map(map) => map,
            _ => unreachable!("it was made a map above"),
        }
    }

    /// The node of one item, in a list of nodes.
    fn split_list(&mut self, index: u32) -> &mut Base {
        if !matches!(self, Base::List(_)) {
            *self = Base::List(match std::mem::take(self) {
                Base::Known(Value::List(items)) => {
                    items.into_iter().enumerate().map(|(at, item)| (at as u32, Base::Known(item))).collect()
                }
                _ => Vec::new(),
            });
        }
        match self {
            Base::List(items) => {
                let at = items.iter().position(|(known, _)| *known == index).unwrap_or_else(|| {
                    items.push((index, Base::Unknown));
                    items.len() - 1
                });
                &mut items[at].1
            }
            _ => unreachable!("it was made a list above"),
        }
    }
}

impl PartialMap {
    fn position(&self, name: &Text) -> Result<usize, usize> {
        position(&self.children, name)
    }

    fn child(&self, name: &Text) -> Option<&Base> {
        find(&self.children, name)
    }

    /// The child of this name, made where it is not there with what is known of such names.
    fn child_mut(&mut self, name: &Text) -> &mut Base {
        let at = self.position(name).unwrap_or_else(|at| {
            let node = if self.whole { Base::Absent } else { Base::Unknown };
            self.children.insert(at, (name.clone(), node));
            at
        });
        &mut self.children[at].1
    }

    /// The whole map as one value, where every part of it is known.
    fn assembled(&self) -> Lookup<'_> {
        if !self.whole {
            return Lookup::Unknown;
        }
        let mut map = Map::new();
        let mut assumed = false;
        for (name, child) in &self.children {
            match child.leaf(&[], &[]) {
                Lookup::Known(value) => drop(map.insert(name.clone(), value.into_owned())),
                Lookup::Assumed(value) => {
                    assumed = true;
                    if let Some(value) = value {
                        map.insert(name.clone(), value.into_owned());
                    }
                }
                Lookup::Absent => {}
                Lookup::Unknown | Lookup::Conflict(_) => return Lookup::Unknown,
            }
        }
        let map = Cow::Owned(Value::Map(map));
        if assumed { Lookup::Assumed(Some(map)) } else { Lookup::Known(map) }
    }
}

fn above(mismatch: Mismatch, walked: &[Segment]) -> Mismatch {
    walked.iter().rev().cloned().fold(mismatch, Mismatch::under)
}
