use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    #[field(version)]
    version: String,
}

#[derive(TableDataModel)]
#[table(name = "movies")]
struct Movie {
    #[field(partition_key)]
    id: String,
    #[field(version)]
    version: Option<u64>,
}

#[derive(TableDataModel)]
#[table(name = "books")]
struct Book {
    #[field(partition_key)]
    id: String,
    #[field(version)]
    version: u8,
}

fn main() {}
