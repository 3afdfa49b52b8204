use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key, default = "x42")]
    id: String,
    #[field(sort_key, read_only)]
    year: u16,
}

#[derive(TableDataModel)]
#[table(name = "movies")]
struct Movie {
    #[field(partition_key, sort_key)]
    id: String,
}

fn main() {}
