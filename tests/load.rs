//! Clients of a service whose engine fails at random: `benches/load`, for two seconds.

#![allow(clippy::unwrap_used, dead_code, reason = "a test fails by a panic, and leaves latency to the bench")]

#[path = "../benches/load/clients.rs"]
mod clients;
#[path = "../benches/load/latency.rs"]
mod latency;
#[path = "../benches/load/service.rs"]
mod service;

use std::time::Duration;

use service::Load;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_write_is_lost_or_doubled() {
    let seed = fastrand::u64(..);
    // More goes wrong than in the bench, so that two seconds meet everything on a slow machine too.
    let load = Load { time: Duration::from_secs(2), seed, clients: 16, faults: 0.2 };
    let report = service::run(load).await.unwrap();
    assert_eq!(report.tally.wrong(), 0, "{report}");
    let tally = &report.tally;
    assert!(tally.applied > 0 && tally.in_doubt > 0 && report.faults > 0, "it shows nothing: {report}");
}
