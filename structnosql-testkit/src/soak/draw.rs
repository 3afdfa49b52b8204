//! Drawing values, paths and calls at random.

use std::collections::BTreeSet;

use fastrand::Rng;
use structnosql_core::Segment;

use super::document::FIELDS;
use super::step::{Call, Clear, Faults, Meanwhile, Mode, RECORDS, Step, Weather, Write};
use crate::model::{Action, Condition, Decimal, Entries, Field, Kind, Member, Path, Shape, Tree};

/// Names of map entries: few, so that they meet, and some that would read as several segments.
const NAMES: [&str; 4] = ["a", "b", "c.d", "e[0]"];
const MEMBERS: [&str; 5] = ["v", "w", "x", "y", "z"];
const CATEGORIES: [&str; 2] = ["red", "blue"];

/// What happens in a case besides one task's calls. Other writers and faults make checks weaker: each is in some of
/// the cases only.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Climate {
    pub(crate) foreign: bool,
    pub(crate) stormy: bool,
    pub(crate) two_tasks: bool,
    /// No clears and savepoints: many operations come together in one layer.
    pub(crate) steady: bool,
}

/// Draws values, paths and calls.
pub(crate) struct Draw {
    pub(crate) rng: Rng,
    /// Each written number is another one, so that a lost or doubled write shows.
    next_number: i64,
    /// Only these fields are written in this case, so that operations meet.
    fields: Vec<&'static Field>,
}

impl Draw {
    pub(crate) fn new(mut rng: Rng) -> Draw {
        let mut fields: Vec<&'static Field> = FIELDS[1..].iter().collect();
        rng.shuffle(&mut fields);
        match rng.usize(..4) {
            0 => fields.retain(|field| matches!(field.shape, Shape::List(_))),
            1 => fields.truncate(2),
            2 => fields.truncate(4),
            _ => {}
        }
        Draw { rng, next_number: 0, fields }
    }

    fn chance(&mut self, of_hundred: u32) -> bool {
        self.rng.u32(..100) < of_hundred
    }

