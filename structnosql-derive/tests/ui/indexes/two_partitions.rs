use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "books")]
struct Book {
    #[field(partition_key)]
    id: String,
    #[field(index(name = "by-author"))]
    author: String,
    #[field(index(name = "by-author"))]
    year: u16,
    #[field(index(name = "by-year"))]
    printed: u16,
    #[field(index(name = "by-year", sort))]
    month: u16,
    #[field(index(name = "by-year", sort))]
    day: u16,
}

fn main() {}
