//! Changes on both sides of a savepoint: they are one fold when they are committed.

use structnosql_core::{FieldExt, TableDataModel, Value};

use crate::model::{Author, Note, Notes, change, commits_to, set, stored, texts, unknown};

fn requests(notes: &Notes) -> (usize, usize) {
    (notes.backend().inner().gets(), notes.backend().inner().updates())
}

#[tokio::test]
async fn items_are_put_in_front_of_those_before_the_savepoint() {
    let (notes, f) = (unknown(&[("tags", texts(&["d"]))]).await, Note::fields);
    change(&notes, f().tags().prepend(["c"])).await;
    let _ = notes.savepoint();
    change(&notes, f().tags().prepend(["a", "b"])).await;
    commits_to(&notes, &["a", "b", "c", "d"]).await;
    assert_eq!(requests(&notes).1, 1);
}

/// The list was read for a change of one of its items, and forgotten again.
#[tokio::test]
async fn what_grew_before_the_list_was_known_counts_from_what_a_later_change_knew() {
    let (notes, f) = (unknown(&[("tags", texts(&["a", "b", "c"]))]).await, Note::fields);
    notes.update_multiple_fields("x", [f().tags().append(["d"]), f().tags().prepend(["z"])]).await.unwrap();
    let _ = notes.savepoint();
    notes.update_field("x", f().tags().index(4), "D").await.unwrap();
    notes.clear_cached_data();
    assert_eq!(requests(&notes), (1, 0));
    commits_to(&notes, &["z", "a", "b", "c", "D"]).await;
}

#[tokio::test]
async fn a_set_that_may_be_empty_is_read_before_it_is_set_if_absent() {
    let f = Note::fields;
    for (before, after) in [(&["a"][..], &["b"][..]), (&["a", "c"], &["c"])] {
        let labels = Value::StringSet(before.iter().map(|label| (*label).into()).collect());
        let notes = unknown(&[("labels", labels)]).await;
        change(&notes, f().labels().remove_from_set(["a"])).await;
        let _ = notes.savepoint();
        change(&notes, f().labels().set_if_absent(set(&["b"]))).await;
        assert_eq!(requests(&notes), (1, 0));
        notes.commit_operations().await.unwrap();
        assert_eq!(notes.session().get_field("x", f().labels()).await.unwrap(), Some(set(after)));
    }
}

#[tokio::test]
async fn a_struct_that_only_loses_a_field_is_read_before_it_is_set_if_absent() {
    let f = Note::fields;
    let default = Author { name: Some("nobody".to_owned()), ..Author::default() };
    let kept = Author { name: Some("A".to_owned()), ..Author::default() };
    let stored_author = Value::Map([("name", Value::from("A")), ("email", Value::from("e"))].into_iter().collect());
    for (before, after) in [(None, default.clone()), (Some(stored_author), kept)] {
        let notes = unknown(&[before.map_or(("title", "T".into()), |author| ("author", author))]).await;
        notes.delete_field("x", f().author().email()).await.unwrap();
        let _ = notes.savepoint();
        change(&notes, f().author().set_if_absent(default.clone())).await;
        assert_eq!(requests(&notes), (1, 0));
        notes.commit_operations().await.unwrap();
        assert_eq!(notes.session().get_field("x", f().author()).await.unwrap(), Some(after));
    }
}

#[tokio::test]
async fn a_list_that_is_set_if_absent_is_read_before_it_grows() {
    let f = Note::fields;
    for (before, after) in [(Some(texts(&["a"])), &["a", "y"][..]), (None, &["x", "y"])] {
        let notes = unknown(&[before.map_or(("title", "T".into()), |tags| ("tags", tags))]).await;
        change(&notes, f().tags().set_if_absent(vec!["x".to_owned()])).await;
        let _ = notes.savepoint();
        change(&notes, f().tags().append(["y"])).await;
        assert_eq!(requests(&notes), (1, 0));
        commits_to(&notes, after).await;
    }
}

#[tokio::test]
async fn a_counter_that_is_set_if_absent_counts_on_without_being_read() {
    let f = Note::fields;
    for (before, after) in [(None, 7i64), (Some(10i64), 12)] {
        let notes = unknown(&[before.map_or(("title", "T".into()), |visits| ("visits", visits.into()))]).await;
        change(&notes, f().visits().set_if_absent(5u64)).await;
        let _ = notes.savepoint();
        change(&notes, f().visits().increment(2u64)).await;
        notes.commit_operations().await.unwrap();
        assert_eq!(requests(&notes), (0, 1));
        assert_eq!(stored(&notes, "visits"), Some(after.into()));
    }
}

#[tokio::test]
async fn a_read_beside_what_is_pending_asks_for_no_more_than_it_needs() {
    let (notes, f) = (unknown(&[("title", "T".into()), ("tags", texts(&["a"]))]).await, Note::fields);
    change(&notes, f().visits().set(1u64)).await;
    assert_eq!(notes.get_field("x", f().title()).await.unwrap().as_deref(), Some("T"));
    change(&notes, f().tags().append(["b"])).await;
    assert_eq!(notes.get_field("x", f().tags().index(0)).await.unwrap().as_deref(), Some("a"));
    let log = notes.backend().inner().log();
    let asked: Vec<&str> = log.iter().map(|sent| sent.expression.as_str()).collect();
    assert_eq!(asked, ["SELECT id,title", "SELECT id,tags"]);
}