    fn record(&mut self) -> usize {
        // They meet the more often.
        [0, 0, 0, 1, 1, 2][self.rng.usize(..2 * RECORDS)]
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.rng.usize(..NAMES.len())]
    }

    fn number(&mut self) -> Decimal {
        self.next_number += 1;
        let places = [0, 0, 0, 5000, 2500, 1][self.rng.usize(..6)];
        let number = i128::from(self.next_number) * 10_000 + places;
        Decimal::of_ten_thousandths(if self.chance(15) { -number } else { number })
    }

    fn members(&mut self, shape: &Shape) -> BTreeSet<Member> {
        let count = self.rng.usize(1..4);
        let member = |index: usize| match shape {
            Shape::Numbers => Member::Number(Decimal::of_ten_thousandths(index as i128 * 5000)),
            _ => Member::Text(MEMBERS[index].to_owned()),
        };
        (0..count).map(|_| member(self.rng.usize(..MEMBERS.len()))).collect()
    }

    /// A value that fits the shape.
    fn value(&mut self, shape: &Shape, depth: usize) -> Tree {
        match shape {
            Shape::Text => Tree::Text(format!("t{}", self.number())),
            Shape::Number => Tree::Number(self.number()),
            Shape::Bool => Tree::Bool(self.rng.bool()),
            Shape::Texts | Shape::Numbers => Tree::Members(self.members(shape)),
            Shape::List(of) => Tree::List(
                (0..self.rng.usize(..if depth < 2 { 6 } else { 3 })).map(|_| self.value(of, depth + 1)).collect(),
            ),
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
            "category" => self.category(),
            _ => self.value(field.shape, depth + 1),
        }
    }

    fn category(&mut self) -> Tree {
        Tree::Text(CATEGORIES[self.rng.usize(..CATEGORIES.len())].to_owned())
    }

    /// A whole record without its key.
    pub(crate) fn item(&mut self) -> Entries {
        self.entries(&FIELDS[1..], 0)
    }

    /// A path to a value of the record, and what is there; the key is not among them.
    fn place(&mut self) -> (Path, &'static Shape, bool) {
        let field = self.fields[self.rng.usize(..self.fields.len())];
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

    fn paths(&mut self, most: usize) -> Vec<Path> {
        let count = self.rng.usize(1..=most);
        (0..count).map(|_| self.path()).collect()
    }

    fn change(&mut self, (path, shape, required): (Path, &'static Shape, bool)) -> (Path, Action) {
        if !required && self.chance(25) {
            return (path, Action::Remove);
        }
        let is_category = path.as_slice() == [Segment::from("category")];
        let action = match shape {
            _ if is_category => Action::Set(self.category()),
            Shape::Number if self.chance(55) => Action::Increment(self.number()),
            Shape::Texts | Shape::Numbers if self.chance(40) => Action::Insert(self.members(shape)),
            Shape::Texts | Shape::Numbers if self.chance(70) => Action::Take(self.members(shape)),
            Shape::List(of) if self.chance(60) => {
                let items: Vec<Tree> = (0..self.rng.usize(1..3)).map(|_| self.value(of, 2)).collect();
                if self.rng.bool() { Action::Append(items) } else { Action::Prepend(items) }
            }
            // A stored NULL is as good as nothing for what lies below it.
            Shape::Map(_) | Shape::Struct(_) if !required && self.chance(4) => Action::Set(Tree::Null),
            shape => Action::Set(self.value(shape, 1)),
        };
        match action {
            Action::Set(value) if !is_category && self.chance(12) => (path, Action::SetIfAbsent(value)),
            action => (path, action),
        }
    }

    fn condition(&mut self) -> Option<Condition> {
        match self.rng.u32(..24) {
            0 => Some(Condition::record_exists()),
            1 => Some(Condition::Exists(self.place().0)),
            2 => Some(Condition::NotExists(self.place().0)),
            3 => match self.place() {
                (path, Shape::Number, _) => Some(Condition::Above(path, self.number())),
                (path, shape, _) => Some(Condition::Equals(path, self.value(shape, 3))),
            },
            _ => None,
        }
    }

    pub(crate) fn write(&mut self) -> Write {
        let several = self.chance(25);
        let count = if several { self.rng.usize(1..5) } else { 1 };
        let removals = several && self.chance(30);
        let mut changes: Vec<(Path, Action)> = Vec::new();
        let mut place = self.place();
        while changes.len() < count {
            if !self.chance(20) {
                place = self.place();
            }
            let (path, action) = self.change(place.clone());
            if !removals || action == Action::Remove || self.chance(5) {
                changes.push((path, action));
            }
        }
        let (record, condition) = (self.record(), self.condition());
        Write { record, changes, condition, return_old: self.chance(15), several }
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

    fn commit(&mut self) -> Call {
        let kind = [None, None, None, Some(Kind::Update), Some(Kind::Remove)][self.rng.usize(..5)];
        let only = if kind.is_none() && self.chance(30) { Some(self.record()) } else { None };
        let modes = [Mode::PerRecord, Mode::PerRecord, Mode::ExactlyOnce, Mode::Batched, Mode::Atomic, Mode::Atomic];
        Call::Commit { kind, only, mode: modes[self.rng.usize(..modes.len())] }
    }

    fn read(&mut self) -> Call {
        Call::Read { record: self.record(), paths: self.paths(4), consistent: !self.chance(20) }
    }

    fn query(&mut self) -> Call {
        Call::Query { category: CATEGORIES[self.rng.usize(..CATEGORIES.len())], paths: self.paths(3) }
    }

    fn put(&mut self) -> Call {
        Call::Put { record: self.record(), item: self.item(), create: self.rng.bool() }
    }

    fn several(&mut self) -> Vec<usize> {
        (0..self.rng.usize(1..4)).map(|_| self.record()).collect()
    }

    fn write_many(&mut self) -> Call {
        let puts = self.rng.bool();
        let written = self.several().into_iter().map(|record| (record, puts.then(|| self.item())));
        Call::WriteMany(written.collect())
    }

    fn delete(&mut self) -> Call {
        Call::Delete { record: self.record(), return_old: self.rng.bool() }
    }

    fn call(&mut self, climate: Climate) -> Call {
        match self.rng.u32(..110) {
            0..50 => Call::Write(self.write()),
            50..53 => self.put(),
            53..55 => self.delete(),
            55..57 => self.write_many(),
            57..64 => self.read(),
            64..66 => Call::ReadMany(self.several()),
            66 => Call::Prefetch(self.several()),
            67..71 => self.query(),
            71..81 if !climate.steady => Call::Clear(self.clear()),
            81..84 if !climate.steady => Call::Savepoint,
            84..87 if !climate.steady => Call::RollbackTo(self.rng.usize(..4)),
            87..103 => self.commit(),
            103..106 if climate.stormy => Call::Resolve { record: self.record() },
            106 if climate.foreign => Call::ForeignDelete { record: self.record() },
            107.. if climate.foreign => self.foreign(),
            71.. if climate.steady => Call::Write(self.write()),
            _ => Call::Commit { kind: None, only: None, mode: Mode::PerRecord },
        }
    }

    /// A write by another table.
    fn foreign(&mut self) -> Call {
        let clears = [Clear::CachedData(None), Clear::CachedDataAndPending, Clear::Refresh(None)];
        let clear = if self.rng.bool() { Some(clears[self.rng.usize(..clears.len())]) } else { None };
        Call::Foreign { write: Write { condition: None, return_old: false, ..self.write() }, clear }
    }

    /// A call, and another table's write of what it reads or writes, of which this one hears.
    fn overtaken(&mut self) -> (Call, Call) {
        let foreign = self.foreign();
        let Call::Foreign { write, .. } = &foreign else { return (self.read(), foreign) };
        let record = write.record;
        let paths: Vec<Path> = write.changes.iter().map(|(path, _)| path[..1].to_vec()).collect();
        let first = match self.rng.u32(..8) {
            0..2 => Call::Read { record, paths, consistent: true },
            2 => Call::Prefetch(vec![record]),
            3 => Call::ReadMany(vec![record]),
            4 => Call::Query { category: CATEGORIES[self.rng.usize(..CATEGORIES.len())], paths },
            5 => Call::Put { record, item: self.item(), create: self.rng.bool() },
            6 => Call::Delete { record, return_old: self.rng.bool() },
            _ => Call::Write(Write { record, return_old: true, condition: None, ..self.write() }),
        };
        (first, foreign)
    }

    /// Two calls of one record at a time, of which the first takes a while.
    fn two_calls(&mut self, climate: Climate) -> (Call, Call) {
        if climate.foreign && self.rng.bool() {
            return self.overtaken();
        }
        let first = match self.rng.u32(..20) {
            0..9 => self.commit(),
            9..11 => self.read(),
            11 => Call::ReadMany(self.several()),
            12 => Call::Prefetch(self.several()),
            13 => self.query(),
            14 => self.put(),
            15 => self.write_many(),
            16..17 => self.delete(),
            _ => Call::Write(self.write()),
        };
        let second = match self.rng.u32(..8) {
            0..2 => Call::Clear(self.clear()),
            2 => self.commit(),
            3 => self.read(),
            _ => self.call(climate),
        };
        (first, second)
    }

    fn weather(&mut self) -> Weather {
        let probability = [0.0, 0.1, 0.3, 0.7][self.rng.usize(..4)];
        let polls = if self.chance(30) { self.rng.usize(1..12) } else { 10_000 };
        Weather { faults: Faults::Random { seed: self.rng.u64(..), probability }, polls }
    }

    pub(crate) fn step(&mut self, climate: Climate) -> Step {
        let (call, meanwhile) = match climate.two_tasks && self.chance(40) {
            true => {
                let (first, second) = self.two_calls(climate);
                (first, Some(Meanwhile { call: second, seed: self.rng.u64(..) }))
            }
            false => (self.call(climate), None),
        };
        let count = [0, 1, 1, 2, 3][self.rng.usize(..5)];
        let mut looks: Vec<(usize, Path)> = (0..count).map(|_| (self.record(), self.path())).collect();
        if let Some(Meanwhile { call: Call::Foreign { write, .. }, .. }) = &meanwhile {
            looks.extend(write.changes.iter().map(|(path, _)| (write.record, path.clone())));
        }
        let weather = if climate.stormy { Some(self.weather()) } else { None };
        Step { call, meanwhile, looks, weather }
    }
}
