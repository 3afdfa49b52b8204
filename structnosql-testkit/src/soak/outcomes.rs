//! Whether the outcomes of a commit are those that the model allows.

use structnosql_core::{CommitReport, Error, ErrorKind, FailureClass, Outcome, RecordReport};

use super::bench::{Bench, Checked, id, report_of};
use super::foreign::changed_elsewhere;
use super::judge::{is_in_doubt, is_injected, is_missing_parent};
use super::place::Place;
use super::step::{Mode, RECORDS};
use super::world::{Done, Job, Phase, World};
use crate::model::Commit;

impl Bench {
    pub(super) fn judge_commit(
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
            let of_record = report_of(report, record);
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
