//! Committing what is pending: seal, plan, send, settle, record by record.

mod doubt;
mod flight;
mod sealed;

use futures_util::stream::{self, StreamExt};

use super::UnitOfWork;
use super::options::CommitOptions;
use crate::backend::Backend;
use crate::deliver::{Tally, deliver};
use crate::error::{Error, ErrorKind};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::report::{CommitReport, Outcome, RecordReport};

use flight::Flight;
use sealed::Sealed;

impl UnitOfWork {
    /// Commits the pending operations of one record, or of all.
    pub(super) async fn commit<B: Backend>(
        &self,
        link: &Link<B>,
        key: Option<Key>,
        options: CommitOptions,
    ) -> Result<CommitReport, Error> {
        let keys = key.map_or_else(|| self.shared.lock().dirty_keys(), |key| vec![key]);
        let commits = stream::iter(keys).map(|key| self.commit_record(link, key, options));
        let commits = commits.buffer_unordered(link.backend.concurrency()).filter_map(std::future::ready);
        let mut records: Vec<RecordReport> = link.backend.gather(commits.collect()).await;
        records.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        let report = CommitReport { records };
        if report.is_complete() { Ok(report) } else { Err(ErrorKind::Commit(report).into()) }
    }

    /// Commits one record; nothing where nothing of it is pending.
    async fn commit_record<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        options: CommitOptions,
    ) -> Option<RecordReport> {
        let of = RecordKey { schema: link.schema, key: &key };
        let _gate = self.enter(&key).await;
        let mut tally = Tally::default();
        let in_doubt = self.shared.lock().record_mut(&key).is_in_doubt();
        let mut outcome = match in_doubt {
            true => Some(self.resend(link, of, &mut tally).await),
            false => None,
        };
        let resent = tally.requests > 0;
        let may_go_on = match &outcome {
            Some(Outcome::InDoubt(_)) => false,
            Some(Outcome::Rejected(error)) => !error.is_conflict(),
            _ => true,
        };
        if may_go_on && self.shared.lock().record_mut(&key).seal(options.kind, &of) {
            outcome = Some(self.send_sealed(link, of, options, &mut tally).await);
        }
        let Tally { requests, replans } = tally;
        self.shared.lock().statistics.write_requests += u64::from(requests);
        Some(RecordReport { key: key.clone(), outcome: outcome?, requests, replans, resent })
    }

    /// Sends what was sealed.
    async fn send_sealed<B: Backend>(
        &self,
        link: &Link<B>,
        key: RecordKey<'_>,
        options: CommitOptions,
        tally: &mut Tally,
    ) -> Outcome {
        let mut flight = Flight::new(self, key);
        let mut attempt = Sealed::new(self, link, key, options);
        let delivered = deliver(link, &mut attempt, tally).await;
        flight.land(delivered.map(drop))
    }
}
