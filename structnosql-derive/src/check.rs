//! The rules that no single attribute can break: one function for each.

mod collection;
mod indexes;
mod names;
mod rules;
mod template;
mod variants;

pub(crate) use collection::{Member, of_collection};
pub(crate) use indexes::{Index, Projected};
pub(crate) use rules::check as check_rules;
pub(crate) use template::{Part as TemplatePart, check_no_key, of_key};
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
    /// The field by whose time records go out of date.
    pub(crate) ttl: Option<Field>,
    pub(crate) version: Option<Field>,
    pub(crate) indexes: Vec<Index>,
}

/// Checks a record. What is missing is stood in for, so that the expansion has the types it is to have.
pub(crate) fn table(input: &Input, fields: &[Field], errors: &mut Errors) -> Table {
    check_fields(fields, errors);
    for field in fields {
        check_key_alone(field, errors);
        check_version_alone(field, errors);
        check_alias_alone(field, errors);
        names::check_key_length(field, errors);
    }
    let partition = partition_key(input, fields, errors);
    let query = ", or write `index` to query by this field";
    let sort = at_most_one(fields, |field| field.attrs.sort_key.as_ref(), "sort key", query, errors).cloned();
    let ttl = at_most_one(fields, |field| field.attrs.ttl.as_ref(), "`ttl`", "", errors).cloned();
    let version = at_most_one(fields, |field| field.attrs.version.as_ref(), "version", "", errors).cloned();
    let indexes = indexes::of_table(fields, &partition, sort.as_ref(), errors);
    Table { name: names::table(input, errors), partition, sort, ttl, version, indexes }
}

/// Checks the fields of a record or of a struct inside one.
pub(crate) fn check_fields(fields: &[Field], errors: &mut Errors) {
    for field in fields {
        check_alone(field, errors);
        check_rules(&field.attrs.rules, errors);
    }
    check_one_flattened(fields, errors);
    let stored = fields.iter().filter(|field| field.is_stored());
    let stored = stored.map(|field| (&field.ident, &field.stored, &field.attrs));
    names::check_distinct(stored.clone(), "field", errors);
    names::check_aliases(stored, errors);
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

/// A field that is not stored under a name of its own has no use for attributes about that.
fn check_alone(field: &Field, errors: &mut Errors) {
    let FieldAttrs {
        rename,
        aliases,
        default,
        skip,
        flatten,
        ttl,
        partition_key,
        sort_key,
        read_only,
        version,
        rules,
        indexes,
        path: _,
    } = &field.attrs;
    let because = match (skip, flatten) {
        (None, None) => return,
        (Some(_), _) => "a field with `skip` is not stored",
        (None, Some(_)) => "a field with `flatten` holds what no other field has",
    };
    let instead = if skip.is_some() { "skip" } else { "flatten" };
    let keys = [
        rename.as_ref().map(|given| &given.key),
        default.as_ref().map(|given| &given.key),
        flatten.as_ref().filter(|_| skip.is_some()).map(|given| &given.key),
        ttl.as_ref().map(|given| &given.key),
        partition_key.as_ref().map(|given| &given.key),
        sort_key.as_ref().map(|given| &given.key),
        read_only.as_ref().map(|given| &given.key),
        version.as_ref().map(|given| &given.key),
    ];
    let aliases = aliases.iter().map(|given| &given.key);
    for key in
        keys.into_iter().flatten().chain(aliases).chain(rules.keys()).chain(indexes.iter().map(|index| &index.key))
    {
        let reads = match (skip, key == "default") {
            (Some(_), true) => " and reads as its type's `Default`",
            (None, true) => ", which may be nothing",
            _ => "",
        };
        errors.at(key, format!("{because}{reads}: leave out `{key}`, or `{instead}`"));
    }
}

/// There is one rest of what is stored.
fn check_one_flattened(fields: &[Field], errors: &mut Errors) {
    let mut flattened = fields.iter().filter_map(|field| Some((field, field.attrs.flatten.as_ref()?)));
    let Some((first, _)) = flattened.next() else { return };
    for (_, given) in flattened {
        let message = format!("`{}` holds what no other field has already: leave out one `flatten`", first.name());
        errors.at(&given.key, message);
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

/// A version belongs to the table: it starts at 0, and every write raises it.
fn check_version_alone(field: &Field, errors: &mut Errors) {
    let Some(version) = &field.attrs.version else { return };
    if let Some(key) = field.key() {
        let message = format!("a version changes with every write, a `{}` never: leave out `version`", key.key);
        errors.at(&version.key, message);
    }
    if let Some(default) = &field.attrs.default {
        errors.at(&default.key, "a record without a stored `version` reads as 0: leave out `default`");
    }
    if let Some(read_only) = &field.attrs.read_only {
        errors.at(&read_only.key, "a `version` is written by the table alone: leave out `read_only`");
    }
}

/// What DynamoDB itself looks at is found under one name alone.
fn check_alias_alone(field: &Field, errors: &mut Errors) {
    let FieldAttrs { aliases, ttl, version, indexes, .. } = &field.attrs;
    let mut looked_at = field.key().into_iter().chain(ttl).chain(version).map(|given| &given.key);
    let Some(by) = looked_at.next().or(indexes.first().map(|index| &index.key)) else { return };
    for alias in aliases {
        let message =
            format!("`{by}` is about one stored name: leave out `alias`, and keep the earlier name with `rename`");
        errors.at(&alias.key, message);
    }
}

/// A record has exactly one partition key.
fn partition_key(input: &Input, fields: &[Field], errors: &mut Errors) -> Field {
    let query = ", or write `index` to query by this field";
    if let Some(field) = at_most_one(fields, |field| field.attrs.partition_key.as_ref(), "partition key", query, errors)
    {
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
    instead: &str,
    errors: &mut Errors,
) -> Option<&'f Field> {
    let mut found = fields.iter().filter(|field| key(field).is_some());
    let first = found.next()?;
    for field in found {
        if let Some(given) = key(field) {
            let (first, key) = (first.name(), &given.key);
            errors.at(key, format!("a table has one {role}, and `{first}` is it already: leave out `{key}`{instead}"));
        }
    }
    Some(first)
}
