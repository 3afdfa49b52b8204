//! How a table works: at once, or as a unit of work.

use smallvec::SmallVec;

use crate::action::Action;
use crate::backend::Backend;
use crate::batch::RecordWrite;
use crate::change::check_size;
use crate::condition::Condition;
use crate::error::Error;
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::path::DocumentPath;
use crate::schema::TableSchema;
use crate::selection::{Reading, Selection};
use crate::transaction::Reply;
use crate::unit::UnitOfWork;
use crate::value::Map;

/// What a table does with the calls of its verbs. The two modes are [`Direct`](crate::direct::Direct) and
/// [`UnitOfWork`](crate::unit::UnitOfWork).
///
/// A method that ends in `_now` answers where no request is needed; where it does not, its twin does the rest.
pub trait Mode: Sealed + Send + Sync + Sized + 'static {
    /// Reads what can be read without a request.
    #[doc(hidden)]
    fn read_now<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        selection: &S,
    ) -> Option<Result<S::Output<R>, Error>>;

    #[doc(hidden)]
    fn read<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        selection: S,
        consistent: bool,
    ) -> impl Future<Output = Result<S::Output<R>, Error>> + Send;

    /// Accepts a write that needs no request now, and takes its actions; leaves it whole where it does.
    #[doc(hidden)]
    fn write_now(&self, key: RecordKey<'_>, write: Lent<'_>) -> Option<Result<(), Error>>;

    #[doc(hidden)]
    fn write<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        write: Write,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// As [`write_now`](Self::write_now), where the values are known that it returns.
    #[doc(hidden)]
    fn replace_now<R: Reading, S: Selection>(
        &self,
        key: RecordKey<'_>,
        write: &mut Write,
        selection: &S,
        returned: Returned,
    ) -> Option<Result<S::Output<R>, Error>>;

    #[doc(hidden)]
    fn replace<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        write: Write,
        selection: S,
        returned: Returned,
    ) -> impl Future<Output = Result<S::Output<R>, Error>> + Send;

    #[doc(hidden)]
    fn put<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        put: Put,
    ) -> impl Future<Output = Result<Option<Map>, Error>> + Send;

    #[doc(hidden)]
    fn delete<B: Backend>(
        &self,
        link: &Link<B>,
        key: Key,
        delete: Delete,
    ) -> impl Future<Output = Result<Option<Map>, Error>> + Send;

    /// Reads whole records, in the order of the keys.
    #[doc(hidden)]
    fn read_many<R: Reading, S: Selection, B: Backend>(
        &self,
        link: &Link<B>,
        keys: Vec<Key>,
        selection: &S,
        consistent: bool,
    ) -> impl Future<Output = Result<Vec<S::Output<R>>, Error>> + Send;

    /// Writes and deletes whole records of different keys, which come in their order.
    #[doc(hidden)]
    fn write_many<B: Backend>(
        &self,
        link: &Link<B>,
        writes: Vec<RecordWrite>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// The unit of work, where it is one.
    #[doc(hidden)]
    fn unit(&self) -> Option<&UnitOfWork>;

    /// Reads a selection from the answer to a transaction.
    #[doc(hidden)]
    fn read_answer<R: Reading, S: Selection>(
        &self,
        schema: &'static TableSchema,
        selection: &S,
        answer: &Reply<'_>,
    ) -> Result<S::Output<R>, Error>;
}

/// Implementations are the two modes of this crate.
#[doc(hidden)]
pub trait Sealed {}

/// Which values a write returns.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// Those that were there before it.
    Old,
    /// Those that it leaves.
    New,
}

/// Changes of one record, to be applied together.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Write {
    /// Mostly one, which then takes no allocation.
    pub(crate) changes: SmallVec<[(DocumentPath, Action); 1]>,
    /// In a box, since few writes have one.
    pub(crate) condition: Option<Box<Condition>>,
    /// The version is raised without a look at it.
    pub(crate) unchecked: bool,
}

impl Write {
    /// Asks for one more condition.
    pub(crate) fn require(&mut self, condition: Condition) {
        self.condition = joined(self.condition.take(), condition);
    }

    pub(crate) fn lent(&mut self) -> Lent<'_> {
        let changes = match &mut self.changes[..] {
            [(path, action)] => Changes::One(path, action),
            changes => Changes::Several(changes),
        };
        Lent { changes, condition: self.condition.as_deref(), unchecked: self.unchecked }
    }
}

/// Both conditions.
pub(crate) fn joined(before: Option<Box<Condition>>, more: Condition) -> Option<Box<Condition>> {
    Condition::all(before.map(|before| *before).into_iter().chain([more])).map(Box::new)
}

/// A [`Write`] of which what accepts it takes the actions.
#[doc(hidden)]
#[derive(Debug)]
pub struct Lent<'w> {
    pub(crate) changes: Changes<'w>,
    pub(crate) condition: Option<&'w Condition>,
    pub(crate) unchecked: bool,
}

/// The changes of a [`Lent`] write.
#[derive(Debug)]
pub(crate) enum Changes<'w> {
    One(&'w DocumentPath, &'w mut Action),
    Several(&'w mut [(DocumentPath, Action)]),
}

impl Changes<'_> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Changes::One(..) => 1,
            Changes::Several(changes) => changes.len(),
        }
    }

    /// Refuses what fits no item.
    #[inline]
    pub(crate) fn check_size(&self) -> Result<(), Error> {
        match self {
            Changes::One(path, action) => check_size(path, action),
            Changes::Several(changes) => changes.iter().try_for_each(|(path, action)| check_size(path, action)),
        }
    }
}

/// A whole record to be written.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Put {
    pub(crate) item: Map,
    pub(crate) condition: Option<Condition>,
    /// There must be none with its key.
    pub(crate) creates: bool,
    pub(crate) return_old: bool,
    /// It replaces whatever version is stored.
    pub(crate) unchecked: bool,
}

impl Put {
    /// A record that replaces the version that it was read at.
    pub(crate) fn of(item: Map) -> Self {
        Put { item, condition: None, creates: false, return_old: false, unchecked: false }
    }
}

/// A record to be deleted.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Delete {
    pub(crate) condition: Option<Condition>,
    pub(crate) return_old: bool,
    /// It deletes whatever version is stored.
    pub(crate) unchecked: bool,
}
