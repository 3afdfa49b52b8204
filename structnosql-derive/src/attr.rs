//! Attributes, each value with the tokens that gave it.

mod container;
mod field;
mod index;
mod place;
mod rules;

pub(crate) use container::ContainerAttrs;
pub(crate) use field::{AccessorPath, DefaultAttr, FieldAttrs};
pub(crate) use index::{IndexAttr, ProjectionAttr};
pub(crate) use place::Place;
pub(crate) use rules::{RuleAttrs, number};

use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitStr, Meta, Token};

use crate::errors::Errors;

/// A value that an attribute's key was given.
#[derive(Clone)]
pub(crate) struct Given<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
}

/// Reads one item after its key.
type ReadItem<'r> = dyn FnMut(&Ident, ParseStream<'_>, &mut Errors) -> syn::Result<()> + 'r;

/// Reads `#[attribute(item, item, ...)]`.
fn read_attribute(attribute: &Attribute, errors: &mut Errors, read: &mut ReadItem<'_>) {
    let Meta::List(list) = &attribute.meta else {
        let name = attribute.path().get_ident().map(Ident::to_string).unwrap_or_default();
        return errors.at(attribute, format!("expected `#[{name}(...)]`"));
    };
    let items = |input: ParseStream<'_>| {
        read_items(input, errors, read);
        Ok(())
    };
    if let Err(error) = list.parse_args_with(items) {
        errors.push(error);
    }
}

/// Reads `item, item, ...`; after a wrong one it goes on with the next.
fn read_items(input: ParseStream<'_>, errors: &mut Errors, read: &mut ReadItem<'_>) {
    while !input.is_empty() {
        let item = key(input).and_then(|key| read(&key, input, errors));
        let end = item.and_then(|()| match input.is_empty() || input.peek(Token![,]) {
            true => Ok(()),
            false => Err(input.error("expected `,`")),
        });
        if let Err(error) = end {
            errors.push(error);
        }
        skip_item(input);
    }
}

fn key(input: ParseStream<'_>) -> syn::Result<Ident> {
    Ident::parse_any(input).map_err(|_| syn::Error::new(input.span(), "an attribute has a name here, not a value"))
}

/// Skips what is left of an item, and the comma after it.
fn skip_item(input: ParseStream<'_>) {
    let mut comma = false;
    while !comma && !input.is_empty() {
        comma = input.peek(Token![,]);
        if input.parse::<TokenTree>().is_err() {
            return;
        }
    }
}

/// Reads `= value`.
fn value<T: Parse>(key: &Ident, input: ParseStream<'_>, example: &str) -> syn::Result<T> {
    let wrong = |at| syn::Error::new(at, format!("`{key}` takes a value: `{key} = {example}`"));
    if !input.peek(Token![=]) {
        return Err(wrong(key.span()));
    }
    input.parse::<Token![=]>()?;
    let at = input.span();
    input.parse().map_err(|_| wrong(at))
}

/// Reads `= "text"`; a word without quotes is a mistake, and taken.
fn text(key: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<LitStr> {
    let word: Option<Ident> = if input.peek(Token![=]) && input.peek2(Ident) {
        input.parse::<Token![=]>()?;
        Some(input.parse()?)
    } else {
        None
    };
    let Some(word) = word else {
        return value(key, input, "\"...\"");
    };
    errors.at(&word, format!("`{key}` takes a text: write `{key} = \"{word}\"`"));
    Ok(LitStr::new(&word.to_string(), word.span()))
}

/// Reads `= value`; a value in quotes is a mistake, and taken.
fn unquoted<T: Parse>(key: &Ident, input: ParseStream<'_>, errors: &mut Errors, example: &str) -> syn::Result<T> {
    if !(input.peek(Token![=]) && input.peek2(LitStr)) {
        return value(key, input, example);
    }
    let text: LitStr = value(key, input, example)?;
    let taken = text.parse().map_err(|_| syn::Error::new(text.span(), format!("write `{key} = {example}`")))?;
    errors.at(&text, format!("write `{key} = {}`, without quotes", text.value()));
    Ok(taken)
}

/// Reads an item that is its key alone.
fn flag(key: &Ident, input: ParseStream<'_>) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    let hint = match key == "partition_key" || key == "sort_key" {
        true => "; a key of several values is the type of the field, a struct with `#[map(key = \"USER#{id}\")]`",
        false => "",
    };
    Err(syn::Error::new(key.span(), format!("`{key}` takes no value: write `{key}` alone{hint}")))
}

/// Puts the value of an item in its place, once.
fn set<T>(slot: &mut Option<Given<T>>, key: &Ident, value: T) -> syn::Result<()> {
    if slot.is_some() {
        return Err(syn::Error::new(key.span(), format!("`{key}` is given twice: keep one")));
    }
    *slot = Some(Given { key: key.clone(), value });
    Ok(())
}
