use std::collections::{BTreeSet, HashMap};

use structnosql_derive::MapModel;

#[derive(MapModel)]
struct Grades {
    all: BTreeSet<bool>,
    by_length: HashMap<Vec<u8>, u32>,
}

fn main() {}
