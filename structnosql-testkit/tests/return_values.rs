//! What updates return: the values that were there before, and those that they leave.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use structnosql_core::{
    BasicTable, CachingTable, Change, ConditionExt, Error, ErrorKind, FieldExt, TableDataModel, Value,
};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, Default, PartialEq, TableDataModel)]
#[table(name = "counters", crate = "structnosql_core")]
struct Counter {
    #[field(partition_key)]
    id: String,
    #[field(alias = "n")]
    count: Option<i64>,
    name: Option<String>,
    tags: Option<BTreeSet<String>>,
    log: Option<Vec<i64>>,
    parts: Option<BTreeMap<String, Part>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
struct Part {
    count: Option<i64>,
}

/// A record that every write raises the version of.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "versioned", crate = "structnosql_core")]
struct Versioned {
    #[field(partition_key)]
    id: String,
    count: Option<i64>,
    #[field(version)]
    version: u64,
}

type Store = Counted<Reference>;

async fn basic<M: TableDataModel>() -> BasicTable<M, Store> {
    let table = BasicTable::open(Counted::new(Reference::new())).await.unwrap();
    table.backend().reset();
    table
}

async fn caching<M: TableDataModel>() -> CachingTable<M, Store> {
    CachingTable::attach(basic::<M>().await.backend().clone())
}

fn counter(id: &str) -> Counter {
    Counter { id: id.to_owned(), ..Counter::default() }
}

#[tokio::test]
async fn a_counter_gives_each_number_once() {
    let counters = std::sync::Arc::new(basic::<Counter>().await);
    let take = |counters: std::sync::Arc<BasicTable<Counter, Store>>| async move {
        let changes = [Counter::fields().count().increment(1)];
        let new = counters.update_multiple_fields_return_new("c1", changes).await.unwrap();
        new.get(&Counter::fields().count()).unwrap().unwrap()
    };
    let tasks: Vec<_> = (0..50).map(|_| tokio::spawn(take(counters.clone()))).collect();
    let mut numbers = Vec::new();
    for task in tasks {
        numbers.push(task.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
    assert_eq!(counters.backend().requests(), 50);
}

#[tokio::test]
async fn each_kind_of_change_returns_what_it_leaves() {
    let counters = basic::<Counter>().await;
    let f = Counter::fields;
    let log = Some(vec![1, 2]);
    counters.put_record(&Counter { log, name: Some("Ann".to_owned()), ..counter("c1") }).await.unwrap();
    counters.backend().reset();
    let changes = [
        f().count().increment(3),
        f().name().set_if_absent("Bea"),
        f().tags().insert_into_set(["x", "y"]),
        f().log().append([3]),
        f().parts().key("p").count().increment(2),
    ];
    let new = counters.update_multiple_fields_return_new("c1", changes).await.unwrap();
    assert_eq!(new.get(&f().count()).unwrap(), Some(3));
    assert_eq!(new.get(&f().name()).unwrap().as_deref(), Some("Ann"));
    assert_eq!(new.get(&f().tags()).unwrap(), Some(["x", "y"].map(str::to_owned).into()));
    assert_eq!(new.get(&f().log()).unwrap(), Some(vec![1, 2, 3]));
    // The parent was not there: the update was planned again over that, and still returns what it left.
    assert_eq!(new.get(&f().parts().key("p").count()).unwrap(), Some(2));
    let text = new.get(&f().id()).unwrap_err().to_string();
    assert!(text.contains("not among the changes"), "{text}");

    let new = counters.update_multiple_fields_return_new("c1", [f().name().remove(), f().log().index(0).set(9)]);
    let new = new.await.unwrap();
    assert_eq!((new.get(&f().name()).unwrap(), new.get(&f().log().index(0)).unwrap()), (None, Some(9)));
}

#[tokio::test]
async fn a_record_that_comes_into_being_returns_its_values() {
    let counters = basic::<Counter>().await;
    let changes = || [Counter::fields().count().increment(1)];
    let refused = counters.update_multiple_fields_return_new("c1", changes()).if_exists().await.unwrap_err();
    assert!(refused.is_condition_failed());
    let new = counters.update_multiple_fields_return_new("c1", changes()).await.unwrap();
    assert_eq!(new.get(&Counter::fields().count()).unwrap(), Some(1));
    let below = Counter::fields().count().lt(1);
    let refused = counters.update_multiple_fields_return_new("c1", changes()).condition(below).await.unwrap_err();
    assert!(refused.is_condition_failed());
    assert_eq!(counters.get_field("c1", Counter::fields().count()).await.unwrap(), Some(1));
}

#[tokio::test]
async fn a_caching_table_sends_what_it_does_not_know_and_pends_what_it_knows() {
    let counters = caching::<Counter>().await;
    let f = Counter::fields;
    let more = || [f().count().increment(2)];
    let new = counters.update_multiple_fields_return_new("c1", more()).await.unwrap();
    assert_eq!((new.get(&f().count()).unwrap(), counters.backend().requests()), (Some(2), 1));
    assert!(!counters.has_pending_operations());
    // Now it is known.
    let new = counters.update_multiple_fields_return_new("c1", more()).await.unwrap();
    assert_eq!((new.get(&f().count()).unwrap(), counters.backend().requests()), (Some(4), 1));
    assert!(counters.has_pending_operations());
    counters.commit_operations().await.unwrap();
    assert_eq!(counters.get_field("c1", f().count()).await.unwrap(), Some(4));
    assert_eq!(counters.backend().requests(), 2);

    // Behind what is pending over a value that is not known, it is read first.
    counters.clear_cached_data();
    counters.update_multiple_fields("c1", more()).await.unwrap();
    let new = counters.update_multiple_fields_return_new("c1", more()).await.unwrap();
    assert_eq!((new.get(&f().count()).unwrap(), counters.backend().requests()), (Some(8), 3));
    counters.commit_operations().await.unwrap();
    assert_eq!(counters.session().get_field("c1", f().count()).await.unwrap(), Some(8));
}

#[tokio::test]
async fn a_value_under_an_earlier_name_moves_and_is_returned() {
    let counters = basic::<Counter>().await;
    let item = [("id", Value::from("c1")), ("n", Value::from(5))].into_iter().collect();
    counters.backend().inner().put_item("counters", item).unwrap();
    let new = counters.update_multiple_fields_return_new("c1", [Counter::fields().count().increment(1)]);
    assert_eq!(new.await.unwrap().get(&Counter::fields().count()).unwrap(), Some(6));
}

#[tokio::test]
async fn a_version_goes_on_with_it() {
    let (basic, f) = (basic::<Versioned>().await, Versioned::fields);
    for expected in 1..4 {
        let new = basic.update_multiple_fields_return_new("v1", [f().count().increment(1)]).await.unwrap();
        assert_eq!(new.get(&f().count()).unwrap(), Some(expected));
    }
    assert_eq!(basic.get_field("v1", f().version()).await.unwrap(), Some(3));
    let caching = CachingTable::<Versioned, _>::attach(basic.backend().clone());
    let new = caching.update_multiple_fields_return_new("v1", [f().count().increment(1)]).await.unwrap();
    assert_eq!(new.get(&f().count()).unwrap(), Some(4));
    assert_eq!(caching.get_field("v1", f().version()).await.unwrap(), Some(4));
}

/// The record that a put replaces comes back from the same request, on both kinds of table.
#[tokio::test]
async fn a_put_gives_the_record_that_it_replaces() {
    let (basic, caching) = (basic::<Counter>().await, caching::<Counter>().await);
    let (first, second) =
        (Counter { count: Some(1), ..counter("c1") }, Counter { name: Some("Ann".to_owned()), ..counter("c1") });
    assert_eq!(basic.put_record_return_old(&first).await.unwrap(), None);
    assert_eq!(basic.put_record_return_old(&second).await.unwrap(), Some(first.clone()));
    assert_eq!((basic.backend().puts(), basic.backend().requests()), (2, 2));

    assert_eq!(caching.put_record_return_old(&first).await.unwrap(), None);
    assert_eq!(caching.put_record_return_old(&second).await.unwrap(), Some(first));
    assert_eq!(caching.get_record("c1").await.unwrap(), Some(second));
    assert_eq!((caching.backend().puts(), caching.backend().requests()), (2, 2));
}

/// Whoever puts takes over from one other: each record but the last comes back once.
#[tokio::test]
async fn of_many_writers_each_is_given_what_another_left() {
    let counters = std::sync::Arc::new(basic::<Counter>().await);
    let swap = |n: i64| {
        let counters = counters.clone();
        async move {
            let old = counters.put_record_return_old(&Counter { count: Some(n), ..counter("c1") }).await.unwrap();
            old.map(|old| old.count.unwrap())
        }
    };
    let tasks: Vec<_> = (0..50).map(|n| tokio::spawn(swap(n))).collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await.unwrap());
    }
    seen.push(counters.get_record("c1").await.unwrap().unwrap().count);
    seen.sort_unstable();
    assert_eq!(seen, std::iter::once(None).chain((0..50).map(Some)).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_put_gives_back_what_was_stored_and_drops_what_was_pending() {
    let counters = caching::<Counter>().await;
    let f = Counter::fields;
    counters.put_record(&counter("c1")).await.unwrap();
    counters.update_field("c1", f().name(), "pending").await.unwrap();
    counters.backend().reset();
    let old = counters.put_record_return_old(&Counter { count: Some(2), ..counter("c1") }).await.unwrap();
    assert_eq!(old, Some(counter("c1")), "what was pending was never stored");
    assert!(!counters.has_pending_operations());
    assert_eq!(counters.get_field("c1", (f().count(), f().name())).await.unwrap(), (Some(2), None));
    assert_eq!(counters.backend().requests(), 1);
}

#[tokio::test]
async fn a_put_under_a_condition_gives_back_what_met_it() {
    let basic = basic::<Counter>().await;
    let caching = CachingTable::<Counter, _>::attach(basic.backend().clone());
    let of = |count: i64| Counter { count: Some(count), ..counter("c1") };
    basic.put_record(&of(1)).await.unwrap();
    basic.backend().reset();
    let is = |count: i64| Counter::fields().count().eq(count);
    let old = basic.put_record_return_old(&of(2)).condition(is(1)).await.unwrap();
    assert_eq!(old, Some(of(1)));
    let old = caching.put_record_return_old(&of(3)).condition(is(2)).await.unwrap();
    assert_eq!(old, Some(of(2)));

    let refused = caching.put_record_return_old(&of(4)).condition(is(2)).await.unwrap_err();
    let stored = refused.failure().and_then(structnosql_core::Failure::item).unwrap();
    assert!(refused.is_condition_failed() && stored.get("count") == Some(&Value::from(3)));
    assert_eq!(basic.backend().requests(), 3);
    assert_eq!(basic.get_record("c1").await.unwrap(), Some(of(3)));
}

/// A record that does not fit is replaced all the same: the error holds it, and the cache has the new one.
#[tokio::test]
async fn a_replaced_record_that_does_not_fit_is_in_the_error() {
    let basic = basic::<Counter>().await;
    let caching = CachingTable::<Counter, _>::attach(basic.backend().clone());
    let stored = || [("id", Value::from("c1")), ("count", Value::from("many"))].into_iter().collect();
    let of = |count: i64| Counter { count: Some(count), ..counter("c1") };
    let replaced = |error: Error| match error.into_kind() {
        ErrorKind::Replaced { old, mismatch } => {
            assert!(mismatch.to_string().starts_with("`count`"), "{mismatch}");
            assert_eq!(old.get("count"), Some(&Value::from("many")));
        }
        other => panic!("{other:?}"),
    };
    basic.backend().inner().put_item("counters", stored()).unwrap();
    replaced(basic.put_record_return_old(&of(1)).await.unwrap_err());
    assert_eq!(basic.get_record("c1").await.unwrap(), Some(of(1)));

    basic.backend().inner().put_item("counters", stored()).unwrap();
    replaced(caching.put_record_return_old(&of(2)).await.unwrap_err());
    basic.backend().reset();
    assert_eq!(caching.get_record("c1").await.unwrap(), Some(of(2)));
    assert_eq!(basic.backend().requests(), 0);
}

#[tokio::test]
async fn a_replaced_record_is_read_under_its_earlier_names() {
    let counters = caching::<Counter>().await;
    let item = [("id", Value::from("c1")), ("n", Value::from(5))].into_iter().collect();
    counters.backend().inner().put_item("counters", item).unwrap();
    let old = counters.put_record_return_old(&counter("c1")).await.unwrap();
    assert_eq!(old, Some(Counter { count: Some(5), ..counter("c1") }));
}

#[tokio::test]
async fn a_put_that_gives_back_the_old_record_checks_and_raises_its_version() {
    let basic = basic::<Versioned>().await;
    let caching = CachingTable::<Versioned, _>::attach(basic.backend().clone());
    let of = |count: i64, version| Versioned { id: "v1".to_owned(), count: Some(count), version };
    assert_eq!(basic.put_record_return_old(&of(1, 0)).await.unwrap(), None);
    assert_eq!(caching.put_record_return_old(&of(2, 1)).await.unwrap(), Some(of(1, 1)));
    assert_eq!(basic.backend().requests(), 2);

    let overtaken = basic.put_record_return_old(&of(9, 1)).await.unwrap_err();
    assert_eq!(overtaken.conflict().unwrap().theirs().get(&Versioned::fields().count()).unwrap(), Some(2));
    // Whatever version is stored: what comes back is the record that was replaced, not the one that was met first.
    let old = caching.put_record_return_old(&of(3, 1)).unchecked().await.unwrap();
    assert_eq!(old, Some(of(2, 2)));
    assert_eq!(basic.get_record("v1").await.unwrap(), Some(of(3, 3)));
}

fn any_change(rng: &mut Rng) -> Change<Counter> {
    let f = Counter::fields;
    let part = ["a", "b"][rng.usize(..2)];
    match rng.usize(..14) {
        0 => f().count().increment(rng.i64(-5..5)),
        1 => f().count().set(rng.i64(..)),
        2 => f().count().remove(),
        3 => f().name().set_if_absent("one"),
        4 => f().name().set("two"),
        5 => f().name().remove(),
        6 => f().tags().insert_into_set([["x", "y", "z"][rng.usize(..3)]]),
        7 => f().tags().remove_from_set([["x", "y", "z"][rng.usize(..3)]]),
        8 => f().log().append([rng.i64(..9)]),
        9 => f().log().prepend([rng.i64(..9)]),
        10 => f().log().set(vec![1, 2, 3]),
        11 => f().parts().key(part).count().increment(1),
        12 => f().parts().key(part).remove(),
        _ => f().parts().remove(),
    }
}

/// What is returned is what a read shows afterwards, on both kinds of table.
#[tokio::test]
async fn what_is_returned_is_what_is_read_afterwards() {
    let (basic, f) = (basic::<Counter>().await, Counter::fields);
    let mut table = CachingTable::<Counter, _>::attach(basic.backend().clone());
    let mut rng = Rng::with_seed(7);
    let mut returned = 0;
    for step in 0..4_000 {
        let changes: Vec<_> = (0..rng.usize(1..4)).map(|_| any_change(&mut rng)).collect();
        let described = format!("step {step}: {changes:?}");
        let (new, read) = if step % 2 == 0 {
            table.commit_operations().await.unwrap();
            let Ok(new) = basic.update_multiple_fields_return_new("c1", changes).await else { continue };
            table = table.session();
            (new, basic.get_record("c1").await.unwrap())
        } else {
            let Ok(new) = table.update_multiple_fields_return_new("c1", changes).await else { continue };
            (new, table.get_record("c1").await.unwrap())
        };
        returned += 1;
        let read = read.unwrap_or_else(|| counter("c1"));
        let parts = |key: &str| read.parts.as_ref().and_then(|parts| parts.get(key)).and_then(|part| part.count);
        for key in ["a", "b"] {
            if let Ok(count) = new.get(&f().parts().key(key).count()) {
                assert_eq!(count, parts(key), "{described}");
            }
        }
        if let Ok(count) = new.get(&f().count()) {
            assert_eq!(count, read.count, "{described}");
        }
        if let Ok(name) = new.get(&f().name()) {
            assert_eq!(name, read.name, "{described}");
        }
        if let Ok(tags) = new.get(&f().tags()) {
            assert_eq!(tags, read.tags, "{described}");
        }
        if let Ok(log) = new.get(&f().log()) {
            assert_eq!(log, read.log, "{described}");
        }
    }
    assert!(returned > 3_000, "{returned}");
}

/// Changes that cancel one another out send nothing, but what was there is asked for, and so is a condition.
#[tokio::test]
async fn changes_that_come_to_nothing_return_what_is_stored() {
    let (basic, caching) = (basic::<Counter>().await, caching::<Counter>().await);
    let f = Counter::fields;
    let stored = Counter { log: Some(vec![1, 2]), name: Some("one".to_owned()), ..counter("c1") };
    let nothing = || [f().log().prepend([0]), f().log().index(0).remove()];
    for table in [basic.backend(), caching.backend()] {
        BasicTable::<Counter, _>::attach(table.clone()).put_record(&stored).await.unwrap();
        table.reset();
    }
    let old = basic.update_multiple_fields_return_old("c1", nothing()).await.unwrap();
    assert_eq!(old.get(&f().log()).unwrap(), stored.log);
    let new = basic.update_multiple_fields_return_new("c1", nothing()).await.unwrap();
    assert_eq!(new.get(&f().log()).unwrap(), stored.log);
    assert_eq!((basic.backend().gets(), basic.backend().updates()), (2, 0));
    let old = caching.update_multiple_fields_return_old("c1", nothing()).await.unwrap();
    assert_eq!(old.get(&f().log()).unwrap(), stored.log);
    assert_eq!((caching.backend().gets(), caching.backend().updates()), (1, 0));

    basic.update_multiple_fields("c1", nothing()).condition(f().name().eq("one")).await.unwrap();
    let refused = basic.update_multiple_fields("c1", nothing()).condition(f().name().eq("two")).await.unwrap_err();
    assert!(refused.is_condition_failed());
    assert_eq!(refused.failure().unwrap().item().unwrap().get("name"), Some(&"one".into()));
    assert!(basic.update_multiple_fields("c2", nothing()).if_exists().await.unwrap_err().is_condition_failed());
    assert_eq!(basic.backend().updates(), 0);
}

/// Below a map that is not there nothing is taken out, and what is set only where it is absent is there already.
#[tokio::test]
async fn changes_that_find_nothing_to_do_return_what_is_stored() {
    let counters = basic::<Counter>().await;
    let f = Counter::fields;
    let stored = Counter { name: Some("one".to_owned()), ..counter("c1") };
    counters.put_record(&stored).await.unwrap();
    let changes = [f().parts().key("a").count().remove(), f().name().set_if_absent("two")];
    let old = counters.update_multiple_fields_return_old("c1", changes).await.unwrap();
    assert_eq!(old.get(&f().name()).unwrap(), stored.name);
    assert_eq!(counters.get_record("c1").await.unwrap(), Some(stored));
}
