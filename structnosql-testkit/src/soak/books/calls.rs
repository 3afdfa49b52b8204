//! What is done at once: pending entries, clearing, telling what became of a write.

use structnosql_core::{BasicTable, Resolution, TableDataModel};

use super::Clear;
use super::book::{BOOKS, Book, Entry, id, is_open, sent};
use super::desk::Desk;
use super::entries::Fate;
use crate::soak::bench::{Checked, finished};
use crate::soak::patience::finish;

impl Desk {
    /// Those that can be made in the book.
    pub(super) fn possible(&self, book: usize, entries: &[Entry]) -> Vec<Entry> {
        entries.iter().copied().filter(|entry| self.was_there(book) || !entry.takes_out()).collect()
    }

    pub(super) fn pend(&mut self, book: usize, entries: &[Entry], guarded: bool) -> Checked {
        let entries = self.possible(book, entries);
        self.tally.operations += 1;
        let before = self.table.backend().requests();
        let changes: Vec<_> = entries.iter().map(|entry| entry.change()).collect();
        let pend = self.table.update_multiple_fields(id(book), changes);
        let pend = if guarded { pend.condition(is_open()) } else { pend };
        finished(finish(pend))?.map_err(|error| error.to_string())?;
        if self.table.backend().requests() > before {
            return Err("a change that is pended sent a request".to_owned());
        }
        self.entries[book].accept(&entries, self.now, Fate::Pending, guarded);
        Ok(())
    }

    /// Another program closes the book, or opens it. Where a write of it is under way that could be before or after.
    pub(super) fn close(&mut self, book: usize, closed: bool) -> Checked {
        if self.tasks.iter().any(|task| task.act.writes()) {
            return Ok(());
        }
        let closed_by = closed.then_some(1);
        let of_other = BasicTable::<Book, _>::attach(self.table.backend().inner().inner().clone());
        let written = match closed_by {
            Some(by) => finished(finish(of_other.update_field(id(book), Book::fields().closed(), by)))?,
            None => finished(finish(of_other.delete_field(id(book), Book::fields().closed())))?,
        };
        self.closed[book] = closed;
        written.map_err(|error| error.to_string())
    }

    pub(super) fn clear(&mut self, how: Clear) {
        if matches!(how, Clear::PendingOf(_)) && (0..BOOKS).any(|book| self.is_written(book)) {
            // What of each kind is under way nothing tells.
            return;
        }
        self.tally.operations += 1;
        match how {
            Clear::CachedData(None) => self.table.clear_cached_data(),
            Clear::CachedData(Some(book)) => self.table.clear_cached_data_for_record(id(book)),
            Clear::Refresh(None) => self.table.refresh(),
            Clear::Refresh(Some(book)) => self.table.refresh_record(id(book)),
            Clear::Rollback(None) => self.table.rollback(),
            Clear::Rollback(Some(book)) => self.table.rollback_record(id(book)),
            Clear::Pending(None) => self.table.clear_pending_operations(),
            Clear::Pending(Some(book)) => self.table.clear_pending_operations_for_record(id(book)),
            Clear::PendingOf(true) => self.table.clear_pending_remove_operations(),
            Clear::PendingOf(false) => self.table.clear_pending_update_operations(),
        }
        self.tasks.iter_mut().for_each(|task| task.cleared = true);
        for book in (0..BOOKS).filter(|book| how.is_of(*book)) {
            let written = self.is_written(book);
            let entries = &mut self.entries[book];
            match how {
                Clear::CachedData(_) => entries.forget(true),
                Clear::Refresh(_) => entries.forget(false),
                Clear::Rollback(_) => {
                    entries.clear(written, false, |_| true);
                    entries.show_stored();
                }
                Clear::Pending(_) => entries.clear(written, true, |_| true),
                Clear::PendingOf(removals) => entries.clear(false, true, |one| one.entry.is_removal() == removals),
            }
        }
    }

    pub(super) fn rollback_to(&mut self, back: usize) {
        // What is under way stays, and nothing tells what that is.
        if (0..BOOKS).any(|book| self.is_written(book)) {
            return;
        }
        if let Some((savepoint, at)) = self.savepoints.iter().nth_back(back).copied() {
            self.table.rollback_to(savepoint);
            self.tasks.iter_mut().for_each(|task| task.cleared = true);
            self.entries.iter_mut().for_each(|entries| entries.rollback_to(at));
        }
    }

    /// Tells the table truly what became of a write in doubt.
    pub(super) fn resolve(&mut self, book: usize) -> Checked {
        // It would be a lie where it is being sent again.
        if self.tasks.iter().any(|task| task.act.writes()) {
            return Ok(());
        }
        let Some(in_doubt) = self.table.plan_record(id(book)).and_then(|plan| plan.in_doubt) else { return Ok(()) };
        let request = sent(&in_doubt.update.request.actions);
        let applied: Vec<Entry> = self.entries[book].of(Fate::Applied).collect();
        let is_applied = request.iter().any(|entry| applied.contains(entry));
        if is_applied != request.iter().all(|entry| applied.contains(entry)) {
            return Err(format!("a part of {request:?} was applied"));
        }
        let resolution = if is_applied { Resolution::Applied } else { Resolution::NotApplied };
        self.table.resolve_in_doubt(id(book), resolution);
        Ok(())
    }
}
