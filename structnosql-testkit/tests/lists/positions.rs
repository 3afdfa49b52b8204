//! Callers name positions in the list as they see it; they are sent as those of the stored one.

use structnosql_core::{FailureClass, FieldExt, TableDataModel, Value};
use structnosql_testkit::Fault;

use crate::model::{Note, change, commits_to, stored, tagged, texts, unknown};

#[tokio::test]
async fn the_first_item_is_taken_out_again_and_again() {
    let (notes, f) = (tagged(&["a", "b", "c", "d"]).await, Note::fields);
    for left in [&["b", "c", "d"][..], &["c", "d"], &["d"]] {
        notes.delete_field("x", f().tags().index(0)).await.unwrap();
        assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), left);
    }
    notes.update_field("x", f().tags().index(0), "D").await.unwrap();
    commits_to(&notes, &["D"]).await;
}

#[tokio::test]
async fn nothing_is_taken_out_of_a_list_that_is_not_there() {
    let f = Note::fields;
    for attributes in [&[("title", Value::from("T"))][..], &[("tags", Value::Null)]] {
        let notes = unknown(attributes).await;
        notes.delete_field("x", f().tags().index(0)).await.unwrap();
        assert!(!notes.has_pending_operations());
        assert_eq!(notes.get_field("x", f().tags()).await.unwrap(), None);
        assert_eq!(notes.backend().inner().requests(), 1);
    }
}

#[tokio::test]
async fn what_comes_into_being_with_its_items_counts_from_none() {
    let (notes, f) = (unknown(&[("title", "T".into())]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    change(&notes, f().tags().append(["a", "b"])).await;
    notes.update_field("x", f().tags().index(1), "B").await.unwrap();
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    notes.update_field("x", f().tags().index(7), "c").await.unwrap();
    commits_to(&notes, &["B", "c"]).await;
}

/// The first request of two makes the list longer; the second, which failed, counts from there.
#[tokio::test]
async fn positions_hold_where_the_second_of_two_requests_failed() {
    let (notes, f) = (tagged(&["a"]).await, Note::fields);
    notes.update_multiple_fields("x", [f().tags().append(["d"]), f().tags().prepend(["z"])]).await.unwrap();
    notes.backend().script([None, Some(Fault::Refuse(FailureClass::AccessDenied))]);
    notes.commit_operations().await.unwrap_err();
    assert_eq!(stored(&notes, "tags"), Some(texts(&["a", "d"])));
    notes.update_field("x", f().tags().index(2), "D").await.unwrap();
    commits_to(&notes, &["z", "a", "D"]).await;
}

/// A request for the first items of a list that has hundreds of changes leaves the positions of the others right.
#[tokio::test]
async fn changes_of_a_list_that_pass_the_limits_take_several_requests() {
    let f = Note::fields;
    let tags: Vec<String> = (0..1000).map(|at| format!("t{at}")).collect();
    let long = || Value::List(tags.iter().map(|tag| Value::from(tag.as_str())).collect());
    let known = async || {
        let notes = unknown(&[("tags", long())]).await;
        notes.get_record("x").await.unwrap();
        notes
    };

    let notes = known().await;
    for _ in 0..600 {
        notes.delete_field("x", f().tags().index(200)).await.unwrap();
    }
    let left: Vec<&str> = tags[..200].iter().chain(&tags[800..]).map(String::as_str).collect();
    assert_eq!(notes.commit_operations().await.unwrap().requests(), 2);
    assert_eq!(stored(&notes, "tags"), Some(texts(&left)));

    let notes = known().await;
    let mut expected: Vec<String> = tags.clone();
    for at in (0..900).step_by(2) {
        notes.update_field("x", f().tags().index(at), "new").await.unwrap();
        expected[at as usize] = "new".to_owned();
    }
    for _ in 0..50 {
        notes.delete_field("x", f().tags().index(901)).await.unwrap();
        expected.remove(901);
    }
    let added: Vec<String> = (0..300).map(|at| format!("a{at}")).collect();
    change(&notes, f().tags().append(added.clone())).await;
    expected.extend(added);
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), expected);
    let plan = notes.plan_commit();
    let report = notes.commit_operations().await.unwrap();
    assert_eq!((plan.requests(), report.requests()), (3, 3));
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    assert_eq!(stored(&notes, "tags"), Some(texts(&expected)));
}

/// After a request is refused between two others, what is left is planned over what the list has become.
#[tokio::test]
async fn what_the_limits_put_off_is_pending_again_where_it_fails() {
    let f = Note::fields;
    let tags: Vec<String> = (0..700).map(|at| format!("t{at}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    let notes = unknown(&[("tags", texts(&tags))]).await;
    notes.get_record("x").await.unwrap();
    for _ in 0..600 {
        notes.delete_field("x", f().tags().index(50)).await.unwrap();
    }
    let shown = notes.get_field("x", f().tags()).await.unwrap().unwrap();
    notes.backend().script([None, Some(Fault::Refuse(FailureClass::AccessDenied))]);
    notes.commit_operations().await.unwrap_err();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), shown);
    change(&notes, f().tags().append(["last"])).await;
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    let expected: Vec<&str> = tags[1..50].iter().chain(&tags[650..]).copied().chain(["last"]).collect();
    commits_to(&notes, &expected).await;
}
