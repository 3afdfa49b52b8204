use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "books")]
struct Book {
    #[field(partition_key)]
    id: String,
    #[field(index(name = "by-year", local))]
    year: u16,
    #[field(index(name = "by-year"))]
    author: String,
}

fn main() {}
