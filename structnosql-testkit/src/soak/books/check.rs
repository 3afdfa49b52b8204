//! Whether what the table shows, lists and reports of the entries is what became of them.

use structnosql_core::{Error, ErrorKind, Outcome, StructModel};

use super::book::{BOOKS, Book, Entry, Shown, as_shown, id, key, pending, sent};
use super::desk::{Answer, Desk, Task};
use super::entries::Fate;
use super::{Act, How};
use crate::soak::bench::{Checked, finished};
use crate::soak::patience::finish;

impl Desk {
    /// Looks at the database.
    pub(super) fn observe(&mut self) -> Checked {
        let reference = self.table.backend().inner().inner();
        for book in 0..BOOKS {
            let stored = reference.item(self.table.name(), &key(book));
            if stored == self.stored[book] {
                continue;
            }
            let decoded =
                stored.as_ref().map(Book::decode_fields).transpose().map_err(|mismatch| mismatch.to_string())?;
            let held = decoded.unwrap_or_default();
            let shown = held.shown(self.was_there(book));
            let entries = &mut self.entries[book];
            entries.observe(&shown, self.closed[book]).map_err(|problem| format!("{}: {problem}", id(book)))?;
            if !entries.is_in_order(&held.logged()) {
                return Err(format!("{}: its log has another order than its entries: {:?}", id(book), held.logged()));
            }
            self.stored[book] = stored;
        }
        Ok(())
    }

    pub(super) fn judge(&mut self, task: Task, answer: Answer) -> Checked {
        match (&task.act, answer) {
            (Act::Commit { removals, only, how, .. }, Answer::Committed(done)) => {
                let report = match &done {
                    Ok(report) => report,
                    Err(error) => match error.commit_report() {
                        Some(report) => report,
                        None if *how == How::Atomic && is_no_transaction(error) => return Ok(()),
                        None => return Err(format!("a commit failed: {error}")),
                    },
                };
                if done.is_ok() != report.is_complete() {
                    return Err("a report that says something else than the commit".to_owned());
                }
                let sent = task.alone_since.map(|before| self.table.backend().requests() - before);
                if sent.is_some_and(|sent| sent != report.requests() as usize) {
                    return Err(format!("it reports {} requests and sent {sent:?}", report.requests()));
                }
                for book in (0..BOOKS).filter(|book| only.is_none_or(|only| only == *book)) {
                    let outcome = report.records.iter().find(|one| one.key.to_string() == id(book));
                    // What was in doubt, and is sent again, has conditions of its own.
                    let is_resent = outcome.is_some_and(|one| one.resent);
                    let outcome = outcome.map(|one| &one.outcome);
                    if is_resent && matches!(outcome, Some(Outcome::Rejected(error)) if error.is_condition_failed()) {
                        continue;
                    }
                    let fits = |entry: Entry| removals.is_none_or(|removals| entry.is_removal() == removals);
                    self.judge_outcome(book, outcome, &task, &fits, *how)?;
                }
                Ok(())
            }
            (Act::AtOnce(book, entries), Answer::Written(done)) => {
                let (calm, now) = (self.calm, self.now);
                let of_book = &mut self.entries[*book];
                if task.behind_doubt && entries.iter().any(|entry| of_book.of(Fate::Applied).any(|one| one == *entry)) {
                    return Err("it was sent, past a write in doubt".to_owned());
                }
                match done {
                    // What has not been sent is pended, unless it was cleared since.
                    Ok(()) => of_book.settle(entries, now, if task.cleared { Fate::Unclear } else { Fate::Pending }),
                    Err(error) if calm => return Err(format!("it failed: {error}")),
                    Err(_) => of_book.settle(entries, now, Fate::Gone),
                }
                Ok(())
            }
            (Act::Read(book), Answer::Read(read)) => match read {
                Ok(read) if !task.cleared && !task.doubted => {
                    self.check_read(*book, &read.unwrap_or_default(), task.began)
                }
                Err(error) if self.calm => Err(format!("it failed: {error}")),
                _ => Ok(()),
            },
            _ => Err("an answer to another question".to_owned()),
        }
    }

