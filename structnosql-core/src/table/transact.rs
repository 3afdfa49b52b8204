//! Several records of any tables, written or read together.

use std::fmt;

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::read::{GetField, check_paths};
use super::record::{DeleteRecord, PutRecord};
use super::write::WriteFields;
use super::write_field::WriteField;
use crate::backend::{Backend, IdempotencyToken};
use crate::condition::Predicate;
use crate::error::Error;
use crate::handle::Field;
use crate::key::{IntoKey, KeyRef};
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::selection::{Reading, Selection};
use crate::transaction::{self, Asked, Does, Part, Reply};

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    /// Writes several records, of this table and others of the same database, all or none.
    ///
    /// What is written are the calls of the verbs, given here instead of being awaited: `put_record`, `create_record`,
    /// `delete_record`, `update_field`, `update_multiple_fields`, `delete_field` and `delete_multiple_fields`, with their
    /// options, and [`condition_check`](Self::condition_check). Tuples, arrays, vectors and `Option`s of them go together
    /// as they are nested. It is one `TransactWriteItems` of 1 to 100 actions, one for each record, at twice the write
    /// units.
    ///
    /// On a caching table nothing is pended. What is pending is not part of the transaction: reads lay it over what that
    /// leaves, and a change of a field with a change pending is refused (`ChangePending`). Where a record is put or
    /// deleted, what was pended for it before is dropped, as by `put_record`.
    ///
    /// Every transaction goes with a token, so that it is sent again harmlessly where its answer is lost: increments
    /// are not applied twice. [`token`](Call::token) gives one of the caller's own.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # use structnosql_core::ConditionExt;
    /// # let (users, f) = (users().await?, User::fields);
    /// let friday = User { id: "x43".to_owned(), name: Some("Friday".to_owned()), ..robinson() };
    /// users
    ///     .transact((
    ///         users.create_record(&friday),
    ///         users.update_field("x42", f().visits(), 8).condition(f().visits().eq(7)),
    ///         users.condition_check("x44", f().id().not_exists()),
    ///     ))
    ///     .await?;
    /// assert_eq!(users.backend().requests(), 1);
    /// assert_eq!(users.get_field("x43", f().name()).await?.as_deref(), Some("Friday")); // known: no request
    ///
    /// // Refused as a whole, with a reason for each action that was in the way.
    /// let again = users.transact((users.delete_record("x42"), users.create_record(&friday))).await;
    /// let error = again.expect_err("there is one");
    /// let report = error.transaction_report().expect("it says why");
    /// assert!(error.is_condition_failed() && report.actions[0].error.is_none());
    /// assert_eq!(report.actions[1].paths[0].to_string(), "id");
    /// assert!(report.actions[1].item().is_some()); // the record that is stored
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before anything is sent: whatever the calls would refuse, more than 100 actions, two on one record, records that
    /// have more than 4 MB by themselves ([`WrongTransaction`](crate::ErrorKind::WrongTransaction)), a backend without
    /// transactions. [`Transaction`](crate::ErrorKind::Transaction) with a reason for each action that was in the way.
    pub fn transact<'a>(&'a self, writes: impl TransactWrites<'a, B>) -> Call<Transact<'a, B>> {
        let mut parts = Parts(Ok(Vec::new()));
        writes.give(&mut parts);
        Call::new(Transact { backend: self.backend(), parts, token: None })
    }

    /// Reads several records, of this table and others of the same database, as they are at one moment.
    ///
    /// What is read are the calls of [`get_record`](Self::get_record), [`get_field`](Self::get_field) and
    /// [`get_multiple_fields`](Self::get_multiple_fields), given here instead of being awaited, with their options; the
    /// answer has their shape. It is one `TransactGetItems` of 1 to 100 records, at twice the read units of consistent
    /// reads.
    ///
    /// A caching table asks for what it knows, too, since that may be of another moment; it learns what comes, and lays
    /// what is pending over it.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let (robinson, visits) =
    ///     users.transact_get((users.get_record("x42"), users.get_field("x43", f().visits()))).await?;
    /// assert_eq!((robinson.map(|user| user.id).as_deref(), visits), (Some("x42"), None));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As for [`transact`](Self::transact); a stored value that does not fit its model.
    pub fn transact_get<'a, R: TransactReads<'a, B>>(&'a self, mut reads: R) -> Call<TransactGetRecords<'a, B, R>> {
        let mut asked = Questions(Ok(Vec::new()));
        reads.ask(&mut asked);
        Call::new(TransactGetRecords { backend: self.backend(), asked, reads })
    }

    /// A condition of a record that a [transaction](Self::transact) does not write: where it does not hold, nothing of
    /// the transaction is done.
    pub fn condition_check<'a>(
        &'a self,
        key: impl IntoKey<M::Key> + 'a,
        condition: Predicate<M>,
    ) -> ConditionCheck<'a, B> {
        let part = self.link().schema.key(key).map(KeyRef::into_owned).and_then(|key| {
            let does = Does::Check(condition.into_condition()?);
            Ok(Part { link: self.link(), unit: self.mode().unit(), key, does })
        });
        ConditionCheck(part)
    }
}

