//! The models of these tests.

use std::collections::{BTreeSet, HashMap};

use structnosql::{MapModel, Projection, TableDataModel};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "users", rename_all = "camelCase")]
pub(crate) struct User {
    #[field(partition_key)]
    pub(crate) id: String,
    pub(crate) age: u32,
    pub(crate) username: Option<String>,
    pub(crate) home: Option<Address>,
    pub(crate) tokens: Option<HashMap<String, Token>>,
    pub(crate) roles: Option<BTreeSet<String>>,
    pub(crate) visited: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(rename_all = "camelCase")]
pub(crate) struct Address {
    pub(crate) street: String,
    pub(crate) post_code: Option<String>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(rename_all = "camelCase")]
pub(crate) struct Token {
    pub(crate) expiration_timestamp: i64,
}

/// What a page about a user shows.
#[derive(Debug, PartialEq, Projection)]
#[projection(model = User)]
pub(crate) struct Card {
    pub(crate) age: u32,
    #[field(path = home.street)]
    pub(crate) street: Option<String>,
}

/// A user with every field.
pub(crate) fn paul() -> User {
    User {
        id: "x42".to_owned(),
        age: 36,
        username: Some("Paul".to_owned()),
        home: Some(Address { street: "Elm Street".to_owned(), post_code: Some("12345".to_owned()) }),
        tokens: Some([("t32".to_owned(), Token { expiration_timestamp: 1_618_322_249 })].into()),
        roles: Some(["admin".to_owned(), "author".to_owned()].into()),
        visited: Some(["Rome", "Oslo", "Lima"].map(str::to_owned).into()),
    }
}

/// A user with the required fields alone.
pub(crate) fn plain(id: &str) -> User {
    User { id: id.to_owned(), age: 20, username: None, home: None, tokens: None, roles: None, visited: None }
}

/// A table with a sort key and every kind of index.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "movies", rename_all = "camelCase")]
pub(crate) struct Movie {
    #[field(partition_key, index(name = "by-studio-and-score", projection = include(title), method = by_score))]
    pub(crate) studio: String,
    #[field(sort_key)]
    pub(crate) year: u32,
    #[field(index)]
    pub(crate) genre: String,
    #[field(index(name = "by-director"))]
    pub(crate) director: Option<String>,
    #[field(index(name = "by-director", sort), index(name = "by-title", local))]
    pub(crate) title: String,
    #[field(index(name = "by-studio-and-score", sort), index(name = "by-score-alone", projection = keys_only))]
    pub(crate) score: i32,
    pub(crate) notes: Option<String>,
}

pub(crate) fn movie(studio: &str, year: u32, title: &str, genre: &str, score: i32) -> Movie {
    Movie {
        studio: studio.to_owned(),
        year,
        genre: genre.to_owned(),
        director: None,
        title: title.to_owned(),
        score,
        notes: Some(format!("notes on {title}")),
    }
}
