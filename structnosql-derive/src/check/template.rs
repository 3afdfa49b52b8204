//! `#[map(key = "USER#{id}")]`: what a key is made of.

use syn::LitStr;

use crate::ast::{Field, Input};
use crate::attr::FieldAttrs;
use crate::errors::Errors;

/// A part of a template.
pub(crate) enum Part<'f> {
    Text(String),
    /// A field, filled up with zeros to so many digits where that is not 0.
    Value(&'f Field, usize),
}

/// The parts of a key's template; none where a mistake in it was reported.
pub(crate) fn of_key<'f>(template: &LitStr, input: &Input, fields: &'f [Field], errors: &mut Errors) -> Vec<Part<'f>> {
    check_plain(fields, errors);
    match parts(&template.value(), fields) {
        Ok(parts) => match unused(&parts, fields) {
            None => parts,
            Some(field) => {
                let (name, ident) = (field.name(), &input.ident);
                let message = format!(
                    "`{name}` is in no place of the key, and would be lost: write `{{{name}}}` in the key of `{ident}`"
                );
                errors.at(&field.ident, message);
                Vec::new()
            }
        },
        Err(problem) => {
            errors.at(template, problem);
            Vec::new()
        }
    }
}

/// Only a struct with named fields says what a key is made of.
pub(crate) fn check_no_key(input: &Input, errors: &mut Errors) {
    if let Some(given) = &input.attrs.key {
        errors.at(&given.key, "a key is made of named fields: `struct UserKey { id: String }`");
    }
}

fn parts<'f>(template: &str, fields: &'f [Field]) -> Result<Vec<Part<'f>>, String> {
    let mut parts: Vec<Part<'f>> = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let literal = &rest[..rest.find(['{', '}']).unwrap_or(rest.len())];
        if !literal.is_empty() {
            parts.push(Part::Text(literal.to_owned()));
            rest = &rest[literal.len()..];
            continue;
        }
        let Some(inside) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
            return Err("a `{` and a `}` go around the name of a field: `USER#{id}`".to_owned());
        };
        let (name, digits) = match inside.0.split_once(':') {
            None => (inside.0, 0),
            Some((name, width)) => (name, width_of(width)?),
        };
        let Some(field) = fields.iter().find(|field| field.name() == name) else {
            let names: Vec<String> = fields.iter().map(|field| format!("`{}`", field.name())).collect();
            let known =
                if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
            return Err(format!("the struct has no field `{name}`: {known}"));
        };
        if parts.iter().any(|part| matches!(part, Part::Value(other, _) if other.ident == field.ident)) {
            return Err(format!("`{name}` is in the key twice: once is enough to read it back"));
        }
        if matches!(parts.last(), Some(Part::Value(..))) {
            return Err(format!(
                "`{{{name}}}` follows another value, and nothing tells where that ends: put a text such as `#` between them"
            ));
        }
        parts.push(Part::Value(field, digits));
        rest = inside.1;
    }
    if parts.is_empty() { Err("a key cannot be empty: DynamoDB takes none".to_owned()) } else { Ok(parts) }
}

/// `08`
fn width_of(width: &str) -> Result<usize, String> {
    let digits = width.strip_prefix('0').and_then(|digits| digits.parse().ok());
    match digits {
        Some(digits @ 1..=39) => Ok(digits),
        _ => Err(format!(
            "`{width}` is no width: `{{number:08}}` fills up to 8 digits, so that keys are in the order of the numbers"
        )),
    }
}

fn unused<'f>(parts: &[Part<'f>], fields: &'f [Field]) -> Option<&'f Field> {
    if parts.is_empty() {
        return None;
    }
    fields
        .iter()
        .find(|field| !parts.iter().any(|part| matches!(part, Part::Value(used, _) if used.ident == field.ident)))
}

/// What is part of a text has no name, default or rules of its own.
fn check_plain(fields: &[Field], errors: &mut Errors) {
    for field in fields {
        let FieldAttrs { rename, default, skip, flatten, read_only, rules, .. } = &field.attrs;
        let keys = [
            rename.as_ref().map(|given| &given.key),
            default.as_ref().map(|given| &given.key),
            skip.as_ref().map(|given| &given.key),
            flatten.as_ref().map(|given| &given.key),
            read_only.as_ref().map(|given| &given.key),
        ];
        for key in keys.into_iter().flatten().chain(rules.keys()) {
            errors.at(key, format!("the struct is stored as one text, its key: leave out `{key}`"));
        }
    }
}
