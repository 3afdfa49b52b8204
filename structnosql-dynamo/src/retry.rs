//! Which writes are sent again, and when.

use std::borrow::Borrow;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use structnosql_core::{Failure, FailureClass};

use crate::attempts::Clients;

/// Sends writes through a client that retries nothing, and repeats them here by what their failure was.
///
/// The SDK's own retries repeat whatever had a timeout, a lost connection or a server error, although the
/// first attempt may have been applied. They also forget it: an attempt that was applied and a second one
/// that is throttled end as throttled.
#[derive(Clone)]
pub(crate) struct Writes {
    clients: Clients,
    policy: Policy,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Policy {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
}

/// What sending a request again would do where it may have been applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Again {
    /// It could apply it twice.
    Harms,
    /// It leaves everything as applying it once does.
    Harmless,
    /// The server tells it by its token, and answers as it did before.
    Told,
}

impl Again {
    pub(crate) fn harmless_if(repeatable: bool) -> Self {
        if repeatable { Again::Harmless } else { Again::Harms }
    }
}

impl Writes {
    /// With the number of attempts and the pauses that the client is configured with.
    pub(crate) fn like(client: &Client) -> Self {
        let config = client.config();
        let standard = RetryConfig::standard();
        let retries = config.retry_config().unwrap_or(&standard);
        let policy = Policy {
            attempts: retries.max_attempts().max(1),
            first_pause: retries.initial_backoff(),
            longest_pause: retries.max_backoff(),
        };
        let once = config.to_builder().retry_config(RetryConfig::disabled()).build();
        Writes { clients: Clients::of(Client::from_conf(once)), policy }
    }

    /// Sends a request until it is answered or may not be sent again.
    ///
    /// One that can be sent twice is sent again after any transient failure, every other one only where it was
    /// certainly not applied.
    ///
    /// It takes the request, and is no `async fn`, so that the request is in the future once.
    pub(crate) fn send<R: ?Sized, T>(
        &self,
        request: impl Borrow<R>,
        again: Again,
        send: impl AsyncFn(&Client, &R) -> Result<T, Failure>,
    ) -> impl Future<Output = Result<T, Failure>> {
        let Writes { clients, policy } = self;
        async move {
            let (mut attempt, mut doubtful) = (1, false);
            loop {
                match send(clients.now(), request.borrow()).await {
                    Err(failure) if attempt < policy.attempts && may_send_again(failure.class(), again) => {
                        doubtful |= failure.class().may_be_applied();
                    }
                    answer => return settle(answer, doubtful, again),
                }
                tokio::time::sleep(policy.pause_after(attempt)).await;
                attempt += 1;
            }
        }
    }
}

impl Policy {
    /// Exponential backoff with full jitter: writers that failed together do not come back together.
    fn pause_after(&self, attempt: u32) -> Duration {
        let doublings = (attempt - 1).min(20);
        let ceiling = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        ceiling.mul_f64(fastrand::f64())
    }
}

fn may_send_again(class: FailureClass, again: Again) -> bool {
    class.is_transient() && (again != Again::Harms || !class.may_be_applied())
}

/// A failure promises that nothing was applied only where that holds for every attempt.
fn settle<T>(answer: Result<T, Failure>, doubtful: bool, again: Again) -> Result<T, Failure> {
    match answer {
        // Had an earlier attempt been applied, this one had not been looked at but taken for done.
        Err(last)
            if again == Again::Told
                && matches!(last.class(), FailureClass::ConditionFailed | FailureClass::InvalidPath) =>
        {
            Err(last)
        }
        Err(last) if doubtful && !last.class().may_be_applied() => {
            let message =
                format!("the answer to an earlier attempt was lost; then {}: {}", last.class(), last.message());
            let failure = Failure::new(FailureClass::Interrupted, message);
            Err(match last.code() {
                Some(code) => failure.with_code(code),
                None => failure,
            })
        }
        answer => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let policy =
            Policy { attempts: 9, first_pause: Duration::from_millis(50), longest_pause: Duration::from_millis(300) };
        for (attempt, ceiling) in [(1, 50), (2, 100), (3, 200), (4, 300), (40, 300)] {
            let longest = (0..2000).map(|_| policy.pause_after(attempt)).max().unwrap();
            let ceiling = Duration::from_millis(ceiling);
            assert!(longest <= ceiling && longest > ceiling.mul_f64(0.9), "{attempt}: {longest:?}");
        }
    }

    #[test]
    fn only_a_repeatable_request_is_sent_again_when_it_may_have_been_applied() {
        for (class, repeatable, otherwise) in [
            (FailureClass::Throttled, true, true),
            (FailureClass::Conflict, true, true),
            (FailureClass::NotSent, true, true),
            (FailureClass::Interrupted, true, false),
            (FailureClass::BadAnswer, true, false),
            (FailureClass::ConditionFailed, false, false),
            (FailureClass::Invalid, false, false),
            (FailureClass::AccessDenied, false, false),
        ] {
            assert_eq!(may_send_again(class, Again::Harmless), repeatable, "{class}");
            assert_eq!(may_send_again(class, Again::Told), repeatable, "{class}");
            assert_eq!(may_send_again(class, Again::Harms), otherwise, "{class}");
        }
    }

    #[test]
    fn a_refusal_settles_earlier_attempts_only_where_the_server_would_know_them() {
        for (class, again, expected) in [
            (FailureClass::ConditionFailed, Again::Told, FailureClass::ConditionFailed),
            (FailureClass::ConditionFailed, Again::Harmless, FailureClass::Interrupted),
            (FailureClass::InvalidPath, Again::Told, FailureClass::InvalidPath),
            (FailureClass::Throttled, Again::Told, FailureClass::Interrupted),
            (FailureClass::AccessDenied, Again::Told, FailureClass::Interrupted),
        ] {
            let answer: Result<(), Failure> = settle(Err(Failure::new(class, "refused")), true, again);
            assert_eq!(answer.unwrap_err().class(), expected, "{class} {again:?}");
            let answer: Result<(), Failure> = settle(Err(Failure::new(class, "refused")), false, again);
            assert_eq!(answer.unwrap_err().class(), class, "{class} {again:?}");
        }
    }
}
