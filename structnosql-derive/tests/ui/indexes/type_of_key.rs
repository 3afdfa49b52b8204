use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "books")]
struct Book {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    rating: f64,
    #[field(index)]
    tags: Option<Vec<String>>,
}

fn main() {}
