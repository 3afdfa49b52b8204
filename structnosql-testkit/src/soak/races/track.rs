//! Tasks under way, and what is wrong with their answers.

use std::rc::Rc;
use std::task::Poll;

use fastrand::Rng;
use structnosql_core::{BasicTable, Billing};

use super::act::{Act, Answer};
use super::past::{Past, Since};
use super::racer::{LEAVES, Leaf, RECORDS, Racer, Seen, Stamp, Table, id};
use super::{Clear, Setting, Step};
use crate::soak::Tally;
use crate::soak::bench::{Checked, finished};
use crate::soak::patience::{ENOUGH, Underway, finish, pass_time};
use crate::{Counted, Faulty, Reference};

/// So many tasks at the same time.
const TASKS: usize = 6;

pub(super) struct Track {
    pub(super) table: Rc<Table>,
    /// Another program.
    foreign: BasicTable<Racer, Reference>,
    setting: Setting,
    pub(super) past: Past,
    pub(super) tasks: Vec<Task>,
    /// What was under way was rolled back: it stays in sight where it is refused.
    pub(super) dropped: [bool; RECORDS],
    /// Nothing has gone wrong so far, nor been given up.
    pub(super) calm: bool,
    tally: Tally,
}

pub(super) struct Task {
    pub(super) act: Act,
    underway: Underway<Answer>,
    pub(super) began: u64,
    pub(super) since: Since,
    /// Other tasks, or a clear, were about the same records.
    pub(super) met: bool,
    /// So were other writes, or a rollback.
    pub(super) contested: bool,
}

impl Track {
    pub(super) async fn open(setting: Setting) -> Result<Track, String> {
        let table = Table::attach(Counted::new(Faulty::new(Reference::new())));
        let table = setting.bound.into_iter().fold(table, Table::max_cached_records);
        table.create_table(Billing::OnDemand).await.map_err(|error| error.to_string())?;
        let tally = Tally { cases: 1, ..Tally::default() };
        let calm = setting.storm.is_none();
        let foreign = BasicTable::attach(table.backend().inner().inner().clone());
        let (past, tasks, dropped) = (Past::default(), Vec::new(), [false; RECORDS]);
        let track = Track { table: table.into(), foreign, setting, past, tasks, dropped, calm, tally };
        track.weather(true);
        Ok(track)
    }

    pub(super) fn tally(&self) -> Tally {
        let store = self.table.backend();
        Tally { requests: store.requests() as u64, faults: store.inner().injected(), ..self.tally }
    }

    fn weather(&self, stormy: bool) {
        let faulty = self.table.backend().inner();
        match self.setting.storm.filter(|_| stormy) {
            Some((seed, probability)) => faulty.at_random(seed ^ self.past.now, probability, true),
            None => faulty.heal(),
        }
    }

    pub(super) fn step(&mut self, step: &Step) -> Checked {
        self.past.now += 1;
        match step {
            Step::Begin(act) => self.begin(act)?,
            Step::GoOn { task, polls } => {
                let task = task % self.tasks.len().max(1);
                for _ in 0..*polls {
                    if self.tasks.get(task).is_some_and(|task| task.underway.is_ready()) && self.poll(task)? {
                        break;
                    }
                }
            }
            Step::GiveUp(task) if !self.tasks.is_empty() => {
                let task = task % self.tasks.len();
                self.give_up(task)?;
            }
            Step::GiveUp(_) => {}
            Step::Clear(how) => self.clear(*how),
            Step::Foreign(record, change) => self.foreign(*record, *change)?,
            Step::Rest => self.rest()?,
            Step::Crowd { record, acts, seed } => self.crowd(*record, acts, *seed)?,
        }
        Ok(())
    }

    fn begin(&mut self, act: &Act) -> Checked {
        if self.tasks.len() == TASKS {
            return Ok(());
        }
        self.tally.operations += 1;
        let records = act.records();
        let (mut met, mut contested) = (false, false);
        for other in &mut self.tasks {
            if other.act.records().iter().any(|record| records.contains(record)) {
                (met, other.met) = (true, true);
                let both_write = act.writes() && other.act.writes();
                (contested, other.contested) = (contested || both_write, other.contested || both_write);
            }
        }
        let is_shown = matches!(act, Act::Write { .. });
        act.stamps().into_iter().for_each(|stamp| self.past.accept(stamp, is_shown));
        let underway = Underway::new(act.start(&self.table));
        let (began, since) = (self.past.now, self.past.since());
        self.tasks.push(Task { act: act.clone(), underway, began, since, met, contested });
        // A call that was not polled has not been made.
        self.poll(self.tasks.len() - 1).map(drop)
    }

    /// Gives whether the task has come to its end.
    fn poll(&mut self, task: usize) -> Result<bool, String> {
        self.past.now += 1;
        let poll = self.tasks[task].underway.poll();
        self.observe()?;
        let Poll::Ready(answer) = poll else { return Ok(false) };
        let ended = self.tasks.swap_remove(task);
        let (act, met) = (ended.act.clone(), ended.met);
        let judged = self.judge(ended, answer);
        judged.map_err(|problem| format!("{problem}; by {act:?}, alone: {}", !met))?;
        self.settle()?;
        Ok(true)
    }

