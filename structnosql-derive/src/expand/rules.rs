//! The rules of a value, as data.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

use super::{as_trait, located_at};
use crate::ast::Input;
use crate::attr::RuleAttrs;

const NO_NUMBER: &str = "`min` and `max` are about numbers, and this field is none: for how long a text, list, map or \
                         set is, write `length = 1..=64`";
const NO_LENGTH: &str = "`length` is about texts, binary, lists, maps and sets, and this field is none of them: for a \
                         number write `min` and `max`";
const NO_TEXT: &str = "`pattern` is about texts, and this field is none: for the items of a list or the values of a \
                       map, write a struct around one, `struct Tag(#[field(pattern = \"...\")] String)`";

/// The shape of `ty`, held to the rules that are given:
///
/// ```text
/// &Shape::Ruled(<u8 as FieldValue>::SHAPE, &[Rule::Min(|| IntoField::<Number>::into_field(18))])
/// ```
pub(super) fn shape(input: &Input, ty: &Type, rules: &RuleAttrs) -> TokenStream {
    let private = input.private();
    let shape = declared(input, ty);
    if rules.keys().next().is_none() {
        return shape;
    }
    let rules = list(input, ty, rules);
    quote!(&#private::Shape::Ruled(#shape, &[#(#rules),*]))
}

/// What a rule is about is told by the type's shape, not by its name:
///
/// ```text
/// assert!(<u8 as FieldValue>::SHAPE.is_number(), "...");
/// ```
pub(super) fn asserts(input: &Input, ty: &Type, rules: &RuleAttrs) -> TokenStream {
    let shape = declared(input, ty);
    let assert = |key: &Ident, is_about: &str, message: &str| {
        let is_about = Ident::new(is_about, key.span());
        quote_spanned!(key.span()=> ::core::assert!(#shape.#is_about(), #message);)
    };
    let RuleAttrs { min, max, length, pattern, with: _ } = rules;
    let bound = min.as_ref().or(max.as_ref()).map(|bound| assert(&bound.key, "is_number", NO_NUMBER));
    let length = length.as_ref().map(|length| assert(&length.key, "has_length", NO_LENGTH));
    let pattern = pattern.as_ref().map(|pattern| assert(&pattern.key, "is_text", NO_TEXT));
    [bound, length, pattern].into_iter().flatten().collect()
}

fn declared(input: &Input, ty: &Type) -> TokenStream {
    let value = as_trait(input, ty, "FieldValue");
    quote_spanned!(located_at(ty)=> #value::SHAPE)
}

fn list(input: &Input, ty: &Type, rules: &RuleAttrs) -> Vec<TokenStream> {
    let private = input.private();
    let RuleAttrs { min, max, length, pattern, with } = rules;
    let bound = |rule: &str, given: &syn::Expr| {
        let rule = Ident::new(rule, given.span());
        let into_field = quote_spanned!(given.span()=> #private::IntoField::<#private::Number>::into_field);
        quote!(#private::Rule::#rule(|| #into_field(#given)))
    };
    let min = min.as_ref().map(|min| bound("Min", &min.value));
    let max = max.as_ref().map(|max| bound("Max", &max.value));
    let length = length.as_ref().map(|length| {
        let (min, max) = (&length.value.min, &length.value.max);
        quote!(#private::Rule::Length { min: #min, max: #max })
    });
    let pattern = pattern.as_ref().map(|pattern| {
        let text = &pattern.value;
        quote! {
            #private::Rule::Pattern(|| {
                static PATTERN: #private::Pattern = #private::Pattern::new(#text);
                &PATTERN
            })
        }
    });
    let with = with.as_ref().map(|with| {
        let function = &with.value;
        let value = as_trait(input, ty, "FieldValue");
        // Of an `Option` the inside, as paths have it.
        let inside = quote!(<#value::Handle<(), #private::Required> as #private::Field>::Value);
        let call = quote_spanned!(function.span()=> #function(__value));
        // At the function for the compiler to show there what it returns.
        let located = input.private_at(function.span());
        let accepted = quote_spanned!(function.span()=> #located::accepted(__value, |__value: &#inside| #call));
        quote!(#private::Rule::With(|__value| #accepted))
    });
    [min, max, length, pattern, with].into_iter().flatten().collect()
}
