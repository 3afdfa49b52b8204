//! Writing and deleting whole records.

use std::fmt;

use super::Table;
use super::call::{Call, Running, Start};
use crate::backend::Backend;
use crate::change::check_value;
use crate::condition::{Condition, Predicate};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{IntoKey, Key, KeyRef};
use crate::link::Link;
use crate::mismatch::Mismatches;
use crate::mode::{Delete, Mode, Put};
use crate::model::{TableDataModel, decode_record};
use crate::path::{DocumentPath, Segment};
use crate::value::{MAX_ITEM_SIZE, Map};

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    /// Writes a whole record at once, replacing any that has its key.
    ///
    /// On a caching table the record's pending operations are dropped once it succeeded, since they would overwrite it.
    ///
    /// # Errors
    ///
    /// A value that cannot be stored, with its path; a record over 400 KB; a failed request.
    pub fn put_record(&self, record: &M) -> Call<PutRecord<'_, M, B, W>> {
        Call::new(PutRecord::new(self, record, None))
    }

    /// Writes a whole record at once and gives back the one that it replaces, as it was stored; `None` where there was
    /// none.
    ///
    /// It is one `PutItem` with `ReturnValues` of `ALL_OLD`, so that no two callers are given the same record. What a
    /// caching table had pending for the record was never stored: it is dropped, and not in what comes back.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let friday = User { name: Some("Friday".to_owned()), ..robinson() };
    /// assert_eq!(users.put_record_return_old(&friday).await?, Some(robinson()));
    /// assert_eq!(users.backend().requests(), 1);
    ///
    /// let new = User { id: "y1".to_owned(), ..friday };
    /// assert_eq!(users.put_record_return_old(&new).await?, None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`put_record`](Self::put_record); `Replaced` for a stored record that did not fit the model: it is replaced all
    /// the same, and the error holds it as it was stored. Where an answer is lost, what it replaced is lost with it: the
    /// error is that of the request also where a version shows that it was applied.
    pub fn put_record_return_old(&self, record: &M) -> Call<ReplaceRecord<'_, M, B, W>> {
        Call::new(ReplaceRecord(PutRecord::new(self, record, None)))
    }

    /// Writes a whole record at once, if there is none with its key.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let error = users.create_record(&robinson()).await.expect_err("there is one");
    /// assert!(error.is_condition_failed());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`put_record`](Self::put_record); `is_condition_failed` where there is one.
    pub fn create_record(&self, record: &M) -> Call<PutRecord<'_, M, B, W>> {
        Call::new(PutRecord::new(self, record, Some(self.link().schema.record_missing())))
    }

    /// Deletes a record at once; none there is fine.
    ///
    /// On a caching table the record's pending operations are dropped once it succeeded, since they would bring it back.
    ///
    /// # Errors
    ///
    /// A key that is not one of the table's; a failed request.
    pub fn delete_record<'a>(&'a self, key: impl IntoKey<M::Key> + 'a) -> Call<DeleteRecord<'a, M, B, W>> {
        Call::new(DeleteRecord::new(self, key))
    }

    /// Deletes a record at once and gives it back, as it was stored; `None` where there was none.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// assert_eq!(users.remove_record("x42").await?, Some(robinson()));
    /// assert_eq!(users.remove_record("x42").await?, None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`delete_record`](Self::delete_record); `Replaced` for a stored record that did not fit the model: it is
    /// deleted all the same, and the error holds it as it was stored.
    pub fn remove_record<'a>(&'a self, key: impl IntoKey<M::Key> + 'a) -> Call<RemoveRecord<'a, M, B, W>> {
        Call::new(RemoveRecord(DeleteRecord::new(self, key)))
    }
}

/// The input of `put_record` and `create_record`.
pub struct PutRecord<'a, M, B, W> {
    table: &'a Table<M, B, W>,
    put: Result<(Key, Put), Error>,
}

/// The input of `put_record_return_old`.
pub struct ReplaceRecord<'a, M, B, W>(PutRecord<'a, M, B, W>);

/// The input of `delete_record`.
pub struct DeleteRecord<'a, M, B, W> {
    table: &'a Table<M, B, W>,
    key: Result<KeyRef<'a>, Error>,
    delete: Delete,
}

/// The input of `remove_record`.
pub struct RemoveRecord<'a, M, B, W>(DeleteRecord<'a, M, B, W>);

impl<'a, M: TableDataModel, B: Backend, W: Mode> PutRecord<'a, M, B, W> {
    /// A put that creates the record where a condition says that there is none.
    fn new(table: &'a Table<M, B, W>, record: &M, missing: Option<Condition>) -> Self {
        let creates = missing.is_some();
        let put = encoded(table.link(), record)
            .map(|(key, item)| (key, Put { condition: missing, creates, ..Put::of(item) }));
        PutRecord { table, put }
    }

    /// All parts, if they are right.
    pub(super) fn checked(self) -> Result<(&'a Link<B>, &'a W, Key, Put), Error> {
        let (key, put) = self.put?;
        Ok((self.table.link(), self.table.mode(), key, put))
    }

