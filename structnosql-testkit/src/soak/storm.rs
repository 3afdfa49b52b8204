//! Steps under faults and cancellation.
//!
//! The database is looked at after every step, past everything: a record is there as it was before a write or as it
//! is after the whole of it, and what the table reports is true of it. What is in doubt leaves both open.

use structnosql_core::{DocumentPath, Error, StructModel};

use super::bench::{Bench, Checked, id, is_missing_parent, tree};
use super::document::{Document, FIELDS, field};
use super::doubt::Doubt;
use super::patience::finish_within;
use super::step::{Call, Step, Weather, Write};
use super::writes::{changes, lists_are_plain, positions_are_certain, removes_from_nothing};
use crate::model::{Commit, Entries, Pending, Record, map_of};

impl Bench {
    /// One step in bad weather, with all its checks; whether it made sense here.
    pub(crate) fn storm(&mut self, step: &Step, weather: Weather) -> Result<bool, String> {
        self.faulty().at_random(weather.seed, weather.probability, true);
        let done = match &step.call {
            Call::Write(write) if write.return_old => self.storm_replace(write, weather),
            Call::Write(write) => self.storm_write(write, weather),
            Call::Put { record, item, .. } => self.storm_put(*record, Some(item), weather),
            Call::Delete { record, .. } => self.storm_put(*record, None, weather),
            Call::ReadSeveral { record, paths } => {
                let fields: Vec<_> = paths.iter().map(field).collect();
                // A read that fails, or is given up, teaches nothing: the looks below show that.
                drop(finish_within(self.table.get_field(&id(*record), fields).skip_validation(), weather.polls));
                Ok(true)
            }
            Call::Commit { .. } => self.storm_commit(weather),
            Call::Clear(super::step::Clear::Refresh(None)) => {
                self.table.refresh();
                self.records.iter_mut().for_each(Record::refresh);
                Ok(true)
            }
            _ => Ok(false),
        };
        self.faulty().heal();
        let done = done?;
        for (at, record) in self.records.iter().enumerate() {
            if self.stored(at)? != record.db {
                return Err(format!("the database holds something else for {} than it should", id(at)));
            }
        }
        for (record, path) in &step.looks {
            self.calm_look(*record, path)?;
        }
        Ok(done)
    }

    pub(crate) fn faulty(&self) -> &crate::Faulty<crate::Reference> {
        self.counted().inner()
    }

    pub(crate) fn faults(&self) -> u64 {
        self.faulty().injected()
    }

    /// Reads without faults; a list whose change is in doubt may show it twice, or not.
    fn calm_look(&mut self, record: usize, path: &crate::model::Path) -> Checked {
        match &self.doubts[record] {
            Some(doubt) if doubt.is_final() => Ok(()),
            _ => self.look(record, std::slice::from_ref(path)),
        }
    }

    /// A write that is pended. A list may have to be read for it.
    fn storm_write(&mut self, write: &Write, weather: Weather) -> Result<bool, String> {
        if !self.is_plain(write) || write.if_exists {
            return Ok(false);
        }
        let accepted = self.records[write.record].accepts(&write.changes);
        let key = id(write.record);
        let call = self.table.update_multiple_fields(&key, changes(write));
        match finish_within(call, weather.polls) {
            Ok(Ok(())) if accepted => self.pend(write),
            Ok(Ok(())) => Err("a write was accepted that leads through something without children".to_owned()),
            Ok(Err(error)) if !accepted && error.is_type_conflict() => Ok(true),
            Ok(Err(error)) if is_injected(&error) => Ok(true),
            Ok(Err(error)) => Err(format!("{write:?} failed: {error}")),
            Err(_) => Ok(true),
        }
    }

    fn is_plain(&self, write: &Write) -> bool {
        let record = &self.records[write.record];
        let in_list =
            |path: &crate::model::Path| path.iter().any(|at| matches!(at, structnosql_core::Segment::Index(_)));
        let doubtful = self.doubts[write.record].is_some() && write.changes.iter().any(|(path, _)| in_list(path));
        lists_are_plain(record, write)
            && positions_are_certain(record, write)
            && !removes_from_nothing(record, write)
            && !doubtful
    }

    fn pend(&mut self, write: &Write) -> Result<bool, String> {
        let refused = |_| "a write was accepted that the model refuses".to_owned();
        if let Some(newest) = self.doubts[write.record].as_mut().and_then(|doubt| doubt.layers.last_mut()) {
            for (path, action) in &write.changes {
                newest.add(path, action.clone(), None).map_err(refused)?;
            }
        }
        self.records[write.record].pend(&write.changes, false).map_err(refused)?;
        Ok(true)
    }

