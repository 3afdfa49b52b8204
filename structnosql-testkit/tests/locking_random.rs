//! Two tables over one versioned record, in random order, against a plain model.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use structnosql_core::{
    Action, BasicTable, CachingTable, FieldExt, Map, Outcome, Resolution, StructModel, TableDataModel, Value,
};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shared", crate = "structnosql_core")]
struct Shared {
    #[field(partition_key)]
    id: String,
    /// The increment of operation `k` is 10 to the power of `k`: a digit tells how often it was applied.
    sum: i128,
    left: i64,
    right: i64,
    #[field(version)]
    version: u64,
}

/// An `i128` has room for so many increments.
const INCREMENTS: u32 = 36;
const CASES: u64 = 400;
const STEPS: usize = 120;

type Store = Counted<Faulty<Reference>>;

async fn store() -> Store {
    let store = Counted::new(Faulty::new(Reference::new()));
    let table = BasicTable::<Shared, _>::open(store.clone()).await.unwrap();
    table.create_record(&Shared { id: "s".into(), sum: 0, left: 0, right: 0, version: 0 }).await.unwrap();
    store
}

fn stored(store: &Store) -> Shared {
    let key: Map = [("id", Value::from("s"))].into_iter().collect();
    Shared::decode_fields(&store.inner().inner().item("shared", &key).unwrap()).unwrap()
}

/// What one writer is known to know.
#[derive(Default)]
struct Writer {
    /// The version that its first read showed.
    read_at: Option<u64>,
    /// A later read showed another one.
    torn: bool,
    /// What is pending, as a change of the stored record.
    pending: Vec<Pended>,
    conflicted: bool,
}

#[derive(Clone, Copy, Debug)]
enum Pended {
    Add(i128),
    Left(i64),
    Right(i64),
}

impl Writer {
    fn forget(&mut self) {
        (self.read_at, self.torn, self.conflicted) = (None, false, false);
    }

    /// A request has shown the record at this version.
    fn sees(&mut self, version: u64) {
        let first = *self.read_at.get_or_insert(version);
        self.torn |= first != version;
    }
}

fn apply(record: &mut Shared, pending: &[Pended]) {
    for pended in pending {
        match *pended {
            Pended::Add(amount) => record.sum += amount,
            Pended::Left(value) => record.left = value,
            Pended::Right(value) => record.right = value,
        }
    }
}

async fn pend(table: &CachingTable<Shared, Store>, pended: Pended) {
    let f = Shared::fields;
    let change = match pended {
        Pended::Add(amount) => f().sum().increment(amount),
        Pended::Left(value) => f().left().set(value),
        Pended::Right(value) => f().right().set(value),
    };
    table.update_multiple_fields("s", [change]).await.unwrap();
}

/// Without faults the model says of each commit whether it succeeds, and what is stored then.
#[tokio::test]
async fn as_many_successes_as_versions() {
    let (mut successes, mut conflicts) = (0, 0);
    for case in 0..CASES {
        let mut random = fastrand::Rng::with_seed(case);
        let store = store().await;
        let tables: Vec<CachingTable<Shared, Store>> =
            [CachingTable::open(store.clone()).await.unwrap(), CachingTable::open(store.clone()).await.unwrap()].into();
        let mut writers = [Writer::default(), Writer::default()];
        let mut model = stored(&store);
        let mut added = 0;
        for step in 0..STEPS {
            let at = random.usize(..2);
            let (table, writer) = (&tables[at], &mut writers[at]);
            let before = store.requests();
            match random.u8(..14) {
                0..3 => {
                    let f = Shared::fields;
                    let _ = match random.u8(..3) {
                        0 => table.get_field("s", f().left()).await.map(drop),
                        1 => table.get_field("s", (f().sum(), f().right())).await.map(drop),
                        _ => table.get_record("s").await.map(drop),
                    };
                    if store.requests() > before {
                        writer.sees(model.version);
                    }
                }
                3..6 if added < INCREMENTS => {
                    let pended = Pended::Add(10i128.pow(added));
                    added += 1;
                    pend(table, pended).await;
                    writer.pending.push(pended);
                }
                3..8 => {
                    let value = (case * 1000 + step as u64) as i64 + 1;
                    let pended = if random.bool() { Pended::Left(value) } else { Pended::Right(value) };
                    pend(table, pended).await;
                    writer.pending.push(pended);
                }
                8..12 => {
                    let done = table.commit_operations().await;
                    if writer.pending.is_empty() {
                        assert!(done.is_ok() && store.requests() == before);
                        continue;
                    }
                    let read_at = *writer.read_at.get_or_insert(model.version);
                    let succeeds = read_at == model.version && !writer.torn;
                    assert_eq!(done.is_ok(), succeeds, "case {case}, step {step}: {done:?}");
                    if succeeds {
                        apply(&mut model, &writer.pending);
                        model.version += 1;
                        writer.pending.clear();
                        writer.read_at = Some(model.version);
                        writer.conflicted = false;
                        successes += 1;
                    } else {
                        assert!(done.unwrap_err().commit_report().unwrap().conflicts().count() == 1);
                        writer.conflicted = true;
                        conflicts += 1;
                    }
                }
                12 => {
                    table.refresh();
                    writer.forget();
                }
                _ => {
                    table.rollback();
                    writer.pending.clear();
                    if writer.conflicted {
                        writer.forget();
                    }
                }
            }
            assert_eq!(stored(&store), model, "case {case}, step {step}");
        }
        tables.iter().for_each(CachingTable::rollback);
    }
    assert!(successes > 2_000 && conflicts > 2_000, "{successes} successes, {conflicts} conflicts");
}

