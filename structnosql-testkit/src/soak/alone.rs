//! A call with nothing else going on: what it sends is checked as well.

use structnosql_core::{CommitReport, RecordReport};

use super::bench::{Bench, Checked, Place, finished, id};
use super::patience::finish;
use super::start::{Answer, start};
use super::step::{Call, Clear, RECORDS};
use crate::model::Record;

/// What was known before a call.
struct Before {
    requests: usize,
    updates: usize,
    gets: usize,
    /// How many requests the plan has for each record; nothing for one that is not in it.
    planned: [Option<usize>; RECORDS],
    records: Vec<Record>,
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
        let before = self.before();
        let table = self.table.clone();
        self.clock.now += 1;
        match start(&table, call)? {
            None => self.at_once(call)?,
            Some(future) => {
                self.expect(0, call);
                let answer = finished(finish(future))?;
                self.observe()?;
                self.judge(0, call, &answer)?;
                self.check_requests(call, &answer, &before)?;
            }
        }
        self.rest();
        Ok(1)
    }

    fn before(&self) -> Before {
        let (plan, counted) = (self.table.plan_commit(), self.counted());
        let planned = |record| {
            let planned = plan.records.iter().find(|planned| planned.key.to_string() == id(record));
            planned.map(|planned| planned.requests())
        };
        Before {
            requests: counted.requests(),
            updates: counted.updates(),
            gets: counted.gets(),
            planned: std::array::from_fn(planned),
            records: self.places.iter().map(|place| place.record().clone()).collect(),
        }
    }

    /// Checks what was sent, and notes what the table has learnt.
    fn check_requests(&mut self, call: &Call, answer: &Answer, before: &Before) -> Checked {
        let counted = self.counted();
        let (updates, gets) = (counted.updates() - before.updates, counted.gets() - before.gets);
        let sent = counted.requests() - before.requests;
        let whole_read = updates == 1 && gets == 0;
        let learn = |place: &mut Place| place.known = !place.is_stale() && place.record().assumed.is_empty();
        match (call, answer) {
            (Call::Write(write), Answer::Written(_)) if updates > 0 => {
                Err(format!("{write:?} returns nothing and was sent instead of pended"))
            }
            (Call::Write(write), Answer::Values(Ok(_))) if whole_read => {
                learn(&mut self.places[write.record]);
                Ok(())
            }
            (Call::Put { record, .. }, Answer::Written(Ok(())))
            | (Call::Delete { record, .. }, Answer::Written(Ok(())) | Answer::Deleted(Ok(_))) => {
                learn(&mut self.places[*record]);
                Ok(())
            }
            (Call::Read { record, paths, .. }, Answer::Values(Ok(_))) if paths.iter().any(Vec::is_empty) => {
                learn(&mut self.places[*record]);
                Ok(())
            }
            (Call::Commit { kind, .. }, Answer::Committed(committed)) => {
                let report = match committed {
                    Ok(report) => Some(report),
                    Err(error) => error.commit_report(),
                };
                report.map_or(Ok(()), |report| self.check_report(report, sent, kind.is_none(), before))
            }
            _ => Ok(()),
        }
    }

    fn check_report(&self, report: &CommitReport, sent: usize, all: bool, before: &Before) -> Checked {
        if report.requests() as usize != sent {
            return Err(format!("a commit reports {} requests and sent {sent}", report.requests()));
        }
        for (record, model) in before.records.iter().enumerate() {
            let of_record = report.records.iter().find(|one| one.key.to_string() == id(record));
            let Some(of_record) = of_record.filter(|_| !model.stale && model.flight.is_none()) else { continue };
            let known = self.places[record].known && model.assumed.is_empty();
            let planned = if all { before.planned[record] } else { None };
            check_record(of_record, planned, known).map_err(|problem| format!("{}: {problem}", id(record)))?;
        }
        Ok(())
    }
}

fn check_record(report: &RecordReport, planned: Option<usize>, known: bool) -> Checked {
    let (requests, replans) = (report.requests as usize, report.replans as usize);
    if replans > 0 && known {
        return Err(format!("planned {replans} times again over a record that was known"));
    }
    if let (Some(planned), structnosql_core::Outcome::Committed) = (planned, &report.outcome)
        && !(planned + replans..=planned + 2 * replans).contains(&requests)
    {
        return Err(format!("{planned} requests planned, {requests} sent, planned {replans} times again"));
    }
    Ok(())
}
