//! What a commit is told beside the records.

use crate::backend::{Backend, Capabilities, UpdateRequest};
use crate::base::Base;
use crate::error::Error;
use crate::failure::Failure;
use crate::link::Link;
use crate::lock::{Lock, Raise, Terms};
use crate::outlook::{Carrier, CommitMode, fits_batch};
use crate::record::Whole;
use crate::report::OperationKind;

/// What a commit is told beside the records.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct CommitOptions {
    /// One kind of operations alone.
    pub(super) kind: Option<OperationKind>,
    /// What was read of the written paths has to be stored still.
    pub(super) unchanged: bool,
    /// The version is raised without a look at it.
    pub(super) unchecked: bool,
    /// How the records go together.
    pub(super) mode: CommitMode,
    /// What would do harm twice goes with a token.
    pub(super) exactly_once: bool,
    /// How many requests are under way at the same time; as many as the backend likes, unless it is said.
    pub(super) concurrency: Option<usize>,
}

impl CommitOptions {
    /// What the update of a record is bound to, whose version was read as `lock`.
    pub(super) fn terms<B: Backend>(
        self,
        link: &Link<B>,
        lock: Option<&Lock>,
        whole: &Whole<'_>,
    ) -> Result<Terms, Error> {
        let raise = Raise::of(link.schema, lock, self.unchecked || !whole.checked)?;
        let can = link.backend.capabilities();
        Ok(Terms { conditions: whole.conditions.clone(), raise, unchanged: self.unchanged, can })
    }

    /// Refuses what the backend cannot do.
    pub(super) fn check(self, capabilities: Capabilities) -> Result<(), Error> {
        if (self.mode == CommitMode::Atomic || self.exactly_once) && !capabilities.transactions {
            return Err(Failure::unsupported("transaction").into());
        }
        if self.mode == CommitMode::Batched && !capabilities.batched_updates {
            return Err(Failure::unsupported("batch of updates").into());
        }
        Ok(())
    }

    /// How many requests are under way at the same time.
    pub(super) fn concurrency<B: Backend>(self, backend: &B) -> usize {
        self.concurrency.unwrap_or_else(|| backend.concurrency())
    }

    /// Whether an update goes in a transaction of its own, so that it is never applied twice.
    pub(super) fn tells(self, update: &UpdateRequest) -> bool {
        self.exactly_once && self.mode != CommitMode::Atomic && !update.is_harmless_again()
    }

    /// What carries an update of a record of which `base` is known.
    pub(super) fn carrier(self, base: &Base, update: &UpdateRequest) -> Carrier {
        match self.mode {
            CommitMode::Atomic => Carrier::Transaction,
            _ if self.tells(update) => Carrier::Transaction,
            CommitMode::Batched if fits_batch(base, update) => Carrier::Batch,
            CommitMode::Batched | CommitMode::PerRecord => Carrier::Update,
        }
    }
}
