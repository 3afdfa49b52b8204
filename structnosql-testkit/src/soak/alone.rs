//! A call with nothing else going on: what it sends is checked as well.

use structnosql_core::{CacheStatistics, CommitPlan, CommitReport, Outcome, RecordReport};

use super::again::Doubts;
use super::bench::{Bench, Checked, finished, id, plan_of, report_of};
use super::fewest::in_one;
use super::patience::finish;
use super::place::Place;
use super::start::{Answer, commit, start};
use super::statistics;
use super::step::{Call, Clear, Mode, RECORDS};
use crate::model::Record;

/// What was known before a call.
struct Before {
    requests: usize,
    statistics: CacheStatistics,
    updates: usize,
    gets: usize,
    /// What a commit would do, where the call is one.
    plan: Option<CommitPlan>,
    /// How many requests the plan has for each record; nothing for one that is not in it.
    planned: [Option<usize>; RECORDS],
    records: Vec<Record>,
    doubts: Doubts,
}

impl Bench {
    /// One call, to its end; how many calls made sense here.
    pub(crate) fn alone(&mut self, call: &Call) -> Result<u64, String> {
        if !self.makes_sense(call) {
            return Ok(0);
        }
        if let Call::Clear(how @ (Clear::Pending(_) | Clear::PendingOf(_))) = call {
            self.know_lists(*how)?;
        }
        let mut held = self.in_sight(call)?;
        held.extend(self.hold(call)?);
        let before = self.before(call)?;
        let table = self.table.clone();
        self.clock.now += 1;
        match start(&table, call)? {
            None => {
                self.at_once(call)?;
                self.check_forgotten(call)?;
                // What stays pending there is another kind's.
                held.retain(|(record, path, _)| !self.places[*record].record().touches(path));
                self.check_held(call, &held)?;
                self.check_kept(call, None)?;
            }
            Some(future) => {
                self.expect(0, call);
                let answer = finished(finish(future))?;
                self.observe()?;
                self.judge(0, call, &answer)?;
                self.check_requests(call, &answer, &before)?;
                let sent = self.counted().requests() - before.requests;
                statistics::check(call, &answer, sent, before.statistics, self.table.cache_statistics())?;
                self.rest();
                self.check_kept(call, Some(&answer))?;
                self.check_held(call, &held)?;
            }
        }
        self.rest();
        Ok(1)
    }

    /// Nothing is kept of a record of which nothing is known and nothing pending.
    fn check_forgotten(&self, call: &Call) -> Checked {
        let Call::Clear(Clear::CachedData(None) | Clear::Refresh(None) | Clear::CachedDataAndPending) = call else {
            return Ok(());
        };
        let kept = self.table.cache_statistics().records as usize;
        let dirty = self.places.iter().filter(|place| place.record().is_dirty()).count();
        if kept == dirty { Ok(()) } else { Err(format!("{kept} records are kept, {dirty} of them with operations")) }
    }

    fn before(&self, call: &Call) -> Result<Before, String> {
        let (plan, counted) = (self.table.plan_commit(), self.counted());
        let own = match call {
            Call::Commit { kind, only, mode } => Some(commit(&self.table, *kind, *only, *mode).plan()),
            _ => None,
        };
        let planned = |record| {
            let planned = plan_of(&plan, record);
            planned.map(|planned| planned.requests())
        };
        Ok(Before {
            requests: counted.requests(),
            statistics: self.table.cache_statistics(),
            updates: counted.updates(),
            gets: counted.gets(),
            plan: own,
            planned: std::array::from_fn(planned),
            records: self.places.iter().map(|place| place.record().clone()).collect(),
            doubts: self.doubts(&plan)?,
        })
    }

