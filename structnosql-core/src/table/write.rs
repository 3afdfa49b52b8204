//! Writing fields by key.

use std::fmt;
use std::marker::PhantomData;

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::write_field::WriteField;
use crate::action::Action;
use crate::backend::Backend;
use crate::change::{Change, storing};
use crate::condition::{Condition, Predicate};
use crate::error::{Error, ErrorKind};
use crate::field::IntoField;
use crate::handle::Field;
use crate::key::{IntoKey, KeyRef, RecordKey};
use crate::link::Link;
use crate::mismatch::Mismatches;
use crate::mode::{Mode, Write};
use crate::model::TableDataModel;
use crate::path::DocumentPath;
use crate::presence::{Removable, Writable};
use crate::schema::TableSchema;
use crate::selection::{RemovableSelection, Selection};

#[inline]
fn write_of<M>(schema: &TableSchema, changes: impl IntoIterator<Item = Change<M>>) -> Result<Write, Error> {
    let mut write = Write::default();
    let mut wrong = Mismatches::default();
    for change in changes {
        let (path, action) = match change.into_parts().map_err(Error::into_kind) {
            Ok(parts) => parts,
            Err(ErrorKind::InvalidValue(mismatch)) => {
                wrong.add(mismatch);
                continue;
            }
            Err(other) => return Err(other.into()),
        };
        schema.check_index_key(&path, &action)?;
        if let Some(broken) = schema.broken_by(&path, &action) {
            wrong.add(broken);
        }
        write.changes.push((path, action));
    }
    Ok(wrong.or(write).map_err(ErrorKind::InvalidValue)?)
}

/// The input of the verbs that write fields.
pub struct WriteFields<'a, M, B, W> {
    model: PhantomData<fn() -> M>,
    link: &'a Link<B>,
    pub(super) mode: &'a W,
    key: Result<KeyRef<'a>, Error>,
    write: Result<Write, Error>,
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> WriteFields<'a, M, B, W> {
    #[inline]
    fn call(
        table: &'a Table<M, B, W>,
        key: impl IntoKey<M::Key> + 'a,
        changes: impl IntoIterator<Item = Change<M>>,
    ) -> Call<Self> {
        Call::new(WriteFields::new(table, key, changes))
    }

    #[inline]
    pub(super) fn new(
        table: &'a Table<M, B, W>,
        key: impl IntoKey<M::Key> + 'a,
        changes: impl IntoIterator<Item = Change<M>>,
    ) -> Self {
        let schema = table.link().schema;
        let (key, write) = (schema.key_to_write(key), write_of(schema, changes));
        WriteFields { model: PhantomData, link: table.link(), mode: table.mode(), key, write }
    }

    /// The key and what is to be written, if both are right.
    #[inline]
    pub(super) fn ready(&mut self) -> Option<(RecordKey<'_>, &mut Write)> {
        let (Ok(key), Ok(write)) = (&self.key, &mut self.write) else { return None };
        Some((RecordKey { schema: self.link.schema, key }, write))
    }

    /// What is to be changed.
    pub(super) fn paths(&self) -> Vec<DocumentPath> {
        self.write.iter().flat_map(|write| &write.changes).map(|(path, _)| path.clone()).collect()
    }

    /// Both parts, if both are right.
    pub(super) fn checked(self) -> Result<(&'a Link<B>, &'a W, KeyRef<'a>, Write), Error> {
        Ok((self.link, self.mode, self.key?, self.write?))
    }

    pub(super) fn uncheck(&mut self) {
        if let Ok(write) = &mut self.write {
            write.unchecked = true;
        }
    }

    pub(super) fn require_record(&mut self) {
        self.require(Ok(self.link.schema.record_exists()));
    }

    pub(super) fn require(&mut self, condition: Result<Condition, Error>) {
        match (&mut self.write, condition) {
            (Ok(write), Ok(condition)) => write.require(condition),
            (Ok(_), Err(error)) => self.write = Err(error),
            (Err(_), _) => {}
        }
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> Start for WriteFields<'a, M, B, W> {
    type Output = Result<(), Error>;
    type Running = Running<'a, Self::Output>;

    #[inline]
    fn now(&mut self) -> Option<Self::Output> {
        let mode = self.mode;
        let (key, write) = self.ready()?;
        mode.write_now(key, write.lent())
    }

    fn run(self) -> Self::Running {
        match self.checked() {
            Ok((link, mode, key, write)) => Box::pin(mode.write(link, key.into_owned(), write)),
            Err(error) => refused(error),
        }
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> Call<WriteFields<'a, M, B, W>> {
    /// Refuses to bring a record into being: the write fails where there is none (`is_condition_failed`).
    ///
    /// On a caching table that is found out at commit, unless the table knows it already.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_multiple_fields("nobody", [f().visits().increment(1)]).if_exists().await?; // pended
    /// let error = users.commit_operations().await.expect_err("there is nobody");
    /// assert_eq!(error.commit_report().map(|report| report.uncommitted().count()), Some(1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn if_exists(self) -> Self {
        self.with(WriteFields::require_record)
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
        self.with(WriteFields::uncheck)
    }
}

