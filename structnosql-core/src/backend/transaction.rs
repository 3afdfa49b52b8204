//! Several items in one request, all or none.

use std::fmt;
use std::sync::Arc;

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::{DeleteRequest, PutRequest, UpdateRequest};
use crate::condition::Condition;
use crate::failure::{Failure, FailureClass};
use crate::path::DocumentPath;
use crate::text::Text;
use crate::value::Map;

/// Write several items, of any tables: all, or none where one cannot be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransactWriteRequest {
    /// 1 to [`MAX_ACTIONS`](Self::MAX_ACTIONS) actions, 4 MB in all, none on an item that another one is on.
    pub actions: Vec<TransactAction>,
    /// Makes it harmless to send the same request again, for ten minutes after it was first answered.
    pub token: Option<IdempotencyToken>,
}

impl TransactWriteRequest {
    /// The most actions of one transaction.
    pub const MAX_ACTIONS: usize = 100;
    /// The largest items of one transaction in all, in bytes.
    pub const MAX_BYTES: usize = 4 * 1024 * 1024;
}

/// What a transaction does to one item. Nothing is returned of it, whatever its request says of the old item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub enum TransactAction {
    /// Writes it.
    Put(PutRequest),
    /// Changes parts of it, creating it where it is not there.
    Update(UpdateRequest),
    /// Deletes it.
    Delete(DeleteRequest),
    /// Leaves it as it is, and is in the way of the others where it does not meet a condition.
    Check(CheckRequest),
}

/// What an item of a transaction must meet that the transaction does not write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CheckRequest {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes.
    pub key: Map,
    /// What the stored item must meet.
    pub condition: Condition,
}

/// Read several items, of any tables, as they are at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransactGetRequest {
    /// 1 to [`MAX_GETS`](Self::MAX_GETS) reads, 4 MB in all, none of an item that another one reads.
    pub gets: Vec<TransactGet>,
}

impl TransactGetRequest {
    /// The most reads of one transaction.
    pub const MAX_GETS: usize = 100;
}

/// One read of a transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransactGet {
    /// The table's name.
    pub table: Arc<str>,
    /// The key attributes.
    pub key: Map,
    /// Which parts to return; everything where it is empty. No path is equal to or below another. An item that has none
    /// of them comes back as if it were not there, so it should have the key attributes.
    #[serde(default)]
    pub projection: Vec<DocumentPath>,
}

/// What a database tells a repeated transaction by, DynamoDB's `ClientRequestToken`.
///
/// For ten minutes after a transaction with a token was answered, sending it again is answered alike and changes
/// nothing; another transaction with the same token is refused.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct IdempotencyToken(Text);

impl IdempotencyToken {
    /// The most characters of a token.
    pub const MAX_LENGTH: usize = 36;

    /// A token of the caller's own, such as the id of what is done: 1 to 36 characters.
    ///
    /// # Errors
    ///
    /// An empty text, or one that is longer.
    pub fn new(text: impl Into<Text>) -> Result<Self, Failure> {
        let text = text.into();
        match text.chars().count() {
            1..=Self::MAX_LENGTH => Ok(IdempotencyToken(text)),
            length => {
                let message = format!("an idempotency token has 1 to {} characters, not {length}", Self::MAX_LENGTH);
                Err(Failure::new(FailureClass::Invalid, message))
            }
        }
    }

    /// A token that no other transaction has: 128 random bits.
    ///
    /// # Errors
    ///
    /// [`NotSent`](FailureClass::NotSent) where the operating system has no randomness to give.
    pub fn random() -> Result<Self, Failure> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| {
            Failure::new(FailureClass::NotSent, format!("no randomness for an idempotency token: {error}"))
        })?;
        Ok(IdempotencyToken(Text::from(format!("{:032x}", u128::from_ne_bytes(bytes)))))
    }

    /// The token as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for IdempotencyToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IdempotencyToken::new(Text::deserialize(deserializer)?).map_err(|failure| D::Error::custom(failure.message()))
    }
}

/// A token is no value of an item, and tells requests in logs from one another.
impl fmt::Debug for IdempotencyToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
