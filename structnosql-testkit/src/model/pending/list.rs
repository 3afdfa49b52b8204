//! Pending changes of a list, as the places that a caller sees.

use structnosql_core::{Action as Sent, Segment, Value};

use super::{Action, Kind, Node, Refused};
use crate::model::choices::{Choice, one};
use crate::model::tree::Tree;

/// A list with pending changes: one slot for each item that a caller sees.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct List {
    /// How many items the list below has.
    stored: usize,
    slots: Vec<Slot>,
}

/// One place of the list, as a caller sees it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Slot {
    /// An item of the list below, with what changes of it.
    Stored { at: usize, change: Option<Box<Node>> },
    /// An item before those, or behind them. Of one that is `assembled` a map came into being with changes of it.
    New { value: Tree, front: bool, assembled: bool },
}

fn new(front: bool) -> impl Fn(&Tree) -> Slot {
    move |value| Slot::New { value: value.clone(), front, assembled: false }
}

fn stored(at: usize) -> Slot {
    Slot::Stored { at, change: None }
}

impl List {
    /// A list that grows at its ends.
    pub(super) fn grown(length: usize, before: &[Tree], behind: &[Tree]) -> List {
        let slots = before.iter().map(new(true)).chain((0..length).map(stored)).chain(behind.iter().map(new(false)));
        List { stored: length, slots: slots.collect() }
    }

    /// One operation at or below an item.
    pub(super) fn of(path: &[Segment], action: &Action, items: &[Tree]) -> Result<List, Refused> {
        let Some((Segment::Index(index), rest)) = path.split_first() else {
            return Err(Refused);
        };
        let (mut list, index) = (List::grown(items.len(), &[], &[]), *index as usize);
        match (items.get(index), rest.is_empty()) {
            (Some(_), true) if *action == Action::Remove => drop(list.slots.remove(index)),
            (Some(item), _) => list.slots[index] = change(index, Node::of(rest, action, Some(item))?),
            (None, true) => list.slots.extend(action.over(None)?.iter().map(new(false))),
            (None, false) => {}
        }
        Ok(list)
    }

    /// These changes with later ones folded in.
    pub(super) fn then(self, later: &List, items: &[Tree]) -> List {
        if later.stored != self.slots.len() {
            // Not all of these were seen when the later ones were made: then those are at the ends alone.
            let news = |front| later.slots.iter().filter(move |slot| slot.is_new(front)).cloned();
            let slots = news(true).chain(self.slots).chain(news(false)).collect();
            return List { stored: self.stored, slots };
        }
        let slots = later.slots.iter().map(|slot| match slot {
            Slot::New { .. } => slot.clone(),
            Slot::Stored { at, change: None } => self.slots[*at].clone(),
            Slot::Stored { at, change: Some(later) } => match &self.slots[*at] {
                Slot::New { value, front, assembled } => {
                    let assembled = *assembled || later.assembles(Some(value));
                    Slot::New { value: later.over(Some(value)).unwrap_or(Tree::Null), front: *front, assembled }
                }
                Slot::Stored { at, change: None } => change(*at, (**later).clone()),
                Slot::Stored { at, change: Some(node) } => change(*at, node.clone().then(later, items.get(*at))),
            },
        });
        List { stored: self.stored, slots: slots.collect() }
    }

    /// A choice for each change of the list, where these items are stored and `after` shall be.
    pub(in crate::model) fn choices(&self, path: &[Segment], items: &[Tree], after: &[Tree]) -> Vec<Choice> {
        let at = |position: usize| path.iter().cloned().chain([Segment::from(position as u32)]).collect::<Vec<_>>();
        let kept =
            |stored: usize| self.slots.iter().position(|slot| matches!(slot, Slot::Stored { at, .. } if *at == stored));
        let mut choices = Vec::new();
        for (stored, item) in items.iter().enumerate() {
            match kept(stored).map(|slot| (slot, &self.slots[slot])) {
                None => choices.push(vec![one(&at(stored), Sent::Remove)]),
                Some((slot, Slot::Stored { change: Some(change), .. })) => {
                    choices.extend(change.choices(&at(stored), Some(item), after.get(slot)));
                }
                Some(_) => {}
            }
        }
        let news = |front: bool| self.slots.iter().filter(move |slot| slot.is_new(front)).filter_map(Slot::value);
        let front: Vec<Value> = news(true).map(Tree::to_value).collect();
        let back: Vec<Value> = news(false).map(Tree::to_value).collect();
        if !front.is_empty() {
            choices.push(vec![one(path, Sent::Prepend(front))]);
        }
        if !back.is_empty() {
            let each = back.iter().zip(items.len()..).flat_map(|(value, end)| one(&at(end), Sent::Set(value.clone())));
            choices.push(vec![each.collect(), one(path, Sent::Append(back.clone()))]);
        }
        choices
    }

