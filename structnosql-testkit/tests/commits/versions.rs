//! Records with a version, in each mode.

use structnosql_core::{
    BasicTable, CachingTable, Carrier, Error, ErrorKind, FailureClass, FieldExt, Outcome, TableDataModel, Value,
};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Fault, Faulty, Reference};

use crate::model::{Engine, MODES, Mode};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", crate = "structnosql_core")]
struct Account {
    #[field(partition_key)]
    id: String,
    owner: Option<String>,
    balance: Option<i64>,
    #[field(version)]
    version: u64,
}

type Accounts = CachingTable<Account, Engine>;

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|at| format!("a{at:03}")).collect()
}

/// So many stored accounts of 100, at version 1, of which nothing is known.
async fn stored(count: usize) -> Accounts {
    let engine = Faulty::new(Counted::new(Reference::new()));
    let table = BasicTable::<Account, _>::open(engine.clone()).await.unwrap();
    for id in ids(count) {
        table.create_record(&Account { id, owner: None, balance: Some(100), version: 0 }).await.unwrap();
    }
    engine.inner().reset();
    Accounts::attach(engine)
}

/// Changes every account, of which it reads the balance before.
async fn change(accounts: &Accounts, count: usize, by: i64) {
    let f = Account::fields;
    for id in ids(count) {
        let balance = accounts.get_field(&id, f().balance()).await.unwrap().unwrap();
        accounts.update_field(&id, f().balance(), balance + by).await.unwrap();
    }
    accounts.backend().inner().reset();
}

fn value(accounts: &Accounts, id: &str, attribute: &str) -> Option<i64> {
    let key = [("id", Value::from(id))].into_iter().collect();
    match accounts.backend().inner().inner().item("accounts", &key)?.get(attribute)? {
        Value::Number(number) => Some(number.to_string().parse().unwrap()),
        other => panic!("{}", other.kind()),
    }
}

fn balance_and_version(accounts: &Accounts, id: &str) -> (Option<i64>, Option<i64>) {
    (value(accounts, id, "balance"), value(accounts, id, "version"))
}

fn kinds(accounts: &Accounts) -> Vec<String> {
    let log = accounts.backend().inner().log();
    accounts.backend().inner().reset();
    log.iter().map(|sent| sent.kind.to_string()).collect()
}

fn outcome(error: &Error, at: usize) -> &Outcome {
    &error.commit_report().unwrap().records[at].outcome
}

/// Somebody else takes 50 from an account.
async fn interfere(accounts: &Accounts, id: &str) {
    let f = Account::fields;
    let other = accounts.session();
    let balance = other.get_field(id, f().balance()).await.unwrap().unwrap();
    other.update_field(id, f().balance(), balance - 50).await.unwrap();
    other.commit_operations().await.unwrap();
    accounts.backend().inner().reset();
}

#[tokio::test]
async fn each_mode_checks_and_raises_it() {
    for mode in MODES {
        let accounts = stored(3).await;
        for round in 1..3 {
            change(&accounts, 3, 10).await;
            let plan = mode.with(accounts.commit_operations()).plan();
            let report = mode.with(accounts.commit_operations()).await.unwrap();
            let requests = if matches!(mode, Mode::Atomic | Mode::Batched | Mode::BatchedOnce) { 1 } else { 3 };
            assert_eq!((plan.requests(), report.requests() as usize), (requests, requests), "{mode:?}: {plan}");
            for id in ids(3) {
                assert_eq!(balance_and_version(&accounts, &id), (Some(100 + 10 * round), Some(1 + round)), "{mode:?}");
            }
        }
    }
}

/// A statement of a batch carries the check of the version.
#[tokio::test]
async fn a_batch_checks_it_in_its_statements() {
    let accounts = stored(2).await;
    change(&accounts, 2, 10).await;
    let plan = accounts.commit_operations().batched().plan();
    assert!(plan.records.iter().all(|record| record.sent().all(|update| update.carrier == Carrier::Batch)), "{plan}");
    accounts.commit_operations().batched().await.unwrap();
    assert_eq!(
        accounts.backend().inner().log()[0].to_string(),
        r#"batch update: update accounts {"id": "a000"} SET version=:v0,balance=:v1 IF version=:v2; update accounts {"id": "a001"} SET version=:v0,balance=:v1 IF version=:v2"#
    );
}

