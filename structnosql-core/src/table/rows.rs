//! What all reads of rows have in common: options, pages, streams.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, TryStreamExt};

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::pages::{Items, Pages};
use super::read::check_paths;
use super::validation::Validated;
use crate::backend::Backend;
use crate::collection::HasEntity;
use crate::condition::{Condition, Predicate};
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind};
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::page::Page;
use crate::path::Segment;
use crate::projection::projection_of_rows;
use crate::readers::{Reader, Readers};
use crate::rows::{Rows, Which};
use crate::schema::{IndexProjection, IndexSchema, TableSchema};
use crate::selection::{Reading, Row, Selection};

/// The input of a read of rows: which ones, what of them, and the options.
pub struct ReadRows<'a, M, Q, B, S, R> {
    pub(super) readers: Readers<'a, B>,
    pub(super) of: Q,
    selection: S,
    asked: Asked,
    types: PhantomData<fn() -> (M, R)>,
}

/// What every read of rows can be told.
#[doc(hidden)]
#[derive(Debug)]
pub struct Asked {
    pub(super) table: Arc<str>,
    pub(super) limit: Option<u32>,
    pub(super) start: Option<Cursor>,
    pub(super) consistent: bool,
    pub(super) filter: Result<Option<Condition>, Error>,
}

impl Asked {
    /// The question for these rows.
    pub(super) fn rows<S: Selection>(
        self,
        schema: &'static TableSchema,
        index: Option<&'static IndexSchema>,
        which: Which,
        selection: &S,
    ) -> Result<Rows, Error> {
        check_paths(selection)?;
        if let Some(index) = index {
            check_held(schema, index, selection)?;
        }
        if self.limit == Some(0) {
            let problem = "a limit is at least 1: it says how many items to look at";
            return Err(ErrorKind::Query(problem.to_owned()).into());
        }
        let Asked { table, limit, start, consistent, filter } = self;
        let projection = projection_of_rows(schema, selection);
        let rows = Rows { table, schema, index, which, filter: filter?, projection, limit, start: None, consistent };
        rows.check_filter()?;
        match start {
            Some(cursor) => rows.behind(cursor),
            None => Ok(rows),
        }
    }
}

/// Which rows are read.
pub trait RowsOf<M>: Send {
    /// Makes the question, or says what is wrong with it.
    #[doc(hidden)]
    fn ask<S: Selection>(self, schema: &'static TableSchema, selection: &S, asked: Asked) -> Result<Rows, Error>;
}

impl<M: TableDataModel, B, W: Mode> Table<M, B, W> {
    /// What reads the rows of this table.
    pub(super) fn reader(&self) -> Reader<'_, B> {
        Reader { link: self.link(), unit: self.mode().unit() }
    }
}

impl<'a, M, Q, B, S, R> ReadRows<'a, M, Q, B, S, R>
where
    Q: RowsOf<M> + 'a,
    B: Backend,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    pub(super) fn call(readers: Readers<'a, B>, of: Q, selection: S) -> Call<Self> {
        let table = readers.link().table.clone();
        let asked = Asked { table, limit: None, start: None, consistent: true, filter: Ok(None) };
        Call::new(ReadRows { readers, of, selection, asked, types: PhantomData })
    }

    fn ask(self) -> (Result<Rows, Error>, Readers<'a, B>, S) {
        let ReadRows { readers, of, selection, asked, .. } = self;
        (of.ask(readers.link().schema, &selection, asked), readers, selection)
    }

    /// Whether it starts behind an earlier page.
    pub(super) fn goes_on(&self) -> bool {
        self.asked.start.is_some()
    }

    pub(super) fn into_pages(self) -> Pages<'a, S::Output<R>> {
        self.into_pages_of(|rows| vec![rows])
    }

    /// How many records all the questions bring that this one is divided into, asked at the same time.
    pub(super) async fn count_of(self, divided: impl FnOnce(Rows) -> Vec<Rows>) -> Result<u64, Error> {
        let link = self.readers.link();
        let parts = divided(self.ask().0?).into_iter().map(|rows| rows.count(&*link.backend));
        Ok(parts.collect::<FuturesUnordered<_>>().try_fold(0, async |sum, count| Ok(sum + count)).await?)
    }

    /// The pages of all the questions that this one is divided into, whichever comes first.
    pub(super) fn into_pages_of(self, divided: impl FnOnce(Rows) -> Vec<Rows>) -> Pages<'a, S::Output<R>> {
        match self.ask() {
            (Ok(rows), readers, selection) => {
                let reads = Arc::new((readers, selection));
                let parts = divided(rows).into_iter();
                Pages::any_of(parts.map(|rows| Pages::of::<R, S, B>(reads.clone(), rows)).collect())
            }
            (Err(error), ..) => Pages::refused(error),
        }
    }
}

/// Refuses fields that an index does not hold. DynamoDB does so too; other engines answer without them, as if they
/// were absent. For a local index DynamoDB reads them from the table.
fn check_held(schema: &TableSchema, index: &IndexSchema, selection: &impl Selection) -> Result<(), Error> {
    let mut checked = Ok(());
    selection.visit(&mut |path| {
        let problem = match path.segments().first() {
            Some(Segment::Name(name)) if index.local || index.holds(schema, name) => return,
            // Of an index DynamoDB would bring what it holds, as if there were no more.
            None if index.projection == IndexProjection::All => return,
            _ => "does not hold it: add it to the index's `projection`, or read it by the record's key",
        };
        if checked.is_ok() {
            let problem = format!("the index `{}` {problem}", index.name);
            let text = if path.segments().is_empty() { "the whole record".to_owned() } else { path.to_string() };
            checked = Err(ErrorKind::Path { text, problem }.into());
        }
    });
    checked
}

