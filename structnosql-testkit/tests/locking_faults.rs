//! Writes of versioned records whose requests go wrong: none is applied twice, and what is reported is true.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use structnosql_core::{
    BasicTable, CachingTable, Error, FailureClass, FieldExt, Map, Outcome, Resolution, StructModel, TableDataModel,
    Value,
};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Fault, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "counters", crate = "structnosql_core")]
struct Counter {
    #[field(partition_key)]
    id: String,
    count: i64,
    log: Vec<String>,
    name: Option<String>,
    #[field(version)]
    version: u64,
}

type Store = Faulty<Reference>;

const FAULTS: [Fault; 6] = [
    Fault::LoseAnswer,
    Fault::Refuse(FailureClass::Interrupted),
    Fault::Refuse(FailureClass::BadAnswer),
    Fault::Refuse(FailureClass::Throttled),
    Fault::Refuse(FailureClass::NotSent),
    Fault::Refuse(FailureClass::AccessDenied),
];

fn counter(count: i64) -> Counter {
    Counter { id: "c".into(), count, log: Vec::new(), name: None, version: 0 }
}

/// A counter of 10, at version 1.
async fn store() -> Store {
    let store = Faulty::new(Reference::new());
    basic(&store).await.create_record(&counter(10)).await.unwrap();
    store
}

async fn basic(store: &Store) -> BasicTable<Counter, Store> {
    BasicTable::open(store.clone()).await.unwrap()
}

async fn caching(store: &Store) -> CachingTable<Counter, Store> {
    CachingTable::open(store.clone()).await.unwrap()
}

fn stored(store: &Store) -> Option<Counter> {
    let key: Map = [("id", Value::from("c"))].into_iter().collect();
    Some(Counter::decode_fields(&store.inner().item("counters", &key)?).unwrap())
}

/// What goes wrong with the requests of one call: the `at`th and the one after it.
fn scripts() -> impl Iterator<Item = Vec<Option<Fault>>> {
    let second = FAULTS.into_iter().map(Some).chain([None]);
    (0..4).flat_map(move |at| {
        let second = second.clone();
        FAULTS.into_iter().flat_map(move |fault| {
            second.clone().map(move |second| {
                let mut script = vec![None; at];
                script.extend([Some(fault), second]);
                script
            })
        })
    })
}

/// Whether a write was applied, once; it was, if it is said to be, and not if it is said not to be.
fn judge(script: &[Option<Fault>], done: &Result<(), Error>, before: u64, after: u64, is_there: bool) {
    match done {
        Ok(()) => assert!(is_there, "{script:?}"),
        Err(error) if error.may_be_applied() => {}
        Err(error) => assert!(!is_there, "{script:?}: {error}"),
    }
    assert_eq!(after, before + u64::from(is_there), "{script:?}: every write raises the version once");
}

#[tokio::test]
async fn updates_at_once() {
    for script in scripts() {
        let store = store().await;
        let table = basic(&store).await;
        let f = Counter::fields;
        store.script(script.clone());
        let changes = [f().count().increment(1), f().log().append(["one"])];
        let done = table.update_multiple_fields("c", changes).await;
        store.heal();
        let after = stored(&store).unwrap();
        assert!(after.count == 10 || after.count == 11, "{script:?}");
        assert_eq!(after.log.len() as i64, after.count - 10);
        judge(&script, &done, 1, after.version, after.count == 11);
    }
}

/// One lost answer does not keep a write at once from telling what became of it.
#[tokio::test]
async fn one_lost_answer_is_found_out() {
    for fault in [Fault::LoseAnswer, Fault::Refuse(FailureClass::Interrupted)] {
        let store = store().await;
        let (table, f) = (basic(&store).await, Counter::fields);
        store.script([None, Some(fault)]);
        table.update_multiple_fields("c", [f().count().increment(1)]).await.unwrap();
        assert_eq!(stored(&store).unwrap().count, 11);
        let read = table.get_record("c").await.unwrap().unwrap();
        store.script([Some(fault)]);
        table.put_record(&Counter { count: 20, ..read }).await.unwrap();
        assert_eq!(stored(&store).unwrap(), Counter { version: 3, ..counter(20) });
        // Whether it was applied is found out; what it replaced went with the answer, if it was.
        let read = table.get_record("c").await.unwrap().unwrap();
        store.script([Some(fault)]);
        let old = table.put_record_return_old(&read).await;
        assert_eq!(stored(&store).unwrap(), Counter { version: 4, ..counter(20) });
        match fault {
            Fault::LoseAnswer => assert!(old.unwrap_err().may_be_applied()),
            _ => assert_eq!(old.unwrap(), Some(read)),
        }
        store.script([None, Some(fault)]);
        table.delete_record("c").await.unwrap();
        assert_eq!(stored(&store), None);
        store.script([Some(fault)]);
        table.create_record(&counter(1)).await.unwrap();
        assert_eq!(stored(&store).unwrap().version, 1);
        // Deleted or not, it cannot be given back.
        store.script([None, Some(Fault::LoseAnswer)]);
        assert!(table.remove_record("c").await.unwrap_err().may_be_applied());
    }
}

