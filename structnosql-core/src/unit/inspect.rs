//! Looking at what is pending, planning a commit, committing.

use std::borrow::Cow;
use std::sync::Arc;

use super::UnitOfWork;
use super::options::CommitOptions;
use crate::backend::Backend;
use crate::direct::refused;
use crate::fold::Fate;
use crate::key::{IntoKey, Key, RecordKey};
use crate::link::Link;
use crate::lock::Raise;
use crate::model::TableDataModel;
use crate::outlook::{Carrier, CommitPlan, Outlook, RecordPlan};
use crate::plan::leans_on_parents;
use crate::record::Record;
use crate::report::{OperationKind, PendingOperation};
use crate::table::CachingTable;

impl UnitOfWork {
    /// What a commit of these records would send.
    pub(super) fn plan<B: Backend>(&self, link: &Link<B>, keys: &[Key], options: CommitOptions) -> CommitPlan {
        let records = {
            let state = self.shared.lock();
            let dirty =
                keys.iter().filter_map(|key| Some((key, state.record(key).filter(|record| record.is_dirty())?)));
            dirty.map(|(key, record)| plan(link, key, record, options)).collect()
        };
        let mut plan = CommitPlan { records, mode: options.mode, refusal: None };
        plan.refusal = options.check(link.backend.capabilities()).and_then(|()| plan.check()).err().map(Arc::new);
        plan
    }

    fn inspect<T>(&self, mut look: impl FnMut(&Key, &Record) -> T) -> Vec<T> {
        let state = self.shared.lock();
        state.dirty_keys().iter().filter_map(|key| Some(look(key, state.record(key)?))).collect()
    }
}

impl<M: TableDataModel, B: Backend> CachingTable<M, B> {
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
        self.commit_operations().plan()
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
        self.commit_record(key).plan().records.pop()
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
    /// applied, or pending again; a record without such a write is left alone. What is said of one record of a
    /// transaction holds for all of them.
    pub fn resolve_in_doubt(&self, key: impl IntoKey<M::Key>, resolution: Resolution) {
        if let Ok(key) = key.into_key() {
            self.mode().resolve_all(M::table(), &key.into_owned(), resolution == Resolution::Applied);
        }
    }
}

fn plan<B: Backend>(link: &Link<B>, key: &Key, record: &Record, options: CommitOptions) -> RecordPlan {
    let of = RecordKey { schema: link.schema, key };
    let lock = record.lock.as_deref();
    let outlook = Outlook { schema: link.schema, table: &link.table, key: &of.attributes(), base: &record.base };
    let told = record.told_in_doubt();
    let in_doubt = record.in_doubt().map(|request| outlook.in_doubt(request, record.is_repeatable(), told));
    let (mut reads_version, mut reads_parents) = (false, false);
    let updates = record.whole(&of).map_err(refused).and_then(|whole| {
        let terms = options.terms(link, lock, &whole)?;
        reads_version = lock.is_none() && matches!(terms.raise, Some(Raise::From(_)));
        // Where the request in doubt turns out to be applied, the commit that it belongs to goes on.
        let put_off = in_doubt.iter().flat_map(|_| record.put_off_folds());
        let fold = match options.kind {
            None => whole.fold,
            Some(kind) => Cow::Owned(whole.fold.into_owned().take_kind(kind, Fate::Applied)),
        };
        reads_parents = leans_on_parents(link.schema, &record.base, &fold, terms.can);
        let mut updates = outlook.updates(put_off, &fold, terms)?;
        for (at, update) in updates.iter_mut().enumerate() {
            let carrier = match options.carrier(&record.base, &update.request) {
                // A batch takes the first update of a record that has nothing to settle before.
                Carrier::Batch if at > 0 || in_doubt.is_some() => Carrier::Update,
                carrier => carrier,
            };
            update.go_by(carrier);
        }
        Ok(updates)
    });
    RecordPlan { key: key.clone(), in_doubt, reads_version, reads_parents, updates: updates.map_err(Arc::new) }
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
    let (sealed, whole) = (record.sealed_whole(&of), record.whole(&of));
    let (sealed, whole) = (sealed.iter().map(|sealed| &*sealed.fold), whole.iter().map(|whole| &*whole.fold));
    let mut operations = Vec::new();
    for fold in sealed.chain(record.put_off_folds()).chain(whole) {
        fold.visit(&mut |folded| {
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
