//! Reading and writing many records by their keys, over a backend that leaves things undone.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod busy;
mod prefetch;
mod reads;
mod writes;

use structnosql_core::{BasicTable, CachingTable, Error};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Reference};

use busy::Busy;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "parts", crate = "structnosql_core")]
struct Part {
    #[field(partition_key)]
    id: u32,
    name: String,
    weight: Option<u32>,
}

type Outcome = Result<(), Error>;
type Backend = Counted<Busy<Reference>>;

fn part(id: u32) -> Part {
    Part { id, name: format!("part {id}"), weight: None }
}

/// A table that knows nothing, and a basic one beside it, with so many parts.
async fn parts(count: u32) -> Result<(CachingTable<Part, Backend>, BasicTable<Part, Backend>), Error> {
    let backend = Counted::new(Busy::over(Reference::new()));
    let (caching, basic) = (CachingTable::open(backend.clone()).await?, BasicTable::attach(backend));
    for id in 0..count {
        basic.put_record(&part(id)).await?;
    }
    basic.backend().reset();
    Ok((caching, basic))
}
