//! What a plan says of a commit, beside what the commit then sends.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::{BTreeSet, HashMap};

use structnosql_core::{CachingTable, CommitPlan, FieldExt, SplitReason, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Fault, Faulty, Reference};

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
    author: Option<Author>,
    links: Option<HashMap<String, HashMap<String, String>>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Author {
    name: String,
    email: Option<String>,
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
    let tags = Some(set(&["old"]));
    Note { id: id.to_owned(), title: None, visits: None, tags, steps, extra: None, author: None, links: None }
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

fn lines(plan: &CommitPlan) -> Vec<String> {
    plan.to_string().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn nothing_pending_is_one_line() {
    assert_eq!(notes().await.plan_commit().to_string(), "0 records, 0 requests, 0 write units");
}

#[tokio::test]
async fn a_few_records_are_a_table() {
    let (notes, f) = (notes().await, Note::fields);
    notes.update_field("x", f().visits(), 9).await.unwrap();
    notes.delete_field("x", f().title()).await.unwrap();
    assert_eq!(
        lines(&notes.plan_commit()),
        [
            "1 record, 1 request, 1 write unit",
            "  record  units  bytes  update",
            "  x           1     35  SET visits=:v0 REMOVE title",
        ]
    );
    notes.update_field("a name\nin two lines", f().extra().key("a.b"), "c").if_exists().await.unwrap();
    notes.delete_field("unseen", f().title()).await.unwrap();
    assert_eq!(
        lines(&notes.plan_commit()),
        [
            "3 records, 3 requests, 3 write units at least",
            "  record                units  bytes  update",
            r#"  a name\nin two lines     1+     47  SET extra."a.b"=:v0 IF attribute_exists(id)"#,
            "  unseen                   1+     38  REMOVE title IF attribute_exists(id)",
            "  x                         1     35  SET visits=:v0 REMOVE title",
        ]
    );
}

#[tokio::test]
async fn a_second_request_says_what_forced_it() {
    let (notes, f) = (notes().await, Note::fields);
    notes
        .update_multiple_fields("x", [f().tags().insert_into_set(["new"]), f().steps().append([step("d")])])
        .await
        .unwrap();
    notes
        .update_multiple_fields("x", [f().tags().remove_from_set(["old"]), f().steps().prepend([step("z")])])
        .await
        .unwrap();
    let plan = notes.plan_commit();
    assert_eq!(
        lines(&plan),
        [
            "1 record, 2 requests, 2 write units; 1 record not atomic",
            "  record  units  bytes  update",
            "  x           1     95  1 of 2: SET steps=list_append(if_not_exists(steps,:v0),:v1) ADD tags :v2",
            "              1     98  2 of 2: SET steps=list_append(:v0,if_not_exists(steps,:v1)) DELETE tags :v2, \
             apart because `steps` grows at its front and changes elsewhere, and `tags` gains members and loses others",
        ]
    );
    let updates = plan.records[0].updates.as_ref().unwrap();
    let forced: Vec<_> = updates
        .iter()
        .map(|update| update.forced_by.iter().map(|split| (split.path.to_string(), split.reason)).collect::<Vec<_>>())
        .collect();
    let reasons = vec![
        ("steps".to_owned(), SplitReason::ListGrowsAndChanges),
        ("tags".to_owned(), SplitReason::SetGainsAndLoses),
    ];
    assert_eq!(forced, [vec![], reasons]);
    assert!(!plan.is_atomic());
    assert_eq!(notes.commit_operations().await.unwrap().requests(), 2);
}

#[tokio::test]
async fn an_expression_over_its_limits_says_where_it_is_cut() {
    let (notes, f) = (notes().await, Note::fields);
    let name = |at: usize| format!("a-name-that-is-long-enough-{at:03}");
    notes.update_field("x", f().extra(), HashMap::new()).await.unwrap();
    notes.commit_operations().await.unwrap();
    let changes: Vec<_> = (0..400).map(|at| f().extra().key(name(at)).set("v")).collect();
    notes.update_multiple_fields("x", changes).await.unwrap();
    let plan = notes.plan_commit();
    let updates = plan.records[0].updates.as_ref().unwrap();
    assert_eq!(updates.len(), 2);
    assert_eq!(updates[1].forced_by.len(), 1);
    let split = &updates[1].forced_by[0];
    assert_eq!(split.reason, SplitReason::ExpressionLimits);
    let first = updates[0].request.actions.len();
    assert_eq!(split.path.to_string(), format!("extra.{}", name(first)));
    let shown = plan.to_string();
    assert!(shown.lines().all(|line| line.chars().count() < 270), "{shown}");
    assert!(format!("{plan:#}").contains(&name(399)));
}

#[tokio::test]
async fn many_records_are_shown_by_what_is_worth_a_look() {
    let (notes, f) = (notes().await, Note::fields);
    for at in 0..500 {
        notes.update_field(format!("n{at:03}"), f().visits(), at).await.unwrap();
    }
    let tags = || f().tags();
    notes
        .update_multiple_fields("n400", [tags().insert_into_set(["new"]), tags().remove_from_set(["old"])])
        .await
        .unwrap();
    let plan = notes.plan_commit();
    let shown = lines(&plan);
    assert_eq!(shown[0], "500 records, 501 requests, 501 write units at least; 1 record not atomic");
    assert_eq!(shown.len(), 2 + 20 + 2 + 1, "{plan}");
    assert!(shown[22].starts_with("  n400") && shown[23].contains("2 of 2"), "{plan}");
    assert_eq!(shown[24], "  … and 479 more records, 479 write units, one request each at the most; `{:#}` shows them");
    assert_eq!(format!("{plan:#}").lines().count(), 2 + 501);
}

#[tokio::test]
async fn what_cannot_be_committed_and_what_is_in_doubt_says_so() {
    let faulty = Faulty::new(Reference::new());
    let notes = CachingTable::<Note, _>::open(faulty.clone()).await.unwrap();
    let f = Note::fields;
    for (id, change) in [("again", f().visits().set(1)), ("stuck", f().visits().increment(1))] {
        notes.update_multiple_fields(id, [change]).await.unwrap();
        faulty.script([Some(Fault::LoseAnswer)]);
        notes.commit_record(id).await.unwrap_err();
        notes.update_field(id, f().title(), "later").await.unwrap();
    }
    notes.get_record("broken").await.unwrap();
    notes.update_field("broken", f().extra().key("a"), "b").await.unwrap();
    notes.update_field("broken", f().author().email(), "c").await.unwrap();

    let plan = notes.plan_commit();
    assert_eq!(
        lines(&plan),
        [
            "3 records, 2 requests, 2 write units at least; 1 record not atomic; 1 record cannot be committed; \
             2 records in doubt",
            "  record  units  bytes  update",
            "  again      1+     19  in doubt, sent again: SET visits=:v0",
            "             1+     21  SET title=:v0",
            "  broken      -      -  cannot be committed: `author` is absent and would come into being without its \
             required `author.name`: set them in the same commit, or set `author` as a whole",
            "  stuck      1+     44  in doubt, waits for `resolve_in_doubt`: SET visits=if_not_exists(visits,:v0)+:v1",
            "             1+     21  SET title=:v0",
        ]
    );
    assert_eq!(notes.plan_record("again").map(|record| record.requests()), Some(2));
    assert_eq!(notes.plan_record("stuck").map(|record| record.requests()), Some(0));
    assert!(notes.plan_record("nobody").is_none());
}

#[tokio::test]
async fn what_is_known_to_come_to_nothing_takes_no_second_request() {
    for (gained, lost, expression) in [
        ("new", "absent", "ADD #n0 :v0"),
        ("old", "absent", "ADD #n0 :v0"),
        ("new", "old", ""),
        ("kept", "old", "DELETE #n0 :v0"),
    ] {
        let (notes, f) = (notes().await, Note::fields);
        notes.put_record(&Note { tags: Some(set(&["old", "kept"])), ..note("x") }).await.unwrap();
        notes.update_multiple_fields("x", [f().tags().insert_into_set([gained])]).await.unwrap();
        notes.update_multiple_fields("x", [f().tags().remove_from_set([lost])]).await.unwrap();
        let expressions = notes.plan_record("x").unwrap().expressions();
        match expression {
            "" => assert_eq!(expressions.len(), 2),
            expression => assert_eq!(expressions, [expression]),
        }
        let requests = expressions.len() as u32;
        assert_eq!(notes.commit_operations().await.unwrap().requests(), requests);
        let tags = notes.get_field("x", f().tags()).await.unwrap().unwrap();
        assert!(tags.contains(gained) && !tags.contains(lost), "{tags:?}");
    }
}

/// What it takes for granted is checked with it.
#[tokio::test]
async fn what_is_no_longer_as_it_was_known_is_planned_again() {
    let (notes, f) = (notes().await, Note::fields);
    let other = notes.session();
    notes.update_multiple_fields("x", [f().tags().insert_into_set(["new"])]).await.unwrap();
    notes.update_multiple_fields("x", [f().tags().remove_from_set(["absent"])]).await.unwrap();
    notes.update_multiple_fields("x", [f().author().set(Author { name: "A".to_owned(), email: None })]).await.unwrap();
    assert_eq!(notes.plan_commit().requests(), 1);
    other.update_multiple_fields("x", [f().tags().insert_into_set(["absent"])]).await.unwrap();
    other.commit_operations().await.unwrap();
    let report = notes.commit_operations().await.unwrap();
    assert_eq!(report.records[0].replans, 1);
    other.clear_cached_data();
    assert_eq!(other.get_field("x", f().tags()).await.unwrap(), Some(set(&["new", "old"])));
}

/// Also where something else takes a second request: what would have come to nothing is not lost by that.
#[tokio::test]
async fn what_comes_to_nothing_no_more_is_not_lost_in_a_split_commit() {
    let (notes, f) = (notes().await, Note::fields);
    let (other, inner) = (notes.session(), || f().steps().index(2).tags());
    for (tags, lost) in [(f().tags(), "old"), (inner(), "absent")] {
        notes.update_multiple_fields("x", [tags.clone().insert_into_set(["new"])]).await.unwrap();
        notes.update_multiple_fields("x", [tags.remove_from_set([lost])]).await.unwrap();
    }
    other.update_multiple_fields("x", [inner().insert_into_set(["absent"])]).await.unwrap();
    other.commit_operations().await.unwrap();
    notes.commit_operations().await.unwrap();
    other.clear_cached_data();
    assert_eq!(other.get_field("x", f().tags()).await.unwrap(), Some(set(&["new"])));
    assert_eq!(other.get_field("x", inner()).await.unwrap(), Some(set(&["new", "old"])));
}

#[tokio::test]
async fn a_list_that_comes_into_being_grows_at_both_ends_in_one_request() {
    let (notes, f) = (notes().await, Note::fields);
    notes.put_record(&Note { steps: None, ..note("x") }).await.unwrap();
    notes
        .update_multiple_fields("x", [f().steps().append([step("b")]), f().steps().prepend([step("a")])])
        .await
        .unwrap();
    let plan = notes.plan_record("x").unwrap();
    assert_eq!(plan.expressions(), ["SET #n0=:v0"]);
    let condition = plan.updates.as_ref().unwrap()[0].condition_expression();
    assert_eq!(condition.as_deref(), Some("attribute_not_exists(#n0)"));
    notes.commit_operations().await.unwrap();
    notes.clear_cached_data();
    assert_eq!(notes.get_field("x", f().steps()).await.unwrap(), Some(vec![step("a"), step("b")]));
}

#[tokio::test]
async fn removals_that_find_nothing_do_not_keep_a_list_from_growing_in_one_request() {
    let (notes, f) = (notes().await, Note::fields);
    notes.put_record(&Note { steps: Some(vec![Step { tags: None, ..step("a") }]), ..note("x") }).await.unwrap();
    notes.update_multiple_fields("x", [f().steps().index(0).tags().remove_from_set(["old"])]).await.unwrap();
    notes.update_multiple_fields("x", [f().steps().prepend([step("z")])]).await.unwrap();
    assert_eq!(notes.plan_commit().requests(), 1);
    notes.commit_operations().await.unwrap();
    notes.clear_cached_data();
    let steps = notes.get_field("x", f().steps()).await.unwrap().unwrap();
    assert_eq!(steps, [step("z"), Step { tags: None, ..step("a") }]);
}

#[tokio::test]
async fn what_is_put_together_after_a_removal_has_to_be_whole() {
    let (notes, f) = (notes().await, Note::fields);
    let author = Some(Author { name: "A".to_owned(), email: None });
    notes.put_record(&Note { author, ..note("x") }).await.unwrap();
    notes.delete_field("x", f().author()).await.unwrap();
    notes.update_field("x", f().author().email(), "a@b.c").await.unwrap();
    let refused = notes.plan_record("x").unwrap().updates.unwrap_err();
    assert!(refused.to_string().contains("author.name"), "{refused}");
    notes.update_field("x", f().author().name(), "B").await.unwrap();
    assert_eq!(notes.commit_operations().await.unwrap().requests(), 1);
}

/// Each map that comes into being is guarded, and the guards have one expression as well.
#[tokio::test]
async fn conditions_over_their_limits_are_cut_with_what_they_guard() {
    let (notes, f) = (notes().await, Note::fields);
    notes.put_record(&Note { links: Some(HashMap::new()), ..note("x") }).await.unwrap();
    for number in 0..150 {
        notes.update_field("x", f().links().key(number.to_string()).key("self"), "x").await.unwrap();
    }
    assert_eq!(notes.plan_commit().requests(), 2);
    assert_eq!(notes.commit_operations().await.unwrap().requests(), 2);
    notes.clear_cached_data();
    assert_eq!(notes.get_field("x", f().links()).await.unwrap().map(|links| links.len()), Some(150));
}
