use std::time::Duration;

use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    idle: Duration,
    tokens: Option<Vec<Token>>,
}

#[derive(MapModel)]
struct Session {
    length: Duration,
}

#[derive(MapModel)]
struct Wrapped(Duration);

struct Token;

fn main() {}