    /// A write that returns the old values: pended, or sent at once.
    fn storm_replace(&mut self, write: &Write, weather: Weather) -> Result<bool, String> {
        let record = &self.records[write.record];
        if !self.is_plain(write) || write.if_exists || !record.accepts(&write.changes) {
            return Ok(false);
        }
        let overlaps = write.changes.iter().any(|(path, _)| record.whole.at(path).is_some());
        let Ok(alone) = record.at_once(if overlaps { &[] } else { &write.changes }) else {
            return Ok(false);
        };
        let key = id(write.record);
        let call = self.table.update_multiple_fields_return_old(&key, changes(write));
        let result = finish_within(call, weather.polls);
        let stored = self.stored(write.record)?;
        let before = self.records[write.record].db.clone();
        let after = alone.committed(None);
        match result {
            Ok(Ok(old)) => {
                for (path, _) in &write.changes {
                    let value = old.get(&field(path)).map_err(|error| error.to_string())?;
                    let value = value.as_ref().map(tree).transpose()?;
                    if !self.doubts[write.record].as_ref().is_some_and(Doubt::is_final) {
                        self.check(write.record, path, value.as_ref())
                            .map_err(|error| format!("old value: {error}"))?;
                    }
                }
                if overlaps || self.lists(write) {
                    return self.pend(write);
                }
                if stored != after {
                    return Err("a write was reported as applied and is not".to_owned());
                }
                self.records[write.record].db = stored;
                Ok(true)
            }
            Ok(Err(error)) if is_missing_parent(&error) && alone.expected(None, FIELDS) == Commit::Missing => Ok(true),
            Ok(Err(error)) if !is_injected(&error) => Err(format!("{write:?} failed: {error}")),
            Ok(Err(error)) if !error.may_be_applied() && stored != before => {
                Err(format!("a write was reported as not applied and is: {error}"))
            }
            Ok(Err(_)) | Err(_) => self.adopt(write.record, &[before, after]),
        }
    }

    /// Whether the table has these changes among the pending ones.
    fn lists(&self, write: &Write) -> bool {
        let pending = self.table.pending_for(id(write.record));
        write.changes.iter().any(|(path, _)| {
            let path = DocumentPath::from_iter(path.iter().cloned());
            pending.iter().any(|operation| operation.path.starts_with(&path) || path.starts_with(&operation.path))
        })
    }

    /// A put, or a delete.
    fn storm_put(&mut self, record: usize, item: Option<&Entries>, weather: Weather) -> Result<bool, String> {
        let before = self.records[record].db.clone();
        let after =
            item.map(|item| item.clone().into_iter().chain(self.records[record].key.clone()).collect::<Entries>());
        let result = match &after {
            Some(item) => {
                let document = Document::decode_fields(&map_of(item)).map_err(|mismatch| mismatch.to_string())?;
                finish_within(self.table.put_record(&document), weather.polls)
            }
            None => finish_within(self.table.delete_record(id(record)), weather.polls),
        };
        let stored = self.stored(record)?;
        match result {
            Ok(Ok(())) if self.doubts[record].is_some() => {
                Err("a record was replaced over a write in doubt".to_owned())
            }
            Ok(Ok(())) if stored != after => Err("a record was reported as replaced and is not".to_owned()),
            Ok(Ok(())) => {
                self.records[record].replace(after);
                Ok(true)
            }
            Ok(Err(_)) if self.doubts[record].is_some() && stored == before => Ok(true),
            Ok(Err(error)) if !is_injected(&error) => Err(format!("replacing {} failed: {error}", id(record))),
            Ok(Err(error)) if !error.may_be_applied() && stored != before => {
                Err(format!("a record was reported as not replaced and is: {error}"))
            }
            Ok(Err(_)) | Err(_) => {
                self.records[record].layered |= !self.records[record].whole.is_empty();
                self.adopt(record, &[before, after])
            }
        }
    }

    /// Takes the stored record over, which may be in one of these states.
    fn adopt(&mut self, record: usize, allowed: &[Option<Entries>]) -> Result<bool, String> {
        let stored = self.stored(record)?;
        if !allowed.contains(&stored) {
            return Err(format!("{} is neither as before nor as after the write", id(record)));
        }
        let model = &mut self.records[record];
        // Positions of pending list changes are those of the list that was there.
        model.stale |= stored != model.db && model.whole.has_list();
        model.db = stored;
        model.assumed = Pending::default();
        Ok(true)
    }
}

/// Whether an error is one of those that [`Faulty`](crate::Faulty) makes, or follows from one.
pub(crate) fn is_injected(error: &Error) -> bool {
    let injected = |failure: &structnosql_core::Failure| failure.message().contains("injected");
    error.failure().is_some_and(injected) || matches!(error.kind(), structnosql_core::ErrorKind::InDoubt { .. })
}
