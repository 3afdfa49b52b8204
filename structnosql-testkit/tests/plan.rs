//! What a plan says of a commit, beside what the commit then sends.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::{BTreeSet, HashMap};

use structnosql_core::{CachingTable, FieldExt, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    title: Option<String>,
    visits: Option<u64>,
    tags: Option<BTreeSet<String>>,
    steps: Option<Vec<Step>>,
    extra: Option<HashMap<String, String>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Step {
    name: String,
    tags: Option<BTreeSet<String>>,
}

type Notes = CachingTable<Note, Counted<Reference>>;

fn set(members: &[&str]) -> BTreeSet<String> {
    members.iter().map(|member| (*member).to_owned()).collect()
}

fn step(name: &str) -> Step {
    Step { name: name.to_owned(), tags: Some(set(&["old"])) }
}

fn note(id: &str) -> Note {
    let steps = Some(vec![step("a"), step("b"), step("c")]);
    Note { id: id.to_owned(), title: None, visits: None, tags: Some(set(&["old"])), steps, extra: None }
}

/// A table that holds `note("x")` and knows it.
async fn notes() -> Notes {
    let notes = Notes::open(Counted::new(Reference::new())).await.unwrap();
    notes.put_record(&note("x")).await.unwrap();
    notes.backend().reset();
    notes
}

#[tokio::test]
async fn a_set_in_a_list_item_gains_and_loses_members_in_two_requests() {
    let (notes, f) = (notes().await, Note::fields);
    let tags = || f().steps().index(2).tags();
    notes
        .update_multiple_fields("x", [tags().insert_into_set(["new"]), tags().remove_from_set(["old"])])
        .await
        .unwrap();
    notes.delete_field("x", f().steps().index(0)).await.unwrap();
    notes
        .update_multiple_fields("x", [f().steps().prepend([step("z")]), f().steps().append([step("d")])])
        .await
        .unwrap();
    let seen = notes.get_record("x").await.unwrap();
    let plan = notes.plan_commit();

    let report = notes.commit_operations().await.unwrap();
    assert_eq!((plan.requests(), report.requests()), (3, 3), "{plan}");
    assert_eq!(notes.get_record("x").await.unwrap(), seen);
    assert_eq!(notes.session().get_record("x").await.unwrap(), seen);
}
