//! The input as this crate sees it: names, stored names, types, attributes.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Data, DataEnum, DataStruct, DeriveInput, Fields, Generics, Ident, Type, Visibility};

use crate::attr::{ContainerAttrs, FieldAttrs, Given, Place, RuleAttrs};
use crate::casing::Case;
use crate::errors::Errors;

/// A struct or enum that derives.
pub(crate) struct Input {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    pub(crate) generics: Generics,
    pub(crate) attrs: ContainerAttrs,
    pub(crate) body: Body,
}

/// What is between its braces.
pub(crate) enum Body {
    /// `struct Movie { id: String }`
    Struct(Vec<Field>),
    /// `struct UserId(String)`
    Newtype(Box<Newtype>),
    /// `enum Genre { Thriller, Fantasy }`, and those with data
    Enum(Vec<Variant>),
    /// Something that no derive takes; the mistake has been reported.
    Unsupported,
}

/// What a struct is around.
pub(crate) struct Newtype {
    /// Its type, with the struct's name in place of `Self`.
    pub(crate) ty: Type,
    pub(crate) rules: RuleAttrs,
}

/// A named field.
#[derive(Clone)]
pub(crate) struct Field {
    pub(crate) ident: Ident,
    pub(crate) vis: Visibility,
    /// Its type, with the struct's name in place of `Self`.
    pub(crate) ty: Type,
    /// The name that it is stored under.
    pub(crate) stored: String,
    /// Its documentation, and `#[deprecated]`.
    pub(crate) docs: Vec<Attribute>,
    pub(crate) attrs: FieldAttrs,
}

/// A variant of an enum.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// The name that it is stored under, or that its tag has.
    pub(crate) stored: String,
    pub(crate) attrs: FieldAttrs,
    pub(crate) data: VariantData,
}

/// What a variant has.
pub(crate) enum VariantData {
    /// `Cash`
    Unit,
    /// `Transfer(Transfer)`
    Newtype(Box<Newtype>),
    /// `Card { number: String }`
    Struct(Vec<Field>),
}

impl Input {
    /// Reads the input of the derive whose attribute is `place`.
    pub(crate) fn read(input: DeriveInput, place: Place, errors: &mut Errors) -> Self {
        let attrs = ContainerAttrs::read(&input.attrs, place, errors);
        let reader = Reader { ident: &input.ident, place, attrs: &attrs };
        let mut body = reader.body(input.data, errors);
        if !input.generics.params.is_empty() {
            let message = "a model has no generic parameters: write one struct for each type that it is used with";
            errors.at(&input.generics.params, message);
            body = Body::Unsupported;
        }
        Input { ident: input.ident, vis: input.vis, generics: input.generics, attrs, body }
    }

    /// The path of what expansions may name: `::structnosql::__private`.
    pub(crate) fn private(&self) -> TokenStream {
        self.private_at(Span::call_site())
    }

    /// The same, placed where the compiler is to show what is wrong with something made of it.
    pub(crate) fn private_at(&self, span: Span) -> TokenStream {
        match &self.attrs.krate {
            Some(krate) => {
                let path = &krate.value;
                quote_spanned!(span=> #path::__private)
            }
            None => quote_spanned!(span=> ::structnosql::__private),
        }
    }
}

impl Field {
    /// Its name in Rust, without `r#`.
    pub(crate) fn name(&self) -> String {
        self.ident.unraw().to_string()
    }

    /// Whether it is stored under a name of its own.
    pub(crate) fn is_stored(&self) -> bool {
        self.attrs.skip.is_none() && self.attrs.flatten.is_none()
    }

    /// The attribute that makes it part of the table's key.
    pub(crate) fn key(&self) -> Option<&Given<()>> {
        self.attrs.partition_key.as_ref().or(self.attrs.sort_key.as_ref())
    }
}

struct Reader<'i> {
    ident: &'i Ident,
    place: Place,
    attrs: &'i ContainerAttrs,
}

