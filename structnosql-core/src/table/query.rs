//! Querying an index or the table.

use super::Table;
use super::call::Call;
use super::rows::{Asked, ReadRows, RowsOf};
use crate::backend::Backend;
use crate::error::{Error, ErrorKind};
use crate::index::{IndexKey, SortRange};
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::readers::Readers;
use crate::rows::{Rows, Which};
use crate::schema::TableSchema;
use crate::selection::{Reading, Row, Selection, WholeRecord};

/// The input of `query_field` and `query_multiple_fields`.
pub type QueryField<'a, M, K, B, S, R> = ReadRows<'a, M, ByKey<M, K>, B, S, R>;

/// Rows by one key value of the table or of an index.
#[derive(Clone, Debug)]
pub struct ByKey<M, K> {
    index: IndexKey<M, K>,
    descending: bool,
}

impl<M, K> ByKey<M, K> {
    pub(super) fn new(index: IndexKey<M, K>) -> Self {
        ByKey { index, descending: false }
    }
}

impl<M, K> RowsOf<M> for ByKey<M, K> {
    fn ask<S: Selection>(self, schema: &'static TableSchema, selection: &S, asked: Asked) -> Result<Rows, Error> {
        let index = self.index.into_parts().map_err(ErrorKind::Key)?;
        let of_index = index.index.and_then(|name| schema.index(name));
        let (partition_key, sort_key) = match of_index {
            Some(index) => (&index.partition_key, index.sort_key.as_ref()),
            None => (&schema.partition_key, schema.sort_key.as_ref()),
        };
        index.partition.1.check(partition_key).map_err(ErrorKind::Key)?;
        if let (Some((_, condition)), Some(sort_key)) = (&index.sort, sort_key) {
            condition.check(sort_key).map_err(ErrorKind::Key)?;
        }
        let which = Which::OfKey { partition: index.partition, sort: index.sort, descending: self.descending };
        asked.rows(schema, of_index, which, selection)
    }
}

impl<'a, M, K, B, S, R> Call<QueryField<'a, M, K, B, S, R>>
where
    M: 'a,
    K: 'a,
    B: Backend,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    /// Only records whose sort key meets the condition; see [`index`](crate::index).
    pub fn sort(self, range: SortRange<K>) -> Self {
        self.with(|input| input.of.index.set_sort(range))
    }

    /// Goes from the largest sort key down.
    pub fn descending(self) -> Self {
        self.with(|input| input.of.descending = true)
    }
}

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    /// Reads a field, or several by any other [selection](Selection), of the records with one key value of the
    /// table or of an index: `Movie::indexes().primary_type("Thriller")`.
    ///
    /// Awaited, it sends one `Query` and gives one [`Page`](crate::Page); [`pages`](Call::pages) and
    /// [`items`](Call::items) go on to the end. Which records there are, their order and the cursor are the database's.
    /// A caching table keeps what the page shows under each record's own key, and lays its changes over.
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
    /// A failed request; a row that lacks a field which its model requires, or holds a value that does not fit. Before
    /// any request: a key value or condition that DynamoDB would refuse, a field that the index does not hold.
    pub fn query_field<'a, K, S>(&'a self, index: IndexKey<M, K>, selection: S) -> Call<QueryField<'a, M, K, B, S, Row>>
    where
        K: 'a,
        S: Selection<Model = M> + 'a,
    {
        ReadRows::call(Readers::one(self.reader()), ByKey::new(index), selection)
    }

    /// Reads several fields of the records with one key value: [`query_field`](Self::query_field) by the name of the
    /// original library.
    pub fn query_multiple_fields<'a, K, S>(
        &'a self,
        index: IndexKey<M, K>,
        selection: S,
    ) -> Call<QueryField<'a, M, K, B, S, Row>>
    where
        K: 'a,
        S: Selection<Model = M> + 'a,
    {
        self.query_field(index, selection)
    }

    /// Reads the records with one key value whole: `movies.query_records(Movie::indexes().primary_type("Thriller"))`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let users = users().await?;
    /// let page = users.query_records(User::indexes().country("UK")).await?;
    /// assert_eq!(page.records[0].1, robinson());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`query_field`](Self::query_field); an index that does not hold all attributes.
    pub fn query_records<'a, K: 'a>(
        &'a self,
        index: IndexKey<M, K>,
    ) -> Call<QueryField<'a, M, K, B, WholeRecord<M>, Row>> {
        self.query_field(index, WholeRecord::default())
    }
}
