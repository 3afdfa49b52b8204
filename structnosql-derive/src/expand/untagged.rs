//! `#[derive(MapModel)]` of an enum around several types.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{as_trait, located_at, map, rules};
use crate::ast::{Input, Newtype, Variant};

/// ```text
/// impl FieldValue for Cell {
///     const SHAPE: &'static Shape = &Shape::Union(|| {
///         static SHAPES: &[&Shape] = &[<i64 as FieldValue>::SHAPE, <String as FieldValue>::SHAPE];
///         SHAPES
///     });
///     ...
///     fn encode(&self) -> Result<Option<Value>, Mismatch> {
///         match self {
///             Cell::Int(inside) => <i64 as FieldValue>::encode(inside),
///             Cell::Text(inside) => <String as FieldValue>::encode(inside),
///         }
///     }
///
///     fn decode(value: &Value) -> Result<Self, Mismatch> {
///         decode_untagged(value, &[
///             |value| <i64 as FieldValue>::decode(value).map(Cell::Int),
///             |value| <String as FieldValue>::decode(value).map(Cell::Text),
///         ])
///     }
/// }
///
/// impl MapModel for Cell {}
/// ```
pub(super) fn expand(input: &Input, variants: &[Variant], newtypes: &[&Newtype]) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let idents = variants.iter().map(|variant| &variant.ident);
    let encodes = idents.clone().zip(newtypes).map(|(variant, Newtype { ty, .. })| {
        let value = as_trait(input, ty, "FieldValue");
        let encode = quote_spanned!(located_at(ty)=> #value::encode(__inside));
        quote!(#ident::#variant(__inside) => #encode,)
    });
    let decodes = idents.zip(newtypes).map(|(variant, Newtype { ty, .. })| {
        let value = as_trait(input, ty, "FieldValue");
        let decode = quote_spanned!(located_at(ty)=> #value::decode(__value));
        quote!(|__value| #decode.map(#ident::#variant))
    });
    let shapes = newtypes.iter().map(|newtype| rules::shape(input, &newtype.ty, &newtype.rules));
    let asserts = newtypes.iter().map(|Newtype { ty, rules }| {
        let value = as_trait(input, ty, "FieldValue");
        let message = format!("`{ident}` cannot be around an `Option`: write `Option<{ident}>` where it may be absent");
        let not_optional = quote_spanned!(located_at(ty)=> ::core::assert!(!#value::OPTIONAL, #message););
        let of_rules = rules::asserts(input, ty, rules);
        quote!(const _: () = { #not_optional #of_rules };)
    });
    let leaf = map::leaf_items(&private);
    let list = map::list_items(&private);
    quote! {
        #(#asserts)*

        #[automatically_derived]
        impl #private::FieldValue for #ident {
            #leaf
            #list
            const SHAPE: &'static #private::Shape = &#private::Shape::Union(|| {
                static SHAPES: &[&#private::Shape] = &[#(#shapes),*];
                SHAPES
            });

            fn encode(
                &self,
            ) -> ::core::result::Result<::core::option::Option<#private::Value>, #private::Mismatch> {
                match self {
                    #(#encodes)*
                }
            }

            fn decode(__value: &#private::Value) -> ::core::result::Result<Self, #private::Mismatch> {
                #private::decode_untagged(__value, &[#(#decodes),*])
            }
        }

        #[automatically_derived]
        impl #private::MapModel for #ident {}
    }
}
