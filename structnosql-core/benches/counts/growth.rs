//! That nothing costs more because more is cached or pending.

use std::hint::black_box;

use structnosql_core::{Error, TableDataModel};

use crate::model::{Movie, SHORT_ID, cached, ids, now};
use crate::{Case, Goal};

pub(crate) fn cases() -> Vec<Case> {
    let case = |name, run| Case { name, goal: Goal::None, operations: 10_000, run };
    vec![
        case("read, 10 records cached", |operations| read_among(10, operations)),
        case("read, 100 records cached", |operations| read_among(100, operations)),
        case("read, 1,000 records cached", |operations| read_among(1_000, operations)),
        case("read, 10,000 records cached", |operations| read_among(10_000, operations)),
        case("read, 100,000 records cached", |operations| read_among(100_000, operations)),
        case("pend again, 1 pending", |operations| pend_among(1, operations)),
        case("pend again, 10 pending", |operations| pend_among(10, operations)),
        case("pend again, 100 pending", |operations| pend_among(100, operations)),
        case("pend again, 1,000 pending", |operations| pend_among(1_000, operations)),
        case("pend another, 1 to 10", |operations| pend_new(10, operations)),
        case("pend another, 1 to 100", |operations| pend_new(100, operations)),
        case("pend another, 1 to 1,000", |operations| pend_new(1_000, operations)),
    ]
}

fn read_among(records: usize, operations: usize) -> Result<(), Error> {
    let ids = ids(records);
    let (movies, imdb) = (cached(&ids)?, Movie::fields().ratings().imdb());
    for id in ids.iter().cycle().step_by(7).take(operations) {
        let _ = black_box(now(movies.get_field(black_box(id), &imdb)));
    }
    std::mem::forget(movies);
    Ok(())
}

/// Pends changes of paths that have one pending, with so many of them in the record.
fn pend_among(pending: usize, operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()])?;
    let paths: Vec<_> = ids(pending).iter().map(|id| Movie::fields().tokens().key(id).revoked()).collect();
    for path in &paths {
        now(movies.update_field(SHORT_ID, path, true))?;
    }
    for path in paths.iter().cycle().take(operations) {
        let _ = black_box(now(movies.update_field(black_box(SHORT_ID), path, false)));
    }
    std::mem::forget(movies);
    Ok(())
}

/// Pends changes of so many new paths, again and again: what clearing them takes is in the count.
fn pend_new(pending: usize, operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()])?;
    let paths: Vec<_> = ids(pending).iter().map(|id| Movie::fields().tokens().key(id).revoked()).collect();
    for (number, path) in paths.iter().cycle().take(operations).enumerate() {
        if number % pending == 0 {
            movies.rollback();
        }
        let _ = black_box(now(movies.update_field(black_box(SHORT_ID), path, false)));
    }
    std::mem::forget(movies);
    Ok(())
}
