//! Drawing the calls of a case, and what happens meanwhile.

use super::{CATEGORIES, Draw};
use structnosql_core::Segment;

use crate::model::{Action, Field, Kind, Path, Shape, Tree};
use crate::soak::document::FIELDS;
use crate::soak::habits::Verb;
use crate::soak::step::{Call, Clear, Faults, Meanwhile, Mode, Putting, Step, Weather, Write};

impl Draw {
    pub(crate) fn write(&mut self) -> Write {
        let mut several = self.chance(self.habits.several);
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
        if self.habits.climate.bulky && self.chance(15) {
            (changes, several) = (self.bulk(), true);
        }
        let (record, condition) = (self.record(), self.condition());
        Write { record, changes, condition, return_old: self.chance(self.habits.return_old), several }
    }

    /// More changes than an expression holds, of entries of maps or of items of a list.
    fn bulk(&mut self) -> Vec<(Path, Action)> {
        let count = self.rng.usize(40..300);
        if self.chance(30) {
            let items = (0..count).map(|at| Tree::Text(format!("item {at}"))).collect();
            let mut changes = vec![(vec![Segment::from("tags")], Action::Set(Tree::List(items)))];
            if self.rng.bool() {
                changes = (0..self.rng.usize(1..count)).map(|_| self.item_change(count as u32)).collect();
            }
            return changes;
        }
        let name = |rng: &mut fastrand::Rng| Segment::from(format!("n{}", rng.usize(..400)).as_str());
        if self.chance(30) {
            // Each comes into being with a guard of its own.
            let child = |name| ["root".into(), "children".into(), name, "value".into()].to_vec();
            let mut value = |_| {
                let path = child(name(&mut self.rng));
                self.change((path, &Shape::Number, false))
            };
            return (0..count).map(&mut value).collect();
        }
        let maps: Vec<&Field> = FIELDS.iter().filter(|field| matches!(field.shape, Shape::Map(_))).collect();
        let mut changes = Vec::new();
        for _ in 0..count {
            let field = maps[self.rng.usize(..maps.len())];
            if let Shape::Map(of) = field.shape {
                let path = vec![Segment::from(field.name), name(&mut self.rng)];
                changes.push(self.change((path, of, false)));
            }
        }
        changes
    }

    fn item_change(&mut self, most: u32) -> (Path, Action) {
        let path = vec![Segment::from("tags"), Segment::from(self.rng.u32(..most))];
        let text = Tree::Text(format!("t{}", self.number()));
        (path, if self.chance(30) { Action::Remove } else { Action::Set(text) })
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
        let late = if self.habits.climate.lagging { 60 } else { 20 };
        Call::Read { record: self.record(), paths: self.paths(4), consistent: !self.chance(late) }
    }

    fn query(&mut self) -> Call {
        if self.chance(30) {
            return Call::QueryOne { record: self.record(), paths: self.paths(3) };
        }
        Call::Query { category: CATEGORIES[self.rng.usize(..CATEGORIES.len())], paths: self.paths(3) }
    }

    fn put(&mut self) -> Call {
        let record = self.record();
        self.put_of(record)
    }

    fn put_of(&mut self, record: usize) -> Call {
        let how = [Putting::Put, Putting::Create, Putting::ReturnOld][self.rng.usize(..3)];
        Call::Put { record, item: self.item(), how }
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

    fn call(&mut self) -> Call {
        match self.habits.verb(&mut self.rng) {
            Verb::Write => Call::Write(self.write()),
            Verb::Put => self.put(),
            Verb::Delete => self.delete(),
            Verb::WriteMany => self.write_many(),
            Verb::Read => self.read(),
            Verb::ReadMany => Call::ReadMany(self.several()),
            Verb::Prefetch => Call::Prefetch(self.several()),
            Verb::Query => self.query(),
            Verb::Clear => Call::Clear(self.clear()),
            Verb::Savepoint => Call::Savepoint,
            Verb::RollbackTo => Call::RollbackTo(self.rng.usize(..4)),
            Verb::Commit => self.commit(),
            Verb::Resolve => Call::Resolve { record: self.record() },
            Verb::Foreign => self.foreign(),
            Verb::ForeignDelete => Call::ForeignDelete { record: self.record() },
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
            4 if self.rng.bool() => Call::QueryOne { record, paths },
            4 => Call::Query { category: CATEGORIES[self.rng.usize(..CATEGORIES.len())], paths },
            5 => self.put_of(record),
            6 => Call::Delete { record, return_old: self.rng.bool() },
            _ => Call::Write(Write { record, return_old: true, condition: None, ..self.write() }),
        };
        (first, foreign)
    }

    /// Two calls of one record at a time, of which the first takes a while.
    fn two_calls(&mut self) -> (Call, Call) {
        if self.habits.climate.foreign && self.rng.bool() {
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
            _ => self.call(),
        };
        (first, second)
    }

    fn weather(&mut self) -> Weather {
        let probability = [0.0, 0.1, 0.3, 0.7][self.rng.usize(..4)];
        let polls = if self.chance(30) { self.rng.usize(1..12) } else { 10_000 };
        Weather { faults: Faults::Random { seed: self.rng.u64(..), probability }, polls }
    }

    pub(crate) fn step(&mut self) -> Step {
        let climate = self.habits.climate;
        let (call, meanwhile) = match climate.two_tasks && self.chance(40) {
            true => {
                let (first, second) = self.two_calls();
                (first, Some(Meanwhile { call: second, seed: self.rng.u64(..) }))
            }
            false => (self.call(), None),
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
