//! What may have become of a record while calls are under way: the states that fit everything seen so far.
//!
//! A call acts at some moment between its beginning and its answer. Each state remembers how far the calls have come
//! in it; those that the database, an answer or a read contradicts are dropped, and where none is left the engine did
//! something that is not allowed.

use super::document::FIELDS;
use super::step::{Mode, Write};
use crate::model::{Commit, Entries, Kind, Pending, Record};

/// A state that a record may be in.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct World {
    pub(crate) record: Record,
    /// How far each task's call has come with this record.
    pub(crate) phases: [Phase; 2],
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    /// There is no call, or it is not about this record.
    Idle,
    Waiting,
    /// A commit has settled what was in doubt, and goes on.
    Resolved,
    /// A commit's requests are under way.
    Sealed,
    /// A write is to be sent at once: nothing was pending there when that was decided.
    Sending,
    /// A write at once has sent its first request of two.
    Half(Pending),
    Done(Done),
}

/// What a call has done, when only its answer is missing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Done {
    Nothing,
    Pended,
    /// Sent at once.
    Sent,
    /// Written or deleted as a whole.
    Replaced,
    Committed,
    /// What was in doubt is settled, and no more is to be done.
    Settled,
    /// Pending again; what a commit of it had to come to.
    Back(Commit),
    Doubt,
}

/// What a call wants to do with a record.
#[derive(Clone, Debug)]
pub(crate) enum Job {
    Write(Write),
    /// `since`: when the call began.
    Replace {
        item: Option<Entries>,
        create: bool,
        since: u64,
    },
    Commit {
        kind: Option<Kind>,
        mode: Mode,
    },
    /// What is in doubt goes with what a commit of another record sends again.
    Settle,
}

/// The soak's own time, which goes on with each call, and when the last savepoint was made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    pub(crate) now: u64,
    pub(crate) mark: u64,
}

impl World {
    pub(crate) fn new(record: Record) -> World {
        World { record, phases: [Phase::Idle, Phase::Idle] }
    }

    fn in_phase(&self, task: usize, phase: Phase) -> World {
        let mut world = self.clone();
        world.phases[task] = phase;
        world
    }

    /// Whether another task talks to the database about this record.
    fn is_barred(&self, task: usize) -> bool {
        matches!(
            self.phases[1 - task],
            Phase::Sealed
                | Phase::Resolved
                | Phase::Sending
                | Phase::Half(_)
                | Phase::Done(Done::Replaced | Done::Sent)
        )
    }

    /// Whether the task's call has changed nothing yet.
    pub(crate) fn is_pristine(&self, task: usize) -> bool {
        matches!(self.phases[task], Phase::Waiting | Phase::Sending)
    }

    /// Whether no call under way has asked the database for a change.
    pub(crate) fn has_sent_nothing(&self) -> bool {
        let idle = |phase: &Phase| matches!(phase, Phase::Idle | Phase::Done(Done::Pended | Done::Nothing));
        self.phases.iter().all(idle)
    }

    /// What can have happened next.
    fn moves(&self, task: usize, job: &Job, clock: Clock) -> Vec<World> {
        match (job, &self.phases[task]) {
            (Job::Write(write), Phase::Waiting) => self.write(task, write, clock),
            (Job::Write(write), Phase::Sending) => self.write_at_once(task, write),
            (Job::Write(_), Phase::Half(later)) => vec![self.sent(task, later, Phase::Done(Done::Sent))],
            (Job::Replace { item, create, .. }, Phase::Waiting) if !self.is_barred(task) => {
                if self.record.is_in_doubt() || (*create && self.record.db.is_some()) {
                    return Vec::new();
                }
                let mut world = self.in_phase(task, Phase::Done(Done::Replaced));
                world.record.db = item.clone();
                // Whatever another writer did before is gone.
                world.record.stale = false;
                vec![world]
            }
            (Job::Commit { kind, mode }, Phase::Waiting | Phase::Resolved) if !self.is_barred(task) => {
                if self.record.is_in_doubt() {
                    self.resend(task, &Phase::Resolved)
                } else {
                    self.seal(task, *kind, *mode)
                }
            }
            (Job::Commit { mode, .. }, Phase::Sealed) => self.fly(task, *mode),
            (Job::Settle, Phase::Waiting) if !self.is_barred(task) && self.record.is_in_doubt() => {
                self.resend(task, &Phase::Done(Done::Settled))
            }
            _ => Vec::new(),
        }
    }

