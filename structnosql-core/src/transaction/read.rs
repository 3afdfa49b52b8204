//! Several records, read as they are at one moment.

use std::sync::Arc;

use super::{ActionReport, TransactionReport, TransactionVerb, check, in_order};
use crate::backend::{Backend, TransactGet, TransactGetRequest};
use crate::error::{Error, ErrorKind};
use crate::failure::{Failure, FailureClass};
use crate::key::{Key, RecordKey};
use crate::link::Link;
use crate::path::DocumentPath;
use crate::projection::with_key;
use crate::unit::{Asking, UnitOfWork};
use crate::value::Map;

/// One record that is asked for.
pub(crate) struct Asked<'a, B> {
    pub(crate) link: &'a Link<B>,
    /// The unit of work that the record is one of, where it is one of any.
    pub(crate) unit: Option<&'a UnitOfWork>,
    pub(crate) key: Key,
    pub(crate) paths: Vec<DocumentPath>,
}

/// What a transaction found a record to be.
#[doc(hidden)]
pub struct Reply<'a> {
    /// What was asked for; all of it where it is empty.
    pub(crate) projection: Vec<DocumentPath>,
    pub(crate) item: Option<Map>,
    /// The record's turn, in a unit of work.
    pub(crate) asking: Option<Asking<'a>>,
}

/// Reads all of the records; what a unit of work knows is asked for as well, since it may be of another moment.
pub(crate) async fn read<'m, B: Backend>(backend: &B, asked: &'m [Asked<'m, B>]) -> Result<Vec<Reply<'m>>, Error> {
    check(TransactGetRequest::MAX_GETS, asked.iter().map(|one| (&*one.link.table, &one.key)))?;
    if !backend.capabilities().transactions {
        return Err(Failure::unsupported("transaction").into());
    }
    let mut turns: Vec<Option<Asking<'m>>> = asked.iter().map(|_| None).collect();
    for at in in_order(asked.iter().map(|one| (one.unit, &one.key))) {
        if let Some(unit) = asked[at].unit {
            turns[at] = Some(unit.begin_asking(&asked[at].key).await);
        }
    }
    let projections: Vec<Vec<DocumentPath>> = asked
        .iter()
        .zip(&turns)
        .map(|(one, asking)| match asking {
            Some(asking) => asking.projection(one.link.schema, &one.paths),
            None => with_key(one.link.schema, one.paths.clone()),
        })
        .collect();
    let get = |(one, projection): (&Asked<'_, B>, &Vec<DocumentPath>)| TransactGet {
        table: one.link.table.clone(),
        key: RecordKey { schema: one.link.schema, key: &one.key }.attributes(),
        projection: projection.clone(),
    };
    let request = TransactGetRequest { gets: asked.iter().zip(&projections).map(get).collect() };
    let items = match backend.transact_get(request).await {
        Ok(items) if items.len() == asked.len() => {
            asked.iter().zip(items).map(|(one, item)| one.link.taken_in(item)).collect::<Vec<_>>()
        }
        Ok(_) => return Err(Failure::new(FailureClass::BadAnswer, "not every read was answered").into()),
        Err(failure) => return Err(refused(asked, failure)),
    };
    let answers = projections.into_iter().zip(items).zip(turns);
    Ok(answers.map(|((projection, item), asking)| Reply { projection, item, asking }).collect())
}

fn refused<B>(asked: &[Asked<'_, B>], failure: Failure) -> Error {
    if failure.reasons().is_empty() {
        return failure.into();
    }
    let actions = asked.iter().zip(failure.reasons()).map(|(one, reason)| {
        let error = reason.clone().map(|reason| Arc::new(reason.into()));
        ActionReport::new(&one.link.table, &one.key, TransactionVerb::Get, None, error)
    });
    ErrorKind::Transaction(TransactionReport { actions: actions.collect() }).into()
}
