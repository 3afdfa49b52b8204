//! Several items in one request, all or none.
//!
//! From AWS's pages of `TransactWriteItems` and `TransactGetItems` and "Amazon DynamoDB Transactions: How it works".

use std::time::Duration;

use structnosql_core::{
    Failure, FailureClass, Map, TransactAction, TransactGetRequest, TransactWriteRequest, UpdateRequest,
};
use tokio::time::Instant;

use super::batch::{Whose, check_count, check_different};
use super::store::Store;
use super::table::invalid;
use super::{condition, limits, project};

const TOKENS_LAST: Duration = Duration::from_secs(10 * 60);

/// A transaction that was applied, by its token.
#[derive(Clone, Debug)]
pub(super) struct Told {
    request: TransactWriteRequest,
    at: Instant,
}

pub(super) fn write(store: &mut Store, request: TransactWriteRequest) -> Result<(), Failure> {
    check_count(request.actions.len(), TransactWriteRequest::MAX_ACTIONS)?;
    if let Some(token) = &request.token
        && let Some(told) = store.tokens.get(token.as_str())
        && told.at.elapsed() < TOKENS_LAST
    {
        return match told.request == request {
            true => Ok(()),
            false => Err(invalid("another transaction was sent with this token")),
        };
    }
    let whose = request.actions.iter().map(|action| whose(store, action)).collect::<Result<Vec<_>, _>>()?;
    check_different(&whose)?;
    let mut new = store.clone();
    let mut reasons = Vec::new();
    for action in &request.actions {
        reasons.push(apply(&mut new, action).err());
    }
    if reasons.iter().any(Option::is_some) {
        return Err(Failure::cancelled(reasons));
    }
    let sizes = whose.iter().map(|(table, key)| {
        let size = |store: &Store| store.table(table).ok().and_then(|table| table.get(key)).map_or(0, Map::item_size);
        size(store).max(size(&new))
    });
    if sizes.sum::<usize>() > TransactWriteRequest::MAX_BYTES {
        return Err(Failure::new(FailureClass::TooLarge, "the items of the transaction are larger than 4 MB in all"));
    }
    *store = new;
    if let Some(token) = request.token.clone() {
        store.tokens.insert(token.as_str().into(), Told { request, at: Instant::now() });
    }
    Ok(())
}

fn whose(store: &Store, action: &TransactAction) -> Result<Whose, Failure> {
    let (table, key) = match action {
        TransactAction::Put(put) => {
            return Ok((put.table.clone(), store.table(&put.table)?.key_of_item(&put.item)?));
        }
        TransactAction::Update(update) => (&update.table, &update.key),
        TransactAction::Delete(delete) => (&delete.table, &delete.key),
        TransactAction::Check(check) => (&check.table, &check.key),
    };
    Ok((table.clone(), store.table(table)?.key_of_request(key)?))
}

fn apply(store: &mut Store, action: &TransactAction) -> Result<(), Failure> {
    match action {
        TransactAction::Put(put) => {
            store.table_mut(&put.table)?.put(put.item.clone(), put.condition.as_ref()).map(drop)
        }
        TransactAction::Update(UpdateRequest { actions, .. }) if actions.is_empty() => {
            Err(invalid("an update of a transaction changes something"))
        }
        TransactAction::Update(update) => store.table_mut(&update.table)?.update(update).map(drop),
        TransactAction::Delete(delete) => {
            store.table_mut(&delete.table)?.delete(&delete.key, delete.condition.as_ref()).map(drop)
        }
        TransactAction::Check(check) => {
            let table = store.table(&check.table)?;
            limits::check_condition(Some(&check.condition))?;
            condition::check(Some(&check.condition), table.get(&table.key_of_request(&check.key)?))
        }
    }
}

pub(super) fn get(store: &Store, request: &TransactGetRequest) -> Result<Vec<Option<Map>>, Failure> {
    check_count(request.gets.len(), TransactGetRequest::MAX_GETS)?;
    let mut whose: Vec<Whose> = Vec::new();
    let mut items = Vec::new();
    for get in &request.gets {
        let table = store.table(&get.table)?;
        limits::check_projection(&get.projection)?;
        let key = table.key_of_request(&get.key)?;
        let found = table.get(&key).map(|item| project::project(item, &get.projection));
        items.push(found.filter(|parts| !parts.is_empty()));
        whose.push((get.table.clone(), key));
    }
    check_different(&whose)?;
    Ok(items)
}
