//! The table under test, and what it must keep.

use std::collections::BTreeSet;
use std::time::Duration;

use structnosql_core::{BasicTable, Billing, CacheStatistics, Error, TableDataModel};

use super::goods::{Goods, Known, Part, RECORDS, Table};
use super::{Bounds, Step};
use crate::soak::bench::{Checked, finished};
use crate::soak::patience::{finish, pass};
use crate::{Counted, Reference};

pub(super) struct Keeper {
    table: Table,
    /// Another program.
    foreign: BasicTable<Goods, Reference>,
    bounds: Bounds,
    stored: Vec<[i64; 2]>,
    known: Vec<Known>,
    /// In seconds.
    now: u64,
    /// Goes on with every read.
    clock: u64,
    counted: CacheStatistics,
}

impl Keeper {
    pub(super) async fn open(bounds: Bounds) -> Result<Keeper, String> {
        let said = |error: Error| error.to_string();
        let foreign = BasicTable::attach(Reference::new());
        foreign.create_table(Billing::OnDemand).await.map_err(said)?;
        for record in 0..RECORDS {
            foreign.put_record(&Goods::of(record, [0, 0])).await.map_err(said)?;
        }
        let table = Table::attach(Counted::new(foreign.backend().clone()));
        let table = bounds.records.into_iter().fold(table, Table::max_cached_records);
        let table = bounds.seconds.map(Duration::from_secs).into_iter().fold(table, Table::max_cache_age);
        let table = if bounds.session { table.session() } else { table };
        let (stored, known) = (vec![[0, 0]; RECORDS], vec![Known::default(); RECORDS]);
        Ok(Keeper { table, foreign, bounds, stored, known, now: 0, clock: 0, counted: CacheStatistics::default() })
    }

    /// How many requests there were.
    pub(super) fn end(self) -> u64 {
        self.table.rollback();
        self.table.backend().requests() as u64
    }

    pub(super) fn step(&mut self, step: &Step) -> Checked {
        let is_bounded = self.bounds.records.is_some();
        match step {
            Step::Read(record, parts) => self.read(*record, parts),
            Step::ReadWhole(record) => self.read_whole(*record),
            // Which of many records that come at once are the oldest nothing tells, nor whether a write uses a record.
            Step::ReadMany(_) | Step::Prefetch(_) | Step::Scan | Step::Put(_) if is_bounded => Ok(()),
            Step::ReadMany(records) => self.read_many(records),
            Step::Prefetch(records) => self.prefetch(records),
            Step::Scan => {
                finished(finish(self.table.scan_records()))?.map_err(|error| error.to_string())?;
                for record in 0..RECORDS {
                    self.known[record].learn_whole(self.stored[record], self.now);
                }
                Ok(())
            }
            Step::Set(record, part, value) => self.set(*record, *part, *value),
            Step::Drop(record) => self.drop_first(*record),
            Step::Put(record) => {
                let parts = self.stored[*record].map(|part| part + 1);
                finished(finish(self.table.put_record(&Goods::of(*record, parts))))?
                    .map_err(|error| error.to_string())?;
                self.stored[*record] = parts;
                self.known[*record] = Known::default();
                self.known[*record].learn_whole(parts, self.now);
                Ok(())
            }
            Step::Commit(record) => self.commit(*record),
            Step::Refresh(only) => {
                match only {
                    None => self.table.refresh(),
                    Some(record) => self.table.refresh_record(*record as u32),
                }
                let of = |(record, _): &(usize, &mut Known)| only.is_none_or(|only| only == *record);
                self.known.iter_mut().enumerate().filter(of).for_each(|(_, known)| known.forget());
                Ok(())
            }
            Step::Foreign(record, part, value) => {
                let written = finished(finish(self.foreign.update_field(*record as u32, field(*part), *value)))?;
                self.stored[*record][*part as usize] = *value;
                written.map_err(|error| error.to_string())
            }
            Step::Pass(seconds) => {
                pass(Duration::from_secs(*seconds));
                self.now += seconds;
                Ok(())
            }
        }
    }

