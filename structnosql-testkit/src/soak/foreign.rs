//! Another process that writes the same records.

use std::collections::BTreeSet;

use super::bench::{Bench, Checked, id};
use super::document::{FIELDS, change};
use super::judge::is_missing_parent;
use super::patience::finish;
use super::sense::{positions_are_certain, removes_from_nothing};
use super::step::Write;

use crate::model::{Entries, Path, Pending, Record, Tree};

impl Bench {
    /// A write by another table, at once.
    pub(crate) fn foreign(&mut self, write: &Write) -> Result<bool, String> {
        self.observe()?;
        self.agree_with_stored(write.record)?;
        let model = self.places[write.record].record();
        let alone = Record { db: model.db.clone(), ..Record::new(model.key.clone()) };
        let Ok(pending) = alone.at_once(&write.changes) else { return Ok(false) };
        if !positions_are_certain(&alone, &write.changes) || is_entangled(write) {
            return Ok(false);
        }
        let vain = removes_from_nothing(&alone, &write.changes);
        let changes = write.changes.iter().map(|(path, action)| change(path, action)).collect::<Vec<_>>();
        let sent = super::bench::finished(finish(self.foreign.update_multiple_fields(id(write.record), changes)))?;
        let met = pending.is_met(alone.db.as_ref().unwrap_or(&alone.key), FIELDS);
        match sent {
            Ok(()) if met => {
                let db = pending.over_record(alone.db.as_ref(), &alone.key);
                self.was_written(write.record, db);
                self.observe()?;
                Ok(true)
            }
            Err(error) if !met && is_missing_parent(&error) => Ok(true),
            Err(error) if vain && error.is_type_conflict() => Ok(true),
            // A basic table knows nothing that would tell.
            Err(error) if error.to_string().contains("changes that depend on each other") => Ok(true),
            sent => Err(format!("a basic table's {write:?} came to {sent:?}")),
        }
    }

    pub(crate) fn foreign_delete(&mut self, record: usize) -> Checked {
        let deleted = super::bench::finished(finish(self.foreign.delete_record(id(record))))?;
        deleted.map_err(|error| error.to_string())?;
        self.was_written(record, None);
        self.observe()
    }

    fn was_written(&mut self, record: usize, db: Option<Entries>) {
        let place = &mut self.places[record];
        place.change(|record| {
            record.db = db.clone();
            record.stale = true;
        });
        place.known = false;
    }
}

/// Whether a basic table may need two requests, between which nothing is remembered.
fn is_entangled(write: &Write) -> bool {
    let paths: BTreeSet<&Path> = write.changes.iter().map(|(path, _)| path).collect();
    paths.len() < write.changes.len()
}

/// A value that changed although no operation is pending for it.
pub(crate) fn changed_elsewhere(parts: &[Pending], before: Option<&Entries>, after: Option<&Entries>) -> Option<Path> {
    let (Some(before), Some(after)) = (before, after) else { return None };
    changed_below(parts, &Path::new(), before, after)
}

fn changed_below(parts: &[Pending], path: &Path, before: &Entries, after: &Entries) -> Option<Path> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().find_map(|name| {
        let (was, is) = (before.get(name), after.get(name));
        let mut path = path.clone();
        path.push(name.as_str().into());
        let nodes: Vec<_> = parts.iter().filter_map(|part| part.at(&path)).collect();
        if was == is || nodes.iter().any(|node| !node.is_keep()) {
            return None;
        }
        match (nodes.is_empty(), was, is) {
            (false, Some(Tree::Map(was)), Some(Tree::Map(is))) => changed_below(parts, &path, was, is),
            (false, _, _) => None,
            (true, _, _) => Some(path),
        }
    })
}
