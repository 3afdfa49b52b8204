//! Forgetting: the clear family, rollback and refresh, for all records or one.
//!
//! All of it is synchronous, never fails, and may be called at any time, also while a commit is under way.

use super::UnitOfWork;
use super::state::State;
use crate::backend::Backend;
use crate::key::{IntoKey, KeyRef, RecordKey};
use crate::model::TableDataModel;
use crate::record::Record;
use crate::report::{OperationKind, Savepoint};
use crate::schema::TableSchema;
use crate::table::CachingTable;

impl UnitOfWork {
    fn clear_all(&self, schema: &'static TableSchema, clear: impl Fn(&mut Record, &RecordKey<'_>)) {
        let mut state = self.shared.lock();
        for key in state.keys() {
            state.clear(schema, &key, &clear);
        }
        // Also for records that nothing was known of: an answer under way must not bring them in.
        state.generation += 1;
    }

    fn clear_one<K>(
        &self,
        schema: &'static TableSchema,
        key: impl IntoKey<K>,
        clear: impl FnOnce(&mut Record, &RecordKey<'_>),
    ) {
        // A value that is no key is the key of no record: there is nothing to clear.
        if let Ok(key) = key.into_key() {
            self.shared.lock().clear(schema, &key, clear);
        }
    }
}

impl UnitOfWork {
    fn mark(&self) -> Savepoint {
        let mut state = self.shared.lock();
        let savepoint = Savepoint(state.next_operation());
        state.savepoint = Some(savepoint);
        savepoint
    }
}

impl State {
    fn clear(
        &mut self,
        schema: &'static TableSchema,
        key: &KeyRef<'_>,
        clear: impl FnOnce(&mut Record, &RecordKey<'_>),
    ) {
        if let Some(record) = self.existing_mut(key) {
            clear(record, &RecordKey { schema, key });
        }
        self.raise(key);
        self.tidy(key);
    }
}

impl<M: TableDataModel, B: Backend> CachingTable<M, B> {
    /// Forgets what is cached of all records.
    ///
    /// Operations that are pending stay, still to be committed, but reads do not see them any more: they show the
    /// database. [`refresh`](Self::refresh) forgets the cache and keeps pending changes in sight.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_field("x42", f().name(), "Paul").await?;
    /// users.clear_cached_data();
    /// assert_eq!(users.get_field("x42", f().name()).await?.as_deref(), Some("Robinson"));
    ///
    /// users.commit_operations().await?; // still sent, and seen from then on
    /// assert_eq!(users.get_field("x42", f().name()).await?.as_deref(), Some("Paul"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn clear_cached_data(&self) {
        self.mode().clear_all(M::table(), |record, _| record.clear_cached_data());
    }

    /// Forgets what is cached of one record, as [`clear_cached_data`](Self::clear_cached_data) does of all. A record
    /// that is not cached, or does not exist, is fine.
    pub fn clear_cached_data_for_record(&self, key: impl IntoKey<M::Key>) {
        self.mode().clear_one(M::table(), key, |record, _| record.clear_cached_data());
    }

    /// Drops all pending operations; reads go on to show what they showed.
    ///
    /// The cache then differs from the database: a field whose removal was dropped reads as removed. This is how the
    /// original library works; [`rollback`](Self::rollback) is the call without that effect.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.delete_field("x42", f().name()).await?;
    /// users.clear_pending_operations();
    /// assert!(!users.has_pending_operations());
    /// assert_eq!(users.get_field("x42", f().name()).await?, None); // though it is still stored
    ///
    /// users.rollback();
    /// assert_eq!(users.get_field("x42", f().name()).await?.as_deref(), Some("Robinson"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn clear_pending_operations(&self) {
        self.mode().clear_all(M::table(), Record::clear_pending);
    }

    /// [`clear_pending_operations`](Self::clear_pending_operations), for one record.
    pub fn clear_pending_operations_for_record(&self, key: impl IntoKey<M::Key>) {
        self.mode().clear_one(M::table(), key, Record::clear_pending);
    }

    /// Drops pending updates, as [`clear_pending_operations`](Self::clear_pending_operations) drops all operations.
    ///
    /// A field that was removed and then set again counts as updated, and its removal does not come back.
    pub fn clear_pending_update_operations(&self) {
        self.mode().clear_all(M::table(), |record, key| record.clear_pending_kind(OperationKind::Update, key));
    }

    /// Drops pending removals, as [`clear_pending_operations`](Self::clear_pending_operations) drops all operations.
    pub fn clear_pending_remove_operations(&self) {
        self.mode().clear_all(M::table(), |record, key| record.clear_pending_kind(OperationKind::Remove, key));
    }

    /// Forgets what is cached of all records and drops all pending operations: reads show the database.
    pub fn clear_cached_data_and_pending_operations(&self) {
        self.mode().clear_all(M::table(), |record, _| {
            record.rollback();
            record.clear_cached_data();
        });
    }

    /// Drops all pending operations; reads show what the database last showed, without asking it again. What was read of
    /// a record in [conflict](crate::Conflict) is out of date, and is forgotten.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.get_record("x42").await?;
    /// users.backend().reset();
    ///
    /// users.update_field("x42", f().name(), "Paul").await?;
    /// users.rollback();
    /// assert_eq!(users.get_field("x42", f().name()).await?.as_deref(), Some("Robinson"));
    /// assert_eq!(users.backend().requests(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn rollback(&self) {
        self.mode().clear_all(M::table(), |record, _| record.rollback());
    }

    /// [`rollback`](Self::rollback), for one record.
    pub fn rollback_record(&self, key: impl IntoKey<M::Key>) {
        self.mode().clear_one(M::table(), key, |record, _| record.rollback());
    }

    /// Marks this point, for [`rollback_to`](Self::rollback_to).
    #[must_use = "a savepoint is for rolling back to"]
    pub fn savepoint(&self) -> Savepoint {
        self.mode().mark()
    }

    /// Drops the operations that were pended after the savepoint and are pending still; reads show what they showed
    /// then, where nothing else has changed. What was sent, cleared or read meanwhile is not undone.
    pub fn rollback_to(&self, savepoint: Savepoint) {
        self.mode().clear_all(M::table(), |record, _| record.rollback_to(savepoint));
    }

    /// Forgets what is cached of all records and keeps what is pending: reads show fresh data with the pending
    /// changes laid over, also those that [`clear_cached_data`](Self::clear_cached_data) had hidden.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.get_record("x42").await?;
    /// users.update_field("x42", f().name(), "Paul").await?;
    ///
    /// let other = users.session(); // somebody else
    /// other.update_field("x42", f().visits(), 8).await?;
    /// other.commit_operations().await?;
    ///
    /// users.refresh();
    /// let (name, visits) = users.get_field("x42", (f().name(), f().visits())).await?;
    /// assert_eq!((name.as_deref(), visits), (Some("Paul"), Some(8)));
    /// # users.rollback();
    /// # Ok(())
    /// # }
    /// ```
    pub fn refresh(&self) {
        self.mode().clear_all(M::table(), |record, _| record.refresh());
    }

    /// [`refresh`](Self::refresh), for one record.
    pub fn refresh_record(&self, key: impl IntoKey<M::Key>) {
        self.mode().clear_one(M::table(), key, |record, _| record.refresh());
    }
}
