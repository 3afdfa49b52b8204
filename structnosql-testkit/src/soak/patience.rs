//! Running a future for a bounded time, counted in polls.
//!
//! Nothing here waits for a clock or a socket: time stands still until everybody waits, and then passes at once. The
//! order of events depends on the seed alone, and a future that waits for something which nobody will do is found out.

use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

/// More polls than any call of the soak needs.
pub(crate) const ENOUGH: usize = 100_000;

/// Longer than any pause of a call, and far less than a token lives.
const PAUSE: Duration = Duration::from_secs(10);

thread_local! {
    static TIME: io::Result<Runtime> = Builder::new_current_thread().enable_time().start_paused(true).build();
}

/// Does something while time stands still.
pub(crate) fn outside_time<T>(act: impl FnOnce() -> T) -> T {
    TIME.with(|time| {
        let _entered = time.as_ref().ok().map(Runtime::enter);
        act()
    })
}

/// Lets whoever pauses go on.
pub(crate) fn pass_time() {
    pass(PAUSE);
}

/// Lets so much time pass.
pub(crate) fn pass(time: Duration) {
    TIME.with(|clock| {
        if let Ok(clock) = clock {
            clock.block_on(tokio::time::sleep(time));
        }
    });
}

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

/// A future that goes on one poll at a time.
pub(crate) struct Underway<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    woken: Arc<Woken>,
}

impl<T> Underway<T> {
    pub(crate) fn new(future: impl Future<Output = T> + 'static) -> Self {
        let woken = Arc::new(Woken::default());
        woken.set();
        Underway { future: Box::pin(future), woken }
    }

    /// Whether it has something to do.
    pub(crate) fn is_ready(&self) -> bool {
        self.woken.is_set()
    }

    pub(crate) fn poll(&mut self) -> Poll<T> {
        self.woken.clear();
        let waker = Waker::from(self.woken.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
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
            pass_time();
        }
        if !woken.is_set() {
            return Err(Unfinished::Stuck);
        }
    }
    Err(Unfinished::Dropped)
}
