//! Whether one request would do for the changes of a record, found by trying.

use structnosql_core::{Backend, UpdateAction, UpdateRequest};

use super::bench::{finished, key};
use super::document::definition;
use super::patience::finish;
use crate::Reference;
use crate::model::{Choice, Entries, Record, entries_of, map_of};

/// More combinations than this are not tried.
const MANY: usize = 10_000;

/// A request that makes all the changes that are pending for a record, where there is one.
pub(crate) fn in_one(record: usize, before: &Record) -> Result<Option<Vec<UpdateAction>>, String> {
    let pending = before.whole();
    let after = pending.over_record(before.db.as_ref(), &before.key);
    let (Some(stored), Some(wanted)) = (&before.db, &after) else { return Ok(None) };
    let reference = Reference::new();
    finished(finish(reference.create_table(definition())))?.map_err(|failure| failure.to_string())?;
    for actions in combinations(&pending.choices(&[], stored, wanted)) {
        if applied(&reference, record, stored, &actions)?.as_ref() == Some(wanted) {
            return Ok(Some(actions));
        }
    }
    Ok(None)
}

/// Every way to take one of each choice; nothing where there are too many.
fn combinations(choices: &[Choice]) -> Vec<Vec<UpdateAction>> {
    let count = choices.iter().try_fold(1_usize, |count, choice| count.checked_mul(choice.len()));
    if count.is_none_or(|count| count > MANY) {
        return Vec::new();
    }
    choices.iter().fold(vec![Vec::new()], |taken, choice| {
        let with = |actions: &Vec<UpdateAction>| {
            let more = choice.iter().map(|more| actions.iter().chain(more).cloned().collect());
            more.collect::<Vec<Vec<UpdateAction>>>()
        };
        taken.iter().flat_map(with).collect()
    })
}

/// What one request leaves of a stored record; nothing where DynamoDB would refuse it.
fn applied(
    reference: &Reference,
    record: usize,
    stored: &Entries,
    actions: &[UpdateAction],
) -> Result<Option<Entries>, String> {
    if actions.is_empty() {
        return Ok(None);
    }
    let table = definition().table;
    reference.put_item(&table, map_of(stored)).map_err(|failure| failure.to_string())?;
    let request = UpdateRequest {
        table: table.to_string().into(),
        key: key(record),
        actions: actions.to_vec(),
        condition: None,
        return_old: false,
    };
    let updated = finished(finish(reference.update(request)))?;
    Ok(updated.ok().and_then(|_| reference.item(&table, &key(record))).and_then(|item| entries_of(&item)))
}
