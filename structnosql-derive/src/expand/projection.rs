//! `#[derive(Projection)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Path;

use super::located_at;
use crate::ast::{Field, Input};
use crate::attr::AccessorPath;

/// Selections are tuples of at most so many.
const WIDEST_TUPLE: usize = 12;

/// ```text
/// impl Projection for Card {
///     type Model = Movie;
///
///     fn projection() -> Projected<Self, impl Selection<Model = Movie>> {
///         Projected::new(
///             ((Movie::fields().name(), Movie::fields().ratings().imdb()),),
///             |((name, imdb),)| Card { name: name.reads_as::<String>(), imdb: imdb.reads_as::<Option<Number>>() },
///         )
///     }
/// }
/// ```
pub(super) fn expand(input: &Input, fields: &[Field], model: &Path) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let paths = fields.iter().map(|field| {
        let accessors = match &field.attrs.path {
            Some(path) => path.value.clone(),
            None => AccessorPath::field(&field.ident),
        };
        let span = located_at(model);
        let private = input.private_at(span);
        let fields = quote_spanned!(span=> <#model as #private::TableDataModel>::fields());
        quote!(#fields #accessors)
    });
    // Named apart from the fields, which may be called as a constant that is in scope. They stand where the types do,
    // for the compiler to show the type that is wrong.
    let values: Vec<Ident> = fields
        .iter()
        .enumerate()
        .map(|(at, Field { ty, .. })| format_ident!("__value{at}", span = located_at(ty)))
        .collect();
    let reads = fields.iter().zip(&values).map(|(Field { ident, ty, .. }, value)| {
        let span = located_at(ty);
        let private = input.private_at(span);
        quote_spanned!(span=> #ident: #private::ReadsAs::<#ty>::reads_as(#value))
    });
    let paths = nested(&paths.collect::<Vec<_>>());
    let patterns = nested(&values);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::Projection for #ident {
            type Model = #model;

            fn projection() -> #private::Projected<Self, impl #private::Selection<Model = #model>> {
                #private::Projected::new(#paths, |#patterns| #ident { #(#reads),* })
            }
        }
    }
}

/// A tuple of tuples, none wider than selections are.
fn nested<T: ToTokens>(items: &[T]) -> TokenStream {
    let mut level: Vec<TokenStream> = items.iter().map(|item| quote!(#item)).collect();
    loop {
        level = level.chunks(WIDEST_TUPLE).map(|chunk| quote!((#(#chunk,)*))).collect();
        if let [tuple] = level.as_slice() {
            return tuple.clone();
        }
    }
}
