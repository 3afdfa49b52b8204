use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: Option<String>,
    #[field(sort_key)]
    score: f64,
}

fn main() {}
