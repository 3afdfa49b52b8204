//! Whether an answer is one that the model allows: states that it contradicts are ruled out.

use structnosql_core::{CommitReport, Error, ErrorKind, FailureClass, Map, Outcome, RecordReport, Value};

use super::bench::{Bench, Checked, Place, id, shows};
use super::document::FIELDS;
use super::foreign::changed_elsewhere;
use super::pages::Asked;
use super::start::Answer;
use super::step::{Call, Mode, RECORDS, Write};
use super::world::{Done, Job, Phase, World, removes_from_nothing};
use crate::model::{Commit, Condition, Path, Tree, entries_of};

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
    fn keep(&mut self, record: usize, fits: impl Fn(&Place, &World) -> bool) -> Checked {
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

    fn judge_commit(
        &mut self,
        task: usize,
        only: Option<usize>,
        mode: Mode,
        committed: &Result<CommitReport, Error>,
    ) -> Checked {
        let report = match committed {
            Ok(report) => report,
            Err(error) => match error.commit_report() {
                Some(report) => report,
                None if mode == Mode::Atomic && is_no_transaction(error) => return self.judge_unsent(task),
                None if self.setting.lacks(mode) && is_unsupported(error) => return self.judge_unsent(task),
                None => return Err(format!("a commit failed: {error}")),
            },
        };
        let is_committed = |one: &RecordReport| matches!(one.outcome, Outcome::Committed);
        // What is said of a record whose write in doubt was sent again may be said of that one.
        let mut of_transaction = report.records.iter().filter(|one| !one.resent).map(is_committed);
        let first = of_transaction.next();
        if mode == Mode::Atomic && of_transaction.any(|committed| Some(committed) != first) {
            return Err("a part of a transaction was applied".to_owned());
        }
        if self.setting.lacks(mode) && !report.records.is_empty() {
            return Err("a commit was made that the database cannot make".to_owned());
        }
        if committed.is_ok() != report.is_complete() {
            return Err("a report that says something else than the commit".to_owned());
        }
        for record in 0..RECORDS {
            let of_record = report.records.iter().find(|one| one.key.to_string() == id(record));
            let outcome = of_record.map(|one| &one.outcome);
            if only.is_some_and(|only| only != record) {
                self.judge_settled(task, record, outcome)?;
                continue;
            }
            let place = &self.places[record];
            let was_in_doubt = |worlds: &[World]| worlds.iter().any(is_in_doubt);
            if of_record.is_some_and(|one| one.resent) && !was_in_doubt(&place.seen) {
                return Err(format!("{} is reported as sent again, and was not in doubt", id(record)));
            }
            let alone = place.seen.iter().all(|world| world.phases[1 - task] == Phase::Idle);
            let not_again = |one: &RecordReport| is_committed(one) && !one.resent;
            if alone && place.seen.first().is_some_and(is_in_doubt) && of_record.is_some_and(not_again) {
                return Err(format!("{} was in doubt, and is not reported as sent again", id(record)));
            }
            match place.is_stale() {
                true if alone && !is_in_doubt(&place.seen[0]) => self.judge_stale(task, record, outcome)?,
                // Which of several requests did what is not told.
                true => drop(self.keep(record, |place, world| is_outcome(place, world, task, outcome))),
                false => self.keep(record, |place, world| is_outcome(place, world, task, outcome))?,
            }
        }
        Ok(())
    }

    /// Nothing was sent, since it would not have been one transaction.
    fn judge_unsent(&mut self, task: usize) -> Checked {
        let records = 0..RECORDS;
        records.into_iter().try_for_each(|record| {
            self.keep(record, |_, world| matches!(world.phases[task], Phase::Idle | Phase::Waiting))
        })
    }

    /// A record that a commit was not of: only what was in doubt of it can have been sent again.
    fn judge_settled(&mut self, task: usize, record: usize, outcome: Option<&Outcome>) -> Checked {
        match (outcome, &self.places[record].jobs[task]) {
            (None, None) => Ok(()),
            (None, Some(Job::Settle)) => self.keep(record, |_, _| true),
            (Some(Outcome::Committed), Some(Job::Settle)) => self.keep(record, |place, world| {
                world.phases[task] != Phase::Done(Done::Doubt) && place.seen.iter().any(is_in_doubt)
            }),
            _ => Err(format!("a commit of another record reports {}", id(record))),
        }
    }

    /// The outcome of a commit over what another writer may have changed.
    fn judge_stale(&mut self, task: usize, record: usize, outcome: Option<&Outcome>) -> Checked {
        let place = &mut self.places[record];
        let Some(Job::Commit { kind, .. }) = place.jobs[task].clone() else { return Ok(()) };
        let mut before = place.seen[0].clone();
        let stored = place.record().db.clone();
        match outcome {
            Some(Outcome::Committed) => {
                let base = before.record.db.clone();
                if !before.record.seal(kind) {
                    return Err("reported without anything pending".to_owned());
                }
                let parts = before.record.flight.as_ref().map(|flight| flight.parts.clone()).unwrap_or_default();
                if let Some(path) = changed_elsewhere(&parts, base.as_ref(), stored.as_ref()) {
                    return Err(format!("a commit changed {path:?}, which it has no operation for"));
                }
                if let Some(flight) = &mut before.record.flight {
                    flight.settled = flight.parts.len();
                }
                before.record.db = stored;
                before.record.land();
            }
            Some(Outcome::InDoubt(_)) => {
                if !before.record.seal(kind) {
                    return Err("in doubt without anything pending".to_owned());
                }
                before.record.db = stored;
                before.doubt();
            }
            // Of a list that changes in both ways what came back is one with the rest.
            None if before.record.has_mixed_list() => {}
            None if before.record.clone().seal(kind) => return Err("it is not in the report".to_owned()),
            _ if stored != before.record.db => {
                before.record.seal(kind);
                let Some(flight) = before.record.flight.as_mut().filter(|flight| flight.parts.len() > 1) else {
                    return Err("a rejected commit changed the database".to_owned());
                };
                // The first request of several was applied.
                flight.settled = 1;
                before.record.db = stored;
                before.record.land();
            }
            _ => {}
        }
        before.record.stale = before.record.has_list() || place.record().stale;
        place.worlds = match &before.record.flight {
            Some(flight) if flight.doubt => {
                (0..flight.parts.len()).flat_map(|settled| before.in_doubt_at(settled)).collect()
            }
            _ => vec![before],
        };
        Ok(())
    }
}