/// What a transaction writes: calls of the verbs that write, alone or in tuples, arrays, vectors and `Option`s.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written by a transaction",
    label = "expected a call of a verb that writes, which is not awaited, or a tuple, array or `Vec` of such calls",
    note = "these are `put_record`, `create_record`, `delete_record`, `update_field`, `update_multiple_fields`, `delete_field`, `delete_multiple_fields` and `condition_check`",
    note = "a transaction returns no old values, so `remove_*` and `*_return_old` are not among them",
    note = "all tables of a transaction are over one type of backend"
)]
pub trait TransactWrites<'a, B> {
    #[doc(hidden)]
    fn give(self, parts: &mut Parts<'a, B>);
}

/// What a transaction reads: calls of `get_record` and `get_field`, alone or in tuples, arrays and vectors.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read by a transaction",
    label = "expected a call that reads a record, which is not awaited, or a tuple, array or `Vec` of such calls",
    note = "these are `get_record`, `get_field` and `get_multiple_fields`",
    note = "all tables of a transaction are over one type of backend"
)]
pub trait TransactReads<'a, B>: Send + Sized + 'a {
    /// What it reads, in the same shape.
    type Output: Send;

    /// Puts its questions to the database; a call's key goes with them.
    #[doc(hidden)]
    fn ask(&mut self, asked: &mut Questions<'a, B>);

    /// Reads the answers, which come in the order of the questions.
    #[doc(hidden)]
    fn answer(self, replies: &mut std::slice::Iter<'_, Reply<'_>>) -> Result<Self::Output, Error>;
}

/// The actions of a transaction.
#[doc(hidden)]
pub struct Parts<'a, B>(Result<Vec<Part<'a, B>>, Error>);

/// The records that a transaction asks for.
#[doc(hidden)]
pub struct Questions<'a, B>(Result<Vec<Asked<'a, B>>, Error>);

/// The first mistake stays.
fn add<T>(all: &mut Result<Vec<T>, Error>, one: Result<T, Error>) {
    match (&mut *all, one) {
        (Ok(parts), Ok(one)) => parts.push(one),
        (Ok(_), Err(error)) => *all = Err(error),
        (Err(_), _) => {}
    }
}

fn awaited() -> Error {
    transaction::wrong("a call in it was awaited before")
}

/// A condition of a record, for a transaction; made by [`Table::condition_check`].
#[must_use = "a condition check does nothing until it is given to `transact`"]
pub struct ConditionCheck<'a, B>(Result<Part<'a, B>, Error>);

impl<'a, B> TransactWrites<'a, B> for ConditionCheck<'a, B> {
    fn give(self, parts: &mut Parts<'a, B>) {
        add(&mut parts.0, self.0);
    }
}

/// Gives what a call was to do.
macro_rules! writes {
    ($($input:ident $(<$field:ident>)? => |$call:ident| $part:expr;)*) => {$(
        impl<'a, M: TableDataModel, B: Backend, W: Mode $(, $field: Field<Model = M> + 'a)?> TransactWrites<'a, B>
            for Call<$input<'a, M, B, W $(, $field)?>>
        {
            fn give(self, parts: &mut Parts<'a, B>) {
                let part = self.into_input().ok_or_else(awaited).and_then(|$call| $part);
                add(&mut parts.0, part.map(|(link, unit, key, does)| Part { link, unit, key, does }));
            }
        }
    )*};
}

