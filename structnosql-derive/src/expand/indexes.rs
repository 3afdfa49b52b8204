//! `MovieIndexes`: one method for the table's key, and one for each index.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::as_trait;
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
///     pub fn primary_type(self, primary_type: impl IntoKeyPart<String>) -> IndexKey<Movie, NoSortKey> { ... }
/// }
/// ```
pub(super) fn expand(input: &Input, table: &Table) -> TokenStream {
    let private = input.private();
    let Input { ident, vis, .. } = input;
    let name = type_name(input);
    let part = |field: &Field| {
        let key = as_trait(&field.ty, &quote!(#private::IndexKeyField));
        quote!(#key::Part)
    };
    let primary = {
        let key_type = |field: &Field| {
            let ty = &field.ty;
            quote!(#ty)
        };
        let line = format!("Queries the table by its partition key `{}`.", table.partition.stored);
        let (partition, sort) = (&table.partition, table.sort.as_ref());
        method(input, &line, &format_ident!("primary"), None, (partition, sort), &key_type)
    };
    let indexes = table.indexes.iter().map(|index| {
        let Index { name, method: ident, partition, sort, local, .. } = index;
        let kind = if *local { "local" } else { "global" };
        let line = format!("Queries the {kind} index `{name}` by its partition key `{}`.", partition.stored);
        method(input, &line, ident, Some(name), (partition, sort.as_ref()), &part)
    });
    let doc = format!("The key and the indexes of the table of [`{ident}`], to query by.");
    quote! {
        #[doc = #doc]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name;

        #[automatically_derived]
        #[allow(dead_code)]
        impl #name {
            #primary
            #(#indexes)*
        }
    }
}

fn method(
    input: &Input,
    line: &str,
    ident: &Ident,
    index: Option<&String>,
    (partition, sort): (&Field, Option<&Field>),
    key_type: &dyn Fn(&Field) -> TokenStream,
) -> TokenStream {
    let private = input.private();
    let model = &input.ident;
    let Field { ident: parameter, vis, stored, .. } = partition;
    let partition_type = key_type(partition);
    let sort_type = sort.map_or_else(|| quote!(#private::NoSortKey), key_type);
    let index = optional(index.map(|index| quote!(#index)));
    let sort_name = optional(sort.map(|Field { stored, .. }| quote!(#private::Text::from_static(#stored))));
    quote! {
        #[doc = #line]
        #vis fn #ident(
            self,
            #parameter: impl #private::IntoKeyPart<#partition_type>,
        ) -> #private::IndexKey<#model, #sort_type> {
            #private::IndexKey::new::<#partition_type>(
                #index,
                #private::Text::from_static(#stored),
                #sort_name,
                #parameter,
            )
        }
    }
}

/// ```text
/// IndexSchema { name: "primaryType", partition_key: KeyAttribute { ... }, projection: IndexProjection::All, ... }
/// ```
pub(super) fn schema(private: &TokenStream, index: &Index) -> TokenStream {
    let Index { name, partition, sort, projection, local, .. } = index;
    let attribute = |field: &Field| {
        let stored = &field.stored;
        let key = as_trait(&field.ty, &quote!(#private::IndexKeyField));
        quote! {
            #private::KeyAttribute {
                name: #private::Text::from_static(#stored),
                kind: <#key::Part as #private::KeyField>::KIND,
            }
        }
    };
    let partition = attribute(partition);
    let sort = optional(sort.as_ref().map(attribute));
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

/// `Some(tokens)` or `None`, as code.
pub(super) fn optional(tokens: Option<TokenStream>) -> TokenStream {
    match tokens {
        Some(tokens) => quote!(::core::option::Option::Some(#tokens)),
        None => quote!(::core::option::Option::None),
    }
}
