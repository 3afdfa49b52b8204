//! What the soak has found, each as the smallest program that shows it.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::{BTreeSet, HashMap};

use structnosql_core::{
    CachingTable, ConditionExt, ErrorKind, FailureClass, FieldExt, Map, OperationKind, Resolution, TableDataModel,
    Value,
};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Fault, Faulty, Reference};

#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    category: Option<String>,
    title: Option<String>,
    author: Option<Author>,
    pairs: Option<HashMap<String, Pair>>,
    steps: Option<Vec<Phase>>,
    tags: Option<Vec<String>>,
    labels: Option<BTreeSet<String>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Author {
    name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Pair {
    label: Option<String>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Phase {
    name: Option<String>,
    pair: Option<Pair>,
    subs: Option<Vec<u32>>,
}

type Notes = CachingTable<Note, Counted<Reference>>;

/// A table that knows nothing of its one record.
async fn table(item: &[(&str, Value)]) -> Notes {
    let notes = Notes::open(Counted::new(Reference::new())).await.unwrap();
    let key = [("id", Value::from("x"))];
    let item: Map = key.into_iter().chain(item.iter().cloned()).collect();
    if item.len() > 1 {
        notes.backend().inner().put_item("notes", item).unwrap();
    }
    notes
}

fn texts(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

#[tokio::test]
async fn a_removal_past_a_lists_end_is_not_pending() {
    let (notes, f) = (table(&[("tags", texts(&["a"]))]).await, Note::fields);
    notes.delete_field("x", f().tags().index(3)).await.unwrap();
    assert!(!notes.has_pending_operations());
    notes.update_field("x", f().tags().index(1), "b").await.unwrap();
    notes.delete_field("x", f().tags().index(1)).await.unwrap();
    assert!(!notes.has_pending_operations());
}

#[tokio::test]
async fn a_removal_that_finds_nothing_to_remove_says_nothing_of_the_record() {
    let (notes, f) = (table(&[("title", "T".into())]).await, Note::fields);
    assert_eq!(notes.remove_field("x", f().pairs().key("a").label()).await.unwrap(), None);
    assert_eq!(notes.get_field("x", f().title()).await.unwrap().as_deref(), Some("T"));

    let notes = table(&[]).await;
    assert_eq!(notes.remove_field("x", f().title()).await.unwrap(), None);
    assert_eq!(notes.get_record("x").await.unwrap(), None);
}

#[tokio::test]
async fn nothing_is_written_below_an_item_past_a_lists_end() {
    let (notes, f) = (table(&[("steps", Value::List(Vec::new()))]).await, Note::fields);
    let error = notes.update_field_return_old("x", f().steps().index(4).name(), "a").await.unwrap_err();
    assert!(error.is_type_conflict(), "{error}");
    assert_eq!(notes.remove_field("x", f().steps().index(4).name()).await.unwrap(), None);
    assert_eq!(notes.get_field("x", f().steps()).await.unwrap(), Some(Vec::new()));
}

#[tokio::test]
async fn a_row_shows_a_parent_that_is_absent_where_a_child_was_known_to_be() {
    let (notes, f) = (table(&[("category", "red".into())]).await, Note::fields);
    assert_eq!(notes.get_field("x", (f().author().name(), f().tags().index(2))).await.unwrap(), (None, None));
    let page = notes.query_field(Note::indexes().category("red"), (f().author(), f().tags())).await.unwrap();
    assert_eq!(page.records[0].1, (None, None));
    notes.backend().reset();
    assert_eq!(notes.get_field("x", f().author()).await.unwrap(), None);
    assert_eq!(notes.backend().requests(), 0);
}

#[tokio::test]
async fn a_removal_from_an_existing_record_is_refused_where_there_is_none() {
    let (notes, f) = (table(&[]).await, Note::fields);
    notes.delete_field("x", f().title()).if_exists().await.unwrap();
    assert_eq!(notes.get_record("x").await.unwrap(), None);
    let error = notes.commit_operations().await.unwrap_err();
    assert_eq!(error.commit_report().unwrap().uncommitted().count(), 1);
    assert!(notes.has_pending_operations());
}

#[tokio::test]
async fn a_plan_made_again_goes_on_from_all_that_is_known() {
    let (notes, f) = (table(&[("category", "red".into())]).await, Note::fields);
    assert_eq!(notes.get_field("x", f().author()).await.unwrap(), None);
    notes.delete_field("x", f().author().name()).await.unwrap();
    notes.delete_field("x", f().pairs().key("a")).await.unwrap();
    let report = notes.commit_operations().await.unwrap();
    assert_eq!((report.records[0].replans, report.requests()), (1, 2), "{report:?}");
}

#[tokio::test]
async fn lists_that_were_hidden_one_after_another_are_committed() {
    let (notes, f) = (table(&[("title", "T".into()), ("tags", texts(&["a", "b"]))]).await, Note::fields);
    notes.delete_field("x", f().title()).await.unwrap();
    notes.clear_cached_data();
    notes.update_field("x", f().tags().index(0), "A").await.unwrap();
    notes.clear_cached_data();
    assert_eq!(notes.pending_operations().len(), 2);
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), ["A", "b"]);
}

#[tokio::test]
async fn items_of_a_list_that_changes_are_read_where_they_stand() {
    let (notes, f) = (table(&[("category", "red".into()), ("tags", texts(&["a", "b", "c"]))]).await, Note::fields);
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    notes.refresh();
    assert_eq!(notes.get_field("x", f().tags().index(1)).await.unwrap().as_deref(), Some("c"));
    notes.refresh();
    let page = notes.query_field(Note::indexes().category("red"), f().tags().index(1)).await.unwrap();
    assert_eq!(page.records[0].1.as_deref(), Some("c"));
}

#[tokio::test]
async fn no_item_of_a_list_that_changes_is_written_at_once() {
    let (notes, f) = (table(&[("tags", texts(&["a", "b", "c"]))]).await, Note::fields);
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    notes.refresh();
    let old = notes.update_field_return_old("x", f().tags().index(0), "B").await.unwrap();
    assert_eq!(old.as_deref(), Some("b"));
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), ["B", "c"]);
}

