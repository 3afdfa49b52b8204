//! Looking at what is pending, planning a commit, committing.

use std::sync::Arc;

use super::UnitOfWork;
use crate::backend::Backend;
use crate::direct::refused;
use crate::error::Error;
use crate::key::{IntoKey, Key, RecordKey};
use crate::model::TableDataModel;
use crate::outlook::{CommitPlan, Outlook, RecordPlan};
use crate::record::Record;
use crate::report::{CommitReport, OperationKind, PendingOperation};
use crate::table::CachingTable;

impl UnitOfWork {
    fn inspect<T>(&self, mut look: impl FnMut(&Key, &Record) -> T) -> Vec<T> {
        let state = self.shared.lock();
        state.dirty_keys().iter().filter_map(|key| Some(look(key, state.record(key)?))).collect()
    }
}

impl<M: TableDataModel, B: Backend> CachingTable<M, B> {
    /// Commits everything that is pending, in one request a record where DynamoDB allows it.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_field("x42", f().name(), "Paul").await?;
    /// users.delete_field("x42", f().visits()).await?;
    /// let report = users.commit_operations().await?;
    /// assert_eq!((report.records.len(), report.requests()), (1, 1));
    /// assert_eq!(users.backend().log()[0].to_string(), r#"update users {"id": "x42"} SET name=:v0 REMOVE visits"#);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Where a record could not be committed, the error [carries the report](Error::commit_report) that says which and
    /// why. Nothing is lost: what was refused or not sent is pending again, older than what was pended meanwhile.
    pub async fn commit_operations(&self) -> Result<CommitReport, Error> {
        self.mode().commit(self.link(), None).await
    }

    /// Commits the pending updates alone.
    ///
    /// # Errors
    ///
    /// As [`commit_operations`](Self::commit_operations).
    pub async fn commit_update_operations(&self) -> Result<CommitReport, Error> {
        self.mode().commit(self.link(), Some(OperationKind::Update)).await
    }

    /// Commits the pending removals alone.
    ///
    /// # Errors
    ///
    /// As [`commit_operations`](Self::commit_operations).
    pub async fn commit_remove_operations(&self) -> Result<CommitReport, Error> {
        self.mode().commit(self.link(), Some(OperationKind::Remove)).await
    }

    /// Commits what is pending for one record.
    ///
    /// # Errors
    ///
    /// As [`commit_operations`](Self::commit_operations).
    pub async fn commit_record(&self, key: impl IntoKey<M::Key>) -> Result<CommitReport, Error> {
        let key = self.link().schema.key(key)?.into_owned();
        self.mode().commit_keys(self.link(), vec![key], None).await
    }

    /// Commits what is pending and ends the unit of work.
    ///
    /// # Errors
    ///
    /// As [`commit_operations`](Self::commit_operations); what is still pending then is lost with the table, and the
    /// report says what it was for.
    pub async fn close(self) -> Result<CommitReport, Error> {
        self.commit_operations().await
    }

    /// What [`commit_operations`](Self::commit_operations) would send now.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.get_record("x42").await?;
    /// users.update_field("x42", f().name(), "Paul").await?;
    /// users.update_field("x42", f().name(), "Friday").await?; // folded
    /// let plan = users.plan_commit();
    /// assert_eq!(plan.requests(), 1);
    /// assert_eq!(plan.records[0].expressions(), ["SET #n0=:v0"]);
    /// # users.rollback();
    /// # Ok(())
    /// # }
    /// ```
    pub fn plan_commit(&self) -> CommitPlan {
        CommitPlan { records: self.mode().inspect(|key, record| self.plan_of(key, record)) }
    }

