//! A client, and what it knows of its own writes.
//!
//! Each write counts one up and puts a text of its own into a set, in one update. So afterwards the record tells which
//! writes were applied, and its count whether one was applied twice.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use structnosql::{BasicTable, CachingTable, Dynamo, Error, ErrorKind, FieldExt, Outcome, TableDataModel};
use structnosql_external::External;

use crate::latency::Latency;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "load")]
pub(crate) struct Entry {
    #[field(partition_key)]
    id: String,
    count: Option<u64>,
    writes: Option<BTreeSet<String>>,
}

/// Records of one round, writes of each.
const RECORDS: usize = 4;
const WRITES: usize = 60;

/// What became of operations.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) applied: u64,
    pub(crate) refused: u64,
    pub(crate) in_doubt: u64,
    pub(crate) reads: u64,
    pub(crate) failed_reads: u64,
    /// Acknowledged and not there.
    pub(crate) lost: u64,
    /// Counted more than once.
    pub(crate) doubled: u64,
    /// Refused and there all the same.
    pub(crate) not_refused: u64,
    pub(crate) read_time: Latency,
    pub(crate) write_time: Latency,
    /// The same without a service, in between.
    pub(crate) direct_read_time: Latency,
    pub(crate) direct_write_time: Latency,
}

impl Tally {
    pub(crate) fn wrong(&self) -> u64 {
        self.lost + self.doubled + self.not_refused
    }

