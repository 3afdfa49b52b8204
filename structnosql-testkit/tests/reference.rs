//! The reference database: what every backend must do, and what only it is strict about.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use structnosql_core::schema::{KeyAttribute, KeyKind};
use structnosql_core::{
    Action, Backend, Billing, Capabilities, Condition, DocumentPath, Failure, FailureClass, Map, PutRequest, Segment,
    TableDefinition, Text, UpdateAction, UpdateRequest, Value,
};
use structnosql_testkit::{Reference, conformance};

#[tokio::test]
async fn it_is_conformant() {
    conformance::backend::run(&Reference::new(), &[]).await.assert_conformant();
    let lesser = Reference::new().with_capabilities(Capabilities::default());
    conformance::backend::run(&lesser, &[]).await.assert_conformant();
}

fn path(text: &str) -> DocumentPath {
    let segment = |text: &str| text.parse().map_or_else(|_| Segment::from(text), Segment::Index);
    text.split('.').map(segment).collect()
}

fn set(at: &str, value: impl Into<Value>) -> UpdateAction {
    UpdateAction::new(path(at), Action::Set(value.into()))
}

fn remove(at: &str) -> UpdateAction {
    UpdateAction::new(path(at), Action::Remove)
}

fn list(items: &[&str]) -> Value {
    Value::List(items.iter().map(|item| Value::from(*item)).collect())
}

fn key(id: &str) -> Map {
    [("id", Value::from(id))].into_iter().collect()
}

/// The table `t` with the item `x`: `{"id": "x", "l": ["a", "b", "c"], "m": {"k": 1}, "s": "text"}`.
async fn one_item() -> Reference {
    let reference = Reference::new();
    let partition_key = KeyAttribute { name: Text::from("id"), kind: KeyKind::String };
    let (table, billing) = ("t".into(), Billing::OnDemand);
    let table = TableDefinition { table, partition_key, sort_key: None, indexes: Vec::new(), billing };
    reference.create_table(table).await.unwrap();
    let item = [
        ("id", Value::from("x")),
        ("l", list(&["a", "b", "c"])),
        ("m", Value::from_iter([("k", Value::from(1))])),
        ("s", Value::from("text")),
    ];
    reference.put_item("t", item.into_iter().collect()).unwrap();
    reference
}

async fn update(reference: &Reference, id: &str, actions: Vec<UpdateAction>) -> Result<(), FailureClass> {
    let request = UpdateRequest { table: "t".into(), key: key(id), actions, condition: None, return_old: false };
    reference.update(request).await.map(drop).map_err(|failure| failure.class())
}

/// The attribute after an update of the item `x`.
async fn after(actions: Vec<UpdateAction>, attribute: &str) -> String {
    let reference = one_item().await;
    update(&reference, "x", actions).await.unwrap();
    let item = reference.item("t", &key("x")).unwrap();
    item.get(attribute).map_or("nothing".to_owned(), Value::to_string)
}

#[tokio::test]
async fn positions_are_those_of_the_old_list() {
    assert_eq!(after(vec![remove("l.0"), remove("l.1")], "l").await, r#"["c"]"#);
    assert_eq!(after(vec![remove("l.0"), set("l.1", "B")], "l").await, r#"["B", "c"]"#);
    assert_eq!(after(vec![set("l.9", "e"), set("l.4", "d"), remove("l.2")], "l").await, r#"["a", "b", "d", "e"]"#);
    assert_eq!(after(vec![remove("l.7")], "l").await, r#"["a", "b", "c"]"#);
}

#[tokio::test]
async fn a_parent_that_is_not_there_fails_set_and_remove_alike() {
    let reference = one_item().await;
    for at in ["none.k", "m.none.k", "l.7.k", "s.k", "s.0", "m.0", "l.k"] {
        for action in [set(at, "v"), remove(at)] {
            let failed = update(&reference, "x", vec![action.clone(), set("other", 1)]).await;
            assert_eq!(failed, Err(FailureClass::InvalidPath), "{action:?}");
        }
    }
    assert_eq!(update(&reference, "none", vec![remove("m.k")]).await, Err(FailureClass::InvalidPath));
    assert_eq!(reference.item("t", &key("x")).unwrap().len(), 4, "nothing of a refused update is applied");
}

#[tokio::test]
async fn removing_brings_nothing_into_being_and_what_is_absent_may_be_removed() {
    let reference = one_item().await;
    assert_eq!(update(&reference, "none", vec![remove("s")]).await, Ok(()));
    assert_eq!(reference.item("t", &key("none")), None);
    assert_eq!(update(&reference, "x", vec![remove("none"), remove("m.none")]).await, Ok(()));
    assert_eq!(update(&reference, "new", vec![remove("s"), set("a", 1)]).await, Ok(()));
    assert_eq!(reference.items("t").len(), 2);
}

#[tokio::test]
async fn overlapping_paths_are_refused() {
    let reference = one_item().await;
    for actions in [
        vec![set("s", 1), remove("s")],
        vec![set("m", 1), set("m.k", 1)],
        vec![remove("l.0"), set("l.0.k", 1)],
        vec![set("m.k", 1), set("m.0", 1)],
    ] {
        assert_eq!(update(&reference, "x", actions).await, Err(FailureClass::Invalid));
    }
    assert_eq!(update(&reference, "x", vec![set("id", "y")]).await, Err(FailureClass::Invalid));
}

#[tokio::test]
async fn limits_are_kept() {
    let reference = one_item().await;
    let large = "x".repeat(400 * 1024);
    assert_eq!(update(&reference, "x", vec![set("s", large.as_str())]).await, Err(FailureClass::TooLarge));
    let many = |count: usize| (0..count).map(|at| set(&format!("a{at}"), 1)).collect();
    assert_eq!(update(&reference, "x", many(300)).await, Ok(()));
    assert_eq!(update(&reference, "x", many(600)).await, Err(FailureClass::TooLarge));
    let nested = |levels: usize| (0..levels).fold(Value::from(1), |inner, _| Value::List(vec![inner]));
    assert_eq!(update(&reference, "x", vec![set("s", nested(32))]).await, Ok(()));
    assert_eq!(update(&reference, "x", vec![set("s", nested(33))]).await, Err(FailureClass::Invalid));
    assert_eq!(update(&reference, "", vec![set("s", 1)]).await, Err(FailureClass::Invalid));
}

#[tokio::test]
async fn a_failed_condition_returns_the_item() {
    let reference = one_item().await;
    let item = reference.item("t", &key("x")).unwrap();
    let condition = Some(Condition::NotExists(path("m.k")));
    let request = PutRequest { table: "t".into(), item: key("x"), condition, return_old: false };
    let failure: Failure = reference.put(request).await.unwrap_err();
    assert_eq!((failure.class(), failure.item()), (FailureClass::ConditionFailed, Some(&item)));
}

#[tokio::test]
async fn a_fork_shares_nothing_and_a_clone_everything() {
    let reference = one_item().await;
    let (clone, fork) = (reference.clone(), reference.fork());
    reference.put_item("t", key("y")).unwrap();
    assert_eq!((clone.items("t").len(), fork.items("t").len()), (2, 1));
}
