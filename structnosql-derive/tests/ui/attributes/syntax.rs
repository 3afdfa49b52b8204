use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = users, name = "users")]
struct User {
    #[field(partition_key = true)]
    id: String,
    #[field(rename = mail)]
    email: String,
    #[field(rename)]
    phone: String,
    #[field(index = "by-age")]
    age: u8,
    #[field]
    height: u8,
    #[field(read_only; default)]
    weight: u8,
    #[field(skip, skip)]
    cache: u8,
    #[field("text")]
    text: String,
}

fn main() {}