#[tokio::test]
async fn a_removal_from_a_record_that_another_writer_deleted_leaves_none() {
    let (notes, f) = (table(&[("title", "T".into())]).await, Note::fields);
    assert_eq!(notes.get_field("x", f().title()).await.unwrap().as_deref(), Some("T"));
    notes.session().delete_record("x").await.unwrap();
    assert_eq!(notes.remove_field("x", f().steps()).await.unwrap(), None);
    assert_eq!(notes.get_record("x").await.unwrap(), None);
}

#[tokio::test]
async fn a_removal_in_doubt_is_not_taken_for_applied() {
    let reference = Reference::new();
    let notes = CachingTable::<Note, _>::open(Faulty::new(reference.clone())).await.unwrap();
    let item: Map = [("id", Value::from("x")), ("title", Value::from("T"))].into_iter().collect();
    reference.put_item("notes", item).unwrap();
    let f = Note::fields;
    notes.delete_field("x", f().title()).await.unwrap();
    notes.delete_field("x", f().pairs().key("a")).await.unwrap();
    // It never arrives, which nobody here can know. Sent again it is refused: there are no pairs.
    notes.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    notes.commit_operations().await.unwrap_err();
    notes.commit_operations().await.unwrap();
    assert_eq!(reference.items("notes")[0].get("title"), None);
}

#[tokio::test]
async fn what_was_never_applied_folds_with_a_later_removal_and_creates_no_record() {
    let reference = Reference::new();
    let notes = CachingTable::<Note, _>::open(Faulty::new(reference.clone())).await.unwrap();
    let f = Note::fields;
    notes.update_field("x", f().pairs().key("a").label(), "A").await.unwrap();
    // It never arrives. Sent again it is refused, since there are no pairs: then it was never applied, and is one
    // removal with what was pended behind it, which brings no record into being.
    notes.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    notes.commit_operations().await.unwrap_err();
    notes.delete_field("x", f().pairs()).await.unwrap();
    notes.commit_operations().await.unwrap();
    assert!(!notes.has_pending_operations());
    assert_eq!(reference.items("notes"), []);

    // A request that did arrive brought the record into being, and removing a field leaves it there.
    notes.update_field("x", f().pairs().key("a").label(), "A").await.unwrap();
    notes.backend().script([Some(Fault::LoseAnswer)]);
    notes.commit_operations().await.unwrap_err();
    notes.delete_field("x", f().pairs()).await.unwrap();
    notes.commit_operations().await.unwrap();
    let key: Map = [("id", Value::from("x"))].into_iter().collect();
    assert_eq!(reference.items("notes"), [key]);
}

#[tokio::test]
async fn clearing_the_removals_of_a_list_leaves_its_other_changes_where_they_belong() {
    let tags = Value::List(["a", "b", "c"].map(Value::from).into());
    let (notes, f) = (table(&[("tags", tags)]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    let changes = [f().tags().index(0).remove(), f().tags().index(1).set("C"), f().tags().append(["d"])];
    notes.update_multiple_fields("x", changes).await.unwrap();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), ["b", "C", "d"]);
    notes.clear_pending_remove_operations();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), ["a", "b", "C", "d"]);
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_field("x", f().tags()).await.unwrap().unwrap(), ["a", "b", "C", "d"]);
}

