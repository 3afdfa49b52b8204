use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    #[field(ttl)]
    expires: Option<u64>,
    #[field(ttl)]
    ends: Option<u64>,
}

#[derive(TableDataModel)]
#[table(name = "sessions")]
struct Session {
    #[field(partition_key)]
    id: String,
    #[field(time_to_live)]
    expires: Option<String>,
}

#[derive(MapModel)]
struct Token {
    #[field(ttl)]
    expires: u64,
}

fn main() {}
