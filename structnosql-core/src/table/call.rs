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
    input: Option<I>,
    running: Option<I::Running>,
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
        Call { input: Some(input), running: None }
    }

    /// A call that was answered before.
    pub(crate) fn spent() -> Self {
        Call { input: None, running: None }
    }

    /// The call with its input changed; one that was polled already stays as it is.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut I)) -> Self {
        if let Some(input) = &mut self.input {
            change(input);
        }
        self
    }

    pub(crate) fn input_mut(&mut self) -> Option<&mut I> {
        self.input.as_mut()
    }

    pub(crate) fn into_input(self) -> Option<I> {
        self.input
    }

    fn poll_running(&mut self, context: &mut Context<'_>) -> Poll<I::Output> {
        if let Some(input) = self.input.take() {
            self.running = Some(input.run());
        }
        match &mut self.running {
            Some(future) => Pin::new(future).poll(context),
            // Answered before: a future must not be polled after that, and this one never wakes again.
            None => Poll::Pending,
        }
    }
}

/// Nothing in it is ever pinned in place.
impl<I: Start> Unpin for Call<I> {}

impl<I: Start> Future for Call<I> {
    type Output = I::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<I::Output> {
        match self.input.as_mut().and_then(I::now) {
            Some(output) => {
                self.input = None;
                Poll::Ready(output)
            }
            None => self.poll_running(context),
        }
    }
}

impl<I: Start> fmt::Debug for Call<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("started", &self.input.is_none()).finish_non_exhaustive()
    }
}
