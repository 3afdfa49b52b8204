//! Repeated requests: run once, answered alike each time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use sha2::{Digest, Sha256};
use structnosql_core::{Failure, FailureClass};
use tokio::sync::watch;

use crate::limits::Limits;

/// The longest id.
const MAX_ID: usize = 64;

/// The answers of the last while. Each client has its own, so that what one does takes nothing from the others.
#[derive(Debug)]
pub(crate) struct Repeats {
    kept_for: Duration,
    /// The most requests of one client that are known.
    most: usize,
    /// The most bytes of one client's answers that are kept.
    most_bytes: usize,
    clients: Mutex<Clients>,
}

#[derive(Debug)]
struct Clients {
    known: HashMap<String, Known>,
    /// When it was last looked for what nobody can ask for again.
    swept: Instant,
}

/// How often it is looked for that.
const SWEEP: Duration = Duration::from_secs(1);

/// What one client has asked for.
#[derive(Debug, Default)]
struct Known {
    requests: HashMap<String, Request>,
    /// The ids, in the order in which they came.
    order: VecDeque<(Instant, String)>,
    /// The answers that are there, in the order in which they came.
    answered: VecDeque<(String, usize)>,
    bytes: usize,
}

#[derive(Debug)]
struct Request {
    /// Of what was asked: an id that comes back with something else is a mistake.
    digest: [u8; 32],
    /// Nothing where it was run and there was no room for its answer any more.
    answer: Option<Answer>,
}

pub(crate) type Answer = watch::Receiver<Option<Bytes>>;

/// What is to be done with a request that has an id.
pub(crate) enum Begun {
    /// It is new: run it, and give its answer.
    Run(Run, Answer),
    /// It is, or was, run already.
    Known(Answer),
}

impl Begun {
    /// A request that nobody will ask for again.
    pub(crate) fn new() -> Self {
        let (sender, answer) = watch::channel(None);
        Begun::Run(Run { sender, known_as: None }, answer)
    }
}

/// A request that is run, and its answer owed.
pub(crate) struct Run {
    sender: watch::Sender<Option<Bytes>>,
    /// The client and the id that its answer is kept under.
    known_as: Option<(String, String)>,
}