    /// What a commit tells of a book.
    fn judge_outcome(
        &self,
        book: usize,
        outcome: Option<&Outcome>,
        task: &Task,
        fits: &dyn Fn(Entry) -> bool,
        how: How,
    ) -> Checked {
        let entries = &self.entries[book].0;
        let left = |began: u64| {
            entries.iter().find(|one| one.fate == Fate::Pending && one.at < began && fits(one.entry)).copied()
        };
        match outcome {
            None | Some(Outcome::Committed) => match left(task.began) {
                Some(left) => Err(format!("{:?} is said to be committed, and {left:?} is not", id(book))),
                None => Ok(()),
            },
            Some(Outcome::Rejected(error)) if how == How::Atomic && is_no_transaction(error) => Ok(()),
            Some(Outcome::NotSent(error)) if how == How::Atomic && is_cancelled(error) => Ok(()),
            Some(Outcome::Rejected(error)) if error.is_condition_failed() => {
                match self.closed[book] && self.entries[book].is_guarded(fits) {
                    true => Ok(()),
                    false => Err(format!("a condition of {} fails, and none is unmet", id(book))),
                }
            }
            Some(outcome) if self.calm => Err(format!("{} is {outcome:?} without a fault", id(book))),
            Some(_) => Ok(()),
        }
    }

    /// Everything that is shown and listed while nothing is under way.
    pub(super) fn check_all(&mut self) -> Checked {
        self.observe()?;
        for book in 0..BOOKS {
            self.check(book).map_err(|problem| format!("{}: {problem}", id(book)))?;
        }
        Ok(())
    }

    fn check(&mut self, book: usize) -> Checked {
        let plan = self.table.plan_record(id(book));
        let in_doubt = plan.as_ref().and_then(|plan| plan.in_doubt.as_ref());
        let mut listed = pending(&self.table.pending_for(id(book)));
        listed.sort_unstable();
        if let Some(in_doubt) = in_doubt {
            // What the request carries may be applied, or cleared, and is listed all the same.
            let request = sent(&in_doubt.update.request.actions);
            let open: Vec<Entry> =
                self.entries[book].of(Fate::Open).chain(self.entries[book].of(Fate::Unclear)).collect();
            let lost = self.entries[book].of(Fate::Pending).find(|entry| !listed.contains(entry));
            let is_pending = |entry: &Entry| self.entries[book].of(Fate::Pending).any(|pending| pending == *entry);
            let strange =
                listed.iter().find(|entry| !is_pending(entry) && !request.contains(entry) && !open.contains(entry));
            return match (lost, strange) {
                (None, None) => Ok(()),
                (lost, strange) => Err(format!("{lost:?} is not listed, {strange:?} is: {listed:?}")),
            };
        }
        self.entries[book].decide(&listed);
        let mut expected: Vec<Entry> = self.entries[book].of(Fate::Pending).collect();
        expected.sort_unstable();
        if listed != expected {
            return Err(format!("{listed:?} are listed as pending, expected {expected:?}"));
        }
        let read = finished(finish(self.table.get_record(id(book))))?.map_err(|error| error.to_string())?;
        let read = read.unwrap_or_default();
        self.check_shown(book, &read.shown(self.was_there(book)))
    }

    /// A read at rest shows what is applied, and what is pending and in sight.
    fn check_shown(&self, book: usize, shown: &Shown) -> Checked {
        let entries = &self.entries[book].0;
        let times = |entry: Entry| shown.get(&as_shown(entry)).copied().unwrap_or(0);
        for one in entries {
            let fits = match one.fate {
                Fate::Applied => times(one.entry) == 1,
                Fate::Pending if !one.is_hidden => times(one.entry) == 1,
                Fate::Pending => times(one.entry) <= u32::from(one.may_be_in_sight),
                Fate::Open | Fate::Unclear | Fate::Gone => times(one.entry) <= u32::from(one.may_be_in_sight),
            };
            if !fits {
                return Err(format!("{one:?} is shown {} times", times(one.entry)));
            }
        }
        let strange = shown.keys().find(|entry| !entries.iter().any(|one| as_shown(one.entry) == **entry));
        strange.map_or(Ok(()), |strange| Err(format!("{strange:?} is shown, and nobody made it")))
    }

    /// A read beside other calls, while nothing was cleared nor in doubt.
    fn check_read(&self, book: usize, read: &Book, began: u64) -> Checked {
        let shown = read.shown(self.was_there(book));
        let entries = self.entries[book].0.iter().filter(|one| one.at < began && !one.is_hidden);
        let mut visible = entries.filter(|one| matches!(one.fate, Fate::Pending | Fate::Applied));
        match visible.find(|one| shown.get(&as_shown(one.entry)) != Some(&1)) {
            Some(one) => Err(format!("{one:?} is shown {:?} times", shown.get(&as_shown(one.entry)))),
            None => Ok(()),
        }
    }
}

/// Whether something was refused because it cannot be one transaction.
fn is_no_transaction(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::NotAtomic { .. } | ErrorKind::InDoubt { .. })
}

/// Whether another record was in the way.
fn is_cancelled(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Cancelled { .. })
}
