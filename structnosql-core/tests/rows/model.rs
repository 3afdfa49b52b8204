//! What the tests of rows stand on.

use structnosql_core::{BasicTable, CachingTable, Error};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Reference};

/// A note has a composite key, and is in every kind of index.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
pub(crate) struct Note {
    #[field(partition_key)]
    pub(crate) author: String,
    #[field(sort_key)]
    pub(crate) number: u32,
    #[field(index(name = "by-topic"), index(name = "by-title", local))]
    pub(crate) title: String,
    #[field(index(name = "by-topic", sort), index(name = "by-stars", projection = keys_only))]
    pub(crate) stars: u32,
    pub(crate) text: Option<String>,
    pub(crate) tags: Option<Vec<String>>,
}

/// A table of another model with a key of the same types.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "letters", crate = "structnosql_core")]
pub(crate) struct Letter {
    #[field(partition_key)]
    pub(crate) author: String,
    #[field(sort_key)]
    pub(crate) number: u32,
    pub(crate) title: String,
}

pub(crate) type Backend = Counted<Reference>;

pub(crate) fn note(author: &str, number: u32) -> Note {
    let (title, text) = (if number.is_multiple_of(2) { "even" } else { "odd" }, format!("text {number}"));
    Note { author: author.to_owned(), number, title: title.to_owned(), stars: number, text: Some(text), tags: None }
}

/// A table over a backend of its own, and a basic table beside it, with notes 0 to 9 of Ann and one of Bob.
pub(crate) async fn notes() -> Result<(CachingTable<Note, Backend>, BasicTable<Note, Backend>), Error> {
    let backend = Counted::new(Reference::new());
    let (caching, basic) = (CachingTable::open(backend.clone()).await?, BasicTable::attach(backend));
    for number in 0..10 {
        basic.put_record(&note("Ann", number)).await?;
    }
    basic.put_record(&note("Bob", 0)).await?;
    basic.backend().reset();
    Ok((caching, basic))
}
