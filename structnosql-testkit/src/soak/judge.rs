//! Whether an answer is one that the model allows: states that it contradicts are ruled out.

use structnosql_core::{Error, ErrorKind, Map, Segment, Value};

use super::bench::{Bench, Checked, id, shows};
use super::document::FIELDS;
use super::pages::Asked;
use super::place::Place;
use super::sense::removes_from_nothing;
use super::start::Answer;
use super::step::{Call, RECORDS, Write};
use super::world::{Done, Job, Phase, World};
use crate::model::{Condition, Path, Tree, entries_of};

impl Bench {
    /// A task's call was answered.
    pub(crate) fn judge(&mut self, task: usize, call: &Call, answer: &Answer) -> Checked {
        self.places.iter_mut().for_each(|place| place.advance(self.clock));
        let judged = match (call, answer) {
            (Call::Write(write), Answer::Written(Ok(()))) => {
                self.keep(write.record, |_, world| world.phases[task] == Phase::Done(Done::Pended) && !write.return_old)
            }
            (Call::Write(write), Answer::Values(Ok(old))) => self.judge_old(task, write, old),
            (Call::Write(write), Answer::Written(Err(error)) | Answer::Values(Err(error))) => {
                self.keep(write.record, |place, world| match world.phases[task] {
                    Phase::Waiting | Phase::Sending => {
                        let waits = |seen: &&World| seen.is_pristine(task);
                        // The table does not know of what replaced the record, where that has not been answered.
                        let replaced = world.phases[1 - task] == Phase::Done(Done::Replaced);
                        (replaced && error.is_condition_failed())
                            || place.seen.iter().filter(waits).any(|seen| is_refusal(seen, write, error))
                    }
                    Phase::Half(_) => is_injected(error),
                    _ => world.phases[task] == Phase::Done(Done::Sent) && error.may_be_applied(),
                })
            }
            (Call::Put { record, .. } | Call::Delete { record, .. }, Answer::Written(written)) => {
                self.judge_replaced(task, *record, written.as_ref().err())
            }
            (Call::WriteMany(written), Answer::Written(sent)) => self.judge_many(task, written.keys(), sent),
            (Call::Prefetch(_), Answer::Written(Ok(()))) => Ok(()),
            (Call::Prefetch(_), Answer::Written(Err(error))) if is_injected(error) => Ok(()),
            (Call::ReadMany(records), Answer::Values(read)) => self.judge_read_many(records, read),
            (Call::Put { record, .. } | Call::Delete { record, .. }, Answer::Replaced(old)) => {
                self.judge_old_record(task, *record, old)
            }
            (Call::Read { record, paths, .. }, Answer::Read(read, _)) => self.judge_read(*record, paths, read),
            (Call::Query { category, paths }, Answer::Page(page)) => {
                self.judge_page(Asked::Category(category), paths, page)
            }
            (Call::QueryOne { record, paths }, Answer::Page(page)) => {
                self.judge_page(Asked::Record(*record), paths, page)
            }
            (Call::Commit { only, mode, .. }, Answer::Committed(committed)) => {
                self.judge_commit(task, *only, *mode, committed)
            }
            _ => Err("an answer to another question".to_owned()),
        };
        // What the answer says must be true of the database.
        let judged = judged.and_then(|()| (0..RECORDS).try_for_each(|record| self.agree_with_stored(record)));
        judged.map_err(|problem| format!("{problem}; {call:?} gave {answer:?}"))?;
        for place in &mut self.places {
            place.jobs[task] = None;
            place.worlds.iter_mut().for_each(|world| world.phases[task] = Phase::Idle);
            place.tidy();
        }
        Ok(())
    }

