//! Scanning the table, or one of its indexes.

use std::fmt;

use super::Table;
use super::call::Call;
use super::pages::{Items, Pages};
use super::rows::{Asked, ReadRows, RowsOf};
use crate::backend::Backend;
use crate::error::{Error, ErrorKind};
use crate::mode::Mode;
use crate::model::TableDataModel;
use crate::readers::Readers;
use crate::rows::{Rows, Which};
use crate::schema::TableSchema;
use crate::selection::{Reading, Row, Selection, WholeRecord};

/// The most segments that DynamoDB divides a table into.
const MAX_SEGMENTS: u32 = 1_000_000;

/// The input of `scan_field` and `scan_records`.
pub type ScanField<'a, M, B, S, R> = ReadRows<'a, M, Everything, B, S, R>;

/// All rows of the table, or of one of its indexes, or of a segment of either.
#[derive(Clone, Debug, Default)]
pub struct Everything {
    index: Option<String>,
    segment: Option<(u32, u32)>,
}

impl<M> RowsOf<M> for Everything {
    fn ask<S: Selection>(self, schema: &'static TableSchema, selection: &S, asked: Asked) -> Result<Rows, Error> {
        if let Some((segment, of)) = self.segment
            && (segment >= of || of > MAX_SEGMENTS)
        {
            let problem =
                format!("there is no segment {segment} of {of}: they count from 0, up to {MAX_SEGMENTS} in all");
            return Err(ErrorKind::Query(problem).into());
        }
        let index = self.index.map(|name| schema.index(&name).ok_or_else(|| no_index(schema, &name))).transpose()?;
        asked.rows(schema, index, Which::All { segment: self.segment }, selection)
    }
}

fn no_index(schema: &TableSchema, name: &str) -> Error {
    let names: Vec<_> = schema.indexes.iter().map(|index| format!("`{}`", index.name)).collect();
    let problem = match names.is_empty() {
        true => format!("there is no index `{name}`: the model has none"),
        false => format!("there is no index `{name}`: the model has {}", names.join(", ")),
    };
    ErrorKind::Query(problem).into()
}

impl<M, B, S, R> ScanField<'_, M, B, S, R> {
    /// Of several tables the one asks whose model has the index.
    fn scan_index(&mut self, name: &str) {
        let at = self.readers.links().position(|link| link.schema.index(name).is_some());
        if let Some(at) = at {
            self.readers = self.readers.clone().asked_by(at);
        }
        self.of.index = Some(name.to_owned());
    }
}

impl<'a, M, B, S, R> Call<ScanField<'a, M, B, S, R>>
where
    M: 'a,
    B: Backend,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    /// Scans the index of this name instead of the table: the records that have its key attributes, with what it holds
    /// of them.
    ///
    /// An index on an attribute that few records have is short, and cheap to read as a whole; see AWS's page on
    /// [sparse indexes](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-indexes-general-sparse-indexes.html).
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let page = users.scan_field((f().country(), f().name())).index("country").await?;
    /// assert_eq!(page.records[0].1.0, "UK");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A name that no index of the model has, and a field that the index does not hold, before any request.
    pub fn index(self, name: &str) -> Self {
        self.with(|input| input.scan_index(name))
    }

    /// Reads one segment, counted from 0, of `of` in all: each record is in exactly one.
    ///
    /// This divides a scan among workers that know nothing of one another; [`segments`](Self::segments) reads all of
    /// them from here. See AWS's page on
    /// [parallel scans](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html#Scan.ParallelScan).
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// let mut found = 0;
    /// for worker in 0..4 {
    ///     found += users.scan_records().segment(worker, 4).count().await?;
    /// }
    /// assert_eq!(found, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A segment that is not one of these, or more than 1,000,000, before any request.
    pub fn segment(self, segment: u32, of: u32) -> Self {
        self.with(|input| input.of.segment = Some((segment, of)))
    }

    /// Divides the table into so many segments, which are read at the same time.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// use futures_util::TryStreamExt;
    ///
    /// let all: Vec<_> = users.scan_field(f().visits()).segments(4).items().try_collect().await?;
    /// assert_eq!(all.len(), 1);
    /// assert_eq!(users.backend().scans(), 4);
    /// # Ok(())
    /// # }
    /// ```
    pub fn segments(self, segments: u32) -> Segments<'a, M, B, S, R> {
        Segments { input: self.into_input(), segments }
    }
}

