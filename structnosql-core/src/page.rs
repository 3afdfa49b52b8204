//! What a query or a scan answers, page by page.

use crate::cursor::Cursor;
use crate::key::Key;

/// One page of a query or a scan.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Page<T> {
    /// The records with what was selected of them, those of a query in the order of the sort key.
    pub records: Vec<(Key, T)>,
    /// How many items the database looked at: more than `records` where it filtered some out.
    pub scanned_count: u32,
    /// Where the next page starts; `None` on the last one.
    ///
    /// A page that was cut short by its limit has one even where nothing comes behind it: the next page is empty then.
    pub next: Option<Cursor>,
    /// Records whose pending changes no longer fit the key or the filter that was asked for: the database does not know of
    /// these changes yet.
    pub pending_mismatch: Vec<Key>,
}

impl<T> Page<T> {
    /// How many records the page has.
    pub fn count(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no page after this one.
    pub fn has_reached_end(&self) -> bool {
        self.next.is_none()
    }
}
