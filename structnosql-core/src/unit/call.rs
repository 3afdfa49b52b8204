//! The calls that commit, with their options.

use std::fmt;

use super::UnitOfWork;
use super::options::CommitOptions;
use crate::backend::Backend;
use crate::error::Error;
use crate::key::{IntoKey, Key};
use crate::link::Link;
use crate::model::TableDataModel;
use crate::outlook::CommitPlan;
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

    /// What this commit would send now, instead of sending it.
    pub fn plan(self) -> CommitPlan {
        match self.into_input() {
            Some(Commit { link, unit, key: Ok(key), options }) => unit.plan(link, key.as_ref(), options),
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
