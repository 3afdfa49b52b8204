//! The soak: random histories of a caching table, compared with a model after every step.
//!
//! A [`case`] is drawn from a seed and runs without threads or a clock, so that a seed replays exactly. A
//! case that fails is made smaller by taking steps out of it for as long as it goes on failing.

mod again;
mod agree;
mod alone;
mod bench;
mod books;
mod document;
mod documents;
mod doubt;
mod draw;
mod fewest;
mod foreign;
mod habits;
mod history;
mod judge;
mod kept;
mod late;
mod outcomes;
mod pages;
mod patience;
mod people;
mod place;
mod planted;
mod races;
mod rows;
mod run;
mod sense;
mod sources;
mod start;
mod statistics;
mod step;
mod store;
mod versions;
mod world;

use std::fmt;

pub use planted::{PLANTED, Planted};

use fastrand::Rng;

use books::Books;
use documents::Documents;
use people::People;
use races::Races;
use rows::Rows;
use store::Store;
use versions::Versions;

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
    let rng = Rng::with_seed(seed);
    match seed % 16 {
        1 => history::check(seed, Documents::draw_unusual(rng)),
        3 => history::check(seed, People::draw(rng)),
        5 | 9 => history::check(seed, Versions::draw(rng)),
        11 | 13 => history::check(seed, Rows::draw(rng)),
        8 => history::check(seed, Books::draw(rng)),
        14 => history::check(seed, Store::draw(rng)),
        15 => history::check(seed, Races::draw(rng)),
        _ => history::check(seed, Documents::draw(rng)),
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
    let calm = Documents::draw_short(Rng::with_seed(seed));
    let mut tally = Tally::default();
    for faulty in calm.with_each_fault() {
        tally.add(history::check(seed, faulty)?);
    }
    Ok(tally)
}
