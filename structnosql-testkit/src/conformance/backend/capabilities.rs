//! What a backend says that it cannot do.

use structnosql_core::{
    Backend, BatchUpdateRequest, Capabilities, FailureClass, TransactAction, TransactGet, TransactGetRequest,
    TransactWriteRequest,
};

use super::stage::{Stage, set};
use crate::conformance::Outcome;
use crate::conformance::finding::{fails, same};

/// Whether the cases of a module are for a backend with these capabilities.
pub(super) fn has(capabilities: &Capabilities, case: &str) -> bool {
    match case.split_once("::") {
        Some(("transactions", _)) => capabilities.transactions,
        Some(("statements", _)) => capabilities.batched_updates,
        Some(("time_to_live", _)) => capabilities.time_to_live,
        _ => true,
    }
}

pub(super) async fn what_is_not_there_is_refused<B: Backend>(stage: &Stage<'_, B>) -> Outcome {
    const UNSUPPORTED: FailureClass = FailureClass::Unsupported;
    let Capabilities { transactions, batched_updates, time_to_live, .. } = stage.backend.capabilities();
    let (table, update) = (stage.tables.plain.clone(), stage.update_request("a", vec![set("n", 1)]));
    if !transactions {
        let write = TransactWriteRequest { actions: vec![TransactAction::Update(update.clone())], token: None };
        fails("a transaction", stage.backend.transact_write(write).await, UNSUPPORTED)?;
        let get = TransactGet { table: table.clone(), key: stage.key("a"), projection: Vec::new() };
        let read = TransactGetRequest { gets: vec![get] };
        fails("a transaction", stage.backend.transact_get(read).await, UNSUPPORTED)?;
    }
    if !batched_updates {
        let request = BatchUpdateRequest { updates: vec![update] };
        fails("a batch of updates", stage.backend.batch_update(request).await, UNSUPPORTED)?;
    }
    if !time_to_live {
        fails("time to live", stage.backend.enable_time_to_live(&table, "until").await, UNSUPPORTED)?;
        fails("time to live", stage.backend.describe_time_to_live(&table).await, UNSUPPORTED)?;
    }
    same("nothing was written", stage.stored("a").await?, None)
}
