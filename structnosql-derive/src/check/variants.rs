//! How an enum is stored, and whether its variants can be.

use super::{check_fields, check_rules, names};
use crate::ast::{Input, Newtype, Variant, VariantData};
use crate::attr::ContainerAttrs;
use crate::errors::Errors;

/// An enum, by how it is stored.
pub(crate) enum Enum<'v> {
    /// As the name of its variant.
    Unit,
    /// As a map that holds the variant's name under this tag.
    Tagged(String),
    /// As the one type of its variant.
    Untagged(Vec<&'v Newtype>),
    /// Not at all; the mistake has been reported.
    Unsupported,
}

/// A struct has no variants to tell apart.
pub(crate) fn check_no_enum(input: &Input, errors: &mut Errors) {
    let ContainerAttrs { rename_all_fields, tag, untagged, .. } = &input.attrs;
    let keys = [
        rename_all_fields.as_ref().map(|given| &given.key),
        tag.as_ref().map(|given| &given.key),
        untagged.as_ref().map(|given| &given.key),
    ];
    for key in keys.into_iter().flatten() {
        let instead = if key == "rename_all_fields" { ": for the fields of a struct write `rename_all`" } else { "" };
        errors.at(key, format!("`{key}` is about the variants of an enum, and `{}` is none{instead}", input.ident));
    }
}

/// Checks an enum's variants.
pub(crate) fn of_enum<'v>(input: &Input, variants: &'v [Variant], errors: &mut Errors) -> Enum<'v> {
    names::check_distinct(
        variants.iter().map(|variant| (&variant.ident, &variant.stored, &variant.attrs)),
        "variant",
        errors,
    );
    for variant in variants {
        match &variant.data {
            VariantData::Unit => {}
            VariantData::Newtype(newtype) => check_rules(&newtype.rules, errors),
            VariantData::Struct(fields) => check_fields(fields, errors),
        }
    }
    match (&input.attrs.tag, &input.attrs.untagged) {
        (Some(tag), Some(untagged)) => {
            errors.at(&untagged.key, "an enum has a tag or none: leave out `untagged`, or `tag`");
            Enum::Tagged(tag.value.value())
        }
        (Some(tag), None) => {
            check_tag(&tag.value, variants, errors);
            Enum::Tagged(tag.value.value())
        }
        (None, Some(_)) => untagged(variants, errors),
        (None, None) => untold(input, variants, errors),
    }
}

/// The tag is an entry of its own.
fn check_tag(tag: &syn::LitStr, variants: &[Variant], errors: &mut Errors) {
    let name = tag.value();
    if name.is_empty() {
        errors.at(tag, "a stored name cannot be empty");
    }
    for variant in variants {
        match &variant.data {
            VariantData::Unit => {}
            VariantData::Newtype(newtype) => {
                for key in newtype.rules.keys() {
                    errors.at(key, format!("the fields of this struct have rules of their own: leave out `{key}`"));
                }
            }
            VariantData::Struct(fields) => {
                let stored = fields.iter().filter(|field| field.attrs.skip.is_none());
                for field in stored.filter(|field| field.stored == name) {
                    let message = format!(
                        "the tag of the enum is stored as `{name}` too: give the field another name with `rename`"
                    );
                    errors.at(&field.ident, message);
                }
            }
        }
    }
}

/// Each variant is around one type, which is all that tells it from the others.
fn untagged<'v>(variants: &'v [Variant], errors: &mut Errors) -> Enum<'v> {
    let mut newtypes = Vec::new();
    for variant in variants {
        if let Some(rename) = &variant.attrs.rename {
            errors.at(&rename.key, "the names of `untagged` variants are not stored: leave out `rename`");
        }
        match &variant.data {
            VariantData::Newtype(newtype) => newtypes.push(&**newtype),
            VariantData::Unit | VariantData::Struct(_) => {
                let ident = &variant.ident;
                let message = format!(
                    "an `untagged` variant is told from the others by its type alone: write `{ident}(Type)`, or give \
                     the enum a `tag`"
                );
                errors.at(ident, message);
            }
        }
    }
    if newtypes.len() == variants.len() { Enum::Untagged(newtypes) } else { Enum::Unsupported }
}

/// Without data, the name of the variant is all there is; with data one has to say how it is told.
fn untold<'v>(input: &Input, variants: &'v [Variant], errors: &mut Errors) -> Enum<'v> {
    if variants.iter().all(|variant| matches!(variant.data, VariantData::Unit)) {
        return Enum::Unit;
    }
    let message = format!(
        "`{}` has variants with data: write `#[map(tag = \"type\")]` on it to store a map with the variant's name \
         under `type`, or `#[map(untagged)]` to store what is inside alone",
        input.ident
    );
    errors.at(&input.ident, message);
    Enum::Unsupported
}
