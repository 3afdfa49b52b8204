//! The rules that no single attribute can break: one function for each.

mod indexes;
mod names;
mod rules;
mod variants;

pub(crate) use indexes::{Index, Projected};
pub(crate) use rules::check as check_rules;
pub(crate) use variants::{Enum, check_no_enum, of_enum};

use proc_macro2::Span;
use syn::{Ident, Path, Visibility, parse_quote};

use crate::ast::{Field, Input};
use crate::attr::{FieldAttrs, Given};
use crate::errors::Errors;

/// A record whose keys and indexes are in order.
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) partition: Field,
    pub(crate) sort: Option<Field>,
    pub(crate) indexes: Vec<Index>,
}

/// Checks a record. What is missing is stood in for, so that the expansion has the types it is to have.
pub(crate) fn table(input: &Input, fields: &[Field], errors: &mut Errors) -> Table {
    check_fields(fields, errors);
    for field in fields {
        check_key_alone(field, errors);
    }
    let partition = partition_key(input, fields, errors);
    let sort = at_most_one(fields, |field| field.attrs.sort_key.as_ref(), "sort key", errors).cloned();
    let indexes = indexes::of_table(fields, &partition, sort.as_ref(), errors);
    Table { name: names::table(input, errors), partition, sort, indexes }
}

/// Checks the fields of a record or of a struct inside one.
pub(crate) fn check_fields(fields: &[Field], errors: &mut Errors) {
    for field in fields {
        check_skip_alone(field, errors);
        check_rules(&field.attrs.rules, errors);
    }
    let stored = fields.iter().filter(|field| field.attrs.skip.is_none());
    names::check_distinct(stored.map(|field| (&field.ident, &field.stored, &field.attrs)), "field", errors);
}

/// Checks a projection, and returns the model that it reads.
pub(crate) fn projection<'i>(input: &'i Input, fields: &[Field], errors: &mut Errors) -> Option<&'i Path> {
    if fields.is_empty() {
        errors.at(&input.ident, "a projection reads at least one field: add one of the model's");
    }
    if input.attrs.model.is_none() {
        let message =
            format!("of which model does `{}` read fields? Write `#[projection(model = ...)]` on it", input.ident);
        errors.at(&input.ident, message);
    }
    input.attrs.model.as_ref().map(|model| &model.value).filter(|_| !fields.is_empty())
}

/// A field that is not stored has no use for attributes about storing it.
fn check_skip_alone(field: &Field, errors: &mut Errors) {
    let FieldAttrs { rename, default, skip, partition_key, sort_key, read_only, rules, indexes, path: _ } =
        &field.attrs;
    if skip.is_none() {
        return;
    }
    let keys = [
        rename.as_ref().map(|given| &given.key),
        default.as_ref().map(|given| &given.key),
        partition_key.as_ref().map(|given| &given.key),
        sort_key.as_ref().map(|given| &given.key),
        read_only.as_ref().map(|given| &given.key),
    ];
    for key in keys.into_iter().flatten().chain(rules.keys()).chain(indexes.iter().map(|index| &index.key)) {
        let because = if key == "default" { " and reads as its type's `Default`" } else { "" };
        errors.at(key, format!("a field with `skip` is not stored{because}: leave out `{key}`, or `skip`"));
    }
}

/// A key is given with every record and never written by an update.
fn check_key_alone(field: &Field, errors: &mut Errors) {
    let Some(key) = field.key() else { return };
    let name = &key.key;
    if let (Some(_), Some(sort)) = (&field.attrs.partition_key, &field.attrs.sort_key) {
        errors.at(&sort.key, "one field is either the partition key or the sort key: leave out one of them");
    }
    if let Some(default) = &field.attrs.default {
        errors.at(&default.key, format!("a `{name}` is stored with every record: leave out `default`"));
    }
    if let Some(read_only) = &field.attrs.read_only {
        errors.at(&read_only.key, format!("a `{name}` is always read-only: leave out `read_only`"));
    }
}

/// A record has exactly one partition key.
fn partition_key(input: &Input, fields: &[Field], errors: &mut Errors) -> Field {
    if let Some(field) = at_most_one(fields, |field| field.attrs.partition_key.as_ref(), "partition key", errors) {
        return field.clone();
    }
    let instead = match fields.iter().find(|field| field.attrs.skip.is_none() && field.key().is_none()) {
        Some(field) => format!("write `#[field(partition_key)]` on one of its fields, such as `{}`", field.name()),
        None => "add a field with `#[field(partition_key)]`".to_owned(),
    };
    errors.at(&input.ident, format!("`{}` has no partition key: {instead}", input.ident));
    Field {
        ident: Ident::new("partition_key", Span::call_site()),
        vis: Visibility::Inherited,
        ty: parse_quote!(::std::string::String),
        stored: "partition_key".to_owned(),
        docs: Vec::new(),
        attrs: FieldAttrs::default(),
    }
}

/// The only field with the attribute `key`; each one after the first is a mistake.
fn at_most_one<'f>(
    fields: &'f [Field],
    key: impl Fn(&Field) -> Option<&Given<()>>,
    role: &str,
    errors: &mut Errors,
) -> Option<&'f Field> {
    let mut found = fields.iter().filter(|field| key(field).is_some());
    let first = found.next()?;
    for field in found {
        if let Some(given) = key(field) {
            let message = format!(
                "a table has one {role}, and `{}` is it already: leave out `{}`, or write `index` to query by this field",
                first.name(),
                given.key
            );
            errors.at(&given.key, message);
        }
    }
    Some(first)
}
