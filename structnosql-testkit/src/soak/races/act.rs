//! What a task does.

use std::rc::Rc;

use structnosql_core::{Error, FieldExt, Key, Outcome, Page, TableDataModel};

use super::racer::{AnyLeaf, Leaf, RECORDS, Racer, Seen, Stamp, TEAM, Table, id, record_of};

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Read {
        record: usize,
        leaves: Vec<Leaf>,
        consistent: bool,
    },
    ReadWhole(usize),
    ReadMany(Vec<usize>),
    /// As of one moment.
    ReadTogether(Vec<usize>),
    Prefetch(Vec<usize>),
    /// Of one record, or of all of them over an index.
    Query(Option<usize>, Vec<Leaf>),
    Scan(Vec<Leaf>),
    /// Changes of a record, and their commit.
    Write {
        record: usize,
        stamps: Vec<(Leaf, Stamp)>,
        how: How,
        /// It goes with all that is pending.
        all: bool,
        return_old: bool,
    },
    Put(usize, [Option<Stamp>; 4]),
    PutMany(Vec<(usize, [Option<Stamp>; 4])>),
    Delete(usize),
}

/// How a commit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Alone,
    Batched,
    Atomic,
}

/// What came of it.
pub(super) enum Answer {
    /// Values that were read, or replaced.
    Shown(Vec<Seen>),
    /// What was replaced, and whether the write is said to be done.
    Written(Vec<Seen>, Result<(), Error>),
    Failed(Error),
}

impl Act {
    /// The records that it is about.
    pub(super) fn records(&self) -> Vec<usize> {
        match self {
            Act::Read { record, .. } | Act::ReadWhole(record) | Act::Query(Some(record), _) => vec![*record],
            Act::Write { record, all: false, .. } | Act::Put(record, _) | Act::Delete(record) => vec![*record],
            Act::ReadMany(records) | Act::ReadTogether(records) | Act::Prefetch(records) => records.clone(),
            Act::PutMany(puts) => puts.iter().map(|(record, _)| *record).collect(),
            Act::Query(None, _) | Act::Scan(_) | Act::Write { all: true, .. } => (0..RECORDS).collect(),
        }
    }

    pub(super) fn writes(&self) -> bool {
        matches!(self, Act::Write { .. } | Act::Put(..) | Act::PutMany(_) | Act::Delete(_))
    }

    /// Whether the table knows what it shows from then on. What an index shows, or a read that is not consistent, stands
    /// beside what is known.
    pub(super) fn teaches(&self) -> bool {
        !matches!(self, Act::Query(None, _) | Act::Read { consistent: false, .. })
    }

    /// The records that it writes as a whole.
    pub(super) fn replaces(&self) -> Vec<usize> {
        if matches!(self, Act::Put(..) | Act::PutMany(_) | Act::Delete(_)) { self.records() } else { Vec::new() }
    }