#[tokio::test]
async fn what_was_not_read_is_read_first_and_together() {
    let f = Account::fields;
    for (mode, count, expected) in [
        (Mode::Atomic, 3, vec!["batch get", "transact write"]),
        (Mode::Atomic, 100, vec!["batch get", "transact write"]),
        (Mode::Batched, 3, vec!["batch get", "batch update"]),
        (Mode::Batched, 26, vec!["batch get", "batch get", "batch update", "batch update"]),
        (Mode::Plain, 2, vec!["get", "get", "update", "update"]),
    ] {
        let accounts = stored(count).await;
        for id in ids(count) {
            accounts.update_field(&id, f().balance(), 7).await.unwrap();
        }
        let plan = mode.with(accounts.commit_operations()).plan();
        assert_eq!(plan.requests(), expected.len(), "{mode:?}: {plan}");
        let report = mode.with(accounts.commit_operations()).await.unwrap();
        assert_eq!((report.records.len(), report.requests() as usize), (count, expected.len()), "{mode:?}");
        let mut sent = kinds(&accounts);
        sent.sort();
        assert_eq!(sent, expected, "{mode:?}");
        assert!(ids(count).iter().all(|id| balance_and_version(&accounts, id) == (Some(7), Some(2))));
        // What the read brought is known.
        assert_eq!(accounts.get_field("a000", f().balance()).await.unwrap(), Some(7));
        assert!(kinds(&accounts).is_empty());
    }
}

#[tokio::test]
async fn unchecked_commits_read_nothing() {
    for mode in MODES {
        let accounts = stored(2).await;
        for id in ids(2) {
            accounts.update_field(&id, Account::fields().balance(), 7).await.unwrap();
        }
        let report = mode.with(accounts.commit_operations()).unchecked().await.unwrap();
        assert!(!kinds(&accounts).iter().any(|kind| kind.contains("get")), "{mode:?}: {report}");
        assert!(ids(2).iter().all(|id| balance_and_version(&accounts, id) == (Some(7), Some(2))), "{mode:?}");
    }
}

#[tokio::test]
async fn another_writer_is_a_conflict() {
    let f = Account::fields;
    for mode in MODES {
        let accounts = stored(3).await;
        change(&accounts, 3, 10).await;
        interfere(&accounts, "a001").await;

        let error = mode.with(accounts.commit_operations()).await.unwrap_err();
        let Outcome::Rejected(why) = outcome(&error, 1) else { panic!("{mode:?}: {error}") };
        let conflict = why.conflict().unwrap();
        let balances =
            [conflict.base(), conflict.mine(), conflict.theirs()].map(|side| side.get(&f().balance()).unwrap());
        assert_eq!(balances, [Some(100), Some(110), Some(50)], "{mode:?}");
        assert_eq!(balance_and_version(&accounts, "a001"), (Some(50), Some(2)), "{mode:?}: theirs stays");
        for (at, id) in [(0, "a000"), (2, "a002")] {
            match mode {
                Mode::Atomic => {
                    assert!(matches!(outcome(&error, at), Outcome::NotSent(why) if why.to_string().contains("`a001`")));
                    assert_eq!(balance_and_version(&accounts, id), (Some(100), Some(1)));
                }
                _ => assert_eq!(balance_and_version(&accounts, id), (Some(110), Some(2)), "{mode:?}"),
            }
        }
        // Decided anew on what is stored now, it goes.
        accounts.refresh_record("a001");
        let balance = accounts.session().get_field("a001", f().balance()).await.unwrap().unwrap();
        accounts.update_field("a001", f().balance(), balance + 10).await.unwrap();
        mode.with(accounts.commit_operations()).await.unwrap();
        assert_eq!(balance_and_version(&accounts, "a001"), (Some(60), Some(3)), "{mode:?}");
    }
}

/// The update that another writer's delete was in between must not bring the record back.
#[tokio::test]
async fn a_record_that_was_deleted_stays_deleted() {
    for mode in MODES {
        let accounts = stored(2).await;
        change(&accounts, 2, 10).await;
        accounts.session().delete_record("a000").await.unwrap();
        let error = mode.with(accounts.commit_operations()).await.unwrap_err();
        assert!(matches!(outcome(&error, 0), Outcome::Rejected(why) if why.is_conflict()), "{mode:?}: {error}");
        assert_eq!(value(&accounts, "a000", "balance"), None, "{mode:?}");
    }
}

/// Values of several versions cannot be right together: nothing has to be sent to know it.
#[tokio::test]
async fn what_was_read_of_several_versions_is_a_conflict_before_it_is_sent() {
    let f = Account::fields;
    for mode in MODES {
        let accounts = stored(2).await;
        accounts.get_field("a000", f().balance()).await.unwrap();
        interfere(&accounts, "a000").await;
        accounts.get_field("a000", f().owner()).await.unwrap();
        change(&accounts, 2, 10).await;
        let error = mode.with(accounts.commit_operations()).await.unwrap_err();
        assert!(matches!(outcome(&error, 0), Outcome::Rejected(why) if why.is_conflict()), "{mode:?}: {error}");
        let sent = kinds(&accounts);
        assert!(!sent.iter().any(|kind| kind == "transact write"), "{mode:?}: {sent:?}");
        let others = if mode == Mode::Atomic { (Some(100), Some(1)) } else { (Some(110), Some(2)) };
        assert_eq!(balance_and_version(&accounts, "a001"), others, "{mode:?}");
    }
}

