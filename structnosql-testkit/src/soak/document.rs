//! The records of the soak: one of each kind of value, several levels deep.

use std::collections::{BTreeSet, HashMap, HashSet};

use structnosql_core::presence::Optional;
use structnosql_core::{
    Billing, Change, ConditionExt, FieldExt, FieldPath, IndexDefinition, IndexedAttributes, Number, Predicate,
    TableDataModel, TableDefinition, Text, Value,
};
use structnosql_derive::{MapModel, TableDataModel};

use crate::model::{Action, Condition, Field, Member, Path, Shape, Tree};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "documents", crate = "structnosql_core")]
pub(crate) struct Document {
    #[field(partition_key)]
    pub(crate) id: String,
    #[field(index)]
    pub(crate) category: Option<String>,
    title: Option<String>,
    count: Option<Number>,
    labels: Option<BTreeSet<String>>,
    scores: Option<HashSet<Number>>,
    profile: Option<Profile>,
    pairs: Option<HashMap<String, Pair>>,
    counts: Option<HashMap<String, Number>>,
    groups: Option<HashMap<String, BTreeSet<String>>>,
    tags: Option<Vec<String>>,
    steps: Option<Vec<Phase>>,
    root: Option<Parameter>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Profile {
    name: Option<String>,
    verified: Option<bool>,
    badges: Option<BTreeSet<String>>,
    address: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Address {
    city: Option<String>,
    zip: Option<Number>,
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
    attrs: Option<HashMap<String, Number>>,
    subs: Option<Vec<Number>>,
    marks: Option<BTreeSet<String>>,
    pair: Option<Pair>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Parameter {
    value: Option<Number>,
    children: Option<HashMap<String, Parameter>>,
}

/// The same record in the model's words.
pub(crate) static FIELDS: &[Field] = &[
    Field::required("id", &Shape::Text),
    Field::optional("category", &Shape::Text),
    Field::optional("title", &Shape::Text),
    Field::optional("count", &Shape::Number),
    Field::optional("labels", &Shape::Texts),
    Field::optional("scores", &Shape::Numbers),
    Field::optional("profile", &PROFILE),
    Field::optional("pairs", &Shape::Map(&PAIR)),
    Field::optional("counts", &Shape::Map(&Shape::Number)),
    Field::optional("groups", &Shape::Map(&Shape::Texts)),
    Field::optional("tags", &Shape::List(&Shape::Text)),
    Field::optional("steps", &Shape::List(&PHASE)),
    Field::optional("root", &PARAMETER),
];

static PROFILE: Shape = Shape::Struct(&[
    Field::optional("name", &Shape::Text),
    Field::optional("verified", &Shape::Bool),
    Field::optional("badges", &Shape::Texts),
    Field::optional("address", &ADDRESS),
]);

static ADDRESS: Shape = Shape::Struct(&[Field::optional("city", &Shape::Text), Field::optional("zip", &Shape::Number)]);

static PAIR: Shape = Shape::Struct(&[Field::required("label", &Shape::Text), Field::optional("note", &Shape::Text)]);

static PHASE: Shape = Shape::Struct(&[
    Field::optional("name", &Shape::Text),
    Field::optional("attrs", &Shape::Map(&Shape::Number)),
    Field::optional("subs", &Shape::List(&Shape::Number)),
    Field::optional("marks", &Shape::Texts),
    Field::optional("pair", &PAIR),
]);

static PARAMETER: Shape =
    Shape::Struct(&[Field::optional("value", &Shape::Number), Field::optional("children", &Shape::Map(&PARAMETER))]);

/// A field at a path that is only known at run time. Its value is read and written as it is stored.
pub(crate) type AnyField = FieldPath<Document, Value, Optional>;

pub(crate) fn field(path: &Path) -> AnyField {
    typed(path)
}

fn typed<T>(path: &Path) -> FieldPath<Document, T, Optional> {
    FieldPath::new(path.iter().cloned().collect())
}

/// The change that an operation is.
pub(crate) fn change(path: &Path, action: &Action) -> Change<Document> {
    let values = |items: &[Tree]| items.iter().map(Tree::to_value).collect::<Vec<_>>();
    match action {
        Action::Set(value) => field(path).set(value.to_value()),
        Action::SetIfAbsent(value) => field(path).set_if_absent(value.to_value()),
        Action::Remove => field(path).remove(),
        Action::Increment(by) => typed::<Number>(path).increment(by.to_number()),
        Action::Append(items) => typed::<Vec<Value>>(path).append(values(items)),
        Action::Prepend(items) => typed::<Vec<Value>>(path).prepend(values(items)),
        Action::Insert(members) => match members_of(members) {
            Members::Texts(texts) => typed::<BTreeSet<String>>(path).insert_into_set(texts),
            Members::Numbers(numbers) => typed::<HashSet<Number>>(path).insert_into_set(numbers),
        },
        Action::Take(members) => match members_of(members) {
            Members::Texts(texts) => typed::<BTreeSet<String>>(path).remove_from_set(texts),
            Members::Numbers(numbers) => typed::<HashSet<Number>>(path).remove_from_set(numbers),
        },
    }
}

enum Members {
    Texts(Vec<String>),
    Numbers(Vec<Number>),
}

fn members_of(members: &BTreeSet<Member>) -> Members {
    let numbers: Vec<Number> = members.iter().filter_map(Member::to_number).collect();
    match numbers.is_empty() {
        true => Members::Texts(members.iter().filter_map(Member::to_text).collect()),
        false => Members::Numbers(numbers),
    }
}

pub(crate) fn predicate(condition: &Condition) -> Predicate<Document> {
    match condition {
        Condition::Exists(path) => field(path).exists(),
        Condition::NotExists(path) => field(path).not_exists(),
        Condition::Equals(path, value) => field(path).eq(value.to_value()),
        Condition::Above(path, least) => typed::<Number>(path).gt(least.to_number()),
    }
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
