//! Repeated requests: run once, answered alike each time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use structnosql_core::{Failure, FailureClass};
use tokio::sync::watch;

/// The longest id.
const MAX_ID: usize = 64;

/// The answers of the last while, by client and id.
#[derive(Debug)]
pub(crate) struct Repeats {
    kept_for: Duration,
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    answers: HashMap<Name, Known>,
    /// In the order in which they came.
    order: VecDeque<(Instant, Name)>,
}

/// A client's name and the id that it gave.
type Name = (String, String);

#[derive(Debug)]
struct Known {
    /// Of what was asked: an id that comes back with something else is a mistake.
    digest: [u8; 32],
    answer: watch::Receiver<Option<Bytes>>,
}

/// What is to be done with a request that has an id.
pub(crate) enum Begun {
    /// It is new: run it, and hand its answer in.
    Run(watch::Sender<Option<Bytes>>, watch::Receiver<Option<Bytes>>),
    /// It is, or was, run already.
    Known(watch::Receiver<Option<Bytes>>),
}

impl Begun {
    /// A request that nobody will ask for again.
    pub(crate) fn new() -> Self {
        let (hand_in, answer) = watch::channel(None);
        Begun::Run(hand_in, answer)
    }
}

/// A request, as far as its repetition goes.
pub(crate) struct Asked<'r> {
    pub(crate) client: &'r str,
    pub(crate) id: &'r str,
    pub(crate) digest: [u8; 32],
    /// Whether an earlier attempt may have been run where nothing here knows of it, and running it again would matter.
    pub(crate) may_be_known_elsewhere: bool,
}

pub(crate) fn digest(of: &[u8]) -> [u8; 32] {
    Sha256::digest(of).into()
}

impl Repeats {
    pub(crate) fn new(kept_for: Duration, most: usize) -> Self {
        Repeats { kept_for, most, state: Mutex::default() }
    }

    pub(crate) fn begin(&self, asked: &Asked<'_>) -> Result<Begun, Failure> {
        self.begin_at(asked, Instant::now())
    }

    fn begin_at(&self, asked: &Asked<'_>, now: Instant) -> Result<Begun, Failure> {
        if asked.id.is_empty() || asked.id.len() > MAX_ID {
            let message = format!("the id of a request has 1 to {MAX_ID} characters");
            return Err(Failure::new(FailureClass::Invalid, message));
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.forget(now, self.kept_for);
        let name = (asked.client.to_owned(), asked.id.to_owned());
        if let Some(known) = state.answers.get(&name) {
            return match known.digest == asked.digest {
                true => Ok(Begun::Known(known.answer.clone())),
                false => Err(Failure::new(FailureClass::Invalid, "the id belongs to another request")),
            };
        }
        if asked.may_be_known_elsewhere {
            let message = "an earlier attempt may have been run by another process of the service, or too long ago";
            return Err(Failure::new(FailureClass::Interrupted, message));
        }
        if state.answers.len() >= self.most {
            let message = "more writes in the last while than the service keeps the answers of";
            return Err(Failure::new(FailureClass::Throttled, message));
        }
        let (hand_in, answer) = watch::channel(None);
        state.answers.insert(name.clone(), Known { digest: asked.digest, answer: answer.clone() });
        state.order.push_back((now, name));
        Ok(Begun::Run(hand_in, answer))
    }
}

impl State {
    fn forget(&mut self, now: Instant, kept_for: Duration) {
        while self.order.front().is_some_and(|(since, _)| now.saturating_duration_since(*since) > kept_for) {
            if let Some((_, name)) = self.order.pop_front() {
                self.answers.remove(&name);
            }
        }
    }
}

/// The answer, once it is there; nothing where the task that should have given it came to nothing.
pub(crate) async fn wait(mut answer: watch::Receiver<Option<Bytes>>) -> Option<Bytes> {
    answer.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(id: &str, body: u8) -> Asked<'_> {
        Asked { client: "app", id, digest: [body; 32], may_be_known_elsewhere: false }
    }

    #[tokio::test]
    async fn a_repeated_id_gets_the_first_answer() {
        let repeats = Repeats::new(Duration::from_secs(60), 2);
        let Ok(Begun::Run(hand_in, _)) = repeats.begin(&asked("a", 1)) else { unreachable!() };
        let Ok(Begun::Known(while_it_runs)) = repeats.begin(&asked("a", 1)) else { unreachable!() };
        hand_in.send_replace(Some(Bytes::from_static(b"first")));
        assert_eq!(wait(while_it_runs).await.as_deref(), Some(&b"first"[..]));
        let Ok(Begun::Known(later)) = repeats.begin(&asked("a", 1)) else { unreachable!() };
        drop(hand_in);
        assert_eq!(wait(later).await.as_deref(), Some(&b"first"[..]));

        let refused = |asked: &Asked<'_>| repeats.begin(asked).err().map(|failure| failure.class());
        assert_eq!(refused(&asked("a", 2)), Some(FailureClass::Invalid));
        assert_eq!(refused(&asked("", 1)), Some(FailureClass::Invalid));
        assert_eq!(refused(&asked(&"x".repeat(65), 1)), Some(FailureClass::Invalid));
        assert_eq!(refused(&Asked { client: "other", ..asked("a", 2) }), None, "ids are each client's own");
        assert_eq!(refused(&asked("b", 1)), Some(FailureClass::Throttled), "two are kept at most");
    }

    #[tokio::test]
    async fn answers_are_kept_for_a_while_and_an_attempt_of_before_is_not_run_again() {
        let repeats = Repeats::new(Duration::from_secs(60), 10);
        let start = Instant::now();
        let Ok(Begun::Run(hand_in, answer)) = repeats.begin_at(&asked("a", 1), start) else { unreachable!() };
        let again = Asked { may_be_known_elsewhere: true, ..asked("a", 1) };
        assert!(matches!(repeats.begin_at(&again, start + Duration::from_secs(60)), Ok(Begun::Known(_))));
        let late = repeats.begin_at(&again, start + Duration::from_secs(61));
        assert_eq!(late.err().map(|failure| failure.class()), Some(FailureClass::Interrupted));
        drop(hand_in);
        assert_eq!(wait(answer).await, None);
    }
}
