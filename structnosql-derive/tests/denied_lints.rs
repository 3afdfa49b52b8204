//! What the derives make compiles in a crate that denies all there is to deny.

#![deny(
    warnings,
    future_incompatible,
    missing_debug_implementations,
    missing_docs,
    nonstandard_style,
    rust_2018_idioms,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    clippy::all,
    clippy::pedantic,
    clippy::absolute_paths,
    clippy::default_trait_access,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used
)]
#![forbid(unsafe_code)]

use std::collections::HashMap;

use structnosql::{
    Collection, Field, FieldPath, FieldValue, MapModel, Number, Projection, StructModel, TableDataModel,
};
use structnosql_derive::{Collection, MapModel, Projection, TableDataModel};

/// A model whose every item can be seen from outside.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "public")]
pub struct Public {
    /// Its key.
    #[field(partition_key)]
    pub id: String,
    /// Its order.
    #[field(sort_key)]
    pub year: u16,
    /// Documented, and [linked](Self::id).
    #[field(index, index(name = "by-kind", local), read_only)]
    pub kind: Option<Kind>,
    /// Defaults.
    #[field(default = "EUR")]
    pub currency: String,
    /// Others.
    #[field(default = Number::from(3))]
    pub amount: Number,
    #[field(skip)]
    hidden: bool,
    private: Option<Vec<Inside>>,
    /// No longer used.
    #[deprecated = "it was never read"]
    pub old: Option<String>,
}

/// A struct inside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, MapModel)]
pub struct Inside {
    /// Of itself.
    pub children: HashMap<String, Self>,
    pub(crate) crate_wide: i64,
    private: Option<Id>,
}

/// An enum inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, MapModel)]
pub enum Kind {
    /// One.
    Thriller,
    /// Another.
    #[deprecated = "there are none"]
    Other,
}

/// An identifier.
#[derive(Clone, Debug, PartialEq, Eq, MapModel)]
pub struct Id(String);

/// Nothing at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, MapModel)]
pub struct Empty {}

/// A part of it.
#[derive(Debug, Projection)]
#[projection(model = Public)]
pub struct Part {
    /// As it is there.
    pub year: u16,
    /// By another name.
    #[field(path = private.index(0).crate_wide)]
    pub first: Option<i64>,
}

/// A key of several values.
#[derive(Clone, Debug, PartialEq, Eq, MapModel)]
#[map(key = "NOTE#{number:04}")]
pub struct NoteKey {
    /// Filled up.
    pub number: u32,
}

/// A key of no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, MapModel)]
#[map(key = "INDEX")]
pub struct IndexKey {}

/// One entity of a table.
#[derive(Clone, Debug, PartialEq, Eq, TableDataModel)]
#[table(name = "notes")]
pub struct Note {
    /// Its key.
    #[field(partition_key)]
    pub key: NoteKey,
}

/// Another one.
#[derive(Clone, Debug, PartialEq, Eq, TableDataModel)]
#[table(name = "notes")]
pub struct Index {
    /// Its key.
    #[field(partition_key)]
    pub key: IndexKey,
}

/// Either.
#[derive(Clone, Debug, PartialEq, Eq, Collection)]
pub enum Item {
    /// Many.
    Note(Note),
    /// One.
    Index(Index),
}

mod private {
    use structnosql_derive::{MapModel, TableDataModel};

    #[derive(TableDataModel)]
    #[table(name = "private")]
    pub(super) struct Private {
        #[field(partition_key)]
        pub(super) id: String,
        own: Option<Own>,
    }

    impl Private {
        pub(super) const fn new() -> Self {
            Self { id: String::new(), own: None }
        }
    }

    #[derive(MapModel)]
    struct Own {
        unused: u8,
    }
}

#[test]
fn it_compiles() {
    fn map_model<T: MapModel + FieldValue>() {}
    fn collection<T: Collection>() {}
    collection::<Item>();
    map_model::<Inside>();
    map_model::<Kind>();
    map_model::<Empty>();
    let year: FieldPath<Public, u16, _> = Public::fields().year();
    assert_eq!(year.path().to_string(), "year");
    assert_eq!(private::Private::fields().id().path().to_string(), "id");
    assert_eq!(format!("{:?}", Part::projection()), "[year, private[0].crate_wide]");
    assert_eq!(Public::schema().fields.len(), 7);
    assert!(private::Private::new().key().is_err(), "an empty key");
}