#[tokio::test]
async fn taking_members_out_of_a_set_brings_no_record_into_sight() {
    let (notes, f) = (table(&[]).await, Note::fields);
    notes.update_multiple_fields("x", [f().labels().remove_from_set(["a"])]).await.unwrap();
    assert_eq!(notes.get_record("x").await.unwrap(), None);
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.get_record("x").await.unwrap(), None);
}

#[tokio::test]
async fn what_a_conditional_value_leaves_is_read_as_a_whole() {
    let (notes, f) = (table(&[("title", "T".into())]).await, Note::fields);
    let author = Author { name: Some("A".to_owned()) };
    notes.update_multiple_fields("x", [f().author().set_if_absent(author)]).await.unwrap();
    assert_eq!(notes.get_field("x", f().author().name()).await.unwrap().as_deref(), Some("A"));
    let page = notes.query_field(Note::indexes().category("red"), f().author().name()).await.unwrap();
    assert!(page.records.is_empty());
}

#[tokio::test]
async fn a_row_shows_what_a_conditional_value_leaves() {
    let (notes, f) = (table(&[("category", "red".into())]).await, Note::fields);
    let author = Author { name: Some("A".to_owned()) };
    notes.update_multiple_fields("x", [f().author().set_if_absent(author)]).await.unwrap();
    let page = notes.query_field(Note::indexes().category("red"), f().author().name()).await.unwrap();
    assert_eq!(page.records[0].1.as_deref(), Some("A"));
}

#[tokio::test]
async fn a_record_that_was_written_while_the_cache_changed_is_read_again() {
    let (notes, f) = (table(&[]).await, Note::fields);
    assert_eq!(notes.get_record("x").await.unwrap(), None);
    let mut note = Note { id: "x".to_owned(), ..Note::default() };
    note.title = Some("T".to_owned());
    tokio::join!(async { notes.put_record(&note).await.unwrap() }, async { notes.clear_pending_operations() });
    assert_eq!(notes.get_field("x", f().title()).await.unwrap().as_deref(), Some("T"));

    assert_eq!(notes.get_field("x", f().author().name()).await.unwrap(), None);
    let sent = async { notes.update_field_return_old("x", f().category(), "red").await.unwrap() };
    notes.clear_cached_data();
    notes.get_field("x", f().title()).await.unwrap();
    tokio::join!(sent, async { notes.clear_pending_operations() });
    assert_eq!(notes.get_field("x", f().category()).await.unwrap().as_deref(), Some("red"));
}

#[tokio::test]
async fn what_depends_on_a_conditional_value_of_before_a_savepoint_is_committed() {
    let (notes, f) = (table(&[("author", Value::Map(Map::new()))]).await, Note::fields);
    let author = Author { name: Some("A".to_owned()) };
    notes.update_multiple_fields("x", [f().author().set_if_absent(author)]).await.unwrap();
    let savepoint = notes.savepoint();
    notes.update_field("x", f().author().name(), "B").await.unwrap();
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.get_field("x", f().author().name()).await.unwrap().as_deref(), Some("B"));
    notes.rollback_to(savepoint);
}

#[tokio::test]
async fn what_cleared_operations_left_in_sight_is_not_stored() {
    let pairs = Value::Map([("a", Value::Map(Map::new()))].into_iter().collect());
    let (notes, f) = (table(&[("pairs", pairs)]).await, Note::fields);
    notes.delete_field("x", f().pairs()).await.unwrap();
    notes.clear_pending_operations(); // reads as removed, and is stored
    let one = HashMap::from([("b".to_owned(), Pair { label: None })]);
    notes.update_multiple_fields("x", [f().pairs().set_if_absent(one)]).await.unwrap();
    notes.update_field("x", f().pairs().key("c").label(), "C").await.unwrap();
    notes.commit_operations().await.unwrap();
    let stored = notes.session().get_field("x", f().pairs()).await.unwrap().unwrap();
    let mut names: Vec<&str> = stored.keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "c"]);
}

/// Everything that was in sight stays so, also what came into being around what was written.
#[tokio::test]
async fn what_comes_into_being_stays_in_sight_as_a_whole() {
    let (notes, f) = (table(&[("title", "T".into())]).await, Note::fields);
    let nobody = notes.get_record("y").await.unwrap();
    let somebody = notes.get_record("x").await.unwrap();
    assert!(nobody.is_none() && somebody.is_some());
    let requests = notes.backend().requests();
    for (id, title) in [("x", "T"), ("y", "U")] {
        notes.update_field(id, f().title(), title).await.unwrap();
        notes.update_field(id, f().author().name(), "A").await.unwrap();
        let before = notes.get_record(id).await.unwrap();
        notes.clear_pending_operations();
        assert_eq!(notes.get_record(id).await.unwrap(), before);
        assert_eq!(notes.get_field(id, f().author()).await.unwrap(), Some(Author { name: Some("A".to_owned()) }));
        assert_eq!(notes.get_field(id, f().tags()).await.unwrap(), None);
        // The next change joins it.
        notes.delete_field(id, f().author().name()).await.unwrap();
        notes.update_field(id, f().tags(), vec!["t".to_owned()]).await.unwrap();
        let before = notes.get_record(id).await.unwrap();
        notes.clear_pending_operations();
        assert_eq!(notes.get_record(id).await.unwrap(), before);
    }
    assert_eq!(notes.backend().requests(), requests);
    notes.rollback();
    assert_eq!(notes.get_record("x").await.unwrap(), somebody);
    assert_eq!(notes.get_record("y").await.unwrap(), None);
    assert_eq!(notes.backend().requests(), requests);
}

