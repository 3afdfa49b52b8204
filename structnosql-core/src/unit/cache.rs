//! How much of what was read is kept, and what keeping it is good for.

use std::fmt;
use std::ops::AddAssign;
use std::time::Duration;

use crate::key::IntoKey;
use crate::model::TableDataModel;
use crate::table::CachingTable;

/// What is kept of what was read. Operations are always kept.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bounds {
    pub(super) max_records: Option<usize>,
    pub(super) max_age: Option<Duration>,
}

impl Bounds {
    /// To how many records a cache of so many shrinks; nothing where it is within its bounds. It shrinks by more than
    /// one, so that a full cache does not look for the least used record at every read.
    pub(super) fn shrunk(&self, records: usize) -> Option<usize> {
        let max = self.max_records.filter(|max| records > *max)?;
        Some(max - max / 8)
    }
}

/// What the cache of a table has been good for since the table was made.
///
/// Counting costs a cached read one addition. A [`session`](crate::Table::session) counts for itself; statistics of
/// several add up with `+=`.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// # let (users, f) = (users().await?, User::fields);
/// let work = users.session();
/// work.get_field("x42", f().name()).await?; // one request
/// work.get_field("x42", f().name()).await?;
/// work.update_field("x42", f().visits(), 8).await?;
/// work.update_field("x42", f().visits(), 9).await?;
/// work.commit_operations().await?; // one request
///
/// let statistics = work.cache_statistics();
/// assert_eq!((statistics.hits, statistics.misses), (1, 1));
/// assert_eq!(statistics.requests_saved(), 2);
/// assert_eq!(
///     statistics.to_string(),
///     "hits: 1, misses: 1, requests for them: 1; pended: 2, requests for them: 1; saved: 2; \
///      records: 1 cached, 0 evicted, 0 expired"
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CacheStatistics {
    /// Reads by key that were answered without a request of their own: what they asked for was known or pending, or was
    /// brought by another read's request that was under way.
    pub hits: u64,
    /// Reads by key that took a request.
    pub misses: u64,
    /// The requests that they took, and those of [`prefetch`](CachingTable::prefetch).
    pub read_requests: u64,
    /// Calls whose changes were pended instead of being sent.
    pub pended: u64,
    /// Requests for what was pended: those of commits, and reads of values that changes depend on.
    pub write_requests: u64,
    /// Records that are known, wholly or in part, or have operations pending.
    pub records: u64,
    /// Records that were forgotten since [others were used later](CachingTable::max_cached_records).
    pub evicted: u64,
    /// Records that were forgotten since what was known of them was [too old](CachingTable::max_cache_age).
    pub expired: u64,
}

impl CacheStatistics {
    /// How many requests less were sent than a basic table would have sent that reads and changes one record at a time.
    /// What is still pending has not been sent yet. Queries, scans and what is written at once are not counted.
    pub fn requests_saved(&self) -> u64 {
        (self.hits + self.misses + self.pended).saturating_sub(self.read_requests + self.write_requests)
    }
}

impl AddAssign for CacheStatistics {
    fn add_assign(&mut self, other: Self) {
        let CacheStatistics { hits, misses, read_requests, pended, write_requests, records, evicted, expired } = other;
        self.hits += hits;
        self.misses += misses;
        self.read_requests += read_requests;
        self.pended += pended;
        self.write_requests += write_requests;
        self.records += records;
        self.evicted += evicted;
        self.expired += expired;
    }
}

impl fmt::Display for CacheStatistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CacheStatistics { hits, misses, read_requests, pended, write_requests, records, evicted, expired } = self;
        write!(f, "hits: {hits}, misses: {misses}, requests for them: {read_requests}; ")?;
        write!(f, "pended: {pended}, requests for them: {write_requests}; saved: {}; ", self.requests_saved())?;
        write!(f, "records: {records} cached, {evicted} evicted, {expired} expired")
    }
}

impl<M, B> CachingTable<M, B> {
    /// The same table, keeping at most so many records in its cache. Without this there is no bound.
    ///
    /// Where there are more, those that were used least recently are forgotten, an eighth of them at once. Records with
    /// operations pending, in flight or in doubt, or with a request under way, always stay and do not count. A
    /// [`session`](crate::Table::session) has the bounds of the table that it comes from.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # use std::time::Duration;
    /// let backend = Counted::new(Reference::new());
    /// let users = CachingTable::<User, _>::open(backend).await?
    ///     .max_cached_records(1_000)
    ///     .max_cache_age(Duration::from_secs(60));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "it returns the table"]
    pub fn max_cached_records(self, records: usize) -> Self {
        self.bound(|bounds| bounds.max_records = Some(records))
    }

    /// The same table, reading again what was read longer ago than this. Without it nothing grows too old.
    ///
    /// A record is as old as the oldest read that something is known of it from, counted from when that was sent. What
    /// is pending stays, and lies over what is read again. See
    /// [`max_cached_records`](Self::max_cached_records) for an example.
    #[must_use = "it returns the table"]
    pub fn max_cache_age(self, age: Duration) -> Self {
        self.bound(|bounds| bounds.max_age = Some(age))
    }

    fn bound(self, set: impl FnOnce(&mut Bounds)) -> Self {
        {
            let mut state = self.mode().shared.lock();
            set(&mut state.bounds);
            state.shrink();
        }
        self
    }

    /// How long ago the oldest of what is known of a record was asked for; nothing where nothing is known.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// assert_eq!(users.cache_age("x42"), None);
    /// users.get_field("x42", f().name()).await?;
    /// assert!(users.cache_age("x42").is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn cache_age(&self, key: impl IntoKey<M::Key>) -> Option<Duration>
    where
        M: TableDataModel,
    {
        self.mode().shared.lock().record(&key.into_key().ok()?)?.age()
    }

    /// What this table's cache has been good for.
    pub fn cache_statistics(&self) -> CacheStatistics {
        let state = self.mode().shared.lock();
        CacheStatistics { records: state.len() as u64, ..state.statistics }
    }
}
