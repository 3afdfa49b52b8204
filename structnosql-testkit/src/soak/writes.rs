//! Steps that write fields or records.

use structnosql_core::{Change, DocumentPath, Error, ErrorKind, FieldExt, Segment, StructModel, Value};

use super::bench::{Bench, Checked, finished, id, is_missing_parent, tree};
use super::document::{AnyField, Document, FIELDS, field};
use super::patience::finish;
use super::step::Write;
use crate::model::{Action, Commit, Entries, Path, Record, Tree, entries_of, map_of};

/// What a write of fields gave back: nothing, or the old values.
type Written = Result<Option<Vec<Option<Value>>>, Error>;

pub(crate) fn changes(write: &Write) -> Vec<Change<Document>> {
    let change = |(path, action): &(Path, Action)| match action {
        Action::Set(value) => field(path).set(value.to_value()),
        Action::Remove => field(path).remove(),
    };
    write.changes.iter().map(change).collect()
}

impl Bench {
    /// Writes fields; nothing where the step makes no sense here.
    pub(crate) fn write(&mut self, write: &Write) -> Result<bool, String> {
        let record = &self.records[write.record];
        let vain = removes_from_nothing(record, write);
        if !lists_are_plain(record, write)
            || (write.return_old && !positions_are_certain(record, write))
            || (vain && (write.changes.len() > 1 || write.if_exists))
        {
            return Ok(false);
        }
        let (updates, gets) = (self.counted().updates(), self.counted().gets());
        let written = self.send(write)?;
        let at_once = self.counted().updates() > updates;
        // Planned once, and answered with the old record.
        let shown = self.counted().updates() == updates + 1 && self.counted().gets() == gets;
        if at_once && !write.return_old {
            return Err("a write that returns nothing was sent instead of pended".to_owned());
        }
        let accepted = self.records[write.record].accepts(&write.changes);
        let stale = self.records[write.record].stale;
        match written {
            Ok(_) if !accepted && vain => {}
            Ok(old) => {
                if !accepted && !stale {
                    return Err("a write was accepted that leads through something without children".to_owned());
                }
                for ((path, _), value) in write.changes.iter().zip(old.iter().flatten()) {
                    let value = value.as_ref().map(tree).transpose()?;
                    self.check(write.record, path, value.as_ref()).map_err(|error| format!("old value: {error}"))?;
                }
                if at_once { self.written_at_once(write, shown)? } else { self.pended(write)? }
            }
            Err(error) => self.check_refusal(write, &error, accepted, vain)?,
        }
        Ok(true)
    }

    fn send(&self, write: &Write) -> Result<Written, String> {
        let (key, table) = (id(write.record), &self.table);
        let fields: Vec<AnyField> = write.changes.iter().map(|(path, _)| field(path)).collect();
        let removes = write.changes.iter().all(|(_, action)| *action == Action::Remove);
        /// With the option, where the write has it.
        macro_rules! call {
            ($call:expr) => {{
                let call = $call;
                finished(finish(if write.if_exists { call.if_exists() } else { call }))?
            }};
        }
        let one = if write.several { None } else { write.changes.first() };
        Ok(match (one, write.return_old) {
            (Some((_, Action::Set(value))), false) => {
                call!(table.update_field(&key, fields[0].clone(), value.to_value())).map(|()| None)
            }
            (Some((_, Action::Remove)), false) => call!(table.delete_field(&key, fields[0].clone())).map(|()| None),
            (Some((_, Action::Set(value))), true) => {
                call!(table.update_field_return_old(&key, fields[0].clone(), value.to_value()))
                    .map(|old| Some(vec![old]))
            }
            (Some((_, Action::Remove)), true) => {
                call!(table.remove_field(&key, fields[0].clone())).map(|old| Some(vec![old]))
            }
            (None, false) if removes => call!(table.delete_multiple_fields(&key, fields)).map(|()| None),
            (None, true) if removes => call!(table.remove_multiple_fields(&key, fields)).map(Some),
            (None, false) => call!(table.update_multiple_fields(&key, changes(write))).map(|()| None),
            (None, true) => {
                let old = call!(table.update_multiple_fields_return_old(&key, changes(write)));
                old.and_then(|old| fields.iter().map(|field| old.get(field)).collect::<Result<_, _>>().map(Some))
            }
        })
    }

