// What the examples in this crate's documentation stand on, included by them.

use std::collections::HashMap;

use structnosql_core::{CachingTable, Error, FieldExt, MapModel, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "users", crate = "structnosql_core")]
struct User {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    country: String,
    name: Option<String>,
    visits: Option<u32>,
    tokens: HashMap<String, Token>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Token {
    expires: i64,
}

fn robinson() -> User {
    let tokens = HashMap::from([("t32".to_owned(), Token { expires: 1_618_322_249 })]);
    let (id, country, name) = ("x42".to_owned(), "UK".to_owned(), Some("Robinson".to_owned()));
    User { id, country, name, visits: Some(7), tokens }
}

/// A table that holds `robinson()`, and knows nothing of it yet.
async fn users() -> Result<CachingTable<User, Counted<Reference>>, Error> {
    let users = CachingTable::open(Counted::new(Reference::new())).await?;
    users.put_record(&robinson()).await?;
    users.clear_cached_data();
    users.backend().reset();
    Ok(users)
}
