//! Pending changes of a list, as the places that a caller sees.

use structnosql_core::Segment;

use super::{Action, Kind, Node, Refused};
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
enum Slot {
    /// An item of the list below, with what changes of it.
    Stored { at: usize, change: Option<Box<Node>> },
    /// An item behind those.
    New(Tree),
}

impl List {
    pub(super) fn over_items(stored: usize) -> List {
        List { stored, slots: (0..stored).map(|at| Slot::Stored { at, change: None }).collect() }
    }

    pub(super) fn add(&mut self, path: &[Segment], action: Action, items: &[Tree]) -> Result<(), Refused> {
        let Some((Segment::Index(index), rest)) = path.split_first() else {
            return Err(Refused);
        };
        let index = *index as usize;
        match (self.slots.get_mut(index), action) {
            (Some(_), Action::Remove) if rest.is_empty() => {
                self.slots.remove(index);
                Ok(())
            }
            (Some(Slot::New(value)), Action::Set(new)) => value.set(rest, new),
            (Some(Slot::New(value)), Action::Remove) => value.remove(rest),
            (Some(Slot::Stored { at, change }), action) => {
                let item = items.get(*at);
                let node = match change.take() {
                    None => Node::of(rest, action, item),
                    Some(mut node) => match node.add(rest, action, item) {
                        Ok(()) => Ok(*node),
                        Err(refused) => {
                            *change = Some(node);
                            return Err(refused);
                        }
                    },
                }?;
                *change = Some(Box::new(node)).filter(|node| !node.is_empty());
                Ok(())
            }
            (None, Action::Set(new)) if rest.is_empty() => {
                self.slots.push(Slot::New(new));
                Ok(())
            }
            (None, Action::Set(_)) => Err(Refused),
            (None, Action::Remove) => Ok(()),
        }
    }

    pub(super) fn over(&self, items: &[Tree]) -> Vec<Tree> {
        let value = |slot: &Slot| match slot {
            Slot::New(value) => Some(value.clone()),
            Slot::Stored { at, change: None } => items.get(*at).cloned(),
            Slot::Stored { at, change: Some(node) } => node.over(Some(items.get(*at)?)),
        };
        self.slots.iter().filter_map(value).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.slots.len() == self.stored
            && self.slots.iter().all(|slot| matches!(slot, Slot::Stored { change: None, .. }))
    }

    fn new_items(&self) -> impl Iterator<Item = &Tree> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::New(value) => Some(value),
            Slot::Stored { .. } => None,
        })
    }

    /// The changes of the items of the list below, by what changes of each; an item that is taken out has none.
    pub(crate) fn changes(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Stored { at, change: Some(node) } => Some((*at, &**node)),
            _ => None,
        })
    }

    fn removes(&self) -> bool {
        self.slots.len() - self.new_items().count() < self.stored
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        let of_list = match kind {
            Kind::Update => self.new_items().next().is_some(),
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
        let mut taken = List::over_items(self.stored);
        let mut kept = Vec::new();
        for slot in std::mem::take(&mut self.slots) {
            match slot {
                Slot::Stored { at, change } => {
                    let mut change = change;
                    let of_kind = change.as_mut().and_then(|node| node.take(kind)).map(Box::new);
                    taken.slots[at] = Slot::Stored { at, change: of_kind };
                    kept.push(Slot::Stored { at, change: change.filter(|node| !node.is_empty()) });
                }
                new => kept.push(new),
            }
        }
        match kind {
            Kind::Update => {
                for slot in &mut kept {
                    if let Slot::New(value) = slot {
                        let value = std::mem::replace(value, Tree::Null);
                        taken.slots.push(Slot::New(value));
                        *slot = Slot::Stored { at: self.stored, change: None };
                        self.stored += 1;
                    }
                }
            }
            Kind::Remove => {
                let left: Vec<usize> = kept.iter().filter_map(Slot::stored).collect();
                taken.slots.retain(|slot| slot.stored().is_some_and(|at| left.contains(&at)));
                let positions = kept.iter_mut().filter_map(|slot| match slot {
                    Slot::Stored { at, .. } => Some(at),
                    Slot::New(_) => None,
                });
                positions.enumerate().for_each(|(new, at)| *at = new);
                self.stored = left.len();
            }
        }
        self.slots = kept;
        taken
    }
}

impl Slot {
    fn stored(&self) -> Option<usize> {
        match self {
            Slot::Stored { at, .. } => Some(*at),
            Slot::New(_) => None,
        }
    }
}
