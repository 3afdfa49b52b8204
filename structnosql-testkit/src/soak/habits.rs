//! What a case has much of, and what none.
//!
//! A history with a little of everything seldom brings two rare things together: each case draws habits of its own.

use fastrand::Rng;

/// What happens in a case besides one task's calls. Other writers and faults make checks weaker: each is in some of
/// the cases only.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Climate {
    pub(crate) foreign: bool,
    pub(crate) stormy: bool,
    pub(crate) two_tasks: bool,
    /// No clears and savepoints: many operations come together in one layer.
    pub(crate) steady: bool,
    /// Indexes, and reads that are not consistent, are late.
    pub(crate) lagging: bool,
    /// Now and then far more changes than an expression holds.
    pub(crate) bulky: bool,
}

/// How often a case does what; chances are in a hundred.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    pub(crate) climate: Climate,
    verbs: Vec<(Verb, u32)>,
    /// To go back to where something happened of late.
    pub(crate) again: u32,
    /// To go on to a value inside another.
    pub(crate) deeper: u32,
    pub(crate) remove: u32,
    pub(crate) null: u32,
    pub(crate) if_absent: u32,
    pub(crate) condition: u32,
    pub(crate) return_old: u32,
    pub(crate) several: u32,
}

/// A kind of call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Write,
    Put,
    Delete,
    WriteMany,
    Read,
    ReadMany,
    Prefetch,
    Query,
    Clear,
    Savepoint,
    RollbackTo,
    Commit,
    Resolve,
    Foreign,
    ForeignDelete,
}

/// How often each comes, as a rule.
const VERBS: [(Verb, u32); 15] = [
    (Verb::Write, 50),
    (Verb::Put, 3),
    (Verb::Delete, 2),
    (Verb::WriteMany, 2),
    (Verb::Read, 7),
    (Verb::ReadMany, 2),
    (Verb::Prefetch, 1),
    (Verb::Query, 4),
    (Verb::Clear, 10),
    (Verb::Savepoint, 3),
    (Verb::RollbackTo, 3),
    (Verb::Commit, 16),
    (Verb::Resolve, 3),
    (Verb::Foreign, 3),
    (Verb::ForeignDelete, 1),
];

impl Habits {
    pub(crate) fn draw(rng: &mut Rng, climate: Climate) -> Habits {
        let mut one_of = |chances: [u32; 4]| chances[rng.usize(..4)];
        let mut habits = Habits {
            climate,
            verbs: Vec::new(),
            again: one_of([0, 0, 40, 75]),
            deeper: one_of([50, 70, 70, 85]),
            remove: one_of([5, 25, 25, 50]),
            null: one_of([0, 4, 4, 20]),
            if_absent: one_of([0, 12, 12, 50]),
            condition: one_of([0, 15, 15, 40]),
            return_old: one_of([0, 15, 15, 40]),
            several: one_of([0, 25, 25, 70]),
        };
        let possible = VERBS.iter().filter(|(verb, _)| match verb {
            Verb::Clear | Verb::Savepoint | Verb::RollbackTo => !climate.steady,
            Verb::Resolve => climate.stormy,
            Verb::Foreign | Verb::ForeignDelete => climate.foreign,
            _ => true,
        });
        habits.verbs = possible
            .map(|(verb, weight)| {
                let times = if *verb == Verb::Write { 2 } else { one_of([0, 1, 3, 6]) };
                (*verb, weight * times)
            })
            .collect();
        habits
    }

    pub(crate) fn verb(&self, rng: &mut Rng) -> Verb {
        let mut at = rng.u32(..self.verbs.iter().map(|(_, weight)| weight).sum::<u32>());
        let chosen = self.verbs.iter().find(|(_, weight)| match at.checked_sub(*weight) {
            Some(left) => {
                at = left;
                false
            }
            None => true,
        });
        chosen.map_or(Verb::Write, |(verb, _)| *verb)
    }
}