/// With faults, and two writers that give up nothing: in the end every increment is there once.
#[tokio::test]
async fn every_increment_is_applied_once() {
    let (mut faults, mut in_doubt, mut decided) = (0, 0, 0);
    for case in 0..CASES {
        let mut random = fastrand::Rng::with_seed(case);
        let store = store().await;
        let tables: Vec<CachingTable<Shared, Store>> =
            [CachingTable::open(store.clone()).await.unwrap(), CachingTable::open(store.clone()).await.unwrap()].into();
        store.inner().at_random(case, 0.3, false);
        // The increments of which a request may have been sent, oldest first.
        let mut sent: [Vec<u32>; 2] = Default::default();
        let mut added = 0;
        for _ in 0..STEPS {
            let at = random.usize(..2);
            let table = &tables[at];
            match random.u8(..10) {
                0..4 if added < INCREMENTS => {
                    pend(table, Pended::Add(10i128.pow(added))).await;
                    sent[at].push(added);
                    added += 1;
                }
                0..9 => {
                    let outcome = commit(table, &store, &mut sent[at]).await;
                    in_doubt += u32::from(matches!(outcome, Some(Outcome::InDoubt(_))));
                }
                _ => table.refresh(),
            }
            assert!(digits(&store).iter().all(|digit| *digit <= 1), "case {case}: {}", stored(&store).sum);
        }
        faults += store.inner().injected();
        store.inner().heal();
        for at in [0, 1] {
            let mut rounds = 0;
            while tables[at].has_pending_operations() {
                if let Some(Outcome::InDoubt(_)) = commit(&tables[at], &store, &mut sent[at]).await {
                    // Others wrote since: whoever looks at the record can tell.
                    let digits = digits(&store);
                    let applied =
                        increments(&tables[at].pending_operations()[0].action).all(|at| digits.get(at) == Some(&1));
                    tables[at]
                        .resolve_in_doubt("s", if applied { Resolution::Applied } else { Resolution::NotApplied });
                    decided += 1;
                }
                tables[at].refresh();
                rounds += 1;
                assert!(rounds < 10, "case {case}: {:?}", tables[at].pending_operations());
            }
        }
        let digits = digits(&store);
        assert!(digits.len() == added as usize && digits.iter().all(|digit| *digit == 1), "case {case}: {digits:?}");
    }
    assert!(
        faults > 3_000 && in_doubt > 500 && decided > 10,
        "{faults} faults, {in_doubt} in doubt, {decided} decided"
    );
}

/// Which increments an action is made of. What is in doubt comes first among what is pending.
fn increments(action: &Action) -> impl Iterator<Item = usize> {
    let Action::Increment { by, .. } = action else { panic!("{action:?}") };
    let digits: Vec<char> = by.to_string().chars().rev().collect();
    digits.into_iter().enumerate().filter(|(_, digit)| *digit == '1').map(|(at, _)| at)
}

/// How often each increment was applied, the first one first.
fn digits(store: &Store) -> Vec<u32> {
    stored(store).sum.to_string().chars().rev().filter_map(|digit| digit.to_digit(10)).collect()
}

/// Commits, and checks that what is said of the oldest increments is true.
async fn commit(table: &CachingTable<Shared, Store>, store: &Store, sent: &mut Vec<u32>) -> Option<Outcome> {
    let done = table.commit_operations().await;
    let digits = digits(store);
    let is_applied = |at: &u32| digits.get(*at as usize) == Some(&1);
    if !table.has_pending_operations() {
        assert!(sent.iter().all(is_applied), "{sent:?} are said to be applied");
        sent.clear();
    }
    // What an earlier request in doubt carried may turn out to be applied, and the rest be refused.
    let outcome = done.err().map(|error| error.commit_report().unwrap().records[0].outcome.clone());
    if matches!(outcome, Some(Outcome::Rejected(_) | Outcome::NotSent(_))) {
        sent.retain(|at| !is_applied(at));
        let pending = table.pending_operations();
        assert_eq!(pending.is_empty(), sent.is_empty(), "{pending:?}, {sent:?}");
    }
    outcome
}
