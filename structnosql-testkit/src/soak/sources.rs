//! Where values are said to come from.

use structnosql_core::Source;

use super::bench::{Bench, Checked, id};
use super::sense::first_list;
use super::world::World;
use crate::model::{Path, Record};

impl Bench {
    /// Checks the sources of what one read has shown that sent so many requests.
    pub(super) fn check_sources(&self, record: usize, paths: &[Path], sources: &[Source], sent: usize) -> Checked {
        let known = self.knows(record);
        let may_come = |world: &World, path: &Path, source: Source| match is_pending(&world.record, path) {
            Some(true) => source == Source::Pending,
            Some(false) if sent == 0 || known => source == Source::Cache,
            Some(false) if paths.len() == 1 => source == Source::Database,
            Some(false) => matches!(source, Source::Cache | Source::Database),
            None => sent > 0 || source != Source::Database,
        };
        let fits = |world: &World| paths.iter().zip(sources).all(|(path, source)| may_come(world, path, *source));
        if self.places[record].worlds.iter().any(fits) {
            return Ok(());
        }
        Err(format!("{paths:?} of {} are said to come from {sources:?}, with {sent} requests", id(record)))
    }
}

/// Whether operations decide what is at the path, or have a part in it, where that is certain.
fn is_pending(record: &Record, path: &Path) -> Option<bool> {
    let mut visible = record.all_layers().filter(|layer| layer.visible).peekable();
    let is_new = record.db.is_none() && visible.peek().is_some();
    if record.stale || record.is_in_doubt() || is_new || !record.assumed.is_empty() {
        return None;
    }
    let is_touched = visible.any(|layer| path.is_empty() || layer.pending.at(path).is_some());
    // An item of a list may be as it is stored, whatever happens around it.
    if is_touched && first_list(path).is_some() { None } else { Some(is_touched) }
}
