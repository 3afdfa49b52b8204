//! Histories of several writers of one record with a version: each write is checked against what its writer read.

mod at_once;
mod commit;
mod office;
mod shared;
mod stormy;
mod writer;

use fastrand::Rng;
use structnosql_core::CachingTable;

use super::Tally;
use super::bench::finished;
use super::history::{Failed, History};
use super::patience::finish;
use crate::{Counted, Faulty, Reference};
use office::{Office, said};
use shared::{Edit, INCREMENTS, MOST, NAMES, Name, Shared};
use stormy::Storm;

type Store = Counted<Faulty<Reference>>;
type Caching = CachingTable<Shared, Store>;

/// A history of two caching tables and a basic one over the same record.
#[derive(Clone)]
pub(super) struct Versions {
    /// Faults, of which each has this seed and probability.
    storm: Option<Storm>,
    steps: Vec<Step>,
}

/// What one of the writers does.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    writer: usize,
    act: Act,
}

#[derive(Clone, Debug)]
enum Act {
    Read(Vec<Name>),
    ReadWhole,
    Pend(Vec<Edit>),
    Commit(Check, How),
    /// A write that is sent at once, by either kind of table; perhaps unchecked, as the others are.
    Write(Vec<Edit>, bool),
    /// The record as it was last read, with another value; what was never read is new.
    Put(i64, bool),
    Create,
    Delete(bool),
    Refresh,
    Rollback,
}

/// What a commit compares with what is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Check {
    Version,
    /// What was read of what is written as well.
    Both,
    Unchanged,
    Nothing,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Alone,
    Batched,
    Atomic,
    ExactlyOnce,
}

impl Versions {
    pub(super) fn draw(mut rng: Rng) -> Versions {
        let storm = if rng.u32(..3) == 0 { Some(Storm { seed: rng.u64(..), probability: 0.3 }) } else { None };
        let mut added = 0;
        let steps = (0..rng.usize(10..100)).map(|_| Step::draw(&mut rng, &mut added)).collect();
        Versions { storm, steps }
    }
}

impl Step {
    fn draw(rng: &mut Rng, added: &mut u32) -> Step {
        let writer = rng.usize(..5) / 2;
        let act = match rng.u32(..32) {
            0..5 => Act::Read((0..rng.usize(1..4)).map(|_| NAMES[rng.usize(..NAMES.len())]).collect()),
            5..7 => Act::ReadWhole,
            7..16 => Act::Pend(edits(rng, added)),
            16..22 => Act::Commit(
                [Check::Version, Check::Version, Check::Both, Check::Unchanged, Check::Nothing][rng.usize(..5)],
                [How::Alone, How::Alone, How::Batched, How::Atomic, How::ExactlyOnce][rng.usize(..5)],
            ),
            22..25 => Act::Write(edits(rng, added), rng.u32(..4) == 0),
            25..27 => Act::Put(rng.i64(0..=MOST), rng.u32(..4) == 0),
            27 => Act::Create,
            28 => Act::Delete(rng.u32(..3) == 0),
            29..31 => Act::Refresh,
            _ => Act::Rollback,
        };
        Step { writer, act }
    }
}

fn edits(rng: &mut Rng, added: &mut u32) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for _ in 0..rng.usize(1..4) {
        let maybe = |rng: &mut Rng| if rng.u32(..6) > 0 { Some(rng.i64(0..=MOST)) } else { None };
        let edit = match rng.u32(..8) {
            0..3 if *added < INCREMENTS => {
                *added += 1;
                Edit::Add(*added - 1)
            }
            0..5 if rng.u32(..8) == 0 => Edit::Left(Some([-1, MOST + 1][rng.usize(..2)])),
            0..5 => Edit::Left(maybe(rng)),
            5 => Edit::Right(maybe(rng)),
            6 if rng.bool() => Edit::Mark(["a", "b", "c"][rng.usize(..3)]),
            6 => Edit::Unmark(["a", "b", "c"][rng.usize(..3)]),
            _ => Edit::Log(format!("line {}", rng.u32(..1000))),
        };
        if edits.iter().all(|earlier| earlier.name() != edit.name()) {
            edits.push(edit);
        }
    }
    edits
}

impl History for Versions {
    type Step = Step;

    fn steps(&mut self) -> &mut Vec<Step> {
        &mut self.steps
    }

    fn run(&self) -> Result<Tally, Failed> {
        let open = finished(finish(Office::open())).and_then(|open| open.map_err(said));
        let mut office = open.map_err(Failed::at(0))?;
        if let Some(storm) = &self.storm {
            return finished(finish(office.through(storm, &self.steps)))
                .and_then(|done| done)
                .map_err(Failed::at(self.steps.len()));
        }
        for (at, step) in self.steps.iter().enumerate() {
            let done = finished(finish(office.step(step))).and_then(|done| done);
            done.map_err(|problem| Failed { at, what: format!("{step:?}: {problem}") })?;
        }
        let requests = office.basic.backend().requests() as u64;
        (0..2).for_each(|at| office.rollback(at));
        Ok(Tally { cases: 1, operations: self.steps.len() as u64, requests, ..Tally::default() })
    }

    fn lines(&self) -> Vec<String> {
        let storm = self.storm.iter().map(|storm| format!("{storm:?}"));
        storm.chain(self.steps.iter().map(|step| format!("{step:?}"))).collect()
    }
}
