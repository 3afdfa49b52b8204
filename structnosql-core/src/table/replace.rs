//! Writing fields, and returning the values that were there before or are there now.

use std::fmt;
use std::marker::PhantomData;

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::write::{WriteFields, removals};
use crate::backend::Backend;
use crate::change::{Change, FieldExt};
use crate::condition::Predicate;
use crate::error::{Error, ErrorKind};
use crate::field::IntoField;
use crate::handle::Field;
use crate::key::IntoKey;
use crate::mode::{Mode, Returned};
use crate::model::TableDataModel;
use crate::path::DocumentPath;
use crate::presence::{Removable, Writable};
use crate::selection::{Found, Get, Reading, RecordView, RemovableSelection, Selection, Source, Unread};
use crate::value::Value;

/// The input of the verbs that write fields and return values.
pub struct ReplaceFields<'a, M, B, W, S: 'a> {
    fields: WriteFields<'a, M, B, W>,
    selection: S,
    returned: Returned,
}

impl<'a, M: TableDataModel, B: Backend, W: Mode, S: Selection> Start for ReplaceFields<'a, M, B, W, S> {
    type Output = Result<S::Output<Get>, Error>;
    type Running = Running<'a, Self::Output>;

    fn now(&mut self) -> Option<Self::Output> {
        let mode = self.fields.mode;
        let (key, write) = self.fields.ready()?;
        mode.replace_now::<Get, S>(key, write, &self.selection, self.returned)
    }

    fn run(self) -> Self::Running {
        let ReplaceFields { fields, selection, returned } = self;
        match fields.checked() {
            Ok((link, mode, key, write)) => {
                Box::pin(mode.replace::<Get, S, B>(link, key.into_owned(), write, selection, returned))
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

impl<'a, M: TableDataModel, B: Backend, W: Mode> ReplaceFields<'a, M, B, W, ChangedPaths<M>> {
    fn of_changes(fields: WriteFields<'a, M, B, W>, returned: Returned) -> Call<Self> {
        let selection = ChangedPaths { paths: fields.paths(), model: PhantomData };
        Call::new(ReplaceFields { fields, selection, returned })
    }
}

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
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
        Call::new(ReplaceFields { fields, selection: field, returned: Returned::Old })
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
        ReplaceFields::of_changes(WriteFields::new(self, key, changes), Returned::Old)
    }

    /// Applies several changes and gives the values that they leave: `new.get(&f().visits())`.
    ///
    /// It is one `UpdateItem`, so that no two callers get the same number of a counter. A caching table pends the changes
    /// where it knows the values that they change, and sends them at once where it does not: for numbers that have to be
    /// unique among writers take a basic table.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let new = users.update_multiple_fields_return_new("x42", [f().visits().increment(1)]).await?;
    /// assert_eq!(new.get(&f().visits())?, Some(8));
    /// assert_eq!(users.backend().requests(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update_field`](Self::update_field).
    pub fn update_multiple_fields_return_new<'a>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        changes: impl IntoIterator<Item = Change<M>>,
    ) -> Call<ReplaceFields<'a, M, B, W, ChangedPaths<M>>>
    where
        M: 'a,
    {
        ReplaceFields::of_changes(WriteFields::new(self, key, changes), Returned::New)
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
        Call::new(ReplaceFields { fields, selection: field, returned: Returned::Old })
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
        Call::new(ReplaceFields { fields, selection, returned: Returned::Old })
    }
}

/// Selects the paths of several changes.
#[doc(hidden)]
pub struct ChangedPaths<M> {
    paths: Vec<DocumentPath>,
    model: PhantomData<fn() -> M>,
}

/// The values that several changed fields had before, or have after it.
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
pub struct ChangedValues<M> {
    values: Vec<(DocumentPath, Option<Value>)>,
    model: PhantomData<fn() -> M>,
}

impl<M: TableDataModel> ChangedValues<M> {
    /// The value of a field that was changed, or of one inside it; `None` where it is absent.
    ///
    /// # Errors
    ///
    /// A stored value that does not fit the model, or a field that was not changed.
    pub fn get<F: Field<Model = M>>(&self, field: &F) -> Result<Option<F::Value>, Error> {
        match field.read::<Get>(self) {
            Ok(value) => Ok(value),
            Err(Unread::Failed(error)) => Err(error),
            Err(Unread::Unknown) => {
                let problem = "it was not among the changes whose values were asked for".to_owned();
                Err(ErrorKind::Path { text: field.path().to_string(), problem }.into())
            }
        }
    }
}

impl<M: TableDataModel> RecordView for ChangedValues<M> {
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
    type Output<R: Reading> = ChangedValues<M>;

    fn visit<'s>(&'s self, visit: &mut dyn FnMut(&'s DocumentPath)) {
        self.paths.iter().for_each(visit);
    }

    fn read<R: Reading>(&self, record: &impl RecordView) -> Result<ChangedValues<M>, Unread> {
        let value = |path: &DocumentPath| Ok((path.clone(), record.read_at(path, |found| Ok(found.value.cloned()))?));
        let values = self.paths.iter().map(value).collect::<Result<_, Unread>>()?;
        Ok(ChangedValues { values, model: PhantomData })
    }
}

impl<M, B, W, S> fmt::Debug for ReplaceFields<'_, M, B, W, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fields.fmt(f)
    }
}
