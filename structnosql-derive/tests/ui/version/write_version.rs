use structnosql::{FieldExt, TableDataModel};
use structnosql_derive::TableDataModel;

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    #[field(version)]
    version: u64,
}

fn main() {
    let _ = User::fields().version().set(4);
    let _ = User::fields().version().increment(1);
    let _ = User::fields().version().remove();
}
