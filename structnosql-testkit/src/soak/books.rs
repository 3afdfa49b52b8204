//! Histories of books in which every operation is an entry of its own: how often it was applied can be counted.
//!
//! Requests go wrong, commits run side by side and are given up, and what is in doubt is told or sent again. Then no
//! entry may be lost, none entered twice, and none come back that was rolled back; and what reports and lists say of
//! each must be true. The model is the list of the entries, with what became of each.

mod book;
mod calls;
mod check;
mod desk;
mod draw;
mod entries;

use fastrand::Rng;

use super::Tally;
use super::bench::finished;
use super::history::{Failed, History};
use super::patience::finish;
use book::Entry;
use desk::Desk;

/// A history of one table that caches, over several books.
#[derive(Clone)]
pub(super) struct Books {
    setting: Setting,
    steps: Vec<Step>,
}

/// What the books and their database are like.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// Those that are there already.
    books: Vec<usize>,
    /// Requests go wrong with this seed and probability.
    storm: Option<(u64, f64)>,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Perhaps with the condition that the book is open.
    Pend(usize, Vec<Entry>, bool),
    /// Another program closes the book, or opens it again.
    Close(usize, bool),
    Begin(Act),
    /// One of the tasks goes on, so many times.
    GoOn {
        task: usize,
        polls: usize,
    },
    GiveUp(usize),
    Clear(Clear),
    Savepoint,
    /// To one of the last savepoints.
    RollbackTo(usize),
    /// The table is told truly what became of a write in doubt.
    Resolve(usize),
    /// So many minutes pass.
    Wait(u64),
    /// All tasks go on to their ends, and everything is looked at.
    Rest,
}

/// What takes a while.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Commit {
        /// Of removals, or of all but these.
        removals: Option<bool>,
        only: Option<usize>,
        how: How,
        concurrency: Option<usize>,
    },
    /// Entries that give back what they replace, and so may be sent at once.
    AtOnce(usize, Vec<Entry>),
    Read(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Alone,
    ExactlyOnce,
    Batched,
    Atomic,
}

/// Of one book, or of all.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clear {
    CachedData(Option<usize>),
    Refresh(Option<usize>),
    Rollback(Option<usize>),
    Pending(Option<usize>),
    /// Removals, or all but these.
    PendingOf(bool),
}

impl Act {
    /// Whether it may be about the book.
    fn is_of(&self, book: usize) -> bool {
        match self {
            Act::Commit { only, .. } => only.is_none_or(|only| only == book),
            Act::AtOnce(of, _) | Act::Read(of) => *of == book,
        }
    }

    fn writes(&self) -> bool {
        !matches!(self, Act::Read(_))
    }
}

impl Clear {
    fn is_of(self, book: usize) -> bool {
        match self {
            Clear::CachedData(only) | Clear::Refresh(only) | Clear::Rollback(only) | Clear::Pending(only) => {
                only.is_none_or(|only| only == book)
            }
            Clear::PendingOf(_) => true,
        }
    }
}

impl Books {
    pub(super) fn draw(rng: Rng) -> Books {
        let (setting, steps) = draw::history(rng);
        Books { setting, steps }
    }
}

impl History for Books {
    type Step = Step;

    fn steps(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    fn run(&self) -> Result<Tally, Failed> {
        let open = finished(finish(Desk::open(&self.setting))).and_then(|open| open);
        let mut desk = open.map_err(Failed::at(0))?;
        for (at, step) in self.steps.iter().enumerate() {
            desk.step(step).map_err(Failed::at(at))?;
        }
        desk.end().map_err(|what| Failed { at: self.steps.len(), what: format!("at the end: {what}") })?;
        Ok(desk.tally())
    }

    fn strip(&mut self) {
        self.without(|books| books.setting.storm = None);
        self.without(|books| books.setting.books.clear());
    }

    fn lines(&self) -> Vec<String> {
        let setting = format!("{:?}", self.setting);
        std::iter::once(setting).chain(self.steps.iter().map(|step| format!("{step:?}"))).collect()
    }
}
