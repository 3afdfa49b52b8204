use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users", rename_all = "camel_case")]
struct User {
    #[field(partition_key)]
    id: String,
}

#[derive(TableDataModel)]
#[table(name = "movies", rename_all = "title")]
struct Movie {
    #[field(partition_key)]
    id: String,
}

fn main() {}
