//! Names that DynamoDB takes.

use std::collections::HashMap;

use syn::{Ident, LitStr};

use crate::ast::{Field, Input};
use crate::attr::FieldAttrs;
use crate::errors::Errors;

/// The longest name of a key attribute, in bytes.
const MAX_KEY_NAME: usize = 255;

/// A table has a name that DynamoDB takes.
pub(super) fn table(input: &Input, errors: &mut Errors) -> String {
    let Some(name) = &input.attrs.name else {
        let message = format!("the table of `{}` has no name: write `#[table(name = \"...\")]` on it", input.ident);
        errors.at(&input.ident, message);
        return String::new();
    };
    check_resource(&name.value, "table", errors);
    name.value.value()
}

/// Tables and indexes are named by 3 to 255 letters, digits, `_`, `-` and `.`.
pub(super) fn check_resource(name: &LitStr, what: &str, errors: &mut Errors) {
    if let Some(problem) = resource_problem(&name.value()) {
        errors.at(name, format!("DynamoDB takes no {what} of this name: {problem}"));
    }
}

/// What keeps a table or index from having this name.
pub(super) fn resource_problem(name: &str) -> Option<String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    if let Some(letter) = name.chars().find(|&letter| !allowed(letter)) {
        return Some(format!("{letter:?} is not one of a-z, A-Z, 0-9, `_`, `-` and `.`"));
    }
    let length = name.len();
    (!(3..=255).contains(&length)).then(|| format!("it is {length} long, and has to be 3 to 255"))
}

/// DynamoDB takes [names](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html) of up to
/// 255 bytes for attributes that tables and indexes are keyed by.
pub(super) fn check_key_length(field: &Field, errors: &mut Errors) {
    let is_key = field.key().is_some() || !field.attrs.indexes.is_empty();
    let length = field.stored.len();
    if is_key && length > MAX_KEY_NAME {
        let message = format!(
            "a key attribute of a table or index has a name of at most {MAX_KEY_NAME} bytes, and this one is {length} \
             long: give it another name with `rename`"
        );
        match &field.attrs.rename {
            Some(rename) => errors.at(&rename.value, message),
            None => errors.at(&field.ident, message),
        }
    }
}

/// No two fields are, or were, stored under one name.
pub(super) fn check_aliases<'n>(
    fields: impl Iterator<Item = (&'n Ident, &'n String, &'n FieldAttrs)> + Clone,
    errors: &mut Errors,
) {
    let mut seen: HashMap<String, &Ident> = fields.clone().map(|(ident, stored, _)| (stored.clone(), ident)).collect();
    for (ident, stored, attrs) in fields {
        for alias in &attrs.aliases {
            let name = alias.value.value();
            if name.is_empty() {
                errors.at(&alias.value, "a stored name cannot be empty");
            } else if name == *stored {
                errors.at(&alias.value, format!("`{ident}` is stored as `{name}` now: an `alias` is an earlier name"));
            } else if let Some(other) = seen.insert(name.clone(), ident) {
                let message = format!("`{name}` is a name of `{other}` already: an earlier name is one field's alone");
                errors.at(&alias.value, message);
            }
        }
    }
}

/// Fields and variants are stored under names of their own, which are not empty.
pub(super) fn check_distinct<'n>(
    names: impl Iterator<Item = (&'n Ident, &'n String, &'n FieldAttrs)>,
    what: &str,
    errors: &mut Errors,
) {
    let mut seen: HashMap<&str, &Ident> = HashMap::new();
    for (ident, stored, attrs) in names {
        let rename = attrs.rename.as_ref();
        if stored.is_empty() {
            let message = "a stored name cannot be empty";
            match rename {
                Some(rename) => errors.at(&rename.value, message),
                None => errors.at(ident, message),
            }
        } else if let Some(other) = seen.insert(stored, ident) {
            let message = format!(
                "the {what} `{other}` is stored as `{stored}` too: give one of them another name with `rename`"
            );
            match rename {
                Some(rename) => errors.at(&rename.value, message),
                None => errors.at(ident, message),
            }
        }
    }
}
