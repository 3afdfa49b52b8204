use std::time::Duration;

use structnosql_core::Failure;

/// How often a request is sent, and how long the pauses are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retries {
    /// The most attempts, the first one included.
    pub attempts: u32,
    /// The longest pause after the first attempt; it doubles with each.
    pub first_pause: Duration,
    /// The longest pause of all.
    pub longest_pause: Duration,
}

/// Three attempts, with pauses of at most 100 ms and 200 ms.
impl Default for Retries {
    fn default() -> Self {
        Retries { attempts: 3, first_pause: Duration::from_millis(100), longest_pause: Duration::from_secs(5) }
    }
}

impl Retries {
    /// One attempt.
    pub const NONE: Retries = Retries { attempts: 1, first_pause: Duration::ZERO, longest_pause: Duration::ZERO };

    /// The pause after an attempt: at random up to twice as long each time, so that clients that failed together do not
    /// come back together, and as long as the service asks for at least.
    pub(crate) fn pause_after(&self, attempt: u32, asked_for: Option<Duration>) -> Duration {
        let doublings = attempt.saturating_sub(1).min(20);
        let ceiling = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        ceiling.mul_f64(fastrand::f64()).max(asked_for.unwrap_or_default().min(self.longest_pause))
    }
}

/// An attempt that failed, and how long the service asks to wait.
pub(crate) struct Failed {
    pub(crate) failure: Failure,
    pub(crate) retry_after: Option<Duration>,
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Failed { failure, retry_after: None }
    }
}