    pub(crate) fn add(&mut self, other: &Tally) {
        for (mine, others) in [
            (&mut self.applied, other.applied),
            (&mut self.refused, other.refused),
            (&mut self.in_doubt, other.in_doubt),
            (&mut self.reads, other.reads),
            (&mut self.failed_reads, other.failed_reads),
            (&mut self.lost, other.lost),
            (&mut self.doubled, other.doubled),
            (&mut self.not_refused, other.not_refused),
        ] {
            *mine += others;
        }
        self.read_time.add(&other.read_time);
        self.write_time.add(&other.write_time);
        self.direct_read_time.add(&other.direct_read_time);
        self.direct_write_time.add(&other.direct_write_time);
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Fate {
    Applied,
    Refused,
    InDoubt,
}

impl Fate {
    fn of(written: Result<(), &Error>) -> Fate {
        match written {
            Ok(()) => Fate::Applied,
            Err(error) if error.may_be_applied() => Fate::InDoubt,
            Err(_) => Fate::Refused,
        }
    }
}

/// What a client knows of the writes to each record, by their texts.
type Known = BTreeMap<String, BTreeMap<String, Fate>>;

pub(crate) struct Client {
    pub(crate) external: External,
    /// The engine itself, which does not fail.
    pub(crate) engine: Dynamo,
    pub(crate) name: String,
    pub(crate) rng: fastrand::Rng,
}

impl Client {
    /// Writes and reads until then, and looks what became of it.
    pub(crate) async fn run(mut self, until: Instant) -> Result<Tally, Error> {
        let mut tally = Tally::default();
        for round in 0.. {
            if Instant::now() >= until {
                break;
            }
            let records: Vec<String> = (0..RECORDS).map(|record| format!("{}-{round}-{record}", self.name)).collect();
            let mut known = Known::new();
            for write in 0..WRITES {
                if Instant::now() >= until {
                    break;
                }
                self.step(&records, write, &mut known, &mut tally).await;
            }
            // What was given up may be on its way yet.
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.judge(&records, &known, &mut tally).await?;
        }
        Ok(tally)
    }

    async fn step(&mut self, records: &[String], write: usize, known: &mut Known, tally: &mut Tally) {
        let entries = BasicTable::<Entry, _>::attach(self.external.clone());
        let id = &records[self.rng.usize(..records.len())];
        let text = write.to_string();
        if self.rng.u8(..10) == 0 {
            self.without_service(tally).await;
        }
        let began = Instant::now();
        match self.rng.u8(..10) {
            0..3 => {
                let read = entries.get_record(id).await;
                tally.reads += 1;
                tally.read_time.note(began.elapsed());
                match read {
                    Ok(entry) => tally.doubled += u64::from(entry.is_some_and(|entry| entry.is_counted_twice())),
                    Err(_) => tally.failed_reads += 1,
                }
            }
            3..5 => {
                // One POST for all records.
                let unit = CachingTable::<Entry, _>::attach(self.external.clone());
                for id in records {
                    unit.update_multiple_fields(id, changes(&text)).await.ok();
                }
                let report = match unit.commit_operations().await {
                    Ok(report) => report,
                    Err(error) => match error.into_kind() {
                        ErrorKind::Commit(report) => report,
                        _ => return,
                    },
                };
                tally.write_time.note(began.elapsed());
                for record in &report.records {
                    let fate = match &record.outcome {
                        Outcome::Committed => Fate::Applied,
                        Outcome::InDoubt(_) => Fate::InDoubt,
                        _ => Fate::Refused,
                    };
                    note(known, tally, &record.key.to_string(), &text, fate);
                }
                // What was refused is not to be committed later, and what is in doubt is told by the record.
                unit.rollback();
                for id in records {
                    unit.resolve_in_doubt(id, structnosql::Resolution::Applied);
                }
            }
            5 => {
                // A client that vanishes.
                let patience = Duration::from_micros(self.rng.u64(..3_000));
                let given_up = tokio::time::timeout(patience, entries.update_multiple_fields(id, changes(&text))).await;
                let fate = given_up.map_or(Fate::InDoubt, |written| Fate::of(written.as_ref().copied()));
                note(known, tally, id, &text, fate);
            }
            _ => {
                let written = entries.update_multiple_fields(id, changes(&text)).await;
                tally.write_time.note(began.elapsed());
                note(known, tally, id, &text, Fate::of(written.as_ref().copied()));
            }
        }
    }

    /// A write and a read that the engine is asked for itself, of a record that nothing is judged by.
    async fn without_service(&self, tally: &mut Tally) {
        let engine = BasicTable::<Entry, _>::attach(self.engine.clone());
        let began = Instant::now();
        if engine.update_multiple_fields(&self.name, changes("direct")).await.is_ok() {
            tally.direct_write_time.note(began.elapsed());
        }
        let began = Instant::now();
        if engine.get_record(&self.name).await.is_ok() {
            tally.direct_read_time.note(began.elapsed());
        }
    }

    async fn judge(&self, records: &[String], known: &Known, tally: &mut Tally) -> Result<(), Error> {
        let engine = BasicTable::<Entry, _>::attach(self.engine.clone());
        for id in records {
            let entry = engine.get_record(id).await?;
            tally.doubled += u64::from(entry.as_ref().is_some_and(Entry::is_counted_twice));
            let there = entry.and_then(|entry| entry.writes).unwrap_or_default();
            for (text, fate) in known.get(id).into_iter().flatten() {
                match (fate, there.contains(text)) {
                    (Fate::Applied, false) => tally.lost += 1,
                    (Fate::Refused, true) => tally.not_refused += 1,
                    _ => {}
                }
            }
            engine.delete_record(id).await?;
        }
        Ok(())
    }
}

impl Entry {
    fn is_counted_twice(&self) -> bool {
        self.count.unwrap_or_default() != self.writes.as_ref().map_or(0, BTreeSet::len) as u64
    }
}

fn changes(text: &str) -> [structnosql::Change<Entry>; 2] {
    let f = Entry::fields;
    [f().count().increment(1), f().writes().insert_into_set([text])]
}

fn note(known: &mut Known, tally: &mut Tally, id: &str, text: &str, fate: Fate) {
    match fate {
        Fate::Applied => tally.applied += 1,
        Fate::Refused => tally.refused += 1,
        Fate::InDoubt => tally.in_doubt += 1,
    }
    known.entry(id.to_owned()).or_default().insert(text.to_owned(), fate);
}
