//! Drawing what tasks do, and in which order they go on.

use fastrand::Rng;

use super::act::{Act, How};
use super::racer::{LEAVES, Leaf, RECORDS, Stamp};
use super::{Clear, Setting, Step};

/// Draws the steps of a history.
struct Draw {
    rng: Rng,
    stamp: Stamp,
    /// Records that this history is about, the more often the more often they are here.
    records: Vec<usize>,
    /// Chances in a hundred.
    writes: u32,
    clears: u32,
    /// That rows are asked for, and not records by their keys.
    rows: u32,
    gives_up: bool,
}

pub(super) fn history(mut rng: Rng) -> (Setting, Vec<Step>) {
    let storm = if rng.u32(..3) == 0 { Some((rng.u64(..), 0.15)) } else { None };
    let bound = if rng.u32(..5) == 0 { Some(rng.usize(..RECORDS)) } else { None };
    let records = if rng.bool() { vec![0] } else { vec![0, 0, 1, 1, 2] };
    let writes = [0, 25, 50][rng.usize(..3)];
    let clears = [2, 8, 20][rng.usize(..3)];
    let rows = [10, 30, 95][rng.usize(..3)];
    let gives_up = rng.u32(..4) == 0;
    let mut draw = Draw { rng, stamp: 0, records, writes, clears, rows, gives_up };
    let length = [10, 40, 120][draw.rng.usize(..3)];
    (Setting { bound, storm }, (0..length).map(|_| draw.step()).collect())
}

impl Draw {
    fn chance(&mut self, of_hundred: u32) -> bool {
        self.rng.u32(..100) < of_hundred
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.rng.usize(..all.len())].clone()
    }

    fn record(&mut self) -> usize {
        let records = self.records.clone();
        self.one_of(&records)
    }

    fn several(&mut self) -> Vec<usize> {
        let mut records: Vec<usize> = (0..self.rng.usize(1..4)).map(|_| self.record()).collect();
        records.sort_unstable();
        records.dedup();
        records
    }

    fn stamp(&mut self) -> Stamp {
        self.stamp += 1;
        self.stamp
    }

    fn leaves(&mut self) -> Vec<Leaf> {
        let mut leaves = LEAVES.to_vec();
        self.rng.shuffle(&mut leaves);
        leaves.truncate(self.rng.usize(1..=LEAVES.len()));
        leaves
    }

    fn stamps(&mut self) -> [Option<Stamp>; 4] {
        // That a record was written shows in its first value.
        std::array::from_fn(|at| (at == 0 || self.chance(60)).then(|| self.stamp()))
    }

    fn step(&mut self) -> Step {
        let only = if self.rng.bool() { Some(self.record()) } else { None };
        match self.rng.u32(..100) {
            at if at < self.clears => Step::Clear(match self.rng.u32(..6) {
                0..3 => Clear::CachedData(only),
                3 => Clear::CachedDataAndPending,
                4 => Clear::Refresh(only),
                _ => Clear::Rollback(only),
            }),
            20..45 => Step::Begin(self.act()),
            45..85 => Step::GoOn { task: self.rng.usize(..6), polls: self.rng.usize(1..4) },
            85..95 => {
                let record = self.record();
                let leaf = self.one_of(&LEAVES);
                Step::Foreign(record, if self.chance(90) { Some((leaf, self.stamp())) } else { None })
            }
            95..98 => Step::Rest,
            98 => self.crowd(),
            99 if self.gives_up => Step::GiveUp(self.rng.usize(..6)),
            _ => Step::GoOn { task: self.rng.usize(..6), polls: 1 },
        }
    }

    fn act(&mut self) -> Act {
        if self.chance(self.writes) {
            return self.write();
        }
        if self.chance(self.rows) {
            return match self.rng.u32(..3) {
                0 => Act::Query(None, self.leaves()),
                1 => Act::Query(Some(self.record()), self.leaves()),
                _ => Act::Scan(self.leaves()),
            };
        }
        match self.rng.u32(..9) {
            0..4 => Act::Read { record: self.record(), leaves: self.leaves(), consistent: !self.chance(20) },
            4..6 => Act::ReadWhole(self.record()),
            6 => Act::ReadMany(self.several()),
            7 => Act::ReadTogether(self.several()),
            _ => Act::Prefetch(self.several()),
        }
    }

    fn write(&mut self) -> Act {
        match self.rng.u32(..10) {
            0 => Act::Put(self.record(), self.stamps()),
            1 => {
                let puts = self.several().into_iter().map(|record| (record, self.stamps()));
                Act::PutMany(puts.collect())
            }
            2 => Act::Delete(self.record()),
            _ => {
                let mut leaves = self.leaves();
                leaves.truncate(2);
                Act::Write {
                    record: self.record(),
                    stamps: leaves.into_iter().map(|leaf| (leaf, self.stamp())).collect(),
                    how: self.one_of(&[How::Alone, How::Alone, How::Batched, How::Atomic]),
                    all: self.chance(30),
                    return_old: self.chance(30),
                }
            }
        }
    }

    /// Several tasks that read the same of one record.
    fn crowd(&mut self) -> Step {
        let (record, leaves) = (self.record(), self.leaves());
        let whole = self.rng.bool();
        let count = self.rng.usize(2..5);
        let act = |draw: &mut Draw| match draw.rng.u32(..3) {
            _ if !whole => Act::Read { record, leaves: leaves.clone(), consistent: true },
            0 => Act::ReadWhole(record),
            1 => Act::ReadMany(vec![record]),
            _ => Act::Prefetch(vec![record]),
        };
        Step::Crowd { record, acts: (0..count).map(|_| act(self)).collect(), seed: self.rng.u64(..) }
    }
}
