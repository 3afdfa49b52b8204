use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users", crate = "databases")]
struct User {
    #[field(partition_key)]
    id: String,
    name: String,
}

fn main() {}
