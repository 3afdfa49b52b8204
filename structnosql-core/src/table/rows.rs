//! What all reads of rows have in common: options, pages, streams.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::Table;
use super::call::{Call, Running, Start, refused};
use super::pages::{Items, Pages};
use super::read::check_paths;
use crate::backend::Backend;
use crate::cursor::Cursor;
use crate::error::{Error, ErrorKind};
use crate::link::Link;
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::page::Page;
use crate::path::Segment;
use crate::rows::Rows;
use crate::schema::{IndexProjection, IndexSchema, TableSchema};
use crate::selection::{Reading, Selection};
use crate::text::Text;

/// The input of a read of rows: which ones, what of them, and the options.
pub struct ReadRows<'a, M, Q, B, W, S: 'a, R> {
    link: &'a Link<B>,
    mode: &'a W,
    pub(super) of: Q,
    selection: S,
    asked: Asked,
    types: PhantomData<fn() -> (M, R)>,
}

/// What every read of rows can be told.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Asked {
    pub(super) table: Arc<str>,
    pub(super) limit: Option<u32>,
    pub(super) start: Option<Cursor>,
    pub(super) consistent: bool,
}

/// Which rows are read.
pub trait RowsOf<M>: Send {
    /// Makes the question, or says what is wrong with it.
    #[doc(hidden)]
    fn ask<S: Selection>(self, schema: &'static TableSchema, selection: &S, asked: Asked) -> Result<Rows, Error>;
}

impl<'a, M, Q, B, W, S, R> ReadRows<'a, M, Q, B, W, S, R>
where
    M: TableDataModel,
    Q: RowsOf<M> + 'a,
    B: Backend,
    W: Mode,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    pub(super) fn call(table: &'a Table<M, B, W>, of: Q, selection: S) -> Call<Self> {
        let (link, mode) = (table.link(), table.mode());
        let asked = Asked { table: link.table.clone(), limit: None, start: None, consistent: true };
        Call::new(ReadRows { link, mode, of, selection, asked, types: PhantomData })
    }

    fn ask(self) -> (Result<Rows, Error>, S) {
        let ReadRows { link, of, selection, asked, .. } = self;
        if asked.limit == Some(0) {
            let problem = "a limit is at least 1: it says how many items to look at";
            return (Err(ErrorKind::Query(problem.to_owned()).into()), selection);
        }
        let rows = check_paths(&selection).and_then(|()| of.ask(link.schema, &selection, asked));
        (rows, selection)
    }
}

/// Refuses fields that an index does not hold. DynamoDB does so too; other engines answer without them, as if they
/// were absent. For a local index DynamoDB reads them from the table.
pub(super) fn check_held(schema: &TableSchema, index: &IndexSchema, selection: &impl Selection) -> Result<(), Error> {
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

impl<'a, M, Q, B, W, S, R> Start for ReadRows<'a, M, Q, B, W, S, R>
where
    M: TableDataModel,
    Q: RowsOf<M>,
    B: Backend,
    W: Mode,
    S: Selection<Model = M>,
    R: Reading,
{
    type Output = Result<Page<S::Output<R>>, Error>;
    type Running = Running<'a, Self::Output>;

    fn run(self) -> Self::Running {
        let (link, mode) = (self.link, self.mode);
        match self.ask() {
            (Ok(rows), selection) => Box::pin(async move { mode.page::<R, S, B>(link, &rows, &selection).await }),
            (Err(error), _) => refused(error),
        }
    }
}

impl<'a, M, Q, B, W, S, R> Call<ReadRows<'a, M, Q, B, W, S, R>>
where
    M: TableDataModel,
    Q: RowsOf<M> + 'a,
    B: Backend,
    W: Mode,
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

    /// Goes on where an earlier page of the same question ended.
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
        match self.into_input() {
            Some(input) => {
                let (link, mode) = (input.link, input.mode);
                let (rows, selection) = input.ask();
                Pages::of::<R, S, B, W>(link, mode, rows, selection)
            }
            None => Pages::none(),
        }
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
}

impl<M, Q, B, W, S, R> fmt::Debug for ReadRows<'_, M, Q, B, W, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadRows").field("table", &self.link.table).finish_non_exhaustive()
    }
}
