//! What the derives make, as a reader would see it with `cargo expand`.

use quote::quote;
use syn::{File, parse_quote};

use super::*;

/// The expansion, formatted.
fn expansion(place: Place, input: TokenStream) -> String {
    let expanded = derive(parse_quote!(#input), place);
    let file: File = syn::parse2(expanded).unwrap();
    prettyplease::unparse(&file)
}

#[test]
fn movie() {
    let input = quote! {
        #[table(name = "movies-table", rename_all = "camelCase")]
        struct Movie {
            #[field(partition_key)]
            id: String,
            #[field(index)]
            primary_type: String,
            /// As it is on the poster.
            name: String,
            ratings: Option<Ratings>,
        }
    };
    insta::assert_snapshot!(expansion(Place::Table, input));
}

#[test]
fn ratings() {
    let input = quote! {
        struct Ratings {
            imdb: Option<Number>,
            rottentomatoes: Option<Number>,
        }
    };
    insta::assert_snapshot!(expansion(Place::Map, input));
}

#[test]
fn user() {
    let input = quote! {
        #[table(name = "accounts-data", rename_all = "camelCase")]
        struct User {
            #[field(partition_key)]
            user_id: String,
            username: Option<String>,
            tokens: Option<HashMap<String, AuthToken>>,
        }
    };
    insta::assert_snapshot!(expansion(Place::Table, input));
}

#[test]
fn composite_key_with_a_local_and_a_global_index() {
    let input = quote! {
        #[table(name = "orders", crate = "my::db")]
        pub struct Order {
            #[field(partition_key)]
            pub customer: u64,
            #[field(sort_key)]
            pub number: u32,
            #[field(index(name = "by-day", local, projection = keys_only))]
            pub day: String,
            #[field(index(name = "by-state", projection = include(total)))]
            pub state: Option<String>,
            #[field(index(name = "by-state", sort), read_only, rename = "made")]
            pub created: u64,
            #[field(default = "EUR")]
            pub currency: String,
            #[field(default)]
            total: Number,
            #[field(skip)]
            draft: bool,
        }
    };
    insta::assert_snapshot!(expansion(Place::Table, input));
}

#[test]
fn unit_enum() {
    let input = quote! {
        #[map(rename_all = "kebab-case")]
        enum Genre {
            Thriller,
            SciFi,
            #[field(rename = "other")]
            Unknown,
        }
    };
    insta::assert_snapshot!(expansion(Place::Map, input));
}

#[test]
fn tagged_enum() {
    let input = quote! {
        #[map(tag = "kind", rename_all = "lowercase")]
        enum Payment {
            Card { number: String, #[field(skip)] shown: bool },
            Transfer(Transfer),
            Cash,
        }
    };
    insta::assert_snapshot!(expansion(Place::Map, input));
}

#[test]
fn untagged_enum() {
    let input = quote! {
        #[map(untagged)]
        enum Cell {
            Number(f64),
            Text(String),
        }
    };
    insta::assert_snapshot!(expansion(Place::Map, input));
}

#[test]
fn newtype() {
    insta::assert_snapshot!(expansion(
        Place::Map,
        quote!(
            struct UserId(String);
        )
    ));
}

#[test]
fn projection() {
    let input = quote! {
        #[projection(model = Movie)]
        struct Card {
            name: String,
            #[field(path = ratings.imdb)]
            imdb: Option<Number>,
        }
    };
    insta::assert_snapshot!(expansion(Place::Projection, input));
}

#[test]
fn collection() {
    let input = quote! {
        enum UserItem {
            User(User),
            Order(Order),
        }
    };
    insta::assert_snapshot!(expansion(Place::Collection, input));
}

#[test]
fn what_is_missing_is_stood_in_for() {
    let input = quote! {
        struct Movie {
            name: String,
        }
    };
    insta::assert_snapshot!(expansion(Place::Table, input));
}

#[test]
fn what_no_derive_takes_has_impls() {
    insta::assert_snapshot!(expansion(
        Place::Table,
        quote!(
            struct Page<T: Clone> {
                items: Vec<T>,
            }
        )
    ));
    insta::assert_snapshot!(expansion(
        Place::Map,
        quote!(
            enum Price {
                Free,
                Fixed(u64),
            }
        )
    ));
}
