//! Drawing entries, and what is done with them.

use fastrand::Rng;

use super::book::{BOOKS, Entry, FIRST, POWERS};
use super::{Act, Clear, How, Setting, Step};

/// Draws the steps of a history.
struct Draw {
    rng: Rng,
    /// The next number of each book and kind of entry.
    powers: [u32; BOOKS],
    numbers: [u32; BOOKS],
    unmarked: [u32; BOOKS],
    erased: [u32; BOOKS],
    /// So many books are written in.
    books: usize,
    /// Chances in a hundred.
    clears: u32,
    guards: u32,
    reads: u32,
    several: bool,
    gives_up: bool,
    hows: &'static [How],
}

pub(super) fn history(mut rng: Rng) -> (Setting, Vec<Step>) {
    let probability = [0.0, 0.1, 0.25, 0.5][rng.usize(..4)];
    let storm = (probability > 0.0).then(|| (rng.u64(..), probability));
    let books: Vec<usize> = (0..BOOKS).filter(|_| rng.u32(..4) > 0).collect();
    let hows: [&'static [How]; 4] = [
        &[How::Alone, How::ExactlyOnce, How::Batched, How::Atomic],
        &[How::ExactlyOnce],
        &[How::Batched],
        &[How::Atomic, How::Alone],
    ];
    let mut draw = Draw {
        powers: [0; BOOKS],
        numbers: [0; BOOKS],
        unmarked: [0; BOOKS],
        erased: [0; BOOKS],
        books: [1, 2, BOOKS][rng.usize(..3)],
        clears: [0, 3, 10][rng.usize(..3)],
        guards: [0, 0, 20, 60][rng.usize(..4)],
        reads: [10, 50][rng.usize(..2)],
        several: rng.bool(),
        gives_up: rng.u32(..3) == 0,
        hows: hows[rng.usize(..4)],
        rng,
    };
    let length = [10, 30, 80][draw.rng.usize(..3)];
    (Setting { books, storm }, (0..length).map(|_| draw.step()).collect())
}

impl Draw {
    fn chance(&mut self, of_hundred: u32) -> bool {
        self.rng.u32(..100) < of_hundred
    }

    fn book(&mut self) -> usize {
        self.rng.usize(..self.books)
    }

    fn some_book(&mut self) -> Option<usize> {
        self.rng.bool().then(|| self.book())
    }

    fn number(&mut self, book: usize) -> u32 {
        self.numbers[book] += 1;
        self.numbers[book]
    }

    fn entry(&mut self, book: usize) -> Entry {
        let drawn = self.rng.u32(..8);
        let mut next = |of: fn(&mut Draw) -> &mut [u32; BOOKS], most: u32| {
            let next = &mut of(self)[book];
            *next += 1;
            (*next <= most).then_some(*next - 1)
        };
        let rare = match drawn {
            0..2 => next(|draw| &mut draw.powers, POWERS).map(Entry::Add),
            2 => next(|draw| &mut draw.unmarked, FIRST).map(Entry::Unmark),
            3 => next(|draw| &mut draw.erased, FIRST).map(Entry::Erase),
            _ => None,
        };
        match (rare, drawn) {
            (Some(entry), _) => entry,
            (None, 4) => Entry::Prepend(self.number(book)),
            (None, 5) => Entry::Mark(self.number(book)),
            (None, 6) => Entry::Note(self.number(book)),
            (None, _) => Entry::Append(self.number(book)),
        }
    }

    fn entries(&mut self, book: usize) -> Vec<Entry> {
        (0..self.rng.usize(1..4)).map(|_| self.entry(book)).collect()
    }

    fn step(&mut self) -> Step {
        match self.rng.u32(..100) {
            at if at < self.clears => Step::Clear(match self.rng.u32(..8) {
                0..2 => Clear::CachedData(self.some_book()),
                2 => Clear::Refresh(self.some_book()),
                3..5 => Clear::Rollback(self.some_book()),
                5..7 => Clear::Pending(self.some_book()),
                _ => Clear::PendingOf(self.rng.bool()),
            }),
            10..40 => {
                let book = self.book();
                Step::Pend(book, self.entries(book), self.chance(self.guards))
            }
            40..60 => Step::Begin(self.act()),
            60..75 if self.several => Step::GoOn { task: self.rng.usize(..4), polls: self.rng.usize(1..4) },
            75..78 if self.gives_up => Step::GiveUp(self.rng.usize(..4)),
            78..81 => Step::Savepoint,
            81..84 => Step::RollbackTo(self.rng.usize(..3)),
            84..88 => Step::Resolve(self.book()),
            88 => Step::Close(self.book(), self.rng.u32(..3) > 0),
            89 => Step::Wait([1, 5, 11][self.rng.usize(..3)]),
            _ => Step::Rest,
        }
    }

    fn act(&mut self) -> Act {
        if self.chance(self.reads) {
            return Act::Read(self.book());
        }
        match self.rng.u32(..8) {
            0 => {
                let book = self.book();
                // In which order a log has what is sent at once nothing tells.
                let entries = self.entries(book).into_iter();
                let is_certain = |entry: &Entry| !matches!(entry, Entry::Append(_) | Entry::Prepend(_));
                Act::AtOnce(book, entries.filter(is_certain).collect())
            }
            _ => {
                let removals = if self.chance(25) { Some(self.rng.bool()) } else { None };
                let only = if removals.is_none() { self.some_book() } else { None };
                let concurrency = if self.chance(30) { Some(self.rng.usize(1..4)) } else { None };
                Act::Commit { removals, only, how: self.hows[self.rng.usize(..self.hows.len())], concurrency }
            }
        }
    }
}
