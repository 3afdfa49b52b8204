use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users", rename_all = "camelCase")]
struct User {
    #[field(partition_key)]
    id: String,
    first_name: String,
    #[field(rename = "firstName")]
    name: String,
    #[field(rename = "")]
    nothing: String,
}

fn main() {}
