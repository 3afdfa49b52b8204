//! The steps of a case, and drawing them at random.
//!
//! A case is drawn in full before it runs: what a step does never depends on the steps before it, so that steps can
//! be taken out of a failing case without changing the others. A step that makes no sense where it stands is skipped.

use fastrand::Rng;
use structnosql_core::Segment;

use super::document::FIELDS;
use crate::model::{Action, Entries, Field, Kind, Path, Shape, Tree};

/// How many records a case has.
pub(crate) const RECORDS: usize = 3;

/// Names of map entries: few, so that they meet, and some that would read as several segments.
const NAMES: [&str; 4] = ["a", "b", "c.d", "e[0]"];
const CATEGORIES: [&str; 2] = ["red", "blue"];

/// One call, and where to look after it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) call: Call,
    /// Records and paths to read.
    pub(crate) looks: Vec<(usize, Path)>,
    /// What goes wrong meanwhile.
    pub(crate) weather: Option<Weather>,
}

/// Faults during one step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weather {
    pub(crate) seed: u64,
    /// Of a fault, for each request.
    pub(crate) probability: f64,
    /// How often the call is polled before it is given up.
    pub(crate) polls: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Call {
    Write(Write),
    Put {
        record: usize,
        item: Entries,
        create: bool,
    },
    Delete {
        record: usize,
        return_old: bool,
    },
    ReadSeveral {
        record: usize,
        paths: Vec<Path>,
    },
    Query {
        category: &'static str,
        paths: Vec<Path>,
    },
    Clear(Clear),
    Commit {
        kind: Option<Kind>,
        only: Option<usize>,
    },
    /// A write by another table, at once.
    Foreign(Write),
    ForeignDelete {
        record: usize,
    },
}

/// Changes of one record's fields.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) record: usize,
    pub(crate) changes: Vec<(Path, Action)>,
    pub(crate) if_exists: bool,
    pub(crate) return_old: bool,
    /// By the verb for several fields, even where it is one.
    pub(crate) several: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clear {
    CachedData(Option<usize>),
    Pending(Option<usize>),
    PendingOf(Kind),
    CachedDataAndPending,
    Rollback(Option<usize>),
    Refresh(Option<usize>),
}

/// Draws values, paths and calls.
pub(crate) struct Draw {
    pub(crate) rng: Rng,
    /// Each written number is another one, so that a lost or doubled write shows.
    next_number: i64,
}

impl Draw {
    pub(crate) fn new(rng: Rng) -> Draw {
        Draw { rng, next_number: 0 }
    }

    fn chance(&mut self, of_hundred: u32) -> bool {
        self.rng.u32(..100) < of_hundred
    }

