//! `#[derive(MapModel)]` of an enum that is stored as a map with a tag.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::record::{self, Owner, hidden};
use super::{as_trait, located_at, map};
use crate::ast::{Field, Input, Newtype, Variant, VariantData};

/// ```text
/// impl TaggedEnum for Payment {
///     fn schema() -> &'static TaggedSchema {
///         static SCHEMA: TaggedSchema = TaggedSchema {
///             tag: "kind",
///             variants: &[VariantSchema { name: "card", fields: || { static FIELDS: StructSchema = ...; &FIELDS } }],
///         };
///         &SCHEMA
///     }
///
///     fn encode_variant(&self) -> (usize, Result<Map, Mismatch>) {
///         match self {
///             Payment::Card { number: field_0, .. } => (0, { ... }),
///             Payment::Transfer(inside) => (1, <Transfer as StructModel>::encode_fields(inside)),
///         }
///     }
///
///     fn decode_variant(at: usize, map: &Map) -> Result<Self, Mismatch> {
///         match at {
///             0 => { ... }
///             _ => <Transfer as StructModel>::decode_fields(map).map(Payment::Transfer),
///         }
///     }
/// }
///
/// impl FieldValue for Payment { ... }
/// impl MapModel for Payment {}
/// ```
pub(super) fn expand(input: &Input, tag: &str, variants: &[Variant]) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let map_ident = hidden("__map");
    let schemas = variants.iter().map(|variant| schema(input, variant));
    let encodes = variants.iter().enumerate().map(|(at, variant)| encode(input, at, variant));
    let decodes = variants.iter().enumerate().map(|(at, variant)| {
        let decode = decode(input, at, variant, &map_ident);
        // The last one stands for all others, which are never asked for.
        let at = if at + 1 == variants.len() { quote!(_) } else { quote!(#at) };
        quote!(#at => { #decode })
    });
    let leaf = map::leaf_items(&private);
    let list = map::list_items(&private);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::TaggedEnum for #ident {
            fn schema() -> &'static #private::TaggedSchema {
                static SCHEMA: #private::TaggedSchema =
                    #private::TaggedSchema { tag: #tag, variants: &[#(#schemas),*] };
                &SCHEMA
            }

            #[allow(unused_mut)]
            fn encode_variant(
                &self,
            ) -> (::core::primitive::usize, ::core::result::Result<#private::Map, #private::Mismatch>) {
                match self {
                    #(#encodes)*
                }
            }

            #[allow(unused_mut, unused_variables)]
            fn decode_variant(
                __at: ::core::primitive::usize,
                #map_ident: &#private::Map,
            ) -> ::core::result::Result<Self, #private::Mismatch> {
                match __at {
                    #(#decodes)*
                }
            }
        }

        #[automatically_derived]
        impl #private::FieldValue for #ident {
            #leaf
            #list
            const SHAPE: &'static #private::Shape =
                &#private::Shape::Tagged(<Self as #private::TaggedEnum>::schema);

            fn encode(
                &self,
            ) -> ::core::result::Result<::core::option::Option<#private::Value>, #private::Mismatch> {
                #private::encode_tagged(self)
            }

            fn decode(__value: &#private::Value) -> ::core::result::Result<Self, #private::Mismatch> {
                #private::decode_tagged(__value)
            }
        }

        #[automatically_derived]
        impl #private::MapModel for #ident {}
    }
}

fn schema(input: &Input, Variant { ident, stored, data, .. }: &Variant) -> TokenStream {
    let private = input.private();
    let fields = match data {
        VariantData::Unit => own_schema(input, ident, &[]),
        VariantData::Struct(fields) => own_schema(input, ident, fields),
        VariantData::Newtype(newtype) => {
            let model = as_trait(input, &newtype.ty, "StructModel");
            quote_spanned!(located_at(&newtype.ty)=> #model::schema)
        }
    };
    quote!(#private::VariantSchema { name: #stored, fields: #fields })
}

fn own_schema(input: &Input, ident: &Ident, fields: &[Field]) -> TokenStream {
    let private = input.private();
    let schema = record::schema(input, ident, fields);
    quote! {
        || {
            static FIELDS: #private::StructSchema = #schema;
            &FIELDS
        }
    }
}

fn encode(input: &Input, at: usize, Variant { ident: variant, data, .. }: &Variant) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    match data {
        VariantData::Unit => {
            quote!(#ident::#variant => (#at, ::core::result::Result::Ok(#private::Map::with_capacity(1))),)
        }
        VariantData::Newtype(newtype) => {
            let Newtype { ty, .. } = &**newtype;
            let model = as_trait(input, ty, "StructModel");
            let encode = quote_spanned!(located_at(ty)=> #model::encode_fields(__inside));
            quote!(#ident::#variant(__inside) => (#at, #encode),)
        }
        VariantData::Struct(fields) => {
            let part = |at: usize| hidden(&format!("__field{at}"));
            let patterns = record::stored(fields).enumerate().map(|(at, Field { ident, .. })| {
                let part = part(at);
                quote!(#ident: #part)
            });
            let encode = record::encode(input, fields, &owner(input, at, variant), |at, _| {
                let part = part(at);
                quote!(#part)
            });
            quote!(#ident::#variant { #(#patterns,)* .. } => (#at, { #encode }),)
        }
    }
}

fn decode(input: &Input, at: usize, Variant { ident: variant, data, .. }: &Variant, map: &Ident) -> TokenStream {
    let ident = &input.ident;
    match data {
        VariantData::Unit => quote!(::core::result::Result::Ok(#ident::#variant)),
        VariantData::Newtype(newtype) => {
            let Newtype { ty, .. } = &**newtype;
            let model = as_trait(input, ty, "StructModel");
            let decode = quote_spanned!(located_at(ty)=> #model::decode_fields(#map));
            quote!(#decode.map(#ident::#variant))
        }
        VariantData::Struct(fields) => record::decode(input, fields, &owner(input, at, variant), map),
    }
}

fn owner(input: &Input, at: usize, variant: &Ident) -> Owner {
    let private = input.private();
    let ident = &input.ident;
    Owner { schema: quote!(<#ident as #private::TaggedEnum>::schema().variant_at(#at)), path: quote!(#ident::#variant) }
}
