//! One page of what a query or a scan looks at.
//!
//! From AWS's page "Paginating table query results": a page ends at the limit or at 1 MB of what was looked at, and the
//! filter counts after that. The cursor names the last item that was looked at.

use structnosql_core::{Condition, DocumentPath, Failure, Map, PageResponse};

use super::keys::Keys;
use super::table::{StoredTable, invalid};
use super::{condition, limits};

const PAGE_BYTES: usize = 1024 * 1024;

pub(super) struct Wanted<'r> {
    pub(super) filter: Option<&'r Condition>,
    pub(super) projection: &'r [DocumentPath],
    pub(super) limit: Option<u32>,
    pub(super) count_only: bool,
}

/// The page of the items that are `found`, in their order.
pub(super) fn page<'i>(
    table: &StoredTable,
    keys: &Keys<'_>,
    found: impl Iterator<Item = &'i Map>,
    wanted: &Wanted<'_>,
) -> Result<PageResponse, Failure> {
    limits::check_projection(wanted.projection)?;
    limits::check_condition(wanted.filter)?;
    keys.check_projection(table, wanted.projection)?;
    if wanted.limit == Some(0) {
        return Err(invalid("a limit is at least 1"));
    }
    let mut page = PageResponse::default();
    let mut bytes = 0;
    for item in found {
        let held = keys.indexed(table, item);
        bytes += held.item_size();
        if page.scanned > 0 && bytes > PAGE_BYTES {
            return Ok(page);
        }
        page.scanned += 1;
        let meets = wanted.filter.map_or(Ok(true), |filter| condition::holds(filter, Some(&held)))?;
        if meets {
            page.count += 1;
            page.items.extend((!wanted.count_only).then(|| keys.shown(item, &held, wanted.projection)));
        }
        page.next = Some(keys.cursor(table, item));
        if wanted.limit == Some(page.scanned) {
            // As DynamoDB does: a page that was cut short has a cursor, also where nothing comes behind it.
            return Ok(page);
        }
    }
    page.next = None;
    Ok(page)
}
