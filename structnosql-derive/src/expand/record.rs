//! What records and the structs inside them have in common: schema and codec.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use super::{as_trait, indexes::optional, located_at, rules};
use crate::ast::{Field, Input};
use crate::attr::{DefaultAttr, FieldAttrs};

/// ```text
/// StructSchema { name: "Movie", fields: &[FieldSchema { name: Text::of_field(&FieldName { name: "id", at: 0 }), ... }] }
/// ```
pub(super) fn schema(input: &Input, name: &Ident, fields: &[Field]) -> TokenStream {
    let private = input.private();
    let name = name.to_string();
    let rest_field = fields.iter().find(|field| field.attrs.flatten.is_some());
    let stored_fields: Vec<&Field> = stored(fields).collect();
    let mut names: Vec<&String> = stored(fields).map(|field| &field.stored).collect();
    names.sort_unstable();
    let fields = stored(fields).map(|field| {
        // Where a map with all of the fields has this one.
        let at = names.partition_point(|name| **name < field.stored);
        field_schema(input, field, at)
    });
    let aliases = stored_fields.iter().flat_map(|field| {
        let name = &field.stored;
        let alias = |old: &String| {
            quote! {
                #private::Alias { old: #private::Text::from_static(#old), name: #private::Text::from_static(#name) }
            }
        };
        field.attrs.aliases.iter().map(|given| given.value.value()).map(move |old| alias(&old)).collect::<Vec<_>>()
    });
    let rest = optional(rest_field.map(|field| {
        let rest = as_trait(input, &field.ty, "RestField");
        quote_spanned!(located_at(&field.ty)=> #rest::REST_SHAPE)
    }));
    quote! {
        #private::StructSchema { name: #name, fields: &[#(#fields),*], rest: #rest, aliases: &[#(#aliases),*] }
    }
}

fn field_schema(input: &Input, field: &Field, at: usize) -> TokenStream {
    let private = input.private();
    let stored = &field.stored;
    let span = located_at(&field.ty);
    let rust_name = field.name();
    let value = as_trait(input, &field.ty, "FieldValue");
    let FieldAttrs { read_only, version, .. } = &field.attrs;
    let read_only = read_only.is_some() || version.is_some() || field.key().is_some();
    let (required, default) = match default(input, field) {
        None => (quote_spanned!(span=> !#value::OPTIONAL), quote!(::core::option::Option::None)),
        Some(default) => {
            let required = quote_spanned! {span=>
                {
                    ::core::assert!(!#value::OPTIONAL, "an absent `Option` reads as `None`: leave out `default`, or the `Option`");
                    false
                }
            };
            (required, quote_spanned!(span=> ::core::option::Option::Some(|| #value::stored_default(#default))))
        }
    };
    let (asserts, shape) =
        (rules::asserts(input, &field.ty, &field.attrs.rules), rules::shape(input, &field.ty, &field.attrs.rules));
    let shape = if asserts.is_empty() { shape } else { quote!({ #asserts #shape }) };
    quote! {
        #private::FieldSchema {
            name: #private::Text::of_field(&#private::FieldName { name: #stored, at: #at }),
            rust_name: #rust_name,
            shape: #shape,
            required: #required,
            default: #default,
            read_only: #read_only,
        }
    }
}

/// ```text
/// fn encode_fields(&self) -> Result<Map, Mismatch> {
///     let mut map = Map::with_capacity(1);
///     let mut wrong = Mismatches::default();
///     <String as FieldValue>::write_field(&self.id, &mut map, <Self as StructModel>::schema().field_at(0), &mut wrong);
///     wrong.built(Some(map))
/// }
///
/// fn decode_fields(map: &Map) -> Result<Self, Mismatch> {
///     let mut wrong = Mismatches::default();
///     let field_0 = <String as FieldValue>::read_field(map, <Self as StructModel>::schema().field_at(0), &mut wrong);
///     wrong.built((|| Some(Movie { id: field_0? }))())
/// }
/// ```
pub(super) fn codec(input: &Input, fields: &[Field]) -> TokenStream {
    let private = input.private();
    let ident = &input.ident;
    let owner = Owner { schema: quote!(<#ident as #private::StructModel>::schema()), path: quote!(#ident) };
    let map = hidden("__map");
    let encode = encode(input, fields, &owner, |_, ident| quote!(&self.#ident));
    let decode = decode(input, fields, &owner, &map);
    let unused =
        fields.iter().all(|field| field.attrs.skip.is_some()).then(|| quote!(#[allow(unused_mut, unused_variables)]));
    quote! {
        #unused
        fn encode_fields(&self) -> ::core::result::Result<#private::Map, #private::Mismatch> {
            #encode
        }

        #unused
        fn decode_fields(#map: &#private::Map) -> ::core::result::Result<Self, #private::Mismatch> {
            #decode
        }
    }
}

/// What has the fields: a struct, or a variant of an enum.
pub(super) struct Owner {
    /// An expression of its `&'static StructSchema`.
    pub(super) schema: TokenStream,
    /// What it is called where one is made.
    pub(super) path: TokenStream,
}

impl Owner {
    /// What is declared for the stored field in this place.
    fn declared(&self, at: usize) -> TokenStream {
        let schema = &self.schema;
        quote!(#schema.field_at(#at))
    }
}

/// A name out of sight of the expressions that users write as defaults.
pub(super) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The statements that end in the `Result<Map, Mismatch>` of the fields, to which `access` gives references.
pub(super) fn encode(
    input: &Input,
    fields: &[Field],
    owner: &Owner,
    access: impl Fn(usize, &Ident) -> TokenStream,
) -> TokenStream {
    let private = input.private();
    let (map, wrong) = (hidden("__map"), hidden("__wrong"));
    let writes = stored(fields).enumerate().map(|(at, Field { ident, ty, .. })| {
        let (value, schema, field) = (as_trait(input, ty, "FieldValue"), owner.declared(at), access(at, ident));
        quote_spanned!(located_at(ty)=> #value::write_field(#field, &mut #map, #schema, &mut #wrong);)
    });
    let rest = fields.iter().find(|field| field.attrs.flatten.is_some()).map(|Field { ident, ty, .. }| {
        let (rest, schema) = (as_trait(input, ty, "RestField"), &owner.schema);
        quote_spanned!(located_at(ty)=> #rest::write_rest(&self.#ident, &mut #map, #schema, &mut #wrong);)
    });
    let count = stored(fields).count();
    quote! {
        let mut #map = #private::Map::with_capacity(#count);
        let mut #wrong = #private::Mismatches::default();
        #(#writes)*
        #rest
        #wrong.built(::core::option::Option::Some(#map))
    }
}

/// The statements that end in the `Result` of what the fields in `map` make.
pub(super) fn decode(input: &Input, fields: &[Field], owner: &Owner, map: &Ident) -> TokenStream {
    let private = input.private();
    let wrong = hidden("__wrong");
    let parts: Vec<Ident> = (0..fields.len()).map(|at| hidden(&format!("__field{at}"))).collect();
    let mut places = 0..;
    let reads = fields.iter().zip(&parts).map(|(field, part)| {
        let ty = &field.ty;
        if field.attrs.skip.is_some() {
            let default = trait_default(ty);
            return quote!(let #part = ::core::option::Option::Some(#default););
        }
        if field.attrs.flatten.is_some() {
            let (rest, schema) = (as_trait(input, ty, "RestField"), &owner.schema);
            return quote_spanned!(located_at(ty)=> let #part = #rest::read_rest(#map, #schema, &mut #wrong););
        }
        let (value, schema) = (as_trait(input, ty, "FieldValue"), places.next().map(|at| owner.declared(at)));
        let read = match default(input, field) {
            None => quote_spanned!(located_at(ty)=> #value::read_field(#map, #schema, &mut #wrong)),
            Some(default) => {
                quote_spanned!(located_at(ty)=> #value::read_field_or(#map, #schema, &mut #wrong, #default))
            }
        };
        quote!(let #part = #read;)
    });
    let path = &owner.path;
    let idents = fields.iter().map(|field| &field.ident);
    quote! {
        let mut #wrong = #private::Mismatches::default();
        #(#reads)*
        #wrong.built((|| ::core::option::Option::Some(#path { #(#idents: #parts?),* }))())
    }
}

/// What the model declares for the stored field in this place.
pub(super) fn declared(input: &Input, at: usize) -> TokenStream {
    let (private, ident) = (input.private(), &input.ident);
    quote!(<#ident as #private::StructModel>::schema().field_at(#at))
}

/// A closure that makes the field's default, where it has one; that of a version is 0:
///
/// ```text
/// || { let default: Currency = Currency::Euro; Ok(default) }
/// ```
fn default(input: &Input, field: &Field) -> Option<TokenStream> {
    let ty = &field.ty;
    let private = input.private();
    if field.attrs.version.is_some() {
        let zero = trait_default(ty);
        return Some(quote!(|| ::core::result::Result::Ok(#zero)));
    }
    Some(match &field.attrs.default.as_ref()?.value {
        DefaultAttr::Trait => {
            let default = trait_default(ty);
            quote!(|| ::core::result::Result::Ok(#default))
        }
        DefaultAttr::Literal(literal) => {
            let into_field = quote_spanned!(located_at(literal)=> #private::IntoField::<#ty>::into_field);
            quote!(|| #into_field(#literal))
        }
        DefaultAttr::Expr(expr) => {
            let default = hidden("__default");
            quote! {
                || {
                    let #default: #ty = #expr;
                    ::core::result::Result::Ok(#default)
                }
            }
        }
    })
}

fn trait_default(ty: &Type) -> TokenStream {
    quote_spanned!(located_at(ty)=> <#ty as ::core::default::Default>::default())
}

/// The fields that are stored under names of their own.
pub(super) fn stored(fields: &[Field]) -> impl Iterator<Item = &Field> {
    fields.iter().filter(|field| field.is_stored())
}
