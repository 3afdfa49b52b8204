//! A session of 1,000 operations and one commit, beside the SDK used directly and a record cache written by hand; both
//! also with the records fetched in batches beforehand.
//!
//! `cargo bench --bench session` runs all of them in turn, over an engine that answers at once and over one that takes
//! as long as DynamoDB does. Requests are the same everywhere; times are looked at as ratios within one round.

mod workload;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use structnosql::{BasicTable, CachingTable, Dynamo, TableDataModel};
use structnosql_embedded::{Embedded, EmbeddedHttpClient};

use workload::{Account, Step, session, spread};

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;
type Item = HashMap<String, AttributeValue>;

const RECORDS: usize = 50;
const TABLE: &str = "accounts";

/// The engine, as far away as it is said to be.
#[derive(Clone, Debug)]
struct Network {
    engine: EmbeddedHttpClient,
    latency: Duration,
    requests: Arc<AtomicUsize>,
}

impl HttpClient for Network {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Wire { network: self.clone(), end: self.engine.http_connector(settings, components) })
    }
}

#[derive(Debug)]
struct Wire {
    network: Network,
    end: SharedHttpConnector,
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        self.network.requests.fetch_add(1, Ordering::Relaxed);
        let (answer, latency) = (self.end.call(request), self.network.latency);
        HttpConnectorFuture::new(async move {
            if !latency.is_zero() {
                tokio::time::sleep(latency).await;
            }
            answer.await
        })
    }
}

/// Every operation is a request.
async fn directly(client: Client, steps: &[(String, Step)]) -> Outcome {
    for (id, step) in steps {
        match step {
            Step::Read => {
                let get = client.get_item().table_name(TABLE).key("id", AttributeValue::S(id.clone()));
                let names = get.projection_expression("#n, visits").expression_attribute_names("#n", "name");
                let item = names.consistent_read(true).send().await?.item.unwrap_or_default();
                std::hint::black_box(read(&item)?);
            }
            Step::Set(value) => {
                let update = client.update_item().table_name(TABLE).key("id", AttributeValue::S(id.clone()));
                let set = update.update_expression("SET visits = :v");
                set.expression_attribute_values(":v", AttributeValue::N(value.to_string())).send().await?;
            }
            Step::Delete => {
                let update = client.update_item().table_name(TABLE).key("id", AttributeValue::S(id.clone()));
                update.update_expression("REMOVE city").send().await?;
            }
        }
    }
    Ok(())
}

/// What a session reads of a record.
fn read(item: &Item) -> Outcome<(Option<String>, Option<u64>)> {
    let name = item.get("name").and_then(|name| name.as_s().ok()).cloned();
    let visits = item.get("visits").and_then(|visits| visits.as_n().ok());
    Ok((name, visits.map(|visits| visits.parse()).transpose()?))
}

/// What a team writes that has no caching table: whole records by key, and which of their attributes have changed.
struct RecordCache {
    client: Client,
    records: HashMap<String, (Item, BTreeSet<&'static str>)>,
}

impl RecordCache {
    /// Fetches records of which it knows that they are there, a hundred in one request.
    async fn fetch(&mut self, ids: &[String]) -> Outcome {
        for ids in ids.chunks(100) {
            let keys = ids.iter().map(|id| Item::from([("id".to_owned(), AttributeValue::S(id.clone()))]));
            let mut asked =
                Some(KeysAndAttributes::builder().set_keys(Some(keys.collect())).consistent_read(true).build()?);
            while let Some(keys) = asked {
                let answer = self.client.batch_get_item().request_items(TABLE, keys).send().await?;
                let items = answer.responses.unwrap_or_default().remove(TABLE).unwrap_or_default();
                for item in items {
                    let id = item.get("id").and_then(|id| id.as_s().ok()).cloned().ok_or("no id")?;
                    self.records.insert(id, (item, BTreeSet::new()));
                }
                asked = answer.unprocessed_keys.unwrap_or_default().remove(TABLE);
            }
        }
        Ok(())
    }

    async fn record(&mut self, id: &str) -> Outcome<&mut (Item, BTreeSet<&'static str>)> {
        if !self.records.contains_key(id) {
            let get = self.client.get_item().table_name(TABLE).key("id", AttributeValue::S(id.to_owned()));
            let item = get.consistent_read(true).send().await?.item.unwrap_or_default();
            self.records.insert(id.to_owned(), (item, BTreeSet::new()));
        }
        Ok(self.records.get_mut(id).ok_or("it was put there")?)
    }

