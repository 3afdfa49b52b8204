//! Names that could get in each other's way: fields called as verbs, keywords, shadowed names, renamed crates.

use structnosql::{Field, FieldExt, StructModel, TableDataModel, ops};
use structnosql_derive::{MapModel, TableDataModel};

#[derive(TableDataModel)]
#[table(name = "verbs")]
struct Verbs {
    #[field(partition_key)]
    new: String,
    fields: Option<Inside>,
    #[field(index)]
    set: String,
    #[field(index(name = "default"))]
    default: u8,
    path: u8,
    clone: u8,
    map: u8,
    field: u8,
    key: u8,
    remove: Option<u8>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
struct Inside {
    new: u8,
    path: u8,
    into_path: u8,
    clone: u8,
    fmt: u8,
    set: u8,
    remove: Option<u8>,
    filter: Option<Box<Inside>>,
    field: u8,
    value: u8,
    r#type: u8,
}

#[test]
fn a_field_may_have_the_name_of_a_verb() {
    let f = Verbs::fields;
    assert_eq!(f().fields().filter().filter().set().path().to_string(), "fields.filter.filter.set");
    assert_eq!(format!("{:?}", f().set().set("x")), "set set");
    assert_eq!(format!("{:?}", f().fields().set().set(3)), "set fields.set");
    // A struct's own accessor comes before the verb of the same name, which is a function as well.
    assert_eq!(format!("{:?}", ops::remove(f().fields())), "remove fields");
    assert_eq!(Field::path(&f().fields()).to_string(), "fields");
    assert_eq!(Field::into_path(f().fields().filter()).to_string(), "fields.filter");
}

#[derive(TableDataModel)]
#[table(name = "keywords", rename_all = "SCREAMING_SNAKE_CASE")]
struct r#Struct {
    #[field(partition_key)]
    r#type: String,
    inside: Option<r#Loop>,
    #[field(index(name = "match"))]
    r#match: u8,
    #[field(index)]
    r#move: u8,
    #[field(index(name = "self"))]
    own: u8,
    #[field(index(name = "by-sale", method = sold))]
    sale: u8,
}

#[derive(MapModel)]
struct r#Loop {
    again: Vec<Self>,
}

#[test]
fn keywords_are_stored_without_their_prefix() {
    assert_eq!(r#Struct::fields().r#type().path().to_string(), "TYPE");
    assert_eq!(Inside::schema().field("type").map(|field| field.rust_name), Some("type"));
    assert_eq!(r#Struct::fields().inside().again().index(0).again().path().to_string(), "INSIDE.again[0].again");
    let indexes: Vec<&str> = r#Struct::table().indexes.iter().map(|index| index.name).collect();
    assert_eq!(indexes, ["match", "MOVE", "self", "by-sale"]);
    let _ = r#Struct::indexes().r#match(3);
    let _ = r#Struct::indexes().r#move(3);
    let _ = r#Struct::indexes().index_self(3);
    let _ = r#Struct::indexes().sold(3);
}

/// Everything that an expansion could name by mistake means something else here.
#[allow(dead_code, non_camel_case_types, non_upper_case_globals)]
mod shadowed {
    use structnosql_derive::{MapModel, Projection, TableDataModel};

    struct Option;
    struct Result;
    struct Vec;
    struct Box;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Default;
    struct Clone;
    struct Copy;
    struct Debug;
    struct str;
    struct bool;
    struct Map;
    struct Value;
    struct Text;
    struct Field;
    struct FieldPath;
    struct FieldValue;
    struct Presence;
    struct Required;
    struct Selection;
    struct IndexKey;
    struct M;
    struct P;
    struct T;
    mod core {}
    mod std {}
    mod structnosql {}
    const map: u8 = 1;
    const name: u8 = 2;
    const value: u8 = 3;
    const default: u8 = 4;

    type String = ::std::string::String;

    #[derive(TableDataModel)]
    #[table(name = "shadowed")]
    pub(super) struct Movie {
        #[field(partition_key)]
        pub(super) id: String,
        #[field(sort_key)]
        year: u16,
        #[field(index(name = "by-name", sort))]
        name: String,
        #[field(index(name = "by-name"))]
        genre: ::core::option::Option<Genre>,
        #[field(default = map)]
        number: u8,
        #[field(default)]
        parts: ::std::vec::Vec<Part>,
        #[field(skip)]
        skipped: u8,
    }

    #[derive(MapModel)]
    pub(super) enum Genre {
        None,
        Some,
        Ok,
    }

    #[derive(MapModel)]
    pub(super) struct Part {
        value: u8,
        #[field(default = value)]
        map: u8,
        #[field(default = "x")]
        default: String,
    }

    #[derive(MapModel)]
    struct Id(String);

    #[derive(Projection)]
    #[projection(model = Movie)]
    pub(super) struct Card {
        name: String,
        #[field(path = genre)]
        map: ::core::option::Option<Genre>,
    }
}

#[test]
fn shadowed_names_are_left_alone() {
    assert_eq!(shadowed::Movie::fields().id().path().to_string(), "id");
}

/// As with `db = { package = "structnosql", ... }` in a manifest.
mod renamed {
    pub(super) mod db {
        pub(crate) use structnosql::__private;
        pub(crate) use structnosql::*;
    }

    #[derive(structnosql_derive::TableDataModel)]
    #[table(name = "renamed", crate = "crate::renamed::db")]
    pub(super) struct Movie {
        #[field(partition_key)]
        pub(super) id: String,
        pub(super) genre: Option<Genre>,
        pub(super) ratings: Option<Ratings>,
    }

    #[derive(structnosql_derive::MapModel)]
    #[map(crate = "crate::renamed::db")]
    pub(super) enum Genre {
        Thriller,
    }

    #[derive(structnosql_derive::MapModel)]
    #[map(crate = "crate::renamed::db")]
    pub(super) struct Ratings {
        pub(super) imdb: Option<db::Number>,
    }

    #[derive(structnosql_derive::Projection)]
    #[projection(model = Movie, crate = "crate::renamed::db")]
    pub(super) struct Card {
        #[field(path = ratings.imdb)]
        pub(super) imdb: Option<db::Number>,
    }
}

#[test]
fn the_library_may_have_another_name() {
    use renamed::db::{Projection, TableDataModel};
    let movie = renamed::Movie {
        id: "b12".to_owned(),
        genre: Some(renamed::Genre::Thriller),
        ratings: Some(renamed::Ratings { imdb: None }),
    };
    assert_eq!(movie.key().unwrap().to_string(), "b12");
    assert_eq!(format!("{:?}", renamed::Card::projection()), "[ratings.imdb]");
    let _: fn(renamed::Card) -> Option<renamed::db::Number> = |card| card.imdb;
}

/// A model may be made by a macro of the user's, or inside a function.
macro_rules! model {
    ($name:ident, $key:ident: $type:ty = $default:expr) => {
        #[derive(TableDataModel)]
        #[table(name = "made")]
        struct $name {
            #[field(partition_key)]
            $key: String,
            #[field(default = $default)]
            other: $type,
            counter: u8,
        }
    };
}

#[test]
fn models_may_be_made_by_macros_and_in_functions() {
    model!(Made, identifier: u8 = 7);
    let made = Made { identifier: "x".to_owned(), other: 8, counter: 1 };
    assert_eq!(Made::fields().identifier().path().to_string(), "identifier");
    assert_eq!(Made::fields().counter().path().to_string(), "counter");
    assert_eq!((made.identifier.len(), made.other, made.counter), (1, 8, 1));
}
