//! The mode of a basic table: every operation is sent at once.

use std::future::ready;
use std::sync::Arc;

use futures_util::future::Either;

use crate::at_once::AtOnce;
use crate::backend::{Backend, BatchGetRequest, BatchWriteRequest, GetRequest};
use crate::batch::{Answered, BatchReport, RecordWrite, Wanted, in_chunks, in_order, read_chunk, wanted, write_chunk};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::fold::Refusal;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::mismatch::Mismatch;
use crate::mode::{Delete, Lent, Mode, Put, Returned, Sealed, Write};
use crate::path::DocumentPath;
use crate::plan::conflict;
use crate::projection::{answered, projection};
use crate::readers::Shown;
use crate::schema::TableSchema;
use crate::selection::{Found, Reading, RecordView, Selection, Source, Unread};
use crate::transaction::Reply;
use crate::unit::UnitOfWork;
use crate::value::{Map, Value};
use crate::whole::{self, Known};

/// The mode of a [`BasicTable`](crate::BasicTable): every operation is sent at once, and nothing is remembered.
#[derive(Clone, Copy, Debug, Default)]
pub struct Direct;

impl Sealed for Direct {}

impl Mode for Direct {
    fn read_now<R: Reading, S: Selection>(&self, _: RecordKey<'_>, _: &S) -> Option<Result<S::Output<R>, Error>> {
        None
    }

    async fn read<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        selection: S,
        consistent: bool,
    ) -> Result<S::Output<R>, Error> {
        let projection = projection(link.schema, &selection);
        let key = RecordKey { schema: link.schema, key: &key }.attributes();
        let table = link.table.clone();
        let items: Vec<DocumentPath> = projection.iter().filter(|path| path.enters_list()).cloned().collect();
        let item = link.taken_in(link.backend.get(GetRequest { table, key, projection, consistent }).await?);
        Answer { schema: link.schema, item: item.map(Value::Map), projection: &items }.read::<R, S>(&selection)
    }

    fn write_now(&self, _: RecordKey<'_>, _: Lent<'_>) -> Option<Result<(), Error>> {
        None
    }

    /// Not an `async fn`, which would hold the changes beside what they are folded into.
    fn write<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        write: Write,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        match AtOnce::new(link, key, write, false) {
            Ok(mut attempt) => Either::Left(async move { attempt.send().await.map(drop) }),
            Err(error) => Either::Right(ready(Err(error))),
        }
    }

    fn replace_now<R: Reading, S: Selection>(
        &self,
        _: RecordKey<'_>,
        _: &mut Write,
        _: &S,
        _: Returned,
    ) -> Option<Result<S::Output<R>, Error>> {
        None
    }

    async fn replace<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        write: Write,
        selection: S,
        returned: Returned,
    ) -> Result<S::Output<R>, Error> {
        let mut attempt = AtOnce::new(link, key, write, true)?;
        let old = attempt.send().await?;
        match returned {
            Returned::Old => read_old::<R, S>(link.schema, &selection, old),
            Returned::New => attempt.read_new::<R, S>(&selection),
        }
    }

    async fn put<B: Backend>(&self, link: &Link<B>, key: Key, put: Put) -> Result<Option<Map>, Error> {
        let key = RecordKey { schema: link.schema, key: &key };
        Ok(whole::put(link, key, put, Known::default()).await?.old)
    }

    async fn delete<B: Backend>(&self, link: &Link<B>, key: Key, delete: Delete) -> Result<Option<Map>, Error> {
        let key = RecordKey { schema: link.schema, key: &key };
        whole::delete(link, key, delete, Known::default()).await
    }

    async fn read_many<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        keys: Vec<Key>,
        selection: &S,
        consistent: bool,
    ) -> Result<Vec<S::Output<R>>, Error> {
        let count = keys.len();
        let begin = |chunk: Vec<Wanted>, stop| async move {
            let keys: Vec<Key> = chunk.iter().map(|(key, _)| key.clone()).collect();
            let answers = read_chunk(link, &keys, consistent, &stop).await.answers;
            let read = chunk.into_iter().zip(answers).map(|((key, places), answer)| {
                let read = answer.map_err(Error::from).and_then(|item| {
                    let answer = Answer { schema: link.schema, item: item.map(Value::Map), projection: &[] };
                    places.into_iter().map(|place| Ok((place, answer.read::<R, S>(selection)?))).collect()
                });
                (key, read.map_err(Arc::new))
            });
            read.collect::<Vec<(Key, Answered<S::Output<R>>)>>()
        };
        let chunks = in_chunks(wanted(keys), BatchGetRequest::MAX_KEYS, begin).await;
        in_order(count, chunks.into_iter().flatten())
    }

    async fn write_many<B: Backend>(&self, link: &Link<B>, writes: Vec<RecordWrite>) -> Result<(), Error> {
        let begin = |chunk: Vec<RecordWrite>, stop| async move {
            let outcomes = write_chunk(link, &chunk, &stop).await.into_iter();
            let keyed = chunk.into_iter().zip(outcomes);
            keyed.map(|((key, _), sent)| (key, sent.map_err(|failure| Arc::new(failure.into())))).collect::<Vec<_>>()
        };
        let chunks = in_chunks(writes, BatchWriteRequest::MAX_WRITES, begin).await;
        Ok(BatchReport::of(chunks.into_iter().flatten()).map_err(ErrorKind::Batch)?)
    }

    fn unit(&self) -> Option<&UnitOfWork> {
        None
    }

    fn read_answer<R: Reading, S: Selection>(
        &self,
        schema: &'static TableSchema,
        selection: &S,
        answer: &Reply<'_>,
    ) -> Result<S::Output<R>, Error> {
        let item = answer.item.clone().map(Value::Map);
        Answer { schema, item, projection: &answer.projection }.read::<R, S>(selection)
    }
}

