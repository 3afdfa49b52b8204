use structnosql_core::{Failure, FailureClass, Value};

use crate::server::{Answer, Sending, Server};

async fn failing(answer: Answer, sending: Sending) -> Failure {
    sending.over(&Server::answering([answer]).dynamo()).await.unwrap_err()
}

/// The SDK knows some codes of each operation, and passes the others on as it got them.
#[tokio::test(start_paused = true)]
async fn every_code_has_its_class() {
    use FailureClass::*;
    for (status, code, class) in [
        (400, "ProvisionedThroughputExceededException", Throttled),
        (400, "RequestLimitExceeded", Throttled),
        (400, "ThrottlingException", Throttled),
        (400, "TransactionConflictException", Conflict),
        (400, "TransactionCanceledException", Conflict),
        (400, "TransactionInProgressException", Interrupted),
        (400, "ReplicatedWriteConflictException", Conflict),
        (400, "ConditionalCheckFailedException", ConditionFailed),
        (400, "ResourceNotFoundException", TableNotFound),
        (400, "ResourceInUseException", TableInUse),
        (400, "AccessDeniedException", AccessDenied),
        (400, "UnrecognizedClientException", AccessDenied),
        (400, "MissingAuthenticationTokenException", AccessDenied),
        (400, "ExpiredTokenException", AccessDenied),
        (400, "InvalidSignatureException", AccessDenied),
        (400, "IncompleteSignatureException", AccessDenied),
        (400, "ItemCollectionSizeLimitExceededException", TooLarge),
        (400, "UnknownOperationException", Unsupported),
        (400, "SerializationException", Invalid),
        (400, "ValidationException", Invalid),
        (400, "SomethingNewException", Invalid),
        (500, "InternalServerError", Interrupted),
        (503, "ServiceUnavailable", Interrupted),
        (500, "SomethingNewException", Interrupted),
    ] {
        for sending in [Sending::Get, Sending::GuardedPut, Sending::Update, Sending::ReturningUpdate] {
            let failure = failing(Answer::error(status, code, "so it is"), sending).await;
            assert_eq!(
                (failure.class(), failure.code(), failure.message()),
                (class, Some(code), "so it is"),
                "{sending:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_code_is_not_taken_for_a_refusal() {
    for (status, body, class) in [
        (200, r#"{"Item":{"id":{"S":"sec"#, FailureClass::BadAnswer),
        (200, r#"{"Attributes":{"id":{"S":"sec"#, FailureClass::BadAnswer),
        (400, r#"{"__type":"com.amazonaws.dyn"#, FailureClass::BadAnswer),
        (403, "<html>a proxy</html>", FailureClass::BadAnswer),
        (413, "", FailureClass::TooLarge),
        (500, "<html>secret</html>", FailureClass::Interrupted),
        (502, "", FailureClass::Interrupted),
    ] {
        let sending = if body.contains("Item") { Sending::Get } else { Sending::ReturningUpdate };
        let failure = failing(Answer::Says(status, body.to_owned()), sending).await;
        assert_eq!(failure.class(), class, "{status} {body}: {failure}");
        assert!(failure.message().contains(&status.to_string()) && !failure.message().contains("sec"), "{failure}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_tells_sent_from_unsent() {
    for (answer, class) in [
        (Answer::Refuses, FailureClass::NotSent),
        (Answer::Breaks, FailureClass::Interrupted),
        (Answer::Hangs, FailureClass::Interrupted),
    ] {
        for sending in [Sending::Get, Sending::Put, Sending::GuardedPut] {
            assert_eq!(failing(answer.clone(), sending).await.class(), class, "{answer:?} {sending:?}");
        }
    }
}

#[tokio::test]
async fn a_failed_condition_brings_the_stored_item() {
    let body = r#"{"__type":"x#ConditionalCheckFailedException","message":"The conditional request failed",
        "Item":{"id":{"S":"b12"},"n":{"N":"1.50"}}}"#;
    let failure = failing(Answer::Says(400, body.to_owned()), Sending::GuardedPut).await;
    assert_eq!(failure.class(), FailureClass::ConditionFailed);
    let item = failure.item().unwrap();
    assert_eq!(item.get("id"), Some(&Value::from("b12")));
    assert_eq!(item.get("n").unwrap().to_string(), "1.5");
    assert!(!format!("{failure} {failure:?}").contains("b12"));
}

#[tokio::test]
async fn an_item_that_cannot_be_read_leaves_the_condition_failed() {
    let body = r#"{"__type":"x#ConditionalCheckFailedException","message":"no","Item":{"id":{"N":"many"}}}"#;
    let failure = failing(Answer::Says(400, body.to_owned()), Sending::GuardedPut).await;
    assert_eq!((failure.class(), failure.item()), (FailureClass::ConditionFailed, None));
}

#[tokio::test(start_paused = true)]
async fn no_message_holds_what_was_sent() {
    let codes = [(500, "InternalServerError"), (400, "ValidationException"), (400, "AccessDeniedException")];
    let answers = codes.map(|(status, code)| Answer::error(status, code, "no"));
    for answer in answers.into_iter().chain([Answer::Hangs, Answer::Breaks, Answer::Refuses]) {
        for sending in [Sending::Get, Sending::GuardedPut, Sending::Update] {
            let failure = failing(answer.clone(), sending).await;
            assert!(!format!("{failure} {failure:?}").contains("secret"), "{failure}");
        }
    }
}

#[test]
fn debugging_shows_no_credentials() {
    let shown = format!("{:?}", Server::answering([]).dynamo());
    assert_eq!(shown, r#"Dynamo { region: Some("local"), .. }"#);
}
