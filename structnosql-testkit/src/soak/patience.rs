//! Running a future for a bounded time, counted in polls.
//!
//! No runtime is involved: nothing here waits for a timer or a socket, the order of events depends on the seed alone,
//! and a future that waits for something which nobody will do is found out at once.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// More polls than any call of the soak needs.
pub(crate) const ENOUGH: usize = 100_000;

/// Why a future came to no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// It waits, and nothing has woken it.
    Stuck,
    /// It was given up.
    Dropped,
}

/// Whether a task has something to do.
#[derive(Default)]
pub(crate) struct Woken(AtomicBool);

impl Woken {
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.set();
    }
}

/// Polls the future until it is done, or has been polled more often than any needs.
pub(crate) fn finish<F: Future>(future: F) -> Result<F::Output, Unfinished> {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    for _ in 0..ENOUGH {
        woken.clear();
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Ok(output);
        }
        if !woken.is_set() {
            return Err(Unfinished::Stuck);
        }
    }
    Err(Unfinished::Dropped)
}
