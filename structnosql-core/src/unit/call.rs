//! The calls that commit, with their options.

use std::fmt;

use super::UnitOfWork;
use super::options::CommitOptions;
use crate::backend::Backend;
use crate::error::Error;
use crate::key::{IntoKey, Key};
use crate::link::Link;
use crate::model::TableDataModel;
use crate::outlook::{CommitMode, CommitPlan};
use crate::report::{CommitReport, OperationKind};
use crate::table::{CachingTable, Call, Running, Start, refused};

/// The input of the calls that commit.
pub struct Commit<'a, B> {
    link: &'a Link<B>,
    unit: &'a UnitOfWork,
    /// One record, or all of them.
    key: Result<Option<Key>, Error>,
    options: CommitOptions,
}

impl<'a, B: Backend> Start for Commit<'a, B> {
    type Output = Result<CommitReport, Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        let Commit { link, unit, key, options } = self;
        match key {
            Ok(key) => Box::pin(unit.commit(link, key, options)),
            Err(error) => refused(error),
        }
    }
}

impl<'a, B: Backend> Call<Commit<'a, B>> {
    /// Commits a record only where what reads have shown of the paths that are written is stored still; where another
    /// writer has changed it, the record is rejected with a [conflict](Error::conflict), and its operations stay pending.
    ///
    /// It takes no request more. What was not read, or only assumed after operations were cleared, is not compared. Of
    /// a list, of which any item is written, all that is known is compared.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let visits = users.get_field("x42", f().visits()).await?.unwrap_or_default();
    /// users.update_field("x42", f().visits(), visits * 2).await?;
    ///
    /// let other = users.session(); // somebody else
    /// other.update_field("x42", f().visits(), 8).await?;
    /// other.commit_operations().await?;
    ///
    /// let error = users.commit_operations().check_unchanged().await.expect_err("it was read as 7");
    /// let report = error.commit_report().expect("a failed commit carries its report");
    /// let conflict = report.conflicts().next().expect("the one record is in conflict");
    /// assert_eq!(conflict.base().get(&f().visits())?, Some(7));
    /// assert_eq!(conflict.mine().get(&f().visits())?, Some(14));
    /// assert_eq!(conflict.theirs().get(&f().visits())?, Some(8));
    /// # users.rollback();
    /// # Ok(())
    /// # }
    /// ```
    pub fn check_unchanged(self) -> Self {
        self.with(|commit| commit.options.unchanged = true)
    }

    /// Raises the versions of the records without a look at them, and without reading those that are not known. Without
    /// effect on a model that has no `version`.
    pub fn unchecked(self) -> Self {
        self.with(|commit| commit.options.unchecked = true)
    }

    /// All records or none, in one `TransactWriteItems`, at twice the write units.
    ///
    /// It is refused before anything is sent where it does not fit: more than 100 records or 4 MB, a record that takes
    /// more than one request, a backend without transactions. Where one record is in the way, none is changed, and the
    /// report says which and why. A transaction whose answer was lost is sent again by the next commit, with the same
    /// token and as it was: within nine minutes that is harmless, whatever it holds.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_field("x42", f().name(), "Paul").await?;
    /// users.update_field("x43", f().name(), "Friday").await?;
    /// let plan = users.commit_operations().atomic().plan();
    /// assert_eq!((plan.requests(), plan.write_units()), (1, 4));
    /// let report = users.commit_operations().atomic().await?;
    /// assert_eq!((report.records.len(), report.requests()), (2, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn atomic(self) -> Self {
        self.with(|commit| commit.options.mode = CommitMode::Atomic)
    }

    /// Each record for itself, but up to 25 in one request (`BatchExecuteStatement`), at the same write units.
    ///
    /// What a statement of PartiQL cannot say goes in a request of its own, and so does what a batch refused: a record
    /// that is not there, a counter or a list that is not known to be there, positions in lists, a value to set if
    /// absent, conditions but for comparisons and existence, a statement over 8 KB. The
    /// [plan](crate::PlannedUpdate::carrier) says which. It is refused before anything is sent where the backend has no
    /// such request.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// # users.put_record(&User { id: "x43".into(), ..users.get_record("x42").await?.unwrap() }).await?;
    /// users.update_field("x42", f().name(), "Paul").await?;
    /// users.update_field("x43", f().name(), "Friday").await?;
    /// let report = users.commit_operations().batched().await?;
    /// assert_eq!((report.records.len(), report.requests()), (2, 1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn batched(self) -> Self {
        self.with(|commit| commit.options.mode = CommitMode::Batched)
    }

    /// Sends what would do harm twice (increments, what is added to lists, positions in lists) as a transaction of its
    /// record alone, with a token, at twice the write units. Where its answer is lost, the next commit sends it again as
    /// it was, and it is applied once.
    ///
    /// It is refused before anything is sent where the backend has no transactions. Those of an
    /// [`atomic`](Self::atomic) commit have a token anyway.
    pub fn exactly_once(self) -> Self {
        self.with(|commit| commit.options.exactly_once = true)
    }

    /// So many requests are under way at the same time: at least one, and 16 unless it is said or the backend gathers
    /// them.
    pub fn concurrency(self, requests: usize) -> Self {
        self.with(|commit| commit.options.concurrency = Some(requests.max(1)))
    }

    /// What this commit would send now, instead of sending it.
    pub fn plan(self) -> CommitPlan {
        match self.into_input() {
            Some(Commit { link, unit, key: Ok(key), options }) => unit.plan(link, &unit.keys_of(key), options),
            _ => CommitPlan::default(),
        }
    }
}

impl<M: TableDataModel, B: Backend> CachingTable<M, B> {
    fn commit(&self, key: Result<Option<Key>, Error>, kind: Option<OperationKind>) -> Call<Commit<'_, B>> {
        let options = CommitOptions { kind, ..CommitOptions::default() };
        Call::new(Commit { link: self.link(), unit: self.mode(), key, options })
    }

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
    pub fn commit_operations(&self) -> Call<Commit<'_, B>> {
        self.commit(Ok(None), None)
    }

    /// Commits the pending updates alone.
    ///
    /// # Errors
    ///
    /// As [`commit_operations`](Self::commit_operations).
    pub fn commit_update_operations(&self) -> Call<Commit<'_, B>> {
        self.commit(Ok(None), Some(OperationKind::Update))
    }

    /// Commits the pending removals alone.
    ///
    /// # Errors
    ///
    /// As [`commit_operations`](Self::commit_operations).
    pub fn commit_remove_operations(&self) -> Call<Commit<'_, B>> {
        self.commit(Ok(None), Some(OperationKind::Remove))
    }

    /// Commits what is pending for one record.
    ///
    /// # Errors
    ///
    /// As [`commit_operations`](Self::commit_operations).
    pub fn commit_record(&self, key: impl IntoKey<M::Key>) -> Call<Commit<'_, B>> {
        self.commit(self.link().schema.key(key).map(|key| Some(key.into_owned())), None)
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
}

impl<B> fmt::Debug for Commit<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Commit").field("options", &self.options).finish_non_exhaustive()
    }
}
