//! Writes in doubt: what the next commit must do about them.

use structnosql_core::{Action, Carrier, CommitPlan, CommitReport, Outcome, Segment, UpdateAction};

use super::bench::{Bench, Checked, id, plan_of, report_of};
use super::step::{Call, Mode, RECORDS};

/// For each record whose write is in doubt, whether sending it again does no harm.
pub(crate) type Doubts = [Option<bool>; RECORDS];

impl Bench {
    /// What is in doubt before a call, with what the plan says about it.
    pub(crate) fn doubts(&self, plan: &CommitPlan) -> Result<Doubts, String> {
        let mut doubts = Doubts::default();
        for (record, doubt) in doubts.iter_mut().enumerate() {
            let Some(in_doubt) = plan_of(plan, record).and_then(|planned| planned.in_doubt.as_ref()) else { continue };
            let has_token = in_doubt.update.carrier == Carrier::Transaction;
            let is_harmless = has_token || in_doubt.update.request.actions.iter().all(leaves_what_it_left);
            if in_doubt.is_sent_again != is_harmless {
                return Err(format!("the plan sends {in_doubt:?} again, which is harmless: {is_harmless}"));
            }
            *doubt = Some(is_harmless);
        }
        Ok(doubts)
    }

    /// A commit to which nothing happened has sent again what it may, and nothing else.
    pub(crate) fn check_doubts(&self, call: &Call, report: &CommitReport, doubts: &Doubts) -> Checked {
        let Call::Commit { only, mode, .. } = call else { return Ok(()) };
        // A transaction is refused where a record's write is in doubt.
        let is_one = *mode == Mode::Atomic;
        for record in (0..RECORDS).filter(|record| !is_one && only.is_none_or(|only| only == *record)) {
            let Some(is_harmless) = doubts[record] else { continue };
            let Some(of_record) = report_of(report, record) else {
                // It had been cleared, and turned out not to be applied.
                match is_harmless {
                    true => continue,
                    false => return Err(format!("{} is in doubt, and not in the report", id(record))),
                }
            };
            let stays = matches!(of_record.outcome, Outcome::InDoubt(_));
            if (of_record.resent, stays) != (is_harmless, !is_harmless) {
                return Err(format!("a write in doubt that is harmless again ({is_harmless}): {of_record:?}"));
            }
        }
        Ok(())
    }
}

/// Whether an action leaves the same behind where it is applied twice.
fn leaves_what_it_left(UpdateAction { path, action }: &UpdateAction) -> bool {
    // Another writer may have moved the items meanwhile.
    let in_list = path.segments().iter().any(|segment| matches!(segment, Segment::Index(_)));
    match action {
        Action::Set(_) | Action::Remove | Action::SetIfAbsent(_) | Action::Members { .. } => !in_list,
        _ => false,
    }
}
