//! Commits of one kind: what stays pending of a list stands elsewhere afterwards.

use structnosql_core::{FieldExt, TableDataModel};

use crate::model::{Note, change, commits_to, stored, tagged, texts};

#[tokio::test]
async fn a_change_behind_items_that_were_taken_out_moves_up() {
    let (notes, f) = (tagged(&["a", "b", "c", "d"]).await, Note::fields);
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    notes.update_field("x", f().tags().index(1), "C").await.unwrap();
    assert_eq!(notes.commit_remove_operations().await.unwrap().requests(), 1);
    assert_eq!(stored(&notes, "tags"), Some(texts(&["b", "c", "d"])));

    // It counts from the list as it is stored now.
    change(&notes, f().tags().append(["e"])).await;
    notes.update_field("x", f().tags().index(3), "E").await.unwrap();
    notes.update_field("x", f().tags().index(0), "B").await.unwrap();
    commits_to(&notes, &["B", "C", "d", "E"]).await;
}

#[tokio::test]
async fn a_removal_behind_items_that_were_put_in_front_moves_down() {
    let (notes, f) = (tagged(&["a", "b", "c", "d"]).await, Note::fields);
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    change(&notes, f().tags().append(["x", "y"])).await;
    change(&notes, f().tags().prepend(["z"])).await;
    notes.commit_update_operations().await.unwrap();
    assert_eq!(stored(&notes, "tags"), Some(texts(&["z", "a", "b", "c", "d", "x", "y"])));

    notes.update_field("x", f().tags().index(6), "new").await.unwrap();
    commits_to(&notes, &["z", "b", "c", "d", "x", "y", "new"]).await;
}

#[tokio::test]
async fn what_is_cleared_leaves_the_others_where_they_were() {
    let (notes, f) = (tagged(&["a", "b", "c"]).await, Note::fields);
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    notes.update_field("x", f().tags().index(1), "C").await.unwrap();
    notes.clear_pending_remove_operations();
    commits_to(&notes, &["a", "b", "C"]).await;
}

#[tokio::test]
async fn one_kind_of_what_stands_on_both_sides_of_a_savepoint_is_committed() {
    let (notes, f) = (tagged(&["a", "b"]).await, Note::fields);
    notes.update_field("x", f().title(), "T").await.unwrap();
    notes.delete_field("x", f().visits()).await.unwrap();
    let _ = notes.savepoint();
    notes.update_field("x", f().author().name(), "A").await.unwrap();
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    notes.update_field("x", f().visits(), 7u64).await.unwrap();
    notes.delete_field("x", f().title()).await.unwrap();

    notes.commit_update_operations().await.unwrap();
    assert_eq!((stored(&notes, "title"), stored(&notes, "visits")), (None, Some(7.into())));
    assert_eq!(stored(&notes, "tags"), Some(texts(&["a", "b"])));
    assert!(notes.has_pending_remove_operations() && !notes.has_pending_update_operations());
    let pending: Vec<String> = notes.pending_operations().iter().map(|operation| operation.path.to_string()).collect();
    assert_eq!(pending, ["tags[0]", "title"]);
    commits_to(&notes, &["b"]).await;
}
