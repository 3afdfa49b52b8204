//! How many requests a caching table needs, beside a basic table that sends each operation at once.
//!
//! `cargo bench --bench requests` prints counts, which are the same on every machine. There is nothing to time.

mod workload;

use std::collections::BTreeSet;

use structnosql::{BasicTable, CachingTable, CommitMode, Dynamo, TableDataModel};
use structnosql_embedded::Embedded;
use structnosql_testkit::Counted;

use workload::{Account, Numbers, Step, session, spread};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
type Engine = Counted<Dynamo>;

async fn engine(records: usize) -> Outcome<Engine> {
    let engine = Counted::new(Embedded::in_memory()?.dynamo());
    let accounts = BasicTable::<Account, _>::open(engine.clone()).await?;
    for record in 0..records {
        accounts.put_record(&Account::numbered(record)).await?;
    }
    engine.reset();
    Ok(engine)
}

/// Sends every step through a table; gives the records that were changed.
macro_rules! run {
    ($table:expr, $steps:expr) => {{
        let f = Account::fields;
        let mut changed = BTreeSet::new();
        for (id, step) in $steps {
            match step {
                Step::Read => drop($table.get_field(id, (f().name(), f().visits())).await?),
                Step::Set(value) => $table.update_field(id, f().visits(), *value).await?,
                Step::Delete => $table.delete_field(id, f().city()).await?,
            }
            if !matches!(step, Step::Read) {
                changed.insert(id);
            }
        }
        changed
    }};
}

async fn compare(title: &str, records: usize, steps: Vec<Step>) -> Outcome {
    let steps = spread(steps, records);
    let at_once = engine(records).await?;
    run!(BasicTable::<Account, _>::attach(at_once.clone()), &steps);

    let folded = engine(records).await?;
    let accounts = CachingTable::<Account, _>::attach(folded.clone());
    let changed = run!(accounts, &steps);
    let before = folded.requests();
    let report = accounts.commit_operations().await?;

    let prefetched = engine(records).await?;
    let accounts = CachingTable::<Account, _>::attach(prefetched.clone());
    accounts.prefetch((0..records).map(|record| format!("a{record}"))).await?;
    run!(accounts, &steps);
    accounts.commit_operations().await?;

    println!("{title}: {} operations over {records} records", steps.len());
    println!("  a basic table:   {} requests", at_once.requests());
    println!("  a caching table: {} requests, {} of them in the commit", folded.requests(), report.requests());
    println!("  with a prefetch: {} requests", prefetched.requests());
    println!("  at the least:    {} updates, one for each record that changed", changed.len());
    assert_eq!(folded.requests() - before, changed.len(), "a commit takes one update a record");
    assert_eq!(
        prefetched.requests(),
        changed.len() + records.div_ceil(100),
        "a prefetch takes one for a hundred records"
    );
    Ok(())
}

/// The commit of the same operations in each of its modes, beside the fewest requests that DynamoDB allows.
///
/// One transaction takes 100 records: these are a unit of work of their own.
async fn modes(records: usize, steps: Vec<Step>) -> Outcome {
    let steps = spread(steps, records);
    let changed: BTreeSet<&String> = steps.iter().map(|(id, _)| id).collect();
    println!("the modes of a commit: {} operations, {} records changed", steps.len(), changed.len());
    for (name, mode, at_once) in [
        ("per record", CommitMode::PerRecord, 1),
        ("batched", CommitMode::Batched, 25),
        ("atomic", CommitMode::Atomic, 100),
    ] {
        let engine = engine(records).await?;
        let all: Vec<&String> = changed.iter().copied().collect();
        let (mut requests, mut units) = (0, 0);
        for together in all.chunks(if mode == CommitMode::Atomic { at_once } else { all.len() }) {
            let accounts = CachingTable::<Account, _>::attach(engine.clone());
            let own = steps.iter().filter(|(id, _)| together.contains(&id));
            run!(accounts, own);
            let commit = || match mode {
                CommitMode::Batched => accounts.commit_operations().batched(),
                CommitMode::Atomic => accounts.commit_operations().atomic(),
                _ => accounts.commit_operations(),
            };
            let plan = commit().plan();
            let report = commit().await?;
            assert_eq!(plan.requests(), report.requests() as usize, "{name}: as planned");
            requests += plan.requests();
            units += plan.write_units();
        }
        let least = changed.len().div_ceil(at_once);
        let least_units = changed.len() * if mode == CommitMode::Atomic { 2 } else { 1 };
        println!("  {name:<11} {requests} requests, {units} write units; at the least {least} and {least_units}");
        assert_eq!((engine.requests(), requests, units), (least, least, least_units as u64), "{name}");
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    compare("a session", 50, session(1_000)).await?;
    let mut numbers = Numbers(7);
    let writes: Vec<Step> =
        (0..10_000).map(|at| if at % 5 == 0 { Step::Delete } else { Step::Set(numbers.below(1_000)) }).collect();
    compare("a commit", 500, writes.clone()).await?;
    modes(500, writes).await
}