/// An item as it is stored.
pub(crate) fn show<R: Reading, S: Selection>(
    schema: &'static TableSchema,
    projection: &[DocumentPath],
    item: Map,
    selection: &S,
) -> Result<Shown<S::Output<R>>, Error> {
    let key = Key::of_item(schema, &item).map_err(ErrorKind::StoredValue)?;
    let answer = Answer { schema, item: Some(Value::Map(item)), projection };
    Ok(Shown { key, value: answer.read::<R, S>(selection), fits: true })
}

/// The old values of an update that was applied.
pub(crate) fn read_old<R: Reading, S: Selection>(
    schema: &'static TableSchema,
    selection: &S,
    old: Option<Map>,
) -> Result<S::Output<R>, Error> {
    let answer = Answer { schema, item: old.map(Value::Map), projection: &[] };
    answer.read::<R, S>(selection).map_err(|error| match (error.into_kind(), answer.item) {
        (ErrorKind::StoredValue(mismatch), Some(Value::Map(old))) => ErrorKind::Replaced { mismatch, old }.into(),
        (kind, _) => kind.into(),
    })
}

/// The answer to one request, as a record to read from.
struct Answer<'p> {
    schema: &'static TableSchema,
    item: Option<Value>,
    /// What was asked for, at least as far as it is inside lists: of such a list the one item is there alone.
    projection: &'p [DocumentPath],
}

impl Answer<'_> {
    fn read<R: Reading, S: Selection>(&self, selection: &S) -> Result<S::Output<R>, Error> {
        selection.read::<R>(self).map_err(|unread| match unread {
            Unread::Failed(error) => error,
            Unread::Unknown => Failure::new(FailureClass::BadAnswer, "it lacks what was asked for").into(),
        })
    }
}

impl Answer<'_> {
    /// What is wrong with a value that is stored under an earlier name says so.
    fn as_stored(&self, unread: Unread) -> Unread {
        let record = self.schema.record;
        match (unread, self.item.as_ref().and_then(Value::as_map)) {
            (Unread::Failed(error), Some(item)) => record.as_stored(error, |name| record.adopted_in(item, name)).into(),
            (unread, _) => unread,
        }
    }
}

impl RecordView for Answer<'_> {
    fn read_at<T>(&self, path: &DocumentPath, read: impl FnOnce(Found<'_>) -> Result<T, Unread>) -> Result<T, Unread> {
        let asked = self.projection.iter().find(|asked| path.starts_with(asked));
        let value = match (&self.item, asked) {
            (None, _) => None,
            (Some(item), None) => item.find(path.segments()).map_err(ErrorKind::StoredValue)?,
            (Some(item), Some(asked)) => match item.as_map().and_then(|item| answered(item, asked)) {
                Some(value) => {
                    let below = &path.segments()[asked.segments().len()..];
                    value.find(below).map_err(|mismatch| ErrorKind::StoredValue(mismatch.at(asked)))?
                }
                None => None,
            },
        };
        read(Found { value, source: Source::Database, schema: self.schema }).map_err(|unread| self.as_stored(unread))
    }

    fn exists(&self) -> Result<bool, Unread> {
        Ok(self.item.is_some())
    }
}

/// The error of an operation that cannot be folded.
pub(crate) fn refused(refusal: Refusal) -> Error {
    match refusal {
        Refusal::Conflict(mismatch) => conflict(mismatch),
        Refusal::InDoubt(error) => error,
        Refusal::Unknown(path) => {
            let found = "changes that depend on each other through what is stored: make them in two calls";
            conflict(Mismatch::new("changes that make one", found).at(&path))
        }
    }
}
