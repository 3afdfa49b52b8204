//! That nothing costs more because more is cached or pending.

use std::hint::black_box;

use structnosql_core::{Error, TableDataModel};

use crate::model::{Movie, SHORT_ID, Token, cached, ids, now};
use crate::{Case, Goal};

/// How many records are cached: nothing may depend on it.
macro_rules! among_records {
    ($name:literal, $operations:expr, $run:ident) => {
        [
            case(concat!($name, ", 10 records cached"), $operations, |operations| now($run(10, operations))),
            case(concat!($name, ", 100 records cached"), $operations, |operations| now($run(100, operations))),
            case(concat!($name, ", 1,000 records cached"), $operations, |operations| now($run(1_000, operations))),
            case(concat!($name, ", 10,000 records cached"), $operations, |operations| now($run(10_000, operations))),
            case(concat!($name, ", 100,000 records cached"), $operations, |operations| now($run(100_000, operations))),
        ]
    };
}

fn case(name: &'static str, operations: usize, run: fn(usize) -> Result<(), Error>) -> Case {
    Case { name, goal: Goal::None, operations, run }
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(among_records!("read", 10_000, read_among));
    cases.extend(among_records!("pend again", 10_000, pend_in_cache));
    cases.extend(among_records!("pend and commit_record", 1_000, commit_in_cache));
    cases.extend(among_records!("pend and clear the record", 1_000, clear_in_cache));
    cases.extend([
        case("pend again, 1 pending", 10_000, |operations| now(pend_among(1, operations))),
        case("pend again, 10 pending", 10_000, |operations| now(pend_among(10, operations))),
        case("pend again, 100 pending", 10_000, |operations| now(pend_among(100, operations))),
        case("pend again, 1,000 pending", 10_000, |operations| now(pend_among(1_000, operations))),
        case("pend another, 1 to 10", 10_000, |operations| now(pend_new(10, operations))),
        case("pend another, 1 to 100", 10_000, |operations| now(pend_new(100, operations))),
        case("pend another, 1 to 1,000", 10_000, |operations| now(pend_new(1_000, operations))),
        case("commit one of 1 pending", 100, |operations| now(commit_of(1, operations))),
        case("commit one of 10 pending", 1_000, |operations| now(commit_of(10, operations))),
        case("commit one of 100 pending", 10_000, |operations| now(commit_of(100, operations))),
        case("commit one of 1,000 pending", 10_000, |operations| now(commit_of(1_000, operations))),
        case("commit one of 10,000 pending", 10_000, |operations| now(commit_of(10_000, operations))),
    ]);
    cases
}

/// Pends a change that is pending already.
async fn pend_in_cache(records: usize, operations: usize) -> Result<(), Error> {
    let movies = cached(&ids(records)).await?;
    let imdb = Movie::fields().ratings().imdb();
    movies.update_field("b7", &imdb, 1).await?;
    for rating in 0..operations as i64 {
        let _ = black_box(movies.update_field(black_box("b7"), &imdb, rating % 100).await);
    }
    std::mem::forget(movies);
    Ok(())
}

/// Pends a change of one record, commits that, and asks whether anything is left.
async fn commit_in_cache(records: usize, operations: usize) -> Result<(), Error> {
    let movies = cached(&ids(records)).await?;
    let imdb = Movie::fields().ratings().imdb();
    for rating in 0..operations as i64 {
        movies.update_field("b7", &imdb, rating % 100).await?;
        movies.commit_record(black_box("b7")).await?;
        assert!(!movies.has_pending_operations());
    }
    std::mem::forget(movies);
    Ok(())
}

/// Pends a change of one record and gives it up again.
async fn clear_in_cache(records: usize, operations: usize) -> Result<(), Error> {
    let movies = cached(&ids(records)).await?;
    let imdb = Movie::fields().ratings().imdb();
    for rating in 0..operations as i64 {
        movies.update_field("b7", &imdb, rating % 100).await?;
        movies.clear_pending_operations_for_record(black_box("b7"));
        assert!(!movies.has_pending_operations());
    }
    std::mem::forget(movies);
    Ok(())
}

/// Pends changes of so many paths of one record and commits them together, again and again: what one of them takes.
async fn commit_of(pending: usize, operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()]).await?;
    let paths: Vec<_> = ids(pending).iter().map(|id| Movie::fields().tokens().key(id)).collect();
    for (number, path) in paths.iter().cycle().take(operations).enumerate() {
        let token = Token { expiration_timestamp: number as i64, revoked: false };
        movies.update_field(black_box(SHORT_ID), path, token).await?;
        if (number + 1) % pending == 0 {
            movies.commit_record(SHORT_ID).await?;
        }
    }
    std::mem::forget(movies);
    Ok(())
}

async fn read_among(records: usize, operations: usize) -> Result<(), Error> {
    let ids = ids(records);
    let (movies, imdb) = (cached(&ids).await?, Movie::fields().ratings().imdb());
    for id in ids.iter().cycle().step_by(7).take(operations) {
        let _ = black_box(movies.get_field(black_box(id), &imdb).await);
    }
    std::mem::forget(movies);
    Ok(())
}

/// Pends changes of paths that have one pending, with so many of them in the record.
async fn pend_among(pending: usize, operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()]).await?;
    let paths: Vec<_> = ids(pending).iter().map(|id| Movie::fields().tokens().key(id).revoked()).collect();
    for path in &paths {
        movies.update_field(SHORT_ID, path, true).await?;
    }
    for path in paths.iter().cycle().take(operations) {
        let _ = black_box(movies.update_field(black_box(SHORT_ID), path, false).await);
    }
    std::mem::forget(movies);
    Ok(())
}

/// Pends changes of so many new paths, again and again: what clearing them takes is in the count.
async fn pend_new(pending: usize, operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()]).await?;
    let paths: Vec<_> = ids(pending).iter().map(|id| Movie::fields().tokens().key(id).revoked()).collect();
    for (number, path) in paths.iter().cycle().take(operations).enumerate() {
        if number % pending == 0 {
            movies.rollback();
        }
        let _ = black_box(movies.update_field(black_box(SHORT_ID), path, false).await);
    }
    std::mem::forget(movies);
    Ok(())
}
