//! `#[derive(MapModel)]` of a struct.

use proc_macro2::TokenStream;
use quote::quote;

use super::accessors::{self, Parent};
use super::record;
use crate::ast::{Field, Input};

/// ```text
/// impl StructModel for Ratings { ... }
/// impl FieldValue for Ratings { ... }
/// impl MapModel for Ratings {}
///
/// pub struct RatingsFields<M, P> { field: FieldPath<M, Ratings, P> }
///
/// impl<M, P: Presence> RatingsFields<M, P> {
///     pub fn imdb(self) -> <Option<Number> as FieldValue>::Handle<M, <P as Presence>::Child<Required>> { ... }
/// }
///
/// impl<M, P: Presence> Field for RatingsFields<M, P> { ... }
/// ```
///
/// The parameters are called `__M` and `__P`, since a field's type may be called anything else.
pub(super) fn expand(input: &Input, fields: &[Field]) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let schema = record::schema(input, &input.ident, fields);
    let codec = record::codec(input, fields);
    let field_value = field_value(input);
    let handle = handle(input, fields);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::StructModel for #ident {
            fn schema() -> &'static #private::StructSchema {
                static SCHEMA: #private::StructSchema = #schema;
                &SCHEMA
            }

            #codec
        }

        #field_value

        #[automatically_derived]
        impl #private::MapModel for #ident {}

        #handle
    }
}

fn field_value(input: &Input) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let fields_type = accessors::type_name(input);
    let list = list_items(&private);
    quote! {
        #[automatically_derived]
        impl #private::FieldValue for #ident {
            type Handle<__M, __P: #private::Presence> = #fields_type<__M, __P>;
            const SHAPE: &'static #private::Shape =
                &#private::Shape::Struct(<Self as #private::StructModel>::schema);

            fn handle<__M, __P: #private::Presence>(__path: #private::DocumentPath) -> #fields_type<__M, __P> {
                #fields_type { field: #private::FieldPath::new(__path) }
            }

            fn encode(
                &self,
            ) -> ::core::result::Result<::core::option::Option<#private::Value>, #private::Mismatch> {
                #private::encode_struct(self)
            }

            fn decode(__value: &#private::Value) -> ::core::result::Result<Self, #private::Mismatch> {
                #private::decode_struct(__value)
            }

            #list
        }
    }
}

/// The items of `FieldValue` that say that a `Vec` of these is a list.
pub(super) fn list_items(private: &TokenStream) -> TokenStream {
    quote! {
        type VecHandle<__M, __P: #private::Presence> =
            #private::ListHandle<__M, Self, ::std::vec::Vec<Self>, __P>;

        fn vec_handle<__M, __P: #private::Presence>(__path: #private::DocumentPath) -> Self::VecHandle<__M, __P> {
            #private::ListHandle::new(__path)
        }
    }
}

/// The items of `FieldValue` that say that a path to such a value has no accessors.
pub(super) fn leaf_items(private: &TokenStream) -> TokenStream {
    quote! {
        type Handle<__M, __P: #private::Presence> = #private::FieldPath<__M, Self, __P>;

        fn handle<__M, __P: #private::Presence>(__path: #private::DocumentPath) -> Self::Handle<__M, __P> {
            #private::FieldPath::new(__path)
        }
    }
}

fn handle(input: &Input, fields: &[Field]) -> TokenStream {
    let private = input.private();
    let Input { ident, vis, .. } = input;
    let name = accessors::type_name(input);
    let parent = Parent {
        model: quote!(__M),
        presence: |private, declared| quote!(<__P as #private::Presence>::Child<#declared>),
        path: quote!(self.field),
    };
    let methods = accessors::methods(input, fields, &parent);
    let doc = format!(" The typed path to a [`{ident}`] of the model `__M`, with its fields.");
    quote! {
        #[doc = #doc]
        #vis struct #name<__M, __P> {
            field: #private::FieldPath<__M, #ident, __P>,
        }

        #[automatically_derived]
        #[allow(dead_code, clippy::all, clippy::pedantic)]
        impl<__M, __P: #private::Presence> #name<__M, __P> {
            #methods
        }

        #[automatically_derived]
        impl<__M, __P: #private::Presence> #private::Field for #name<__M, __P> {
            type Model = __M;
            type Value = #ident;
            type Presence = __P;

            fn path(&self) -> &#private::DocumentPath {
                #private::Field::path(&self.field)
            }

            fn into_path(self) -> #private::DocumentPath {
                #private::Field::into_path(self.field)
            }
        }

        #[automatically_derived]
        impl<__M, __P> ::core::clone::Clone for #name<__M, __P> {
            fn clone(&self) -> Self {
                #name { field: ::core::clone::Clone::clone(&self.field) }
            }
        }

        #[automatically_derived]
        impl<__M, __P> ::core::fmt::Debug for #name<__M, __P> {
            fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.field, __f)
            }
        }
    }
}
