//! Changes without an effect of their own, and those that share a request by what is known.

use structnosql_core::{ConditionExt, FieldExt, Outcome, TableDataModel};

use crate::model::{Author, Note, Notes, Step, change, set, stored, tagged, texts, unknown};

/// The plan of the one record, without the line of totals and the names of the columns.
fn planned(notes: &Notes) -> Vec<String> {
    let plan = format!("{:#}", notes.plan_commit());
    plan.lines().skip(2).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

async fn is_refused_by_its_condition(notes: &Notes) {
    let error = notes.commit_operations().await.unwrap_err();
    let report = error.commit_report().unwrap();
    match &report.records[0].outcome {
        Outcome::Rejected(error) => assert!(error.is_condition_failed(), "{error}"),
        outcome => panic!("{outcome}"),
    }
}

/// A condition goes with any of the changes that it came with: these are retired together.
#[tokio::test]
async fn a_condition_stays_with_a_change_that_has_no_effect_beside_another() {
    let (notes, f) = (tagged(&["a"]).await, Note::fields);
    change(&notes, f().tags().append(["b"])).await;
    notes.delete_field("x", f().tags().index(5)).condition(f().title().exists()).await.unwrap();
    assert_eq!(notes.pending_operations()[0].operations.len(), 2);
    is_refused_by_its_condition(&notes).await;
    assert_eq!(stored(&notes, "tags"), Some(texts(&["a"])));

    let notes = tagged(&["a"]).await;
    notes.update_field("x", f().tags().index(0), "A").await.unwrap();
    change(&notes, f().tags().append(["b"])).await;
    notes.delete_field("x", f().tags().index(1)).condition(f().title().exists()).await.unwrap();
    is_refused_by_its_condition(&notes).await;

    let notes = unknown(&[]).await;
    notes.update_field("x", f().author().name(), "A").await.unwrap();
    let author = f().author().set_if_absent(Author::default());
    notes.update_multiple_fields("x", [author]).condition(f().title().exists()).await.unwrap();
    is_refused_by_its_condition(&notes).await;
}

#[tokio::test]
async fn a_set_that_comes_into_being_loses_nothing() {
    let (notes, f) = (tagged(&[]).await, Note::fields);
    change(&notes, f().labels().insert_into_set(["new"])).await;
    change(&notes, f().labels().remove_from_set(["old"])).await;
    assert_eq!(planned(&notes), ["x 1 45 ADD labels :v0 IF attribute_not_exists(labels)"]);
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_field("x", f().labels()).await.unwrap(), Some(set(&["new"])));
}

/// A table that knows its record, with a step of no marks.
async fn stepped() -> Notes {
    let notes = tagged(&[]).await;
    let step = Step { name: Some("a".to_owned()), marks: Some([("kept".to_owned(), 1)].into()) };
    change(&notes, Note::fields().steps().set(vec![step])).await;
    notes.commit_operations().await.unwrap();
    notes
}

/// More than 25 conditions cost more than the request that they save.
#[tokio::test]
async fn a_list_grows_in_one_request_beside_as_many_removals_of_nothing_as_conditions_are_worth_it() {
    let f = Note::fields;
    for (removals, requests) in [(24, 1u32), (25, 1), (26, 2)] {
        let notes = stepped().await;
        for at in 0..removals {
            notes.delete_field("x", f().steps().index(0).marks().key(format!("m{at}"))).await.unwrap();
        }
        change(&notes, f().steps().prepend([Step { name: None, marks: None }])).await;
        let plan = notes.plan_commit();
        assert_eq!(plan.requests(), requests as usize, "{plan}");
        assert_eq!(notes.commit_operations().await.unwrap().requests(), requests);
    }
}

#[tokio::test]
async fn removals_of_nothing_are_sent_where_leaving_them_out_would_save_no_request() {
    let (notes, f) = (stepped().await, Note::fields);
    notes.delete_field("x", f().steps().index(0).marks().key("none")).await.unwrap();
    change(&notes, f().steps().append([Step { name: None, marks: None }])).await;
    change(&notes, f().steps().prepend([Step { name: None, marks: None }])).await;
    let lines = planned(&notes);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("REMOVE steps[0].marks.none") && !lines[0].contains("IF"), "{lines:?}");
}

/// A set that only gains stays whole when another one, or a list, takes two requests.
#[tokio::test]
async fn only_what_takes_two_requests_is_said_to() {
    let (notes, f) = (tagged(&["a"]).await, Note::fields);
    change(&notes, f().labels().insert_into_set(["new"])).await;
    notes.update_multiple_fields("x", [f().tags().append(["z"]), f().tags().prepend(["0"])]).await.unwrap();
    let lines = planned(&notes);
    assert!(lines[1].ends_with("apart because `tags` grows at its front and changes elsewhere"), "{lines:?}");
}
