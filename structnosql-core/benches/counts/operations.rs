//! Reads from the cache and pending writes.

use std::hint::black_box;

use structnosql_core::{Error, TableDataModel};

use crate::model::{LONG_ID, Movie, Movies, SHORT_ID, Shelf, cached, ids, now};
use crate::{Case, Goal};

/// How many records there are to pend a first change of.
const FIRST_RECORDS: usize = 2_000;

pub(crate) fn cases() -> Vec<Case> {
    let case = |name, goal, run: fn(usize) -> Result<(), Error>| Case {
        name,
        goal: Goal::Instructions(goal),
        operations: 10_000,
        run,
    };
    vec![
        case("read ratings.imdb, path built once", 400, |operations| now(read_built_once(SHORT_ID, operations))),
        case("the same, key of 36 bytes", 400, |operations| now(read_built_once(LONG_ID, operations))),
        case("read ratings.imdb, path built each time", 700, |operations| now(read_building(SHORT_ID, operations))),
        case("the same, key of 36 bytes, each time", 700, |operations| now(read_building(LONG_ID, operations))),
        case("read ratings.verified, path built once", 400, |operations| now(read_bool(operations))),
        case("read tokens.t32.revoked, path built once", 400, |operations| now(read_in_map(operations))),
        case("read tokens.t32.revoked, built each time", 700, |operations| now(read_in_map_building(operations))),
        case("pend ratings.imdb again", 900, |operations| now(pend_again(operations))),
        case("pend ratings.imdb, path built each time", 900, |operations| now(pend_again_building(operations))),
        Case {
            name: "pend year, first of a record",
            goal: Goal::Instructions(900),
            operations: FIRST_RECORDS / 2,
            run: |operations| now(pend_first(operations)),
        },
        Case {
            name: "keep a record that was put",
            goal: Goal::BytesKept(2_048),
            operations: 1_000,
            run: |operations| now(keep_put(operations)),
        },
        Case {
            name: "keep a record that was read",
            goal: Goal::BytesKept(2_048),
            operations: 1_000,
            run: |operations| now(keep_read(operations)),
        },
    ]
}

async fn read_built_once(id: &str, operations: usize) -> Result<(), Error> {
    let movies = cached(&[id.to_owned()]).await?;
    let imdb = Movie::fields().ratings().imdb();
    assert_eq!(movies.get_field(id, &imdb).await?, Some(94));
    for _ in 0..operations {
        let _ = black_box(movies.get_field(black_box(id), &imdb).await);
    }
    Ok(())
}

async fn read_building(id: &str, operations: usize) -> Result<(), Error> {
    let movies = cached(&[id.to_owned()]).await?;
    for _ in 0..operations {
        let _ = black_box(movies.get_field(black_box(id), Movie::fields().ratings().imdb()).await);
    }
    Ok(())
}

async fn read_bool(operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()]).await?;
    let verified = Movie::fields().ratings().verified();
    for _ in 0..operations {
        let _ = black_box(movies.get_field(black_box(SHORT_ID), &verified).await);
    }
    Ok(())
}

async fn read_in_map(operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()]).await?;
    let revoked = Movie::fields().tokens().key("t32").revoked();
    assert_eq!(movies.get_field(SHORT_ID, &revoked).await?, Some(false));
    for _ in 0..operations {
        let _ = black_box(movies.get_field(black_box(SHORT_ID), &revoked).await);
    }
    Ok(())
}

async fn read_in_map_building(operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()]).await?;
    for _ in 0..operations {
        let revoked = Movie::fields().tokens().key(black_box("t32")).revoked();
        let _ = black_box(movies.get_field(black_box(SHORT_ID), revoked).await);
    }
    Ok(())
}

/// Over earlier pending changes, of this field and of others.
async fn pend_again(operations: usize) -> Result<(), Error> {
    let (movies, imdb) = (cached(&[SHORT_ID.to_owned()]).await?, Movie::fields().ratings().imdb());
    movies.update_field(SHORT_ID, Movie::fields().year(), 2009).await?;
    movies.update_field(SHORT_ID, &imdb, 95).await?;
    for rating in 0..operations as i64 {
        let _ = black_box(movies.update_field(black_box(SHORT_ID), &imdb, rating % 100).await);
    }
    movies.rollback();
    Ok(())
}

async fn pend_again_building(operations: usize) -> Result<(), Error> {
    let movies = cached(&[SHORT_ID.to_owned()]).await?;
    for rating in 0..operations as i64 {
        let _ =
            black_box(movies.update_field(black_box(SHORT_ID), Movie::fields().ratings().imdb(), rating % 100).await);
    }
    movies.rollback();
    Ok(())
}

/// One change each of so many records.
async fn pend_first(operations: usize) -> Result<(), Error> {
    let ids = ids(FIRST_RECORDS);
    let (movies, year) = (cached(&ids).await?, Movie::fields().year());
    for id in &ids[..operations] {
        let _ = black_box(movies.update_field(black_box(id), &year, 2009).await);
    }
    std::mem::forget(movies);
    Ok(())
}

async fn keep_put(operations: usize) -> Result<(), Error> {
    std::mem::forget(cached(&ids(operations)).await?);
    Ok(())
}

async fn keep_read(operations: usize) -> Result<(), Error> {
    let movies = Movies::attach(Shelf);
    for id in ids(operations) {
        movies.get_record(id).await?;
    }
    std::mem::forget(movies);
    Ok(())
}
