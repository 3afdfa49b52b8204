//! How strictly a read holds what is stored to the model.

use super::call::{Call, Start};
use crate::lenient::Lenient;
use crate::selection::{Raw, Reading};

/// A read that holds what is stored to the model, unless it is told otherwise: of fields, records or rows.
pub trait Validated: Start {
    /// The same read, in the way of `R`.
    #[doc(hidden)]
    type As<R: Reading>: Start;

    #[doc(hidden)]
    fn read_as<R: Reading>(self) -> Self::As<R>;
}

impl<I: Validated> Call<I> {
    /// Gives the stored values as they are, whether or not they fit the model.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// # use structnosql_core::Value;
    /// let visits: Option<Value> = users.get_field("x42", f().visits()).skip_validation().await?;
    /// assert_eq!(visits, Some(Value::from(7)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn skip_validation(self) -> Call<I::As<Raw>> {
        self.read_as()
    }

    /// Gives what fits the model, and lists what does not. What does not fit is left out with as little around it as
    /// the model allows: the item, the entry, the `Option` or the field with a default that it is in.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let user = users.get_record("x42").lenient().await?;
    /// assert_eq!((user.value, user.misfits.len()), (Some(robinson()), 0));
    ///
    /// let page = users.query_field(User::indexes().country("UK"), f().name()).lenient().await?;
    /// assert!(page.records.iter().all(|(_, name)| name.is_whole()));
    /// # Ok(())
    /// # }
    /// ```
    pub fn lenient(self) -> Call<I::As<Lenient>> {
        self.read_as()
    }

    fn read_as<R: Reading>(self) -> Call<I::As<R>> {
        self.into_input().map_or_else(Call::spent, |input| Call::new(input.read_as()))
    }
}
