//! Whether a record is there, as far as is known and by what is pending for it.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use structnosql_core::{BasicTable, CachingTable, FieldExt, Projection, TableDataModel};
use structnosql_derive::{MapModel, Projection, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    title: Option<String>,
    visits: Option<u64>,
    author: Option<Author>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Author {
    name: String,
    #[field(default = "writer".to_owned())]
    role: String,
    address: Option<Address>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Address {
    city: Option<String>,
    #[field(default = "Italy".to_owned())]
    country: String,
}

/// What is read of a record where it is there.
#[derive(Debug, PartialEq, Projection)]
#[projection(model = Note, crate = "structnosql_core")]
struct Card {
    title: Option<String>,
}

type Notes = CachingTable<Note, Counted<Reference>>;

/// A table of no records.
async fn notes() -> Notes {
    let notes = Notes::open(Counted::new(Reference::new())).await.unwrap();
    notes.backend().reset();
    notes
}

fn card(title: &str) -> Option<Card> {
    Some(Card { title: Some(title.to_owned()) })
}

async fn read(notes: &Notes) -> Option<Card> {
    notes.get_field("x", Card::projection()).await.unwrap()
}

#[tokio::test]
async fn the_key_is_asked_for_where_the_answer_depends_on_it() {
    let notes = BasicTable::<Note, _>::open(Counted::new(Reference::new())).await.unwrap();
    notes.update_field("x", Note::fields().visits(), 1u64).await.unwrap();
    notes.backend().reset();
    let title = Note::fields().title();
    assert_eq!(notes.get_field("x", &title).await.unwrap(), None);
    assert_eq!(notes.get_field("y", (&title, [&title])).await.unwrap(), (None, [None]));
    assert_eq!(notes.get_field("x", Card::projection()).await.unwrap(), Some(Card { title: None }));
    assert_eq!(notes.get_field("y", (&title, Card::projection())).await.unwrap(), (None, None));
    assert_eq!(notes.get_field("x", [&title; 0]).await.unwrap(), []);
    let asked: Vec<String> = notes.backend().log().into_iter().map(|sent| sent.expression).collect();
    assert_eq!(asked, ["SELECT title", "SELECT title", "SELECT id,title", "SELECT id,title", "SELECT id"]);
}

#[tokio::test]
async fn what_was_cleared_says_nothing_of_the_record() {
    let (notes, f) = (notes().await, Note::fields);
    notes.update_field("x", f().title(), "T").await.unwrap();
    notes.clear_pending_operations();
    assert_eq!(notes.get_field("x", f().title()).await.unwrap().as_deref(), Some("T"));
    assert_eq!(notes.backend().requests(), 0);
    assert_eq!(read(&notes).await, None);
    assert_eq!(notes.backend().gets(), 1);
    assert_eq!(read(&notes).await, None);
    assert_eq!(notes.backend().gets(), 1);
}

#[tokio::test]
async fn a_record_is_there_where_what_is_pending_brings_it_into_being() {
    let (notes, f) = (notes().await, Note::fields);
    notes.update_field("x", f().title(), "T").await.unwrap();
    assert_eq!(read(&notes).await, card("T"));
    assert_eq!(notes.backend().requests(), 0);
    notes.rollback();

    assert_eq!(notes.get_record("x").await.unwrap(), None);
    notes.delete_field("x", f().title()).await.unwrap();
    assert_eq!(read(&notes).await, None);
    notes.update_field("x", f().visits(), 1u64).await.unwrap();
    assert_eq!(read(&notes).await, Some(Card { title: None }));
}

#[tokio::test]
async fn a_change_of_an_existing_record_follows_one_that_brings_it_into_being() {
    let (notes, f) = (notes().await, Note::fields);
    assert_eq!(notes.get_record("x").await.unwrap(), None);
    notes.backend().reset();
    let error = notes.update_field("x", f().visits(), 1u64).if_exists().await.unwrap_err();
    assert!(error.is_condition_failed(), "{error}");

    notes.delete_field("x", f().title()).await.unwrap();
    let error = notes.update_field("x", f().visits(), 1u64).if_exists().await.unwrap_err();
    assert!(error.is_condition_failed(), "{error}");

    notes.update_field("x", f().title(), "T").await.unwrap();
    notes.update_field("x", f().visits(), 1u64).if_exists().await.unwrap();
    assert_eq!(notes.pending_operations().len(), 2);
    assert_eq!(notes.backend().requests(), 0);
}

/// A struct that comes into being brings its defaults along, for reads as for the commit.
#[tokio::test]
async fn a_default_is_read_of_a_struct_that_comes_into_being() {
    let (notes, f) = (notes().await, Note::fields);
    notes.update_field("x", f().title(), "T").await.unwrap();
    notes.commit_operations().await.unwrap();
    notes.get_record("x").await.unwrap();
    notes.backend().reset();
    assert_eq!(notes.get_field("x", f().author().role()).await.unwrap(), None);
    notes.update_field("x", f().author().name(), "A").await.unwrap();
    assert_eq!(notes.get_field("x", f().author().role()).await.unwrap().as_deref(), Some("writer"));
    assert_eq!(notes.backend().requests(), 0);
    notes.commit_operations().await.unwrap();
    let author = notes.session().get_field("x", f().author()).await.unwrap();
    assert_eq!(author, Some(Author { name: "A".to_owned(), role: "writer".to_owned(), address: None }));
}

/// Also of one that takes the place of another in the same commit, and of the structs in it.
#[tokio::test]
async fn a_default_is_read_of_a_struct_that_is_put_together_after_a_removal() {
    let (notes, f) = (notes().await, Note::fields);
    notes.get_record("x").await.unwrap();
    notes.delete_field("x", f().author()).await.unwrap();
    assert_eq!(notes.get_field("x", f().author().role()).await.unwrap(), None);
    notes.update_field("x", f().author().name(), "A").await.unwrap();
    notes.update_field("x", f().author().address().city(), "Rome").await.unwrap();
    let read = async |notes: &Notes| {
        let (author, address) = (f().author(), || f().author().address());
        let selection = (author.clone(), author.role(), address(), address().country());
        notes.get_field("x", selection).await.unwrap()
    };
    let shown = read(&notes).await;
    assert_eq!((shown.1.as_deref(), shown.3.as_deref()), (Some("writer"), Some("Italy")));
    assert_eq!(notes.backend().requests(), 1);
    notes.commit_operations().await.unwrap();
    assert_eq!(read(&notes.session()).await, shown);
}

/// It lacks what it requires, and brings its defaults along, also where its parts came one savepoint after another.
#[tokio::test]
async fn a_struct_that_is_put_together_over_several_savepoints_is_no_whole_one() {
    let (notes, f) = (notes().await, Note::fields);
    let author = || Author { name: "A".to_owned(), role: "editor".to_owned(), address: None };
    notes.get_record("x").await.unwrap();
    notes.update_field("x", f().author().address().city(), "Rome").await.unwrap();
    let _ = notes.savepoint();
    // Something is there already.
    notes.update_multiple_fields("x", [f().title().set("T"), f().author().set_if_absent(author())]).await.unwrap();
    let _ = notes.savepoint();
    notes.update_multiple_fields("x", [f().author().role().set_if_absent("writer")]).await.unwrap();
    let error = notes.commit_operations().await.unwrap_err();
    assert!(error.to_string().contains("author.name"), "{error}");
    notes.update_field("x", f().author().name(), "B").await.unwrap();
    notes.commit_operations().await.unwrap();
    let address = Some(Address { city: Some("Rome".to_owned()), country: "Italy".to_owned() });
    let stored = notes.session().get_field("x", f().author()).await.unwrap();
    assert_eq!(stored, Some(Author { name: "B".to_owned(), role: "writer".to_owned(), address }));
}
