//! From what has been checked to code. Each file shows the shape of what it makes.
//!
//! Expansions name only `::structnosql::__private` (or what `crate = "..."` says) and absolute paths of the standard
//! library, and declare nothing but what their documentation says.

mod accessors;
mod fallback;
mod indexes;
mod map;
mod newtype;
mod projection;
mod record;
mod table;
mod unit_enum;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{DeriveInput, Type};

use crate::ast::{Body, Input};
use crate::attr::Place;
use crate::check;
use crate::errors::Errors;

/// The expansion of a derive, with a `compile_error!` for each mistake in its input.
pub(crate) fn derive(input: DeriveInput, place: Place) -> TokenStream {
    let mut errors = Errors::default();
    let input = Input::read(input, place, &mut errors);
    let mut expansion = match (place, &input.body) {
        (Place::Table, Body::Struct(fields)) => {
            table::expand(&input, fields, &check::table(&input, fields, &mut errors))
        }
        (Place::Map, Body::Struct(fields)) => {
            check::check_fields(fields, &mut errors);
            map::expand(&input, fields)
        }
        (Place::Map, Body::Newtype(inside)) => newtype::expand(&input, inside),
        (Place::Map, Body::Enum(variants)) => {
            check::check_variants(variants, &mut errors);
            unit_enum::expand(&input, variants)
        }
        (Place::Projection, Body::Struct(fields)) => match check::projection(&input, fields, &mut errors) {
            Some(model) => projection::expand(&input, fields, model),
            None => TokenStream::new(),
        },
        _ => fallback::expand(&input, place),
    };
    expansion.extend(errors.into_compile_errors());
    expansion
}

/// `<Type as Trait>`, placed so that the compiler shows the type where it does not implement the trait.
fn as_trait(ty: &Type, path: &TokenStream) -> TokenStream {
    let span = located_at(ty);
    quote_spanned!(span=> <#ty as #path>)
}

/// Where the type stands, with names resolved as in all that is generated.
fn located_at(ty: &Type) -> Span {
    Span::call_site().located_at(ty.span())
}
