//! Writing fields by key.

use std::fmt;
use std::marker::PhantomData;

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::write_field::WriteField;
use crate::action::Action;
use crate::backend::Backend;
use crate::change::{Change, FieldExt, storing};
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
use crate::selection::{Found, Get, Reading, RecordView, RemovableSelection, Selection, Source, Unread};
use crate::value::Value;

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
    mode: &'a W,
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
    fn new(
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
    fn ready(&mut self) -> Option<(RecordKey<'_>, &mut Write)> {
        let (Ok(key), Ok(write)) = (&self.key, &mut self.write) else { return None };
        Some((RecordKey { schema: self.link.schema, key }, write))
    }

    /// Both parts, if both are right.
    pub(super) fn checked(self) -> Result<(&'a Link<B>, &'a W, KeyRef<'a>, Write), Error> {
        Ok((self.link, self.mode, self.key?, self.write?))
    }

    fn uncheck(&mut self) {
        if let Ok(write) = &mut self.write {
            write.unchecked = true;
        }
    }

    fn require_record(&mut self) {
        self.require(Ok(self.link.schema.record_exists()));
    }

    fn require(&mut self, condition: Result<Condition, Error>) {
        match (&mut self.write, condition) {
            (Ok(write), Ok(condition)) => {
                write.condition = Condition::all(write.condition.take().into_iter().chain([condition]))
            }
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
        mode.write_now(key, write)
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

/// The input of the verbs that write fields and return the old values.
pub struct ReplaceFields<'a, M, B, W, S: 'a> {
    fields: WriteFields<'a, M, B, W>,
    selection: S,
}

impl<'a, M: TableDataModel, B: Backend, W: Mode, S: Selection> Start for ReplaceFields<'a, M, B, W, S> {
    type Output = Result<S::Output<Get>, Error>;
    type Running = Running<'a, Self::Output>;

    fn now(&mut self) -> Option<Self::Output> {
        let mode = self.fields.mode;
        let (key, write) = self.fields.ready()?;
        mode.replace_now::<Get, S>(key, write, &self.selection)
    }

    fn run(self) -> Self::Running {
        let ReplaceFields { fields, selection } = self;
        match fields.checked() {
            Ok((link, mode, key, write)) => {
                Box::pin(mode.replace::<Get, S, B>(link, key.into_owned(), write, selection))
            }
            Err(error) => refused(error),
        }
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode, S: Selection + 'a> Call<ReplaceFields<'a, M, B, W, S>> {
    /// Refuses to bring a record into being: the write fails where there is none (`is_condition_failed`).
    pub fn if_exists(self) -> Self {
        self.with(|input| input.fields.require_record())
    }

    /// Applies the write only where the stored record meets the condition (`is_condition_failed` otherwise).
    pub fn condition(self, condition: Predicate<M>) -> Self {
        self.with(|input| input.fields.require(condition.into_condition()))
    }

    /// Raises the record's version whatever it is, without reading it first where it is not known. Without effect on a
    /// model that has no `version`.
    pub fn unchecked(self) -> Self {
        self.with(|input| input.fields.uncheck())
    }
}

fn removals<M, S: Selection<Model = M>>(selection: &S) -> Vec<Change<M>> {
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

    /// Stores a value in a field and gives the value that was there before.
    ///
    /// A caching table pends the change where it knows the old value, and sends it at once where it does not.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let old = users.update_field_return_old("x42", f().name(), "Paul").await?; // not known: sent at once
    /// assert_eq!(old.as_deref(), Some("Robinson"));
    ///
    /// let old = users.update_field_return_old("x42", f().name(), "Friday").await?; // known: pended
    /// assert_eq!(old.as_deref(), Some("Paul"));
    /// assert!(users.has_pending_update_operations());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_field`](Self::update_field).
    pub fn update_field_return_old<'a, F>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        field: F,
        value: impl IntoField<F::Value>,
    ) -> Call<ReplaceFields<'a, M, B, W, F>>
    where
        F: Field<Model = M> + 'a,
        F::Presence: Writable,
    {
        let fields = WriteFields::new(self, key, [FieldExt::set(field.clone(), value)]);
        Call::new(ReplaceFields { fields, selection: field })
    }

    /// Applies several changes and gives the values that were there before: `old.get(&f().name())`.
    ///
    /// # Errors
    ///
    /// As [`update_field`](Self::update_field).
    pub fn update_multiple_fields_return_old<'a>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        changes: impl IntoIterator<Item = Change<M>>,
    ) -> Call<ReplaceFields<'a, M, B, W, ChangedPaths<M>>>
    where
        M: 'a,
    {
        let fields = WriteFields::new(self, key, changes);
        let paths = fields.write.iter().flat_map(|write| &write.changes).map(|(path, _)| path.clone()).collect();
        Call::new(ReplaceFields { fields, selection: ChangedPaths { paths, model: PhantomData } })
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

    /// Takes the value of a field out and gives it back.
    ///
    /// A caching table pends the removal where it knows the value, and sends it at once where it does not.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let old: Option<Token> = users.remove_field("x42", f().tokens().key("t32")).await?;
    /// assert_eq!(old.map(|token| token.expires), Some(1_618_322_249));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_field`](Self::update_field).
    pub fn remove_field<'a, F>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        field: F,
    ) -> Call<ReplaceFields<'a, M, B, W, F>>
    where
        F: Field<Model = M> + 'a,
        F::Presence: Removable,
    {
        let fields = WriteFields::new(self, key, [FieldExt::remove(field.clone())]);
        Call::new(ReplaceFields { fields, selection: field })
    }

    /// Takes the values of several fields out together and gives them back, in the shape of the selection.
    ///
    /// # Errors
    ///
    /// As [`update_field`](Self::update_field).
    pub fn remove_multiple_fields<'a, S>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        selection: S,
    ) -> Call<ReplaceFields<'a, M, B, W, S>>
    where
        S: RemovableSelection<Model = M> + 'a,
    {
        let fields = WriteFields::new(self, key, removals(&selection));
        Call::new(ReplaceFields { fields, selection })
    }
}

/// Selects the paths of several changes.
#[doc(hidden)]
pub struct ChangedPaths<M> {
    paths: Vec<DocumentPath>,
    model: PhantomData<fn() -> M>,
}

/// The values that several changed fields had before.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// # let (users, f) = (users().await?, User::fields);
/// let old = users.update_multiple_fields_return_old("x42", [f().name().set("Paul"), f().visits().set(8)]).await?;
/// assert_eq!(old.get(&f().name())?.as_deref(), Some("Robinson"));
/// assert_eq!(old.get(&f().visits())?, Some(7));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OldValues<M> {
    values: Vec<(DocumentPath, Option<Value>)>,
    model: PhantomData<fn() -> M>,
}

impl<M: TableDataModel> OldValues<M> {
    /// The old value of a field that was changed, or of one inside it; `None` where it was absent.
    ///
    /// # Errors
    ///
    /// A stored value that does not fit the model, or a field that was not changed.
    pub fn get<F: Field<Model = M>>(&self, field: &F) -> Result<Option<F::Value>, Error> {
        match field.read::<Get>(self) {
            Ok(value) => Ok(value),
            Err(Unread::Failed(error)) => Err(error),
            Err(Unread::Unknown) => {
                let problem = "it was not among the changes whose old values were asked for".to_owned();
                Err(ErrorKind::Path { text: field.path().to_string(), problem }.into())
            }
        }
    }
}

impl<M: TableDataModel> RecordView for OldValues<M> {
    fn read_at<T>(&self, path: &DocumentPath, read: impl FnOnce(Found<'_>) -> Result<T, Unread>) -> Result<T, Unread> {
        let above = self.values.iter().find(|(changed, _)| path.starts_with(changed)).ok_or(Unread::Unknown)?;
        let below = &path.segments()[above.0.segments().len()..];
        let value = match &above.1 {
            Some(value) => value.find(below).map_err(|mismatch| ErrorKind::StoredValue(mismatch.at(&above.0)))?,
            None => None,
        };
        read(Found { value, source: Source::Database, schema: M::table() })
    }

    fn exists(&self) -> Result<bool, Unread> {
        Ok(self.values.iter().any(|(_, value)| value.is_some()))
    }
}

impl<M: Send + Sync + 'static> Selection for ChangedPaths<M> {
    type Model = M;
    type Output<R: Reading> = OldValues<M>;

    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
        self.paths.iter().for_each(visit);
    }

    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<OldValues<M>, Unread> {
        let value = |path: &DocumentPath| Ok((path.clone(), record.read_at(path, |found| Ok(found.value.cloned()))?));
        let values = self.paths.iter().map(value).collect::<Result<_, Unread>>()?;
        Ok(OldValues { values, model: PhantomData })
    }
}

impl<M, B, W> fmt::Debug for WriteFields<'_, M, B, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteFields").field("table", &self.link.table).finish_non_exhaustive()
    }
}