/// A map comes into being in the place of a NULL as well.
#[tokio::test]
async fn what_takes_the_place_of_a_null_stays_in_sight_as_a_whole() {
    let (notes, f) = (table(&[("author", Value::Null)]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    notes.update_field("x", f().author().name(), "A").await.unwrap();
    let (before, requests) = (notes.get_record("x").await.unwrap(), notes.backend().requests());
    notes.clear_pending_operations();
    assert_eq!(notes.get_record("x").await.unwrap(), before);
    assert_eq!(notes.get_field("x", f().author()).await.unwrap(), Some(Author { name: Some("A".to_owned()) }));
    assert_eq!(notes.backend().requests(), requests);
}

/// That nothing is below it was known: an eventual read tells the rest, in one request.
#[tokio::test]
async fn a_null_of_which_parts_were_read_is_known_after_an_eventual_read() {
    let (notes, f) = (table(&[("pairs", Value::Null)]).await, Note::fields);
    assert_eq!(notes.get_field("x", f().pairs().key("a").label()).await.unwrap(), None);
    notes.backend().reset();
    assert_eq!(notes.get_field("x", f().pairs()).eventually_consistent().await.unwrap(), None);
    assert_eq!(notes.get_field("x", f().pairs()).await.unwrap(), None);
    assert_eq!(notes.backend().requests(), 1);
}

#[tokio::test]
async fn what_was_taken_out_stays_out_of_sight_with_all_that_was_in_it() {
    let pairs = Value::Map([("a", Value::Map(Map::new()))].into_iter().collect());
    let (notes, f) = (table(&[("pairs", pairs)]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    let requests = notes.backend().requests();
    notes.delete_field("x", f().pairs()).await.unwrap();
    let _ = notes.savepoint(); // what comes later is a layer of its own
    notes.delete_field("x", f().pairs().key("b")).await.unwrap();
    notes.clear_pending_operations();
    assert!(notes.get_field("x", f().pairs()).await.unwrap().is_none());
    assert_eq!(notes.backend().requests(), requests);
}

#[tokio::test]
async fn a_commit_reports_what_it_sent_for_operations_that_were_cleared() {
    let notes = CachingTable::<Note, _>::open(Faulty::new(Reference::new())).await.unwrap();
    let f = Note::fields;
    notes.update_field("x", f().pairs().key("a").label(), "A").await.unwrap();
    notes.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    notes.commit_operations().await.unwrap_err();
    notes.clear_pending_operations();
    let requests = notes.backend().requests();
    let error = notes.commit_operations().await.unwrap_err();
    let report = error.commit_report().unwrap();
    assert_eq!(u64::from(report.requests()), notes.backend().requests() - requests);
    assert!(!notes.has_pending_operations());
}

#[tokio::test]
async fn a_value_set_where_there_is_none_is_set_after_a_removal_inside_nothing() {
    let (notes, f) = (table(&[("title", "T".into())]).await, Note::fields);
    notes.delete_field("x", f().author().name()).await.unwrap();
    let author = Author { name: Some("A".to_owned()) };
    notes.update_multiple_fields("x", [f().author().set_if_absent(author)]).await.unwrap();
    assert_eq!(notes.get_field("x", f().author().name()).await.unwrap().as_deref(), Some("A"));
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.get_field("x", f().author().name()).await.unwrap().as_deref(), Some("A"));
}

#[tokio::test]
async fn both_requests_of_a_write_at_once_are_remembered() {
    let (notes, f) = (table(&[("tags", texts(&["b"]))]).await, Note::fields);
    let changes = [f().tags().append(["c"]), f().tags().prepend(["a"])];
    notes.update_multiple_fields_return_old("x", changes).await.unwrap();
    assert_eq!(notes.backend().updates(), 2);
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), ["a", "b", "c"]);
}

#[tokio::test]
async fn the_first_request_of_a_write_at_once_is_remembered_where_the_second_fails() {
    let reference = Reference::new();
    let notes = CachingTable::<Note, _>::open(Faulty::new(reference.clone())).await.unwrap();
    let f = Note::fields;
    let item: Map = [("id", Value::from("x")), ("title", Value::from("T"))].into_iter().collect();
    reference.put_item("notes", item).unwrap();
    assert_eq!(notes.get_field("x", f().title()).await.unwrap().as_deref(), Some("T"));
    notes.backend().script([None, Some(Fault::Refuse(FailureClass::Throttled))]);
    let changes = [f().tags().append(["c"]), f().tags().prepend(["a"])];
    notes.update_multiple_fields_return_old("x", changes).await.unwrap_err();
    let stored = notes.session().get_record("x").await.unwrap();
    assert_eq!(notes.get_record("x").await.unwrap(), stored);
}

#[tokio::test]
async fn no_write_at_once_depends_on_what_is_pending() {
    use structnosql_core::ConditionExt;
    let (notes, f) = (table(&[]).await, Note::fields);
    notes.update_field("x", f().title(), "T").await.unwrap();
    let write = notes.update_field_return_old("x", f().category(), "red").condition(f().title().not_exists());
    assert!(matches!(write.await.unwrap_err().kind(), structnosql_core::ErrorKind::ConditionOnPending { .. }));
}

#[tokio::test]
async fn what_is_in_doubt_counts_by_the_kind_that_it_was_folded_into() {
    let notes = CachingTable::<Note, _>::open(Faulty::new(Reference::new())).await.unwrap();
    let f = Note::fields;
    notes.delete_field("x", f().title()).await.unwrap();
    let _savepoint = notes.savepoint();
    notes.update_field("x", f().title(), "T").await.unwrap();
    notes.backend().script([Some(Fault::LoseAnswer)]);
    notes.commit_operations().await.unwrap_err();
    assert!(notes.has_pending_update_operations());
    assert!(!notes.has_pending_remove_operations());
}

#[tokio::test]
async fn a_row_shows_changes_of_a_list_that_were_pended_meanwhile() {
    let (notes, f) = (table(&[("category", "red".into())]).await, Note::fields);
    let query = async { notes.query_field(Note::indexes().category("red"), f().tags().index(0)).await.unwrap() };
    let (page, ()) = tokio::join!(query, async {
        notes.update_multiple_fields("x", [f().tags().append(["a"])]).await.unwrap();
    });
    assert_eq!(page.records[0].1.as_deref(), Some("a"));
}

#[tokio::test]
async fn items_that_were_appended_before_a_savepoint_are_taken_out_again() {
    let (notes, f) = (table(&[("tags", texts(&["a", "b"]))]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    notes.update_multiple_fields("x", [f().tags().append(["c", "d"])]).await.unwrap();
    let _savepoint = notes.savepoint();
    notes.delete_field("x", f().tags().index(2)).await.unwrap();
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), ["b", "d"]);
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_field("x", f().tags()).await.unwrap().unwrap(), ["b", "d"]);
}

