//! The table under test with its tasks, and the entries that it has accepted.

use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use fastrand::Rng;
use structnosql_core::{Billing, CommitReport, Error, Map, Savepoint};

use super::book::{BOOKS, Book, Table, id};
use super::entries::{Entries, Fate};
use super::{Act, Clear, How, Setting, Step};
use crate::soak::Tally;
use crate::soak::bench::Checked;
use crate::soak::patience::{ENOUGH, Underway, pass, pass_time};
use crate::{Counted, Faulty, Reference};

/// So many tasks at the same time.
const TASKS: usize = 4;

pub(super) struct Desk {
    pub(super) table: Rc<Table>,
    setting: Setting,
    /// Of each book.
    pub(super) entries: Vec<Entries>,
    /// What each held when it was looked at last.
    pub(super) stored: Vec<Option<Map>>,
    /// Whether another program has closed each.
    pub(super) closed: [bool; BOOKS],
    pub(super) tasks: Vec<Task>,
    pub(super) savepoints: Vec<(Savepoint, u64)>,
    pub(super) now: u64,
    /// Nothing has gone wrong so far, nor been given up.
    pub(super) calm: bool,
    pub(super) tally: Tally,
}

pub(super) struct Task {
    pub(super) act: Act,
    underway: Underway<Answer>,
    pub(super) began: u64,
    /// So many requests had been sent before, and no other task was there.
    pub(super) alone_since: Option<usize>,
    /// Something was cleared meanwhile.
    pub(super) cleared: bool,
    /// A write in doubt is in its way, and nobody is there who could settle that.
    pub(super) behind_doubt: bool,
    /// Something was in doubt meanwhile.
    pub(super) doubted: bool,
}

pub(super) enum Answer {
    Committed(Result<CommitReport, Error>),
    Written(Result<(), Error>),
    Read(Result<Option<Book>, Error>),
}

impl Desk {
    pub(super) async fn open(setting: &Setting) -> Result<Desk, String> {
        let table = Table::attach(Counted::new(Faulty::new(Reference::new())));
        let said = |error: Error| error.to_string();
        table.create_table(Billing::OnDemand).await.map_err(said)?;
        for book in &setting.books {
            table.put_record(&Book::first(*book)).await.map_err(said)?;
        }
        table.clear_cached_data();
        let (tasks, savepoints, calm) = (Vec::new(), Vec::new(), setting.storm.is_none());
        let (entries, tally) = (vec![Entries::default(); BOOKS], Tally { cases: 1, ..Tally::default() });
        let (table, setting, stored) = (table.into(), setting.clone(), vec![None; BOOKS]);
        let desk =
            Desk { table, setting, entries, stored, closed: [false; BOOKS], tasks, savepoints, now: 1, calm, tally };
        desk.weather(true);
        Ok(desk)
    }

    pub(super) fn tally(&self) -> Tally {
        let store = self.table.backend();
        Tally { requests: store.requests() as u64, faults: store.inner().injected(), ..self.tally }
    }

    pub(super) fn was_there(&self, book: usize) -> bool {
        self.setting.books.contains(&book)
    }

    fn weather(&self, stormy: bool) {
        let faulty = self.table.backend().inner();
        match self.setting.storm.filter(|_| stormy) {
            Some((seed, probability)) => faulty.at_random(seed ^ self.now, probability, true),
            None => faulty.heal(),
        }
    }

    pub(super) fn step(&mut self, step: &Step) -> Checked {
        self.now += 1;
        match step {
            Step::Pend(book, entries, guarded) => self.pend(*book, entries, *guarded)?,
            Step::Close(book, closed) => self.close(*book, *closed)?,
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
            Step::Savepoint => self.savepoints.push((self.table.savepoint(), self.now)),
            Step::RollbackTo(back) => self.rollback_to(*back),
            Step::Resolve(book) => self.resolve(*book)?,
            // A request takes no minutes.
            Step::Wait(minutes) if self.tasks.is_empty() => pass(Duration::from_secs(60 * minutes)),
            Step::Wait(_) => {}
            Step::Rest => self.rest()?,
        }
        Ok(())
    }

