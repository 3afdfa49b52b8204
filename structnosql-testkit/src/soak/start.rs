//! Calls of the table as futures of one type.

use std::pin::Pin;

use structnosql_core::{Commit, CommitReport, Error, Map, Page, Source, StructModel, TableDataModel, Value};

use super::bench::{SoakBackend, SoakTable, id};
use super::document::{Document, change, field, predicate};
use super::step::{Call, Clear, Mode, Putting, Write};
use crate::model::{Action, Entries, Kind, Path, map_of};

/// What a call answered.
#[derive(Debug)]
pub(crate) enum Answer {
    Written(Result<(), Error>),
    /// The values that were read, or replaced.
    Values(Result<Vec<Option<Value>>, Error>),
    /// The values that were read, and where each of them comes from.
    Read(Result<Vec<Option<Value>>, Error>, Vec<Source>),
    /// The record that was deleted, or replaced.
    Replaced(Result<Option<Map>, Error>),
    Page(Result<Page<Vec<Option<Value>>>, Error>),
    Committed(Result<CommitReport, Error>),
}

/// A call under way.
pub(crate) type Running<'t> = Pin<Box<dyn Future<Output = Answer> + 't>>;

/// Begins a call that may take a while; nothing for one that is done at once.
pub(crate) fn start<'t>(table: &'t SoakTable, call: &Call) -> Result<Option<Running<'t>>, String> {
    Ok(Some(match call {
        Call::Write(write) => start_write(table, write),
        Call::Put { record, item, how } => {
            let (document, how) = (document(*record, item)?, *how);
            Box::pin(async move {
                match how {
                    Putting::Put => Answer::Written(table.put_record(&document).await),
                    Putting::Create => Answer::Written(table.create_record(&document).await),
                    Putting::ReturnOld => replaced(table.put_record_return_old(&document).await),
                }
            })
        }
        Call::WriteMany(written) => {
            let mut documents = Vec::new();
            for (record, item) in written {
                documents.extend(item.as_ref().map(|item| document(*record, item)).transpose()?);
            }
            let deleted: Vec<String> =
                written.iter().filter(|(_, item)| item.is_none()).map(|(record, _)| id(*record)).collect();
            Box::pin(async move {
                Answer::Written(match documents.is_empty() {
                    false => table.put_records(&documents).await,
                    true => table.delete_records(&deleted).await,
                })
            })
        }
        Call::ReadMany(records) => {
            let keys: Vec<String> = records.iter().map(|record| id(*record)).collect();
            Box::pin(async move { Answer::Values(table.get_records(&keys).skip_validation().await) })
        }
        Call::Prefetch(records) => {
            let keys: Vec<String> = records.iter().map(|record| id(*record)).collect();
            Box::pin(async move { Answer::Written(table.prefetch(&keys).await) })
        }
        Call::Delete { record, return_old: false } => {
            let key = id(*record);
            Box::pin(async move { Answer::Written(table.delete_record(&key).await) })
        }
        Call::Delete { record, return_old: true } => {
            let key = id(*record);
            Box::pin(async move { replaced(table.remove_record(&key).await) })
        }
        Call::Read { record, paths, consistent } => {
            let (key, fields, consistent): (_, Vec<_>, _) =
                (id(*record), paths.iter().map(field).collect(), *consistent);
            Box::pin(async move {
                let call = table.debug().get_field(&key, fields);
                let read = if consistent { call.await } else { call.eventually_consistent().await };
                let sources = read.iter().flatten().map(|sourced| sourced.source).collect();
                Answer::Read(read.map(|read| read.into_iter().map(|sourced| sourced.value).collect()), sources)
            })
        }
        Call::Query { category, paths } => {
            let fields: Vec<_> = paths.iter().map(field).collect();
            let index = Document::indexes().category(*category);
            Box::pin(async move { Answer::Page(table.query_field(index, fields).await) })
        }
        Call::QueryOne { record, paths } => {
            let fields: Vec<_> = paths.iter().map(field).collect();
            let key = Document::indexes().primary(id(*record));
            Box::pin(async move { Answer::Page(table.query_field(key, fields).await) })
        }
        Call::Commit { kind, only, mode } => {
            let commit = commit(table, *kind, *only, *mode);
            Box::pin(async move { Answer::Committed(commit.await) })
        }
        _ => return Ok(None),
    }))
}

/// The old record as it was stored, also where it does not fit its model.
fn replaced(old: Result<Option<Document>, Error>) -> Answer {
    Answer::Replaced(match old {
        Ok(old) => old.map(|old| old.encode_fields()).transpose().map_err(misfit),
        Err(error) => match error.into_kind() {
            structnosql_core::ErrorKind::Replaced { old, .. } => Ok(Some(old)),
            other => Err(other.into()),
        },
    })
}

