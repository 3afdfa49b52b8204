//! Letting other tasks run.

use std::pin::Pin;
use std::task::{Context, Poll};

/// Gives way once, under any executor: it wakes its own task and asks for no timer.
pub(super) fn pause() -> Pause {
    Pause { paused: false }
}

pub(super) struct Pause {
    paused: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.paused {
            return Poll::Ready(());
        }
        self.paused = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
