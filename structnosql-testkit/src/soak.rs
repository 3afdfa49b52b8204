//! The soak: random histories of a caching table, compared with a model after every step.
//!
//! A [`case`] is drawn from a seed and runs without a runtime, a clock or threads, so that a seed replays exactly. A
//! case that fails is made smaller by taking steps out of it for as long as it goes on failing.

mod alone;
mod bench;
mod document;
mod draw;
mod fewest;
mod foreign;
mod habits;
mod judge;
mod patience;
mod planted;
mod run;
mod start;
mod step;
mod world;

use std::fmt;

pub use planted::{PLANTED, Planted};

use fastrand::Rng;

use bench::Bench;
use draw::Draw;
use habits::Climate;
use step::{Faults, RECORDS, Step, Weather};

use crate::Fault;
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
    /// Calls that were given up half-way.
    pub cancellations: u64,
}

impl Tally {
    /// Adds what another case did.
    pub fn add(&mut self, other: Tally) {
        self.cases += other.cases;
        self.operations += other.operations;
        self.requests += other.requests;
        self.faults += other.faults;
        self.cancellations += other.cancellations;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { cases, operations, requests, faults, cancellations } = self;
        write!(f, "{cases} cases, {operations} operations, {requests} requests, {faults} faults, ")?;
        write!(f, "{cancellations} cancellations")
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
    /// How many records the table keeps in its cache.
    bound: Option<usize>,
    steps: Vec<Step>,
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

/// Runs the short history of a seed once for every way in which one of its requests can go wrong, and once for every
/// moment at which one of its calls can be given up.
///
/// # Errors
///
/// The first divergence from the model, with the steps that lead to it.
///
/// ```
/// let tally = structnosql_testkit::soak::exhaustive(7).unwrap();
/// assert!(tally.faults > 10);
/// ```
pub fn exhaustive(seed: u64) -> Result<Tally, Divergence> {
    let mut draw = Draw::new(Rng::with_seed(seed), Climate::default());
    let items = (0..RECORDS).map(|_| if draw.rng.bool() { None } else { Some(draw.item()) }).collect();
    let steps = (0..6).map(|_| draw.step()).collect();
    let calm = Case { items, bound: None, steps };
    let hanging = [Fault::HangBefore, Fault::HangAfter];
    let mut weathers = Vec::new();
    for request in 0..MOST_REQUESTS {
        let faults = Fault::RANDOM.iter().chain(&hanging);
        weathers.extend(faults.map(|fault| Weather { faults: Faults::After(request, *fault), polls: MOST_POLLS }));
    }
    let none = Faults::Random { seed: 0, probability: 0.0 };
    weathers.extend((1..MOST_POLLS).map(|polls| Weather { faults: none, polls }));
    let mut tally = Tally::default();
    for at in 0..calm.steps.len() {
        for weather in &weathers {
            let mut case = Case { items: calm.items.clone(), bound: None, steps: calm.steps.clone() };
            case.steps[at].weather = Some(*weather);
            match case.run() {
                Ok(one) => tally.add(one),
                Err((failed_at, _)) => return Err(case.smallest(failed_at).divergence(seed)),
            }
        }
    }
    Ok(tally)
}

/// More requests than one call of a short history sends.
const MOST_REQUESTS: usize = 8;
/// More polls than it takes.
const MOST_POLLS: usize = 24;

impl Case {
    fn draw(seed: u64) -> Case {
        let mut rng = Rng::with_seed(seed);
        let climates = [
            Climate::default(),
            Climate { steady: true, ..Climate::default() },
            Climate { foreign: true, ..Climate::default() },
            Climate { stormy: true, ..Climate::default() },
            Climate { two_tasks: true, ..Climate::default() },
            Climate { stormy: true, two_tasks: true, ..Climate::default() },
            Climate { foreign: true, two_tasks: true, ..Climate::default() },
        ];
        let climate = climates[rng.usize(..climates.len())];
        let mut draw = Draw::new(rng, climate);
        let items = (0..RECORDS).map(|_| if draw.rng.u32(..3) == 0 { None } else { Some(draw.item()) }).collect();
        let length = [4, 10, 25, 50][draw.rng.usize(..4)];
        let steps = (0..length).map(|_| draw.step()).collect();
        let bound = if draw.rng.u32(..4) == 0 { Some(draw.rng.usize(..RECORDS)) } else { None };
        Case { items, bound, steps }
    }

    /// Runs it; at which step it failed, and how.
    fn run(&self) -> Result<Tally, (usize, String)> {
        let run = std::panic::AssertUnwindSafe(|| self.run_steps());
        std::panic::catch_unwind(run).unwrap_or_else(|_| Err((self.steps.len(), "a panic".to_owned())))
    }

    fn run_steps(&self) -> Result<Tally, (usize, String)> {
        let mut bench = Bench::new(&self.items, self.bound).map_err(|error| (0, error))?;
        let mut operations = 0;
        for (at, step) in self.steps.iter().enumerate() {
            operations += bench.step(step).map_err(|error| (at, error))?;
        }
        bench.end().map_err(|error| (self.steps.len(), format!("at the end: {error}")))?;
        let requests = bench.counted().requests() as u64;
        let (faults, cancellations) = (bench.faulty().injected(), bench.cancellations);
        Ok(Tally { cases: 1, operations: operations + bench.reads, requests, faults, cancellations })
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
                let smaller = Case { items: self.items.clone(), bound: self.bound, steps };
                if smaller.run().is_err() { self = smaller } else { start += size }
            }
            if size == 1 {
                break;
            }
            size = (size / 2).max(1);
        }
        for at in 0..self.steps.len() {
            let meanwhile = self.steps[at].meanwhile.take();
            if self.run().is_ok() {
                self.steps[at].meanwhile = meanwhile;
            }
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
        let bound = self.bound.map(|records| format!("the table keeps {records} records"));
        let items = bound.into_iter().chain(items);
        let steps = items.chain(self.steps.iter().map(|step| format!("{step:?}"))).collect();
        Divergence { seed, what, steps }
    }
}