impl Run {
    pub(crate) fn give(self, repeats: &Repeats, answer: Bytes) {
        if let Some((client, id)) = &self.known_as {
            repeats.answered(client, id, answer.len());
        }
        self.sender.send_replace(Some(answer));
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
    pub(crate) fn new(limits: &Limits) -> Self {
        let Limits { repeat_answers: most, repeat_bytes: most_bytes, .. } = *limits;
        let clients = Clients { known: HashMap::new(), swept: Instant::now() };
        Repeats { kept_for: limits.repeat_time(), most, most_bytes, clients: Mutex::new(clients) }
    }

    pub(crate) fn begin(&self, asked: &Asked<'_>) -> Result<Begun, Failure> {
        self.begin_at(asked, Instant::now())
    }

    fn begin_at(&self, asked: &Asked<'_>, now: Instant) -> Result<Begun, Failure> {
        if asked.id.is_empty() || asked.id.len() > MAX_ID {
            let message = format!("the id of a request has 1 to {MAX_ID} characters");
            return Err(Failure::new(FailureClass::Invalid, message));
        }
        let mut clients = self.lock();
        clients.sweep(now, self.kept_for);
        let known = clients.known.entry(asked.client.to_owned()).or_default();
        known.forget(now, self.kept_for);
        let interrupted = |message| Err(Failure::new(FailureClass::Interrupted, message));
        if let Some(request) = known.requests.get(asked.id) {
            return match &request.answer {
                _ if request.digest != asked.digest => {
                    Err(Failure::new(FailureClass::Invalid, "the id belongs to another request"))
                }
                Some(answer) => Ok(Begun::Known(answer.clone())),
                None => interrupted("it was run, and its answer is not kept any more"),
            };
        }
        if asked.may_be_known_elsewhere {
            return interrupted(
                "an earlier attempt may have been run by another process of the service, or too long ago",
            );
        }
        if known.requests.len() >= self.most {
            let message = "more writes of this client in the last while than the service keeps the answers of";
            return Err(Failure::new(FailureClass::Throttled, message));
        }
        let (sender, answer) = watch::channel(None);
        let request = Request { digest: asked.digest, answer: Some(answer.clone()) };
        known.requests.insert(asked.id.to_owned(), request);
        known.order.push_back((now, asked.id.to_owned()));
        Ok(Begun::Run(Run { sender, known_as: Some((asked.client.to_owned(), asked.id.to_owned())) }, answer))
    }

    /// An answer is there, of so many bytes: older ones make room for it.
    fn answered(&self, client: &str, id: &str, bytes: usize) {
        if let Some(known) = self.lock().known.get_mut(client)
            && known.requests.contains_key(id)
        {
            known.bytes += bytes;
            known.answered.push_back((id.to_owned(), bytes));
            known.make_room(self.most_bytes);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Clients> {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clients {
    /// Forgets what clients have left behind that come no more.
    fn sweep(&mut self, now: Instant, kept_for: Duration) {
        if now.saturating_duration_since(self.swept) >= SWEEP {
            self.swept = now;
            self.known.retain(|_, known| {
                known.forget(now, kept_for);
                !known.requests.is_empty()
            });
        }
    }
}

impl Known {
    fn forget(&mut self, now: Instant, kept_for: Duration) {
        while self.order.front().is_some_and(|(since, _)| now.saturating_duration_since(*since) > kept_for) {
            if let Some((_, id)) = self.order.pop_front() {
                self.requests.remove(&id);
            }
        }
        while let Some((id, bytes)) = self.answered.front()
            && !self.requests.contains_key(id)
        {
            self.bytes -= bytes;
            self.answered.pop_front();
        }
    }

    /// That a request was run is remembered longer than its answer, so it is not run again.
    fn make_room(&mut self, most: usize) {
        while self.bytes > most
            && let Some((id, bytes)) = self.answered.pop_front()
        {
            self.bytes -= bytes;
            if let Some(request) = self.requests.get_mut(&id) {
                request.answer = None;
            }
        }
    }
}

/// The answer, once it is there; nothing where the task that should have given it came to nothing.
pub(crate) async fn wait(mut answer: Answer) -> Option<Bytes> {
    answer.wait_for(Option::is_some).await.ok().and_then(|answer| answer.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(id: &str, body: u8) -> Asked<'_> {
        Asked { client: "app", id, digest: [body; 32], may_be_known_elsewhere: false }
    }

    fn kept(repeat_answers: usize, repeat_bytes: usize) -> Repeats {
        Repeats::new(&Limits { repeat_ms: 60_000, repeat_answers, repeat_bytes, ..Limits::default() })
    }

    #[tokio::test]
    async fn a_repeated_id_gets_the_first_answer() {
        let repeats = kept(2, 100);
        let Ok(Begun::Run(hand_in, _)) = repeats.begin(&asked("a", 1)) else { unreachable!() };
        let Ok(Begun::Known(while_it_runs)) = repeats.begin(&asked("a", 1)) else { unreachable!() };
        hand_in.give(&repeats, Bytes::from_static(b"first"));
        assert_eq!(wait(while_it_runs).await.as_deref(), Some(&b"first"[..]));
        let Ok(Begun::Known(later)) = repeats.begin(&asked("a", 1)) else { unreachable!() };
        assert_eq!(wait(later).await.as_deref(), Some(&b"first"[..]));

        let refused = |asked: &Asked<'_>| repeats.begin(asked).err().map(|failure| failure.class());
        assert_eq!(refused(&asked("a", 2)), Some(FailureClass::Invalid));
        assert_eq!(refused(&asked("", 1)), Some(FailureClass::Invalid));
        assert_eq!(refused(&asked(&"x".repeat(65), 1)), Some(FailureClass::Invalid));
        assert_eq!(refused(&Asked { client: "other", ..asked("a", 2) }), None, "ids are each client's own");
        assert_eq!(refused(&asked("b", 1)), None);
        assert_eq!(refused(&asked("c", 1)), Some(FailureClass::Throttled), "two of a client are kept at most");
    }

    #[test]
    fn answers_make_room_for_later_ones_and_what_was_run_is_not_run_again() {
        let repeats = kept(10, 100);
        for (id, bytes) in [("a", 60), ("b", 40), ("c", 1)] {
            assert!(matches!(repeats.begin(&asked(id, 1)), Ok(Begun::Run(..))));
            repeats.answered("app", id, bytes);
        }
        let refused = |id| repeats.begin(&asked(id, 1)).err().map(|failure| failure.class());
        assert_eq!([refused("a"), refused("b"), refused("c")], [Some(FailureClass::Interrupted), None, None]);
        let large = Asked { client: "other", ..asked("a", 1) };
        assert!(matches!(repeats.begin(&large), Ok(Begun::Run(..))));
        repeats.answered("other", "a", 101);
        assert_eq!(repeats.begin(&large).err().map(|failure| failure.class()), Some(FailureClass::Interrupted));
        assert_eq!(refused("b"), None, "each client has its own room");
    }

    #[test]
    fn clients_that_come_no_more_leave_nothing_behind() {
        let repeats = kept(10, 100);
        let start = Instant::now();
        for client in ["one", "two"] {
            assert!(repeats.begin_at(&Asked { client, ..asked("a", 1) }, start).is_ok());
        }
        let later = start + Duration::from_secs(61);
        assert!(repeats.begin_at(&asked("b", 1), later).is_ok());
        assert_eq!(repeats.lock().known.keys().collect::<Vec<_>>(), ["app"]);
    }

    #[tokio::test]
    async fn answers_are_kept_for_a_while_and_an_attempt_of_before_is_not_run_again() {
        let repeats = kept(10, 100);
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
