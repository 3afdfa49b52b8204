use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "pages")]
struct Page<T> {
    #[field(partition_key)]
    id: String,
    content: T,
}

#[derive(MapModel)]
struct Named<'a, T: Clone> {
    name: &'a str,
    value: T,
}

fn main() {}
