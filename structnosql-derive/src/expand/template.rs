//! `#[derive(MapModel)]` of a struct that is stored as one text, a key.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::LitStr;

use super::{as_trait, located_at, map};
use crate::ast::{Field, Input};
use crate::check::TemplatePart;

/// ```text
/// impl KeyTemplate for UserKey { ... }
/// impl FieldValue for UserKey { ... }
/// impl MapModel for UserKey {}
///
/// impl KeyField for UserKey {
///     const KIND: KeyKind = KeyKind::String;
///     const TEMPLATE: Template = Template {
///         text: "USER#{id}",
///         parts: &[TemplatePart::Text("USER#"), TemplatePart::Value { digits: 0 }],
///     };
/// }
///
/// impl IntoKeyPart<UserKey> for UserKey { ... }
/// impl IntoKeyPart<UserKey> for &UserKey { ... }
/// ```
pub(super) fn expand(input: &Input, fields: &[Field], template: &LitStr, parts: &[TemplatePart<'_>]) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let (leaf, list) = (map::leaf_items(&private), map::list_items(&private));
    let declared = parts.iter().map(|part| match part {
        TemplatePart::Text(text) => quote!(#private::TemplatePart::Text(#text)),
        TemplatePart::Value(_, digits) => quote!(#private::TemplatePart::Value { digits: #digits }),
    });
    let values: Vec<&Field> = parts
        .iter()
        .filter_map(|part| match part {
            TemplatePart::Value(field, _) => Some(*field),
            TemplatePart::Text(_) => None,
        })
        .collect();
    let shapes = values.iter().map(|Field { ty, .. }| {
        let value = as_trait(input, ty, "FieldValue");
        quote_spanned!(located_at(ty)=> #value::SHAPE)
    });
    let texts = values.iter().map(|Field { ident, ty, .. }| {
        let value = as_trait(input, ty, "TemplateValue");
        quote_spanned!(located_at(ty)=> #value::text_in_key(&self.#ident)?)
    });
    let reads = fields.iter().map(|Field { ident, ty, .. }| {
        let value = as_trait(input, ty, "TemplateValue");
        match values.iter().position(|value| value.ident == *ident) {
            Some(at) => quote_spanned!(located_at(ty)=> #ident: #value::of_key_text(__values[#at])?),
            // Its mistake has been reported.
            None => quote!(#ident: ::core::unimplemented!()),
        }
    });
    let filled = parts.iter().filter_map(|part| match part {
        TemplatePart::Value(field, digits) if *digits > 0 => Some(filled_up(input, field)),
        _ => None,
    });
    quote! {
        const _: () = { #(#filled)* };

        #[automatically_derived]
        impl #private::KeyTemplate for #ident {
            const VALUES: &'static [&'static #private::Shape] = &[#(#shapes),*];

            fn values(&self) -> ::core::result::Result<::std::vec::Vec<#private::Text>, #private::Mismatch> {
                ::core::result::Result::Ok(::std::vec![#(#texts),*])
            }

            #[allow(unused_variables, unreachable_code)]
            fn of_values(
                __values: &[&::core::primitive::str],
            ) -> ::core::result::Result<Self, #private::Mismatch> {
                ::core::result::Result::Ok(#ident { #(#reads),* })
            }
        }

        #[automatically_derived]
        impl #private::FieldValue for #ident {
            #leaf
            #list
            const SHAPE: &'static #private::Shape = <Self as #private::KeyTemplate>::KEY_SHAPE;

            fn encode(
                &self,
            ) -> ::core::result::Result<::core::option::Option<#private::Value>, #private::Mismatch> {
                #private::encode_key(self)
            }

            fn decode(__value: &#private::Value) -> ::core::result::Result<Self, #private::Mismatch> {
                #private::decode_key(__value)
            }
        }

        #[automatically_derived]
        impl #private::MapModel for #ident {}

        #[automatically_derived]
        impl #private::KeyField for #ident {
            const KIND: #private::KeyKind = #private::KeyKind::String;
            const TEMPLATE: #private::Template = #private::Template { text: #template, parts: &[#(#declared),*] };
        }

        #[automatically_derived]
        impl #private::IntoKeyPart<#ident> for #ident {
            fn into_part<'__a>(self) -> ::core::result::Result<#private::KeyValue<'__a>, #private::Mismatch>
            where
                Self: '__a,
            {
                #private::IntoKeyPart::<#ident>::into_part(&self).map(#private::KeyValue::into_owned)
            }
        }

        #[automatically_derived]
        impl #private::IntoKeyPart<#ident> for &#ident {
            fn into_part<'__a>(self) -> ::core::result::Result<#private::KeyValue<'__a>, #private::Mismatch>
            where
                Self: '__a,
            {
                #private::key_part(self)
            }
        }
    }
}

/// `assert!(<u32 as FieldValue>::SHAPE.is_number(), "...");`
fn filled_up(input: &Input, field: &Field) -> TokenStream {
    let value = as_trait(input, &field.ty, "FieldValue");
    // The text of an `assert!` is a format string.
    let message = format!(
        "only a number is filled up with zeros, and `{0}` is none: write `{{{{{0}}}}}` in the key, without a width",
        field.name()
    );
    quote_spanned!(located_at(&field.ty)=> ::core::assert!(#value::SHAPE.is_number(), #message);)
}
