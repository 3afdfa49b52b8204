//! The mode of a caching table: one unit of work.
//!
//! Data flows one way: a read meets the [record](crate::record)'s base and pending operations; what it lacks is
//! fetched and learnt. A commit seals the pending operations, plans, sends, and settles what became of them.

mod batch;
mod cache;
mod call;
mod clear;
mod commit;
mod gate;
mod inspect;
mod options;
mod reads;
mod rows;
mod state;
mod transact;
mod turn;
mod writes;

use crate::backend::Backend;
use crate::batch::RecordWrite;
use crate::error::Error;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::mode::{Delete, Lent, Mode, Put, Returned, Sealed, Write};
use crate::schema::TableSchema;
use crate::selection::{Reading, Selection};
use crate::transaction::Reply;
use crate::value::Map;

pub use cache::CacheStatistics;
pub use call::Commit;
pub use inspect::Resolution;
pub(crate) use transact::{Asking, Held};

use state::Shared;

/// The mode of a [`CachingTable`](crate::CachingTable): what it knows of records, and what is pending for them.
#[derive(Debug, Default)]
pub struct UnitOfWork {
    shared: Shared,
}

impl UnitOfWork {
    /// One that knows nothing, with the same bounds.
    pub(crate) fn fresh(&self) -> Self {
        let bounds = self.shared.lock().bounds;
        UnitOfWork { shared: Shared::bounded(bounds) }
    }
}

impl Sealed for UnitOfWork {}

impl Mode for UnitOfWork {
    #[inline]
    fn read_now<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        selection: &S,
    ) -> Option<Result<S::Output<R>, Error>> {
        self.known::<R, S>(key, selection)
    }

    async fn read<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        selection: S,
        consistent: bool,
    ) -> Result<S::Output<R>, Error> {
        self.fetch::<R, S, B>(link, &key, &selection, consistent).await
    }

    #[inline]
    fn write_now(&self, key: RecordKey<'_>, write: Lent<'_>) -> Option<Result<(), Error>> {
        self.pend(key, write)
    }

    async fn write<B: Backend>(&self, link: &Link<B>, key: Key, write: Write) -> Result<(), Error> {
        self.pend_over_stored(link, key, write).await
    }

    fn replace_now<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        write: &mut Write,
        selection: &S,
        returned: Returned,
    ) -> Option<Result<S::Output<R>, Error>> {
        self.pend_known::<R, S>(key, write, selection, returned)
    }

    async fn replace<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        write: Write,
        selection: S,
        returned: Returned,
    ) -> Result<S::Output<R>, Error> {
        self.replace_at_once::<R, S, B>(link, key, write, selection, returned).await
    }

    async fn put<B: Backend>(&self, link: &Link<B>, key: Key, put: Put) -> Result<Option<Map>, Error> {
        self.put_at_once(link, key, put).await
    }

    async fn delete<B: Backend>(&self, link: &Link<B>, key: Key, delete: Delete) -> Result<Option<Map>, Error> {
        self.delete_at_once(link, key, delete).await
    }

    async fn read_many<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        keys: Vec<Key>,
        selection: &S,
        consistent: bool,
    ) -> Result<Vec<S::Output<R>>, Error> {
        self.fetch_many::<R, S, B>(link, keys, selection, consistent).await
    }

    async fn write_many<B: Backend>(&self, link: &Link<B>, writes: Vec<RecordWrite>) -> Result<(), Error> {
        self.replace_many(link, writes).await
    }

    fn unit(&self) -> Option<&UnitOfWork> {
        Some(self)
    }

    fn read_answer<R: Reading, S: Selection>(
        &self,
        schema: &'static TableSchema,
        selection: &S,
        answer: &Reply<'_>,
    ) -> Result<S::Output<R>, Error> {
        self.read_answer_in::<R, S>(schema, selection, answer)
    }
}

/// Work that is lost deserves a word, once.
impl Drop for UnitOfWork {
    fn drop(&mut self) {
        let state = self.shared.lock();
        let records = state.count_dirty();
        if records > 0 {
            let in_doubt = state.count_in_doubt();
            tracing::warn!(records, in_doubt, "a caching table was dropped with operations pending; they are lost");
        }
    }
}
