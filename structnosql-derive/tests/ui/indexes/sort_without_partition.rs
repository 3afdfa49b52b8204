use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "books")]
struct Book {
    #[field(partition_key)]
    id: String,
    #[field(index(name = "by-author", sort))]
    year: u16,
    #[field(index(sort))]
    pages: u16,
}

fn main() {}