    fn begin(&mut self, act: &Act) -> Checked {
        if self.tasks.len() == TASKS {
            return Ok(());
        }
        self.tally.operations += 1;
        let mut act = act.clone();
        if let Act::AtOnce(book, entries) = &mut act {
            *entries = self.possible(*book, entries);
            // Whether they are sent or pended is not known before there is an answer.
            self.entries[*book].accept(entries, self.now, Fate::Open, false);
        }
        for other in &mut self.tasks {
            other.alone_since = None;
            other.behind_doubt &= !act.writes();
        }
        let alone_since = Some(self.table.backend().requests()).filter(|_| self.tasks.is_empty());
        let doubted = self.is_any_in_doubt();
        let behind_doubt = match &act {
            Act::AtOnce(book, _) => !self.tasks.iter().any(|task| task.act.writes()) && self.is_in_doubt(*book),
            _ => false,
        };
        let underway = Underway::new(start(act.clone(), self.table.clone()));
        self.tasks.push(Task { act, underway, began: self.now, alone_since, cleared: false, doubted, behind_doubt });
        self.poll(self.tasks.len() - 1).map(drop)
    }

    /// Gives whether the task has come to its end.
    fn poll(&mut self, task: usize) -> Result<bool, String> {
        self.now += 1;
        let poll = self.tasks[task].underway.poll();
        self.observe()?;
        let Poll::Ready(answer) = poll else { return Ok(false) };
        let ended = self.tasks.swap_remove(task);
        let act = ended.act.clone();
        self.judge(ended, answer).map_err(|problem| format!("{problem}; by {act:?}"))?;
        self.note_doubts();
        Ok(true)
    }

    /// What is in doubt stands in the way of what is known of other tasks.
    fn note_doubts(&mut self) {
        if !self.tasks.is_empty() && self.is_any_in_doubt() {
            self.tasks.iter_mut().for_each(|task| task.doubted = true);
        }
    }

    fn is_any_in_doubt(&self) -> bool {
        self.table.has_pending_operations() && (0..BOOKS).any(|book| self.is_in_doubt(book))
    }

    pub(super) fn is_in_doubt(&self, book: usize) -> bool {
        self.table.plan_record(id(book)).is_some_and(|plan| plan.in_doubt.is_some())
    }

    /// Whether a request may be under way that writes in the book.
    pub(super) fn is_written(&self, book: usize) -> bool {
        self.tasks.iter().any(|task| task.act.writes() && task.act.is_of(book)) || self.is_in_doubt(book)
    }

    fn give_up(&mut self, task: usize) -> Checked {
        drop(self.tasks.swap_remove(task));
        self.calm = false;
        self.tally.cancellations += 1;
        self.observe()?;
        self.note_doubts();
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
        self.run_out(&mut Rng::with_seed(self.now))?;
        self.weather(false);
        self.check_all()?;
        self.weather(true);
        Ok(())
    }

    /// In the end the weather clears, and everything is applied that was not cleared.
    pub(super) fn end(&mut self) -> Checked {
        self.rest()?;
        self.weather(false);
        self.setting.storm = None;
        (0..BOOKS).try_for_each(|book| self.resolve(book))?;
        (0..BOOKS).try_for_each(|book| self.close(book, false))?;
        self.check_all()?;
        self.calm = true;
        self.begin(&Act::Commit { removals: None, only: None, how: How::Alone, concurrency: None })?;
        self.rest()?;
        self.clear(Clear::CachedData(None));
        self.rest()?;
        match self.table.has_pending_operations() {
            true => Err(format!("{:?} stay pending", self.table.pending_operations())),
            false => Ok(()),
        }
    }
}

async fn start(act: Act, table: Rc<Table>) -> Answer {
    match act {
        Act::Commit { removals, only, how, concurrency } => {
            let commit = match (removals, only) {
                (None, None) => table.commit_operations(),
                (None, Some(book)) => table.commit_record(id(book)),
                (Some(true), _) => table.commit_remove_operations(),
                (Some(false), _) => table.commit_update_operations(),
            };
            let commit = concurrency.into_iter().fold(commit, structnosql_core::Call::concurrency);
            Answer::Committed(match how {
                How::Alone => commit.await,
                How::ExactlyOnce => commit.exactly_once().await,
                How::Batched => commit.batched().await,
                How::Atomic => commit.atomic().await,
            })
        }
        Act::AtOnce(book, entries) => {
            let changes: Vec<_> = entries.iter().map(|entry| entry.change()).collect();
            Answer::Written(table.update_multiple_fields_return_old(id(book), changes).await.map(drop))
        }
        Act::Read(book) => Answer::Read(table.get_record(id(book)).await),
    }
}
