//! Which class a failed request belongs to: by the kind of the SDK's error and the server's error code.

use std::error::Error;
use std::io;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::CancellationReason;
use aws_smithy_http::endpoint::error::ResolveEndpointError as NoEndpoint;
use aws_smithy_runtime_api::client::endpoint::error::ResolveEndpointError as UnusableEndpoint;
use structnosql_core::{Failure, FailureClass};

use crate::convert::{Attributes, to_map};
use crate::wording;

/// Classifies the failure of a request that carries no condition.
///
/// Invariant: no message holds what was sent or stored. `Debug` of an SDK error prints whole requests and answers.
pub(crate) fn classify<E>(error: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) => Failure::new(FailureClass::NotSent, chain(error)),
        // Says nothing of how far the request came.
        SdkError::TimeoutError(_) => Failure::new(FailureClass::Interrupted, chain(error)),
        SdkError::DispatchFailure(dispatch) => {
            let unsent = dispatch.is_user() || dispatch.as_connector_error().is_some_and(|source| never_left(source));
            Failure::new(if unsent { FailureClass::NotSent } else { FailureClass::Interrupted }, chain(error))
        }
        // The source may quote the body.
        SdkError::ResponseError(response) => {
            Failure::new(FailureClass::Interrupted, format!("the answer (HTTP {}) broke off", response.raw().status()))
        }
        SdkError::ServiceError(service) => of_answer(service.raw().status().as_u16(), service.err()),
        _ => Failure::new(FailureClass::Interrupted, error.to_string()),
    }
}

/// Classifies the failure of a write, with the stored item that `stored` finds in it.
pub(crate) fn classify_write<E>(
    error: SdkError<E, HttpResponse>,
    stored: impl FnOnce(E) -> Option<Attributes>,
) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let failure = classify(&error);
    let SdkError::ServiceError(service) = error else { return failure };
    // An item that cannot be read does not make the condition's failure uncertain.
    match stored(service.into_err()).map(to_map) {
        Some(Ok(item)) if !item.is_empty() => failure.with_item(item),
        _ => failure,
    }
}

/// Classifies the failure of a transaction, by the reasons that `reasons` finds in it.
pub(crate) fn classify_transaction<E>(
    error: SdkError<E, HttpResponse>,
    reasons: impl FnOnce(E) -> Option<Vec<CancellationReason>>,
) -> Failure
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let failure = classify(&error);
    let SdkError::ServiceError(service) = error else { return failure };
    match reasons(service.into_err()) {
        Some(reasons) => {
            let cancelled = Failure::cancelled(reasons.into_iter().map(of_reason).collect());
            match failure.code() {
                Some(code) => cancelled.with_code(code),
                None => cancelled,
            }
        }
        None => failure,
    }
}

fn of_reason(reason: CancellationReason) -> Option<Failure> {
    let code = reason.code.filter(|code| code != "None")?;
    Some(of_part(&code, reason.message, reason.item))
}

/// Classifies the failure of one part of a request, which has codes of its own.
pub(crate) fn of_part(code: &str, message: Option<String>, item: Option<Attributes>) -> Failure {
    let message = message.unwrap_or_else(|| "the server gave no message".to_owned());
    let class = match code {
        "ConditionalCheckFailed" | "DuplicateItem" => FailureClass::ConditionFailed,
        "ProvisionedThroughputExceeded" | "RequestLimitExceeded" | "ThrottlingError" => FailureClass::Throttled,
        "TransactionConflict" => FailureClass::Conflict,
        "ResourceNotFound" => FailureClass::TableNotFound,
        "AccessDenied" => FailureClass::AccessDenied,
        "ItemCollectionSizeLimitExceeded" => FailureClass::TooLarge,
        "InternalServerError" => FailureClass::Interrupted,
        "ValidationError" => wording::of_validation(&message),
        _ => FailureClass::Invalid,
    };
    let failure = Failure::new(class, message).with_code(code);
    match item.map(to_map) {
        Some(Ok(item)) if !item.is_empty() => failure.with_item(item),
        _ => failure,
    }
}

/// A request that lacks what the SDK asks of one.
pub(crate) fn unsendable(error: BuildError) -> Failure {
    Failure::new(FailureClass::Invalid, error.to_string())
}

fn of_answer(status: u16, error: &impl ProvideErrorMetadata) -> Failure {
    let Some(code) = error.code() else {
        return without_code(status);
    };
    let message = error.message().unwrap_or("the server gave no message");
    Failure::new(of_code(code, message, status), message).with_code(code)
}

fn of_code(code: &str, message: &str, status: u16) -> FailureClass {
    match code {
        "ConditionalCheckFailedException" => FailureClass::ConditionFailed,
        "ProvisionedThroughputExceededException" | "RequestLimitExceeded" | "ThrottlingException"
        // Too many tables at once are being created or changed.
        | "LimitExceededException" => FailureClass::Throttled,
        "TransactionConflictException" | "TransactionCanceledException" | "ReplicatedWriteConflictException" => {
            FailureClass::Conflict
        }
        // An earlier attempt with the same token is being applied.
        "TransactionInProgressException" => FailureClass::Interrupted,
        "ResourceNotFoundException" => FailureClass::TableNotFound,
        "ResourceInUseException" => FailureClass::TableInUse,
        "AccessDeniedException" | "UnrecognizedClientException" | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" | "ExpiredToken" | "ExpiredTokenException"
        | "InvalidClientTokenId" | "InvalidSignatureException" | "SignatureDoesNotMatch"
        | "IncompleteSignature" | "IncompleteSignatureException" => FailureClass::AccessDenied,
        "ItemCollectionSizeLimitExceededException" => FailureClass::TooLarge,
        "UnknownOperationException" => FailureClass::Unsupported,
        "ValidationException" => wording::of_validation(message),
        _ if status >= 500 => FailureClass::Interrupted,
        _ => FailureClass::Invalid,
    }
}

/// Not DynamoDB's way to refuse: something on the way answered, or the answer is damaged.
fn without_code(status: u16) -> Failure {
    let class = match status {
        413 => FailureClass::TooLarge,
        500.. => FailureClass::Interrupted,
        _ => FailureClass::BadAnswer,
    };
    Failure::new(class, format!("HTTP {status} with an answer that could not be understood"))
}

/// Whether the cause lies before the first byte of the request: no credentials, no region or address, no connection.
fn never_left(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|cause| {
        cause.is::<CredentialsError>()
            || cause.is::<NoEndpoint>()
            || cause.is::<UnusableEndpoint>()
            || cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused)
            || found_no_connection(cause)
    })
}

/// The SDK's own HTTP client tells names that do not resolve, unreachable hosts and failed TLS handshakes
/// from connections that broke later.
#[cfg(feature = "aws")]
fn found_no_connection(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<hyper_util::client::legacy::Error>().is_some_and(|error| error.is_connect())
}

#[cfg(not(feature = "aws"))]
fn found_no_connection(_: &(dyn Error + 'static)) -> bool {
    false
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause| Error::source(*cause))
}

/// The causes one after another, each once: many errors print their own cause too.
///
/// Into a few of its messages the SDK prints the whole request, values included, as Rust's `Debug` does: a
/// cause with a brace in it is left out.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error).map(ToString::to_string) {
        if !cause.contains('{') && !text.ends_with(&cause) {
            text.push_str(if text.is_empty() { "" } else { ": " });
            text.push_str(&cause);
        }
    }
    text
}
