use std::time::Duration;

use structnosql_core::Capabilities;
use structnosql_core::FailureClass::{self, *};
use tokio::time::Instant;

use crate::server::{Answer, Sending, Server};

const REPEATABLE: [Sending; 5] =
    [Sending::Get, Sending::Put, Sending::Update, Sending::BatchWrite, Sending::ToldTransaction];
const ONCE: [Sending; 4] = [Sending::GuardedPut, Sending::ReturningPut, Sending::ReturningUpdate, Sending::Transaction];

fn throttled() -> Answer {
    Answer::error(400, "ProvisionedThroughputExceededException", "slower")
}

fn broken_server() -> Answer {
    Answer::error(500, "InternalServerError", "oops")
}

/// What came of it, and how many requests the server got.
async fn sent(sending: Sending, answers: impl IntoIterator<Item = Answer>) -> (Result<(), FailureClass>, u32) {
    let server = Server::answering(answers);
    let outcome = sending.over(&server.dynamo()).await.map_err(|failure| failure.class());
    (outcome, server.requests())
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_applied_is_not_sent_twice() {
    let torn = || Answer::Says(200, r#"{"Attributes":"#.to_owned());
    for sending in ONCE {
        for answer in [broken_server(), Answer::Breaks, Answer::Hangs] {
            assert_eq!(
                sent(sending, [answer.clone(), Answer::ok()]).await,
                (Err(Interrupted), 1),
                "{sending:?} {answer:?}"
            );
        }
        assert_eq!(sent(sending, [torn(), Answer::ok()]).await, (Err(BadAnswer), 1), "{sending:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_be_repeated_is() {
    for sending in REPEATABLE {
        for answer in [broken_server(), Answer::Breaks, Answer::Hangs, throttled()] {
            assert_eq!(sent(sending, [answer.clone(), Answer::ok()]).await, (Ok(()), 2), "{sending:?} {answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_certainly_not_applied_is_sent_again() {
    let conflict = || Answer::error(400, "TransactionConflictException", "busy");
    for sending in ONCE {
        for answer in [throttled(), conflict(), Answer::Refuses] {
            assert_eq!(sent(sending, [answer, Answer::ok()]).await, (Ok(()), 2), "{sending:?}");
        }
        assert_eq!(sent(sending, [throttled(), broken_server()]).await, (Err(Interrupted), 2), "{sending:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_are_bounded_as_the_client_is_configured() {
    for sending in [Sending::Put, Sending::GuardedPut, Sending::Get] {
        assert_eq!(sent(sending, [throttled()]).await, (Err(Throttled), 3), "{sending:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final() {
    for code in ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"] {
        for sending in REPEATABLE.into_iter().chain(ONCE) {
            let (outcome, requests) = sent(sending, [Answer::error(400, code, "no"), Answer::ok()]).await;
            assert!(outcome.is_err_and(|class| !class.is_transient()), "{code}");
            assert_eq!(requests, 1, "{code}");
        }
    }
}

/// The second attempt was certainly not applied; the first may have been.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_not_forgotten_over_a_later_failure() {
    for later in [throttled(), Answer::Refuses, Answer::error(400, "ExpiredTokenException", "old")] {
        let server = Server::answering([Answer::Breaks, later]);
        let failure = Sending::Put.over(&server.dynamo()).await.unwrap_err();
        assert_eq!(failure.class(), Interrupted);
        assert!(failure.message().starts_with("the answer to an earlier attempt was lost; then "), "{failure}");
    }
}

/// Had the first attempt been applied, the second one would have been taken for done.
#[tokio::test(start_paused = true)]
async fn a_token_lets_a_refusal_speak_for_the_attempts_before() {
    assert_eq!(sent(Sending::ToldTransaction, [Answer::Breaks, cancelled()]).await, (Err(ConditionFailed), 2));
    assert_eq!(sent(Sending::ToldTransaction, [Answer::Breaks, throttled()]).await, (Err(Interrupted), 3));
    let busy = Answer::error(400, "TransactionInProgressException", "busy");
    assert_eq!(sent(Sending::ToldTransaction, [Answer::Breaks, busy.clone(), Answer::ok()]).await, (Ok(()), 3));
    assert_eq!(sent(Sending::ToldTransaction, [Answer::Breaks, busy]).await, (Err(Interrupted), 3));
}

fn cancelled() -> Answer {
    Answer::Says(
        400,
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"cancelled",
            "CancellationReasons":[{"Code":"None"},
                {"Code":"ConditionalCheckFailed","Message":"no","Item":{"id":{"S":"x"}}},
                {"Code":"TransactionConflict","Message":"busy"}]}"#
            .to_owned(),
    )
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_transaction_says_why_of_each_action() {
    let dynamo = Server::answering([cancelled()]).dynamo();
    let failure = Sending::ToldTransaction.over(&dynamo).await.unwrap_err();
    assert_eq!(failure.code(), Some("TransactionCanceledException"));
    let classes: Vec<_> = failure.reasons().iter().map(|reason| reason.as_ref().map(|reason| reason.class())).collect();
    assert_eq!(classes, [None, Some(ConditionFailed), Some(Conflict)]);
    let item = failure.reasons()[1].as_ref().and_then(|reason| reason.item()).unwrap();
    assert_eq!(item.to_string(), r#"{"id": "x"}"#);
    assert!(!failure.to_string().contains("\"x\""), "{failure}");
}

#[tokio::test(start_paused = true)]
async fn what_the_server_cannot_do_is_refused_before_it_is_sent() {
    let server = Server::answering([Answer::ok()]);
    let dynamo = server.dynamo().with_capabilities(Capabilities::default());
    for sending in [Sending::Transaction, Sending::ToldTransaction] {
        assert_eq!(sending.over(&dynamo).await.unwrap_err().class(), Unsupported);
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test(start_paused = true)]
async fn between_attempts_is_a_pause() {
    let server = Server::answering([throttled()]);
    let started = Instant::now();
    Sending::GuardedPut.over(&server.dynamo()).await.unwrap_err();
    // Two pauses of up to one and two seconds; that both were drawn below a millisecond is next to impossible.
    let paused = started.elapsed();
    assert!(paused > Duration::from_millis(1) && paused <= Duration::from_secs(3), "{paused:?}");
}
