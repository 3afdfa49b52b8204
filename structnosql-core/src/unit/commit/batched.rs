//! Each record for itself, several in one request.

use super::member::Member;
use super::{Committed, Job, UnitOfWork};
use crate::backend::{Backend, BatchUpdateRequest, UpdateRequest};
use crate::deliver::{Attempt, Tally};
use crate::failure::FailureClass;
use crate::key::Key;
use crate::link::Link;
use crate::outlook::{Carrier, CommitPlan};
use crate::unit::options::CommitOptions;

/// Which records go in which batch, and which alone.
pub(super) fn batches<B>(plan: &CommitPlan) -> Vec<Job<'_, B>> {
    let together = plan.together();
    let batches = together.into_iter().map(|records| records.into_iter().map(|record| &record.key).collect());
    let alone = plan.records.iter().filter(|record| !plan.goes_together(record));
    batches.map(Job::Together).chain(alone.map(|record| Job::Alone(&record.key))).collect()
}

impl UnitOfWork {
    /// Commits these records, 25 at the most, in one request; what it cannot carry or refuses goes on alone.
    pub(super) async fn commit_batch<'k, B: Backend>(
        &'k self,
        link: &'k Link<B>,
        keys: Vec<&'k Key>,
        options: CommitOptions,
    ) -> Committed<'k, B> {
        let gates = self.enter_all(keys.iter().copied()).await;
        let mut members: Vec<Member<'_, B>> = Vec::new();
        let mut done = Committed::default();
        for (key, gate) in keys.into_iter().zip(gates) {
            // Another commit may have left it in doubt since it was planned.
            let is_in_doubt = self.shared.lock().record_mut(key).is_in_doubt();
            match is_in_doubt {
                true => done.left.push(key),
                false => {
                    members.extend(self.seal(link, key, options, Tally::default()).map(|member| member.holding(gate)))
                }
            }
        }
        let (reads, unread) = self.read_unread(link, &mut members).await;
        done.shared_requests += reads;
        let mut unread = unread.into_iter().peekable();
        let (mut batch, mut updates) = (Vec::new(), Vec::new());
        for (at, mut member) in members.into_iter().enumerate() {
            if let Some((_, error)) = unread.next_if(|(place, _)| *place == at) {
                done.reports.push(member.land(Err(error)));
            } else if let Some(update) = statement_of(&mut member) {
                updates.push(update);
                batch.push(member);
            } else {
                done.go_on.push(member);
            }
        }
        if updates.is_empty() {
            return done;
        }
        done.shared_requests += 1;
        self.shared.lock().statistics.write_requests += 1;
        let (answers, is_last_word): (_, fn(FailureClass) -> bool) =
            match link.backend.batch_update(BatchUpdateRequest { updates }).await {
                Ok(answers) => (answers, is_last_word),
                // What is refused as a whole for a reason that passes would be refused alone as well.
                Err(failure) => (vec![Err(failure); batch.len()], |class| is_last_word(class) || class.is_transient()),
            };
        for (mut member, answer) in batch.into_iter().zip(answers) {
            match answer {
                Ok(()) if member.attempt.applied(None) => done.go_on.push(member),
                Ok(()) => done.reports.push(member.land(Ok(()))),
                Err(failure) if is_last_word(failure.class()) => done.reports.push(member.land(Err(failure.into()))),
                Err(_) => {
                    member.attempt.refused();
                    done.go_on.push(member);
                }
            }
        }
        done
    }
}

/// The update that a statement carries, noted as sent; nothing where the record has to go alone.
fn statement_of<B: Backend>(member: &mut Member<'_, B>) -> Option<UpdateRequest> {
    let draft = member.attempt.plan().ok().flatten()?;
    let fits = draft.hopeless().is_none() && member.attempt.carrier(&draft.request) == Carrier::Batch;
    if !fits {
        member.attempt.refused();
    }
    fits.then_some(draft.request)
}

/// Whether sending a record's update alone would bring nothing better: it may have been applied, or it is not allowed.
fn is_last_word(class: FailureClass) -> bool {
    class.may_be_applied() || matches!(class, FailureClass::NotSent | FailureClass::AccessDenied)
}
