//! Reading and writing many records by their keys.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::record::encoded;
use super::validation::Validated;
use crate::backend::Backend;
use crate::batch::{BatchReport, RecordWrite};
use crate::error::{Error, ErrorKind};
use crate::key::{IntoKey, Key};
use crate::link::Link;
use crate::mismatch::Mismatch;
use crate::mode::{Delete, Mode, Put};
use crate::model::TableDataModel;
use crate::schema::TableSchema;
use crate::selection::{Get, Reading, WholeRecord};

/// How many records that have a version are written at the same time.
const CONCURRENT_WRITES: usize = 16;

/// The input of `get_records`.
pub struct GetRecords<'a, M, B, W, R> {
    table: &'a Table<M, B, W>,
    keys: Result<Vec<Key>, Error>,
    consistent: bool,
    reading: PhantomData<fn() -> R>,
}

/// The input of `put_records` and `delete_records`.
pub struct WriteRecords<'a, M, B, W> {
    table: &'a Table<M, B, W>,
    writes: Result<BTreeMap<Key, RecordWrite>, Error>,
    model: PhantomData<fn() -> M>,
}

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    /// Reads any number of records whole, in the order of the keys; `None` where there is none.
    ///
    /// It sends `BatchGetItem` requests of up to 100 keys, several at the same time; a caching table only for the
    /// records that it does not know. A key that is given twice is asked for once and answered twice. What the database
    /// leaves unprocessed is asked for again, after growing pauses.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let users = users().await?;
    /// let found = users.get_records(["x42", "nobody", "x42"]).await?;
    /// assert_eq!(found, [Some(robinson()), None, Some(robinson())]);
    /// assert_eq!(users.backend().requests(), 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A key that is not one of the table's, before any request; a stored record that does not fit the model;
    /// [`Batch`](ErrorKind::Batch) with the keys that could not be read, because a request failed or because eight
    /// answers in a row left all that was asked for unprocessed. A caching table keeps what was read all the same.
    pub fn get_records<'a, I>(&'a self, keys: I) -> Call<GetRecords<'a, M, B, W, Get>>
    where
        I: IntoIterator<Item: IntoKey<M::Key>>,
    {
        let schema = self.link().schema;
        let keys = keys.into_iter().map(|key| Ok(schema.key(key)?.into_owned())).collect();
        Call::new(GetRecords { table: self, keys, consistent: true, reading: PhantomData })
    }

    /// Writes any number of whole records at once, each for itself, replacing any that have their keys.
    ///
    /// It sends `BatchWriteItem` requests of up to 25 records, several at the same time, and again what the database
    /// leaves unprocessed, after growing pauses. On a caching table each means what
    /// [`put_record`](Self::put_record) means for one. Records that have a `version` go in a request each, since a batch
    /// takes no conditions.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let users = users().await?;
    /// let all: Vec<User> = (0..60).map(|n| User { id: format!("u{n}"), ..robinson() }).collect();
    /// users.put_records(&all).await?;
    /// users.delete_records(["u1", "u2", "x42"]).await?;
    /// assert_eq!(users.backend().requests(), 3 + 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before any request: a record that cannot be stored, and two records with one key, which DynamoDB refuses since
    /// it would not say which of them stays. [`Batch`](ErrorKind::Batch) with the records that were not written, or may
    /// not have been.
    pub fn put_records<'r>(&self, records: impl IntoIterator<Item = &'r M>) -> Call<WriteRecords<'_, M, B, W>> {
        let writes = records.into_iter().try_fold(BTreeMap::new(), |mut writes, record| {
            let (key, item) = encoded(self.link(), record)?;
            match writes.insert(key.clone(), (key.clone(), Some(item))) {
                None => Ok(writes),
                Some(_) => Err(given_twice(self.link().schema, &key)),
            }
        });
        Call::new(WriteRecords { table: self, writes, model: PhantomData })
    }

    /// Deletes any number of records at once; none there is fine, and so is a key that is given twice.
    ///
    /// It goes as [`put_records`](Self::put_records) does.
    ///
    /// # Errors
    ///
    /// As for `put_records`.
    pub fn delete_records<'a, I>(&'a self, keys: I) -> Call<WriteRecords<'a, M, B, W>>
    where
        I: IntoIterator<Item: IntoKey<M::Key>>,
    {
        let schema = self.link().schema;
        let key = |given| Ok(schema.key(given)?.into_owned());
        let writes = keys.into_iter().map(key).map(|key: Result<Key, Error>| key.map(|key| (key.clone(), (key, None))));
        Call::new(WriteRecords { table: self, writes: writes.collect(), model: PhantomData })
    }
}

fn given_twice(schema: &TableSchema, key: &Key) -> Error {
    let mismatch = Mismatch::new("records of different keys in one batch", format!("two of `{key}`"));
    ErrorKind::Key(mismatch.under(schema.partition_key.name.clone().into())).into()
}

impl<'a, M: TableDataModel, B: Backend, W: Mode, R: Reading> Start for GetRecords<'a, M, B, W, R> {
    type Output = Result<Vec<R::Record<M>>, Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        let GetRecords { table, keys, consistent, .. } = self;
        match keys {
            Ok(keys) => Box::pin(async move {
                table
                    .mode()
                    .read_many::<R, WholeRecord<M>, B>(table.link(), keys, &WholeRecord::default(), consistent)
                    .await
            }),
            Err(error) => refused(error),
        }
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> Validated for GetRecords<'a, M, B, W, Get> {
    type As<R: Reading> = GetRecords<'a, M, B, W, R>;

    fn read_as<R: Reading>(self) -> GetRecords<'a, M, B, W, R> {
        let GetRecords { table, keys, consistent, .. } = self;
        GetRecords { table, keys, consistent, reading: PhantomData }
    }
}

impl<M: TableDataModel, B: Backend, W: Mode, R: Reading> Call<GetRecords<'_, M, B, W, R>> {
    /// Lets the database answer from a replica that may lag behind, at half the read units.
    pub fn eventually_consistent(self) -> Self {
        self.with(|input| input.consistent = false)
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> Start for WriteRecords<'a, M, B, W> {
    type Output = Result<(), Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        let WriteRecords { table, writes, .. } = self;
        match writes {
            Ok(writes) if table.link().schema.version.is_some() => {
                Box::pin(write_each(table.link(), table.mode(), writes.into_values()))
            }
            Ok(writes) => {
                let writes = writes.into_values().collect();
                Box::pin(table.mode().write_many(table.link(), writes))
            }
            Err(error) => refused(error),
        }
    }
}

/// Writes records that have a version, each in a request of its own: a batch takes no conditions.
async fn write_each<B: Backend, W: Mode>(
    link: &Link<B>,
    mode: &W,
    writes: impl Iterator<Item = RecordWrite>,
) -> Result<(), Error> {
    let write = |(key, item): RecordWrite| async move {
        let written = match item {
            Some(item) => mode.put(link, key.clone(), Put::of(item)).await.map(drop),
            None => mode.delete(link, key.clone(), Delete::default()).await.map(drop),
        };
        (key, written.map_err(Arc::new))
    };
    let outcomes: Vec<_> = stream::iter(writes).map(write).buffer_unordered(CONCURRENT_WRITES).collect().await;
    Ok(BatchReport::of(outcomes.into_iter()).map_err(ErrorKind::Batch)?)
}

impl<M, B, W, R> fmt::Debug for GetRecords<'_, M, B, W, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetRecords").finish_non_exhaustive()
    }
}

impl<M, B, W> fmt::Debug for WriteRecords<'_, M, B, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WriteRecords").finish_non_exhaustive()
    }
}
