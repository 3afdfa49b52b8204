//! What the cache says that it was good for, compared with what was called and sent.

use structnosql_core::CacheStatistics;

use super::bench::Checked;
use super::start::Answer;
use super::step::Call;

/// What a call adds to the statistics.
#[derive(Debug, PartialEq)]
struct Added {
    /// Reads by key, whether they took a request or not.
    reads: u64,
    misses: u64,
    read_requests: u64,
    pended: u64,
    write_requests: u64,
}

impl Added {
    fn between(before: CacheStatistics, after: CacheStatistics) -> Added {
        Added {
            reads: after.hits + after.misses - before.hits - before.misses,
            misses: after.misses - before.misses,
            read_requests: after.read_requests - before.read_requests,
            pended: after.pended - before.pended,
            write_requests: after.write_requests - before.write_requests,
        }
    }
}

/// Checks what one call that nothing disturbed, and that sent so many requests, has added to the statistics.
pub(super) fn check(
    call: &Call,
    answer: &Answer,
    sent: usize,
    before: CacheStatistics,
    after: CacheStatistics,
) -> Checked {
    let added = Added::between(before, after);
    let sent = sent as u64;
    let nothing = Added { reads: 0, misses: 0, read_requests: 0, pended: 0, write_requests: 0 };
    let expected = match (call, answer) {
        (Call::Read { .. }, Answer::Read(Ok(_), _)) => {
            Added { reads: 1, misses: u64::from(sent > 0), read_requests: sent, ..nothing }
        }
        (Call::ReadMany(records), Answer::Values(Ok(_))) => {
            // How many of them were known is the cache's affair; those that were not take a request.
            if (added.misses > 0) != (sent > 0) {
                return Err(format!("{} misses with {sent} requests", added.misses));
            }
            Added { reads: records.len() as u64, misses: added.misses, read_requests: sent, ..nothing }
        }
        (Call::Prefetch(_), Answer::Written(Ok(()))) => Added { read_requests: sent, ..nothing },
        (Call::Write(write), Answer::Written(Ok(()))) if !write.return_old => {
            Added { pended: 1, write_requests: sent, ..nothing }
        }
        (Call::Commit { .. }, Answer::Committed(_)) => Added { write_requests: sent, ..nothing },
        (
            Call::Query { .. } | Call::QueryOne { .. } | Call::Put { .. } | Call::Delete { .. } | Call::WriteMany(_),
            _,
        ) => nothing,
        _ => return Ok(()),
    };
    if added == expected { Ok(()) } else { Err(format!("the statistics count {added:?}, expected {expected:?}")) }
}