fn is_outcome(place: &Place, world: &World, task: usize, outcome: Option<&Outcome>) -> bool {
    let was = |is: &dyn Fn(&World) -> bool| place.seen.iter().any(is);
    match (outcome, &world.phases[task]) {
        (None, Phase::Idle | Phase::Done(Done::Nothing)) => true,
        (None, Phase::Waiting) => was(&|seen| !seen.record.is_dirty()),
        // What was in doubt was never applied, and has been cleared meanwhile.
        (None, Phase::Done(Done::Committed)) => was(&is_in_doubt),
        // Sent again it was refused, and then nothing was left to commit.
        (Some(Outcome::Rejected(_)), Phase::Done(Done::Committed)) => was(&is_in_doubt),
        // Somebody told what had become of it while it was sent again.
        (Some(Outcome::Committed), Phase::Waiting | Phase::Done(Done::Nothing)) => was(&is_in_doubt),
        (Some(Outcome::Committed), phase) => *phase == Phase::Done(Done::Committed),
        // Another record of the same transaction was in the way, perhaps before this one was sealed.
        (Some(Outcome::NotSent(error)), Phase::Waiting | Phase::Resolved | Phase::Done(Done::Back(_)))
            if matches!(error.kind(), ErrorKind::Cancelled { .. }) =>
        {
            true
        }
        (Some(Outcome::Rejected(error)), Phase::Done(Done::Back(_))) if is_not_sent(error) => false,
        (Some(Outcome::NotSent(error)), Phase::Done(Done::Back(_))) if !is_not_sent(error) => false,
        (Some(Outcome::Rejected(error) | Outcome::NotSent(error)), Phase::Done(Done::Back(expected))) => {
            is_injected(error)
                || is_no_transaction(error)
                // The list of a record that was replaced meanwhile.
                || (world.record.stale && error.is_type_conflict())
                || match expected {
                    Commit::Applied => false,
                    Commit::Unmet => error.is_condition_failed(),
                    Commit::Missing => {
                        let conditional =
                            |seen: &World| seen.record.all_layers().any(|layer| !layer.conditions.is_empty());
                        is_missing_parent(error) || (error.is_condition_failed() && was(&conditional))
                    }
                }
        }
        (Some(Outcome::InDoubt(_)), phase) => *phase == Phase::Done(Done::Doubt),
        _ => false,
    }
}

/// Whether a request never left.
fn is_not_sent(error: &Error) -> bool {
    error.failure().is_some_and(|failure| failure.class() == FailureClass::NotSent)
}

/// Whether a commit was refused because it cannot be one transaction.
fn is_no_transaction(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotAtomic { .. } | ErrorKind::InDoubt { .. })
}

/// Whether something was refused since the database cannot do it.
fn is_unsupported(error: &Error) -> bool {
    error.failure().is_some_and(|failure| failure.class() == FailureClass::Unsupported)
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
            write.condition.as_ref().is_some_and(|condition| record.touches(condition.path()))
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
