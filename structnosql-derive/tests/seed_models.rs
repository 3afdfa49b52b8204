//! The two models of the seed pages.

use std::collections::HashMap;

use structnosql::{Field, FieldExt, Number, Projection, StructModel, TableDataModel};
use structnosql_derive::{MapModel, Projection, TableDataModel};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "movies-table", rename_all = "camelCase")]
struct Movie {
    #[field(partition_key)]
    id: String,
    #[field(index)]
    primary_type: String,
    name: String,
    ratings: Option<Ratings>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
struct Ratings {
    imdb: Option<Number>,
    rottentomatoes: Option<Number>,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts-data", rename_all = "camelCase")]
struct User {
    #[field(partition_key)]
    user_id: String,
    username: Option<String>,
    tokens: Option<HashMap<String, AuthToken>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(rename_all = "camelCase")]
struct AuthToken {
    expiration_timestamp: i64,
}

#[derive(Debug, Projection)]
#[projection(model = Movie)]
#[allow(dead_code)]
struct Card {
    name: String,
    #[field(path = ratings.imdb)]
    imdb: Option<Number>,
}

#[test]
fn paths() {
    let f = Movie::fields;
    assert_eq!(f().ratings().imdb().path().to_string(), "ratings.imdb");
    let _ = f().ratings().remove();
    let _ = User::fields().tokens().key("t32").expiration_timestamp().set(4);
    let _ = Movie::indexes().primary_type("Thriller");
    assert_eq!(format!("{:?}", Card::projection()), "[name, ratings.imdb]");
    println!("{:?} {:?}", Movie::table(), User::schema());
}