#[tokio::test]
async fn positions_are_known_after_the_cache_was_cleared() {
    let (notes, f) = (table(&[("title", "T".into())]).await, Note::fields);
    notes.update_multiple_fields("x", [f().tags().append(["a", "b"])]).await.unwrap();
    let _savepoint = notes.savepoint();
    notes.update_field("x", f().tags().index(1), "B").await.unwrap();
    notes.clear_cached_data();
    assert!(notes.has_pending_update_operations());
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap().unwrap(), ["a", "B"]);
}

#[tokio::test]
async fn what_was_read_before_a_request_was_sent_again_is_not_taken_for_what_is_stored() {
    let notes = CachingTable::<Note, _>::open(Faulty::new(Reference::new())).await.unwrap();
    let f = Note::fields;
    notes.update_field("x", f().title(), "T").await.unwrap();
    notes.clear_cached_data();
    notes.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    notes.commit_operations().await.unwrap_err();
    assert_eq!(notes.get_field("x", f().title()).await.unwrap(), None);
    notes.backend().script([Some(Fault::LoseAnswer)]);
    notes.commit_operations().await.unwrap_err();
    assert_eq!(notes.get_field("x", f().title()).await.unwrap().as_deref(), Some("T"));
}

#[tokio::test]
async fn what_was_rolled_back_in_doubt_and_never_applied_does_not_come_with_a_later_change() {
    let reference = Reference::new();
    let notes = CachingTable::<Note, _>::open(Faulty::new(reference.clone())).await.unwrap();
    let f = Note::fields;
    let pairs = |key: &str| HashMap::from([(key.to_owned(), Pair { label: Some("B".to_owned()) })]);
    notes.update_multiple_fields("x", [f().pairs().set_if_absent(pairs("a"))]).await.unwrap();
    notes.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    notes.commit_operations().await.unwrap_err();
    notes.rollback();
    notes.update_field("x", f().pairs().key("b").label(), "B").await.unwrap();
    notes.resolve_in_doubt("x", Resolution::NotApplied);
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_field("x", f().pairs()).await.unwrap(), Some(pairs("b")));
}

