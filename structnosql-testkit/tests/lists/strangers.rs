//! What becomes of pending changes of a list where another writer has changed it.

use structnosql_core::{FieldExt, TableDataModel, Value};

use crate::model::{Note, Notes, change, commits_to, store, stored, tagged, texts, unknown};

/// Reads the record anew.
async fn read_again(notes: &Notes) {
    notes.refresh();
    notes.get_field("x", Note::fields().title()).await.ok();
    notes.get_record("x").skip_validation().await.ok();
    notes.backend().inner().reset();
}

async fn conflicts(notes: &Notes) {
    let refused = notes.plan_record("x").unwrap().updates.unwrap_err();
    assert!(refused.is_type_conflict(), "{refused}");
    notes.commit_operations().await.unwrap_err();
    assert_eq!(notes.backend().inner().updates(), 0);
    assert!(notes.has_pending_operations());
}

#[tokio::test]
async fn an_item_past_the_end_of_a_list_that_became_shorter_is_its_last() {
    let f = Note::fields;
    for left in [&["a", "b"][..], &["a"], &[]] {
        let notes = tagged(&["a", "b", "c"]).await;
        notes.update_field("x", f().tags().index(2), "C").await.unwrap();
        store(&notes, &[("tags", texts(left))]);
        notes.refresh();
        let expected = [left, &["C"]].concat();
        assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), expected);
        commits_to(&notes, &expected).await;
    }
}

#[tokio::test]
async fn nothing_is_taken_out_of_a_list_that_is_gone() {
    let f = Note::fields;
    for left in [&[("title", Value::from("T"))][..], &[("tags", Value::Null)]] {
        let notes = tagged(&["a", "b"]).await;
        notes.delete_field("x", f().tags().index(0)).await.unwrap();
        store(&notes, left);
        read_again(&notes).await;
        assert_eq!(notes.get_field("x", f().tags()).await.unwrap(), None);
        assert_eq!(notes.commit_operations().await.unwrap().requests(), 0);
        assert!(!notes.has_pending_operations());
    }
}

#[tokio::test]
async fn items_of_a_list_that_is_gone_are_not_changed() {
    let f = Note::fields;
    for also_grows in [false, true] {
        for removes in [false, true] {
            let notes = tagged(&["a", "b"]).await;
            match removes {
                true => notes.delete_field("x", f().tags().index(0)).await.unwrap(),
                false => notes.update_field("x", f().tags().index(0), "A").await.unwrap(),
            }
            if also_grows {
                change(&notes, f().tags().append(["c"])).await;
            }
            if removes && !also_grows {
                continue; // Nothing to take out.
            }
            store(&notes, &[("title", "T".into())]);
            read_again(&notes).await;
            let error = notes.get_field("x", f().tags()).await.unwrap_err();
            assert!(error.is_stored_value(), "{error}");
            conflicts(&notes).await;
            assert_eq!(stored(&notes, "tags"), None);
        }
    }
}

#[tokio::test]
async fn what_is_no_list_any_more_is_not_grown() {
    let (notes, f) = (tagged(&["a"]).await, Note::fields);
    change(&notes, f().tags().append(["b"])).await;
    store(&notes, &[("tags", "text".into())]);
    read_again(&notes).await;
    conflicts(&notes).await;

    let notes = unknown(&[("author", "text".into())]).await;
    change(&notes, f().author().books().append(["b"])).await;
    read_again(&notes).await;
    conflicts(&notes).await;
}

#[tokio::test]
async fn what_grows_beside_an_edit_comes_behind_what_another_writer_added() {
    let (notes, f) = (tagged(&["a", "b"]).await, Note::fields);
    notes.update_field("x", f().tags().index(0), "A").await.unwrap();
    change(&notes, f().tags().append(["d", "e"])).await;
    store(&notes, &[("tags", texts(&["a", "b", "c"]))]);
    notes.commit_operations().await.unwrap();
    assert_eq!(stored(&notes, "tags"), Some(texts(&["A", "b", "c", "d", "e"])));
}
