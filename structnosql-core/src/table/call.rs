//! The future that a verb returns.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

type Running<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A call of a verb: a future that does nothing until it is awaited, and takes options until then.
///
/// What can be answered without a request is answered at the first poll, without an allocation.
#[must_use = "nothing happens until it is awaited"]
pub struct Call<'a, I: Start<'a>> {
    input: Option<I>,
    running: Option<Running<'a, I::Output>>,
}

/// What a call does when it is first polled.
pub trait Start<'a>: Send {
    /// What awaiting the call gives.
    type Output;

    /// Answers at once, or starts what will.
    #[doc(hidden)]
    fn start(self) -> Started<'a, Self::Output>;
}

/// A call that has been answered, or is under way.
#[doc(hidden)]
pub enum Started<'a, T> {
    Done(T),
    Running(Running<'a, T>),
}

impl<'a, T> Started<'a, T> {
    pub(crate) fn running(future: impl Future<Output = T> + Send + 'a) -> Self {
        Started::Running(Box::pin(future))
    }
}

impl<'a, I: Start<'a>> Call<'a, I> {
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
impl<'a, I: Start<'a>> Unpin for Call<'a, I> {}

impl<'a, I: Start<'a>> Future for Call<'a, I> {
    type Output = I::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<I::Output> {
        if let Some(input) = self.input.take() {
            match input.start() {
                Started::Done(output) => return Poll::Ready(output),
                Started::Running(future) => self.running = Some(future),
            }
        }
        match &mut self.running {
            Some(future) => future.as_mut().poll(context),
            // Answered before: a future must not be polled after that, and this one never wakes again.
            None => Poll::Pending,
        }
    }
}

impl<'a, I: Start<'a>> fmt::Debug for Call<'a, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("started", &self.input.is_none()).finish_non_exhaustive()
    }
}
