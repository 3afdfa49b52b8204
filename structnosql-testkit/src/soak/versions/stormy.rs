//! The same under faults: increments may not be lost, nor applied twice, nor be said to be what they are not.

use structnosql_core::{Action, Outcome, Resolution};

use super::office::Office;
use super::shared::{Edit, ID};
use super::{Act, How, Step};
use crate::soak::Tally;
use crate::soak::bench::Checked;

/// Faults at random.
#[derive(Clone, Debug)]
pub(crate) struct Storm {
    pub(crate) seed: u64,
    pub(crate) probability: f64,
}

impl Office {
    /// Only the increments of a history, its commits and refreshes; in the end the weather clears, and all are applied.
    pub(crate) async fn through(&mut self, storm: &Storm, steps: &[Step]) -> Result<Tally, String> {
        let faulty = self.basic.backend().inner().clone();
        faulty.at_random(storm.seed, storm.probability, false);
        // The increments of which a request may have been sent, oldest first.
        let mut sent: [Vec<u32>; 2] = Default::default();
        let mut operations = 0;
        for step in steps {
            let at = step.writer.min(1);
            match &step.act {
                Act::Pend(edits) | Act::Write(edits, _) => {
                    for edit in edits {
                        if let Edit::Add(power) = edit {
                            let pended = self.caching[at].update_multiple_fields(ID, [edit.change()]).await;
                            pended.map_err(|error| error.to_string())?;
                            sent[at].push(*power);
                        }
                    }
                }
                Act::Commit(_, how) => drop(self.told(at, *how, &mut sent[at]).await?),
                Act::Refresh => self.caching[at].refresh(),
                _ => continue,
            }
            operations += 1;
            if self.digits()?.iter().any(|digit| *digit > 1) {
                return Err(format!("{step:?}: an increment is applied twice: {:?}", self.digits()?));
            }
        }
        let faults = faulty.injected();
        faulty.heal();
        for (at, sent) in sent.iter_mut().enumerate() {
            self.finish_writer(at, sent).await?;
        }
        let (digits, requests) = (self.digits()?, self.basic.backend().requests() as u64);
        let added = steps.iter().filter_map(|step| match &step.act {
            Act::Pend(edits) | Act::Write(edits, _) => Some(edits),
            _ => None,
        });
        let added = added.flatten().filter_map(|edit| if let Edit::Add(at) = edit { Some(*at as usize) } else { None });
        let lost: Vec<usize> = added.filter(|at| digits.get(*at) != Some(&1)).collect();
        match lost.is_empty() && digits.iter().all(|digit| *digit <= 1) {
            true => Ok(Tally { cases: 1, operations, requests, faults, cancellations: 0 }),
            false => Err(format!("{lost:?} are lost: {digits:?}")),
        }
    }

    /// Commits until nothing is pending; where others wrote since an answer was lost, whoever looks at the record can
    /// tell what became of it.
    async fn finish_writer(&mut self, at: usize, sent: &mut Vec<u32>) -> Checked {
        for _ in 0..10 {
            if !self.caching[at].has_pending_operations() {
                return Ok(());
            }
            if let Some(Outcome::InDoubt(_)) = self.told(at, How::Alone, sent).await? {
                let digits = self.digits()?;
                let pending = self.caching[at].pending_operations();
                let first = pending.first().ok_or("nothing is pending of what is in doubt")?;
                let applied = increments(&first.action).iter().all(|at| digits.get(*at) == Some(&1));
                let resolution = if applied { Resolution::Applied } else { Resolution::NotApplied };
                self.caching[at].resolve_in_doubt(ID, resolution);
            }
            self.caching[at].refresh();
        }
        Err(format!("{:?} stay pending without a fault", self.caching[at].pending_operations()))
    }

    /// Commits, and checks that what is said of the oldest increments is true.
    async fn told(&mut self, at: usize, how: How, sent: &mut Vec<u32>) -> Result<Option<Outcome>, String> {
        let table = &self.caching[at];
        let commit = table.commit_operations();
        let done = match how {
            How::Alone => commit.await,
            How::Batched => commit.batched().await,
            How::Atomic => commit.atomic().await,
            How::ExactlyOnce => commit.exactly_once().await,
        };
        let digits = self.digits()?;
        let is_applied = |at: &u32| digits.get(*at as usize) == Some(&1);
        if !table.has_pending_operations() {
            if !sent.iter().all(is_applied) {
                return Err(format!("{sent:?} are said to be applied: {digits:?}"));
            }
            sent.clear();
        }
        let Err(error) = done else { return Ok(None) };
        // What cannot be one transaction is not sent.
        let Some(report) = error.commit_report() else { return Ok(None) };
        let outcome = report.records.first().map(|record| record.outcome.clone());
        // What an earlier request in doubt carried may turn out to be applied, and the rest be refused.
        if matches!(outcome, Some(Outcome::Rejected(_) | Outcome::NotSent(_))) {
            sent.retain(|at| !is_applied(at));
            if table.has_pending_operations() == sent.is_empty() {
                return Err(format!("{sent:?} are not applied, and pending: {:?}", table.pending_operations()));
            }
        }
        Ok(outcome)
    }

    /// How often each increment was applied, the first one first.
    fn digits(&self) -> Result<Vec<u32>, String> {
        let sum = self.look()?.and_then(|stored| stored.sum).unwrap_or(0);
        Ok(sum.to_string().chars().rev().filter_map(|digit| digit.to_digit(10)).collect())
    }
}

/// Which increments an action is made of.
fn increments(action: &Action) -> Vec<usize> {
    let Action::Increment { by, .. } = action else { return Vec::new() };
    let digits: Vec<char> = by.to_string().chars().rev().collect();
    digits.into_iter().enumerate().filter(|(_, digit)| *digit == '1').map(|(at, _)| at).collect()
}
