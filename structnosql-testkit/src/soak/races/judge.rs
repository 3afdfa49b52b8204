//! Whether answers are such as the past allows, and what is known once they have come.

use structnosql_core::{Action, Error, Resolution, Value};

use super::act::{Act, Answer};
use super::racer::{LEAVES, RECORDS, Stamp, id};
use super::track::{Task, Track};
use crate::soak::bench::Checked;

impl Track {
    pub(super) fn judge(&mut self, task: Task, answer: Answer) -> Checked {
        let (shown, done) = match answer {
            Answer::Shown(shown) => (shown, None),
            Answer::Written(replaced, done) => (replaced, Some(done)),
            Answer::Failed(_) if !self.calm => return Ok(()),
            Answer::Failed(error) => return Err(format!("it failed: {error}")),
        };
        for seen in &shown {
            if !self.past.may_show(*seen, &task.since, task.began) {
                return Err(format!("{seen:?} is shown, which was stored no more"));
            }
        }
        match done {
            None if !task.met && task.act.teaches() => {
                shown.iter().for_each(|seen| self.past.showed(*seen, &task.since))
            }
            None => {}
            Some(Err(error)) if self.calm && !is_overtaken(&error) => return Err(format!("it failed: {error}")),
            // All that was known of the record is forgotten then.
            Some(Err(error)) if error.failure().is_some_and(|failure| failure.class().may_be_applied()) => {
                task.act.replaces().into_iter().for_each(|record| self.past.forget(record));
            }
            Some(Err(_)) => {}
            Some(Ok(())) => self.written(&task)?,
        }
        Ok(())
    }

    /// A write is said to be done.
    fn written(&mut self, task: &Task) -> Checked {
        for stamp @ (record, leaf, value) in task.act.stamps() {
            match (self.past.stored_at(stamp), value) {
                (Some(at), Some(value)) => {
                    self.past.forget_before(record, leaf, at);
                    self.past.settle(value);
                }
                (None, Some(_)) if !task.contested => return Err(format!("{stamp:?} was never stored")),
                (None, Some(value)) => self.past.settle(value),
                (_, None) => {}
            }
            if self.calm && value.is_some() && self.past.is_stored_again(stamp) {
                return Err(format!("{stamp:?} was stored twice"));
            }
        }
        if let Act::Delete(record) = task.act {
            let gone = self.past.gone_since(record, task.began);
            LEAVES.into_iter().for_each(|leaf| self.past.forget_before(record, leaf, gone));
        }
        Ok(())
    }

    /// Where no write is under way it is known what became of each: what is in doubt is told, and what was refused is
    /// given up.
    pub(super) fn settle(&mut self) -> Checked {
        if self.tasks.iter().any(|task| task.act.writes()) {
            return Ok(());
        }
        for record in 0..RECORDS {
            self.past.settle_record(record);
            let plan = self.table.plan_record(id(record));
            // A rollback puts answers under way out of date, so it is for what needs one.
            if plan.is_none() && !self.dropped[record] {
                continue;
            }
            if let Some(in_doubt) = plan.and_then(|plan| plan.in_doubt) {
                let actions = in_doubt.update.request.actions.iter();
                let mut stamps: Vec<Stamp> = Vec::new();
                actions.for_each(|action| stamps_of(&action.action, &mut stamps));
                let is_applied = |stamp: &Stamp| {
                    LEAVES.into_iter().any(|leaf| self.past.stored_at((record, leaf, Some(*stamp))).is_some())
                };
                let applied = stamps.iter().any(is_applied);
                if applied != stamps.iter().all(is_applied) {
                    return Err(format!("a part of {in_doubt:?} was applied"));
                }
                let resolution = if applied { Resolution::Applied } else { Resolution::NotApplied };
                self.table.resolve_in_doubt(id(record), resolution);
            }
            self.table.rollback_record(id(record));
            self.dropped[record] = false;
            self.tasks.iter_mut().for_each(|task| task.met = true);
        }
        match self.table.has_pending_operations() {
            true => Err(format!("{:?} are pending after a rollback", self.table.pending_operations())),
            false => Ok(()),
        }
    }
}

/// Whether a commit was planned again, as often as it is, over what another program went on to change.
fn is_overtaken(error: &Error) -> bool {
    error.commit_report().is_some_and(|report| report.uncommitted().all(|one| one.replans > 0))
}

/// The values that an action stores.
fn stamps_of(action: &Action, stamps: &mut Vec<Stamp>) {
    fn collect(value: &Value, stamps: &mut Vec<Stamp>) {
        match value {
            Value::Number(number) => stamps.extend(number.to_string().parse::<Stamp>().ok()),
            Value::Map(map) => map.iter().for_each(|(_, value)| collect(value, stamps)),
            _ => {}
        }
    }
    if let Action::Set(value) = action {
        collect(value, stamps);
    }
}