    /// Keeps the states of a record that fit, and fails where there is none.
    pub(super) fn keep(&mut self, record: usize, fits: impl Fn(&Place, &World) -> bool) -> Checked {
        let place = &mut self.places[record];
        let worlds = std::mem::take(&mut place.worlds);
        let kept = worlds.iter().filter(|world| fits(place, world)).cloned().collect::<Vec<_>>();
        if kept.is_empty() {
            let phases: Vec<_> = worlds.iter().map(|world| &world.phases).collect();
            let problem = format!("the answer does not fit {}, which is {phases:?}", id(record));
            place.worlds = worlds;
            return Err(problem);
        }
        place.worlds = kept;
        Ok(())
    }

    /// The values that a write replaced.
    fn judge_old(&mut self, task: usize, write: &Write, old: &[Option<Value>]) -> Checked {
        let paths: Vec<Path> = write.changes.iter().map(|(path, _)| path.clone()).collect();
        let place = &self.places[write.record];
        // The table does not know yet of what replaced the record, where that has not been answered.
        let replaced = place.worlds.iter().any(|world| world.phases[1 - task] == Phase::Done(Done::Replaced));
        let before = |world: &World| (replaced || world.is_pristine(task)) && shows(&world.record, &paths, old);
        if !place.seen.iter().any(before) {
            return Err(format!("old values: {}", self.not_shown(write.record, &paths, old)));
        }
        self.keep(write.record, |_, world| matches!(world.phases[task], Phase::Done(Done::Pended | Done::Sent)))
    }

    fn judge_replaced(&mut self, task: usize, record: usize, error: Option<&Error>) -> Checked {
        let Some(Job::Replace { since, create, .. }) = self.places[record].jobs[task].clone() else {
            return Err("a write without a beginning".to_owned());
        };
        let replaced = Phase::Done(Done::Replaced);
        self.places[record].change(|record| record.end_replacing(since));
        match error {
            None => {
                self.keep(record, |_, world| world.phases[task] == replaced)?;
                self.places[record].change(|record| record.replace(record.db.clone(), since));
                Ok(())
            }
            Some(error) => {
                self.keep(record, |place, world| is_not_replaced(place, world, task, create, error))?;
                for world in &mut self.places[record].worlds {
                    if world.phases[task] == replaced {
                        world.record.lose_track();
                    }
                }
                Ok(())
            }
        }
    }

    fn judge_old_record(&mut self, task: usize, record: usize, old: &Result<Option<Map>, Error>) -> Checked {
        let old = match old {
            Err(error) => return self.judge_replaced(task, record, Some(error)),
            Ok(old) => old.as_ref().map(|old| entries_of(old).ok_or("a value that nobody wrote")).transpose()?,
        };
        let is_old = |world: &World| {
            let before = &world.record.db;
            // A NULL in a typed field reads as nothing.
            *before == old || before.clone().is_some_and(|before| holds_null(&Tree::Map(before)))
        };
        if !self.places[record].seen.iter().any(|world| world.phases[task] == Phase::Waiting && is_old(world)) {
            return Err(format!("another record than {} had been is returned: {old:?}", id(record)));
        }
        self.judge_replaced(task, record, None)
    }

    fn judge_read(&mut self, record: usize, paths: &[Path], read: &Result<Vec<Option<Value>>, Error>) -> Checked {
        let stale = self.places[record].is_stale();
        match read {
            Ok(shown) if self.places[record].seen.iter().any(|world| shows(&world.record, paths, shown)) => Ok(()),
            Ok(shown) => Err(self.not_shown(record, paths, shown)),
            Err(error) if is_injected(error) || (stale && error.is_stored_value()) => Ok(()),
            Err(error) => Err(format!("a read failed: {error}")),
        }
    }

    fn judge_read_many(&mut self, records: &[usize], read: &Result<Vec<Option<Value>>, Error>) -> Checked {
        let stale = self.places.iter().any(Place::is_stale);
        match read {
            Ok(shown) if shown.len() != records.len() => Err(format!("{} answers for {records:?}", shown.len())),
            Ok(shown) => records
                .iter()
                .zip(shown)
                .try_for_each(|(record, shown)| self.judge_read(*record, &[Path::new()], &Ok(vec![shown.clone()]))),
            Err(error) if is_injected(error) || (stale && error.is_stored_value()) => Ok(()),
            Err(error) => Err(format!("reading {records:?} failed: {error}")),
        }
    }

