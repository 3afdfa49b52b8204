//! The models of the seed pages: their tables, their paths, their input.

use std::collections::HashMap;

use structnosql::index::NoSortKey;
use structnosql::schema::{IndexProjection, KeyKind};
use structnosql::{Field, Number, StructModel, TableDataModel};
use structnosql_derive::{MapModel, TableDataModel};

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

const RECORDS: &str = r#"[
  {"id": "b12", "name": "Breaking Bad", "primaryType": "Thriller", "ratings": {"imdb": 9.4, "rottentomatoes": null}},
  {"id": "c30", "name": "Game of Thrones", "primaryType": "Fantasy", "ratings": {"imdb": 9.20, "rottentomatoes": null}}
]"#;

#[test]
fn a_model_declares_its_table() {
    let table = Movie::table();
    assert_eq!(table.name, "movies-table");
    assert_eq!((table.partition_key.name.as_str(), table.partition_key.kind), ("id", KeyKind::String));
    assert_eq!(table.sort_key, None);
    let [index] = table.indexes else { panic!("one index") };
    assert_eq!((index.name, index.partition_key.name.as_str()), ("primaryType", "primaryType"));
    assert_eq!((index.projection, index.local), (IndexProjection::All, false));
    assert!(std::ptr::eq(Movie::schema(), table.record));

    let fields: Vec<_> = Movie::schema().fields.iter().map(|f| (f.rust_name, f.name.as_str(), f.required)).collect();
    let expected = [
        ("id", "id", true),
        ("primary_type", "primaryType", true),
        ("name", "name", true),
        ("ratings", "ratings", false),
    ];
    assert_eq!(fields, expected);
}

#[test]
fn records_are_read_from_the_pages_input() {
    let movies = Movie::from_json_reader(RECORDS.as_bytes()).unwrap();
    let number = |text: &str| text.parse::<Number>().ok();
    let breaking_bad = Movie {
        id: "b12".to_owned(),
        primary_type: "Thriller".to_owned(),
        name: "Breaking Bad".to_owned(),
        ratings: Some(Ratings { imdb: number("9.4"), rottentomatoes: None }),
    };
    assert_eq!(movies[0], breaking_bad);
    assert_eq!(movies[1].ratings.as_ref().and_then(|ratings| ratings.imdb.clone()), number("9.2"));
    assert_eq!(movies[0].key().unwrap().to_string(), "b12");
    // A stored NULL reads as `None`, which is written as an absent attribute.
    let item = movies[0].encode_fields().unwrap();
    assert_eq!(item.get("ratings").map(ToString::to_string).as_deref(), Some(r#"{"imdb": 9.4}"#));
    assert_eq!(Movie::decode_fields(&item).unwrap(), breaking_bad);
}

#[test]
fn the_pages_timestamp_is_a_string_and_not_a_number() {
    let page = r#"{"userId": "x42", "username": "Robinson", "tokens": {"t32": {"expirationTimestamp": "1618322249"}}}"#;
    let error = User::from_json_reader(page.as_bytes()).unwrap_err();
    assert!(error.is_invalid_value());
    assert_eq!(
        error.to_string(),
        "JSON does not fit the model: `[0].tokens.t32.expirationTimestamp`: expected i64, found string",
    );
}

#[test]
fn accessors_give_the_stored_path() {
    let f = Movie::fields;
    assert_eq!(f().primary_type().path().to_string(), "primaryType");
    assert_eq!(f().ratings().imdb().path().to_string(), "ratings.imdb");
    let expiration = User::fields().tokens().key("t.32").expiration_timestamp();
    assert_eq!(expiration.path().to_string(), r#"tokens."t.32".expirationTimestamp"#);
    assert_eq!(expiration.path().segments().len(), 3);
}

#[test]
fn indexes_have_methods() {
    let by_type: structnosql::index::IndexKey<Movie, NoSortKey> = Movie::indexes().primary_type("Thriller");
    assert!(format!("{by_type:?}").contains("Thriller"));
    let primary: structnosql::index::IndexKey<User, NoSortKey> = User::indexes().primary("x42");
    assert!(format!("{primary:?}").contains("x42"));
}

#[test]
fn paths_may_be_text() {
    let path = User::path("tokens.{{tokenId}}.expirationTimestamp", &[("tokenId", "t.32")]).unwrap();
    let typed = User::fields().tokens().key("t.32").expiration_timestamp();
    assert_eq!(path.path(), typed.path());

    let paths = Movie::paths("(name, ratings.(imdb, rottentomatoes))", &[]).unwrap();
    let paths: Vec<String> = paths.iter().map(|path| path.path().to_string()).collect();
    assert_eq!(paths, ["name", "ratings.imdb", "ratings.rottentomatoes"]);
}

#[test]
fn textual_paths_are_checked_against_the_model() {
    let error = |text: &str| User::path(text, &[("known", "t32")]).unwrap_err().to_string();
    assert_eq!(
        error("tokens.{{tokenId}}"),
        r#"wrong path "tokens.{{tokenId}}": no argument is given for `{{tokenId}}`"#
    );
    assert_eq!(
        error("tokens.{{known}}.expires"),
        r#"wrong path "tokens.{{known}}.expires": AuthToken has no field `expires`: its fields are expirationTimestamp"#
    );
    assert!(error("user_id").ends_with("User has no field `user_id`: its fields are userId, username, tokens"));
    assert!(error("(username, tokens)").ends_with("it selects several paths where one is asked for"));
}
