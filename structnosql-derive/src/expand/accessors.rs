//! `MovieFields` and `RatingsFields`: one accessor for each field, and no other method, so that a field may have any
//! name.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use super::{as_trait, located_at, record};
use crate::ast::{Field, Input};
use crate::attr::FieldAttrs;

/// `MovieFields`, of the struct `Movie`.
pub(super) fn type_name(input: &Input) -> Ident {
    format_ident!("{}Fields", input.ident)
}

/// What an accessor is a method of.
pub(super) struct Parent {
    /// The model that paths start at.
    pub(super) model: TokenStream,
    /// The presence of a field that is declared as `declared`.
    pub(super) presence: fn(private: &TokenStream, declared: &TokenStream) -> TokenStream,
    /// An expression of the `FieldPath` to the struct that the fields are in.
    pub(super) path: TokenStream,
}

/// ```text
/// /// The field's own documentation.
/// ///
/// /// The field `primary_type`, stored as `primaryType`.
/// #[must_use]
/// #[inline]
/// pub fn primary_type(self) -> <String as FieldValue>::Handle<Movie, Required> {
///     <String as FieldValue>::field_of::<Required, _, _, _>(
///         FieldPath::<Movie, Movie, Required>::root(),
///         <Movie as StructModel>::schema().field_at(2),
///     )
/// }
/// ```
pub(super) fn methods(input: &Input, fields: &[Field], parent: &Parent) -> TokenStream {
    let Parent { model, presence, path } = parent;
    let method = |(at, field): (usize, &Field)| {
        let Field { ident, vis, ty, stored, docs, .. } = field;
        let span = located_at(ty);
        let private = input.private_at(span);
        let value = as_trait(input, ty, "FieldValue");
        let declared = declared_presence(&private, field);
        let schema = record::declared(input, at);
        let presence = presence(&private, &declared);
        let line = format!(" The field `{}`, stored as `{stored}`.", field.name());
        let gap = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
        // The same `self` as in `path`.
        let receiver = quote!(self);
        let method = quote_spanned! {span=>
            fn #ident(#receiver) -> #value::Handle<#model, #presence> {
                #value::field_of::<#declared, _, _, _>(#path, #schema)
            }
        };
        quote! {
            #(#docs)*
            #gap
            #[doc = #line]
            #[must_use]
            #[inline]
            #vis #method
        }
    };
    record::stored(fields).enumerate().map(method).collect()
}

/// Whether the field may be absent, removed, written, as far as its attributes say; its type may be an `Option` yet.
fn declared_presence(private: &TokenStream, field: &Field) -> TokenStream {
    let FieldAttrs { default, version, read_only, .. } = &field.attrs;
    let presence = match (field.key(), version, default) {
        (Some(_), ..) => return quote!(#private::KeyPresence),
        (None, Some(_), _) => return quote!(#private::VersionPresence),
        (None, None, None) => quote!(#private::Required),
        (None, None, Some(_)) => quote!(#private::Optional),
    };
    match read_only {
        Some(_) => quote!(#private::ReadOnly<#presence>),
        None => presence,
    }
}
