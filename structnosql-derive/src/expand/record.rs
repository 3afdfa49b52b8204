//! What records and the structs inside them have in common: schema and codec.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{as_trait, located_at};
use crate::ast::{Field, Input};
use crate::attr::DefaultAttr;

/// ```text
/// StructSchema { name: "Movie", fields: &[FieldSchema { name: Text::from_static("id"), ... }] }
/// ```
pub(super) fn schema(input: &Input, fields: &[Field]) -> TokenStream {
    let private = input.private();
    let name = input.ident.to_string();
    let fields = stored(fields).map(|field| field_schema(&private, field));
    quote! {
        #private::StructSchema { name: #name, fields: &[#(#fields),*] }
    }
}

fn field_schema(private: &TokenStream, field: &Field) -> TokenStream {
    let Field { stored, ty, attrs, .. } = field;
    let rust_name = field.name();
    let value = as_trait(ty, &quote!(#private::FieldValue));
    let read_only = attrs.read_only.is_some() || field.key().is_some();
    let (required, default) = match default(private, field) {
        None => (quote!(!#value::OPTIONAL), quote!(::core::option::Option::None)),
        Some(default) => {
            let stored_default = quote!(::core::option::Option::Some(|| #private::stored_default::<#ty>(#default)));
            (quote!(#private::without_option(#value::OPTIONAL)), stored_default)
        }
    };
    quote! {
        #private::FieldSchema {
            name: #private::Text::from_static(#stored),
            rust_name: #rust_name,
            shape: #value::SHAPE,
            required: #required,
            default: #default,
            read_only: #read_only,
        }
    }
}

/// ```text
/// fn encode_fields(&self) -> Result<Map, Mismatch> {
///     let mut map = Map::new();
///     write_field::<String>(&mut map, "id", &self.id)?;
///     Ok(map)
/// }
///
/// fn decode_fields(map: &Map) -> Result<Self, Mismatch> {
///     Ok(Movie { id: read_field::<String>(map, "id")? })
/// }
/// ```
pub(super) fn codec(input: &Input, fields: &[Field]) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    // Out of sight of the expressions that users write as defaults.
    let map = Ident::new("map", Span::mixed_site());
    let map_if_used = if stored(fields).next().is_some() { map.clone() } else { Ident::new("_", Span::mixed_site()) };
    let writes = stored(fields).map(|Field { ident, stored, ty, .. }| {
        quote_spanned!(located_at(ty)=> #private::write_field::<#ty>(&mut #map, #stored, &self.#ident)?;)
    });
    let reads = fields.iter().map(|field| {
        let Field { ident, ty, stored, .. } = field;
        let read = match default(&private, field) {
            _ if field.attrs.skip.is_some() => {
                let default = as_trait(ty, &quote!(::core::default::Default));
                quote!(#default::default())
            }
            None => quote_spanned!(located_at(ty)=> #private::read_field::<#ty>(#map, #stored)?),
            Some(default) => {
                quote_spanned!(located_at(ty)=> #private::read_field_or::<#ty>(#map, #stored, #default)?)
            }
        };
        quote!(#ident: #read)
    });
    let new_map = match stored(fields).next() {
        Some(_) => quote!(let mut #map = #private::Map::new();),
        None => quote!(let #map = #private::Map::new();),
    };
    quote! {
        fn encode_fields(&self) -> ::core::result::Result<#private::Map, #private::Mismatch> {
            #new_map
            #(#writes)*
            ::core::result::Result::Ok(#map)
        }

        fn decode_fields(#map_if_used: &#private::Map) -> ::core::result::Result<Self, #private::Mismatch> {
            ::core::result::Result::Ok(#ident { #(#reads),* })
        }
    }
}

/// A closure that makes the field's default, where it has one: `|| Ok(Currency::Euro)`.
fn default(private: &TokenStream, field: &Field) -> Option<TokenStream> {
    let ty = &field.ty;
    Some(match &field.attrs.default.as_ref()?.value {
        DefaultAttr::Trait => {
            let default = as_trait(ty, &quote!(::core::default::Default));
            quote!(|| ::core::result::Result::Ok(#default::default()))
        }
        DefaultAttr::Literal(literal) => quote!(|| #private::IntoField::<#ty>::into_field(#literal)),
        DefaultAttr::Expr(expr) => quote!(|| ::core::result::Result::Ok(#expr)),
    })
}

/// The fields without those that are skipped.
pub(super) fn stored(fields: &[Field]) -> impl Iterator<Item = &Field> {
    fields.iter().filter(|field| field.attrs.skip.is_none())
}
