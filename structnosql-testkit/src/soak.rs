//! The soak: random histories of a caching table, compared with a model after every step.
//!
//! A [`case`] is drawn from a seed and runs without a runtime, a clock or threads, so that a seed replays exactly. A
//! case that fails is made smaller by taking steps out of it for as long as it goes on failing.

mod bench;
mod commits;
mod document;
mod doubt;
mod patience;
mod step;
mod storm;
mod writes;

use std::fmt;

use fastrand::Rng;

use bench::{Bench, Checked};
use step::{Call, Draw, RECORDS, Step};

use crate::model::Entries;

/// What cases have done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// Cases that were run.
    pub cases: u64,
    /// Calls of the table, reads included.
    pub operations: u64,
    /// Requests that the database got.
    pub requests: u64,
    /// Faults that were injected.
    pub faults: u64,
}

impl Tally {
    /// Adds what another case did.
    pub fn add(&mut self, other: Tally) {
        self.cases += other.cases;
        self.operations += other.operations;
        self.requests += other.requests;
        self.faults += other.faults;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { cases, operations, requests, faults } = self;
        write!(f, "{cases} cases, {operations} operations, {requests} requests, {faults} faults")
    }
}

/// A case in which the engine and the model came apart, made as small as it still fails.
#[derive(Clone, Debug)]
pub struct Divergence {
    seed: u64,
    what: String,
    steps: Vec<String>,
}

impl Divergence {
    /// The seed that draws the case.
    pub fn seed(&self) -> u64 {
        self.seed
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {}", self.seed, self.what)?;
        self.steps.iter().try_for_each(|step| write!(f, "\n  {step}"))
    }
}

impl std::error::Error for Divergence {}

struct Case {
    items: Vec<Option<Entries>>,
    steps: Vec<Step>,
    stormy: bool,
}

/// Runs the case of a seed.
///
/// # Errors
///
/// The first divergence from the model, with the steps that lead to it.
///
/// ```
/// let tally = structnosql_testkit::soak::case(7).unwrap();
/// assert_eq!(tally.cases, 1);
/// ```
pub fn case(seed: u64) -> Result<Tally, Divergence> {
    let case = Case::draw(seed);
    match case.run() {
        Ok(tally) => Ok(tally),
        Err((at, _)) => Err(case.smallest(at).divergence(seed)),
    }
}

impl Case {
    fn draw(seed: u64) -> Case {
        let mut draw = Draw::new(Rng::with_seed(seed));
        let items = (0..RECORDS).map(|_| if draw.rng.u32(..4) == 0 { None } else { Some(draw.item()) }).collect();
        let length = [4, 10, 25, 50][draw.rng.usize(..4)];
        // Other writers and faults make checks weaker: each is in some of the cases only.
        let (foreign, stormy) = [(false, false), (true, false), (false, true)][draw.rng.usize(..3)];
        let steps = (0..length).map(|_| draw.step(foreign, stormy)).collect();
        Case { items, steps, stormy }
    }

    /// Runs it; at which step it failed, and how.
    fn run(&self) -> Result<Tally, (usize, String)> {
        let mut bench = Bench::new(&self.items).map_err(|error| (0, error))?;
        let mut operations = 0;
        for (at, step) in self.steps.iter().enumerate() {
            let done = match step.weather {
                Some(weather) => bench.storm(step, weather),
                None => bench.step(step),
            };
            operations += u64::from(done.map_err(|error| (at, error))?);
        }
        let end = self.steps.len();
        let ended = if self.stormy { bench.calm() } else { bench.end() };
        ended.map_err(|error| (end, format!("at the end: {error}")))?;
        let requests = bench.counted().requests() as u64;
        Ok(Tally { cases: 1, operations: operations + bench.reads, requests, faults: bench.faults() })
    }

    /// The case without steps, and records, that it fails without as well.
    fn smallest(mut self, failed_at: usize) -> Case {
        self.steps.truncate(failed_at + 1);
        let mut size = self.steps.len().max(1);
        loop {
            let mut start = 0;
            while start < self.steps.len() {
                let steps: Vec<Step> = self
                    .steps
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| !(start..start + size).contains(at))
                    .map(|(_, step)| step.clone())
                    .collect();
                let smaller = Case { items: self.items.clone(), steps, ..self };
                if smaller.run().is_err() { self = smaller } else { start += size }
            }
            if size == 1 {
                break;
            }
            size = (size / 2).max(1);
        }
        for at in 0..self.steps.len() {
            let looks = std::mem::take(&mut self.steps[at].looks);
            if self.run().is_ok() {
                self.steps[at].looks = looks;
            }
        }
        for at in 0..self.items.len() {
            let item = self.items[at].take();
            if self.run().is_ok() {
                self.items[at] = item;
            }
        }
        self
    }

    fn divergence(self, seed: u64) -> Divergence {
        let what = match self.run() {
            Err((_, what)) => what,
            Ok(_) => "it failed once and not again: the engine depends on more than the seed".to_owned(),
        };
        let items = self
            .items
            .iter()
            .zip(0..)
            .filter_map(|(item, at)| Some(format!("r{at} = {item:?}", item = item.as_ref()?)));
        let steps = items.chain(self.steps.iter().map(|step| format!("{step:?}"))).collect();
        Divergence { seed, what, steps }
    }
}

impl Bench {
    /// One step with all its checks; whether it made sense here.
    fn step(&mut self, step: &Step) -> Result<bool, String> {
        let done = match &step.call {
            Call::Write(write) => self.write(write)?,
            Call::Put { record, item, create } => self.put(*record, item, *create).map(|()| true)?,
            Call::Delete { record, return_old } => self.delete(*record, *return_old).map(|()| true)?,
            Call::ReadSeveral { record, paths } => self.look(*record, paths).map(|()| true)?,
            Call::Query { category, paths } => self.query(category, paths).map(|()| true)?,
            Call::Clear(clear) => self.clear(*clear)?,
            Call::Commit { kind, only } => self.commit(*kind, *only)?,
            Call::Foreign(write) => self.foreign(write)?,
            Call::ForeignDelete { record } => self.foreign_delete(*record).map(|()| true)?,
        };
        self.check_rest()?;
        for (record, path) in &step.looks {
            self.look(*record, std::slice::from_ref(path))?;
        }
        Ok(done)
    }

    /// Everything reads the same before a commit, after it, and from the database alone.
    fn end(&mut self) -> Checked {
        self.look_everywhere()?;
        self.commit(None, None)?;
        self.check_rest()?;
        self.look_everywhere()?;
        self.clear(step::Clear::CachedDataAndPending)?;
        self.look_everywhere()?;
        self.check_rest()
    }
}
