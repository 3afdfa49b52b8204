//! What became of each entry.

use super::book::{Entry, Shown, as_shown};

/// An entry that the table has accepted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Accepted {
    pub(super) entry: Entry,
    /// The moment of it.
    pub(super) at: u64,
    pub(super) fate: Fate,
    /// The call that it came with, where that has the condition that the book is open.
    pub(super) guard: Option<u64>,
    /// The cache was cleared since: reads do not show it before it is applied.
    pub(super) is_hidden: bool,
    /// A commit that may have carried it took several requests, and the first was applied: what is left of it is one.
    pub(super) may_be_sealed: bool,
    /// It was cleared or hidden, and may be in sight all the same.
    pub(super) may_be_in_sight: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// To be applied, once.
    Pending,
    Applied,
    /// Cleared while it may have been under way: it is applied, or it never is.
    Open,
    /// Pended while something was cleared: it is pending, or never applied.
    Unclear,
    /// Never to be applied. It may be in sight all the same.
    Gone,
}

/// What was accepted for one book.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries(pub(super) Vec<Accepted>);

impl Entries {
    pub(super) fn accept(&mut self, entries: &[Entry], at: u64, fate: Fate, is_guarded: bool) {
        let guard = is_guarded.then_some(at);
        let accepted = |entry: &Entry| Accepted {
            entry: *entry,
            at,
            fate,
            guard,
            is_hidden: false,
            may_be_sealed: false,
            may_be_in_sight: false,
        };
        self.0.extend(entries.iter().map(accepted));
    }

    /// What is stored now shows which have been applied. A condition is met with the first entry of its call.
    pub(super) fn observe(&mut self, shown: &Shown, is_closed: bool) -> Result<(), String> {
        let unmet = self.unmet();
        for accepted in self.0.iter_mut().filter(|accepted| !shown.contains_key(&as_shown(accepted.entry))) {
            // It may have been put with what is applied now.
            accepted.may_be_sealed = true;
            accepted.may_be_in_sight |= accepted.is_hidden;
        }
        for (entry, times) in shown {
            let Some(accepted) = self.0.iter_mut().find(|accepted| as_shown(accepted.entry) == *entry) else {
                return Err(format!("{entry:?} is stored, and nobody made it"));
            };
            match accepted.fate {
                _ if *times > 1 => return Err(format!("{entry:?} is stored {times} times")),
                Fate::Gone => return Err(format!("{entry:?} is stored, which was cleared before it was sent")),
                Fate::Applied => {}
                _ if is_closed && accepted.guard.is_some_and(|guard| unmet.contains(&guard)) => {
                    return Err(format!("{entry:?} is stored against its condition"));
                }
                Fate::Pending | Fate::Open | Fate::Unclear => accepted.fate = Fate::Applied,
            }
        }
        let is_lost =
            |accepted: &&Accepted| accepted.fate == Fate::Applied && !shown.contains_key(&as_shown(accepted.entry));
        match self.0.iter().find(is_lost) {
            Some(lost) => Err(format!("{:?} was stored, and is not any more", lost.entry)),
            None => Ok(()),
        }
    }

    /// The calls with a condition of which nothing has been applied yet, nor a first request that may have carried it.
    pub(super) fn unmet(&self) -> Vec<u64> {
        let is_met = |guard: u64| {
            let mut of_call = self.0.iter().filter(|one| one.guard == Some(guard));
            of_call.any(|one| one.fate == Fate::Applied || one.may_be_sealed)
        };
        let mut unmet: Vec<u64> = self.0.iter().filter_map(|one| one.guard).filter(|guard| !is_met(*guard)).collect();
        unmet.dedup();
        unmet
    }

    /// Whether a condition may go with those that are pending and fit: after a commit of one kind with the other, too.
    pub(super) fn is_guarded(&self, fits: &dyn Fn(Entry) -> bool) -> bool {
        let is_left = |one: &&Accepted| one.guard.is_some() && !matches!(one.fate, Fate::Applied | Fate::Gone);
        self.0.iter().filter(is_left).any(|one| fits(one.entry))
    }

    /// Those of this fate, as they are shown.
    pub(super) fn of(&self, fate: Fate) -> impl Iterator<Item = Entry> {
        self.0.iter().filter(move |accepted| accepted.fate == fate).map(|accepted| as_shown(accepted.entry))
    }

    /// Pending ones that fit are cleared, and may be left in sight. What may have been under way then is decided later.
    pub(super) fn clear(&mut self, under_way: bool, stay_in_sight: bool, fits: impl Fn(&Accepted) -> bool) {
        for accepted in self.0.iter_mut().filter(|accepted| fits(accepted)) {
            if matches!(accepted.fate, Fate::Pending | Fate::Unclear) {
                accepted.fate = if under_way { Fate::Open } else { Fate::Gone };
            }
            accepted.may_be_in_sight |= stay_in_sight || accepted.fate == Fate::Open;
        }
    }

    /// A call that may have sent or pended these has ended: those that have not been applied are this now.
    pub(super) fn settle(&mut self, entries: &[Entry], at: u64, fate: Fate) {
        for open in self.0.iter_mut().filter(|one| one.fate == Fate::Open && entries.contains(&one.entry)) {
            (open.at, open.fate) = (at, fate);
            open.may_be_in_sight |= fate == Fate::Unclear;
        }
    }

    /// Nothing is under way or in doubt any more: what was not applied never is, unless it is listed as pending and may
    /// be that.
    pub(super) fn decide(&mut self, listed: &[Entry]) {
        for accepted in &mut self.0 {
            accepted.fate = match accepted.fate {
                Fate::Unclear if listed.contains(&as_shown(accepted.entry)) => Fate::Pending,
                Fate::Unclear | Fate::Open => Fate::Gone,
                fate => fate,
            };
        }
    }

    /// What was left in sight is so no more, but for what may be under way.
    pub(super) fn show_stored(&mut self) {
        self.0.iter_mut().for_each(|accepted| accepted.may_be_in_sight &= accepted.fate == Fate::Open);
    }

    /// Those that were pended later are cleared. What is left of several requests is one: then some may stay.
    pub(super) fn rollback_to(&mut self, at: u64) {
        for later in self.0.iter_mut().filter(|one| one.at > at && one.fate == Fate::Pending) {
            later.fate = if later.may_be_sealed { Fate::Unclear } else { Fate::Gone };
        }
    }

    /// What was read is forgotten, with what was left in sight; what is pending is hidden, or shown again.
    pub(super) fn forget(&mut self, is_hidden: bool) {
        for accepted in &mut self.0 {
            accepted.is_hidden = is_hidden;
            accepted.may_be_in_sight = accepted.fate == Fate::Open && !is_hidden;
        }
    }

    /// Whether this order of a log is that in which its entries were made: later ones stand farther out.
    pub(super) fn is_in_order(&self, logged: &[u32]) -> bool {
        let is_first = |number: &u32| self.0.iter().any(|accepted| accepted.entry == Entry::Prepend(*number));
        let (front, back) = logged.split_at(logged.iter().take_while(|number| is_first(number)).count());
        front.is_sorted_by(|a, b| a > b) && back.is_sorted() && !back.iter().any(is_first)
    }
}
