//! A request that is refused as a whole, in the words of either wire.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use structnosql_core::{Failure, FailureClass};
use structnosql_external::wire::extension::Refused;
use structnosql_external::wire::original::Answer;

/// What kind of refusal it is, which decides what either wire says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    NoKey,
    WrongKey,
    AccessDenied,
    TableNotFound,
    TooSlow,
    Conflict,
    TooLarge,
    TooMany,
    Malformed,
    Database,
    NoAnswer,
}

impl Reason {
    #[cfg(feature = "openapi")]
    pub(crate) const ALL: [Reason; 11] = [
        Reason::NoKey,
        Reason::WrongKey,
        Reason::AccessDenied,
        Reason::TableNotFound,
        Reason::TooSlow,
        Reason::Conflict,
        Reason::TooLarge,
        Reason::TooMany,
        Reason::Malformed,
        Reason::Database,
        Reason::NoAnswer,
    ];

    /// Whether the extension refuses requests for it: it tells what a single operation meets in its answer.
    #[cfg(feature = "openapi")]
    pub(crate) fn of_extension(&self) -> bool {
        !matches!(self, Reason::TableNotFound | Reason::Conflict)
    }

    pub(crate) fn status(self) -> StatusCode {
        match self {
            Reason::NoKey | Reason::WrongKey => StatusCode::UNAUTHORIZED,
            Reason::AccessDenied => StatusCode::FORBIDDEN,
            Reason::TableNotFound => StatusCode::NOT_FOUND,
            Reason::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Reason::Conflict => StatusCode::CONFLICT,
            Reason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Reason::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Reason::Malformed => StatusCode::BAD_REQUEST,
            Reason::Database => StatusCode::BAD_GATEWAY,
            Reason::NoAnswer => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// What the original calls it, or would.
    pub(crate) fn error_key(self) -> &'static str {
        match self {
            Reason::NoKey => "invalidOrMissingAccessToken",
            Reason::WrongKey => "invalidAccessToken",
            Reason::AccessDenied => "accessDenied",
            Reason::TableNotFound => "tableNotFound",
            Reason::TooSlow => "requestTimeout",
            Reason::Conflict => "conflict",
            Reason::TooLarge => "requestTooLarge",
            Reason::TooMany => "tooManyRequests",
            Reason::Malformed => "validationError",
            Reason::Database => "databaseError",
            Reason::NoAnswer => "timeout",
        }
    }

    /// In words, for the description of the service.
    #[cfg(feature = "openapi")]
    pub(crate) fn describe(self) -> &'static str {
        match self {
            Reason::NoKey => "There is no API key.",
            Reason::WrongKey => "The API key is not known.",
            Reason::AccessDenied => "The API key is not granted it.",
            Reason::TableNotFound => "The service has no such table.",
            Reason::TooSlow => "The body did not come in time.",
            Reason::Conflict => "The stored record, or another write of it, is in the way.",
            Reason::TooLarge => "The body, or the number of operations, is too large.",
            Reason::TooMany => {
                "More than the service or the client's rate takes: `Retry-After` says when to come back."
            }
            Reason::Malformed => "The request is none, or does not fit the table's model.",
            Reason::Database => "The database failed.",
            Reason::NoAnswer => "It took too long: it may have been run, or may be yet.",
        }
    }
}

/// Why a request is refused as a whole: nothing of it was run, unless its failure says so.
#[derive(Debug)]
pub(super) struct Refusal {
    reason: Reason,
    failure: Failure,
    retry_after: Option<u64>,
}

impl Refusal {
    fn new(reason: Reason, class: FailureClass, message: impl Into<String>) -> Self {
        Refusal { reason, failure: Failure::new(class, message), retry_after: None }
    }

    pub(super) fn no_key() -> Self {
        Refusal::new(Reason::NoKey, FailureClass::AccessDenied, "no API key: send it as `Authorization: Bearer`")
    }

    pub(super) fn wrong_key() -> Self {
        Refusal::new(Reason::WrongKey, FailureClass::AccessDenied, "the API key is not known")
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Refusal::new(Reason::TooLarge, FailureClass::TooLarge, message)
    }

    pub(super) fn too_slow() -> Self {
        Refusal::new(Reason::TooSlow, FailureClass::NotSent, "the body of the request did not come in time")
    }

    pub(super) fn broken_off() -> Self {
        Refusal::new(Reason::Malformed, FailureClass::NotSent, "the body of the request broke off")
    }

    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Refusal::new(Reason::Malformed, FailureClass::Invalid, message)
    }

    pub(super) fn too_many(retry_after: u64, message: &str) -> Self {
        let refusal = Refusal::new(Reason::TooMany, FailureClass::Throttled, message);
        Refusal { retry_after: Some(retry_after), ..refusal }
    }

    pub(super) fn no_answer() -> Self {
        let message = "the request took too long: it may have been run, or may be yet";
        Refusal::new(Reason::NoAnswer, FailureClass::Interrupted, message)
    }

    /// In the extension's words.
    pub(super) fn into_extension(self) -> Response {
        let body = serde_json::to_vec(&Refused { failed: self.failure }).unwrap_or_default();
        respond(self.reason.status(), self.retry_after, body)
    }

    /// In the original's words.
    pub(super) fn into_original(self) -> Response {
        let answer = Answer::failed(self.reason.error_key(), Some(self.failure.message().to_owned()));
        respond(self.reason.status(), self.retry_after, serde_json::to_vec(&answer).unwrap_or_default())
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        let reason = match failure.class() {
            FailureClass::AccessDenied => Reason::AccessDenied,
            FailureClass::TableNotFound => Reason::TableNotFound,
            FailureClass::Throttled => Reason::TooMany,
            FailureClass::Conflict | FailureClass::ConditionFailed | FailureClass::TableInUse => Reason::Conflict,
            FailureClass::TooLarge => Reason::TooLarge,
            FailureClass::Invalid | FailureClass::InvalidPath | FailureClass::Unsupported => Reason::Malformed,
            _ => Reason::Database,
        };
        Refusal { reason, failure, retry_after: (reason == Reason::TooMany).then_some(1) }
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