    fn record(&mut self) -> usize {
        self.rng.usize(..RECORDS)
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.rng.usize(..NAMES.len())]
    }

    fn number(&mut self) -> i64 {
        self.next_number += 1;
        self.next_number
    }

    /// A value that fits the shape.
    fn value(&mut self, shape: &Shape, depth: usize) -> Tree {
        match shape {
            Shape::Text => Tree::Text(format!("t{}", self.number())),
            Shape::Number => Tree::Number(self.number()),
            Shape::Bool => Tree::Bool(self.rng.bool()),
            Shape::List(of) => Tree::List((0..self.rng.usize(..4)).map(|_| self.value(of, depth + 1)).collect()),
            Shape::Map(of) => {
                let length = if depth > 3 { 0 } else { self.rng.usize(..3) };
                Tree::Map((0..length).map(|_| (self.name().to_owned(), self.value(of, depth + 1))).collect())
            }
            Shape::Struct(fields) => Tree::Map(self.entries(fields, depth)),
        }
    }

    fn entries(&mut self, fields: &[Field], depth: usize) -> Entries {
        let mut entries = Entries::new();
        for field in fields {
            if field.required || (depth < 4 && self.chance(45)) {
                let value = self.field_value(field, depth);
                entries.insert(field.name.to_owned(), value);
            }
        }
        entries
    }

    fn field_value(&mut self, field: &Field, depth: usize) -> Tree {
        match field.name {
            "category" => Tree::Text(CATEGORIES[self.rng.usize(..CATEGORIES.len())].to_owned()),
            _ => self.value(field.shape, depth + 1),
        }
    }

    /// A whole record without its key.
    pub(crate) fn item(&mut self) -> Entries {
        self.entries(&FIELDS[1..], 0)
    }

    /// A path to a value of the record, and what is there; the key is not among them.
    fn place(&mut self) -> (Path, &'static Shape, bool) {
        let field = &FIELDS[self.rng.usize(1..FIELDS.len())];
        let mut path: Path = vec![Segment::from(field.name)];
        let (mut shape, mut required) = (field.shape, field.required);
        while self.chance(70) && path.len() < 8 {
            match shape {
                Shape::Struct(fields) => {
                    let field = &fields[self.rng.usize(..fields.len())];
                    path.push(Segment::from(field.name));
                    (shape, required) = (field.shape, field.required);
                }
                Shape::Map(of) => {
                    path.push(Segment::from(self.name()));
                    (shape, required) = (of, false);
                }
                Shape::List(of) => {
                    path.push(Segment::from(self.rng.u32(..5)));
                    (shape, required) = (of, false);
                }
                _ => break,
            }
        }
        (path, shape, required)
    }

    /// A path to read: the record itself and its key now and then.
    pub(crate) fn path(&mut self) -> Path {
        match self.rng.u32(..20) {
            0 => Path::new(),
            1 => vec![Segment::from("id")],
            _ => self.place().0,
        }
    }

    fn change(&mut self) -> (Path, Action) {
        let (path, shape, required) = self.place();
        if !required && self.chance(35) {
            return (path, Action::Remove);
        }
        let value = match path.as_slice() {
            [_] if path[0] == Segment::from("category") => self.field_value(&FIELDS[1], 0),
            // A stored NULL is as good as nothing for what lies below it.
            _ if !required && matches!(shape, Shape::Map(_) | Shape::Struct(_)) && self.chance(4) => Tree::Null,
            _ => self.value(shape, 1),
        };
        (path, Action::Set(value))
    }

    pub(crate) fn write(&mut self) -> Write {
        let several = self.chance(25);
        let count = if several { self.rng.usize(1..5) } else { 1 };
        let removals = several && self.chance(30);
        let mut changes: Vec<(Path, Action)> = Vec::new();
        while changes.len() < count {
            let (path, action) = self.change();
            if !removals || action == Action::Remove {
                changes.push((path, action));
            }
        }
        Write { record: self.record(), changes, if_exists: self.chance(8), return_old: self.chance(18), several }
    }

    fn clear(&mut self) -> Clear {
        let one = if self.rng.bool() { Some(self.record()) } else { None };
        match self.rng.u32(..12) {
            0..3 => Clear::CachedData(one),
            3..5 => Clear::Pending(one),
            5 => Clear::PendingOf(Kind::Update),
            6 => Clear::PendingOf(Kind::Remove),
            7 => Clear::CachedDataAndPending,
            8..10 => Clear::Rollback(one),
            _ => Clear::Refresh(one),
        }
    }

    fn call(&mut self, foreign: bool) -> Call {
        match self.rng.u32(..100) {
            0..48 => Call::Write(self.write()),
            48..52 => Call::Put { record: self.record(), item: self.item(), create: self.rng.bool() },
            52..55 => Call::Delete { record: self.record(), return_old: self.rng.bool() },
            55..66 => {
                let count = self.rng.usize(1..5);
                Call::ReadSeveral { record: self.record(), paths: (0..count).map(|_| self.path()).collect() }
            }
            66..70 => {
                let category = CATEGORIES[self.rng.usize(..CATEGORIES.len())];
                let count = self.rng.usize(1..4);
                Call::Query { category, paths: (0..count).map(|_| self.path()).collect() }
            }
            70..81 => Call::Clear(self.clear()),
            81..97 => {
                let kind = [None, None, None, Some(Kind::Update), Some(Kind::Remove)][self.rng.usize(..5)];
                let only = if kind.is_none() && self.chance(30) { Some(self.record()) } else { None };
                Call::Commit { kind, only }
            }
            _ if !foreign => Call::Commit { kind: None, only: None },
            97 => Call::ForeignDelete { record: self.record() },
            _ => Call::Foreign(Write { if_exists: false, return_old: false, ..self.write() }),
        }
    }

    fn weather(&mut self) -> Weather {
        let probability = [0.0, 0.1, 0.3, 0.7][self.rng.usize(..4)];
        let polls = if self.chance(30) { self.rng.usize(1..12) } else { 10_000 };
        Weather { seed: self.rng.u64(..), probability, polls }
    }

    pub(crate) fn step(&mut self, foreign: bool, stormy: bool) -> Step {
        let call = self.call(foreign);
        let count = [0, 1, 1, 2, 3][self.rng.usize(..5)];
        let looks = (0..count).map(|_| (self.record(), self.path())).collect();
        let weather = if stormy { Some(self.weather()) } else { None };
        Step { call, looks, weather }
    }
}