    /// The write was sent at once: allowed where nothing was pending at its paths.
    fn written_at_once(&mut self, write: &Write, shown: bool) -> Checked {
        let stored = self.stored(write.record)?;
        let record = &mut self.records[write.record];
        if write.changes.iter().any(|(path, _)| record.whole.at(path).is_some()) {
            return Err("a write was sent at once although changes are pending at its paths".to_owned());
        }
        let alone = record.at_once(&write.changes).map_err(|_| "an impossible write was sent at once")?;
        if record.stale {
            // The table took an older state for granted; what it sent is the database's affair.
            record.db = stored;
        } else {
            if write.if_exists && record.db.is_none() {
                return Err("a write of an existing record was applied to none".to_owned());
            }
            record.db = alone.committed(None);
        }
        // What the table knew without the assumed values is what it went on.
        record.assumed = Default::default();
        if shown {
            record.stale &= record.whole.has_list();
            self.known[write.record] = true;
        }
        Ok(())
    }

    fn pended(&mut self, write: &Write) -> Checked {
        let pending = self.table.pending_for(id(write.record));
        let is_pending = |path: &Path| {
            let path = DocumentPath::from_iter(path.iter().cloned());
            pending.iter().any(|operation| operation.path.starts_with(&path) || path.starts_with(&operation.path))
        };
        let lists = write.changes.iter().any(|(path, _)| first_list(path).is_some());
        let record = &mut self.records[write.record];
        if write.return_old && !lists && !write.changes.iter().any(|(path, _)| is_pending(path)) {
            // It was to be sent at once, and there was nothing to send.
            let alone = record.at_once(&write.changes).map_err(|_| "an impossible write was accepted")?;
            return if record.stale || alone.committed(None) == record.db {
                Ok(())
            } else {
                Err("a write was accepted and neither sent nor pended".to_owned())
            };
        }
        match record.pend(&write.changes, write.if_exists) {
            Ok(()) => Ok(()),
            Err(_) => Err("a write was accepted that the model refuses".to_owned()),
        }
    }

    fn check_refusal(&self, write: &Write, error: &Error, accepted: bool, vain: bool) -> Checked {
        let record = &self.records[write.record];
        let alone = || record.at_once(&write.changes).map(|alone| alone.expected(None, FIELDS));
        let allowed = match error {
            error if error.is_condition_failed() => write.if_exists && (record.db.is_none() || record.stale),
            error if error.is_type_conflict() => !accepted || record.stale || vain,
            error if error.is_stored_value() => write.return_old && record.stale,
            error if is_missing_parent(error) => write.return_old && (record.stale || alone() == Ok(Commit::Missing)),
            _ => false,
        };
        if allowed { Ok(()) } else { Err(format!("{write:?} failed: {error}")) }
    }

    pub(crate) fn put(&mut self, record: usize, item: &Entries, create: bool) -> Checked {
        let mut item = item.clone();
        item.extend(self.records[record].key.clone());
        let document = Document::decode_fields(&map_of(&item)).map_err(|mismatch| mismatch.to_string())?;
        let put = match create {
            true => finished(finish(self.table.create_record(&document)))?,
            false => finished(finish(self.table.put_record(&document)))?,
        };
        let model = &mut self.records[record];
        match put {
            Ok(()) if create && model.db.is_some() => Err("a record was created over another".to_owned()),
            Ok(()) => {
                model.replace(Some(item));
                self.known[record] = true;
                Ok(())
            }
            Err(error) if create && error.is_condition_failed() && model.db.is_some() => {
                model.layered = !model.whole.is_empty();
                Ok(())
            }
            Err(error) => Err(format!("putting {} failed: {error}", id(record))),
        }
    }

