use structnosql_derive::{Collection, MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
}

#[derive(MapModel)]
struct Address {
    city: String,
}

#[derive(Collection)]
enum Shapes {
    User(User),
    Nobody,
    Order { id: String },
}

#[derive(Collection)]
enum Several {
    Two(User, User),
}

#[derive(Collection)]
enum Twice {
    User(User),
    Guest(User),
}

#[derive(Collection)]
enum NoModel {
    Address(Address),
}

#[derive(Collection)]
enum Nothing {}

#[derive(Collection)]
struct Account {
    users: Vec<User>,
}

#[derive(Collection)]
#[collection(name = "users")]
enum Named {
    User(User),
}

fn main() {}
