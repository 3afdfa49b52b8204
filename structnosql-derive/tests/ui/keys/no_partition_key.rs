use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    id: String,
    name: String,
}

fn main() {}