    /// The list with the changes laid over. Where it is another one than when they were made, those at its ends count.
    pub(super) fn over(&self, items: &[Tree]) -> Vec<Tree> {
        if items.len() != self.stored {
            let news = |front| self.slots.iter().filter(move |slot| slot.is_new(front)).filter_map(Slot::value);
            return news(true).chain(items).chain(news(false)).cloned().collect();
        }
        let value = |slot: &Slot| match slot {
            Slot::New { value, .. } => Some(value.clone()),
            Slot::Stored { at, change: None } => items.get(*at).cloned(),
            Slot::Stored { at, change: Some(node) } => node.over(Some(items.get(*at)?)),
        };
        self.slots.iter().filter_map(value).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.len() == self.stored
            && self.slots.iter().all(|slot| matches!(slot, Slot::Stored { change: None, .. }))
    }

    /// The changes of the items of the list below, by what changes of each; an item that is taken out has none.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Stored { at, change: Some(node) } => Some((*at, &**node)),
            _ => None,
        })
    }

    /// The items that it gains at its front, or at its end.
    pub(crate) fn gains(&self, front: bool) -> Vec<Tree> {
        self.slots.iter().filter(|slot| slot.is_new(front)).filter_map(Slot::value).cloned().collect()
    }

    /// The items that are left, as a caller sees them.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// The items that it gains of which a map came into being with changes below.
    pub(crate) fn assembled(&self) -> impl Iterator<Item = &Tree> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::New { value, assembled: true, .. } => Some(value),
            _ => None,
        })
    }

    pub(super) fn assembles(&self, items: &[Tree]) -> bool {
        self.assembled().next().is_some() || self.changes().any(|(at, node)| node.assembles(items.get(at)))
    }

    fn count(&self, is: impl Fn(&Slot) -> bool) -> usize {
        self.slots.iter().filter(|slot| is(slot)).count()
    }

    /// How many items come before the stored ones, and how many behind them.
    fn added(&self) -> (usize, usize) {
        (self.count(|slot| slot.is_new(true)), self.count(|slot| slot.is_new(false)))
    }

    pub(super) fn ends(&self, ends: &mut [bool; 4]) {
        let (before, behind) = self.added();
        ends[0] |= before > 0;
        ends[1] |= behind > 0;
        self.changes().for_each(|(_, node)| node.ends(ends));
    }

    fn removes(&self) -> bool {
        self.count(|slot| slot.stored().is_some()) < self.stored
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        let of_list = match kind {
            Kind::Update => self.added() != (0, 0),
            Kind::Remove => self.removes(),
        };
        of_list || self.changes().any(|(_, node)| node.has(kind))
    }

    /// Whether there are changes of both kinds.
    pub(crate) fn is_mixed(&self) -> bool {
        self.has(Kind::Update) && self.has(Kind::Remove)
    }

    /// Takes the changes of one kind out; what stays is over the list that these leave.
    pub(super) fn take(&mut self, kind: Kind) -> List {
        let (before, behind) = self.added();
        let mut taken: Vec<Slot> = (0..self.stored).map(stored).collect();
        let mut kept = Vec::new();
        for slot in std::mem::take(&mut self.slots) {
            match slot {
                Slot::Stored { at, change } => {
                    let mut change = change;
                    let of_kind = change.as_mut().and_then(|node| node.take(kind)).map(Box::new);
                    taken[at] = Slot::Stored { at, change: of_kind };
                    kept.push(Slot::Stored { at, change: change.filter(|node| !node.is_empty()) });
                }
                new => kept.push(new),
            }
        }
        match kind {
            Kind::Update => {
                let (mut front, mut back) = (0, before + self.stored);
                for slot in &mut kept {
                    let at = match slot {
                        Slot::Stored { at, .. } => {
                            *at += before;
                            continue;
                        }
                        Slot::New { front: true, .. } => &mut front,
                        Slot::New { front: false, .. } => &mut back,
                    };
                    taken.push(std::mem::replace(slot, stored(*at)));
                    *at += 1;
                }
                taken.sort_by_key(|slot| match slot {
                    Slot::New { front: true, .. } => 0,
                    Slot::Stored { .. } => 1,
                    Slot::New { front: false, .. } => 2,
                });
                let length = self.stored;
                *self = List { stored: before + length + behind, slots: kept };
                List { stored: length, slots: taken }
            }
            Kind::Remove => {
                let left: Vec<usize> = kept.iter().filter_map(Slot::stored).collect();
                taken.retain(|slot| slot.stored().is_some_and(|at| left.contains(&at)));
                let positions = kept.iter_mut().filter_map(|slot| match slot {
                    Slot::Stored { at, .. } => Some(at),
                    Slot::New { .. } => None,
                });
                positions.enumerate().for_each(|(new, at)| *at = new);
                let before = std::mem::replace(self, List { stored: left.len(), slots: kept }).stored;
                List { stored: before, slots: taken }
            }
        }
    }

    /// Takes out what cannot be in one request with the rest: a list grows at its front by one path, and changes
    /// elsewhere by others. Where an item takes two requests, what is removed goes with the second.
    pub(super) fn take_later(&mut self) -> Option<List> {
        let length = self.stored;
        let mut items: Vec<(Slot, Option<Node>)> = (0..length).map(|at| (stored(at), None)).collect();
        let left: Vec<usize> = self.slots.iter().filter_map(Slot::stored).collect();
        for slot in &self.slots {
            if let Slot::Stored { at, change: Some(node) } = slot {
                let mut now = (**node).clone();
                let later = now.take_later(&mut || true);
                items[*at] = (change(*at, now), later);
            }
        }
        let (front, behind) = self.added();
        let later_edits = items.iter().any(|(_, later)| later.is_some());
        let elsewhere = behind > 0 || self.removes() || self.changes().next().is_some();
        if !(later_edits || front > 0 && elsewhere) {
            return None;
        }
        if !later_edits {
            items.retain(|(slot, _)| slot.stored().is_some_and(|at| left.contains(&at)));
        }
        let news = |front| self.slots.iter().filter(move |slot| slot.is_new(front)).cloned();
        let mut later: Vec<Slot> = news(true).collect();
        for (position, (slot, node)) in items.iter().enumerate() {
            if slot.stored().is_some_and(|at| left.contains(&at)) {
                later.push(node.clone().map_or(stored(position), |node| change(position, node)));
            }
        }
        later.extend((0..behind).map(|at| stored(items.len() + at)));
        let later = List { stored: items.len() + behind, slots: later };
        self.slots = items.into_iter().map(|(slot, _)| slot).chain(news(false).collect::<Vec<_>>()).collect();
        Some(later)
    }
}

fn change(at: usize, node: Node) -> Slot {
    Slot::Stored { at, change: Some(Box::new(node)).filter(|node| !node.is_empty()) }
}

impl Slot {
    fn stored(&self) -> Option<usize> {
        match self {
            Slot::Stored { at, .. } => Some(*at),
            Slot::New { .. } => None,
        }
    }

    fn value(&self) -> Option<&Tree> {
        match self {
            Slot::New { value, .. } => Some(value),
            Slot::Stored { .. } => None,
        }
    }

    fn is_new(&self, at_front: bool) -> bool {
        matches!(self, Slot::New { front, .. } if *front == at_front)
    }
}
