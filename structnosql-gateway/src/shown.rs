//! What of a failure a client is shown.

use structnosql_core::{Failure, FailureClass};

/// The failure as a client is told it: without stored items unless it may see them, and without what the database says of
/// itself, its account and its addresses.
pub(crate) fn shown(failure: &Failure, items: bool) -> Failure {
    let kept = match failure.reasons() {
        [] => Failure::new(failure.class(), message(failure)),
        reasons => Failure::cancelled(reasons.iter().map(|one| one.as_ref().map(|one| shown(one, items))).collect()),
    };
    let kept = match failure.item() {
        Some(item) if items => kept.with_item(item.clone()),
        _ => kept,
    };
    match failure.code() {
        Some(code) => kept.with_code(code),
        None => kept,
    }
}

/// Whether its message is about more than the request.
pub(crate) fn is_hidden(failure: &Failure) -> bool {
    // Names of things in AWS hold the account's number.
    let tells_account = |message: &str| message.contains("arn:");
    match failure.reasons() {
        [] => !is_about_request(failure.class()) || tells_account(failure.message()),
        reasons => reasons.iter().flatten().any(is_hidden),
    }
}

fn is_about_request(class: FailureClass) -> bool {
    use FailureClass::{ConditionFailed, Conflict, Invalid, InvalidPath, TooLarge, Unsupported};
    matches!(class, Invalid | InvalidPath | TooLarge | Unsupported | ConditionFailed | Conflict)
}

fn message(failure: &Failure) -> &str {
    match failure.class() {
        _ if !is_hidden(failure) => failure.message(),
        FailureClass::AccessDenied => "the database refuses the service",
        FailureClass::NotSent => "the service does not reach the database",
        FailureClass::Interrupted => "the database's answer did not arrive",
        FailureClass::Throttled => "the database takes no more now",
        FailureClass::TableNotFound => "the database has no such table or index",
        FailureClass::TableInUse => "the table exists already, or is being changed",
        _ => "the database refuses it",
    }
}
