use std::collections::HashMap;

use structnosql::{FieldExt, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    name: String,
    nickname: Option<String>,
    #[field(read_only)]
    created: u64,
    tokens: Option<HashMap<String, Token>>,
    #[field(default = 1)]
    level: u32,
}

#[derive(MapModel)]
struct Token {
    expires: i64,
}

fn main() {
    let _ = User::fields().tokens().key("t32").expires().remove();
}
