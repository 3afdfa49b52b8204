//! How much a request would store: more than a record can hold is let go before it waits for anything.

use structnosql_core::{BatchWrite, Failure, FailureClass, MAX_ITEM_SIZE, TransactAction, UpdateRequest};
use structnosql_external::wire::extension::Operation;

/// Refuses an operation that stores more in a record than DynamoDB does.
pub(super) fn check_sizes(operation: &Operation) -> Result<(), Failure> {
    match operation {
        Operation::Put(request) => check(request.item.item_size()),
        Operation::Update(request) => check_update(request),
        Operation::BatchWrite(request) => request.writes.iter().try_for_each(|write| match write {
            BatchWrite::Put(item) => check(item.item_size()),
            BatchWrite::Delete(_) => Ok(()),
        }),
        Operation::BatchUpdate(request) => request.updates.iter().try_for_each(check_update),
        Operation::TransactWrite(request) => request.actions.iter().try_for_each(|action| match action {
            TransactAction::Put(request) => check(request.item.item_size()),
            TransactAction::Update(request) => check_update(request),
            TransactAction::Delete(_) | TransactAction::Check(_) => Ok(()),
        }),
        _ => Ok(()),
    }
}

fn check_update(request: &UpdateRequest) -> Result<(), Failure> {
    check(request.actions.iter().map(|action| action.action.size()).sum())
}

fn check(size: usize) -> Result<(), Failure> {
    match size <= MAX_ITEM_SIZE {
        true => Ok(()),
        false => {
            let message = format!("the record has {size} bytes; DynamoDB stores at most {MAX_ITEM_SIZE}");
            Err(Failure::new(FailureClass::TooLarge, message))
        }
    }
}
