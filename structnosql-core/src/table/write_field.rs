//! Writing one field by key.

use std::fmt;
use std::marker::PhantomData;

use smallvec::smallvec;

use super::Table;
use super::call::{Call, Running, Start, refused};
use crate::action::Action;
use crate::backend::Backend;
use crate::condition::{Condition, Predicate};
use crate::error::{Error, ErrorKind};
use crate::handle::Field;
use crate::key::{IntoKey, KeyRef, RecordKey};
use crate::link::Link;
use crate::mode::{Changes, Lent, Mode, Write, joined};
use crate::model::TableDataModel;
use crate::path::DocumentPath;
use crate::schema::TableSchema;

/// The input of `update_field` and `delete_field`.
///
/// The path stays in the field that was given: to pend a change, nothing has to be copied.
pub struct WriteField<'a, M, B, W, F> {
    model: PhantomData<fn() -> M>,
    link: &'a Link<B>,
    mode: &'a W,
    key: Result<KeyRef<'a>, Error>,
    field: F,
    action: Result<Action, Error>,
    /// In a box, since few writes have one.
    condition: Option<Box<Condition>>,
    /// The version is raised without a look at it.
    unchecked: bool,
}

impl<'a, M: TableDataModel, B: Backend, W: Mode, F: Field<Model = M> + 'a> WriteField<'a, M, B, W, F> {
    #[inline]
    pub(super) fn call(
        table: &'a Table<M, B, W>,
        key: impl IntoKey<M::Key> + 'a,
        field: F,
        action: Result<Action, Error>,
    ) -> Call<Self> {
        let (link, mode, key) = (table.link(), table.mode(), table.link().schema.key_to_write(key));
        let refused = action.as_ref().ok().and_then(|action| refused_at(link.schema, field.path(), action));
        let action = refused.map_or(action, Err);
        Call::new(WriteField { model: PhantomData, link, mode, key, field, action, condition: None, unchecked: false })
    }

    /// All parts, if they are right.
    pub(super) fn checked(self) -> Result<(&'a Link<B>, &'a W, KeyRef<'a>, Write), Error> {
        let (key, action) = (self.key?, self.action?);
        Ok((self.link, self.mode, key, write_of(&self.field, action, self.condition, self.unchecked)))
    }

    fn require(&mut self, condition: Result<Condition, Error>) {
        match (&self.action, condition) {
            (Ok(_), Ok(condition)) => self.condition = joined(self.condition.take(), condition),
            (Ok(_), Err(error)) => self.action = Err(error),
            (Err(_), _) => {}
        }
    }
}

/// Why an action may not be done to a field, where it may not.
#[inline]
fn refused_at(schema: &TableSchema, path: &DocumentPath, action: &Action) -> Option<Error> {
    if let Err(error) = path.check().and_then(|()| schema.check_index_key(path, action)) {
        return Some(error);
    }
    schema.broken_by(path, action).map(|broken| ErrorKind::InvalidValue(broken).into())
}

fn write_of(field: &impl Field, action: Action, condition: Option<Box<Condition>>, unchecked: bool) -> Write {
    Write { changes: smallvec![(field.path().clone(), action)], condition, unchecked }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode, F: Field<Model = M> + 'a> Start for WriteField<'a, M, B, W, F> {
    type Output = Result<(), Error>;
    type Running = Running<'a, Self::Output>;

    #[inline]
    fn now(&mut self) -> Option<Self::Output> {
        let (Ok(key), Ok(action)) = (&self.key, &mut self.action) else { return None };
        let key = RecordKey { schema: self.link.schema, key };
        let changes = Changes::One(self.field.path(), action);
        self.mode.write_now(key, Lent { changes, condition: self.condition.as_deref(), unchecked: self.unchecked })
    }

    fn run(self) -> Self::Running {
        match self.checked() {
            Ok((link, mode, key, write)) => Box::pin(mode.write(link, key.into_owned(), write)),
            Err(error) => refused(error),
        }
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode, F: Field<Model = M> + 'a> Call<WriteField<'a, M, B, W, F>> {
    /// Refuses to bring a record into being: the write fails where there is none (`is_condition_failed`).
    ///
    /// On a caching table that is found out at commit, unless the table knows it already.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_field("nobody", f().name(), "Xury").if_exists().await?;
    /// let error = users.commit_operations().await.expect_err("there is no such record");
    /// let report = error.commit_report().expect("a failed commit carries its report");
    /// assert_eq!(report.uncommitted().count(), 1);
    /// # users.rollback();
    /// # Ok(())
    /// # }
    /// ```
    pub fn if_exists(self) -> Self {
        self.with(|input| input.require(Ok(input.link.schema.record_exists())))
    }

    /// Applies the write only where the stored record meets the condition (`is_condition_failed` otherwise).
    ///
    /// A caching table keeps it with the record's operations: all their conditions have to hold when they are
    /// committed. What it reads must not be pending, since it means what is stored (`ConditionOnPending`).
    pub fn condition(self, condition: Predicate<M>) -> Self {
        self.with(|input| input.require(condition.into_condition()))
    }

    /// Raises the record's version whatever it is, without reading it first where it is not known. Without effect on a
    /// model that has no `version`.
    ///
    /// On a caching table a commit looks at the version of a record unless all that is pending for it is unchecked.
    pub fn unchecked(self) -> Self {
        self.with(|input| input.unchecked = true)
    }
}

impl<M, B, W, F> fmt::Debug for WriteField<'_, M, B, W, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteField").field("table", &self.link.table).finish_non_exhaustive()
    }
}
