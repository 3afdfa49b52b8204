//! Querying an index or the table.

use std::fmt;
use std::marker::PhantomData;

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::read::check_paths;
use crate::backend::{Backend, QueryRequest};
use crate::error::{Error, ErrorKind};
use crate::index::{IndexKey, SortRange};
use crate::link::Link;
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::page::{Cursor, Page};
use crate::path::Segment;
use crate::projection::projection;
use crate::schema::{IndexProjection, IndexSchema, TableSchema};
use crate::selection::{Reading, Row, Selection};
use crate::text::Text;

/// The input of `query_field` and `query_multiple_fields`.
pub struct QueryField<'a, M, K: 'a, B, W, S: 'a, R> {
    link: &'a Link<B>,
    mode: &'a W,
    index: IndexKey<M, K>,
    selection: S,
    limit: Option<u32>,
    start: Option<Cursor>,
    descending: bool,
    consistent: bool,
    reading: PhantomData<fn() -> R>,
}

impl<'a, M, K, B, W, S, R> QueryField<'a, M, K, B, W, S, R>
where
    M: TableDataModel,
    K: 'a,
    B: Backend,
    W: Mode,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    pub(super) fn call(table: &'a Table<M, B, W>, index: IndexKey<M, K>, selection: S) -> Call<Self> {
        let (link, mode) = (table.link(), table.mode());
        let (limit, start, descending, consistent) = (None, None, false, true);
        Call::new(QueryField {
            link,
            mode,
            index,
            selection,
            limit,
            start,
            descending,
            consistent,
            reading: PhantomData,
        })
    }

    fn request(self) -> Result<(QueryRequest, S), Error> {
        let schema = self.link.schema;
        let index = self.index.into_parts().map_err(ErrorKind::Key)?;
        let of_index = index.index.and_then(|name| schema.index(name));
        let partition_key = of_index.map_or(&schema.partition_key, |index| &index.partition_key);
        index.partition.1.check(partition_key).map_err(ErrorKind::Key)?;
        check_paths(&self.selection)?;
        if let Some(index) = of_index {
            check_held(schema, index, &self.selection)?;
        }
        let table = self.link.table.clone();
        let request = QueryRequest {
            table,
            index: index.index.map(Text::from_static),
            partition: index.partition,
            sort: index.sort,
            filter: None,
            projection: projection(schema, &self.selection),
            limit: self.limit,
            start: self.start.map(|cursor| cursor.0),
            descending: self.descending,
            // A global index cannot be read consistently.
            consistent: self.consistent && of_index.is_none_or(|index| index.local),
            count_only: false,
        };
        Ok((request, self.selection))
    }
}

/// Refuses fields that an index does not hold. DynamoDB does so too; other engines answer without them, as if they
/// were absent. For a local index DynamoDB reads them from the table.
fn check_held(schema: &TableSchema, index: &IndexSchema, selection: &impl Selection) -> Result<(), Error> {
    let included = match index.projection {
        IndexProjection::All => return Ok(()),
        IndexProjection::KeysOnly => &[][..],
        IndexProjection::Include(names) => names,
    };
    let held = |name: &Text| {
        let mut keys = schema.key_attributes().chain(index.key_attributes());
        included.contains(&name.as_str()) || keys.any(|key| key.name == *name)
    };
    let mut checked = Ok(());
    selection.visit(&mut |path| {
        let missing = !matches!(path.segments().first(), Some(Segment::Name(name)) if held(name));
        if missing && !index.local && checked.is_ok() {
            let problem = format!(
                "the index `{}` does not hold it: add it to the index's `projection`, or read it by the record's key",
                index.name
            );
            checked = Err(ErrorKind::Path { text: path.to_string(), problem }.into());
        }
    });
    checked
}

impl<'a, M, K, B, W, S, R> Start for QueryField<'a, M, K, B, W, S, R>
where
    M: TableDataModel,
    B: Backend,
    W: Mode,
    S: Selection<Model = M>,
    R: Reading,
{
    type Output = Result<Page<S::Output<R>>, Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        let (link, mode) = (self.link, self.mode);
        match self.request() {
            Ok((request, selection)) => Box::pin(mode.query::<R, S, B>(link, request, selection)),
            Err(error) => refused(error),
        }
    }
}

impl<'a, M, K, B, W, S, R> Call<QueryField<'a, M, K, B, W, S, R>>
where
    M: TableDataModel,
    K: 'a,
    B: Backend,
    W: Mode,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    /// Only records whose sort key meets the condition; see [`index`](crate::index).
    pub fn sort(self, range: SortRange<K>) -> Self {
        self.with(|input| input.index.set_sort(range))
    }

    /// Looks at no more than `items` items; the page's cursor goes on behind them.
    pub fn limit(self, items: u32) -> Self {
        self.with(|input| input.limit = Some(items))
    }

    /// Goes on where an earlier page of the same query ended.
    pub fn start_from(self, cursor: Cursor) -> Self {
        self.with(|input| input.start = Some(cursor))
    }

    /// Goes from the largest sort key down.
    pub fn descending(self) -> Self {
        self.with(|input| input.descending = true)
    }

    /// Lets the database answer from a replica that may lag behind. A global index always does.
    pub fn eventually_consistent(self) -> Self {
        self.with(|input| input.consistent = false)
    }
}

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    /// Reads a field, or several by any other [selection](Selection), of the records with one key value of the
    /// table or of an index: `Movie::indexes().primary_type("Thriller")`.
    ///
    /// It sends one `Query` and gives one [`Page`]. Which records there are, their order and the cursor are the
    /// database's. A caching table keeps what the page shows under each record's own key, and lays its changes over.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let page = users.query_field(User::indexes().country("UK"), (f().name(), f().tokens())).limit(10).await?;
    /// for (key, (name, tokens)) in &page.records {
    ///     println!("{key}: {name:?} has {} tokens", tokens.len()); // required fields are plain
    /// }
    /// assert!(page.next.is_none()); // else `.start_from(next)` goes on
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A failed request; a row that lacks a field which its model requires, or holds a value that does not fit.
    pub fn query_field<'a, K, S>(
        &'a self,
        index: IndexKey<M, K>,
        selection: S,
    ) -> Call<QueryField<'a, M, K, B, W, S, Row>>
    where
        K: 'a,
        S: Selection<Model = M> + 'a,
    {
        QueryField::call(self, index, selection)
    }

    /// Reads several fields of the records with one key value: [`query_field`](Self::query_field) by the name of the
    /// original library.
    pub fn query_multiple_fields<'a, K, S>(
        &'a self,
        index: IndexKey<M, K>,
        selection: S,
    ) -> Call<QueryField<'a, M, K, B, W, S, Row>>
    where
        K: 'a,
        S: Selection<Model = M> + 'a,
    {
        QueryField::call(self, index, selection)
    }
}

impl<M, K, B, W, S, R> fmt::Debug for QueryField<'_, M, K, B, W, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueryField").field("table", &self.link.table).finish_non_exhaustive()
    }
}
