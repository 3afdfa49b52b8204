//! Impls for an input that no derive takes, so that its mistake is the only one that the compiler reports.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, parse_quote};

use super::{accessors, indexes, map};
use crate::ast::Input;
use crate::attr::Place;

/// The impls that the derive would have made, over bodies that nothing runs.
pub(super) fn expand(input: &Input, place: Place) -> TokenStream {
    match place {
        Place::Table => table(input),
        Place::Map => map_model(input),
        _ => TokenStream::new(),
    }
}

fn table(input: &Input) -> TokenStream {
    let private = input.private();
    let Input { ident, vis, .. } = input;
    let struct_model = struct_model(input);
    let generics = generics(input);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let fields = accessors::type_name(input);
    let indexes = indexes::type_name(input);
    quote! {
        #struct_model

        #[automatically_derived]
        impl #parameters #private::TableDataModel for #ident #arguments #bounds {
            type Key = #private::One<::std::string::String>;
            type Fields = #fields;
            type Indexes = #indexes;

            const KEYS: #private::EntityKeys = #private::EntityKeys::NONE;

            fn table() -> &'static #private::TableSchema {
                ::core::unimplemented!()
            }

            fn fields() -> #fields {
                ::core::unimplemented!()
            }

            fn indexes() -> #indexes {
                ::core::unimplemented!()
            }
        }

        #[allow(missing_docs)]
        #vis struct #fields;

        #[allow(missing_docs)]
        #vis struct #indexes;
    }
}

fn map_model(input: &Input) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let struct_model = struct_model(input);
    let generics = generics(input);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let leaf = map::leaf_items(&private);
    let list = map::list_items(&private);
    quote! {
        #struct_model

        #[automatically_derived]
        impl #parameters #private::FieldValue for #ident #arguments #bounds {
            #leaf
            #list
            const SHAPE: &'static #private::Shape = &#private::Shape::Any;

            fn encode(
                &self,
            ) -> ::core::result::Result<::core::option::Option<#private::Value>, #private::Mismatch> {
                ::core::unimplemented!()
            }

            fn decode(_: &#private::Value) -> ::core::result::Result<Self, #private::Mismatch> {
                ::core::unimplemented!()
            }
        }

        #[automatically_derived]
        impl #parameters #private::MapModel for #ident #arguments #bounds {}
    }
}

fn struct_model(input: &Input) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let generics = generics(input);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #parameters #private::StructModel for #ident #arguments #bounds {
            fn schema() -> &'static #private::StructSchema {
                ::core::unimplemented!()
            }

            fn encode_fields(&self) -> ::core::result::Result<#private::Map, #private::Mismatch> {
                ::core::unimplemented!()
            }

            fn decode_fields(_: &#private::Map) -> ::core::result::Result<Self, #private::Mismatch> {
                ::core::unimplemented!()
            }
        }
    }
}

/// The input's parameters, and that it is what every model is: `where Page<T>: Send + Sync + 'static`.
fn generics(input: &Input) -> Generics {
    let mut generics = input.generics.clone();
    let ident = &input.ident;
    let (_, arguments, _) = input.generics.split_for_impl();
    let bound = parse_quote!(#ident #arguments: ::core::marker::Send + ::core::marker::Sync + 'static);
    generics.make_where_clause().predicates.push(bound);
    generics
}
