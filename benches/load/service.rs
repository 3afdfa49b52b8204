//! The service under load, and what came of it.

use std::fmt;
use std::time::{Duration, Instant};

use structnosql::BasicTable;
use structnosql_embedded::Embedded;
use structnosql_external::External;
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Limits, Schema, Server};
use structnosql_testkit::Faulty;

use crate::clients::{Client, Entry, Tally};

/// What is run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) time: Duration,
    pub(crate) seed: u64,
    pub(crate) clients: u64,
    /// The share of the engine's requests that go wrong.
    pub(crate) faults: f64,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Report {
    load: Load,
    took: Duration,
    pub(crate) tally: Tally,
    pub(crate) faults: u64,
    /// Where the system tells.
    pub(crate) memory: Option<Memory>,
}

/// What the process holds of memory, in bytes: after a fifth of the time, when every buffer has been used, in the
/// middle, and at the end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    start: u64,
    middle: u64,
    end: u64,
}

impl Memory {
    /// Allocators keep what they have, so some growth is none.
    pub(crate) fn is_flat(&self) -> bool {
        self.end <= self.middle + self.middle / 10 + 16 * 1024 * 1024
    }
}

pub(crate) async fn run(load: Load) -> Result<Report, Box<dyn std::error::Error + Send + Sync>> {
    let engine = Embedded::in_memory()?.dynamo();
    BasicTable::<Entry, _>::open(engine.clone()).await?;
    let faulty = Faulty::new(engine.clone());
    let key = |client: u64| format!("the key of client {client}");
    // Answers are kept for a shorter time than by default, so that memory shows within minutes whether it is flat.
    let limits = Limits { repeat_ms: 5_000, ..Limits::default() };
    let builder = Gateway::builder(faulty.clone()).table(Schema::of::<Entry>()).limits(limits);
    let builder = (0..load.clients).fold(builder, |builder, client| {
        builder.key(ApiKey::new(client.to_string(), KeyHash::of(&key(client))).grant(Grant::everything("load")))
    });
    let server = Server::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", server.local_addr()?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(builder.build(), async {
        stopped.await.ok();
    }));
    faulty.at_random(load.seed, load.faults, false);

    let began = Instant::now();
    let mut clients = Vec::new();
    for number in 0..load.clients {
        let client = Client {
            external: External::at(&address)?.with_key(&key(number))?,
            engine: engine.clone(),
            name: format!("c{number}"),
            rng: fastrand::Rng::with_seed(load.seed.wrapping_add(number)),
        };
        clients.push(tokio::spawn(client.run(began + load.time)));
    }
    let memory = watch(load.time);
    let memory = memory.await;
    let mut tally = Tally::default();
    for client in clients {
        tally.add(&client.await??);
    }
    let took = began.elapsed();
    stop.send(()).ok();
    serving.await?;
    Ok(Report { load, took, tally, faults: faulty.injected(), memory })
}

async fn watch(time: Duration) -> Option<Memory> {
    tokio::time::sleep(time / 5).await;
    let start = resident()?;
    tokio::time::sleep(time * 3 / 10).await;
    let middle = resident()?;
    tokio::time::sleep(time / 2).await;
    Some(Memory { start, middle, end: resident()? })
}

/// What Linux says that the process holds.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kilobytes.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally { applied, refused, in_doubt, reads, failed_reads, lost, doubled, not_refused, .. } = &self.tally;
        let seconds = self.took.as_secs_f64();
        let speed = (applied + refused + in_doubt + reads) as f64 / seconds;
        writeln!(
            f,
            "{} clients, seed {}, {seconds:.1} s: {speed:.0} operations a second, {} requests of the engine failed",
            self.load.clients, self.load.seed, self.faults
        )?;
        writeln!(f, "writes: {applied} applied, {refused} refused, {in_doubt} in doubt; {}", self.tally.write_time)?;
        writeln!(f, "reads: {reads}, of which {failed_reads} failed; {}", self.tally.read_time)?;
        writeln!(f, "writes without a service, in between: {}", self.tally.direct_write_time)?;
        writeln!(f, "reads without a service, in between: {}", self.tally.direct_read_time)?;
        if let Some(Memory { start, middle, end }) = self.memory {
            let [start, middle, end] = [start, middle, end].map(|bytes| bytes as f64 / (1024.0 * 1024.0));
            writeln!(f, "memory: {start:.0} MB at the start, {middle:.0} MB in the middle, {end:.0} MB at the end")?;
        }
        write!(f, "{lost} writes lost, {doubled} records counted twice, {not_refused} applied though refused")
    }
}