    /// What [`commit_record`](Self::commit_record) would send now; nothing where the record has no operations pending.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.delete_field("x42", f().name()).await?;
    /// let plan = users.plan_record("x42").expect("a change is pending");
    /// assert!(plan.is_atomic());
    /// assert_eq!((plan.requests(), plan.write_units()), (1, 1));
    /// assert!(users.plan_record("x43").is_none());
    /// # users.rollback();
    /// # Ok(())
    /// # }
    /// ```
    pub fn plan_record(&self, key: impl IntoKey<M::Key>) -> Option<RecordPlan> {
        let key = key.into_key().ok()?.into_owned();
        let state = self.mode().shared.lock();
        state.record(&key).filter(|record| record.is_dirty()).map(|record| self.plan_of(&key, record))
    }

    fn plan_of(&self, key: &Key, record: &Record) -> RecordPlan {
        let of = RecordKey { schema: M::table(), key };
        let (schema, table, attributes) = (M::table(), &self.link().table, &of.attributes());
        let outlook = Outlook { schema, table, key: attributes, base: &record.base };
        let in_doubt = record.in_doubt().map(|request| outlook.in_doubt(request, request.is_harmless_again()));
        let whole = record.whole(&of).map_err(refused);
        let updates = whole.and_then(|whole| outlook.updates(&whole.fold, &whole.conditions)).map_err(Arc::new);
        RecordPlan { key: key.clone(), in_doubt, updates }
    }

    /// Every pending operation, folded, in the order of keys and paths.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_field("x42", f().name(), "Paul").await?;
    /// users.delete_field("x42", f().name()).await?;
    /// let pending = users.pending_operations();
    /// assert_eq!((pending.len(), pending[0].operations.len()), (1, 2)); // two operations, folded into one
    /// assert_eq!(pending[0].path.to_string(), "name");
    /// # users.rollback();
    /// # Ok(())
    /// # }
    /// ```
    pub fn pending_operations(&self) -> Vec<PendingOperation> {
        self.mode().inspect(|key, record| pending(key, record, M::table())).into_iter().flatten().collect()
    }

    /// The pending operations of one record.
    pub fn pending_for(&self, key: impl IntoKey<M::Key>) -> Vec<PendingOperation> {
        let Ok(key) = key.into_key() else {
            return Vec::new();
        };
        self.pending_operations().into_iter().filter(|operation| *operation.key == key).collect()
    }

    /// Whether anything is pending, in flight or in doubt.
    pub fn has_pending_operations(&self) -> bool {
        self.has_pending(None)
    }

    /// Whether an update is pending, in flight or in doubt.
    pub fn has_pending_update_operations(&self) -> bool {
        self.has_pending(Some(OperationKind::Update))
    }

    /// Whether a removal is pending, in flight or in doubt.
    pub fn has_pending_remove_operations(&self) -> bool {
        self.has_pending(Some(OperationKind::Remove))
    }

    fn has_pending(&self, kind: Option<OperationKind>) -> bool {
        let has = |key: &Key, record: &Record| record.has_pending(kind, &RecordKey { schema: M::table(), key });
        self.mode().inspect(has).contains(&true)
    }

    /// Says what became of a record's write whose answer was lost, where a resend could do harm. It is settled as
    /// applied, or pending again; a record without such a write is left alone.
    pub fn resolve_in_doubt(&self, key: impl IntoKey<M::Key>, resolution: Resolution) {
        if let Ok(key) = key.into_key() {
            let of = RecordKey { schema: M::table(), key: &key };
            self.mode().resolve(of, resolution == Resolution::Applied);
        }
    }
}

/// What became of a write whose answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// The stored record has it.
    Applied,
    /// The stored record has it not.
    NotApplied,
}

fn pending(key: &Key, record: &Record, schema: &'static crate::schema::TableSchema) -> Vec<PendingOperation> {
    let of = RecordKey { schema, key };
    let mut operations = Vec::new();
    for whole in [record.sealed_whole(&of), record.whole(&of)].into_iter().flatten() {
        whole.fold.visit(&mut |folded| {
            operations.push(PendingOperation {
                key: key.clone(),
                path: folded.path,
                action: folded.action.clone(),
                operations: folded.operations.to_vec(),
                rejected: record.rejected.clone(),
            });
        });
    }
    operations
}
