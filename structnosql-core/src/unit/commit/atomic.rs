//! All records or none: one transaction.

use std::borrow::Cow;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};

use super::member::Member;
use super::{Committed, UnitOfWork, is_in_the_way};
use crate::backend::Backend;
use crate::deliver::{Attempt, Draft, Premise, Tally};
use crate::error::{Error, ErrorKind};
use crate::failure::Failure;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::outlook::{check_transaction, not_atomic, planned, takes_several};
use crate::report::{Outcome, RecordReport};
use crate::told::Told;
use crate::unit::options::CommitOptions;

/// What a record sends; nothing where nothing has to be sent for it.
type Drafts = Vec<Option<Draft>>;

/// Why no record was changed.
enum Obstacle {
    /// These were in the way, by their places, each for its own reason.
    Records(Vec<(usize, Error)>),
    /// They are too much for one transaction.
    Size(String),
    /// The transaction failed as a whole; it may have been applied.
    Request(Arc<Told>, Failure),
}

impl UnitOfWork {
    /// Commits these records, or none of them.
    pub(super) async fn commit_atomic<'k, B: Backend>(
        &'k self,
        link: &'k Link<B>,
        keys: Vec<&'k Key>,
        options: CommitOptions,
    ) -> Committed<'k, B> {
        let _gates = self.enter_all(keys.iter().copied()).await;
        let mut doubts = Vec::new();
        for key in keys {
            let mut tally = Tally::default();
            let outcome = self.settle_doubt(link, RecordKey { schema: link.schema, key }, &mut tally).await;
            doubts.push((key, outcome, tally));
        }
        let blocked = doubts.iter().find(|(_, outcome, _)| outcome.as_ref().is_some_and(is_in_the_way));
        if let Some(key) = blocked.map(|(key, ..)| key.to_string()) {
            let reports = doubts.into_iter().filter_map(|doubt| self.left_behind(link, doubt, &key, options)).collect();
            return Committed { reports, ..Committed::default() };
        }
        let mut reports = Vec::new();
        let mut members = Vec::new();
        for (key, outcome, tally) in doubts {
            match self.seal(link, key, options, tally) {
                Some(member) => members.push(member),
                // What was settled before was sent again for it.
                None => reports.extend(outcome.map(|outcome| self.report_of(key, outcome, tally, true))),
            }
        }
        let (mut shared_requests, unread) = self.read_unread(link, &mut members).await;
        let sent = match unread.is_empty() {
            true => self.send_all(link, &mut members, options, &mut shared_requests).await,
            false => Err(Obstacle::Records(unread)),
        };
        reports.extend(land_all(members, sent));
        Committed { reports, shared_requests, ..Committed::default() }
    }

    /// The report of a record that was not sealed, since the write in doubt of the record `behind` is in the way.
    fn left_behind<B>(
        &self,
        link: &Link<B>,
        (key, outcome, tally): (&Key, Option<Outcome>, Tally),
        behind: &str,
        options: CommitOptions,
    ) -> Option<RecordReport> {
        let of = RecordKey { schema: link.schema, key };
        let is_pending = self.shared.lock().record_mut(key).has_pending(options.kind, &of);
        let outcome = match outcome {
            Some(outcome) if is_in_the_way(&outcome) || !is_pending => outcome,
            None if !is_pending => return None,
            _ => Outcome::NotSent(Arc::new(cancelled(behind))),
        };
        Some(self.report_of(key, outcome, tally, tally.requests > 0))
    }

    /// Plans and sends the transaction, again where the plan did not fit.
    async fn send_all<B: Backend>(
        &self,
        link: &Link<B>,
        members: &mut [Member<'_, B>],
        options: CommitOptions,
        requests: &mut u32,
    ) -> Result<(), Obstacle> {
        loop {
            let drafts = self.plan_all(members)?;
            let mut refusals: Vec<Option<Failure>> = drafts.iter().map(|draft| draft.as_ref()?.hopeless()).collect();
            if refusals.iter().all(Option::is_none) {
                let Some(told) = self.tell(members, &drafts)? else { return Ok(()) };
                *requests += 1;
                self.shared.lock().statistics.write_requests += 1;
                let Err(failure) = told.send(link).await else { return Ok(()) };
                let mut reasons = failure.reasons().iter().cloned();
                refusals = drafts.iter().map(|draft| draft.as_ref().and_then(|_| reasons.next()?)).collect();
                let is_cancelled = !failure.class().may_be_applied() && refusals.iter().any(Option::is_some);
                if !is_cancelled {
                    return Err(Obstacle::Request(told, failure));
                }
            }
            members.iter_mut().for_each(|member| member.attempt.refused());
            mend_all(link, members, drafts, refusals, options).await?;
        }
    }

    /// Plans every record.
    fn plan_all<B: Backend>(&self, members: &mut [Member<'_, B>]) -> Result<Drafts, Obstacle> {
        let mut drafts = Drafts::new();
        let mut sizes = Vec::new();
        for (at, member) in members.iter_mut().enumerate() {
            let in_the_way = |error| Obstacle::Records(vec![(at, error)]);
            let draft = member.attempt.plan().map_err(in_the_way)?;
            let mut state = self.shared.lock();
            let record = state.record_mut(member.key);
            if record.is_split() {
                return Err(in_the_way(takes_several(member.key)));
            }
            let size = |draft: &Draft| planned(draft.request.clone(), &mut Cow::Borrowed(&record.base)).item_bytes;
            sizes.extend(draft.as_ref().map(size));
            drafts.push(draft);
        }
        check_transaction(sizes.into_iter()).map_err(Obstacle::Size)?;
        Ok(drafts)
    }

    /// Makes one transaction of what was planned, and notes it as sent; nothing where nothing has to be sent.
    fn tell<B: Backend>(&self, members: &[Member<'_, B>], drafts: &Drafts) -> Result<Option<Arc<Told>>, Obstacle> {
        let update = |(member, draft): (&Member<'_, B>, &Option<Draft>)| {
            draft.as_ref().map(|draft| (member.key.clone(), draft.request.clone()))
        };
        let updates: Vec<_> = members.iter().zip(drafts).filter_map(update).collect();
        if updates.is_empty() {
            return Ok(None);
        }
        let told = Told::new(updates).map_err(|failure| Obstacle::Records(vec![(0, failure.into())]))?;
        let mut state = self.shared.lock();
        for key in &told.keys {
            if let Some(sealed) = &mut state.record_mut(key).sealed {
                sealed.told = Some(told.clone());
            }
        }
        Ok(Some(told))
    }
}

/// Reads what the records are that were in the way, so that the plan can be made again.
async fn mend_all<B: Backend>(
    link: &Link<B>,
    members: &mut [Member<'_, B>],
    drafts: Drafts,
    refusals: Vec<Option<Failure>>,
    options: CommitOptions,
) -> Result<(), Obstacle> {
    let mut mends = Vec::new();
    for (at, ((member, draft), refusal)) in members.iter_mut().zip(drafts).zip(refusals).enumerate() {
        if let (Some(draft), Some(failure)) = (draft, refusal) {
            mends.push(mend(link, at, member, draft, failure));
        }
    }
    let mended = stream::iter(mends).buffered(options.concurrency(&*link.backend));
    let in_the_way: Vec<(usize, Error)> = mended.filter_map(std::future::ready).collect().await;
    if in_the_way.is_empty() { Ok(()) } else { Err(Obstacle::Records(in_the_way)) }
}

/// Gives the place of a record and its reason, where another plan does not mend it.
async fn mend<B: Backend>(
    link: &Link<B>,
    at: usize,
    member: &mut Member<'_, B>,
    draft: Draft,
    failure: Failure,
) -> Option<(usize, Error)> {
    let (_, premise) = Premise::of(draft);
    let mended = premise.mend(link, &mut member.attempt, failure, &mut member.tally).await;
    mended.err().map(|error| (at, error))
}

fn land_all<B: Backend>(members: Vec<Member<'_, B>>, sent: Result<(), Obstacle>) -> Vec<RecordReport> {
    match sent {
        Ok(()) => members.into_iter().map(Member::applied).collect(),
        Err(Obstacle::Size(reason)) => {
            members.into_iter().map(|member| member.land(Err(not_atomic(reason.clone())))).collect()
        }
        // A record for which nothing had to be sent is no part of what may have been applied.
        Err(Obstacle::Request(told, failure)) => {
            let first = told.keys.first().map(Key::to_string).unwrap_or_default();
            let landed = members.into_iter().map(|member| {
                let is_told = told.keys.binary_search(member.key).is_ok();
                member.land(Err(if is_told { failure.clone().into() } else { cancelled(&first) }))
            });
            landed.collect()
        }
        Err(Obstacle::Records(reasons)) => {
            let first = reasons.first().and_then(|(at, _)| Some(members.get(*at)?.key.to_string())).unwrap_or_default();
            let mut reasons = reasons.into_iter().peekable();
            let landed = members.into_iter().enumerate().map(|(at, member)| {
                let own = reasons.next_if(|(place, _)| *place == at).map(|(_, reason)| reason);
                member.land(Err(own.unwrap_or_else(|| cancelled(&first))))
            });
            landed.collect()
        }
    }
}

fn cancelled(by: &str) -> Error {
    ErrorKind::Cancelled { key: by.to_owned() }.into()
}
