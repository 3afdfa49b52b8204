//! Reading fields and records by key.

use std::fmt;
use std::marker::PhantomData;

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::validation::Validated;
use crate::backend::Backend;
use crate::error::Error;
use crate::index::IndexKey;
use crate::key::{IntoKey, KeyRef, RecordKey};
use crate::link::Link;
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::readers::Readers;
use crate::selection::{Debugged, Get, Reading, Row, Selection, WholeRecord};
use crate::table::query::{ByKey, QueryField};
use crate::table::rows::ReadRows;
use crate::table::scan::{Everything, ScanField};

/// The input of `get_field`, `get_multiple_fields` and `get_record`.
pub struct GetField<'a, M, B, W, S: 'a, R> {
    pub(super) link: &'a Link<B>,
    pub(super) mode: &'a W,
    pub(super) key: Result<KeyRef<'a>, Error>,
    pub(super) selection: S,
    consistent: bool,
    types: PhantomData<fn() -> (M, R)>,
}

impl<'a, M, B, W, S, R> GetField<'a, M, B, W, S, R>
where
    M: TableDataModel,
    B: Backend,
    W: Mode,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    #[inline]
    fn call(table: &'a Table<M, B, W>, key: impl IntoKey<M::Key> + 'a, selection: S) -> Call<Self> {
        let key = table.link().schema.key(key);
        let (link, mode) = (table.link(), table.mode());
        Call::new(GetField { link, mode, key, selection, consistent: true, types: PhantomData })
    }
}

/// Whether there can be something at every path that is selected.
pub(super) fn check_paths(selection: &impl Selection) -> Result<(), Error> {
    let mut checked = Ok(());
    selection.visit(&mut |path| {
        if checked.is_ok() {
            checked = path.check();
        }
    });
    checked
}

impl<'a, M, B, W, S, R> Start for GetField<'a, M, B, W, S, R>
where
    M: TableDataModel,
    B: Backend,
    W: Mode,
    S: Selection<Model = M>,
    R: Reading,
{
    type Output = Result<S::Output<R>, Error>;
    type Running = Running<'a, Self::Output>;

    #[inline]
    fn now(&mut self) -> Option<Self::Output> {
        let key = self.key.as_ref().ok()?;
        self.mode.read_now::<R, S>(RecordKey { schema: self.link.schema, key }, &self.selection)
    }

    fn run(self) -> Self::Running {
        let GetField { link, mode, key, selection, consistent, .. } = self;
        match key.and_then(|key| check_paths(&selection).map(|()| key)) {
            Ok(key) => Box::pin(mode.read::<R, S, B>(link, key.into_owned(), selection, consistent)),
            Err(error) => refused(error),
        }
    }
}

impl<'a, M, B, W, S, R> Call<GetField<'a, M, B, W, S, R>>
where
    M: TableDataModel,
    B: Backend,
    W: Mode,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    /// Lets the database answer from a replica that may lag behind, at half the read units.
    ///
    /// What it brings fills only what the table does not know yet. See AWS's page on
    /// [read consistency](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.ReadConsistency.html).
    pub fn eventually_consistent(self) -> Self {
        self.with(|input| input.consistent = false)
    }
}

