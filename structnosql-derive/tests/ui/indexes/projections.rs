use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "books")]
struct Book {
    #[field(partition_key)]
    id: String,
    #[field(index(projection = include(titel, id, year, draft, title, title)))]
    author: String,
    title: String,
    #[field(index(name = "author", sort, projection = keys_only))]
    year: u16,
    #[field(skip)]
    draft: bool,
    #[field(index(projection = keys), index(name = "all", projection), index(name = "none", projection = include()))]
    state: String,
}

fn main() {}
