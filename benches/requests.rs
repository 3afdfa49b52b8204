//! How many requests a caching table needs, beside a basic table that sends each operation at once.
//!
//! `cargo bench --bench requests` prints counts, which are the same on every machine. There is nothing to time.

use std::collections::BTreeSet;

use structnosql::{BasicTable, CachingTable, Dynamo, TableDataModel};
use structnosql_embedded::Embedded;
use structnosql_testkit::Counted;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts")]
struct Account {
    #[field(partition_key)]
    id: String,
    name: Option<String>,
    city: Option<String>,
    visits: Option<u64>,
    score: Option<i64>,
}

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
type Engine = Counted<Dynamo>;

/// One step of a workload.
#[derive(Clone, Copy)]
enum Step {
    Read,
    Set(u64),
    Delete,
}

/// A small generator of numbers: the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// A record: the first one is asked for most, by Zipf's law.
    fn record(&mut self, weights: &[u64]) -> String {
        let mut left = self.below(weights.iter().sum());
        let at = weights.iter().position(|weight| {
            left < *weight || {
                left -= weight;
                false
            }
        });
        format!("a{}", at.unwrap_or(0))
    }
}

async fn engine(records: usize) -> Outcome<Engine> {
    let engine = Counted::new(Embedded::in_memory()?.dynamo());
    let accounts = BasicTable::<Account, _>::open(engine.clone()).await?;
    for record in 0..records {
        let text = || Some("x".to_owned());
        let account = Account { id: format!("a{record}"), name: text(), city: text(), visits: Some(0), score: Some(0) };
        accounts.put_record(&account).await?;
    }
    engine.reset();
    Ok(engine)
}

/// Sends every step through a table; gives the records that were read first and those that were changed.
macro_rules! run {
    ($table:expr, $records:expr, $steps:expr, $seed:expr) => {{
        let (f, mut numbers) = (Account::fields, Numbers($seed));
        let weights: Vec<u64> = (1..=$records as u64).map(|rank| 1_000_000 / rank).collect();
        let mut changed = BTreeSet::new();
        for step in $steps {
            let id = numbers.record(&weights);
            match step {
                Step::Read => drop($table.get_field(&id, (f().name(), f().visits())).await?),
                Step::Set(value) => $table.update_field(&id, f().visits(), value).await?,
                Step::Delete => $table.delete_field(&id, f().city()).await?,
            }
            if !matches!(step, Step::Read) {
                changed.insert(id);
            }
        }
        changed
    }};
}

/// 69 % reads, 25 % sets, 6 % deletes.
fn session(count: usize, numbers: &mut Numbers) -> Vec<Step> {
    let step = |_| match numbers.below(100) {
        0..69 => Step::Read,
        69..94 => Step::Set(7),
        _ => Step::Delete,
    };
    (0..count).map(step).collect()
}

async fn compare(title: &str, records: usize, steps: &[Step]) -> Outcome {
    let at_once = engine(records).await?;
    run!(BasicTable::<Account, _>::attach(at_once.clone()), records, steps.iter().copied(), 42);

    let folded = engine(records).await?;
    let accounts = CachingTable::<Account, _>::attach(folded.clone());
    let changed = run!(accounts, records, steps.iter().copied(), 42);
    let before = folded.requests();
    let report = accounts.commit_operations().await?;

    let prefetched = engine(records).await?;
    let accounts = CachingTable::<Account, _>::attach(prefetched.clone());
    accounts.prefetch((0..records).map(|record| format!("a{record}"))).await?;
    run!(accounts, records, steps.iter().copied(), 42);
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

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let mut numbers = Numbers(7);
    compare("a session", 50, &session(1_000, &mut numbers)).await?;
    let writes: Vec<Step> =
        (0..10_000).map(|at| if at % 5 == 0 { Step::Delete } else { Step::Set(numbers.below(1_000)) }).collect();
    compare("a commit", 500, &writes).await
}
