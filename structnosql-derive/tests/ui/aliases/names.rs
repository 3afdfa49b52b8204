use std::collections::HashMap;

use structnosql::Value;
use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "people")]
struct Person {
    #[field(partition_key, alias = "key")]
    id: String,
    #[field(alias = "name", alias = "")]
    full_name: String,
    #[field(alias = "full_name")]
    nickname: Option<String>,
    #[field(alias = "name", alias = "age")]
    age: u32,
    #[field(index, alias = "land")]
    country: String,
    #[field(version, alias = "v")]
    version: u64,
    #[field(skip, alias = "x")]
    shown: bool,
    #[field(old_name = "mail")]
    email: Option<String>,
    #[field(flatten, alias = "y")]
    rest: HashMap<String, Value>,
}

#[derive(MapModel)]
struct Address {
    #[field(alias = "town")]
    city: String,
}

fn main() {}
