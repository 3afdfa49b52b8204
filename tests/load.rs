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
    let report = service::run(Load { time: Duration::from_secs(2), seed, clients: 16 }).await.unwrap();
    assert_eq!(report.tally.wrong(), 0, "{report}");
    // It shows something only where it has met everything.
    let tally = &report.tally;
    for met in [tally.applied, tally.refused, tally.in_doubt, tally.reads, tally.failed_reads, report.faults] {
        assert!(met > 0, "{report}");
    }
}