    async fn send(self, return_old: bool) -> Result<Option<Map>, Error> {
        let (link, mode, key, put) = self.checked()?;
        mode.put(link, key, Put { return_old, ..put }).await
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> DeleteRecord<'a, M, B, W> {
    fn new(table: &'a Table<M, B, W>, key: impl IntoKey<M::Key> + 'a) -> Self {
        DeleteRecord { table, key: table.link().schema.key(key), delete: Delete::default() }
    }

    /// All parts, if they are right.
    pub(super) fn checked(self) -> Result<(&'a Link<B>, &'a W, KeyRef<'a>, Delete), Error> {
        Ok((self.table.link(), self.table.mode(), self.key?, self.delete))
    }

    async fn send(self, return_old: bool) -> Result<Option<Map>, Error> {
        let (link, key) = (self.table.link(), self.key?.into_owned());
        self.table.mode().delete(link, key, Delete { return_old, ..self.delete }).await
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> Start for PutRecord<'a, M, B, W> {
    type Output = Result<(), Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        Box::pin(async { self.send(false).await.map(drop) })
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> Start for ReplaceRecord<'a, M, B, W> {
    type Output = Result<Option<M>, Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        Box::pin(async { self.0.send(true).await?.map(old_record).transpose() })
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> Start for DeleteRecord<'a, M, B, W> {
    type Output = Result<(), Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        Box::pin(async { self.send(false).await.map(drop) })
    }
}

impl<'a, M: TableDataModel, B: Backend, W: Mode> Start for RemoveRecord<'a, M, B, W> {
    type Output = Result<Option<M>, Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        Box::pin(async { self.0.send(true).await?.map(old_record).transpose() })
    }
}

/// The record that a write has replaced or deleted.
fn old_record<M: TableDataModel>(old: Map) -> Result<M, Error> {
    decode_record(&old).map_err(|mismatch| ErrorKind::Replaced { mismatch, old }.into())
}

/// The options of the calls that write a whole record.
macro_rules! options {
    ($($input:ident => |$call:ident| $write:expr, $checked:expr;)*) => {$(
        impl<'a, M: TableDataModel, B: Backend, W: Mode> Call<$input<'a, M, B, W>> {
            /// Applies the write only where the stored record meets the condition (`is_condition_failed` otherwise, with
            /// the record as it is stored).
            ///
            /// ```
            /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
            /// # #[tokio::main(flavor = "current_thread")]
            /// # async fn main() -> Result<(), Error> {
            /// # let (users, f) = (users().await?, User::fields);
            /// use structnosql_core::{ConditionExt, Failure, Value};
            ///
            /// let deleted = users.delete_record("x42").condition(f().visits().eq(0)).await;
            /// let error = deleted.expect_err("there are seven visits");
            /// let stored = error.failure().and_then(Failure::item).expect("the record as it is stored");
            /// assert!(error.is_condition_failed() && stored.get("visits") == Some(&Value::from(7)));
            /// # Ok(())
            /// # }
            /// ```
            pub fn condition(self, condition: Predicate<M>) -> Self {
                self.with(|$call| match (condition.into_condition(), $write) {
                    (Ok(more), Some(write)) => {
                        write.condition = Condition::all(write.condition.take().into_iter().chain([more]));
                    }
                    (Ok(_), None) => {}
                    (Err(error), _) => $checked(error),
                })
            }

            /// Writes whatever version is stored. Without effect on a model that has no `version`.
            pub fn unchecked(self) -> Self {
                self.with(|$call| {
                    if let Some(write) = $write {
                        write.unchecked = true;
                    }
                })
            }
        }

        impl<M, B, W> fmt::Debug for $input<'_, M, B, W> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($input)).finish_non_exhaustive()
            }
        }
    )*};
}

options! {
    PutRecord => |call| call.put.as_mut().ok().map(|(_, put)| put), |error| call.put = Err(error);
    ReplaceRecord => |call| call.0.put.as_mut().ok().map(|(_, put)| put), |error| call.0.put = Err(error);
    DeleteRecord => |call| Some(&mut call.delete), |error| call.key = Err(error);
    RemoveRecord => |call| Some(&mut call.0.delete), |error| call.0.key = Err(error);
}

pub(super) fn encoded<M: TableDataModel, B>(link: &Link<B>, record: &M) -> Result<(Key, Map), Error> {
    let item = record.encode_fields().map_err(ErrorKind::InvalidValue)?;
    let key = Key::of_item(link.schema, &item).map_err(ErrorKind::Key)?;
    let mut wrong = Mismatches::default();
    for (name, value) in item.iter() {
        let path = DocumentPath::root().child(Segment::Name(name.clone()));
        link.schema.check_index_value(name, value)?;
        wrong.keep(check_value(&path, value).map_err(|mismatch| mismatch.at(&path)));
        if let Some(broken) = link.schema.broken(&path, value) {
            wrong.add(broken);
        }
    }
    wrong.or(()).map_err(ErrorKind::InvalidValue)?;
    let size = item.item_size();
    if size > MAX_ITEM_SIZE {
        let message = format!("the record `{key}` has {size} bytes; DynamoDB stores at most {MAX_ITEM_SIZE}");
        return Err(Failure::new(FailureClass::TooLarge, message).into());
    }
    Ok((key, item))
}