#[tokio::test]
async fn puts() {
    for script in scripts() {
        for unchecked in [false, true] {
            let store = store().await;
            let table = caching(&store).await;
            let read = table.get_record("c").await.unwrap().unwrap();
            if unchecked {
                basic(&store).await.update_field("c", Counter::fields().count(), 5).await.unwrap();
            }
            let before = stored(&store).unwrap().version;
            store.script(script.clone());
            let put = table.put_record(&Counter { count: 20, ..read });
            let done = if unchecked { put.unchecked().await } else { put.await };
            store.heal();
            let after = stored(&store).unwrap();
            judge(&script, &done, before, after.version, after.count == 20);
            let seen = table.get_field("c", Counter::fields().count()).await.unwrap();
            assert!(seen == Some(after.count) || done.is_err(), "{script:?}");
        }
    }
}

/// What comes back is what was there: where an answer that had it is lost, it is never another.
#[tokio::test]
async fn puts_that_give_the_old_record_back() {
    let (mut given, mut lost) = (0, 0);
    for script in scripts() {
        for unchecked in [false, true] {
            let store = store().await;
            let table = caching(&store).await;
            let read = table.get_record("c").await.unwrap().unwrap();
            if unchecked {
                basic(&store).await.update_field("c", Counter::fields().count(), 5).await.unwrap();
            }
            let before = stored(&store).unwrap();
            store.script(script.clone());
            let put = table.put_record_return_old(&Counter { count: 20, ..read });
            let done = if unchecked { put.unchecked().await } else { put.await };
            store.heal();
            let after = stored(&store).unwrap();
            // What was read before is kept only where the put was certainly not applied.
            let is_fresh = match &done {
                Ok(old) => {
                    assert_eq!(old.as_ref(), Some(&before), "{script:?}");
                    given += 1;
                    true
                }
                Err(error) => {
                    lost += usize::from(error.may_be_applied());
                    error.may_be_applied()
                }
            };
            judge(&script, &done.map(drop), before.version, after.version, after.count == 20);
            let seen = table.get_record("c").await.unwrap();
            assert!(!is_fresh || seen == Some(after), "{script:?}: {seen:?}");
        }
    }
    assert!(given > 100 && lost > 5, "{given} were given, {lost} lost");
}

#[tokio::test]
async fn creations() {
    for script in scripts() {
        let store = Faulty::new(Reference::new());
        let table = caching(&store).await;
        store.script(script.clone());
        let done = table.create_record(&counter(3)).await;
        store.heal();
        let after = stored(&store);
        judge(&script, &done, 0, after.as_ref().map_or(0, |after| after.version), after.is_some());
    }
}

#[tokio::test]
async fn deletions() {
    for script in scripts() {
        let store = store().await;
        let table = caching(&store).await;
        store.script(script.clone());
        let done = table.delete_record("c").await;
        store.heal();
        judge(&script, &done, 0, u64::from(stored(&store).is_none()), stored(&store).is_none());
    }
}

/// Commits until the record is committed, whatever is in doubt.
async fn commit_all(table: &CachingTable<Counter, Store>, script: &[Option<Fault>]) {
    for _ in 0..3 {
        if table.commit_operations().await.is_ok() {
            return;
        }
    }
    panic!("{script:?}: {:?}", table.pending_operations());
}

#[tokio::test]
async fn commits() {
    for script in scripts() {
        for is_read in [false, true] {
            let store = store().await;
            let (table, f) = (caching(&store).await, Counter::fields);
            if is_read {
                table.get_record("c").await.unwrap();
            }
            let changes = [f().count().increment(1), f().log().append(["one"]), f().name().set("Ann")];
            table.update_multiple_fields("c", changes).await.unwrap();
            store.script(script.clone());
            let first = table.commit_operations().await;
            let between = stored(&store).unwrap();
            match first.as_ref().map_err(|error| &error.commit_report().unwrap().records[0].outcome) {
                Ok(_) => assert_eq!(between.count, 11, "{script:?}"),
                Err(Outcome::InDoubt(_)) => {}
                Err(outcome) => assert_eq!(between.count, 10, "{script:?}: {outcome}"),
            }
            // Changes that come while it is in doubt wait behind it, and are applied once as well.
            table.update_multiple_fields("c", [f().count().increment(5)]).await.unwrap();
            let _ = table.commit_operations().await;
            store.heal();
            commit_all(&table, &script).await;
            let after = stored(&store).unwrap();
            assert_eq!((after.count, after.log.len(), after.name.as_deref()), (16, 1, Some("Ann")), "{script:?}");
            assert!((2..=3).contains(&after.version), "{script:?}: {}", after.version);
            assert_eq!(table.get_record("c").await.unwrap(), Some(after), "{script:?}");
        }
    }
}

