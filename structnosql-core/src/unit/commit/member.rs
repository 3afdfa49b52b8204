//! The records of one request that carries several.

use super::{Flight, Sealed, UnitOfWork};
use crate::backend::{Backend, BatchGetRequest};
use crate::batch::{ChunkRead, Stop, read_chunk};
use crate::deliver::{Attempt, Shown, Tally, deliver, unread};
use crate::error::Error;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::report::RecordReport;
use crate::unit::gate::Gate;
use crate::unit::options::CommitOptions;

/// A record whose sealed operations go with those of others. Its gate is held.
// The gate opens last, once it is settled what became of the operations.
pub(super) struct Member<'u, B> {
    unit: &'u UnitOfWork,
    pub(super) key: &'u Key,
    pub(super) attempt: Sealed<'u, B>,
    pub(super) tally: Tally,
    flight: Flight<'u>,
    resent: bool,
    _gate: Option<Gate<'u>>,
}

impl UnitOfWork {
    /// Seals what is pending for a record, after its write in doubt took `tally`; nothing where nothing is.
    pub(super) fn seal<'u, B: Backend>(
        &'u self,
        link: &'u Link<B>,
        key: &'u Key,
        options: CommitOptions,
        tally: Tally,
    ) -> Option<Member<'u, B>> {
        let of = RecordKey { schema: link.schema, key };
        let sealed = self.shared.lock().record_mut(key).seal(options.kind, &of);
        sealed.then(|| Member {
            unit: self,
            key,
            attempt: Sealed::new(self, link, of, options),
            flight: Flight::new(self, of),
            tally,
            resent: tally.requests > 0,
            _gate: None,
        })
    }

    /// Reads the records whose versions were not read yet, a hundred in one request. Gives how many it took, and why
    /// which record could not be read.
    pub(super) async fn read_unread<B: Backend>(
        &self,
        link: &Link<B>,
        members: &mut [Member<'_, B>],
    ) -> (u32, Vec<(usize, Error)>) {
        let unread_at = |(at, member): (usize, &Member<'_, B>)| member.attempt.unread().map(|_| at);
        let places: Vec<usize> = members.iter().enumerate().filter_map(unread_at).collect();
        let keys: Vec<Key> = places.iter().map(|at| members[*at].key.clone()).collect();
        let (mut taken, mut failed) = (0, Vec::new());
        for (keys, places) in keys.chunks(BatchGetRequest::MAX_KEYS).zip(places.chunks(BatchGetRequest::MAX_KEYS)) {
            let ChunkRead { answers, requests } = read_chunk(link, keys, true, &Stop::default()).await;
            taken += requests;
            for (at, answer) in places.iter().zip(answers) {
                match answer {
                    Ok(item) => members[*at].attempt.learn(Shown::whole(item)),
                    Err(failure) => failed.push((*at, unread(failure).into())),
                }
            }
        }
        self.shared.lock().statistics.write_requests += taken;
        (taken as u32, failed)
    }
}

impl<'u, B: Backend> Member<'u, B> {
    /// The same, with the gate of its own.
    pub(super) fn holding(self, gate: Gate<'u>) -> Self {
        Member { _gate: Some(gate), ..self }
    }

    /// Sends the rest of it alone.
    pub(super) async fn go_on(mut self, link: &Link<B>) -> RecordReport {
        let delivered = deliver(link, &mut self.attempt, &mut self.tally).await;
        self.land(delivered.map(drop))
    }

    /// All that was planned of it is applied.
    pub(super) fn applied(mut self) -> RecordReport {
        self.attempt.applied(None);
        self.land(Ok(()))
    }

    /// Settles what became of it. One that is dropped instead is pending again, or in doubt where it was noted as sent.
    pub(super) fn land(mut self, delivered: Result<(), Error>) -> RecordReport {
        let outcome = self.flight.land(delivered);
        self.unit.report_of(self.key, outcome, self.tally, self.resent)
    }
}