    /// What it stores.
    pub(super) fn stamps(&self) -> Vec<Seen> {
        match self {
            Act::Write { record, stamps, .. } => {
                stamps.iter().map(|(leaf, stamp)| (*record, *leaf, Some(*stamp))).collect()
            }
            Act::Put(record, stamps) => Racer::seen(*record, Some(&Racer::of(*record, *stamps))).collect(),
            Act::PutMany(puts) => {
                let seen = |(record, stamps): &(usize, [Option<Stamp>; 4])| {
                    Racer::seen(*record, Some(&Racer::of(*record, *stamps))).collect::<Vec<_>>()
                };
                puts.iter().flat_map(seen).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn start(&self, table: &Rc<Table>) -> impl Future<Output = Answer> + 'static {
        let (table, act) = (table.clone(), self.clone());
        async move {
            match act {
                Act::Write { record, stamps, how, all, return_old } => {
                    write(&table, record, &stamps, (how, all), return_old).await
                }
                Act::Put(record, stamps) => {
                    Answer::Written(Vec::new(), table.put_record(&Racer::of(record, stamps)).await)
                }
                Act::PutMany(puts) => {
                    let racers: Vec<Racer> =
                        puts.into_iter().map(|(record, stamps)| Racer::of(record, stamps)).collect();
                    Answer::Written(Vec::new(), table.put_records(&racers).await)
                }
                Act::Delete(record) => Answer::Written(Vec::new(), table.delete_record(id(record)).await),
                read => match read.read(&table).await {
                    Ok(seen) => Answer::Shown(seen),
                    Err(error) => Answer::Failed(error),
                },
            }
        }
    }

    async fn read(self, table: &Table) -> Result<Vec<Seen>, Error> {
        Ok(match self {
            Act::Read { record, leaves, consistent } => {
                let call = table.get_field(id(record), fields(&leaves));
                let shown = if consistent { call.await? } else { call.eventually_consistent().await? };
                seen(record, &leaves, shown).collect()
            }
            Act::ReadWhole(record) => Racer::seen(record, table.get_record(id(record)).await?.as_ref()).collect(),
            Act::ReadMany(records) => {
                let found = table.get_records(records.iter().map(|record| id(*record))).await?;
                records.iter().zip(&found).flat_map(|(record, found)| Racer::seen(*record, found.as_ref())).collect()
            }
            Act::ReadTogether(records) => {
                let reads: Vec<_> = records.iter().map(|record| table.get_record(id(*record))).collect();
                let found = table.transact_get(reads).await?;
                records.iter().zip(&found).flat_map(|(record, found)| Racer::seen(*record, found.as_ref())).collect()
            }
            Act::Prefetch(records) => {
                table.prefetch(records.iter().map(|record| id(*record))).await?;
                Vec::new()
            }
            Act::Query(Some(record), leaves) => {
                rows(table.query_field(Racer::indexes().primary(id(record)), fields(&leaves)).await?, &leaves)
            }
            Act::Query(None, leaves) => {
                rows(table.query_field(Racer::indexes().team(TEAM), fields(&leaves)).await?, &leaves)
            }
            Act::Scan(leaves) => rows(table.scan_field(fields(&leaves)).await?, &leaves),
            _ => Vec::new(),
        })
    }
}

fn fields(leaves: &[Leaf]) -> Vec<AnyLeaf> {
    leaves.iter().map(|leaf| leaf.field()).collect()
}

fn seen(record: usize, leaves: &[Leaf], shown: Vec<Option<Stamp>>) -> impl Iterator<Item = Seen> {
    leaves.iter().zip(shown).map(move |(leaf, shown)| (record, *leaf, shown))
}

fn rows(page: Page<Vec<Option<Stamp>>>, leaves: &[Leaf]) -> Vec<Seen> {
    let row = |(key, shown): (Key, _)| seen(record_of(&key.to_string()), leaves, shown).collect::<Vec<_>>();
    page.records.into_iter().flat_map(row).collect()
}

async fn write(
    table: &Table,
    record: usize,
    stamps: &[(Leaf, Stamp)],
    (how, all): (How, bool),
    return_old: bool,
) -> Answer {
    let changes: Vec<_> = stamps.iter().map(|(leaf, stamp)| leaf.field().set(*stamp)).collect();
    let mut replaced = Vec::new();
    let pended = match return_old {
        false => table.update_multiple_fields(id(record), changes).await,
        true => table.update_multiple_fields_return_old(id(record), changes).await.and_then(|old| {
            for (leaf, _) in stamps {
                replaced.push((record, *leaf, old.get(&leaf.field())?));
            }
            Ok(())
        }),
    };
    if let Err(error) = pended {
        return Answer::Failed(error);
    }
    let commit = if all { table.commit_operations() } else { table.commit_record(id(record)) };
    let committed = match how {
        How::Alone => commit.await,
        How::Batched => commit.batched().await,
        How::Atomic => commit.atomic().await,
    };
    let done = match committed {
        Ok(_) => Ok(()),
        // What failed may be another record's.
        Err(error) if is_committed(&error, record) => Ok(()),
        Err(error) => Err(error),
    };
    Answer::Written(replaced, done)
}

fn is_committed(error: &Error, record: usize) -> bool {
    let own = error
        .commit_report()
        .and_then(|report| report.records.iter().find(|one| one.key.to_string() == id(record)).map(|one| &one.outcome));
    matches!(own, Some(Outcome::Committed))
}
