use std::collections::HashMap;

use structnosql::Value;
use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "users")]
struct User {
    #[field(partition_key)]
    id: String,
    #[field(flatten, rename = "others", default)]
    rest: HashMap<String, Value>,
    #[field(flatten)]
    more: HashMap<String, Value>,
}

#[derive(MapModel)]
struct Address {
    city: String,
    #[field(flatten)]
    place: Place,
}

#[derive(MapModel)]
struct Place {
    east: f64,
}

#[derive(MapModel)]
#[map(tag = "kind")]
enum Shape {
    Circle {
        #[field(flatten)]
        rest: HashMap<String, Value>,
    },
}

fn main() {}
