//! The record that everything is measured on: 20 attributes, 27 leaves.

use std::collections::HashMap;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use structnosql_core::{
    Backend, CachingTable, DeleteRequest, Error, Failure, FailureClass, GetRequest, Map, Number, PageResponse,
    PutRequest, QueryRequest, StructModel, TableDefinition, TableDescription, UpdateRequest,
};
use structnosql_derive::{MapModel, TableDataModel};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "movies", rename_all = "camelCase", crate = "structnosql_core")]
pub(crate) struct Movie {
    #[field(partition_key)]
    pub(crate) id: String,
    pub(crate) primary_type: String,
    pub(crate) name: String,
    pub(crate) original_name: String,
    pub(crate) country: String,
    pub(crate) language: String,
    pub(crate) studio: String,
    pub(crate) synopsis: String,
    pub(crate) poster: String,
    pub(crate) year: i64,
    pub(crate) runtime_minutes: i64,
    pub(crate) seasons: i64,
    pub(crate) episodes: i64,
    pub(crate) budget: i64,
    pub(crate) price: Number,
    pub(crate) adult: bool,
    pub(crate) finished: bool,
    pub(crate) ratings: Option<Ratings>,
    pub(crate) tokens: HashMap<String, Token>,
    pub(crate) genres: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
pub(crate) struct Ratings {
    pub(crate) imdb: i64,
    pub(crate) metacritic: i64,
    pub(crate) rottentomatoes: i64,
    pub(crate) verified: bool,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(rename_all = "camelCase", crate = "structnosql_core")]
pub(crate) struct Token {
    pub(crate) expiration_timestamp: i64,
    pub(crate) revoked: bool,
}

pub(crate) fn movie(id: &str) -> Movie {
    let text = str::to_owned;
    let token = Token { expiration_timestamp: 1_618_322_249, revoked: false };
    Movie {
        id: text(id),
        primary_type: text("Thriller"),
        name: text("Breaking Bad"),
        original_name: text("Breaking Bad"),
        country: text("US"),
        language: text("English"),
        studio: text("High Bridge"),
        synopsis: text("A teacher turns to crime"),
        poster: text("posters/b12.jpg"),
        year: 2008,
        runtime_minutes: 49,
        seasons: 5,
        episodes: 62,
        budget: 3_000_000,
        price: Number::from(20),
        adult: true,
        finished: true,
        ratings: Some(Ratings { imdb: 94, metacritic: 87, rottentomatoes: 96, verified: true }),
        tokens: HashMap::from([(text("t32"), token.clone()), (text("t33"), token)]),
        genres: vec![text("Crime"), text("Drama")],
    }
}

/// A database that accepts every record and knows each asked for: what it costs is not looked at.
pub(crate) struct Shelf;

fn refused<T>() -> Result<T, Failure> {
    Err(Failure::new(FailureClass::NotSent, "not needed here"))
}

impl Backend for Shelf {
    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        let Ok(mut item) = movie("").encode_fields() else { return refused() };
        request.key.into_iter().for_each(|(name, value)| drop(item.insert(name, value)));
        Ok(Some(item))
    }

    async fn put(&self, _: PutRequest) -> Result<Option<Map>, Failure> {
        Ok(None)
    }

    async fn update(&self, _: UpdateRequest) -> Result<Option<Map>, Failure> {
        Ok(None)
    }

    async fn delete(&self, _: DeleteRequest) -> Result<Option<Map>, Failure> {
        refused()
    }

    async fn query(&self, _: QueryRequest) -> Result<PageResponse, Failure> {
        refused()
    }

    async fn describe_table(&self, _: &str) -> Result<Option<TableDescription>, Failure> {
        refused()
    }

    async fn create_table(&self, _: TableDefinition) -> Result<(), Failure> {
        refused()
    }
}

pub(crate) type Movies = CachingTable<Movie, Shelf>;

pub(crate) const SHORT_ID: &str = "b12";
pub(crate) const LONG_ID: &str = "0b5c9a2e-8f1d-4c3b-9d7e-2f6a1c4b8e03";

/// So many keys.
pub(crate) fn ids(count: usize) -> Vec<String> {
    (0..count).map(|id| format!("b{id}")).collect()
}

/// A table that knows the records of these keys, and has nothing pending.
pub(crate) async fn cached(ids: &[String]) -> Result<Movies, Error> {
    let movies = Movies::attach(Shelf);
    for id in ids {
        movies.put_record(&movie(id)).await?;
    }
    Ok(movies)
}

/// What comes of calls of which none has to wait: it is there at the first poll.
pub(crate) fn now<F: Future>(calls: F) -> F::Output {
    match pin!(calls).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!("the shelf answers at once"),
    }
}