writes! {
    PutRecord => |call| {
        let (link, mode, key, put) = call.checked()?;
        Ok((link, mode.unit(), key, Does::Put(put)))
    };
    DeleteRecord => |call| {
        let (link, mode, key, delete) = call.checked()?;
        Ok((link, mode.unit(), key.into_owned(), Does::Delete(delete)))
    };
    WriteField<F> => |call| {
        let (link, mode, key, write) = call.checked()?;
        Ok((link, mode.unit(), key.into_owned(), Does::Update(write)))
    };
    WriteFields => |call| {
        let (link, mode, key, write) = call.checked()?;
        Ok((link, mode.unit(), key.into_owned(), Does::Update(write)))
    };
}

impl<'a, M, B, W, S, R> TransactReads<'a, B> for Call<GetField<'a, M, B, W, S, R>>
where
    M: TableDataModel,
    B: Backend,
    W: Mode,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    type Output = S::Output<R>;

    fn ask(&mut self, asked: &mut Questions<'a, B>) {
        let one = self.input_mut().ok_or_else(awaited).and_then(|input| {
            let key = std::mem::replace(&mut input.key, Err(awaited()))?.into_owned();
            check_paths(&input.selection)?;
            let mut paths = Vec::new();
            input.selection.visit(&mut |path| paths.push(path.clone()));
            Ok(Asked { link: input.link, unit: input.mode.unit(), key, paths })
        });
        add(&mut asked.0, one);
    }

    fn answer(self, replies: &mut std::slice::Iter<'_, Reply<'_>>) -> Result<Self::Output, Error> {
        let (input, reply) = self.into_input().zip(replies.next()).ok_or_else(awaited)?;
        input.mode.read_answer::<R, S>(input.link.schema, &input.selection, reply)
    }
}

/// The input of `transact`.
pub struct Transact<'a, B> {
    backend: &'a B,
    parts: Parts<'a, B>,
    token: Option<IdempotencyToken>,
}

impl<'a, B: Backend> Start for Transact<'a, B> {
    type Output = Result<(), Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        let Transact { backend, parts, token } = self;
        match parts.0 {
            Ok(parts) => Box::pin(async move { transaction::write(backend, &parts, token).await }),
            Err(error) => refused(error),
        }
    }
}

impl<B: Backend> Call<Transact<'_, B>> {
    /// Makes it harmless to repeat the whole call within ten minutes: the database takes a transaction that it has
    /// applied for done where it comes again with its token, and refuses another one with that token.
    ///
    /// A repeated call is the same transaction as long as it is made of the same values; a record with a `version` that
    /// was read again in between makes it another one.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// use structnosql_core::IdempotencyToken;
    ///
    /// let visit = || users.update_multiple_fields("x42", [f().visits().increment(1)]);
    /// for _ in 0..2 {
    ///     users.transact([visit()]).token(IdempotencyToken::new("visit 17")?).await?;
    /// }
    /// assert_eq!(users.session().get_field("x42", f().visits()).await?, Some(8));
    /// # Ok(())
    /// # }
    /// ```
    pub fn token(self, token: IdempotencyToken) -> Self {
        self.with(|input| input.token = Some(token))
    }
}

/// The input of `transact_get`.
pub struct TransactGetRecords<'a, B, R> {
    backend: &'a B,
    asked: Questions<'a, B>,
    reads: R,
}

impl<'a, B: Backend, R: TransactReads<'a, B>> Start for TransactGetRecords<'a, B, R> {
    type Output = Result<R::Output, Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        let TransactGetRecords { backend, asked, reads } = self;
        match asked.0 {
            Ok(asked) => Box::pin(async move {
                let replies = transaction::read(backend, &asked).await?;
                reads.answer(&mut replies.iter())
            }),
            Err(error) => refused(error),
        }
    }
}