/// A scan whose segments are read at the same time; made by [`Call::segments`].
///
/// Its streams give what comes, from whichever segment. They fetch a page of each segment when they are polled, and end
/// behind the first error.
#[must_use = "nothing is read until a stream of it is polled, or it is counted"]
pub struct Segments<'a, M, B, S, R> {
    input: Option<ScanField<'a, M, B, S, R>>,
    segments: u32,
}

impl<'a, M, B, S, R> Segments<'a, M, B, S, R>
where
    M: 'a,
    B: Backend,
    S: Selection<Model = M> + 'a,
    R: Reading,
{
    /// All pages. A page's cursor goes on with its own segment: `.segment(i, n).start_from(cursor)`.
    pub fn pages(self) -> Pages<'a, S::Output<R>> {
        match self.into_first() {
            Ok(Some(first)) => first.into_pages_of(each_segment),
            Ok(None) => Pages::none(),
            Err(error) => Pages::refused(error),
        }
    }

    /// All records.
    pub fn items(self) -> Items<'a, S::Output<R>> {
        self.pages().into_items()
    }

    /// Counts the records of all segments instead of reading them, as [`count`](Call::count) does for one question.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let users = users().await?;
    /// assert_eq!(users.scan_records().segments(4).count().await?, 1);
    /// assert_eq!(users.backend().scans(), 4);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A failed request; what is wrong with the question, before any.
    pub async fn count(self) -> Result<u64, Error> {
        match self.into_first()? {
            Some(first) => first.count_of(each_segment).await,
            None => Ok(0),
        }
    }

    /// The scan of the first segment; nothing where the call has been answered.
    fn into_first(self) -> Result<Option<ScanField<'a, M, B, S, R>>, Error> {
        let Segments { input, segments } = self;
        if input.as_ref().is_some_and(ReadRows::goes_on) {
            let problem = "a cursor goes on with one segment: give it to `.segment(i, n)`";
            return Err(ErrorKind::Query(problem.to_owned()).into());
        }
        Ok(input.map(|mut input| {
            input.of.segment = Some((0, segments));
            input
        }))
    }
}

/// The scans of all segments, of which this is one.
fn each_segment(rows: Rows) -> Vec<Rows> {
    let Which::All { segment: Some((_, segments)) } = rows.which else {
        return vec![rows];
    };
    let of_segment = |segment| Rows { which: Which::All { segment: Some((segment, segments)) }, ..rows.clone() };
    (0..segments).map(of_segment).collect()
}

impl<M, B, S, R> fmt::Debug for Segments<'_, M, B, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segments").field("segments", &self.segments).finish_non_exhaustive()
    }
}

impl<M: TableDataModel, B: Backend, W: Mode> Table<M, B, W> {
    /// Reads a field, or several by any other [selection](Selection), of all records of the table, in no order.
    ///
    /// It reads, and costs, the whole table, or the whole of an [`index`](Call::index), whatever the filter lets
    /// through. Nothing in this library scans but this call and [`scan_records`](Self::scan_records). Awaited it gives
    /// one page; [`pages`](Call::pages) and [`items`](Call::items) go on to the end, and [`segments`](Call::segments)
    /// reads parts at the same time. A caching table keeps what it shows, and lays its changes over, as for a query.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/users.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Error> {
    /// # let (users, f) = (users().await?, User::fields);
    /// use structnosql_core::ConditionExt;
    ///
    /// let page = users.scan_field((f().name(), f().visits())).filter(f().visits().gt(5)).await?;
    /// assert_eq!((page.count(), page.scanned_count), (1, 1));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`query_field`](Self::query_field).
    pub fn scan_field<'a, S>(&'a self, selection: S) -> Call<ScanField<'a, M, B, S, Row>>
    where
        S: Selection<Model = M> + 'a,
    {
        ReadRows::call(Readers::one(self.reader()), Everything::default(), selection)
    }

    /// Reads all records of the table whole; [`scan_field`](Self::scan_field) says what that costs.
    pub fn scan_records(&self) -> Call<ScanField<'_, M, B, WholeRecord<M>, Row>> {
        self.scan_field(WholeRecord::default())
    }
}