impl Reader<'_> {
    fn body(&self, data: Data, errors: &mut Errors) -> Body {
        match data {
            Data::Enum(data) if self.place == Place::Collection => self.variants(data, errors),
            _ if self.place == Place::Collection => self.unsupported("", errors),
            Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) => {
                let place = self.place.of_fields();
                let fields = fields.named.into_iter();
                let renamed = self.attrs.rename_all.as_ref();
                Body::Struct(fields.filter_map(|field| self.field(field, place, renamed, errors)).collect())
            }
            Data::Struct(DataStruct { fields: Fields::Unnamed(fields), .. })
                if fields.unnamed.len() == 1 && self.place == Place::Map =>
            {
                let newtype = fields.unnamed.into_iter().next().map(|field| self.newtype(field, errors));
                newtype.map_or(Body::Unsupported, |newtype| Body::Newtype(Box::new(newtype)))
            }
            Data::Enum(data) if self.place == Place::Map => self.variants(data, errors),
            Data::Struct(_) => self.unsupported("", errors),
            Data::Enum(_) if self.place == Place::Table => {
                self.unsupported("; an enum can be the type of one of its fields", errors)
            }
            Data::Enum(_) | Data::Union(_) => self.unsupported("", errors),
        }
    }

    fn unsupported(&self, hint: &str, errors: &mut Errors) -> Body {
        let ident = self.ident;
        let what = match self.place {
            Place::Table => "a table's record is",
            Place::Map => "what is stored in a record is an enum, a struct around one type, or",
            Place::Collection => {
                let message = "a collection is an enum with a variant around each model";
                errors.at(ident, format!("{message}: `enum {ident} {{ User(User), Order(Order) }}`"));
                return Body::Unsupported;
            }
            _ => "a projection is",
        };
        errors.at(ident, format!("{what} a struct with named fields: `struct {ident} {{ name: Type, ... }}`{hint}"));
        Body::Unsupported
    }

    fn field(
        &self,
        field: syn::Field,
        place: Place,
        renamed: Option<&Given<Case>>,
        errors: &mut Errors,
    ) -> Option<Field> {
        let ident = field.ident?;
        let attrs = FieldAttrs::read(&field.attrs, place, errors);
        let stored = stored(&ident, &attrs, renamed, Case::of_field);
        let forwarded =
            |attribute: &Attribute| ["doc", "deprecated"].iter().any(|name| attribute.path().is_ident(name));
        let docs = field.attrs.into_iter().filter(forwarded).collect();
        Some(Field { ident, vis: field.vis, ty: self.without_self(field.ty), stored, docs, attrs })
    }

    fn newtype(&self, field: syn::Field, errors: &mut Errors) -> Newtype {
        let rules = FieldAttrs::read(&field.attrs, Place::NewtypeField, errors).rules;
        Newtype { ty: self.without_self(field.ty), rules }
    }

    fn variants(&self, data: DataEnum, errors: &mut Errors) -> Body {
        let count = data.variants.len();
        if count == 0 {
            errors.at(self.ident, "an enum without variants has no value to store: add a variant");
        }
        let variants: Vec<_> = data.variants.into_iter().filter_map(|variant| self.variant(variant, errors)).collect();
        if count > 0 && variants.len() == count { Body::Enum(variants) } else { Body::Unsupported }
    }

    fn variant(&self, variant: syn::Variant, errors: &mut Errors) -> Option<Variant> {
        let attrs = FieldAttrs::read(&variant.attrs, Place::Variant, errors);
        let ident = variant.ident;
        let data = match variant.fields {
            Fields::Unit => VariantData::Unit,
            Fields::Named(fields) => {
                let renamed = self.attrs.rename_all_fields.as_ref();
                let fields = fields.named.into_iter();
                let field = |field| self.field(field, Place::VariantField, renamed, errors);
                VariantData::Struct(fields.filter_map(field).collect())
            }
            Fields::Unnamed(fields) if fields.unnamed.len() == 1 => {
                let field = fields.unnamed.into_iter().next()?;
                VariantData::Newtype(Box::new(self.newtype(field, errors)))
            }
            Fields::Unnamed(fields) => {
                let message = match self.place {
                    Place::Collection => format!("a variant of a collection is around one model: `{ident}({ident})`"),
                    _ => format!("the fields of a variant have names: `{ident} {{ name: Type, ... }}`"),
                };
                errors.at(fields, message);
                return None;
            }
        };
        let stored = stored(&ident, &attrs, self.attrs.rename_all.as_ref(), Case::of_variant);
        Some(Variant { ident, stored, attrs, data })
    }

    /// The type with the struct's name in place of `Self`, which means something else in what is generated.
    fn without_self(&self, ty: Type) -> Type {
        syn::parse2(self.replace_self(ty.to_token_stream())).unwrap_or(ty)
    }

    fn replace_self(&self, tokens: TokenStream) -> TokenStream {
        let replace = |token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut named = self.ident.clone();
                named.set_span(ident.span());
                TokenTree::Ident(named)
            }
            TokenTree::Group(group) => {
                let mut replaced = Group::new(group.delimiter(), self.replace_self(group.stream()));
                replaced.set_span(group.span());
                TokenTree::Group(replaced)
            }
            other => other,
        };
        tokens.into_iter().map(replace).collect()
    }
}

/// The name to store a field or variant under; `rename` goes before `rename_all`.
fn stored(
    ident: &Ident,
    attrs: &FieldAttrs,
    rename_all: Option<&Given<Case>>,
    renamed: fn(Case, &str) -> String,
) -> String {
    let name = ident.unraw().to_string();
    match (&attrs.rename, rename_all) {
        (Some(rename), _) => rename.value.value(),
        (None, Some(case)) => renamed(case.value, &name),
        (None, None) => name,
    }
}
