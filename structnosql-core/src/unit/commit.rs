//! Committing what is pending: seal, plan, send, settle; each record for itself, in batches, or all in one transaction.

mod atomic;
mod batched;
mod doubt;
mod flight;
mod member;
mod sealed;
mod told;

use std::collections::VecDeque;

use futures_util::stream::{FuturesUnordered, StreamExt};

use super::UnitOfWork;
use super::options::CommitOptions;
use crate::backend::Backend;
use crate::deliver::{Tally, deliver};
use crate::error::{Error, ErrorKind};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::outlook::CommitMode;
use crate::report::{CommitReport, Outcome, RecordReport};

use flight::Flight;
use member::Member;
use sealed::Sealed;
use told::Again;

/// A part of a commit that goes on beside the others.
enum Job<'k, B> {
    /// One record for itself.
    Alone(&'k Key),
    /// Records that one request carries.
    Together(Vec<&'k Key>),
    /// A record that its batch has not finished.
    GoesOn(Box<Member<'k, B>>),
}

/// What became of several records.
struct Committed<'k, B> {
    reports: Vec<RecordReport>,
    /// Requests that were sent for several of them.
    shared_requests: u32,
    /// Those that were in doubt, and have to be settled alone.
    left: Vec<&'k Key>,
    /// Those that a batch has not finished.
    go_on: Vec<Member<'k, B>>,
}

impl<B> Default for Committed<'_, B> {
    fn default() -> Self {
        Committed { reports: Vec::new(), shared_requests: 0, left: Vec::new(), go_on: Vec::new() }
    }
}

impl UnitOfWork {
    /// The record that a commit is of, or all with operations.
    pub(super) fn keys_of(&self, record: Option<Key>) -> Vec<Key> {
        record.map_or_else(|| self.shared.lock().dirty_keys(), |key| vec![key])
    }

    /// Commits the pending operations of one record, or of all.
    pub(super) async fn commit<B: Backend>(
        &self,
        link: &Link<B>,
        key: Option<Key>,
        options: CommitOptions,
    ) -> Result<CommitReport, Error> {
        let keys = self.keys_of(key);
        options.check(link.backend.capabilities())?;
        if options.mode == CommitMode::Atomic {
            self.plan(link, &keys, options).check()?;
        }
        let again = self.resend_told(link, &keys).await;
        let plan;
        let jobs = match options.mode {
            CommitMode::PerRecord => keys.iter().map(Job::Alone).collect(),
            CommitMode::Atomic => vec![Job::Together(keys.iter().collect())],
            CommitMode::Batched => {
                plan = self.plan(link, &keys, options);
                batched::batches(&plan)
            }
        };
        let committed = link.backend.gather(self.run(link, jobs, options)).await;
        let report = report(committed, again);
        if report.is_complete() { Ok(report) } else { Err(ErrorKind::Commit(report).into()) }
    }

    /// Runs the jobs, so many at the same time.
    // A stream over a closure would do, were its future `Send` for every lifetime.
    async fn run<'k, B: Backend>(
        &'k self,
        link: &'k Link<B>,
        jobs: Vec<Job<'k, B>>,
        options: CommitOptions,
    ) -> Committed<'k, B> {
        let most = options.concurrency(&*link.backend);
        let mut waiting = VecDeque::from(jobs);
        let mut running = FuturesUnordered::new();
        let mut all = Committed::default();
        loop {
            while running.len() < most
                && let Some(job) = waiting.pop_front()
            {
                running.push(self.run_one(link, job, options));
            }
            match running.next().await {
                Some(committed) => {
                    all.reports.extend(committed.reports);
                    all.shared_requests += committed.shared_requests;
                    waiting.extend(committed.left.into_iter().map(Job::Alone));
                    // They hold their gates: before them comes nobody who may wait for one.
                    committed
                        .go_on
                        .into_iter()
                        .rev()
                        .for_each(|member| waiting.push_front(Job::GoesOn(Box::new(member))));
                }
                None => return all,
            }
        }
    }

    async fn run_one<'k, B: Backend>(
        &'k self,
        link: &'k Link<B>,
        job: Job<'k, B>,
        options: CommitOptions,
    ) -> Committed<'k, B> {
        match job {
            Job::Alone(key) => {
                let reports = self.commit_record(link, key, options).await.into_iter().collect();
                Committed { reports, ..Committed::default() }
            }
            Job::GoesOn(member) => Committed { reports: vec![member.go_on(link).await], ..Committed::default() },
            Job::Together(keys) if options.mode == CommitMode::Atomic => self.commit_atomic(link, keys, options).await,
            Job::Together(keys) => self.commit_batch(link, keys, options).await,
        }
    }

    /// Commits one record; nothing where nothing of it is pending.
    async fn commit_record<B: Backend>(
        &self,
        link: &Link<B>,
        key: &Key,
        options: CommitOptions,
    ) -> Option<RecordReport> {
        let of = RecordKey { schema: link.schema, key };
        let _gate = self.enter(key).await;
        let mut tally = Tally::default();
        let mut outcome = self.settle_doubt(link, of, &mut tally).await;
        let resent = tally.requests > 0;
        let may_go_on = !outcome.as_ref().is_some_and(is_in_the_way);
        if may_go_on && self.shared.lock().record_mut(key).seal(options.kind, &of) {
            let mut flight = Flight::new(self, of);
            let mut attempt = Sealed::new(self, link, of, options);
            let delivered = deliver(link, &mut attempt, &mut tally).await;
            outcome = Some(flight.land(delivered.map(drop)));
        }
        Some(self.report_of(key, outcome?, tally, resent))
    }

    fn report_of(&self, key: &Key, outcome: Outcome, tally: Tally, resent: bool) -> RecordReport {
        let Tally { requests, replans } = tally;
        self.shared.lock().statistics.write_requests += u64::from(requests);
        RecordReport { key: key.clone(), outcome, requests, replans, resent }
    }
}

/// Whether what became of a write in doubt keeps what is pending behind it from being sent.
fn is_in_the_way(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::InDoubt(_) => true,
        Outcome::Rejected(error) => error.is_conflict(),
        Outcome::Committed | Outcome::NotSent(_) => false,
    }
}

/// The report of a commit, with what became of the transactions that were sent again before it.
fn report<B>(committed: Committed<'_, B>, again: Vec<Again>) -> CommitReport {
    let Committed { reports: mut records, mut shared_requests, .. } = committed;
    for Again { told, applied } in again {
        shared_requests += 1;
        for key in &told.keys {
            match records.iter_mut().find(|record| record.key == *key) {
                Some(record) => record.resent = true,
                None if applied == Some(true) => {
                    let (key, outcome) = (key.clone(), Outcome::Committed);
                    records.push(RecordReport { key, outcome, requests: 0, replans: 0, resent: true });
                }
                None => {}
            }
        }
    }
    records.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    CommitReport { records, shared_requests }
}