    fn observe(&mut self) -> Checked {
        let replaces: Vec<usize> = self.tasks.iter().flat_map(|task| task.act.replaces()).collect();
        self.past.observe(self.table.backend().inner().inner(), self.table.name(), &replaces)
    }

    fn give_up(&mut self, task: usize) -> Checked {
        drop(self.tasks.swap_remove(task));
        self.calm = false;
        self.tally.cancellations += 1;
        self.observe()?;
        self.settle()
    }

    fn clear(&mut self, how: Clear) {
        self.tally.operations += 1;
        match how {
            Clear::CachedData(None) => self.table.clear_cached_data(),
            Clear::CachedData(Some(record)) => self.table.clear_cached_data_for_record(id(record)),
            Clear::CachedDataAndPending => self.table.clear_cached_data_and_pending_operations(),
            Clear::Refresh(None) => self.table.refresh(),
            Clear::Refresh(Some(record)) => self.table.refresh_record(id(record)),
            Clear::Rollback(None) => self.table.rollback(),
            Clear::Rollback(Some(record)) => self.table.rollback_record(id(record)),
        }
        for record in (0..RECORDS).filter(|record| how.is_of(*record)) {
            if how.forgets() {
                self.past.forget(record);
            }
            self.dropped[record] |= how.drops() && self.tasks.iter().any(|task| task.act.writes());
            for task in self.tasks.iter_mut().filter(|task| task.act.records().contains(&record)) {
                (task.met, task.contested) = (true, true);
            }
        }
    }

    fn foreign(&mut self, record: usize, change: Option<(Leaf, Stamp)>) -> Checked {
        self.tally.operations += 1;
        let mut stamps = LEAVES.map(|leaf| self.past.stored_now(record, leaf));
        match change {
            Some((leaf, stamp)) => {
                stamps[leaf as usize] = Some(stamp);
                finished(finish(self.foreign.put_record(&Racer::of(record, stamps))))?
            }
            None => {
                stamps = [None; LEAVES.len()];
                finished(finish(self.foreign.delete_record(id(record))))?
            }
        }
        .map_err(|error| error.to_string())?;
        for leaf in LEAVES {
            let value = stamps[leaf as usize];
            if self.past.stored_now(record, leaf) != value {
                self.past.note(record, leaf, value);
            }
        }
        Ok(())
    }

    /// Lets all tasks go on to their ends; which goes first is drawn.
    fn run_out(&mut self, rng: &mut Rng) -> Checked {
        for _ in 0..ENOUGH {
            let ready: Vec<usize> =
                (0..self.tasks.len()).filter(|task| self.tasks[*task].underway.is_ready()).collect();
            if let Some(task) = ready.get(rng.usize(..ready.len().max(1))) {
                self.poll(*task)?;
                continue;
            }
            if self.tasks.is_empty() {
                return Ok(());
            }
            pass_time();
            if !self.tasks.iter().any(|task| task.underway.is_ready()) {
                if self.setting.storm.is_none() {
                    return Err("the calls wait for something that nobody will do".to_owned());
                }
                self.give_up(0)?;
            }
        }
        Err("the calls come to no end".to_owned())
    }

    fn rest(&mut self) -> Checked {
        self.run_out(&mut Rng::with_seed(self.past.now))?;
        self.weather(false);
        self.settle()?;
        for record in 0..RECORDS {
            for look in [Act::Read { record, leaves: LEAVES.to_vec(), consistent: true }, Act::ReadWhole(record)] {
                let shown = self.look(&look)?;
                let before = self.table.backend().requests();
                let again = self.look(&look)?;
                let is_kept = shown == again && self.table.backend().requests() == before;
                if self.setting.bound != Some(0) && !is_kept {
                    return Err(format!("{again:?} is read after {shown:?}, with another request"));
                }
            }
        }
        self.weather(true);
        Ok(())
    }

    /// A read while nothing else goes on.
    fn look(&mut self, act: &Act) -> Result<Vec<Seen>, String> {
        self.tally.operations += 1;
        self.past.now += 1;
        let (since, began) = (self.past.since(), self.past.now);
        let Answer::Shown(shown) = finished(finish(act.start(&self.table)))? else {
            return Err(format!("{act:?} failed without a fault"));
        };
        for seen in &shown {
            if !self.past.may_show(*seen, &since, began) {
                return Err(format!("{seen:?} is shown at rest, which was stored no more"));
            }
            self.past.showed(*seen, &since);
        }
        Ok(shown)
    }

    /// Several tasks read the same of a record that nothing is known of: one request answers them all.
    fn crowd(&mut self, record: usize, acts: &[Act], seed: u64) -> Checked {
        let mut rng = Rng::with_seed(seed);
        self.run_out(&mut rng)?;
        self.weather(false);
        self.settle()?;
        self.clear(Clear::CachedData(Some(record)));
        let before = self.table.backend().requests();
        acts.iter().try_for_each(|act| self.begin(act))?;
        self.run_out(&mut rng)?;
        let sent = self.table.backend().requests() - before;
        self.weather(true);
        if sent == 1 { Ok(()) } else { Err(format!("{sent} requests for what one brings")) }
    }

    /// In the end everything is forgotten: then the table shows what is stored.
    pub(super) fn end(&mut self) -> Checked {
        self.rest()?;
        self.clear(Clear::CachedDataAndPending);
        self.rest()
    }
}
