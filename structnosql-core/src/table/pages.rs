//! Streams of rows.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::stream::{self, Stream};

use crate::backend::Backend;
use crate::error::Error;
use crate::key::Key;
use crate::page::Page;
use crate::readers::Readers;
use crate::rows::Rows;
use crate::selection::{Reading, Selection};

/// The pages of a query or scan, as a [`Stream`]: each is fetched when it is polled for, and none ahead.
///
/// It ends behind the last page, or behind the first error. Dropping it stops; the `next` of the last page that it
/// gave goes on later.
#[must_use = "streams do nothing unless polled"]
pub struct Pages<'a, T> {
    /// Nothing behind the end.
    stream: Option<Pin<Box<dyn Stream<Item = Result<Page<T>, Error>> + Send + 'a>>>,
}

/// The records of a query or scan, as a [`Stream`]: the next page is fetched when the one before is used up and another
/// record is polled for.
///
/// It ends behind the last record, or behind the first error. Dropping it stops.
#[must_use = "streams do nothing unless polled"]
pub struct Items<'a, T> {
    pages: Pages<'a, T>,
    fetched: std::vec::IntoIter<(Key, T)>,
}

impl<'a, T: Send + 'a> Pages<'a, T> {
    pub(super) fn of<R, S, B>(reads: Arc<(Readers<'a, B>, S)>, rows: Rows) -> Self
    where
        R: Reading,
        S: Selection<Output<R> = T> + 'a,
        B: Backend,
    {
        let stream = stream::unfold(Some(Ok(rows)), move |turn| {
            let reads = reads.clone();
            async move {
                let (readers, selection) = &*reads;
                let rows: Rows = match turn? {
                    Ok(rows) => rows,
                    Err(error) => return Some((Err(error), None)),
                };
                let page = readers.page::<R, S>(&rows, selection).await;
                let next = page.as_ref().ok().and_then(|page| page.next.clone());
                Some((page, next.map(|cursor| rows.behind(cursor))))
            }
        });
        Pages { stream: Some(Box::pin(stream)) }
    }

    /// The pages of all of these, whichever comes first.
    pub(super) fn any_of(streams: Vec<Self>) -> Self {
        Pages { stream: Some(Box::pin(stream::select_all(streams))) }
    }

    /// What is wrong with the question.
    pub(super) fn refused(error: Error) -> Self {
        Pages { stream: Some(Box::pin(stream::once(std::future::ready(Err(error))))) }
    }

    /// What is left of a call that was answered before.
    pub(super) fn none() -> Self {
        Pages { stream: None }
    }

    pub(super) fn into_items(self) -> Items<'a, T> {
        Items { pages: self, fetched: Vec::new().into_iter() }
    }
}

impl<T> Stream for Pages<'_, T> {
    type Item = Result<Page<T>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        let page = ready!(stream.as_mut().poll_next(context));
        if !matches!(page, Some(Ok(_))) {
            self.stream = None;
        }
        Poll::Ready(page)
    }
}

impl<T> Stream for Items<'_, T> {
    type Item = Result<(Key, T), Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(record) = self.fetched.next() {
                return Poll::Ready(Some(Ok(record)));
            }
            // A page may be empty and have another behind it, where all that was looked at was filtered out.
            match ready!(Pin::new(&mut self.pages).poll_next(context)) {
                Some(Ok(page)) => self.fetched = page.records.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

/// What was fetched is never pinned in place.
impl<T> Unpin for Items<'_, T> {}

impl<T> fmt::Debug for Pages<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Items<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("fetched", &self.fetched.len()).finish_non_exhaustive()
    }
}
