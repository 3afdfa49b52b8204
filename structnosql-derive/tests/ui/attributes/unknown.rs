use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(nam = "users", region = "eu-west-2")]
struct User {
    #[field(partition_kye)]
    id: String,
    #[field(range_key)]
    name: String,
    #[field(name = "mail")]
    email: String,
    #[field(index(nam = "by-age"))]
    age: u8,
    #[field(secret)]
    token: String,
}

fn main() {}
