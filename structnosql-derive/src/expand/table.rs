//! `#[derive(TableDataModel)]`.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};

use super::accessors::{self, Parent};
use super::{as_trait, indexes, located_at, record};
use crate::ast::{Field, Input};
use crate::check::Table;

/// ```text
/// impl StructModel for Movie { ... }
///
/// impl TableDataModel for Movie {
///     type Key = One<String>;
///     type Fields = MovieFields;
///     type Indexes = MovieIndexes;
///     const KEYS: EntityKeys = EntityKeys { ... };
///     ...
/// }
///
/// pub struct MovieFields;
/// pub struct MovieIndexes;
/// ```
pub(crate) fn expand(input: &Input, fields: &[Field], table: &Table) -> TokenStream {
    let private = input.private();
    let Input { ident, vis, .. } = input;
    let fields_type = accessors::type_name(input);
    let indexes_type = indexes::type_name(input);
    let codec = record::codec(input, fields);
    let schema = schema(input, fields, table);
    let partition = &table.partition.ty;
    let key = match table.sort.as_ref().map(|sort| &sort.ty) {
        Some(sort) => quote!(#private::Two<#partition, #sort>),
        None => quote!(#private::One<#partition>),
    };
    let keys = keys(input, table);
    let parent = Parent {
        model: quote!(#ident),
        presence: |_, declared| declared.clone(),
        path: quote!(#private::FieldPath::<#ident, #ident, #private::Required>::root()),
    };
    let methods = accessors::methods(input, fields, &parent);
    let fields_doc = format!(" The fields of [`{ident}`] as typed paths.");
    let indexes = indexes::expand(input, table);
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #private::StructModel for #ident {
            fn schema() -> &'static #private::StructSchema {
                <Self as #private::TableDataModel>::table().record
            }

            #codec
        }

        #[automatically_derived]
        impl #private::TableDataModel for #ident {
            type Key = #key;
            type Fields = #fields_type;
            type Indexes = #indexes_type;

            const KEYS: #private::EntityKeys = #keys;

            fn table() -> &'static #private::TableSchema {
                static TABLE: #private::TableSchema = #schema;
                &TABLE
            }

            fn fields() -> #fields_type {
                #fields_type
            }

            fn indexes() -> #indexes_type {
                #indexes_type
            }
        }

        #[doc = #fields_doc]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #fields_type;

        #[automatically_derived]
        #[allow(dead_code, clippy::all, clippy::pedantic)]
        impl #fields_type {
            #methods
        }

        #indexes
    }
}

/// ```text
/// EntityKeys { table: "movies-table", partition: EntityKey { name: "id", ... }, sort: None }
/// ```
fn keys(input: &Input, table: &Table) -> TokenStream {
    let private = input.private();
    let name = &table.name;
    let key = |Field { stored, ty, .. }: &Field| {
        let key = as_trait(input, ty, "KeyField");
        let (kind, template) =
            (quote_spanned!(located_at(ty)=> #key::KIND), quote_spanned!(located_at(ty)=> #key::TEMPLATE));
        quote!(#private::EntityKey { name: #stored, kind: #kind, template: #template })
    };
    let (partition, sort) = (key(&table.partition), indexes::optional(table.sort.as_ref().map(key)));
    quote!(#private::EntityKeys { table: #name, partition: #partition, sort: #sort })
}

/// ```text
/// TableSchema { name: "movies-table", record: &StructSchema { ... }, partition_key: KeyAttribute { ... }, ... }
/// ```
fn schema(input: &Input, fields: &[Field], table: &Table) -> TokenStream {
    let private = input.private();
    let name = &table.name;
    let record = record::schema(input, &input.ident, fields);
    let partition_key = key_attribute(input, &table.partition);
    let sort_key = indexes::optional(table.sort.as_ref().map(|sort| key_attribute(input, sort)));
    let version = indexes::optional(table.version.as_ref().map(|field| version(input, field)));
    let indexes = table.indexes.iter().map(|index| indexes::schema(input, index));
    let time_to_live = indexes::optional(table.ttl.as_ref().map(|ttl| time_to_live(input, ttl)));
    quote! {
        #private::TableSchema {
            name: #name,
            record: &#record,
            partition_key: #partition_key,
            sort_key: #sort_key,
            version: #version,
            indexes: &[#(#indexes),*],
            time_to_live: #time_to_live,
            has_rules: #private::HasRules::unknown(),
        }
    }
}

const NO_TIME: &str = "a `ttl` is a number of seconds since 1970: an integer, such as `Option<u64>`";

/// `{ assert!(<u64 as FieldValue>::SHAPE.is_number(), "..."); Text::from_static("expires") }`
fn time_to_live(input: &Input, field: &Field) -> TokenStream {
    let private = input.private();
    let Field { stored, ty, attrs, .. } = field;
    let value = as_trait(input, ty, "FieldValue");
    let assert = attrs.ttl.as_ref().map(|ttl| {
        let is_number = Ident::new("is_number", ttl.key.span());
        quote_spanned!(ttl.key.span()=> ::core::assert!(#value::SHAPE.#is_number(), #NO_TIME);)
    });
    quote!({ #assert #private::Text::from_static(#stored) })
}

fn version(input: &Input, field: &Field) -> TokenStream {
    let Field { stored, ty, .. } = field;
    let private = input.private();
    let checked = quote_spanned!(located_at(ty)=> #private::version_attribute::<#ty>);
    quote!(#checked(#private::Text::from_static(#stored)))
}

fn key_attribute(input: &Input, field: &Field) -> TokenStream {
    let private = input.private();
    let Field { stored, ty, .. } = field;
    let key = as_trait(input, ty, "KeyField");
    let kind = quote_spanned!(located_at(ty)=> #key::KIND);
    quote!(#private::KeyAttribute { name: #private::Text::from_static(#stored), kind: #kind })
}
