use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    #[field(skip, rename = "draft", default, read_only, index)]
    draft: bool,
}

fn main() {}
