use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Semaphore;

/// What one client may take up, so that the others are served too.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Limits {
    /// The largest body of a request, in bytes; a larger one is answered with 413.
    pub body_bytes: usize,
    /// The most operations of one POST; more are answered with 413. The client in Rust sends up to 1,000.
    pub operations: usize,
    /// The most items that one page of a query looks at. A page that is asked to be larger is smaller, and says where to
    /// go on.
    pub page_items: u32,
    /// How long a client may take for the head of a request, in milliseconds; then its connection is closed.
    pub header_ms: u64,
    /// How long it may take for the body, in milliseconds; then it is answered with 408.
    pub body_ms: u64,
    /// The most bytes of bodies, in all, that are read of clients that are not known yet, since their key is in the body;
    /// more are answered with 429.
    pub unknown_bytes: usize,
    /// How long a client may take nothing of its answer, in milliseconds; then its connection is closed.
    pub write_ms: u64,
    /// The bytes of answers from which on no more operations of a POST are run: those that are left are answered as too
    /// large.
    pub answer_bytes: usize,
    /// How long a request may take the service, in milliseconds; then it is answered with 504. The database's answer to
    /// one operation is not waited for any longer either.
    pub request_ms: u64,
    /// The most connections; more wait to be accepted.
    pub connections: usize,
    /// The most requests that are run at the same time; more are answered with 429.
    pub requests: usize,
    /// The most requests of one client that are read or run at the same time; more are answered with 429.
    pub client_requests: usize,
    /// For how long the answer to a write is kept for its repetition, in milliseconds.
    pub repeat_ms: u64,
    /// The most writes of one client that are remembered so long; those beyond it are answered with 429.
    pub repeat_answers: usize,
    /// The most bytes of one client's answers that are kept. An older one that has made room is not given again, and its
    /// write is not run again: its repetition is told that it was run.
    pub repeat_bytes: usize,
    /// How long requests under way may take when the service is told to stop, in milliseconds.
    pub drain_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body_bytes: 4 * 1024 * 1024,
            operations: 1_000,
            page_items: 1_000,
            header_ms: 10_000,
            body_ms: 10_000,
            unknown_bytes: 64 * 1024 * 1024,
            write_ms: 10_000,
            answer_bytes: 32 * 1024 * 1024,
            request_ms: 30_000,
            connections: 4_096,
            requests: 256,
            client_requests: 128,
            repeat_ms: 120_000,
            repeat_answers: 100_000,
            repeat_bytes: 32 * 1024 * 1024,
            drain_ms: 30_000,
        }
    }
}

/// So many places; more than there can be are as many as there can be.
pub(crate) fn places(count: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(count.min(Semaphore::MAX_PERMITS)))
}

impl Limits {
    /// A limit that is 0 where nothing could be served then, by its name in a file.
    #[cfg(feature = "server")]
    pub(crate) fn without_room(&self) -> Option<&'static str> {
        let times = [
            ("header-ms", self.header_ms),
            ("body-ms", self.body_ms),
            ("write-ms", self.write_ms),
            ("request-ms", self.request_ms),
        ];
        let counts = [
            ("body-bytes", self.body_bytes),
            ("operations", self.operations),
            ("page-items", self.page_items as usize),
            ("answer-bytes", self.answer_bytes),
            ("connections", self.connections),
            ("requests", self.requests),
            ("client-requests", self.client_requests),
            ("repeat-answers", self.repeat_answers),
        ];
        let times = times.into_iter().map(|(name, time)| (name, time == 0));
        let counts = counts.into_iter().map(|(name, count)| (name, count == 0));
        times.chain(counts).find_map(|(name, is_zero)| is_zero.then_some(name))
    }

    pub(crate) fn header_time(&self) -> Duration {
        Duration::from_millis(self.header_ms)
    }

    pub(crate) fn body_time(&self) -> Duration {
        Duration::from_millis(self.body_ms)
    }

    pub(crate) fn write_time(&self) -> Duration {
        Duration::from_millis(self.write_ms)
    }

    pub(crate) fn request_time(&self) -> Duration {
        Duration::from_millis(self.request_ms)
    }

    pub(crate) fn repeat_time(&self) -> Duration {
        Duration::from_millis(self.repeat_ms)
    }

    pub(crate) fn drain_time(&self) -> Duration {
        Duration::from_millis(self.drain_ms)
    }
}
