//! How a backend's request failed, in classes that decide what may be done next.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::value::Map;

/// A failed request: its class, what the server said, and the stored item where it was returned.
///
/// The class is the contract between backends and tables. A backend that cannot tell whether a
/// write was applied reports [`FailureClass::Interrupted`]; every other class promises that it was not.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Failure(Box<Detail>);

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", schemars(rename = "FailureDetail"))]
struct Detail {
    class: FailureClass,
    code: Option<String>,
    message: String,
    item: Option<Map>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<Option<Failure>>,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum FailureClass {
    /// More requests than the table, the account or the engine takes now. Not applied; may be repeated later.
    Throttled,
    /// Another transaction holds the item. Not applied; may be repeated.
    Conflict,
    /// The request's condition does not hold for the stored item. Not applied.
    ConditionFailed,
    /// A document path of an update leads through something that is absent or of another type. Not applied.
    InvalidPath,
    /// The table or index does not exist. Not applied.
    TableNotFound,
    /// The table exists already, or is being changed. Not applied.
    TableInUse,
    /// The credentials are missing, wrong, or do not allow this. Not applied.
    AccessDenied,
    /// The item, the expression or the request is larger than DynamoDB takes. Not applied.
    TooLarge,
    /// DynamoDB refuses the request for another reason. Not applied.
    Invalid,
    /// The backend has no such operation. Not applied.
    Unsupported,
    /// It never left this machine: no connection, no credentials, no name. Not applied.
    NotSent,
    /// It was sent and the answer was lost, late or a server error: it may have been applied.
    Interrupted,
    /// The server answered, and the answer makes no sense: it may have been applied.
    BadAnswer,
}

impl FailureClass {
    /// Whether the request may have been applied although it is reported as failed.
    pub fn may_be_applied(self) -> bool {
        matches!(self, FailureClass::Interrupted | FailureClass::BadAnswer)
    }

    /// Whether the same request may well succeed a little later.
    pub fn is_transient(self) -> bool {
        use FailureClass::{BadAnswer, Conflict, Interrupted, NotSent, Throttled};
        matches!(self, Throttled | Conflict | NotSent | Interrupted | BadAnswer)
    }

    fn describe(self) -> &'static str {
        match self {
            FailureClass::Throttled => "throttled",
            FailureClass::Conflict => "conflict with another transaction",
            FailureClass::ConditionFailed => "condition failed",
            FailureClass::InvalidPath => "document path invalid for this item",
            FailureClass::TableNotFound => "table or index not found",
            FailureClass::TableInUse => "table in use",
            FailureClass::AccessDenied => "access denied",
            FailureClass::TooLarge => "too large",
            FailureClass::Invalid => "request refused",
            FailureClass::Unsupported => "not supported by this backend",
            FailureClass::NotSent => "not sent",
            FailureClass::Interrupted => "answer lost",
            FailureClass::BadAnswer => "answer not understood",
        }
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.describe())
    }
}

impl Failure {
    /// A failure of this class; the message says what happened, without stored values.
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Failure(Box::new(Detail { class, code: None, message: message.into(), item: None, reasons: Vec::new() }))
    }

    /// A transaction that was refused for what its single actions met, by their places in the request; an action that
    /// was not in the way has no reason.
    ///
    /// Its class is that of the first reason that repeating does not mend, or else of the first one.
    pub fn cancelled(reasons: Vec<Option<Failure>>) -> Self {
        let mut met = reasons.iter().enumerate().filter_map(|(at, reason)| Some((at, reason.as_ref()?)));
        let first = met.clone().find(|(_, reason)| !reason.class().is_transient()).or_else(|| met.next());
        // Without reasons nothing is known, but that nothing was applied.
        let class = first.map_or(FailureClass::Conflict, |(_, reason)| reason.class());
        let because = first.map(|(at, reason)| format!(" because of action {at}: {reason}")).unwrap_or_default();
        let mut failure = Failure::new(class, format!("the transaction was cancelled{because}"));
        failure.0.reasons = reasons;
        failure
    }

    /// With the server's error code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// With the stored item that the server returned.
    #[must_use]
    pub fn with_item(mut self, item: Map) -> Self {
        self.0.item = Some(item);
        self
    }

    /// What kind of failure it was.
    pub fn class(&self) -> FailureClass {
        self.0.class
    }

    /// The server's error code, such as `ProvisionedThroughputExceededException`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// What the server or the client library said.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The stored item that failed the condition, where the backend returns it.
    pub fn item(&self) -> Option<&Map> {
        self.0.item.as_ref()
    }

    /// Of a cancelled transaction: what each of its actions met, in their order. Empty for any other failure.
    pub fn reasons(&self) -> &[Option<Failure>] {
        &self.0.reasons
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class(), self.message())?;
        match self.code() {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

/// Leaves the returned item out: failures end up in logs.
impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Failure {}