    /// Checks what was sent, and notes what the table has learnt.
    fn check_requests(&mut self, call: &Call, answer: &Answer, before: &Before) -> Checked {
        let counted = self.counted();
        let (updates, gets) = (counted.updates() - before.updates, counted.gets() - before.gets);
        let sent = counted.requests() - before.requests;
        let whole_read = updates == 1 && gets == 0 && self.setting.capabilities.whole_old_items;
        let learn = |place: &mut Place| place.known = !place.is_stale() && place.shows_no_more();
        match (call, answer) {
            (Call::Write(write), Answer::Written(_)) if updates > 0 => {
                Err(format!("{write:?} returns nothing and was sent instead of pended"))
            }
            (Call::Write(write), Answer::Values(Ok(_))) if whole_read => {
                learn(&mut self.places[write.record]);
                Ok(())
            }
            (
                Call::Put { record, .. } | Call::Delete { record, .. },
                Answer::Written(Ok(())) | Answer::Replaced(Ok(_)),
            ) => {
                learn(&mut self.places[*record]);
                Ok(())
            }
            (Call::WriteMany(written), Answer::Written(Ok(()))) => {
                written.keys().for_each(|record| learn(&mut self.places[*record]));
                Ok(())
            }
            (Call::Prefetch(records), Answer::Written(Ok(()))) => {
                let known = records.iter().all(|record| self.knows(*record));
                records.iter().for_each(|record| learn(&mut self.places[*record]));
                match sent > usize::from(!known) {
                    true => Err(format!("{sent} requests for records that are known: {known}")),
                    false => Ok(()),
                }
            }
            (Call::Read { record, paths, .. }, Answer::Read(Ok(_), sources)) => {
                self.check_sources(*record, paths, sources, sent)?;
                if paths.iter().any(Vec::is_empty) {
                    learn(&mut self.places[*record]);
                }
                Ok(())
            }
            (Call::Commit { kind, mode, .. }, Answer::Committed(committed)) => {
                let report = match committed {
                    Ok(report) => Some(report),
                    Err(error) => error.commit_report(),
                };
                let refused = before.plan.as_ref().is_some_and(|plan| plan.refusal.is_some());
                if refused != report.is_none() || refused && sent > 0 {
                    return Err(format!("the plan says whether it is refused: {refused}; {sent} requests were sent"));
                }
                let all = kind.is_none() && matches!(mode, Mode::PerRecord | Mode::ExactlyOnce);
                let Some(report) = report else { return Ok(()) };
                self.check_doubts(call, report, &before.doubts)?;
                self.check_report(report, sent, all, before)
            }
            _ => Ok(()),
        }
    }

    fn check_report(&self, report: &CommitReport, sent: usize, all: bool, before: &Before) -> Checked {
        if report.requests() as usize != sent {
            return Err(format!("a commit reports {} requests and sent {sent}", report.requests()));
        }
        let certain = |(place, model): (&Place, &Record)| {
            !model.is_dirty()
                || place.known
                    && self.keeps_all()
                    && !model.stale
                    && model.flight.is_none()
                    && model.assumed.is_empty()
                    && !model.is_layered()
        };
        let certain = self.places.iter().zip(&before.records).all(certain) && report.is_complete();
        if let Some(plan) = before.plan.as_ref().filter(|plan| certain && plan.requests() != sent) {
            return Err(format!("{} requests planned for known records, {sent} sent", plan.requests()));
        }
        for (record, model) in before.records.iter().enumerate() {
            let of_record = report_of(report, record);
            let Some(of_record) = of_record.filter(|_| !model.stale && model.flight.is_none()) else { continue };
            let known = self.knows(record) && model.assumed.is_empty();
            let planned = if all { before.planned[record] } else { None };
            check_record(of_record, planned, known).map_err(|problem| format!("{}: {problem}", id(record)))?;
            if all && known && self.setting.takes_fewest() && matches!(of_record.outcome, Outcome::Committed) {
                check_fewest(record, model, of_record.requests)?;
            }
        }
        Ok(())
    }
}

/// Nothing that a case writes takes more than two requests, or two where one does.
fn check_fewest(record: usize, before: &Record, requests: u32) -> Checked {
    let id = id(record);
    match requests {
        0 | 1 => Ok(()),
        2 => match in_one(record, before)? {
            Some(actions) => Err(format!("{id} took two requests, and one would do: {actions:?}")),
            None => Ok(()),
        },
        more => Err(format!("{id} took {more} requests")),
    }
}

fn check_record(report: &RecordReport, planned: Option<usize>, known: bool) -> Checked {
    let (requests, replans) = (report.requests as usize, report.replans as usize);
    if replans > 0 && known {
        return Err(format!("planned {replans} times again over a record that was known"));
    }
    if let (Some(planned), Outcome::Committed) = (planned, &report.outcome)
        && !(planned + replans..=planned + 2 * replans).contains(&requests)
    {
        return Err(format!("{planned} requests planned, {requests} sent, planned {replans} times again"));
    }
    Ok(())
}
