//! Several items in one request, each for itself.
//!
//! From AWS's pages of `BatchGetItem`, `BatchWriteItem` and `BatchExecuteStatement`: what is wrong with one key or item
//! refuses the whole request, but a statement is answered for itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use structnosql_core::expression::statement;
use structnosql_core::{
    Action, BatchGetRequest, BatchGetResponse, BatchUpdateRequest, BatchWrite, BatchWriteRequest, Failure,
    FailureClass, UpdateRequest,
};

use super::store::Store;
use super::table::{ItemKey, StoredTable, invalid};
use super::{condition, limits, project};

const ANSWER_BYTES: usize = 16 * 1024 * 1024;

pub(super) fn get(store: &mut Store, request: BatchGetRequest) -> Result<BatchGetResponse, Failure> {
    let table = store.table_mut(&request.table)?.seen(request.consistent);
    limits::check_projection(&request.projection)?;
    check_count(request.keys.len(), BatchGetRequest::MAX_KEYS)?;
    let keys = request.keys.iter().map(|key| table.key_of_request(key)).collect::<Result<Vec<_>, _>>()?;
    check_different(&keys)?;
    let mut response = BatchGetResponse::default();
    let mut bytes = 0;
    for (key, asked) in keys.iter().zip(request.keys) {
        let found = table.get(key);
        bytes += found.map_or(0, |item| item.item_size());
        if bytes > ANSWER_BYTES {
            response.unprocessed.push(asked);
        } else {
            response.items.extend(found.map(|item| project::project(item, &request.projection)));
        }
    }
    Ok(response)
}

pub(super) fn write(store: &mut Store, request: BatchWriteRequest) -> Result<Vec<BatchWrite>, Failure> {
    let table = store.table_mut(&request.table)?;
    check_count(request.writes.len(), BatchWriteRequest::MAX_WRITES)?;
    let key = |write: &BatchWrite| match write {
        BatchWrite::Put(item) => table.key_of_item(item),
        BatchWrite::Delete(key) => table.key_of_request(key),
    };
    let keys = request.writes.iter().map(key).collect::<Result<Vec<_>, _>>()?;
    check_different(&keys)?;
    let mut new: StoredTable = table.clone();
    for write in request.writes {
        match write {
            BatchWrite::Put(item) => drop(new.put(item, None)?),
            BatchWrite::Delete(key) => drop(new.delete(&key, None)?),
        }
    }
    *table = new;
    Ok(Vec::new())
}

pub(super) fn update(store: &mut Store, request: BatchUpdateRequest) -> Result<Vec<Result<(), Failure>>, Failure> {
    check_count(request.updates.len(), BatchUpdateRequest::MAX_UPDATES)?;
    let mut keys = Vec::new();
    for update in &request.updates {
        // A statement whose table or key is wrong is answered for itself.
        if let Ok(key) = store.table(&update.table).and_then(|table| table.key_of_request(&update.key)) {
            keys.push((update.table.clone(), key));
        }
    }
    check_different(&keys)?;
    Ok(request.updates.iter().map(|update| run(store, update)).collect())
}

/// One update, as a statement takes it.
fn run(store: &mut Store, request: &UpdateRequest) -> Result<(), Failure> {
    if statement(request).is_none() {
        return Err(invalid("PartiQL has no words for this update"));
    }
    let table = store.table_mut(&request.table)?;
    let key = table.key_of_request(&request.key)?;
    let Some(item) = table.get(&key) else {
        return Err(Failure::new(FailureClass::ConditionFailed, "there is no such item, and a statement creates none"));
    };
    for action in &request.actions {
        let needs = matches!(action.action, Action::Increment { .. } | Action::Append(_) | Action::Prepend(_));
        if needs && condition::stored(Some(item), &action.path).is_none() {
            return Err(invalid("a statement refers to an attribute that is not there"));
        }
    }
    table.update(request).map(drop)
}

pub(super) fn check_count(count: usize, most: usize) -> Result<(), Failure> {
    match count {
        0 => Err(invalid("a request of several items has at least one")),
        count if count > most => Err(invalid("a request of several items has too many")),
        _ => Ok(()),
    }
}

pub(super) fn check_different<K: Ord>(keys: &[K]) -> Result<(), Failure> {
    match keys.iter().collect::<BTreeSet<_>>().len() == keys.len() {
        true => Ok(()),
        false => Err(invalid("a request of several items names one of them twice")),
    }
}

/// The table and key of an item.
pub(super) type Whose = (Arc<str>, ItemKey);