    pub(crate) fn delete(&mut self, record: usize, return_old: bool) -> Checked {
        let before = self.records[record].db.clone();
        if return_old {
            let old = match finished(finish(self.table.remove_record(id(record))))? {
                Ok(old) => old.map(|old| old.encode_fields()).transpose().map_err(|mismatch| mismatch.to_string())?,
                Err(error) => match error.into_kind() {
                    ErrorKind::Replaced { old, .. } => Some(old),
                    other => return Err(format!("removing {} failed: {other}", id(record))),
                },
            };
            let old = old.as_ref().and_then(entries_of);
            if old != before && !before.as_ref().is_some_and(|before| holds_null(&Tree::Map(before.clone()))) {
                return Err(format!("removing {} returned another record: {old:?}", id(record)));
            }
        } else if let Err(error) = finished(finish(self.table.delete_record(id(record))))? {
            return Err(format!("deleting {} failed: {error}", id(record)));
        }
        self.records[record].replace(None);
        self.known[record] = true;
        Ok(())
    }

    /// A write by another table, at once.
    pub(crate) fn foreign(&mut self, write: &Write) -> Result<bool, String> {
        let model = &self.records[write.record];
        let alone = match Record::at_once(model, &write.changes) {
            Ok(alone) if positions_are_certain(&alone, write) => alone,
            _ => return Ok(false),
        };
        let vain = removes_from_nothing(&alone, write);
        let sent = finished(finish(self.foreign.update_multiple_fields(id(write.record), changes(write))))?;
        match (sent, alone.expected(None, FIELDS)) {
            (Ok(()), Commit::Applied | Commit::Nothing) => {
                let model = &mut self.records[write.record];
                model.db = alone.committed(None);
                model.stale = true;
                self.known[write.record] = false;
                Ok(true)
            }
            (Err(error), Commit::Missing) if is_missing_parent(&error) => Ok(true),
            (Err(error), _) if vain && error.is_type_conflict() => Ok(true),
            (sent, expected) => Err(format!("a basic table's {write:?} came to {sent:?}, expected {expected:?}")),
        }
    }

    pub(crate) fn foreign_delete(&mut self, record: usize) -> Checked {
        finished(finish(self.foreign.delete_record(id(record))))?.map_err(|error| error.to_string())?;
        self.records[record].db = None;
        self.records[record].stale = true;
        self.known[record] = false;
        Ok(())
    }
}

/// Where the path first enters a list.
fn first_list(path: &[Segment]) -> Option<usize> {
    path.iter().position(|segment| matches!(segment, Segment::Index(_)))
}

/// Whether every list that is written to has the same positions for a caller as for the database and the model.
pub(crate) fn lists_are_plain(record: &Record, write: &Write) -> bool {
    let plain = |path: &Path| first_list(path).is_none_or(|at| record.has_plain_list(&path[..at]));
    write.changes.iter().all(|(path, _)| plain(path))
}

/// Whether several changes, sent at once without reading, mean what they would mean one after another: a position
/// past a list's end is as it is given then, and a later change cannot name the item that was appended.
pub(crate) fn positions_are_certain(record: &Record, write: &Write) -> bool {
    let view = record.view().map(Tree::Map);
    let inside = |path: &Path| {
        let mut lists = path.iter().enumerate().filter_map(|(at, segment)| match segment {
            Segment::Index(index) => Some((at, *index as usize)),
            Segment::Name(_) => None,
        });
        lists.all(|(at, index)| match view.as_ref().and_then(|view| view.get(&path[..at])) {
            Some(Tree::List(items)) => index < items.len(),
            _ => false,
        })
    };
    write.changes.len() == 1 || write.changes.iter().all(|(path, _)| inside(path))
}

/// Whether an item is to be taken out of a list that is not there: the engine may refuse that, or do nothing.
pub(crate) fn removes_from_nothing(record: &Record, write: &Write) -> bool {
    let mut so_far = record.clone();
    write.changes.iter().any(|(path, action)| {
        let view = so_far.view().map(Tree::Map);
        let mut lists = path.iter().enumerate().filter(|(_, segment)| matches!(segment, Segment::Index(_)));
        let is_there = |at: usize| view.as_ref().is_some_and(|view| view.get(&path[..at]).is_some());
        let vain = *action == Action::Remove && !lists.all(|(at, _)| is_there(at));
        let refused = so_far.pend(&[(path.clone(), action.clone())], false).is_err();
        vain || refused && *action == Action::Remove
    })
}

fn holds_null(tree: &Tree) -> bool {
    match tree {
        Tree::Null => true,
        Tree::List(items) => items.iter().any(holds_null),
        Tree::Map(entries) => entries.values().any(holds_null),
        _ => false,
    }
}