    fn write(&self, task: usize, write: &Write, clock: Clock) -> Vec<World> {
        let mut worlds = Vec::new();
        let condition = write.condition.as_ref();
        let refused = condition.is_some_and(|condition| self.record.touches(condition.path()));
        let mut pended = self.in_phase(task, Phase::Done(Done::Pended));
        if !refused && pended.record.pend(&write.changes, condition, clock.now, clock.mark).is_ok() {
            worlds.push(pended);
        }
        let overlaps = write.changes.iter().any(|(path, _)| self.record.touches(path));
        if write.return_old && !refused && !overlaps && !self.is_barred(task) && self.record.flight.is_none() {
            worlds.push(self.in_phase(task, Phase::Sending));
        }
        worlds
    }

    fn write_at_once(&self, task: usize, write: &Write) -> Vec<World> {
        // What the table finds out about the record may tell that one request does.
        [true, false].into_iter().filter_map(|splits| self.write_in_requests(task, write, splits)).collect()
    }

    fn write_in_requests(&self, task: usize, write: &Write, splits: bool) -> Option<World> {
        let db = self.record.db.as_ref();
        let met = write.condition.as_ref().is_none_or(|condition| condition.holds(db));
        let mut first = self.record.at_once(&write.changes).ok().filter(|_| met)?;
        if !first.is_met(db.unwrap_or(&self.record.key), FIELDS) {
            return None;
        }
        let later = first.take_later(&mut || splits);
        let phase = if later.is_empty() { Phase::Done(Done::Sent) } else { Phase::Half(later) };
        let mut world = self.sent(task, &first, phase);
        // What the table knew without the assumed values is what it went on.
        world.record.assumed = Pending::default();
        Some(world)
    }

    fn sent(&self, task: usize, pending: &Pending, phase: Phase) -> World {
        let mut world = self.in_phase(task, phase);
        world.record.db = pending.over_record(self.record.db.as_ref(), &self.record.key);
        world
    }

    fn seal(&self, task: usize, kind: Option<Kind>, mode: Mode) -> Vec<World> {
        let mut world = self.in_phase(task, Phase::Sealed);
        if !world.record.seal(kind) {
            let done = if self.phases[task] == Phase::Resolved { Done::Committed } else { Done::Nothing };
            world.phases[task] = Phase::Done(done);
        }
        let Some(flight) = world.record.flight.as_mut().filter(|flight| !flight.doubt) else { return vec![world] };
        flight.told = matches!(mode, Mode::Atomic | Mode::ExactlyOnce);
        let fewer = if flight.parts.len() > 1 { flight.with_fewer_requests() } else { Vec::new() };
        let mut worlds = vec![world.clone()];
        worlds.extend(fewer.into_iter().map(|flight| {
            let record = Record { flight: Some(flight), ..world.record.clone() };
            World { record, ..world.clone() }
        }));
        worlds
    }

    /// A commit meets a request in doubt: it stays so, or is sent again, or turns out not to have been applied.
    fn resend(&self, task: usize, resolved: &Phase) -> Vec<World> {
        let mut worlds = vec![self.in_phase(task, Phase::Done(Done::Doubt))];
        let Some(flight) = &self.record.flight else { return worlds };
        let unapplied = flight.applied == flight.settled;
        let next = &flight.parts[flight.settled..];
        let repeatable = next.first().is_none_or(|part| !part.any(|node| !node.is_repeatable()));
        let mut applied = self.in_phase(task, Phase::Done(Done::Doubt));
        if unapplied {
            applied.record.apply_next();
            worlds.push(applied.clone());
        }
        let mut settled = Vec::new();
        applied.settle();
        applied.record.land();
        settled.push(applied);
        if unapplied || repeatable {
            let mut back = self.clone();
            back.record.land();
            settled.push(back);
        }
        for settled in settled {
            worlds.push(settled.in_phase(task, resolved.clone()));
            if flight.told {
                worlds.push(settled.in_phase(task, Phase::Waiting));
            }
        }
        worlds
    }

