use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use structnosql_core::{Failure, FailureClass};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::footprint::Footprint;
use super::grant::{Grant, Lacking};
use super::rate::Bucket;
use crate::limits::{Limits, places};

/// The SHA-256 of an API key, which is all that the service knows of it: 64 hexadecimal digits.
///
/// A fast hash is enough where keys are random: make them of at least 128 random bits, as `openssl rand -hex 32` does.
///
/// ```
/// use structnosql_gateway::KeyHash;
///
/// let hash = KeyHash::of("5ecc6e1f...");
/// assert_eq!(hash.to_string().parse(), Ok(hash));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyHash([u8; 32]);

impl KeyHash {
    /// The hash of an API key.
    pub fn of(key: &str) -> Self {
        KeyHash(Sha256::digest(key.as_bytes()).into())
    }
}

impl fmt::Display for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyHash(..)")
    }
}

impl FromStr for KeyHash {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "the hash of an API key is 64 hexadecimal digits: its SHA-256".to_owned();
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(wrong());
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = str::from_utf8(pair).map_err(|_| wrong())?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(KeyHash(hash))
    }
}

impl TryFrom<String> for KeyHash {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<KeyHash> for String {
    fn from(hash: KeyHash) -> String {
        hash.to_string()
    }
}

/// A client, by the API keys that it may send: one, or two while one takes the other's place.
#[derive(Clone, Debug)]
pub struct ApiKey {
    name: String,
    hashes: Vec<KeyHash>,
    grants: Vec<Grant>,
    rate: Option<u32>,
}

impl ApiKey {
    /// A client whose key has this hash, and which is granted nothing. The name is what logs call it, and what its repeated
    /// requests are known by, also after its key has changed: no two clients have one name.
    pub fn new(name: impl Into<String>, hash: KeyHash) -> Self {
        ApiKey { name: name.into(), hashes: vec![hash], grants: Vec::new(), rate: None }
    }

    /// The key of this hash is good too. To change a client's key, add the new one, let the client change, and take
    /// the old one away.
    #[must_use]
    pub fn or(mut self, hash: KeyHash) -> Self {
        self.hashes.push(hash);
        self
    }

    /// What it may do. A request has to be covered by one grant as a whole.
    #[must_use]
    pub fn grant(mut self, grant: Grant) -> Self {
        self.grants.push(grant);
        self
    }

    /// How many records it may read and write in a second, and at once after a pause; as many as it likes otherwise. A
    /// page of a query or scan counts as one. A POST of more is run after a pause, and followed by a longer one.
    #[must_use]
    pub fn rate(mut self, records_per_second: u32) -> Self {
        self.rate = Some(records_per_second);
        self
    }
}

/// The clients that there are.
#[derive(Debug, Default)]
pub(crate) struct Keys(Vec<Arc<Client>>);

/// A client, and what is left of its rate and its places.
#[derive(Debug)]
pub(crate) struct Client {
    key: ApiKey,
    bucket: Option<Bucket>,
    places: Arc<Semaphore>,
}

impl Keys {
    pub(crate) fn new(keys: Vec<ApiKey>, limits: &Limits) -> Self {
        let places = || places(limits.client_requests);
        let client = |key: ApiKey| Client { bucket: key.rate.map(Bucket::new), key, places: places() };
        Keys(keys.into_iter().map(client).map(Arc::new).collect())
    }

    /// The client that a key belongs to.
    ///
    /// Every hash is looked at, each in the same time, so that the time tells nothing of how near a wrong key is.
    pub(crate) fn find(&self, key: &str) -> Option<Arc<Client>> {
        let hash = KeyHash::of(key);
        let mut found = u32::MAX;
        for (at, client) in (0..).zip(&self.0) {
            let same = client.key.hashes.iter().fold(Choice::from(0), |same, known| same | known.0.ct_eq(&hash.0));
            found.conditional_assign(&at, same);
        }
        self.0.get(found as usize).cloned()
    }
}

impl Client {
    pub(crate) fn name(&self) -> &str {
        &self.key.name
    }

    /// A place among the requests of this client.
    pub(crate) fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().try_acquire_owned().ok()
    }

    /// Takes so many records from its rate; in how many seconds there will be enough where there are not.
    pub(crate) fn take(&self, operations: usize) -> Result<(), u64> {
        self.bucket.as_ref().map_or(Ok(()), |bucket| bucket.take(operations))
    }

    /// Whether anything at all is granted on a table.
    pub(crate) fn may_name(&self, table: &str) -> bool {
        self.key.grants.iter().any(|grant| grant.names(table))
    }

    /// The grant that covers what an operation touches.
    ///
    /// The answer depends on the request and the grants alone, never on what there is: what is refused is refused
    /// alike whether it exists or not.
    pub(crate) fn covering(&self, footprint: &Footprint<'_>) -> Result<&Grant, Failure> {
        let mut lacking = Lacking::Verb;
        for grant in &self.key.grants {
            match grant.covers(footprint) {
                Ok(()) => return Ok(grant),
                Err(of_this) => lacking = lacking.max(of_this),
            }
        }
        let message = format!("the API key is not granted {}", lacking.describe(footprint));
        Err(Failure::new(FailureClass::AccessDenied, message))
    }
}
