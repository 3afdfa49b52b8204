//! Tables: the verbs, over one backend, with or without a unit of work.

mod batch;
mod call;
mod collection;
mod life;
mod lifecycle;
mod pages;
mod query;
mod read;
mod record;
mod replace;
mod rows;
mod scan;
mod transact;
mod validation;
mod write;
mod write_field;

use std::fmt;
use std::marker::PhantomData;

pub use batch::{GetRecords, WriteRecords};
pub use call::{Call, Start};
pub(crate) use call::{Running, refused};
pub use collection::{CollectionTable, EntityTables};
pub use pages::{Items, Pages};
pub use query::{ByKey, QueryField};
pub use read::{DebugTable, GetField};
pub use record::{DeleteRecord, PutRecord, RemoveRecord, ReplaceRecord};
pub use replace::{ChangedValues, ReplaceFields};
pub use rows::{ReadRows, RowsOf};
pub use scan::{Everything, ScanField, Segments};
pub use transact::{ConditionCheck, Transact, TransactGetRecords, TransactReads, TransactWrites};
pub use validation::Validated;
pub use write::WriteFields;
pub use write_field::WriteField;

use crate::direct::Direct;
use crate::link::Link;
use crate::unit::UnitOfWork;

/// A table that sends every operation at once.
///
/// It has the verbs of a [`CachingTable`] with the same signatures, so that one replaces the other.
pub type BasicTable<M, B> = Table<M, B, Direct>;

/// A table that is one unit of work: it serves reads from what it knows, pends writes, and commits them in the
/// fewest requests.
///
/// Whoever shares it shares its pending operations, its commits and its clears. [`session`](Table::session) gives
/// a fresh unit of work over the same backend, the normal thing for each request or round of work. It is cheap.
pub type CachingTable<M, B> = Table<M, B, UnitOfWork>;

/// A table of the model `M` over the backend `B`, working in the mode `W`: [`BasicTable`] or [`CachingTable`].
///
/// Every verb gives a future that does nothing until it is awaited; options chain before `.await`.
pub struct Table<M, B, W> {
    link: Link<B>,
    mode: W,
    model: PhantomData<fn() -> M>,
}

impl<M, B, W> Table<M, B, W> {
    /// The table's name in the database.
    pub fn name(&self) -> &str {
        &self.link.table
    }

    /// The backend that requests go to.
    pub fn backend(&self) -> &B {
        &self.link.backend
    }

    pub(crate) fn link(&self) -> &Link<B> {
        &self.link
    }

    pub(crate) fn mode(&self) -> &W {
        &self.mode
    }
}

impl<M, B> CachingTable<M, B> {
    /// A fresh unit of work over the same backend, with the same bounds: it knows nothing and has nothing pending.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_field("x42", f().name(), "Paul").await?;
    /// let work = users.session();
    /// assert!(!work.has_pending_operations());
    /// work.delete_field("x42", f().visits()).await?;
    /// work.close().await?; // commits its own operations
    /// assert!(users.has_pending_operations());
    /// # users.rollback();
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the new unit of work is what this returns"]
    pub fn session(&self) -> Self {
        Table { link: self.link.clone(), mode: self.mode.fresh(), model: PhantomData }
    }
}

impl<M, B, W> fmt::Debug for Table<M, B, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("name", &self.link.table).finish_non_exhaustive()
    }
}
