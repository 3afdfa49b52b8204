//! Which class a failed POST belongs to.

use std::error::Error;
use std::time::Duration;

use http::{StatusCode, header};
use structnosql_core::{Failure, FailureClass};

use crate::post::Answered;
use crate::retry::Failed;
use crate::wire::extension::Refused;
use crate::wire::original;

/// The service refused the POST as a whole, or something on the way did. What the service says of it is in the body.
pub(crate) fn of_extension(answer: &Answered) -> Failed {
    let failure = match serde_json::from_slice::<Refused>(&answer.body) {
        Ok(refused) => refused.failed,
        Err(_) => of_status(answer.status),
    };
    Failed { failure, retry_after: retry_after(answer) }
}

/// The same in the original's words.
pub(crate) fn of_original(answer: &Answered) -> Failed {
    let refused = serde_json::from_slice::<original::Answer>(&answer.body).ok().and_then(|answer| of_answer(&answer));
    Failed { failure: refused.unwrap_or_else(|| of_status(answer.status)), retry_after: retry_after(answer) }
}

/// What an answer says of its failure; nothing where it does not say what kind of failure it was.
pub(crate) fn of_answer(answer: &original::Answer) -> Option<Failure> {
    let key = answer.error_key.as_deref()?;
    let class = match key {
        "operationNotSupported" => FailureClass::Unsupported,
        "validationError" => FailureClass::Invalid,
        "invalidOrMissingAccessToken" | "invalidAccessToken" | "accessDenied" => FailureClass::AccessDenied,
        "tableNotFound" => FailureClass::TableNotFound,
        "tooManyRequests" => FailureClass::Throttled,
        "requestTooLarge" => FailureClass::TooLarge,
        "requestTimeout" => FailureClass::NotSent,
        "conflict" => FailureClass::Conflict,
        _ => FailureClass::Interrupted,
    };
    let said = answer.exception.as_deref().unwrap_or("the service says no more");
    Some(Failure::new(class, said).with_code(key))
}

/// By the status alone, carefully: a proxy that gives up may have passed the request on.
fn of_status(status: StatusCode) -> Failure {
    let class = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => FailureClass::AccessDenied,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => FailureClass::Unsupported,
        StatusCode::PAYLOAD_TOO_LARGE => FailureClass::TooLarge,
        StatusCode::TOO_MANY_REQUESTS => FailureClass::Throttled,
        status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => FailureClass::Interrupted,
        _ => FailureClass::BadAnswer,
    };
    Failure::new(class, format!("HTTP {status}, and not by a StructNoSQL gateway"))
}

fn retry_after(answer: &Answered) -> Option<Duration> {
    answer.headers.get(header::RETRY_AFTER)?.to_str().ok()?.parse().ok().map(Duration::from_secs)
}

/// The POST could not be sent, or its answer did not arrive.
pub(crate) fn of_transport(error: &hyper_util::client::legacy::Error) -> Failure {
    let class = if error.is_connect() { FailureClass::NotSent } else { FailureClass::Interrupted };
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    Failure::new(class, text)
}

/// After an earlier attempt that may have been run, no failure of a later one promises that nothing was.
pub(crate) fn after_doubt(last: Failure) -> Failure {
    match last.class().may_be_applied() {
        true => last,
        false => {
            Failure::new(FailureClass::Interrupted, format!("the answer to an earlier attempt was lost; then {last}"))
        }
    }
}
