//! A table with one record, whose requests are counted and may go wrong.

use std::collections::{BTreeSet, HashMap};

use structnosql_core::{CachingTable, Change, Map, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
pub(crate) struct Note {
    #[field(partition_key)]
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) visits: Option<u64>,
    pub(crate) labels: Option<BTreeSet<String>>,
    pub(crate) tags: Option<Vec<String>>,
    pub(crate) steps: Option<Vec<Step>>,
    pub(crate) author: Option<Author>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
pub(crate) struct Step {
    pub(crate) name: Option<String>,
    pub(crate) marks: Option<HashMap<String, u32>>,
}

#[derive(Clone, Debug, Default, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
pub(crate) struct Author {
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) books: Option<Vec<String>>,
}

pub(crate) type Engine = Faulty<Counted<Reference>>;
pub(crate) type Notes = CachingTable<Note, Engine>;

/// A table that knows nothing of its record `x`, of which these attributes are stored.
pub(crate) async fn unknown(attributes: &[(&str, Value)]) -> Notes {
    let notes = Notes::open(Faulty::new(Counted::new(Reference::new()))).await.unwrap();
    store(&notes, attributes);
    notes.backend().inner().reset();
    notes
}

/// A table that knows its record `x`, whose tags are these.
pub(crate) async fn tagged(tags: &[&str]) -> Notes {
    let notes = unknown(&[("tags", texts(tags))]).await;
    notes.get_record("x").await.unwrap();
    notes.backend().inner().reset();
    notes
}

/// Stores the record as another writer would.
pub(crate) fn store(notes: &Notes, attributes: &[(&str, Value)]) {
    let key = [("id", Value::from("x"))];
    let item: Map = key.into_iter().chain(attributes.iter().cloned()).collect();
    notes.backend().inner().inner().put_item("notes", item).unwrap();
}

/// The stored value of an attribute.
pub(crate) fn stored(notes: &Notes, attribute: &str) -> Option<Value> {
    let key: Map = [("id", Value::from("x"))].into_iter().collect();
    notes.backend().inner().inner().item("notes", &key)?.get(attribute).cloned()
}

pub(crate) fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

pub(crate) fn set(members: &[&str]) -> BTreeSet<String> {
    members.iter().map(|member| (*member).to_owned()).collect()
}

/// Pends one change.
pub(crate) async fn change(notes: &Notes, change: Change<Note>) {
    notes.update_multiple_fields("x", [change]).await.unwrap();
}

/// Commits all, and compares what is stored then with these tags, and with what the table shows.
pub(crate) async fn commits_to(notes: &Notes, tags: &[&str]) {
    notes.commit_operations().await.unwrap();
    assert_eq!(stored(notes, "tags"), Some(texts(tags)));
    assert_eq!(notes.get_field("x", Note::fields().tags()).await.unwrap().unwrap(), tags);
}
