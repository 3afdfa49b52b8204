//! What is sent at once: changes of fields, and whole records.

use structnosql_core::TableDataModel;

use super::office::{Office, said};
use super::shared::{Edit, Field, ID, Name, Shared};
use super::{Caching, writer};
use crate::soak::bench::Checked;

impl Office {
    pub(super) async fn write(&mut self, at: usize, edits: &[Edit], unchecked: bool) -> Checked {
        let changes = edits.iter().map(Edit::change).collect::<Vec<_>>();
        let stored = self.stored.clone();
        if !self.writers[at].pending.is_empty() || stored.is_none() && !edits.iter().all(Edit::creates) {
            return Ok(());
        }
        let (may_write, done) = match self.caching.get(at) {
            Some(table) => {
                let write = table.update_multiple_fields_return_old(ID, changes);
                let done = if unchecked { write.unchecked().await } else { write.await };
                (unchecked || self.writers[at].may_write(stored.as_ref()), done.map(Some))
            }
            None => {
                let write = self.basic.update_multiple_fields(ID, changes);
                let done = if unchecked { write.unchecked().await } else { write.await };
                (true, done.map(|()| None))
            }
        };
        let refused = edits.iter().any(Edit::is_refused);
        // A caching table that knows the old values pends the change.
        let pended = self.caching.get(at).is_some_and(Caching::has_pending_operations);
        if done.is_ok() != ((may_write || pended) && !refused) {
            return Err(format!("{edits:?} gave {:?}, where it may be written: {may_write}", done.err()));
        }
        match done {
            Ok(old) => {
                let f = Shared::fields;
                let was = writer::field_of(stored.as_ref(), Name::Left);
                let left = old.as_ref().filter(|_| edits.iter().any(|edit| edit.name() == Name::Left));
                if let Some(old) = left {
                    let old = Field::Number(old.get(&f().left()).map_err(said)?.map(i128::from));
                    let fits = if pended { self.writers[at].may_show(Name::Left, &old) } else { old == was };
                    if !fits {
                        return Err(format!("{old:?} is the old value, where {stored:?} was stored"));
                    }
                }
                if pended && unchecked {
                    // With what is checked beside it, it would be checked too.
                    self.rollback(at);
                    return Ok(());
                }
                if pended {
                    self.writers[at].pending.extend(edits.iter().cloned());
                    return Ok(());
                }
                self.stored = Some(self.raised(edits));
                self.read_whole_again(at).await
            }
            Err(error) if refused || error.is_conflict() => {
                if !refused {
                    self.rollback(at);
                }
                Ok(())
            }
            Err(error) => Err(format!("no conflict: {error}")),
        }
    }

    /// After its own write a table knows what is stored; then it forgets everything.
    async fn read_whole_again(&mut self, at: usize) -> Checked {
        if let Some(table) = self.caching.get(at) {
            let expected = writer::version_of(self.stored.as_ref());
            let version = table.get_field(ID, Shared::fields().version()).await.map_err(said)?;
            if version != expected {
                return Err(format!("it reads its own write as version {version:?}, expected {expected:?}"));
            }
        }
        self.rollback(at);
        Ok(())
    }

    pub(super) async fn put(&mut self, at: usize, left: i64, unchecked: bool) -> Checked {
        let held = self.writers[at].held.clone().unwrap_or_else(Shared::unwritten);
        let record = Shared { left: Some(left), ..held };
        let put = match self.caching.get(at) {
            Some(table) => {
                let put = table.put_record(&record);
                if unchecked { put.unchecked().await } else { put.await }
            }
            None => {
                let put = self.basic.put_record(&record);
                if unchecked { put.unchecked().await } else { put.await }
            }
        };
        let (done, stored) = (put, version_or_none(self.stored.as_ref()));
        let expected = unchecked || record.version == stored;
        if done.is_ok() != expected {
            return Err(format!("a put at version {} gave {done:?} over {:?}", record.version, self.stored));
        }
        match done {
            Ok(()) => {
                self.replaced(Some(Shared { version: stored + 1, ..record }));
                self.read_whole_again(at).await
            }
            Err(error) if error.is_conflict() => {
                self.rollback(at);
                Ok(())
            }
            Err(error) => Err(format!("no conflict: {error}")),
        }
    }

    pub(super) async fn create(&mut self, at: usize) -> Checked {
        let done = match self.caching.get(at) {
            Some(table) => table.create_record(&Shared::unwritten()).await,
            None => self.basic.create_record(&Shared::unwritten()).await,
        };
        if done.is_ok() != self.stored.is_none() {
            return Err(format!("a record is created over {:?}: {done:?}", self.stored));
        }
        if done.is_ok() {
            self.replaced(Some(Shared { version: 1, ..Shared::unwritten() }));
            return self.read_whole_again(at).await;
        }
        self.rollback(at);
        Ok(())
    }

    pub(super) async fn delete(&mut self, at: usize, unchecked: bool) -> Checked {
        if self.stored.is_none() {
            return Ok(());
        }
        let may_write = self.writers[at].may_write(self.stored.as_ref());
        let (done, expected) = match self.caching.get(at) {
            Some(table) if unchecked => (table.delete_record(ID).unchecked().await, true),
            Some(table) => (table.delete_record(ID).await, may_write),
            None if unchecked => (self.basic.delete_record(ID).unchecked().await, true),
            None => (self.basic.delete_record(ID).await, true),
        };
        match done {
            Ok(()) if expected => self.replaced(None),
            Err(error) if !expected && error.is_conflict() => {}
            done => return Err(format!("a deletion gave {done:?}, where it may be: {expected}")),
        }
        self.rollback(at);
        Ok(())
    }

    /// The record came into being, or went: versions begin anew, and what was read before says nothing.
    fn replaced(&mut self, record: Option<Shared>) {
        if record.is_none() || self.stored.is_none() {
            (0..self.writers.len()).for_each(|at| self.rollback(at));
        }
        self.stored = record;
    }
}

/// The version as a model reads it.
fn version_or_none(stored: Option<&Shared>) -> u64 {
    stored.map_or(0, |stored| stored.version)
}