pub(super) fn removals<M, S: Selection<Model = M>>(selection: &S) -> Vec<Change<M>> {
    let mut changes = Vec::new();
    selection.visit(&mut |path| changes.push(Change::new(path.clone(), Action::Remove)));
    changes
}

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    /// Stores a value in a field of one record, creating the record where there is none (unless `.if_exists()`).
    ///
    /// A basic table sends one `UpdateItem`; a caching table pends the change and sends nothing. Maps and structs
    /// above the field that are absent come into being with it.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_field("x42", f().tokens().key("t33").expires(), 1_700_000_000).await?;
    /// assert_eq!(users.backend().requests(), 0); // pending: a commit sends it
    ///
    /// users.commit_operations().await?;
    /// assert_eq!(users.get_field("x42", f().tokens().key("t33").expires()).await?, Some(1_700_000_000));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A value that cannot be stored (`is_invalid_value`); a field inside a value of another type
    /// (`is_type_conflict`); a struct that would come into being without its required fields; a failed request.
    #[inline]
    pub fn update_field<'a, F>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        field: F,
        value: impl IntoField<F::Value>,
    ) -> Call<WriteField<'a, M, B, W, F>>
    where
        F: Field<Model = M> + 'a,
        F::Presence: Writable,
    {
        let action = storing(&field, value);
        WriteField::call(self, key, field, action)
    }

    /// Applies several changes of one record together, in their order: `[f().name().set("Paul"), f().age().remove()]`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.update_multiple_fields("x42", [f().name().set("Paul"), f().visits().remove()]).await?;
    /// assert_eq!(users.plan_commit().requests(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_field`](Self::update_field). Where one change is refused, none is made.
    pub fn update_multiple_fields<'a>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        changes: impl IntoIterator<Item = Change<M>>,
    ) -> Call<WriteFields<'a, M, B, W>> {
        WriteFields::call(self, key, changes)
    }

    /// Takes the value of a field out; nothing there is fine.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.delete_field("x42", f().tokens().key("t32")).await?;
    /// assert!(users.has_pending_remove_operations());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_field`](Self::update_field).
    pub fn delete_field<'a, F>(&'a self, key: impl IntoKey<M::Key> + 'a, field: F) -> Call<WriteField<'a, M, B, W, F>>
    where
        F: Field<Model = M> + 'a,
        F::Presence: Removable,
    {
        WriteField::call(self, key, field, Ok(Action::Remove))
    }

    /// Takes the values of several fields out together.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// users.delete_multiple_fields("x42", (f().name(), f().tokens().key("t32"))).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_field`](Self::update_field).
    pub fn delete_multiple_fields<'a, S>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        selection: S,
    ) -> Call<WriteFields<'a, M, B, W>>
    where
        S: RemovableSelection<Model = M>,
    {
        WriteFields::call(self, key, removals(&selection))
    }
}

impl<M, B, W> fmt::Debug for WriteFields<'_, M, B, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteFields").field("table", &self.link.table).finish_non_exhaustive()
    }
}
