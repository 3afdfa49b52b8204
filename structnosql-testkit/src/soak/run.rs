//! Running the calls of a step, alone or two at a time, and checking all that they do.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use fastrand::Rng;

use super::bench::{Bench, Checked};
use super::patience::{ENOUGH, Woken, pass_time};
use super::start::{Running, clear, start};
use super::step::{Call, Clear, Faults, Mode, Putting, RECORDS, Step};
use super::world::{Job, Phase};
use crate::model::Path;

/// A call under way.
struct Task<'t> {
    call: &'t Call,
    future: Running<'t>,
    woken: Arc<Woken>,
    polls: usize,
}

impl Bench {
    /// One step with all its checks; how many calls made sense here.
    pub(crate) fn step(&mut self, step: &Step) -> Result<u64, String> {
        if let Some(weather) = step.weather {
            match weather.faults {
                Faults::Random { seed, probability } => self.faulty().at_random(seed, probability, true),
                Faults::After(requests, fault) => {
                    self.faulty().script(std::iter::repeat_n(None, requests).chain([Some(fault)]));
                }
            }
        }
        let done = self.calls(step);
        self.faulty().heal();
        let done = done?;
        self.rest();
        self.agree()?;
        for (record, path) in &step.looks {
            self.look(*record, std::slice::from_ref(path))?;
        }
        Ok(done)
    }