    /// A record is about to be read: what is too old of it is forgotten.
    fn turn_to(&mut self, record: usize) {
        self.clock += 1;
        let (now, seconds) = (self.now, self.bounds.seconds);
        let known = &mut self.known[record];
        known.used = self.clock;
        if known.since.zip(seconds).is_some_and(|(since, seconds)| now - since > seconds) {
            known.forget();
            self.counted.expired += 1;
        }
    }

    /// Where too many records are known that have nothing pending, those that were read least recently are forgotten.
    fn make_room(&mut self) {
        let Some(most) = self.bounds.records else { return };
        let mut kept: Vec<usize> =
            (0..RECORDS).filter(|record| self.known[*record].is_kept() && !self.known[*record].is_dirty()).collect();
        if kept.len() <= most {
            return;
        }
        kept.sort_by_key(|record| self.known[*record].used);
        let too_many = kept.len() - (most - most / 8);
        for record in &kept[..too_many] {
            self.known[*record] = Known::default();
        }
        self.counted.evicted += too_many as u64;
    }

    /// Notes whether a read took a request.
    fn count(&mut self, is_known: bool) {
        match is_known {
            true => self.counted.hits += 1,
            false => {
                self.counted.misses += 1;
                self.counted.read_requests += 1;
            }
        }
    }

    fn read(&mut self, record: usize, parts: &[Part]) -> Checked {
        self.turn_to(record);
        let (stored, now) = (self.stored[record], self.now);
        let known = &mut self.known[record];
        let is_known = parts.iter().all(|part| known.shown(*part).is_some());
        for part in parts.iter().filter(|part| known.shown(**part).is_none()).collect::<Vec<_>>() {
            known.parts[*part as usize] = Some(stored[*part as usize]);
            known.since = known.since.or(Some(now));
        }
        let expected: Vec<Option<i64>> = parts.iter().map(|part| known.shown(*part)).collect();
        let fields: Vec<_> = parts.iter().map(|part| field(*part)).collect();
        let shown =
            finished(finish(self.table.get_field(record as u32, fields)))?.map_err(|error| error.to_string())?;
        self.count(is_known);
        if !is_known {
            self.make_room();
        }
        if shown == expected { Ok(()) } else { Err(format!("{shown:?} is shown, expected {expected:?}")) }
    }

    fn read_whole(&mut self, record: usize) -> Checked {
        self.turn_to(record);
        let (stored, now) = (self.stored[record], self.now);
        let known = &mut self.known[record];
        let is_known = known.whole;
        if !is_known {
            known.learn_whole(stored, now);
        }
        let expected = [Part::A, Part::B].map(|part| known.shown(part));
        let shown = finished(finish(self.table.get_record(record as u32)))?.map_err(|error| error.to_string())?;
        let shown = shown.map(|goods| [goods.a, goods.b]);
        self.count(is_known);
        if !is_known {
            self.make_room();
        }
        if shown == Some(expected) { Ok(()) } else { Err(format!("{shown:?} is shown, expected {expected:?}")) }
    }

    fn read_many(&mut self, records: &[usize]) -> Checked {
        let distinct: BTreeSet<usize> = records.iter().copied().collect();
        let mut asked = false;
        for record in distinct {
            self.turn_to(record);
            let places = records.iter().filter(|other| **other == record).count() as u64;
            match self.known[record].whole {
                true => self.counted.hits += places,
                false => {
                    self.counted.misses += places;
                    self.known[record].learn_whole(self.stored[record], self.now);
                    asked = true;
                }
            }
        }
        self.counted.read_requests += u64::from(asked);
        let keys = records.iter().map(|record| *record as u32);
        let found = finished(finish(self.table.get_records(keys)))?.map_err(|error| error.to_string())?;
        let shown: Vec<_> = found.iter().map(|goods| goods.as_ref().map(|goods| [goods.a, goods.b])).collect();
        let view = |record: &usize| Some([Part::A, Part::B].map(|part| self.known[*record].shown(part)));
        let expected: Vec<_> = records.iter().map(view).collect();
        if shown == expected { Ok(()) } else { Err(format!("{shown:?} are shown, expected {expected:?}")) }
    }

