//! The records of the soak: one of each kind of value, several levels deep.

use std::collections::HashMap;

use structnosql_core::presence::Optional;
use structnosql_core::{
    Billing, FieldPath, IndexDefinition, IndexedAttributes, TableDataModel, TableDefinition, Text, Value,
};
use structnosql_derive::{MapModel, TableDataModel};

use crate::model::{Field, Path, Shape};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "documents", crate = "structnosql_core")]
pub(crate) struct Document {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    pub(crate) category: Option<String>,
    title: Option<String>,
    count: Option<i64>,
    profile: Option<Profile>,
    pairs: Option<HashMap<String, Pair>>,
    counts: Option<HashMap<String, i64>>,
    tags: Option<Vec<String>>,
    steps: Option<Vec<Phase>>,
    root: Option<Parameter>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Profile {
    name: Option<String>,
    verified: Option<bool>,
    address: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Address {
    city: Option<String>,
    zip: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Pair {
    label: String,
    note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Phase {
    name: Option<String>,
    attrs: Option<HashMap<String, i64>>,
    subs: Option<Vec<i64>>,
    pair: Option<Pair>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Parameter {
    value: Option<i64>,
    children: Option<HashMap<String, Parameter>>,
}

/// The same record in the model's words.
pub(crate) static FIELDS: &[Field] = &[
    Field::required("id", &Shape::Text),
    Field::optional("category", &Shape::Text),
    Field::optional("title", &Shape::Text),
    Field::optional("count", &Shape::Number),
    Field::optional("profile", &PROFILE),
    Field::optional("pairs", &Shape::Map(&PAIR)),
    Field::optional("counts", &Shape::Map(&Shape::Number)),
    Field::optional("tags", &Shape::List(&Shape::Text)),
    Field::optional("steps", &Shape::List(&PHASE)),
    Field::optional("root", &PARAMETER),
];

static PROFILE: Shape = Shape::Struct(&[
    Field::optional("name", &Shape::Text),
    Field::optional("verified", &Shape::Bool),
    Field::optional("address", &ADDRESS),
]);

static ADDRESS: Shape = Shape::Struct(&[Field::optional("city", &Shape::Text), Field::optional("zip", &Shape::Number)]);

static PAIR: Shape = Shape::Struct(&[Field::required("label", &Shape::Text), Field::optional("note", &Shape::Text)]);

static PHASE: Shape = Shape::Struct(&[
    Field::optional("name", &Shape::Text),
    Field::optional("attrs", &Shape::Map(&Shape::Number)),
    Field::optional("subs", &Shape::List(&Shape::Number)),
    Field::optional("pair", &PAIR),
]);

static PARAMETER: Shape =
    Shape::Struct(&[Field::optional("value", &Shape::Number), Field::optional("children", &Shape::Map(&PARAMETER))]);

/// A field at a path that is only known at run time. Its value is read and written as it is stored.
pub(crate) type AnyField = FieldPath<Document, Value, Optional>;

pub(crate) fn field(path: &Path) -> AnyField {
    FieldPath::new(path.iter().cloned().collect())
}

/// The table of the documents, as a request creates it.
pub(crate) fn definition() -> TableDefinition {
    let schema = Document::table();
    let index = |index: &structnosql_core::schema::IndexSchema| IndexDefinition {
        name: Text::from(index.name),
        partition_key: index.partition_key.clone(),
        sort_key: index.sort_key.clone(),
        projection: IndexedAttributes::All,
        local: index.local,
    };
    TableDefinition {
        table: schema.name.into(),
        partition_key: schema.partition_key.clone(),
        sort_key: schema.sort_key.clone(),
        indexes: schema.indexes.iter().map(index).collect(),
        billing: Billing::OnDemand,
    }
}