impl<'a, M, Q, B, S, R> Start for ReadRows<'a, M, Q, B, S, R>
where
    Q: RowsOf<M> + 'a,
    B: Backend,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    type Output = Result<Page<S::Output<R>>, Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        match self.ask() {
            (Ok(rows), readers, selection) => Box::pin(async move { readers.page::<R, S>(&rows, &selection).await }),
            (Err(error), ..) => refused(error),
        }
    }
}

impl<'a, M, Q, B, S, R> Call<ReadRows<'a, M, Q, B, S, R>>
where
    Q: RowsOf<M> + 'a,
    B: Backend,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    /// Looks at no more than `items` items a page; the page's cursor goes on behind them.
    ///
    /// This is DynamoDB's
    /// [limit](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html): it counts what
    /// the database looks at, not what comes back. A stream goes on behind a page that was cut short. For the first
    /// `n` records take `n` of [`items`](Self::items).
    ///
    /// # Errors
    ///
    /// A limit of 0, which DynamoDB refuses.
    pub fn limit(self, items: u32) -> Self {
        self.with(|input| input.asked.limit = Some(items))
    }

    /// Only records that meet the condition; given twice, both must hold.
    ///
    /// This is DynamoDB's
    /// [filter](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.FilterExpression.html): it decides
    /// what comes back of what was looked at, and saves no read units. A page may be empty and have another behind it.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// use structnosql_core::ConditionExt;
    ///
    /// let britons = users.query_field(User::indexes().country("UK"), f().name());
    /// let page = britons.filter(f().visits().lt(5).or(f().name().not_exists())).await?;
    /// assert_eq!((page.count(), page.scanned_count), (0, 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Before any request: a filter of a query on the key attributes of what is queried, which DynamoDB refuses, and on
    /// what the index does not hold, which would look absent there.
    pub fn filter<E: TableDataModel>(self, condition: Predicate<E>) -> Self
    where
        M: HasEntity<E>,
    {
        self.with(|input| {
            let asked = &mut input.asked;
            let earlier = std::mem::replace(&mut asked.filter, Ok(None));
            asked.filter = earlier
                .and_then(|earlier| Ok(Condition::all(earlier.into_iter().chain([condition.into_condition()?]))));
        })
    }

    /// Goes on where an earlier page of the same question ended.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let scan = || users.scan_field(f().visits()).limit(1);
    /// let first = scan().await?;
    /// let text = first.next.expect("a limit cut it short").to_string(); // kept by whoever comes back
    ///
    /// let second = scan().start_from(text.parse()?).await?;
    /// assert!(second.records.is_empty() && second.has_reached_end());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`Cursor`] of another question, before any request.
    pub fn start_from(self, cursor: Cursor) -> Self {
        self.with(|input| input.asked.start = Some(cursor))
    }

    /// Lets the database answer from a replica that may lag behind. A global index always does.
    pub fn eventually_consistent(self) -> Self {
        self.with(|input| input.asked.consistent = false)
    }

    /// All pages from here on, each fetched when it is polled for.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// use futures_util::TryStreamExt; // of the crate `futures-util` or `futures`
    ///
    /// let mut pages = users.query_field(User::indexes().country("UK"), f().name()).limit(100).pages();
    /// while let Some(page) = pages.try_next().await? {
    ///     println!("{} records, {:?}", page.count(), page.next); // the cursor goes on after this page
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(self) -> Pages<'a, S::Output<R>> {
        self.into_input().map_or_else(Pages::none, ReadRows::into_pages)
    }

    /// All records from here on. The next page is fetched when one more record is polled for.
    ///
    /// On a caching table these are the database's records with the visible changes laid over;
    /// [`pages`](Self::pages) also tell which of them no longer fit what was asked for.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// use futures_util::{StreamExt, TryStreamExt};
    ///
    /// let britons = users.query_field(User::indexes().country("UK"), f().name());
    /// let first: Vec<_> = britons.limit(10).items().take(10).try_collect().await?; // the first ten
    /// assert_eq!(first.len(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn items(self) -> Items<'a, S::Output<R>> {
        self.pages().into_items()
    }

    /// Counts the records instead of reading them, through all pages from here on.
    ///
    /// The database looks at each of them and charges for that; what is saved is the way. Changes that are pending are
    /// not counted, and what was selected does not matter.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let users = users().await?;
    /// assert_eq!(users.query_records(User::indexes().country("UK")).count().await?, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A failed request; what is wrong with the question, before any.
    pub async fn count(self) -> Result<u64, Error> {
        match self.into_input() {
            Some(input) => input.count_of(|rows| vec![rows]).await,
            None => Ok(0),
        }
    }
}

impl<'a, M, Q, B, S> Validated for ReadRows<'a, M, Q, B, S, Row>
where
    Q: RowsOf<M> + 'a,
    B: Backend,
    S: Selection<Model = M> + 'a,
{
    type As<R: Reading> = ReadRows<'a, M, Q, B, S, R>;

    fn read_as<R: Reading>(self) -> ReadRows<'a, M, Q, B, S, R> {
        let ReadRows { readers, of, selection, asked, .. } = self;
        ReadRows { readers, of, selection, asked, types: PhantomData }
    }
}

impl<M, Q, B, S, R> fmt::Debug for ReadRows<'_, M, Q, B, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadRows").field("table", &self.asked.table).finish_non_exhaustive()
    }
}
