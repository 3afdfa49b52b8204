use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// A token bucket: it holds what one second gives, and fills as time passes.
#[derive(Debug)]
pub(super) struct Bucket {
    per_second: f64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    pub(super) fn new(per_second: u32) -> Self {
        let per_second = f64::from(per_second.max(1));
        Bucket { per_second, state: Mutex::new(State { tokens: per_second, filled: Instant::now() }) }
    }

    /// Takes tokens, or says in how many seconds there will be enough. More than the bucket holds are taken when it is
    /// full, and have to come in again before anything else is.
    pub(super) fn take(&self, tokens: usize) -> Result<(), u64> {
        self.take_at(tokens, Instant::now())
    }

    fn take_at(&self, tokens: usize, now: Instant) -> Result<(), u64> {
        let wanted = (tokens as f64).min(self.per_second);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(state.filled).as_secs_f64();
        state.tokens = (state.tokens + passed * self.per_second).min(self.per_second);
        state.filled = now;
        if state.tokens >= wanted {
            state.tokens -= tokens as f64;
            return Ok(());
        }
        Err(((wanted - state.tokens) / self.per_second).ceil().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_holds_what_a_second_gives() {
        let start = Instant::now();
        let bucket = Bucket::new(10);
        assert_eq!((0..12).filter(|_| bucket.take_at(1, start).is_ok()).count(), 10);
        assert_eq!(bucket.take_at(1, start), Err(1));
        let later = start + Duration::from_millis(300);
        assert_eq!((0..12).filter(|_| bucket.take_at(1, later).is_ok()).count(), 3);
        let much_later = start + Duration::from_secs(60);
        assert_eq!(bucket.take_at(500, much_later), Ok(()), "more than it holds, when it is full");
        assert_eq!(bucket.take_at(1, much_later), Err(50));
        assert_eq!(bucket.take_at(1, much_later + Duration::from_secs(49)), Err(1));
        assert_eq!(bucket.take_at(1, much_later + Duration::from_secs(50)), Ok(()));
    }
}
