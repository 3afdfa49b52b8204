//! Reads that are late: what is known stays as it is, whatever they show.

use structnosql_core::Segment;

use super::bench::{Bench, key};
use super::kept::Held;
use super::sense::first_list;
use super::step::{Call, RECORDS};
use crate::model::{Path, Tree};

impl Bench {
    /// Notes what a call can be late about: of a record that is not known as a whole it may bring what is stored no
    /// more. Reads something of it before.
    pub(super) fn hold(&mut self, call: &Call) -> Result<Vec<Held>, String> {
        self.places.iter_mut().for_each(|place| place.late = false);
        let (records, paths) = match call {
            _ if self.setting.lag.is_none() => return Ok(Vec::new()),
            Call::Read { record, paths, consistent: false } => (*record..*record + 1, paths),
            Call::Query { paths, .. } => (0..RECORDS, paths),
            _ => return Ok(Vec::new()),
        };
        let mut held = Vec::new();
        for record in records {
            // Every other time, so that something is unknown as well: the rest of what a part is read of before.
            // Items of a list give way to the whole of it, which tells where they stand.
            let steady = paths.first().filter(|path| first_list(path).is_none());
            if let Some(path) = steady.filter(|_| self.clock.now.is_multiple_of(2)) {
                let part = self.part_of(record, path);
                held.push((record, part.clone(), self.shown(record, &part)?));
            }
            let late = self.reference.is_late(self.table.name(), &key(record));
            let place = &mut self.places[record];
            place.late = late;
            if late && !place.known {
                place.change(|record| record.stale = true);
            }
        }
        Ok(held)
    }

    /// An entry of the map at the path, or the path itself.
    fn part_of(&self, record: usize, path: &Path) -> Path {
        match self.places[record].record().look(path) {
            Some(Tree::Map(entries)) if !path.is_empty() => {
                let entry = entries.keys().next().map(|name| Segment::from(name.as_str()));
                path.iter().cloned().chain(entry).collect()
            }
            _ => path.clone(),
        }
    }
}