    fn calls(&mut self, step: &Step) -> Result<u64, String> {
        if step.weather.is_some() || step.meanwhile.is_some() {
            self.places.iter_mut().for_each(|place| place.known = false);
            self.keep_nothing();
        } else {
            return self.alone(&step.call);
        }
        if step.meanwhile.is_some() {
            self.start_afresh()?;
        }
        let table = self.table.clone();
        let mut rng = Rng::with_seed(step.meanwhile.as_ref().map_or(0, |meanwhile| meanwhile.seed));
        let mut delay = rng.usize(..8);
        let most = step.weather.map_or(ENOUGH, |weather| weather.polls);
        let mut second = step.meanwhile.as_ref().map(|meanwhile| &meanwhile.call);
        let mut done = 0;
        let mut tasks: [Option<Task<'_>>; 2] = [self.begin(&table, 0, &step.call, &mut done)?, None];
        // A call that was not polled has not been made.
        self.poll(0, &mut tasks)?;
        loop {
            let ready: Vec<usize> =
                (0..2).filter(|task| tasks[*task].as_ref().is_some_and(|task| task.woken.is_set())).collect();
            if let Some(call) = second
                && (delay == 0 || ready.is_empty())
            {
                second = None;
                tasks[1] = self.begin(&table, 1, call, &mut done)?;
                self.poll(1, &mut tasks)?;
                continue;
            }
            delay = delay.saturating_sub(1);
            let Some(task) = ready.get(rng.usize(..ready.len().max(1))).copied() else {
                pass_time();
                if tasks.iter().flatten().any(|task| task.woken.is_set()) {
                    continue;
                }
                let stuck = (0..2).filter(|task| tasks[*task].is_some()).collect::<Vec<_>>();
                if !stuck.is_empty() && step.weather.is_none() {
                    return Err("the calls wait for something that nobody will do".to_owned());
                }
                for task in stuck {
                    self.give_up(task, &mut tasks)?;
                }
                break;
            };
            self.poll(task, &mut tasks)?;
            let polls = tasks[task].as_ref().map_or(0, |task| task.polls);
            if polls >= ENOUGH {
                return Err("a call came to no end".to_owned());
            }
            if task == 0 && polls >= most {
                self.give_up(task, &mut tasks)?;
            }
        }
        Ok(done)
    }

    /// Two calls at a time over what another writer changed come to too much that the model cannot tell apart.
    fn start_afresh(&mut self) -> Checked {
        for record in 0..RECORDS {
            if self.places[record].is_stale() {
                self.resolve(record)?;
                self.clear(Clear::Rollback(Some(record)));
                self.clear(Clear::CachedData(Some(record)));
            }
        }
        Ok(())
    }

    fn poll(&mut self, task: usize, tasks: &mut [Option<Task<'_>>; 2]) -> Checked {
        let Some(running) = &mut tasks[task] else { return Ok(()) };
        running.woken.clear();
        running.polls += 1;
        let waker = Waker::from(running.woken.clone());
        let poll = running.future.as_mut().poll(&mut Context::from_waker(&waker));
        self.observe()?;
        if let Poll::Ready(answer) = poll {
            let call = running.call;
            tasks[task] = None;
            self.judge(task, call, &answer)?;
        }
        Ok(())
    }

    fn give_up(&mut self, task: usize, tasks: &mut [Option<Task<'_>>; 2]) -> Checked {
        if tasks[task].take().is_none() {
            return Ok(());
        }
        self.cancellations += 1;
        self.observe()?;
        for place in &mut self.places {
            place.advance(self.clock);
            let worlds = std::mem::take(&mut place.worlds);
            place.worlds = worlds.into_iter().flat_map(|world| world.dropped(task)).collect();
            if let Some(Job::Replace { since, .. }) = place.jobs[task].take() {
                place.change(|record| record.end_replacing(since));
            }
            place.tidy();
        }
        (0..RECORDS).try_for_each(|record| self.agree_with_stored(record))
    }

    /// Begins a call, or does it where it is done at once.
    fn begin<'t>(
        &mut self,
        table: &'t super::bench::SoakTable,
        task: usize,
        call: &'t Call,
        done: &mut u64,
    ) -> Result<Option<Task<'t>>, String> {
        if !self.makes_sense(call) {
            return Ok(None);
        }
        *done += 1;
        self.places.iter_mut().for_each(|place| place.advance(self.clock));
        self.clock.now += 1;
        let Some(future) = start(table, call)? else {
            self.at_once(call)?;
            return Ok(None);
        };
        self.expect(task, call);
        let woken = Arc::new(Woken::default());
        woken.set();
        Ok(Some(Task { call, future, woken, polls: 0 }))
    }

    /// Notes what a call wants of each record.
    pub(crate) fn expect(&mut self, task: usize, call: &Call) {
        let since = self.clock.now;
        let together = match call {
            Call::Commit { only: Some(only), .. } => self.together(*only),
            _ => Vec::new(),
        };
        for (record, place) in self.places.iter_mut().enumerate() {
            place.jobs[task] = match call {
                Call::Write(write) if write.record == record => Some(Job::Write(write.clone())),
                Call::Put { record: at, item, how } if *at == record => {
                    let key = place.record().key.clone();
                    let item = Some(item.clone().into_iter().chain(key).collect());
                    Some(Job::Replace { item, create: *how == Putting::Create, since })
                }
                Call::Delete { record: at, .. } if *at == record => {
                    Some(Job::Replace { item: None, create: false, since })
                }
                Call::WriteMany(written) if written.contains_key(&record) => {
                    let key = place.record().key.clone();
                    let item = written[&record].clone().map(|item| item.into_iter().chain(key).collect());
                    Some(Job::Replace { item, create: false, since })
                }
                Call::Commit { kind, only, mode } if only.is_none_or(|only| only == record) => {
                    Some(Job::Commit { kind: *kind, mode: *mode })
                }
                Call::Commit { .. } if together.contains(&record) => Some(Job::Settle),
                _ => None,
            };
            let replaces = matches!(place.jobs[task], Some(Job::Replace { .. }));
            let begun = place.jobs[task].is_some();
            for world in &mut place.worlds {
                if replaces {
                    world.record.boundary = since;
                }
                if begun {
                    world.phases[task] = Phase::Waiting;
                }
            }
            place.remember();
        }
    }

    pub(crate) fn at_once(&mut self, call: &Call) -> Checked {
        match call {
            Call::Clear(how) => self.clear(*how),
            Call::Savepoint => {
                self.savepoints.push((self.table.savepoint(), self.clock.now));
                self.clock.mark = self.clock.now;
            }
            Call::RollbackTo(back) => {
                if let Some((savepoint, mark)) = self.savepoints.iter().nth_back(*back).copied() {
                    self.table.rollback_to(savepoint);
                    self.places.iter_mut().for_each(|place| place.change(|record| record.rollback_to(mark)));
                }
            }
            Call::Resolve { record } => {
                // What a call that was given up left in doubt shows in what is pending.
                self.agree()?;
                self.resolve(*record)?;
            }
            Call::Foreign { write, clear } => {
                self.foreign(write)?;
                if let Some(how) = clear {
                    self.clear(*how);
                }
            }
            Call::ForeignDelete { record } => self.foreign_delete(*record)?,
            _ => {}
        }
        Ok(())
    }

    fn clear(&mut self, how: Clear) {
        clear(&self.table, how);
        for (_, place) in self.places.iter_mut().enumerate().filter(|(record, _)| how.is_of(*record)) {
            let assumed = !place.record().assumed.is_empty();
            if matches!(how, Clear::Pending(_) | Clear::PendingOf(_)) {
                place.may_have_seen_stored();
            }
            place.change(|record| match how {
                Clear::CachedData(_) => record.clear_cached_data(),
                Clear::Pending(_) => record.clear_pending(),
                Clear::PendingOf(kind) => record.clear_pending_kind(kind),
                Clear::CachedDataAndPending => {
                    record.rollback();
                    record.clear_cached_data();
                }
                Clear::Rollback(_) => record.rollback(),
                Clear::Refresh(_) => record.refresh(),
            });
            match how {
                Clear::CachedData(_) | Clear::CachedDataAndPending | Clear::Refresh(_) => place.known = false,
                _ => place.known &= !assumed && place.shows_no_more(),
            }
        }
    }

    /// At a case's end the weather clears: everything that was accepted is committed, once.
    pub(crate) fn end(&mut self) -> Checked {
        self.faulty().heal();
        self.look_everywhere()?;
        self.alone(&Call::Commit { kind: None, only: None, mode: Mode::PerRecord })?;
        self.agree()?;
        for record in 0..RECORDS {
            self.resolve(record)?;
        }
        self.agree()?;
        self.alone(&Call::Commit { kind: None, only: None, mode: Mode::PerRecord })?;
        self.agree()?;
        if let Some(place) = self.places.iter().find(|place| place.record().flight.is_some()) {
            return Err(format!("{:?} is in doubt without a fault", place.record().key));
        }
        self.look_everywhere()?;
        self.alone(&Call::Clear(Clear::CachedDataAndPending))?;
        self.look_everywhere()?;
        self.agree()
    }

    /// Reads the lists with pending changes: what they show can be left in sight only where they are known.
    pub(crate) fn know_lists(&mut self, how: Clear) -> Checked {
        for record in (0..RECORDS).filter(|record| how.is_of(*record)) {
            let mut lists: Vec<Path> = Vec::new();
            for layer in self.places[record].record().all_layers().filter(|layer| layer.visible) {
                layer.pending.visit(&[], &mut |path, node| {
                    if node.is_list() {
                        lists.push(path.to_vec());
                    }
                });
            }
            if !lists.is_empty() {
                self.look(record, &lists)?;
            }
        }
        Ok(())
    }
}
