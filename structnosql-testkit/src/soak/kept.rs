//! What the table has shown it keeps: few calls make it ask for that again, or show something else.

use structnosql_core::Value;

use super::bench::{Bench, Checked, finished, id};
use super::patience::finish;
use super::sense::first_list;
use super::start::{Answer, start_read};
use super::step::{Call, Clear, RECORDS};
use crate::model::{Action, Path};

/// How many paths of a record are kept in mind.
const PATHS: usize = 6;

/// A path of a record, and what a read of it showed before a call that changes nothing there; nothing where it failed.
pub(super) type Held = (usize, Path, Option<Option<Value>>);

impl Bench {
    /// Notes that a read has shown these paths. A position in a list is another item's as soon as the list changes, and
    /// of a value that is set where it is absent a commit does not tell which of both is there.
    pub(crate) fn note_kept(&mut self, record: usize, paths: &[Path]) {
        let place = &mut self.places[record];
        if self.setting.bound.is_some() || place.is_stale() || place.record().flight.is_some() {
            return;
        }
        for path in paths {
            let is_steady = first_list(path).is_none();
            let is_open = place.record().all_layers().any(|layer| layer.pending.may_bring(path));
            if is_steady && !is_open && !place.kept.contains(path) {
                place.kept.insert(0, path.clone());
                place.kept.truncate(PATHS);
            }
        }
    }

    /// Nothing that was shown need be kept any more.
    pub(crate) fn keep_nothing(&mut self) {
        self.places.iter_mut().for_each(|place| place.kept.clear());
    }

    /// After a call to which nothing happened: what was shown before is shown without a request.
    pub(crate) fn check_kept(&mut self, call: &Call, answer: Option<&Answer>) -> Checked {
        if !keeps(call, answer) {
            self.keep_nothing();
        }
        for record in 0..RECORDS {
            let place = &mut self.places[record];
            // What was written, or is read, takes the place of what cleared operations had left in sight.
            let is_laid_bare =
                matches!(call, Call::Commit { .. } | Call::Query { .. } | Call::QueryOne { .. } | Call::Read { .. })
                    && !place.shows_no_more();
            if is_laid_bare || place.is_stale() || place.record().flight.is_some() {
                place.kept.clear();
            }
            let at = self.clock.now as usize % place.kept.len().max(1);
            let Some(path) = place.kept.get(at).cloned() else { continue };
            let before = self.counted().requests();
            self.look(record, std::slice::from_ref(&path))?;
            if self.counted().requests() != before {
                return Err(format!(
                    "{path:?} of {} had been read, and was asked for again after {call:?}",
                    id(record)
                ));
            }
        }
        Ok(())
    }

    /// What is in sight where operations are pending, before they are cleared and leave it there.
    pub(super) fn in_sight(&mut self, call: &Call) -> Result<Vec<Held>, String> {
        let mut in_sight = Vec::new();
        let Call::Clear(how @ (Clear::Pending(_) | Clear::PendingOf(_))) = call else { return Ok(in_sight) };
        // In other cases what is not known stays so until the clear.
        if self.clock.now.is_multiple_of(2) || !self.keeps_all() {
            return Ok(in_sight);
        }
        for record in (0..RECORDS).filter(|record| how.is_of(*record)) {
            let place = &self.places[record];
            if place.is_stale() || place.record().flight.is_some() {
                continue;
            }
            let mut paths = place.kept.clone();
            for layer in place.record().all_layers().filter(|layer| layer.visible) {
                layer.pending.visit(&[], &mut |path, _| paths.push(path.to_vec()));
            }
            for path in paths {
                if let Some(value) = self.shown(record, &path)? {
                    in_sight.push((record, path, Some(value)));
                }
            }
        }
        Ok(in_sight)
    }

    /// Reads again what was read before: it shows the same, without a request.
    pub(super) fn check_held(&mut self, call: &Call, held: &[Held]) -> Checked {
        for (record, path, before) in held {
            let requests = self.counted().requests();
            let after = self.shown(*record, path)?;
            let sent = self.counted().requests() - requests;
            if after != *before || sent > 0 {
                let id = id(*record);
                return Err(format!(
                    "{call:?} made {after:?}, read with {sent} requests, of {before:?} at {path:?} of {id}"
                ));
            }
        }
        Ok(())
    }

    /// What a read shows at the path; nothing where it fails.
    pub(super) fn shown(&self, record: usize, path: &Path) -> Result<Option<Option<Value>>, String> {
        let read = finished(finish(start_read(&self.table, record, std::slice::from_ref(path), true)))?;
        Ok(match read {
            Answer::Values(Ok(mut values)) => values.pop(),
            _ => None,
        })
    }
}

/// Whether what had been shown stays known through the call.
fn keeps(call: &Call, answer: Option<&Answer>) -> bool {
    match call {
        Call::Clear(how) => matches!(how, Clear::Pending(_) | Clear::PendingOf(_)),
        // Where it is not known whether there is a value it is not known what is in it.
        Call::Write(write) if write.changes.iter().any(|(_, action)| matches!(action, Action::SetIfAbsent(_))) => false,
        Call::RollbackTo(_) | Call::Resolve { .. } | Call::Foreign { .. } | Call::ForeignDelete { .. } => false,
        _ => answer.is_none_or(|answer| match answer {
            Answer::Written(answer) => answer.is_ok(),
            Answer::Values(answer) | Answer::Read(answer, _) => answer.is_ok(),
            Answer::Replaced(answer) => answer.is_ok(),
            Answer::Page(answer) => answer.is_ok(),
            Answer::Committed(answer) => answer.is_ok(),
        }),
    }
}
