//! One page of a query or a scan, and its numbers.

use structnosql_core::{Failure, PageResponse};

use crate::convert::{Attributes, to_map};

pub(crate) fn page(
    items: Option<Vec<Attributes>>,
    count: i32,
    scanned: i32,
    next: Option<Attributes>,
) -> Result<PageResponse, Failure> {
    Ok(PageResponse {
        count: u32::try_from(count).unwrap_or(0),
        scanned: u32::try_from(scanned).unwrap_or(0),
        items: items.unwrap_or_default().into_iter().map(to_map).collect::<Result<_, _>>()?,
        next: next.filter(|key| !key.is_empty()).map(to_map).transpose()?,
    })
}

/// A number that DynamoDB takes as a signed one; it refuses the largest as well.
pub(crate) fn number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