    /// What became of each of several records that were written or deleted.
    fn judge_many<'r>(
        &mut self,
        task: usize,
        records: impl Iterator<Item = &'r usize>,
        sent: &Result<(), Error>,
    ) -> Checked {
        let remaining = match sent {
            Ok(()) => &[][..],
            Err(error) => &error.batch_report().ok_or_else(|| format!("a batch failed: {error}"))?.remaining,
        };
        for record in records {
            let failed = remaining.iter().find(|(key, _)| key.to_string() == id(*record));
            self.judge_replaced(task, *record, failed.map(|(_, error)| &**error))?;
        }
        Ok(())
    }
}

/// Whether a put or a delete may fail so.
fn is_not_replaced(place: &Place, world: &World, task: usize, create: bool, error: &Error) -> bool {
    match &world.phases[task] {
        Phase::Waiting => {
            let existed = place.seen.iter().any(|seen| seen.record.db.is_some());
            let doubted = place.seen.iter().any(is_in_doubt);
            is_injected(error)
                || (create && existed && error.is_condition_failed())
                || (doubted && matches!(error.kind(), ErrorKind::InDoubt { .. }))
        }
        phase => *phase == Phase::Done(Done::Replaced) && error.may_be_applied(),
    }
}

pub(super) fn is_in_doubt(world: &World) -> bool {
    world.record.is_in_doubt()
}

/// Whether a write may be refused so.
fn is_refusal(world: &World, write: &Write, error: &Error) -> bool {
    let record = &world.record;
    if is_injected(error) {
        return true;
    }
    match error.kind() {
        ErrorKind::ConditionOnPending { .. } => {
            // What followed a value that is set where it is absent may have become that value as a whole.
            let of_whole = |path: &[Segment]| !record.has_certain_kinds() && record.touches(&path[..1]);
            let is_pending = |path: &[Segment]| record.touches(path) || of_whole(path);
            write.condition.as_ref().is_some_and(|condition| is_pending(condition.path()))
        }
        ErrorKind::InDoubt { .. } => is_in_doubt(world),
        ErrorKind::MissingParent { .. } => {
            let alone = record.at_once(&write.changes);
            let met = |alone: crate::model::Pending| alone.is_met(record.db.as_ref().unwrap_or(&record.key), FIELDS);
            write.return_old && (record.stale || !alone.is_ok_and(met))
        }
        _ if error.is_condition_failed() => {
            let unmet = |condition: &Condition| record.stale || !condition.holds(record.db.as_ref());
            write.condition.as_ref().is_some_and(unmet)
        }
        _ if error.is_type_conflict() => {
            let entangled = write.return_old && error.to_string().contains("changes that depend on each other");
            entangled || record.stale || !record.accepts(&write.changes) || removes_from_nothing(record, &write.changes)
        }
        _ if error.is_stored_value() => record.stale && write.return_old,
        _ => error.to_string().contains("the cache was cleared each time"),
    }
}

/// Whether an error is one of those that [`Faulty`](crate::Faulty) makes, or follows from one.
pub(crate) fn is_injected(error: &Error) -> bool {
    error.failure().is_some_and(|failure| failure.message().contains("injected"))
}

/// Whether a struct would have come into being without its required fields.
pub(crate) fn is_missing_parent(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::MissingParent { .. })
}

fn holds_null(tree: &Tree) -> bool {
    match tree {
        Tree::Null => true,
        Tree::List(items) => items.iter().any(holds_null),
        Tree::Map(entries) => entries.values().any(holds_null),
        _ => false,
    }
}