macro_rules! tuples {
    ($($($item:ident $at:tt)+;)*) => {$(
        impl<'a, B, $($item: TransactWrites<'a, B>),+> TransactWrites<'a, B> for ($($item,)+) {
            fn give(self, parts: &mut Parts<'a, B>) {
                $(self.$at.give(parts);)+
            }
        }

        impl<'a, B, $($item: TransactReads<'a, B>),+> TransactReads<'a, B> for ($($item,)+) {
            type Output = ($($item::Output,)+);

            fn ask(&mut self, asked: &mut Questions<'a, B>) {
                $(self.$at.ask(asked);)+
            }

            fn answer(self, replies: &mut std::slice::Iter<'_, Reply<'_>>) -> Result<Self::Output, Error> {
                Ok(($(self.$at.answer(replies)?,)+))
            }
        }
    )*};
}

tuples! {
    T0 0;
    T0 0 T1 1;
    T0 0 T1 1 T2 2;
    T0 0 T1 1 T2 2 T3 3;
    T0 0 T1 1 T2 2 T3 3 T4 4;
    T0 0 T1 1 T2 2 T3 3 T4 4 T5 5;
    T0 0 T1 1 T2 2 T3 3 T4 4 T5 5 T6 6;
    T0 0 T1 1 T2 2 T3 3 T4 4 T5 5 T6 6 T7 7;
    T0 0 T1 1 T2 2 T3 3 T4 4 T5 5 T6 6 T7 7 T8 8;
    T0 0 T1 1 T2 2 T3 3 T4 4 T5 5 T6 6 T7 7 T8 8 T9 9;
    T0 0 T1 1 T2 2 T3 3 T4 4 T5 5 T6 6 T7 7 T8 8 T9 9 T10 10;
    T0 0 T1 1 T2 2 T3 3 T4 4 T5 5 T6 6 T7 7 T8 8 T9 9 T10 10 T11 11;
}

impl<'a, B, T: TransactWrites<'a, B>> TransactWrites<'a, B> for Vec<T> {
    fn give(self, parts: &mut Parts<'a, B>) {
        self.into_iter().for_each(|one| one.give(parts));
    }
}

impl<'a, B, T: TransactWrites<'a, B>, const N: usize> TransactWrites<'a, B> for [T; N] {
    fn give(self, parts: &mut Parts<'a, B>) {
        self.into_iter().for_each(|one| one.give(parts));
    }
}

impl<'a, B, T: TransactWrites<'a, B>> TransactWrites<'a, B> for Option<T> {
    fn give(self, parts: &mut Parts<'a, B>) {
        self.into_iter().for_each(|one| one.give(parts));
    }
}

impl<'a, B, T: TransactReads<'a, B>> TransactReads<'a, B> for Vec<T> {
    type Output = Vec<T::Output>;

    fn ask(&mut self, asked: &mut Questions<'a, B>) {
        self.iter_mut().for_each(|one| one.ask(asked));
    }

    fn answer(self, replies: &mut std::slice::Iter<'_, Reply<'_>>) -> Result<Self::Output, Error> {
        self.into_iter().map(|one| one.answer(replies)).collect()
    }
}

impl<'a, B, T: TransactReads<'a, B>, const N: usize> TransactReads<'a, B> for [T; N] {
    type Output = [T::Output; N];

    fn ask(&mut self, asked: &mut Questions<'a, B>) {
        self.iter_mut().for_each(|one| one.ask(asked));
    }

    fn answer(self, replies: &mut std::slice::Iter<'_, Reply<'_>>) -> Result<Self::Output, Error> {
        // There is no fallible `map` for arrays yet; the lengths are equal by construction.
        let all: Vec<_> = self.into_iter().map(|one| one.answer(replies)).collect::<Result<_, _>>()?;
        all.try_into().map_err(|_| awaited())
    }
}

impl<B> fmt::Debug for ConditionCheck<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionCheck").finish_non_exhaustive()
    }
}

impl<B> fmt::Debug for Transact<'_, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transact").finish_non_exhaustive()
    }
}

impl<B, R> fmt::Debug for TransactGetRecords<'_, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransactGetRecords").finish_non_exhaustive()
    }
}