impl<'a, M, B, W, S> Validated for GetField<'a, M, B, W, S, Get>
where
    M: TableDataModel,
    B: Backend,
    W: Mode,
    S: Selection<Model = M> + 'a,
{
    type As<R: Reading> = GetField<'a, M, B, W, S, R>;

    fn read_as<R: Reading>(self) -> GetField<'a, M, B, W, S, R> {
        let GetField { link, mode, key, selection, consistent, .. } = self;
        GetField { link, mode, key, selection, consistent, types: PhantomData }
    }
}

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    /// Reads a field, or several by any other [selection](Selection), of one record.
    ///
    /// Every field reads as an `Option`: absent in the record, or of a record that is absent, is `None`. A basic table
    /// sends one `GetItem` that names just these paths; a caching table one for those that it does not know, or none.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let (name, expires) = users.get_field("x42", (f().name(), f().tokens().key("t32").expires())).await?;
    /// assert_eq!((name.as_deref(), expires), (Some("Robinson"), Some(1_618_322_249)));
    ///
    /// let visits = users.get_field("x42", f().visits()).eventually_consistent().await?;
    /// assert_eq!(visits, Some(7));
    /// assert_eq!(users.get_field("nobody", f().visits()).await?, None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A failed request; a stored value that does not fit the model (`is_stored_value`), with its path. DynamoDB leaves
    /// out a path that leads through a value of another type, as it does one that is absent; such a path is told
    /// apart, as an error, where the table knows the value above it.
    pub fn get_field<'a, S>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        selection: S,
    ) -> Call<GetField<'a, M, B, W, S, Get>>
    where
        S: Selection<Model = M> + 'a,
    {
        GetField::call(self, key, selection)
    }

    /// Reads several fields of one record: [`get_field`](Self::get_field) by the name of the original library.
    pub fn get_multiple_fields<'a, S>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        selection: S,
    ) -> Call<GetField<'a, M, B, W, S, Get>>
    where
        S: Selection<Model = M> + 'a,
    {
        GetField::call(self, key, selection)
    }

    /// Reads a whole record; `None` where there is none.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let user: Option<User> = users.get_record("x42").await?;
    /// assert_eq!(user, Some(robinson()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn get_record<'a>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
    ) -> Call<GetField<'a, M, B, W, WholeRecord<M>, Get>> {
        GetField::call(self, key, WholeRecord::default())
    }

    /// The same table, reading every value together with its [source](crate::Source): a request, the cache, a
    /// pending change, or one that was cleared.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// # use structnosql_core::Source;
    /// let name = users.debug().get_field("x42", f().name()).await?;
    /// assert_eq!((name.value.as_deref(), name.source), (Some("Robinson"), Source::Database));
    ///
    /// users.update_field("x42", f().visits(), 8).await?;
    /// let (name, visits) = users.debug().get_field("x42", (f().name(), f().visits())).await?;
    /// assert_eq!((name.source, visits.source), (Source::Cache, Source::Pending));
    /// # Ok(())
    /// # }
    /// ```
    pub fn debug(&self) -> DebugTable<'_, M, B, W> {
        DebugTable { table: self }
    }
}

/// A table whose reads give every value with its source; made by [`Table::debug`].
pub struct DebugTable<'t, M, B, W> {
    table: &'t Table<M, B, W>,
}

impl<'t, M: TableDataModel, B: Backend, W: Mode> DebugTable<'t, M, B, W> {
    /// [`Table::get_field`], with sources.
    pub fn get_field<S>(
        &self,
        key: impl IntoKey<M::Key> + 't,
        selection: S,
    ) -> Call<GetField<'t, M, B, W, S, Debugged<Get>>>
    where
        S: Selection<Model = M> + 't,
    {
        GetField::call(self.table, key, selection)
    }

    /// [`Table::get_multiple_fields`], with sources.
    pub fn get_multiple_fields<S>(
        &self,
        key: impl IntoKey<M::Key> + 't,
        selection: S,
    ) -> Call<GetField<'t, M, B, W, S, Debugged<Get>>>
    where
        S: Selection<Model = M> + 't,
    {
        GetField::call(self.table, key, selection)
    }

    /// [`Table::get_record`], with its source.
    pub fn get_record(
        &self,
        key: impl IntoKey<M::Key> + 't,
    ) -> Call<GetField<'t, M, B, W, WholeRecord<M>, Debugged<Get>>> {
        GetField::call(self.table, key, WholeRecord::default())
    }

    /// [`Table::query_field`], with sources.
    pub fn query_field<K, S>(
        &self,
        index: IndexKey<M, K>,
        selection: S,
    ) -> Call<QueryField<'t, M, K, B, S, Debugged<Row>>>
    where
        S: Selection<Model = M> + 't,
        K: 't,
    {
        ReadRows::call(Readers::one(self.table.reader()), ByKey::new(index), selection)
    }

    /// [`Table::query_multiple_fields`], with sources.
    pub fn query_multiple_fields<K, S>(
        &self,
        index: IndexKey<M, K>,
        selection: S,
    ) -> Call<QueryField<'t, M, K, B, S, Debugged<Row>>>
    where
        S: Selection<Model = M> + 't,
        K: 't,
    {
        self.query_field(index, selection)
    }

    /// [`Table::scan_field`], with sources.
    pub fn scan_field<S>(&self, selection: S) -> Call<ScanField<'t, M, B, S, Debugged<Row>>>
    where
        S: Selection<Model = M> + 't,
    {
        ReadRows::call(Readers::one(self.table.reader()), Everything::default(), selection)
    }
}

impl<M, B, W> fmt::Debug for DebugTable<'_, M, B, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}