pub(crate) fn commit(
    table: &SoakTable,
    kind: Option<Kind>,
    only: Option<usize>,
    mode: Mode,
) -> structnosql_core::Call<Commit<'_, SoakBackend>> {
    let commit = match (kind, only) {
        (None, None) => table.commit_operations(),
        (None, Some(record)) => table.commit_record(id(record)),
        (Some(Kind::Update), _) => table.commit_update_operations(),
        (Some(Kind::Remove), _) => table.commit_remove_operations(),
    };
    match mode {
        Mode::PerRecord => commit,
        Mode::ExactlyOnce => commit.exactly_once(),
        Mode::Batched => commit.batched(),
        Mode::Atomic => commit.atomic(),
    }
}

/// A whole record as its model has it.
fn document(record: usize, item: &Entries) -> Result<Document, String> {
    let mut item: Entries = item.clone();
    item.insert("id".to_owned(), crate::model::Tree::Text(id(record)));
    Document::decode_fields(&map_of(&item)).map_err(|mismatch| mismatch.to_string())
}

fn misfit(mismatch: structnosql_core::Mismatch) -> Error {
    structnosql_core::ErrorKind::StoredValue(mismatch).into()
}

pub(crate) fn start_read<'t>(table: &'t SoakTable, record: usize, paths: &[Path], consistent: bool) -> Running<'t> {
    let (key, fields): (_, Vec<_>) = (id(record), paths.iter().map(field).collect());
    Box::pin(async move {
        let call = table.get_field(&key, fields).skip_validation();
        Answer::Values(if consistent { call.await } else { call.eventually_consistent().await })
    })
}

fn start_write<'t>(table: &'t SoakTable, write: &Write) -> Running<'t> {
    let write = write.clone();
    Box::pin(async move {
        let key = id(write.record);
        let fields: Vec<_> = write.changes.iter().map(|(path, _)| field(path)).collect();
        let changes = write.changes.iter().map(|(path, action)| change(path, action)).collect::<Vec<_>>();
        let removes = write.changes.iter().all(|(_, action)| *action == Action::Remove);
        /// With the condition, where the write has one.
        macro_rules! call {
            ($call:expr) => {
                match &write.condition {
                    None => $call.await,
                    Some(condition) if *condition == crate::model::Condition::record_exists() => {
                        $call.if_exists().await
                    }
                    Some(condition) => $call.condition(predicate(condition)).await,
                }
            };
        }
        let one = if write.several { None } else { write.changes.first() };
        match (one, write.return_old) {
            (Some((_, Action::Set(value))), false) => {
                Answer::Written(call!(table.update_field(&key, fields[0].clone(), value.to_value())))
            }
            (Some((_, Action::Remove)), false) => Answer::Written(call!(table.delete_field(&key, fields[0].clone()))),
            (Some((_, Action::Set(value))), true) => Answer::Values(
                call!(table.update_field_return_old(&key, fields[0].clone(), value.to_value())).map(|old| vec![old]),
            ),
            (Some((_, Action::Remove)), true) => {
                Answer::Values(call!(table.remove_field(&key, fields[0].clone())).map(|old| vec![old]))
            }
            (None, false) if removes => Answer::Written(call!(table.delete_multiple_fields(&key, fields))),
            (None, true) if removes => Answer::Values(call!(table.remove_multiple_fields(&key, fields))),
            (_, false) => Answer::Written(call!(table.update_multiple_fields(&key, changes))),
            (_, true) => {
                let old = call!(table.update_multiple_fields_return_old(&key, changes));
                Answer::Values(old.and_then(|old| fields.iter().map(|field| old.get(field)).collect()))
            }
        }
    })
}

/// Clears at once.
pub(crate) fn clear(table: &SoakTable, clear: Clear) {
    match clear {
        Clear::CachedData(None) => table.clear_cached_data(),
        Clear::CachedData(Some(record)) => table.clear_cached_data_for_record(id(record)),
        Clear::Pending(None) => table.clear_pending_operations(),
        Clear::Pending(Some(record)) => table.clear_pending_operations_for_record(id(record)),
        Clear::PendingOf(Kind::Update) => table.clear_pending_update_operations(),
        Clear::PendingOf(Kind::Remove) => table.clear_pending_remove_operations(),
        Clear::CachedDataAndPending => table.clear_cached_data_and_pending_operations(),
        Clear::Rollback(None) => table.rollback(),
        Clear::Rollback(Some(record)) => table.rollback_record(id(record)),
        Clear::Refresh(None) => table.refresh(),
        Clear::Refresh(Some(record)) => table.refresh_record(id(record)),
    }
}
