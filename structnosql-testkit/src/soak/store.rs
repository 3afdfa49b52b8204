//! Histories of what a table keeps: one call after another, over time, in a cache of few records or one that grows old.
//!
//! Here the model says exactly which read takes a request, what is forgotten when, and what the statistics count.

mod draw;
mod goods;
mod keeper;

use fastrand::Rng;

use super::Tally;
use super::bench::finished;
use super::history::{Failed, History};
use super::patience::finish;
use goods::Part;
use keeper::Keeper;

/// A history of one table that caches.
#[derive(Clone)]
pub(super) struct Store {
    bounds: Bounds,
    steps: Vec<Step>,
}

/// What a table keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    records: Option<usize>,
    seconds: Option<u64>,
    /// It is a session of a table with these bounds.
    session: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Step {
    Read(usize, Vec<Part>),
    ReadWhole(usize),
    ReadMany(Vec<usize>),
    Prefetch(Vec<usize>),
    Scan,
    Set(usize, Part, i64),
    /// The first item of the record's list is taken out.
    Drop(usize),
    Put(usize),
    Commit(usize),
    Refresh(Option<usize>),
    /// Another program sets a value, of which this one does not hear.
    Foreign(usize, Part, i64),
    /// So many seconds pass.
    Pass(u64),
}

impl Store {
    pub(super) fn draw(rng: Rng) -> Store {
        let (bounds, steps) = draw::history(rng);
        Store { bounds, steps }
    }
}

impl History for Store {
    type Step = Step;

    fn steps(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    fn run(&self) -> Result<Tally, Failed> {
        let open = finished(finish(Keeper::open(self.bounds))).and_then(|open| open);
        let mut keeper = open.map_err(Failed::at(0))?;
        for (at, step) in self.steps.iter().enumerate() {
            let done = keeper.step(step).and_then(|()| keeper.check());
            done.map_err(|problem| Failed { at, what: format!("{step:?}: {problem}") })?;
        }
        let requests = keeper.end();
        Ok(Tally { cases: 1, operations: self.steps.len() as u64, requests, ..Tally::default() })
    }

    fn lines(&self) -> Vec<String> {
        let bounds = format!("{:?}", self.bounds);
        std::iter::once(bounds).chain(self.steps.iter().map(|step| format!("{step:?}"))).collect()
    }
}
