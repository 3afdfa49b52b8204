//! Writing and deleting whole records.

use super::Table;
use crate::backend::Backend;
use crate::change::check_value;
use crate::condition::Condition;
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{IntoKey, Key};
use crate::mode::Mode;
use crate::model::TableDataModel;
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
    pub async fn put_record(&self, record: &M) -> Result<(), Error> {
        let (key, item) = self.encoded(record)?;
        self.mode().put(self.link(), key, item, None).await
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
    pub async fn create_record(&self, record: &M) -> Result<(), Error> {
        let (key, item) = self.encoded(record)?;
        let partition_key = DocumentPath::from(self.link().schema.partition_key.name.as_str());
        self.mode().put(self.link(), key, item, Some(Condition::NotExists(partition_key))).await
    }

    /// Deletes a record at once; none there is fine.
    ///
    /// On a caching table the record's pending operations are dropped once it succeeded, since they would bring it back.
    ///
    /// # Errors
    ///
    /// A key that is not one of the table's; a failed request.
    pub async fn delete_record(&self, key: impl IntoKey<M::Key>) -> Result<(), Error> {
        let key = self.owned(key)?;
        self.mode().delete(self.link(), key, false).await.map(drop)
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
    pub async fn remove_record(&self, key: impl IntoKey<M::Key>) -> Result<Option<M>, Error> {
        let key = self.owned(key)?;
        match self.mode().delete(self.link(), key, true).await? {
            None => Ok(None),
            Some(old) => match M::decode_fields(&old) {
                Ok(record) => Ok(Some(record)),
                Err(mismatch) => Err(ErrorKind::Replaced { mismatch, old }.into()),
            },
        }
    }

    fn owned(&self, key: impl IntoKey<M::Key>) -> Result<Key, Error> {
        Ok(self.link().schema.key(key)?.into_owned())
    }

    fn encoded(&self, record: &M) -> Result<(Key, Map), Error> {
        let item = record.encode_fields().map_err(ErrorKind::InvalidValue)?;
        let key = Key::of_item(self.link().schema, &item).map_err(ErrorKind::Key)?;
        for (name, value) in item.iter() {
            let path = DocumentPath::root().child(Segment::Name(name.clone()));
            self.link().schema.check_index_value(name, value)?;
            check_value(&path, value).map_err(|mismatch| ErrorKind::InvalidValue(mismatch.at(&path)))?;
        }
        let size = item.item_size();
        if size > MAX_ITEM_SIZE {
            let message = format!("the record `{key}` has {size} bytes; DynamoDB stores at most {MAX_ITEM_SIZE}");
            return Err(Failure::new(FailureClass::TooLarge, message).into());
        }
        Ok((key, item))
    }
}