#[tokio::test]
async fn a_change_that_depends_on_what_was_rolled_back_in_doubt_is_refused() {
    let notes = CachingTable::<Note, _>::open(Faulty::new(Reference::new())).await.unwrap();
    let f = Note::fields;
    let pairs = |key: &str| HashMap::from([(key.to_owned(), Pair { label: None })]);
    notes.update_multiple_fields("x", [f().pairs().set_if_absent(pairs("a"))]).await.unwrap();
    notes.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    notes.commit_operations().await.unwrap_err();
    notes.rollback();
    notes.update_multiple_fields("x", [f().pairs().set_if_absent(pairs("b"))]).await.unwrap();
    let error = notes.update_field("x", f().pairs().key("c").label(), "C").await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InDoubt { .. }), "{error}");
    notes.resolve_in_doubt("x", Resolution::NotApplied);
    notes.update_field("x", f().pairs().key("c").label(), "C").await.unwrap();
    notes.commit_operations().await.unwrap();
    let stored = notes.session().get_field("x", f().pairs()).await.unwrap().unwrap();
    assert_eq!(stored.keys().collect::<BTreeSet<_>>(), BTreeSet::from([&"b".to_owned(), &"c".to_owned()]));
}

#[tokio::test]
async fn what_a_put_drops_does_not_come_with_a_change_that_was_made_meanwhile() {
    let (notes, f) = (table(&[("title", "T".into())]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    let pairs = |key: &str| HashMap::from([(key.to_owned(), Pair { label: Some("B".to_owned()) })]);
    notes.update_multiple_fields("x", [f().pairs().set_if_absent(pairs("a"))]).await.unwrap();
    let note = Note { id: "x".to_owned(), ..Note::default() };
    let put = async { notes.put_record(&note).await };
    let change = async { notes.update_field("x", f().pairs().key("b").label(), "B").await };
    let (put, change) = tokio::join!(put, change);
    put.and(change).unwrap();
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.session().get_field("x", f().pairs()).await.unwrap(), Some(pairs("b")));
}

#[tokio::test]
async fn a_change_without_effect_is_committed_with_the_one_that_takes_it_away() {
    let (notes, f) = (table(&[]).await, Note::fields);
    notes.update_field("x", f().pairs().key("a").label(), "A").await.unwrap();
    let _apart = notes.savepoint();
    let pairs = HashMap::from([("b".to_owned(), Pair { label: None })]);
    notes.update_multiple_fields("x", [f().pairs().set_if_absent(pairs)]).await.unwrap();
    notes.commit_update_operations().await.unwrap();
    assert!(!notes.has_pending_operations());
}

#[tokio::test]
async fn a_rollback_forgets_every_value_that_cleared_operations_left() {
    let author = Value::Map([("name", Value::from("A"))].into_iter().collect());
    let (notes, f) = (table(&[("author", author)]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    notes.update_field("x", f().author().name(), "B").await.unwrap();
    notes.clear_pending_operations();
    notes.delete_field("x", f().author()).await.unwrap();
    notes.clear_pending_operations();
    assert_eq!(notes.get_field("x", f().author()).await.unwrap(), None);
    notes.rollback();
    assert_eq!(notes.get_field("x", f().author().name()).await.unwrap().as_deref(), Some("A"));
}

#[tokio::test]
async fn changes_of_a_list_in_a_list_are_planned_with_the_base_forgotten() {
    let subs = Value::List(vec![Value::from(1), Value::from(2)]);
    let phase = || Value::Map([("subs", subs.clone())].into_iter().collect());
    let (notes, f) = (table(&[("steps", Value::List(vec![phase(), phase()]))]).await, Note::fields);
    notes.delete_field("x", f().steps().index(0)).await.unwrap();
    let _apart = notes.savepoint();
    notes.update_multiple_fields("x", [f().steps().index(0).subs().index(1).increment(5)]).await.unwrap();
    notes.refresh();
    notes.commit_operations().await.unwrap();
    let stored = notes.session().get_field("x", f().steps().index(0).subs()).await.unwrap();
    assert_eq!(stored, Some(vec![1, 7]));
}

#[tokio::test]
async fn a_removal_of_nothing_stores_no_value_that_was_only_read() {
    let (notes, f) = (table(&[("tags", texts(&["a"]))]).await, Note::fields);
    notes.update_multiple_fields("x", [f().tags().set_if_absent(["b".to_owned()].to_vec())]).await.unwrap();
    notes.delete_field("x", f().tags().index(2)).await.unwrap();
    let other = notes.session();
    other.update_multiple_fields("x", [f().tags().append(["c"])]).await.unwrap();
    other.commit_operations().await.unwrap();
    notes.commit_operations().await.unwrap();
    assert_eq!(other.session().get_field("x", f().tags()).await.unwrap().unwrap(), ["a", "c"]);
}

#[tokio::test]
async fn what_a_commit_in_doubt_has_still_to_send_is_listed_and_planned() {
    let notes = CachingTable::<Note, _>::open(Faulty::new(Reference::new())).await.unwrap();
    let item: Map = [("id", Value::from("x")), ("tags", texts(&["a", "b"]))].into_iter().collect();
    notes.backend().inner().put_item("notes", item).unwrap();
    let f = Note::fields;
    notes.get_record("x").await.unwrap();
    notes.delete_field("x", f().tags().index(0)).await.unwrap();
    notes.update_multiple_fields("x", [f().tags().prepend(["c".to_owned()])]).await.unwrap();
    assert_eq!(notes.plan_commit().requests(), 2);
    // The first request, which takes an item out, never arrives; nobody here can know that.
    notes.backend().script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    notes.commit_operations().await.unwrap_err();
    let kinds: Vec<_> = notes.pending_operations().iter().map(|operation| operation.action.kind()).collect();
    assert_eq!(kinds, [OperationKind::Remove, OperationKind::Update]);
    let plan = notes.plan_record("x").unwrap();
    assert_eq!(plan.expressions(), ["SET #n0=list_append(:v0,if_not_exists(#n0,:v1))"]);
    assert_eq!(plan.requests(), 0, "the request in doubt would do harm twice");
    notes.resolve_in_doubt("x", Resolution::NotApplied);
    assert_eq!(notes.plan_commit().requests(), 2);
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap(), Some(vec!["c".to_owned(), "b".to_owned()]));
}

#[tokio::test]
async fn what_follows_a_value_set_where_absent_stays_at_its_position() {
    let step = |name: &str| Value::from_iter([("name", Value::from(name))]);
    let steps = Value::List(["a", "b", "c"].map(step).into());
    let (notes, f) = (table(&[("steps", steps)]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    let spare = Phase { name: None, pair: None, subs: None };
    notes.update_multiple_fields("x", [f().steps().index(1).set_if_absent(spare)]).await.unwrap();
    notes.delete_field("x", f().steps().index(0)).await.unwrap();
    notes.update_field("x", f().steps().index(0).name(), "B").await.unwrap();
    let names = async || {
        let names = (f().steps().index(0).name(), f().steps().index(1).name());
        let (first, second) = notes.get_field("x", names).await.unwrap();
        [first.unwrap(), second.unwrap()]
    };
    assert_eq!(names().await, ["B", "c"]);
    notes.commit_operations().await.unwrap();
    notes.clear_cached_data();
    assert_eq!(names().await, ["B", "c"]);
}

#[tokio::test]
async fn a_condition_goes_away_with_a_removal_that_finds_nothing() {
    let (notes, f) = (table(&[("tags", texts(&["a"])), ("title", "T".into())]).await, Note::fields);
    notes.get_record("x").await.unwrap();
    for commit_update_operations in [false, true] {
        notes.update_field("x", f().category(), "news").await.unwrap();
        // There is no such item, as is known: nothing is to be removed.
        notes.delete_field("x", f().tags().index(3)).condition(f().title().eq("another")).await.unwrap();
        match commit_update_operations {
            true => notes.commit_update_operations().await.unwrap(),
            false => notes.commit_operations().await.unwrap(),
        };
        assert!(!notes.has_pending_operations());
    }
}

#[tokio::test]
async fn a_value_set_where_absent_asks_the_record_that_is_being_put() {
    let (notes, f) = (table(&[]).await, Note::fields);
    assert_eq!(notes.get_record("x").await.unwrap(), None);
    let pairs = HashMap::from([("new".to_owned(), Pair { label: Some("N".to_owned()) })]);
    let put = Note { id: "x".to_owned(), pairs: Some(pairs.clone()), ..Note::default() };
    let spare = HashMap::from([("spare".to_owned(), Pair { label: None })]);
    let changes = [f().pairs().key("a").remove(), f().pairs().set_if_absent(spare)];
    let (put, pended) = tokio::join!(notes.put_record(&put), notes.update_multiple_fields("x", changes));
    put.and(pended).unwrap();
    assert_eq!(notes.get_field("x", f().pairs()).await.unwrap(), Some(pairs.clone()));
    notes.commit_operations().await.unwrap();
    notes.clear_cached_data();
    assert_eq!(notes.get_field("x", f().pairs()).await.unwrap(), Some(pairs));
}

#[tokio::test]
async fn a_removal_shows_over_a_list_that_another_writer_made_shorter() {
    for (left, shown) in [(Some(texts(&["a"])), Some(vec!["a".to_owned()])), (None, None)] {
        let (notes, f) = (table(&[("tags", texts(&["a", "b"]))]).await, Note::fields);
        notes.get_record("x").await.unwrap();
        notes.delete_field("x", f().tags().index(1)).await.unwrap();
        let item = [("id", Value::from("x"))].into_iter().chain(left.map(|left| ("tags", left)));
        notes.backend().inner().put_item("notes", item.collect()).unwrap();
        notes.refresh();
        assert_eq!(notes.get_field("x", f().tags()).await.unwrap(), shown);
    }
}

#[tokio::test]
async fn a_value_set_where_absent_waits_for_changes_that_take_two_requests() {
    for resolution in [Resolution::Applied, Resolution::NotApplied] {
        let notes = CachingTable::<Note, _>::open(Faulty::new(Reference::new())).await.unwrap();
        let (f, set) = (Note::fields, |members: &[&str]| members.iter().map(|member| (*member).to_owned()).collect());
        let changes = [f().labels().insert_into_set(["x"]), f().labels().remove_from_set(["v"])];
        notes.update_multiple_fields("x", changes).await.unwrap();
        let fault = if resolution == Resolution::Applied {
            Fault::LoseAnswer
        } else {
            Fault::Refuse(FailureClass::Interrupted)
        };
        notes.backend().script([Some(fault)]);
        notes.commit_operations().await.unwrap_err();
        // The second request alone, which takes a member out, stores nothing.
        let spare: BTreeSet<String> = set(&["v", "w"]);
        let set_spare = async || notes.update_multiple_fields("x", [f().labels().set_if_absent(spare.clone())]).await;
        assert!(matches!(set_spare().await.unwrap_err().kind(), ErrorKind::InDoubt { .. }));
        notes.resolve_in_doubt("x", resolution);
        set_spare().await.unwrap();
        notes.commit_operations().await.unwrap();
        assert_eq!(notes.session().get_field("x", f().labels()).await.unwrap(), Some(set(&["x"])));
    }
}

#[tokio::test]
async fn a_change_finds_the_item_set_where_absent_below_a_list_that_grew_unseen() {
    let step = |name: &str| Value::from_iter([("name", Value::from(name))]);
    let (notes, f) = (table(&[("steps", Value::List(vec![step("a"), step("b")]))]).await, Note::fields);
    let spare = Phase { name: None, pair: None, subs: None };
    notes.update_multiple_fields("x", [f().steps().index(0).set_if_absent(spare.clone())]).await.unwrap();
    let _first = notes.savepoint();
    notes.update_multiple_fields("x", [f().steps().append([spare])]).await.unwrap();
    let _second = notes.savepoint();
    notes.update_field("x", f().steps().index(0).name(), "A").await.unwrap();
    assert_eq!(notes.pending_for("x").len(), 2);
    notes.commit_operations().await.unwrap();
    let names = (f().steps().index(0).name(), f().steps().index(1).name(), f().steps().index(2));
    let (first, second, third) = notes.session().get_field("x", names).await.unwrap();
    assert_eq!((first.as_deref(), second.as_deref(), third.is_some()), (Some("A"), Some("b"), true));
}

#[tokio::test]
async fn a_record_is_read_while_the_removal_of_a_changed_list_is_in_doubt() {
    let notes = CachingTable::<Note, _>::open(Faulty::new(Reference::new())).await.unwrap();
    let f = Note::fields;
    let note = Note { id: "x".to_owned(), tags: Some(vec!["a".to_owned(), "b".to_owned()]), ..Note::default() };
    notes.put_record(&note).await.unwrap();
    notes.update_field("x", f().tags().index(0), "A").await.unwrap();
    let _apart = notes.savepoint();
    notes.delete_field("x", f().tags()).await.unwrap();
    notes.backend().script([Some(Fault::LoseAnswer)]);
    notes.commit_operations().await.unwrap_err();
    // The list is gone, in which the first layer still changes an item.
    assert_eq!(notes.get_record("x").await.unwrap(), Some(Note { tags: None, ..note }));
    notes.commit_operations().await.unwrap();
    assert_eq!(notes.get_field("x", f().tags()).await.unwrap(), None);
}

#[tokio::test]
async fn what_was_cleared_is_out_of_sight_where_a_removal_finds_no_record() {
    let (notes, f) = (table(&[]).await, Note::fields);
    notes.get_record("y").await.unwrap();
    notes.update_field("y", f().title(), "T").await.unwrap();
    notes.clear_pending_operations();
    notes.delete_field("y", f().title()).await.unwrap();
    let (committed, ()) = tokio::join!(notes.commit_operations(), async { notes.clear_pending_operations() });
    committed.unwrap();
    assert_eq!(notes.get_field("y", f().title()).await.unwrap(), None);
}
