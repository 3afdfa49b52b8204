//! The future that a verb returns.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::Error;

/// A call that is under way, in a box.
pub(crate) type Running<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A call of a verb: a future that does nothing until it is awaited, and takes options until then.
///
/// What can be answered without a request is answered at the first poll, without an allocation.
///
/// It is `Send`: it may be awaited in tasks that are spawned.
// Invariant: neither it nor `Start` has a lifetime beside that of its input. Where a spawned task is checked for
// `Send`, the compiler takes every lifetime in it for another one, and two that must be the same cannot be proved so.
#[must_use = "nothing happens until it is awaited"]
pub struct Call<I: Start> {
    state: State<I>,
    /// It was answered at the first poll. The input stays until the call is dropped: to drop it before would be to look
    /// at it twice.
    answered: bool,
}

enum State<I: Start> {
    Unpolled(I),
    Running(I::Running),
    /// Answered: a future must not be polled after that, and this one never wakes again.
    Spent,
}

/// What a call does when it is first polled.
pub trait Start: Send {
    /// What awaiting the call gives.
    type Output;
    /// The call under way.
    #[doc(hidden)]
    type Running: Future<Output = Self::Output> + Send + Unpin;

    /// Answers where that takes no request. The input stays where it is: to move it costs more than a cached read.
    #[doc(hidden)]
    fn now(&mut self) -> Option<Self::Output> {
        None
    }

    /// Starts what will answer, or says what is wrong with the input.
    #[doc(hidden)]
    fn run(self) -> Self::Running;
}

/// A call that is refused.
pub(crate) fn refused<'a, T: Send + 'a>(error: Error) -> Running<'a, Result<T, Error>> {
    Box::pin(std::future::ready(Err(error)))
}

impl<I: Start> Call<I> {
    #[inline]
    pub(crate) fn new(input: I) -> Self {
        Call { state: State::Unpolled(input), answered: false }
    }

    /// A call that was answered before.
    pub(crate) fn spent() -> Self {
        Call { state: State::Spent, answered: false }
    }

    /// The call with its input changed; one that was polled already stays as it is.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut I)) -> Self {
        self.input_mut().map(change);
        self
    }

    #[inline]
    pub(crate) fn input_mut(&mut self) -> Option<&mut I> {
        match &mut self.state {
            State::Unpolled(input) if !self.answered => Some(input),
            _ => None,
        }
    }

    pub(crate) fn into_input(self) -> Option<I> {
        match self.state {
            State::Unpolled(input) if !self.answered => Some(input),
            _ => None,
        }
    }

    fn poll_running(&mut self, context: &mut Context<'_>) -> Poll<I::Output> {
        let mut running = match std::mem::replace(&mut self.state, State::Spent) {
            State::Unpolled(input) if !self.answered => input.run(),
            State::Running(running) => running,
            State::Unpolled(_) | State::Spent => return Poll::Pending,
        };
        let polled = Pin::new(&mut running).poll(context);
        if polled.is_pending() {
            self.state = State::Running(running);
        }
        polled
    }
}

/// Nothing in it is ever pinned in place.
impl<I: Start> Unpin for Call<I> {}

impl<I: Start> Future for Call<I> {
    type Output = I::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<I::Output> {
        match self.input_mut().and_then(I::now) {
            Some(output) => {
                self.answered = true;
                Poll::Ready(output)
            }
            None => self.poll_running(context),
        }
    }
}

impl<I: Start> fmt::Debug for Call<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("started", &(self.answered || !matches!(self.state, State::Unpolled(_))))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};
    use std::task::Waker;

    use super::*;

    /// Counts how often it is asked.
    struct Asked(u32);

    impl Start for Asked {
        type Output = u32;
        type Running = Ready<u32>;

        fn now(&mut self) -> Option<u32> {
            self.0 += 1;
            Some(self.0)
        }

        fn run(self) -> Ready<u32> {
            ready(0)
        }
    }

    #[test]
    fn an_answered_call_does_nothing_more() {
        let mut call = Call::new(Asked(0));
        let context = &mut Context::from_waker(Waker::noop());
        assert_eq!(Pin::new(&mut call).poll(context), Poll::Ready(1));
        assert_eq!(Pin::new(&mut call).poll(context), Poll::Pending);
        assert_eq!(call.with(|input| input.0 = 7).into_input().map(|input| input.0), None);
    }
}
