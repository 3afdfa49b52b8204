//! `MovieIndexes`: one method for the table's key, and one for each index.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;

use super::{as_trait, located_at};
use crate::ast::{Field, Input};
use crate::check::{Index, Projected, Table};

/// `MovieIndexes`, of the struct `Movie`.
pub(super) fn type_name(input: &Input) -> Ident {
    format_ident!("{}Indexes", input.ident)
}

/// ```text
/// pub struct MovieIndexes;
///
/// impl MovieIndexes {
///     pub fn primary(self, id: impl IntoKeyPart<String>) -> IndexKey<Movie, NoSortKey> {
///         IndexKey::new::<String>(None, Text::from_static("id"), None, id)
///     }
///
///     pub fn primary_type(self, primary_type: impl IntoIndexPart<String>) -> IndexKey<Movie, NoSortKey> {
///         <String as IndexKeyField>::index_key("primaryType", "primaryType", None, primary_type)
///     }
/// }
/// ```
pub(super) fn expand(input: &Input, table: &Table) -> TokenStream {
    let Input { ident, vis, .. } = input;
    let name = type_name(input);
    let primary = primary(input, table);
    let indexes = table.indexes.iter().map(|index| method(input, index));
    let doc = format!(" The key and the indexes of the table of [`{ident}`], to query by.");
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name;

        #[automatically_derived]
        #[allow(dead_code, clippy::all, clippy::pedantic)]
        impl #name {
            #primary
            #(#indexes)*
        }
    }
}

fn primary(input: &Input, table: &Table) -> TokenStream {
    let private = input.private();
    let model = &input.ident;
    let Field { ident, vis, ty, stored, .. } = &table.partition;
    let sort_type = match &table.sort {
        Some(Field { ty, .. }) => quote!(#ty),
        None => quote!(#private::NoSortKey),
    };
    let sort_name =
        optional(table.sort.as_ref().map(|Field { stored, .. }| quote!(#private::Text::from_static(#stored))));
    let beginning = beginning(input, table.sort.as_ref().map(|sort| (&sort.ty, "KeyField")));
    let line = format!(" Queries the table by its partition key `{stored}`.");
    quote! {
        #[doc = #line]
        #vis fn primary(self, #ident: impl #private::IntoKeyPart<#ty>) -> #private::IndexKey<#model, #sort_type> {
            #private::IndexKey::new::<#ty>(
                ::core::option::Option::None,
                #private::Text::from_static(#stored),
                #sort_name,
                #ident,
            )#beginning
        }
    }
}

fn method(input: &Input, index: &Index) -> TokenStream {
    let model = &input.ident;
    let Index { name, method, partition, sort, local, .. } = index;
    let Field { ident, vis, ty, stored, .. } = partition;
    let span = located_at(ty);
    let private = input.private_at(span);
    let key = as_trait(input, ty, "IndexKeyField");
    let sort_type = match sort {
        Some(Field { ty, .. }) => {
            let key = as_trait(input, ty, "IndexKeyField");
            quote_spanned!(located_at(ty)=> #key::Part)
        }
        None => quote_spanned!(span=> #private::NoSortKey),
    };
    let sort_name = optional(sort.as_ref().map(|Field { stored, .. }| quote!(#stored)));
    let beginning = beginning(input, sort.as_ref().map(|sort| (&sort.ty, "IndexKeyField")));
    let kind = if *local { "local" } else { "global" };
    let line = format!(" Queries the {kind} index `{name}` by its partition key `{stored}`.");
    let method = quote_spanned! {span=>
        fn #method(self, #ident: impl #private::IntoIndexPart<#ty>) -> #private::IndexKey<#model, #sort_type> {
            #key::index_key(#name, #stored, #sort_name, #ident)#beginning
        }
    };
    quote! {
        #[doc = #line]
        #vis #method
    }
}

/// `.beginning(<OrderKey as KeyField>::TEMPLATE)`: a sort key of a template has its own part of the partition.
fn beginning(input: &Input, sort: Option<(&Type, &str)>) -> Option<TokenStream> {
    let (ty, name) = sort?;
    let key = as_trait(input, ty, name);
    Some(quote_spanned!(located_at(ty)=> .beginning(#key::TEMPLATE)))
}

/// ```text
/// IndexSchema { name: "primaryType", partition_key: KeyAttribute { ... }, projection: IndexProjection::All, ... }
/// ```
pub(super) fn schema(input: &Input, index: &Index) -> TokenStream {
    let private = input.private();
    let Index { name, partition, sort, projection, local, .. } = index;
    let partition = key_attribute(input, partition);
    let sort = optional(sort.as_ref().map(|sort| key_attribute(input, sort)));
    let projection = match projection {
        Projected::All => quote!(All),
        Projected::KeysOnly => quote!(KeysOnly),
        Projected::Include(names) => quote!(Include(&[#(#names),*])),
    };
    quote! {
        #private::IndexSchema {
            name: #name,
            partition_key: #partition,
            sort_key: #sort,
            projection: #private::IndexProjection::#projection,
            local: #local,
        }
    }
}

fn key_attribute(input: &Input, field: &Field) -> TokenStream {
    let private = input.private();
    let Field { stored, ty, .. } = field;
    let key = as_trait(input, ty, "IndexKeyField");
    let kind = quote_spanned!(located_at(ty)=> #key::KIND);
    quote!(#private::KeyAttribute { name: #private::Text::from_static(#stored), kind: #kind })
}

/// `Some(tokens)` or `None`, as code.
pub(super) fn optional(tokens: Option<TokenStream>) -> TokenStream {
    match tokens {
        Some(tokens) => quote!(::core::option::Option::Some(#tokens)),
        None => quote!(::core::option::Option::None),
    }
}
