use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    #[field(version, read_only)]
    version: u64,
    #[field(version)]
    revision: u64,
}

#[derive(TableDataModel)]
#[table(name = "movies")]
struct Movie {
    #[field(partition_key)]
    id: String,
    #[field(sort_key, version)]
    year: u64,
}

#[derive(TableDataModel)]
#[table(name = "books")]
struct Book {
    #[field(partition_key)]
    id: String,
    #[field(version = 1, default = 1)]
    version: u64,
    #[field(version, skip)]
    skipped: u64,
}

#[derive(MapModel)]
struct Token {
    #[field(version)]
    version: u64,
}

fn main() {}
