//! Which class a failed POST belongs to.

use std::error::Error;
use std::time::Duration;

use http::{HeaderMap, StatusCode, header};
use structnosql_core::{Failure, FailureClass};

use crate::retry::Failed;
use crate::wire::extension::Refused;

/// The service refused the POST as a whole, or something on the way did.
///
/// What the service says of it is in the body. Without that the status decides, carefully: a proxy that gives up may
/// have passed the request on.
pub(crate) fn of_status(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failed {
    let retry_after =
        headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok()).map(Duration::from_secs);
    let failure = match serde_json::from_slice::<Refused>(body) {
        Ok(refused) => refused.failed,
        Err(_) => {
            let class = match status {
                StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => FailureClass::AccessDenied,
                StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => FailureClass::Unsupported,
                StatusCode::PAYLOAD_TOO_LARGE => FailureClass::TooLarge,
                StatusCode::TOO_MANY_REQUESTS => FailureClass::Throttled,
                status if status.is_server_error() || status == StatusCode::REQUEST_TIMEOUT => {
                    FailureClass::Interrupted
                }
                _ => FailureClass::BadAnswer,
            };
            Failure::new(class, format!("HTTP {status}, and not by a StructNoSQL gateway"))
        }
    };
    Failed { failure, retry_after }
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
