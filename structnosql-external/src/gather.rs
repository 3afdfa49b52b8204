//! Requests that are waited for together, in one POST.
//!
//! Work that is gathered is polled until it waits for nothing but answers; the requests that it has made by then go
//! together. Nothing is waited for longer than it would be apart, and no request is held back for another.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use serde::Serialize;
use structnosql_core::{Failure, FailureClass};
use tokio::sync::oneshot;

use crate::client::External;
use crate::wire::extension::{Answer, Operation};

/// The most operations of one POST.
pub(crate) const MAX_OPERATIONS: usize = 1_000;
/// The most bytes of the operations of one POST, unless a single one has more.
const MAX_BYTES: usize = 3 * 1024 * 1024;

/// What came of one operation.
type Outcome = Result<Option<Answer>, Failure>;

tokio::task_local! {
    /// What the work that is being polled has asked for.
    static ASKED: Arc<Asked>;
}

/// Requests that wait to be sent together.
struct Asked {
    /// Whose they are: work may use several services.
    service: usize,
    waiting: Mutex<Vec<(Operation, oneshot::Sender<Outcome>)>>,
}

impl Asked {
    fn take(&self) -> Vec<(Operation, oneshot::Sender<Outcome>)> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl External {
    /// Leaves an operation to the work that it is part of; gives it back where it is part of none.
    pub(crate) fn gathered(
        &self,
        operation: Operation,
    ) -> Result<impl Future<Output = Outcome> + use<>, Box<Operation>> {
        let asked = ASKED.try_with(Arc::clone).ok().filter(|asked| asked.service == self.identity());
        let Some(asked) = asked else { return Err(Box::new(operation)) };
        let (answer, answered) = oneshot::channel();
        asked.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((operation, answer));
        Ok(async {
            let lost = || Failure::new(FailureClass::Interrupted, "the work that it was part of has ended");
            answered.await.unwrap_or_else(|_| Err(lost()))
        })
    }

    /// Runs work, and sends together what it asks for at the same time.
    pub(crate) async fn gather_work<F: Future>(&self, work: F) -> F::Output {
        let asked = Arc::new(Asked { service: self.identity(), waiting: Mutex::default() });
        let mut work = pin!(ASKED.scope(asked.clone(), work));
        let mut posts = FuturesUnordered::new();
        let driven = poll_fn(|context| {
            loop {
                if let Poll::Ready(output) = work.as_mut().poll(context) {
                    return Poll::Ready(output);
                }
                posts.extend(in_posts(asked.take()).into_iter().map(|post| self.post_gathered(post)));
                match posts.poll_next_unpin(context) {
                    // Answers were handed out: the work may go on.
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) | Poll::Pending => return Poll::Pending,
                }
            }
        });
        // Otherwise the runtime would have some of the work wait for its turn, and its requests come too late.
        tokio::task::unconstrained(driven).await
    }

    async fn post_gathered(&self, asked: Vec<(Operation, oneshot::Sender<Outcome>)>) {
        let (operations, senders): (Vec<_>, Vec<_>) = asked.into_iter().unzip();
        let answers: Vec<Outcome> = match self.run(operations).await {
            Ok(answers) => answers.into_iter().map(|answer| Ok(Some(answer))).collect(),
            Err(failure) => senders.iter().map(|_| Err(failure.clone())).collect(),
        };
        for (sender, answer) in senders.into_iter().zip(answers) {
            // Who does not wait any more has no use for it.
            sender.send(answer).ok();
        }
    }
}

/// Those of the parts of one request that a service takes in a post, at least one, and the others.
pub(crate) fn fitting<T: Serialize>(mut parts: Vec<T>) -> (Vec<T>, Vec<T>) {
    let mut bytes = 0;
    let ends = parts.iter().position(|part| {
        bytes += serde_json::to_vec(part).map_or(0, |text| text.len());
        bytes > MAX_BYTES
    });
    let rest = parts.split_off(ends.unwrap_or(parts.len()).clamp(1.min(parts.len()), parts.len()));
    (parts, rest)
}

/// The requests, in posts that a service takes.
fn in_posts<T>(asked: Vec<(Operation, T)>) -> Vec<Vec<(Operation, T)>> {
    let (mut posts, mut bytes) = (Vec::<Vec<_>>::new(), 0);
    for (operation, answer) in asked {
        let size = serde_json::to_vec(&operation).map_or(0, |text| text.len());
        match posts.last_mut() {
            Some(post) if post.len() < MAX_OPERATIONS && bytes + size <= MAX_BYTES => {
                bytes += size;
                post.push((operation, answer));
            }
            _ => {
                bytes = size;
                posts.push(vec![(operation, answer)]);
            }
        }
    }
    posts
}

#[cfg(test)]
mod tests {
    use structnosql_core::{Map, PutRequest, Value};

    use super::*;

    fn put(bytes: usize) -> (Operation, ()) {
        let item: Map = [("id", Value::from("x".repeat(bytes)))].into_iter().collect();
        (Operation::Put(PutRequest { table: "t".into(), item, condition: None, return_old: false }), ())
    }

    #[test]
    fn parts_of_a_request_go_as_far_as_they_fit() {
        let lengths = |parts: Vec<String>| {
            let (now, later) = fitting(parts);
            (now.len(), later.len())
        };
        let of = |bytes: usize| "x".repeat(bytes - 2);
        assert_eq!(lengths(Vec::new()), (0, 0));
        assert_eq!(lengths(vec![of(MAX_BYTES / 3); 3]), (3, 0));
        assert_eq!(lengths(vec![of(MAX_BYTES / 3), of(MAX_BYTES / 3), of(MAX_BYTES / 3 + 1)]), (2, 1));
        assert_eq!(lengths(vec![of(MAX_BYTES + 1), of(10)]), (1, 1));
    }

    #[test]
    fn posts_keep_to_what_a_service_takes() {
        let lengths = |asked: Vec<_>| in_posts(asked).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths(Vec::new()), [0; 0]);
        for (count, expected) in [(999, vec![999]), (1_000, vec![1_000]), (1_001, vec![1_000, 1])] {
            assert_eq!(lengths((0..count).map(|_| put(1)).collect()), expected);
        }
        assert_eq!(lengths((0..5).map(|_| put(1024 * 1024)).collect()), [2, 2, 1]);
        assert_eq!(lengths(vec![put(1), put(4 * 1024 * 1024), put(1)]), [1, 1, 1]);
    }
}
