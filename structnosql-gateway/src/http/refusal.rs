//! A request that is refused as a whole, in the words of either wire.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use structnosql_core::{Failure, FailureClass};
use structnosql_external::wire::extension::Refused;
use structnosql_external::wire::original::Answer;

/// Why a request is refused as a whole: nothing of it was run, unless its failure says so.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    failure: Failure,
    retry_after: Option<u64>,
    /// What the original calls it.
    error_key: &'static str,
}

impl Refusal {
    fn new(status: StatusCode, class: FailureClass, error_key: &'static str, message: impl Into<String>) -> Self {
        Refusal { status, failure: Failure::new(class, message), retry_after: None, error_key }
    }

    pub(super) fn no_key() -> Self {
        let message = "no API key: send it as `Authorization: Bearer`";
        Refusal::new(StatusCode::UNAUTHORIZED, FailureClass::AccessDenied, "invalidOrMissingAccessToken", message)
    }

    pub(super) fn wrong_key() -> Self {
        let message = "the API key is not known";
        Refusal::new(StatusCode::UNAUTHORIZED, FailureClass::AccessDenied, "invalidAccessToken", message)
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, FailureClass::TooLarge, "requestTooLarge", message)
    }

    pub(super) fn too_slow() -> Self {
        let message = "the body of the request did not come in time";
        Refusal::new(StatusCode::REQUEST_TIMEOUT, FailureClass::NotSent, "requestTimeout", message)
    }

    pub(super) fn broken_off() -> Self {
        let message = "the body of the request broke off";
        Refusal::new(StatusCode::BAD_REQUEST, FailureClass::NotSent, "validationError", message)
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Refusal::new(StatusCode::BAD_REQUEST, FailureClass::Invalid, "validationError", message)
    }

    pub(super) fn too_many(retry_after: u64, message: &str) -> Self {
        let status = StatusCode::TOO_MANY_REQUESTS;
        let refusal = Refusal::new(status, FailureClass::Throttled, "tooManyRequests", message);
        Refusal { retry_after: Some(retry_after), ..refusal }
    }

    pub(super) fn no_answer() -> Self {
        let message = "the request took too long: it may have been run, or may be yet";
        Refusal::new(StatusCode::GATEWAY_TIMEOUT, FailureClass::Interrupted, "timeout", message)
    }

    /// In the extension's words.
    pub(super) fn into_extension(self) -> Response {
        let body = serde_json::to_vec(&Refused { failed: self.failure }).unwrap_or_default();
        respond(self.status, self.retry_after, body)
    }

    /// In the original's words.
    pub(super) fn into_original(self) -> Response {
        let answer = Answer::failed(self.error_key, Some(self.failure.message().to_owned()));
        respond(self.status, self.retry_after, serde_json::to_vec(&answer).unwrap_or_default())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let (status, error_key) = match failure.class() {
            FailureClass::AccessDenied => (StatusCode::FORBIDDEN, "accessDenied"),
            FailureClass::TableNotFound => (StatusCode::NOT_FOUND, "tableNotFound"),
            FailureClass::Throttled => (StatusCode::TOO_MANY_REQUESTS, "tooManyRequests"),
            FailureClass::Conflict | FailureClass::ConditionFailed | FailureClass::TableInUse => {
                (StatusCode::CONFLICT, "conflict")
            }
            FailureClass::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "requestTooLarge"),
            FailureClass::Invalid | FailureClass::InvalidPath | FailureClass::Unsupported => {
                (StatusCode::BAD_REQUEST, "validationError")
            }
            _ => (StatusCode::BAD_GATEWAY, "databaseError"),
        };
        let retry_after = (status == StatusCode::TOO_MANY_REQUESTS).then_some(1);
        Refusal { status, failure, retry_after, error_key }
    }
}

fn respond(status: StatusCode, retry_after: Option<u64>, body: Vec<u8>) -> Response {
    let mut response = json(status, body);
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

pub(super) fn json(status: StatusCode, body: impl Into<axum::body::Body>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body.into()).into_response()
}