    /// What can become of requests under way.
    fn fly(&self, task: usize, mode: Mode) -> Vec<World> {
        let Some(flight) = &self.record.flight else { return Vec::new() };
        let mut worlds = vec![{
            let mut doubt = self.in_phase(task, Phase::Done(Done::Doubt));
            doubt.doubt();
            doubt
        }];
        let expected = self.record.expected(FIELDS);
        if mode == Mode::Batched && flight.applied == flight.settled {
            // What a batch does not carry, or refuses, goes alone.
            let mut left = self.in_phase(task, Phase::Waiting);
            left.record.land();
            worlds.push(left);
        }
        if flight.applied > flight.settled {
            let mut settled = self.clone();
            settled.settle();
            if settled.record.flight.as_ref().is_some_and(|flight| flight.settled == flight.parts.len()) {
                settled.record.land();
                settled.phases[task] = Phase::Done(Done::Committed);
            }
            worlds.push(settled);
        } else {
            let mut back = self.in_phase(task, Phase::Done(Done::Back(expected)));
            back.record.land();
            worlds.push(back);
            if expected == Commit::Applied || self.changes_nothing() {
                let mut applied = self.clone();
                applied.record.apply_next();
                worlds.push(applied);
            }
        }
        worlds
    }

    /// Whether the next request has nothing to do: then it need not be sent, whatever its conditions are.
    fn changes_nothing(&self) -> bool {
        let mut applied = self.record.clone();
        applied.apply_next();
        applied.db == self.record.db
    }

    fn settle(&mut self) {
        if let Some(flight) = &mut self.record.flight {
            flight.settled += 1;
        }
    }

    pub(crate) fn doubt(&mut self) {
        if let Some(flight) = &mut self.record.flight {
            flight.doubt = true;
        }
    }

    /// The states in which it is in doubt whether the request after so many was applied.
    pub(crate) fn in_doubt_at(&self, settled: usize) -> [World; 2] {
        [settled, settled + 1].map(|applied| {
            let mut world = self.clone();
            if let Some(flight) = &mut world.record.flight {
                (flight.settled, flight.applied) = (settled, applied);
            }
            world
        })
    }

    /// What the state may be where a call is given up.
    pub(crate) fn dropped(mut self, task: usize) -> Vec<World> {
        let phase = std::mem::replace(&mut self.phases[task], Phase::Idle);
        if phase == Phase::Done(Done::Replaced) {
            self.record.lose_track();
        }
        let Phase::Sealed = phase else {
            // What was pended was answered at once.
            return if phase == Phase::Done(Done::Pended) { Vec::new() } else { vec![self] };
        };
        let mut worlds = Vec::new();
        if self.record.flight.as_ref().is_some_and(|flight| flight.applied == flight.settled) {
            let mut back = self.clone();
            back.record.land();
            worlds.push(back);
        }
        self.doubt();
        worlds.push(self);
        worlds
    }
}

/// The states with all those that calls under way can have brought about.
pub(crate) fn closure(worlds: &mut Vec<World>, jobs: &[Option<Job>; 2], clock: Clock) {
    let mut next = 0;
    while next < worlds.len() {
        for (task, job) in jobs.iter().enumerate() {
            let Some(job) = job else { continue };
            for world in worlds[next].moves(task, job, clock) {
                if !worlds.contains(&world) {
                    worlds.push(world);
                }
            }
        }
        next += 1;
    }
}
