//! The future that a verb returns.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A call that is under way, in a box.
pub(super) type Running<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

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

    /// Answers at once, or starts what will.
    #[doc(hidden)]
    fn start(self) -> Started<Self::Output, Self::Running>;
}

/// A call that has been answered, or is under way.
#[doc(hidden)]
pub enum Started<T, F> {
    Done(T),
    Running(F),
}

impl<'a, T> Started<T, Running<'a, T>> {
    pub(crate) fn running(future: impl Future<Output = T> + Send + 'a) -> Self {
        Started::Running(Box::pin(future))
    }
}

impl<I: Start> Call<I> {
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

    pub(crate) fn into_input(self) -> Option<I> {
        self.input
    }
}

/// Nothing in it is ever pinned in place.
impl<I: Start> Unpin for Call<I> {}

impl<I: Start> Future for Call<I> {
    type Output = I::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<I::Output> {
        if let Some(input) = self.input.take() {
            match input.start() {
                Started::Done(output) => return Poll::Ready(output),
                Started::Running(future) => self.running = Some(future),
            }
        }
        match &mut self.running {
            Some(future) => Pin::new(future).poll(context),
            // Answered before: a future must not be polled after that, and this one never wakes again.
            None => Poll::Pending,
        }
    }
}

impl<I: Start> fmt::Debug for Call<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("started", &self.input.is_none()).finish_non_exhaustive()
    }
}