/// A commit that is dropped half-way leaves its request in doubt, and the next one finds out about it.
#[tokio::test]
async fn dropped_commits() {
    for polls in 0..12 {
        let store = store().await;
        let (table, f) = (caching(&store).await, Counter::fields);
        table.update_multiple_fields("c", [f().count().increment(1)]).await.unwrap();
        {
            let mut commit = std::pin::pin!(table.commit_operations());
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            for _ in 0..polls {
                if commit.as_mut().poll(&mut context).is_ready() {
                    break;
                }
            }
        }
        commit_all(&table, &[]).await;
        let after = stored(&store).unwrap();
        assert_eq!((after.count, after.version), (11, 2), "dropped after {polls} polls");
    }
}

/// Another write took the version that the lost request was for: it was never applied.
#[tokio::test]
async fn what_was_overtaken_is_a_conflict() {
    let store = store().await;
    let (table, f) = (caching(&store).await, Counter::fields);
    table.get_record("c").await.unwrap();
    table.update_multiple_fields("c", [f().count().increment(1)]).await.unwrap();
    store.script([Some(Fault::Refuse(FailureClass::Interrupted))]);
    table.commit_operations().await.unwrap_err();
    basic(&store).await.update_multiple_fields("c", [f().count().increment(100)]).await.unwrap();

    let error = table.commit_operations().await.unwrap_err();
    let conflict = error.commit_report().unwrap().conflicts().next().unwrap();
    assert_eq!(conflict.theirs().get(&f().count()).unwrap(), Some(110));
    assert_eq!(table.pending_operations().len(), 1);
    table.refresh_record("c");
    commit_all(&table, &[]).await;
    assert_eq!(stored(&store).unwrap().count, 111);
}

/// Others wrote after the lost request, or instead of it: only the caller can tell.
#[tokio::test]
async fn what_nothing_tells_stays_in_doubt() {
    for applied in [true, false] {
        let store = store().await;
        let (table, f) = (caching(&store).await, Counter::fields);
        table.get_record("c").await.unwrap();
        table.update_multiple_fields("c", [f().count().increment(1)]).await.unwrap();
        store.script([Some(if applied { Fault::LoseAnswer } else { Fault::Refuse(FailureClass::Interrupted) })]);
        table.commit_operations().await.unwrap_err();
        for _ in 0..2 {
            basic(&store).await.update_multiple_fields("c", [f().count().increment(100)]).await.unwrap();
        }
        for _ in 0..2 {
            let error = table.commit_operations().await.unwrap_err();
            assert!(matches!(error.commit_report().unwrap().records[0].outcome, Outcome::InDoubt(_)), "{error}");
            assert!(error.to_string().ends_with("look at the record and call `resolve_in_doubt`"), "{error}");
        }
        table.resolve_in_doubt("c", if applied { Resolution::Applied } else { Resolution::NotApplied });
        table.refresh_record("c");
        commit_all(&table, &[]).await;
        assert_eq!(stored(&store).unwrap().count, 211);
    }
}

/// A change that sets values is there or not: where it is, nothing has to be decided.
#[tokio::test]
async fn what_is_set_is_found_under_later_writes() {
    let store = store().await;
    let (table, f) = (caching(&store).await, Counter::fields);
    table.get_record("c").await.unwrap();
    table.update_field("c", f().name(), "Ann").await.unwrap();
    store.script([Some(Fault::LoseAnswer)]);
    table.commit_operations().await.unwrap_err();
    // Reads of one's own write in doubt are no sign of another writer.
    assert_eq!(table.session().get_field("c", f().version()).await.unwrap(), Some(2));
    assert_eq!(table.get_field("c", f().version()).await.unwrap(), Some(2));
    table.update_field("c", f().count(), 5).await.unwrap();
    table.commit_operations().await.unwrap();
    assert_eq!((stored(&store).unwrap().count, stored(&store).unwrap().version), (5, 3));
}
