use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users", crate = "a database")]
struct Account {
    #[field(partition_key)]
    id: String,
}

fn main() {}
