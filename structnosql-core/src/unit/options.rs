//! What a commit is told beside the records.

use crate::backend::Backend;
use crate::error::Error;
use crate::link::Link;
use crate::lock::{Lock, Raise, Terms};
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
}
