//! Who reads the items of a page: a table, or of several tables each the items that are its own.

use smallvec::{SmallVec, smallvec};
use tokio::time::Instant;

use crate::backend::Backend;
use crate::direct;
use crate::error::Error;
use crate::failure::{Failure, FailureClass};
use crate::key::Key;
use crate::link::Link;
use crate::page::Page;
use crate::path::DocumentPath;
use crate::rows::Rows;
use crate::selection::{Reading, Selection};
use crate::unit::UnitOfWork;
use crate::value::Map;

/// How often a page is read again because of changes that were pended meanwhile.
const PAGE_READS: u32 = 3;

/// The tables that the items of a page are divided among.
pub(crate) struct Readers<'t, B> {
    /// The table that asks.
    link: &'t Link<B>,
    all: SmallVec<[Reader<'t, B>; 1]>,
    /// Which of them reads an item.
    of_item: fn(&Map) -> Option<usize>,
}

/// A table that reads items as records of its model.
pub(crate) struct Reader<'t, B> {
    pub(crate) link: &'t Link<B>,
    /// What it works as, where that is a unit of work.
    pub(crate) unit: Option<&'t UnitOfWork>,
}

/// A page that was asked for.
pub(crate) struct Asked<'r> {
    pub(crate) rows: &'r Rows,
    /// The paths that were asked for; whole records where it is empty.
    pub(crate) projection: Vec<DocumentPath>,
    pub(crate) consistent: bool,
    pub(crate) since: Instant,
}

/// An item as a table reads it.
pub(crate) struct Shown<T> {
    pub(crate) key: Key,
    pub(crate) value: Result<T, Error>,
    /// Whether what is pending leaves it among the records that were asked for.
    pub(crate) fits: bool,
}

/// Items by their places on the page.
type Placed<T> = Vec<(usize, T)>;

impl<'t, B> Readers<'t, B> {
    /// One table, which every item is of.
    pub(crate) fn one(reader: Reader<'t, B>) -> Self {
        Readers { link: reader.link, all: smallvec![reader], of_item: |_| Some(0) }
    }

    /// The tables of several models, one of them as the one that asks, and which of them an item is of.
    pub(crate) fn several(
        link: &'t Link<B>,
        all: SmallVec<[Reader<'t, B>; 1]>,
        of_item: fn(&Map) -> Option<usize>,
    ) -> Self {
        Readers { link, all, of_item }
    }

    /// The same with the table that asks in this place.
    pub(crate) fn asked_by(mut self, at: usize) -> Self {
        self.link = self.all.get(at).map_or(self.link, |reader| reader.link);
        self
    }

    /// All tables.
    pub(crate) fn links(&self) -> impl Iterator<Item = &'t Link<B>> {
        self.all.iter().map(|reader| reader.link)
    }

    /// The table that asks.
    pub(crate) fn link(&self) -> &'t Link<B> {
        self.link
    }
}

impl<B: Backend> Readers<'_, B> {
    /// Reads one page: the database's records, with what the tables know laid over.
    pub(crate) async fn page<R: Reading, S: Selection>(
        &self,
        rows: &Rows,
        selection: &S,
    ) -> Result<Page<S::Output<R>>, Error> {
        for _ in 0..PAGE_READS {
            let mut projection = rows.projection.clone();
            let begin = |reader: &Reader<'_, B>| Some(reader.unit?.begin_page(rows, &mut projection));
            let generations: SmallVec<[Option<u64>; 1]> = self.all.iter().map(begin).collect();
            let asked = Asked { rows, projection, consistent: rows.is_consistent(), since: Instant::now() };
            let response = rows.send(&*self.link.backend, asked.projection.clone()).await?;
            let next = rows.cursor(response.next)?;
            if let Some(shown) = self.show::<R, S>(&asked, &generations, response.items, selection)? {
                let mut page = Page {
                    records: Vec::with_capacity(shown.len()),
                    scanned_count: response.scanned,
                    next,
                    pending_mismatch: Vec::new(),
                };
                for (_, Shown { key, value, fits }) in shown {
                    if !fits {
                        page.pending_mismatch.push(key.clone());
                    }
                    page.records.push((key, value?));
                }
                return Ok(page);
            }
        }
        Err(Failure::new(FailureClass::BadAnswer, "a row does not hold what was asked for").into())
    }

    /// The items in their order, each as its table reads it; nothing where changes were pended meanwhile that take more
    /// of one than was asked for.
    fn show<R: Reading, S: Selection>(
        &self,
        asked: &Asked<'_>,
        generations: &[Option<u64>],
        items: Vec<Map>,
        selection: &S,
    ) -> Result<Option<Placed<Shown<S::Output<R>>>>, Error> {
        let mut shown = Vec::with_capacity(items.len());
        let mut owned: SmallVec<[Placed<Map>; 1]> = self.all.iter().map(|_| Vec::new()).collect();
        let mut of_none = Vec::new();
        for (place, item) in items.into_iter().enumerate() {
            let own = (self.of_item)(&item).and_then(|at| owned.get_mut(at));
            own.unwrap_or(&mut of_none).push((place, item));
        }
        for ((reader, generation), own) in self.all.iter().zip(generations).zip(owned) {
            match reader.show::<R, S>(asked, *generation, own, selection)? {
                Some(own) => shown.extend(own),
                None => return Ok(None),
            }
        }
        for (place, item) in of_none {
            // Of no model: nothing is known of it, and nothing is learnt.
            shown.push((place, direct::show::<R, S>(self.link.schema, &asked.projection, item, selection)?));
        }
        shown.sort_unstable_by_key(|(place, _)| *place);
        Ok(Some(shown))
    }
}

impl<B> Reader<'_, B> {
    fn show<R: Reading, S: Selection>(
        &self,
        asked: &Asked<'_>,
        generation: Option<u64>,
        mut items: Placed<Map>,
        selection: &S,
    ) -> Result<Option<Placed<Shown<S::Output<R>>>>, Error> {
        let schema = self.link.schema;
        items.iter_mut().for_each(|(_, item)| schema.record.adopt(item));
        match self.unit.zip(generation) {
            Some((unit, generation)) => unit.show_page::<R, S>(schema, asked, generation, items, selection),
            None => {
                let show =
                    |(place, item)| Ok((place, direct::show::<R, S>(schema, &asked.projection, item, selection)?));
                items.into_iter().map(show).collect::<Result<_, Error>>().map(Some)
            }
        }
    }
}

impl<B> Clone for Readers<'_, B> {
    fn clone(&self) -> Self {
        Readers { link: self.link, all: self.all.clone(), of_item: self.of_item }
    }
}

impl<B> Clone for Reader<'_, B> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<B> Copy for Reader<'_, B> {}
