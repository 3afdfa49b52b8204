//! The model of these tests: a field of every type.

use std::collections::{BTreeSet, HashMap};

use structnosql::{MapModel, Number, TableDataModel, Value};

#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "things", rename_all = "camelCase")]
pub(crate) struct Thing {
    #[field(partition_key)]
    pub(crate) id: String,
    pub(crate) count: u8,
    pub(crate) name: Option<String>,
    pub(crate) ratio: Option<f64>,
    pub(crate) price: Option<Number>,
    pub(crate) huge: Option<u128>,
    pub(crate) kind: Option<Kind>,
    pub(crate) tags: Option<BTreeSet<String>>,
    pub(crate) numbers: Option<BTreeSet<u64>>,
    pub(crate) parts: Option<HashMap<String, Part>>,
    pub(crate) history: Option<Vec<Part>>,
    pub(crate) by_number: Option<HashMap<u32, String>>,
    pub(crate) tree: Option<Node>,
    pub(crate) bytes: Option<Vec<u8>>,
    pub(crate) anything: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, MapModel)]
pub(crate) enum Kind {
    Old,
    New,
}

#[derive(Clone, Debug, Default, PartialEq, MapModel)]
pub(crate) struct Part {
    pub(crate) weight: i64,
    pub(crate) ratio: Option<f32>,
    pub(crate) tags: Option<BTreeSet<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, MapModel)]
pub(crate) struct Node {
    pub(crate) label: Option<String>,
    pub(crate) children: Option<HashMap<String, Node>>,
}

pub(crate) fn thing(id: &str) -> Thing {
    Thing { id: id.to_owned(), ..Thing::default() }
}

/// A table with a sort key of another type.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "events")]
pub(crate) struct Event {
    #[field(partition_key)]
    pub(crate) source: String,
    #[field(sort_key)]
    pub(crate) at: u32,
    #[field(index(name = "by-kind", projection = keys_only))]
    pub(crate) kind: String,
    pub(crate) text: Option<String>,
}
