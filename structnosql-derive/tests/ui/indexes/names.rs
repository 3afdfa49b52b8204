use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "books")]
struct Book {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    pk: String,
    #[field(index(name = "by author"))]
    author: String,
    #[field(index)]
    primary: u16,
    #[field(index(name = "by-year"), index(name = "byYear"))]
    year: u16,
}

fn main() {}