/// What cannot be read is not written, and of a transaction nothing is.
#[tokio::test]
async fn a_read_before_it_that_fails_leaves_everything_pending() {
    for mode in MODES {
        for class in [FailureClass::Interrupted, FailureClass::Throttled, FailureClass::AccessDenied] {
            let accounts = stored(2).await;
            for id in ids(2) {
                accounts.update_field(&id, Account::fields().balance(), 7).await.unwrap();
            }
            accounts.backend().script([Some(Fault::Refuse(class))]);
            let error = mode.with(accounts.commit_operations()).await.unwrap_err();
            for record in error.commit_report().unwrap().uncommitted() {
                assert!(matches!(record.outcome, Outcome::Rejected(_) | Outcome::NotSent(_)), "{mode:?}: {error}");
            }
            if mode == Mode::Atomic {
                assert_eq!(accounts.pending_operations().len(), 2);
            }
            mode.with(accounts.commit_operations()).await.unwrap();
            assert!(ids(2).iter().all(|id| balance_and_version(&accounts, id) == (Some(7), Some(2))), "{mode:?}");
        }
    }
}

/// How large the records are is known only when they were read.
#[tokio::test]
async fn records_that_turn_out_too_large_for_one_transaction_are_all_left_as_they_were() {
    let f = Account::fields;
    let accounts = stored(11).await;
    for id in ids(11) {
        accounts.update_field(&id, f().owner(), "x".repeat(390 * 1024)).await.unwrap();
    }
    accounts.commit_operations().await.unwrap();
    let fresh = accounts.session();
    for id in ids(11) {
        fresh.update_field(&id, f().balance(), 7).await.unwrap();
    }
    assert!(fresh.commit_operations().atomic().plan().refusal.is_none());
    kinds(&accounts);
    let error = fresh.commit_operations().atomic().await.unwrap_err();
    for record in error.commit_report().unwrap().uncommitted() {
        let Outcome::Rejected(why) = &record.outcome else { panic!("{error}") };
        assert!(matches!(why.kind(), ErrorKind::NotAtomic { .. }), "{why}");
    }
    assert!(!kinds(&accounts).iter().any(|kind| kind == "transact write"));
    assert!(fresh.commit_operations().atomic().plan().refusal.is_some());
    assert_eq!(fresh.pending_operations().len(), 11);
    fresh.commit_operations().await.unwrap();
}

/// Whatever is lost at whatever request, with and without another writer in between: each change counts once, and what
/// another one wrote is never overwritten.
#[tokio::test]
async fn a_lost_answer_never_overwrites_and_never_counts_twice() {
    let f = Account::fields;
    for mode in MODES {
        for fault in
            [Fault::LoseAnswer, Fault::Refuse(FailureClass::Interrupted), Fault::RefuseFirst(FailureClass::Interrupted)]
        {
            for at in 0..4 {
                for another in [false, true] {
                    let what = format!("{mode:?}, {fault:?} at {at}, another: {another}");
                    let accounts = stored(2).await;
                    // One is known, the other is not.
                    accounts.get_record("a000").await.unwrap();
                    for id in ids(2) {
                        accounts.update_multiple_fields(&id, [f().balance().increment(10)]).await.unwrap();
                    }
                    accounts.backend().script((0..at).map(|_| None).chain([Some(fault)]));
                    let first = mode.with(accounts.commit_operations()).await;
                    accounts.backend().heal();
                    if another {
                        interfere(&accounts, "a000").await;
                    }
                    let second = mode.with(accounts.commit_operations()).await;
                    if let (Err(error), false) = (&second, another) {
                        panic!("{what}: {error}");
                    }
                    let theirs = if another { -50 } else { 0 };
                    for (id, theirs) in [("a000", theirs), ("a001", 0)] {
                        let (balance, version) = balance_and_version(&accounts, id);
                        let is_pending = !accounts.pending_for(id).is_empty();
                        let mine = balance.unwrap() - 100 - theirs;
                        assert!(mine == 10 || mine == 0 && is_pending, "{what}: {id} {mine}, {first:?}, {second:?}");
                        let writes = i64::from(mine == 10) + i64::from(theirs != 0);
                        assert_eq!(version, Some(1 + writes), "{what}: {id}");
                    }
                }
            }
        }
    }
}
