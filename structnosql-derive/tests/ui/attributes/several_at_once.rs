use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(rename_all = "CamelCase")]
struct User {
    id: String,
    #[field(renam = "mail", index(name = "m"), read_only)]
    email: String,
    #[field(skip, default)]
    draft: bool,
    #[field(index(name = "by-age", sort))]
    age: u8,
}

// The accessors are there all the same.
#[allow(dead_code)]
fn uses() {
    use structnosql::TableDataModel;
    let _ = User::fields().email();
}

fn main() {}
