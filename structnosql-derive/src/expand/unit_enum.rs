//! `#[derive(MapModel)]` of an enum.

use proc_macro2::TokenStream;
use quote::quote;

use super::map;
use crate::ast::{Input, Variant};

/// ```text
/// impl UnitEnum for Genre {
///     const NAMES: &'static [&'static str] = &["thriller", "fantasy"];
///     ...
/// }
///
/// impl FieldValue for Genre { ... }
/// impl MapModel for Genre {}
/// ```
///
/// `UnitEnum` brings what else such an enum can be: a map's key, a table's key, a member of a set.
pub(super) fn expand(input: &Input, variants: &[Variant]) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let names: Vec<&String> = variants.iter().map(|variant| &variant.stored).collect();
    let variants = variants.iter().map(|variant| &variant.ident);
    let of_variants = variants.clone();
    let leaf = map::leaf_items(&private);
    let list = map::list_items(&private);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::UnitEnum for #ident {
            const NAMES: &'static [&'static ::core::primitive::str] = &[#(#names),*];

            fn name(&self) -> &'static ::core::primitive::str {
                match self {
                    #(#ident::#variants => #names,)*
                }
            }

            fn of_name(__name: &::core::primitive::str) -> ::core::option::Option<Self> {
                match __name {
                    #(#names => ::core::option::Option::Some(#ident::#of_variants),)*
                    _ => ::core::option::Option::None,
                }
            }
        }

        #[automatically_derived]
        impl #private::FieldValue for #ident {
            #leaf
            #list
            const SHAPE: &'static #private::Shape =
                &#private::Shape::OneOf(<Self as #private::UnitEnum>::NAMES);

            fn encode(
                &self,
            ) -> ::core::result::Result<::core::option::Option<#private::Value>, #private::Mismatch> {
                #private::encode_name(self)
            }

            fn decode(__value: &#private::Value) -> ::core::result::Result<Self, #private::Mismatch> {
                #private::decode_name(__value)
            }
        }

        #[automatically_derived]
        impl #private::MapModel for #ident {}
    }
}
