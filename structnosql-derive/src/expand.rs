//! From what has been checked to code. Each file shows the shape of what it makes.
//!
//! Expansions name only `::structnosql::__private` (or what `crate = "..."` says) and absolute paths of the standard
//! library, and declare nothing but what their documentation says.

mod accessors;
mod collection;
mod fallback;
mod indexes;
mod map;
mod newtype;
mod projection;
mod record;
mod rules;
mod table;
mod tagged;
mod template;
#[cfg(test)]
mod tests;
mod unit_enum;
mod untagged;

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{DeriveInput, Ident, Type};

use crate::ast::{Body, Input};
use crate::attr::Place;
use crate::check::{self, Enum};
use crate::errors::Errors;

/// The expansion of a derive, with a `compile_error!` for each mistake in its input.
pub(crate) fn derive(input: DeriveInput, place: Place) -> TokenStream {
    let mut errors = Errors::default();
    let input = Input::read(input, place, &mut errors);
    let mut expansion = match (place, &input.body) {
        (Place::Table, Body::Struct(fields)) => {
            table::expand(&input, fields, &check::table(&input, fields, &mut errors))
        }
        (Place::Map, Body::Struct(fields)) if input.attrs.key.is_some() => {
            check::check_no_enum(&input, &mut errors);
            let template = input.attrs.key.as_ref().map(|given| &given.value);
            match template.map(|template| (template, check::of_key(template, &input, fields, &mut errors))) {
                Some((template, parts)) => template::expand(&input, fields, template, &parts),
                None => TokenStream::new(),
            }
        }
        (Place::Map, Body::Struct(fields)) => {
            check::check_no_enum(&input, &mut errors);
            check::check_fields(fields, &mut errors);
            map::expand(&input, fields)
        }
        (Place::Map, Body::Newtype(inside)) => {
            check::check_no_key(&input, &mut errors);
            check::check_no_enum(&input, &mut errors);
            check::check_rules(&inside.rules, &mut errors);
            newtype::expand(&input, inside)
        }
        (Place::Map, Body::Enum(_)) if input.attrs.key.is_some() => {
            check::check_no_key(&input, &mut errors);
            fallback::expand(&input, place)
        }
        (Place::Map, Body::Enum(variants)) => match check::of_enum(&input, variants, &mut errors) {
            Enum::Unit => unit_enum::expand(&input, variants),
            Enum::Tagged(tag) => tagged::expand(&input, &tag, variants),
            Enum::Untagged(newtypes) => untagged::expand(&input, variants, &newtypes),
            Enum::Unsupported => fallback::expand(&input, place),
        },
        (Place::Projection, Body::Struct(fields)) => match check::projection(&input, fields, &mut errors) {
            Some(model) => projection::expand(&input, fields, model),
            None => TokenStream::new(),
        },
        (Place::Collection, Body::Enum(variants)) => match check::of_collection(variants, &mut errors) {
            Some(members) => collection::expand(&input, &members),
            None => TokenStream::new(),
        },
        _ => fallback::expand(&input, place),
    };
    expansion.extend(errors.into_compile_errors());
    expansion
}

/// `<String as FieldValue>`: every token stands where the user's type does, so that the compiler points there, and
/// tells only once of a type that does not implement the trait.
fn as_trait(input: &Input, ty: &Type, name: &str) -> TokenStream {
    let span = located_at(ty);
    let private = input.private_at(span);
    let name = Ident::new(name, span);
    quote_spanned!(span=> <#ty as #private::#name>)
}

/// Where the user's tokens stand. What is placed there counts as the user's own for lints.
fn located_at(tokens: &impl Spanned) -> Span {
    tokens.span()
}
