//! The derive macros of StructNoSQL. Use them through the crate `structnosql`.

mod ast;
mod attr;
mod casing;
mod check;
mod errors;
mod expand;
mod suggest;

use attr::Place;
use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct the record of a table.
#[proc_macro_derive(TableDataModel, attributes(table, field))]
pub fn derive_table_data_model(input: TokenStream) -> TokenStream {
    expand::derive(parse_macro_input!(input as DeriveInput), Place::Table).into()
}

/// Makes a struct or an enum of unit variants the type of fields.
#[proc_macro_derive(MapModel, attributes(map, field))]
pub fn derive_map_model(input: TokenStream) -> TokenStream {
    expand::derive(parse_macro_input!(input as DeriveInput), Place::Map).into()
}

/// Reads several fields into a struct.
#[proc_macro_derive(Projection, attributes(projection, field))]
pub fn derive_projection(input: TokenStream) -> TokenStream {
    expand::derive(parse_macro_input!(input as DeriveInput), Place::Projection).into()
}
