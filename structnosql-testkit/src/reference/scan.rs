//! Scans of a table or of one of its indexes.
//!
//! From AWS's page "Scanning tables in DynamoDB": the items come in no documented order (here: that of their keys),
//! and each is in one segment (here: by its partition key alone, as in DynamoDB).

use std::hash::{DefaultHasher, Hash, Hasher};

use structnosql_core::{Failure, Map, PageResponse, ScanRequest};

use super::keys::{Keys, Place};
use super::page::{self, Wanted};
use super::table::{KeyPart, StoredTable, invalid};

const SEGMENTS: u32 = 1_000_000;

pub(super) fn scan(table: &StoredTable, request: &ScanRequest) -> Result<PageResponse, Failure> {
    let keys = Keys::of(table, request.index.as_ref(), request.consistent)?;
    if let Some((segment, total)) = request.segment
        && (segment >= total || total > SEGMENTS)
    {
        return Err(invalid("there is no such segment"));
    }
    let start = request.start.as_ref().map(|start| keys.place(table, start)).transpose()?;
    let mut found: Vec<(Place, &Map)> = Vec::new();
    for item in table.items() {
        if let Some(place) = keys.place_of(table, item)?
            && request.segment.is_none_or(|(segment, total)| segment_of(&place.0, total) == segment)
            && start.as_ref().is_none_or(|start| place > *start)
        {
            found.push((place, item));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    let (filter, projection) = (request.filter.as_ref(), &request.projection);
    let wanted = Wanted { filter, projection, limit: request.limit, count_only: request.count_only };
    page::page(table, &keys, found.into_iter().map(|(_, item)| item), &wanted)
}

fn segment_of(partition: &KeyPart, total: u32) -> u32 {
    let mut hasher = DefaultHasher::new();
    partition.hash(&mut hasher);
    (hasher.finish() % u64::from(total)) as u32
}
