//! Where values are said to come from.

use structnosql_core::Source;

use super::bench::{Bench, Checked, id};
use super::world::first_list;
use crate::model::{Path, Record};

impl Bench {
    /// Checks the sources of what one read has shown that sent so many requests, over a record that was like `before`.
    pub(super) fn check_sources(
        &self,
        record: usize,
        paths: &[Path],
        sources: &[Source],
        sent: usize,
        before: &Record,
    ) -> Checked {
        let known = self.knows(record);
        for (path, source) in paths.iter().zip(sources) {
            let fits = match is_pending(before, path) {
                Some(true) => *source == Source::Pending,
                Some(false) if sent == 0 || known => *source == Source::Cache,
                Some(false) if paths.len() == 1 => *source == Source::Database,
                Some(false) => matches!(source, Source::Cache | Source::Database),
                None => sent > 0 || *source != Source::Database,
            };
            if !fits {
                return Err(format!(
                    "{path:?} of {} is said to come from {source:?}, with {sent} requests",
                    id(record)
                ));
            }
        }
        Ok(())
    }
}

/// Whether operations decide what is at the path, or have a part in it, where that is certain.
fn is_pending(record: &Record, path: &Path) -> Option<bool> {
    let mut visible = record.all_layers().filter(|layer| layer.visible).peekable();
    let is_new = record.db.is_none() && visible.peek().is_some();
    let is_left = if path.is_empty() { !record.assumed.is_empty() } else { record.assumed.at(path).is_some() };
    if record.stale || record.is_in_doubt() || is_new || is_left {
        return None;
    }
    let is_touched = visible.any(|layer| path.is_empty() || layer.pending.at(path).is_some());
    // An item of a list may be as it is stored, whatever happens around it.
    if is_touched && first_list(path).is_some() { None } else { Some(is_touched) }
}
