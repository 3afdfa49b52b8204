use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    #[field(partition_key)]
    name: String,
    #[field(sort_key)]
    year: u16,
    #[field(sort_key)]
    month: u8,
}

fn main() {}
