//! `#[derive(MapModel)]` of a struct around one type.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Ident, Type};

use super::{as_trait, located_at, map, rules};
use crate::ast::{Input, Newtype};

/// `struct UserId(String)` is stored as its inside is, and can be a key, a map's key or a member of a set where the
/// inside can:
///
/// ```text
/// impl FieldValue for UserId { ... }
/// impl MapModel for UserId {}
/// impl KeyField for UserId where String: KeyField { ... }
/// ...
/// ```
///
/// A bound on a type without parameters is refused where it does not hold; behind a `for<'__a>` it makes the impl
/// one that does not apply.
pub(super) fn expand(input: &Input, newtype: &Newtype) -> TokenStream {
    let Newtype { ty: inside, rules } = newtype;
    let private = input.private();
    let ident = &input.ident;
    let value = as_trait(input, inside, "FieldValue");
    let leaf = map::leaf_items(&private);
    let list = map::list_items(&private);
    let keys = keys(input, inside);
    let item = |name: &str| {
        let name = Ident::new(name, located_at(inside));
        quote_spanned!(located_at(inside)=> #value::#name)
    };
    let (shape, holds_null) = (rules::shape(input, inside, rules), item("HOLDS_NULL"));
    let (encode, decode) = (item("encode"), item("decode"));
    let asserts = rules::asserts(input, inside, rules);
    let message = format!("`{ident}` cannot be around an `Option`: write `Option<{ident}>` where it may be absent");
    let not_optional = quote_spanned!(located_at(inside)=> ::core::assert!(!#value::OPTIONAL, #message););
    quote! {
        const _: () = {
            #not_optional
            #asserts
        };

        #[automatically_derived]
        impl #private::FieldValue for #ident {
            #leaf
            #list
            const SHAPE: &'static #private::Shape = #shape;
            const HOLDS_NULL: ::core::primitive::bool = #holds_null;

            fn encode(
                &self,
            ) -> ::core::result::Result<::core::option::Option<#private::Value>, #private::Mismatch> {
                #encode(&self.0)
            }

            fn decode(__value: &#private::Value) -> ::core::result::Result<Self, #private::Mismatch> {
                #decode(__value).map(Self)
            }
        }

        #[automatically_derived]
        impl #private::MapModel for #ident {}

        #keys
    }
}

fn keys(input: &Input, inside: &Type) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    quote! {
        #[automatically_derived]
        impl #private::KeyField for #ident
        where
            for<'__a> #inside: #private::KeyField,
        {
            const KIND: #private::KeyKind = <#inside as #private::KeyField>::KIND;
            const TEMPLATE: #private::Template = <#inside as #private::KeyField>::TEMPLATE;
        }

        #[automatically_derived]
        impl #private::IntoKeyPart<#ident> for #ident
        where
            for<'__a> #inside: #private::IntoKeyPart<#inside>,
        {
            fn into_part<'__a>(self) -> ::core::result::Result<#private::KeyValue<'__a>, #private::Mismatch>
            where
                Self: '__a,
            {
                <#inside as #private::IntoKeyPart<#inside>>::into_part(self.0)
            }
        }

        #[automatically_derived]
        impl #private::IntoKeyPart<#ident> for &#ident
        where
            for<'__a> &'__a #inside: #private::IntoKeyPart<#inside>,
        {
            fn into_part<'__a>(self) -> ::core::result::Result<#private::KeyValue<'__a>, #private::Mismatch>
            where
                Self: '__a,
            {
                <&#inside as #private::IntoKeyPart<#inside>>::into_part(&self.0)
            }
        }

        #[automatically_derived]
        impl #private::MapKey for #ident
        where
            for<'__a> #inside: #private::MapKey,
        {
            const KEY_SHAPE: &'static #private::Shape = <#ident as #private::FieldValue>::SHAPE;

            fn to_text(&self) -> #private::Text {
                <#inside as #private::MapKey>::to_text(&self.0)
            }

            fn from_text(__text: &::core::primitive::str) -> ::core::result::Result<Self, #private::Mismatch> {
                <#inside as #private::MapKey>::from_text(__text).map(Self)
            }
        }

        #[automatically_derived]
        impl #private::IntoMapKey<#ident> for #ident
        where
            for<'__a> #inside: #private::MapKey,
        {
            fn into_map_key(self) -> #private::Text {
                #private::MapKey::to_text(&self)
            }
        }

        #[automatically_derived]
        impl #private::SetMember for #ident
        where
            for<'__a> #inside: #private::SetMember,
        {
            const SET_SHAPE: &'static #private::Shape = <#inside as #private::SetMember>::SET_SHAPE;
        }
    }
}
