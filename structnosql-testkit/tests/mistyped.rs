//! Changes of what is stored with another type than the model says: refused when they are pended, or planned.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use structnosql_core::{CachingTable, Change, ErrorKind, FieldExt, Map, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    visits: Option<u64>,
    labels: Option<BTreeSet<String>>,
    tags: Option<Vec<String>>,
    author: Option<Author>,
    #[field(length = ..=3)]
    places: Option<BTreeMap<String, Place>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Author {
    name: Option<String>,
    email: Option<String>,
    books: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Place {
    city: String,
    street: Option<String>,
}

type Notes = CachingTable<Note, Counted<Reference>>;

/// A table that knows nothing of its record, of which these attributes are stored.
async fn unknown(attributes: &[(&str, Value)]) -> Notes {
    let notes = Notes::open(Counted::new(Reference::new())).await.unwrap();
    let key = [("id", Value::from("x"))];
    let item: Map = key.into_iter().chain(attributes.iter().cloned()).collect();
    notes.backend().inner().put_item("notes", item).unwrap();
    notes.backend().reset();
    notes
}

async fn read(notes: &Notes) {
    notes.get_record("x").skip_validation().await.ok();
}

async fn change(notes: &Notes, change: Change<Note>) {
    notes.update_multiple_fields("x", [change]).await.unwrap();
}

#[tokio::test]
async fn what_does_not_fit_the_stored_type_is_not_pended() {
    let f = Note::fields;
    for (attribute, made) in [
        ("visits", f().visits().increment(1u64)),
        ("labels", f().labels().insert_into_set(["a"])),
        ("tags", f().tags().append(["a"])),
        ("author", f().author().name().set("A")),
        ("author", f().author().books().append(["a"])),
    ] {
        let notes = unknown(&[(attribute, "text".into())]).await;
        read(&notes).await;
        let error = notes.update_multiple_fields("x", [made]).await.unwrap_err();
        assert!(error.is_type_conflict(), "{attribute}: {error}");
        assert!(!notes.has_pending_operations());
    }
}

/// Only a value that takes the place of all of it is a way out.
#[tokio::test]
async fn what_turns_out_not_to_fit_is_replaced_as_a_whole() {
    let f = Note::fields;
    let notes = unknown(&[("author", "text".into())]).await;
    change(&notes, f().author().name().set("A")).await;
    read(&notes).await;
    let error = notes.update_field("x", f().author().email(), "e").await.unwrap_err();
    assert!(error.is_type_conflict(), "{error}");
    let author = Author { name: Some("A".to_owned()), email: None, books: None };
    change(&notes, f().author().set(author.clone())).await;
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_field("x", f().author()).await.unwrap(), Some(author));

    let notes = unknown(&[("tags", Value::List(vec!["a".into()]))]).await;
    notes.update_field("x", f().tags().index(0), "A").await.unwrap();
    let item = [("id", "x".into()), ("tags", "text".into())].into_iter().collect();
    notes.backend().inner().put_item("notes", item).unwrap();
    notes.refresh();
    read(&notes).await;
    let error = notes.update_multiple_fields("x", [f().tags().append(["b"])]).await.unwrap_err();
    assert!(error.is_type_conflict(), "{error}");
    notes.delete_field("x", f().tags()).await.unwrap();
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_field("x", f().tags()).await.unwrap(), None);
}

#[tokio::test]
async fn what_leads_through_another_type_is_not_sent() {
    let f = Note::fields;
    for made in [f().author().name().set("A"), f().author().books().append(["a"])] {
        let notes = unknown(&[("author", "text".into())]).await;
        change(&notes, made).await;
        read(&notes).await;
        let refused = notes.plan_record("x").unwrap().updates.unwrap_err();
        assert!(refused.is_type_conflict(), "{refused}");
        notes.commit_operations().await.unwrap_err();
        assert_eq!(notes.backend().updates(), 0);
    }
}

/// What comes into being in a map has to be whole, also where the map has rules.
#[tokio::test]
async fn what_comes_into_being_lacks_nothing_that_is_required() {
    let (notes, f) = (unknown(&[]).await, Note::fields);
    read(&notes).await;
    change(&notes, f().places().key("p").street().set("s")).await;
    let refused = notes.plan_record("x").unwrap().updates.unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::MissingParent { .. }), "{refused}");
    assert!(refused.to_string().contains("places.p.city"), "{refused}");
    change(&notes, f().places().key("p").city().set("c")).await;
    notes.commit_operations().await.unwrap();
}
