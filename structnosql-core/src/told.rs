//! Updates that the database is told apart by a token, so that sending them again is harmless.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::backend::{Backend, IdempotencyToken, TransactAction, TransactWriteRequest, UpdateRequest};
use crate::failure::Failure;
use crate::key::Key;
use crate::link::Link;

/// A minute less than a database keeps a token, which counts from later on: what is sent again takes its time, too.
const TOKEN_LASTS: Duration = Duration::from_secs(9 * 60);

/// A transaction that was sent, as it was sent: all of its updates are applied, or none.
#[derive(Debug)]
pub(crate) struct Told {
    request: TransactWriteRequest,
    /// The records that it changes, in order.
    pub(crate) keys: Vec<Key>,
    sent: Instant,
}

impl Told {
    /// A transaction of these updates, of the records in the order of their keys, with a token of its own.
    pub(crate) fn new(updates: Vec<(Key, UpdateRequest)>) -> Result<Arc<Self>, Failure> {
        let token = Some(IdempotencyToken::random()?);
        let (keys, actions) = updates.into_iter().map(|(key, update)| (key, TransactAction::Update(update))).unzip();
        Ok(Arc::new(Told { request: TransactWriteRequest { actions, token }, keys, sent: Instant::now() }))
    }

    pub(crate) async fn send<B: Backend>(&self, link: &Link<B>) -> Result<(), Failure> {
        link.backend.transact_write(self.request.clone()).await
    }

    /// Whether the database still knows the token.
    pub(crate) fn is_fresh(&self) -> bool {
        self.sent.elapsed() < TOKEN_LASTS
    }
}

impl Failure {
    /// The reason of the only action of a transaction, where there is one.
    pub(crate) fn of_only_action(self) -> Failure {
        match self.reasons() {
            [Some(reason)] => reason.clone(),
            _ => self,
        }
    }
}