    async fn commit(&mut self) -> Outcome {
        for (id, (item, changed)) in self.records.iter_mut().filter(|(_, (_, changed))| !changed.is_empty()) {
            let (mut sets, mut removes) = (Vec::new(), Vec::new());
            let mut update = self.client.update_item().table_name(TABLE).key("id", AttributeValue::S(id.clone()));
            for (at, attribute) in changed.iter().enumerate() {
                update = update.expression_attribute_names(format!("#n{at}"), *attribute);
                match item.get(*attribute) {
                    Some(value) => {
                        update = update.expression_attribute_values(format!(":v{at}"), value.clone());
                        sets.push(format!("#n{at} = :v{at}"));
                    }
                    None => removes.push(format!("#n{at}")),
                }
            }
            let clause = |word: &str, parts: &[String]| match parts {
                [] => String::new(),
                parts => format!("{word} {} ", parts.join(", ")),
            };
            let expression = clause("SET", &sets) + &clause("REMOVE", &removes);
            update.update_expression(expression).send().await?;
            changed.clear();
        }
        Ok(())
    }
}

async fn by_hand(client: Client, fetched: &[String], steps: &[(String, Step)]) -> Outcome {
    let mut cache = RecordCache { client, records: HashMap::new() };
    cache.fetch(fetched).await?;
    for (id, step) in steps {
        let (item, changed) = cache.record(id).await?;
        match step {
            Step::Read => drop(std::hint::black_box(read(item)?)),
            Step::Set(value) => {
                item.insert("visits".to_owned(), AttributeValue::N(value.to_string()));
                changed.insert("visits");
            }
            Step::Delete => {
                item.remove("city");
                changed.insert("city");
            }
        }
    }
    cache.commit().await
}

async fn as_unit_of_work(client: Client, fetched: &[String], steps: &[(String, Step)]) -> Outcome {
    let (accounts, f) = (CachingTable::<Account, _>::attach(Dynamo::new(client)), Account::fields);
    let (name, visits, city) = (f().name(), f().visits(), f().city());
    if !fetched.is_empty() {
        accounts.prefetch(fetched).await?;
    }
    for (id, step) in steps {
        match step {
            Step::Read => drop(std::hint::black_box(accounts.get_field(id, (&name, &visits)).await?)),
            Step::Set(value) => accounts.update_field(id, &visits, *value).await?,
            Step::Delete => accounts.delete_field(id, &city).await?,
        }
    }
    accounts.commit_operations().await?;
    Ok(())
}

#[derive(Clone, Copy)]
enum Way {
    Directly,
    ByHand(Fetch),
    UnitOfWork(Fetch),
}

#[derive(Clone, Copy)]
enum Fetch {
    WhenUsed,
    /// All records of the session, in batches.
    Beforehand,
}

impl Fetch {
    /// The records that are fetched before the session.
    fn beforehand(self) -> Vec<String> {
        match self {
            Fetch::WhenUsed => Vec::new(),
            Fetch::Beforehand => (0..RECORDS).map(|record| format!("a{record}")).collect(),
        }
    }
}

struct Taken {
    requests: usize,
    time: Duration,
    /// What is stored afterwards.
    stored: Vec<Option<Account>>,
}

async fn run(way: Way, latency: Duration, steps: &[(String, Step)]) -> Outcome<Taken> {
    let engine = Embedded::in_memory()?;
    let accounts = BasicTable::<Account, _>::open(engine.dynamo()).await?;
    for record in 0..RECORDS {
        accounts.put_record(&Account::numbered(record)).await?;
    }
    let network = Network { engine: engine.http_client(), latency, requests: Arc::default() };
    let client = Client::from_conf(engine.client().config().to_builder().http_client(network.clone()).build());
    let start = Instant::now();
    match way {
        Way::Directly => directly(client, steps).await?,
        Way::ByHand(fetch) => by_hand(client, &fetch.beforehand(), steps).await?,
        Way::UnitOfWork(fetch) => as_unit_of_work(client, &fetch.beforehand(), steps).await?,
    }
    let time = start.elapsed();
    let mut stored = Vec::new();
    for record in 0..RECORDS {
        stored.push(accounts.get_record(format!("a{record}")).await?);
    }
    Ok(Taken { requests: network.requests.load(Ordering::Relaxed), time, stored })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

async fn compare(latency: Duration, rounds: usize, steps: &[(String, Step)]) -> Outcome {
    // Each with the place of the cache by hand that fetches as it does.
    let ways = [
        ("the SDK, each operation a request", Way::Directly, 1),
        ("a record cache by hand", Way::ByHand(Fetch::WhenUsed), 1),
        ("a caching table", Way::UnitOfWork(Fetch::WhenUsed), 1),
        ("a cache by hand, fetched in batches", Way::ByHand(Fetch::Beforehand), 3),
        ("a caching table, prefetched", Way::UnitOfWork(Fetch::Beforehand), 3),
    ];
    let mut taken = [const { Vec::<Taken>::new() }; 5];
    // In turn, so that whatever else the machine does meets all of them.
    for _ in 0..rounds {
        for ((_, way, _), taken) in ways.iter().zip(&mut taken) {
            taken.push(run(*way, latency, steps).await?);
        }
    }
    println!("{} operations over {RECORDS} records, {latency:?} a request, {rounds} rounds", steps.len());
    for ((name, _, by_hand), one) in ways.iter().zip(&taken) {
        let pairs = || one.iter().zip(&taken[*by_hand]);
        assert!(pairs().all(|(one, by_hand)| one.stored == by_hand.stored), "{name}: another outcome");
        let ratios: Vec<f64> =
            pairs().map(|(one, by_hand)| one.time.as_secs_f64() / by_hand.time.as_secs_f64()).collect();
        let (least, most) = ratios.iter().fold((f64::MAX, 0f64), |(least, most), r| (least.min(*r), most.max(*r)));
        let time = median(one.iter().map(|taken| taken.time.as_secs_f64() * 1e3).collect());
        let requests = one.iter().map(|taken| taken.requests).max().unwrap_or_default();
        println!(
            "  {name:36} {requests:5} requests  {time:8.1} ms  {:.2} × by hand ({least:.2} to {most:.2})",
            median(ratios)
        );
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let steps = spread(session(1_000), RECORDS);
    compare(Duration::ZERO, 15, &steps).await?;
    compare(Duration::from_millis(5), 3, &steps).await
}