    fn prefetch(&mut self, records: &[usize]) -> Checked {
        let mut asked = false;
        for record in records.iter().copied().collect::<BTreeSet<usize>>() {
            self.turn_to(record);
            if !self.known[record].whole {
                self.known[record].learn_whole(self.stored[record], self.now);
                asked = true;
            }
        }
        self.counted.read_requests += u64::from(asked);
        let keys = records.iter().map(|record| *record as u32);
        finished(finish(self.table.prefetch(keys)))?.map_err(|error| error.to_string())
    }

    /// What is decided on too old a record would be wrong: a change counts as a read there.
    fn turn_to_change(&mut self, record: usize) {
        if self.bounds.seconds.is_some() || !self.known[record].is_kept() {
            self.turn_to(record);
        }
    }

    fn set(&mut self, record: usize, part: Part, value: i64) -> Checked {
        self.turn_to_change(record);
        self.known[record].pending[part as usize] = Some(value);
        self.counted.pended += 1;
        let pended = finished(finish(self.table.update_field(record as u32, field(part), value)))?;
        pended.map_err(|error| error.to_string())
    }

    /// To take the first item out, the list has to be known, or what is pending for it.
    fn drop_first(&mut self, record: usize) -> Checked {
        if self.bounds.records.is_some() {
            return Ok(());
        }
        self.turn_to_change(record);
        let now = self.now;
        let known = &mut self.known[record];
        if !known.queue && !known.dropped {
            (known.queue, known.since) = (true, known.since.or(Some(now)));
            self.counted.write_requests += 1;
        }
        known.dropped = true;
        self.counted.pended += 1;
        let first = Goods::fields().queue().index(0);
        finished(finish(self.table.delete_field(record as u32, first)))?.map_err(|error| error.to_string())
    }

    fn commit(&mut self, record: usize) -> Checked {
        if !self.known[record].is_dirty() {
            return Ok(());
        }
        // Whether a commit uses a record nothing tells: a read does.
        self.read(record, &[Part::A])?;
        let committed = finished(finish(self.table.commit_record(record as u32)))?;
        let report = committed.map_err(|error| error.to_string())?;
        self.counted.write_requests += 1;
        if report.requests() != 1 {
            return Err(format!("a commit took {} requests", report.requests()));
        }
        let now = self.now;
        let known = &mut self.known[record];
        for (at, value) in std::mem::take(&mut known.pending).into_iter().enumerate() {
            if let Some(value) = value {
                self.stored[record][at] = value;
                known.parts[at] = Some(value);
            }
        }
        known.dropped = false;
        known.since = known.since.or(Some(now));
        self.make_room();
        Ok(())
    }

    /// Compares what is counted, and how old everything is.
    pub(super) fn check(&self) -> Checked {
        let mut expected = self.counted;
        expected.records = self.known.iter().filter(|known| known.is_kept()).count() as u64;
        let counted = self.table.cache_statistics();
        if counted != expected {
            return Err(format!("it counts {counted:?}, expected {expected:?}"));
        }
        for (record, known) in self.known.iter().enumerate() {
            let expected = known.since.map(|since| Duration::from_secs(self.now - since));
            // The clock has a grain.
            let age = self.table.cache_age(record as u32).map(|age| Duration::from_secs(age.as_secs()));
            if age != expected {
                return Err(format!("{record} is {age:?} old, expected {expected:?}"));
            }
        }
        Ok(())
    }
}

type AnyPart = structnosql_core::FieldPath<Goods, i64, structnosql_core::presence::Optional>;

fn field(part: Part) -> AnyPart {
    match part {
        Part::A => Goods::fields().a(),
        Part::B => Goods::fields().b(),
    }
}
