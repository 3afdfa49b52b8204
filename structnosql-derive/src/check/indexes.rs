//! Secondary indexes: each is put together from the `index(...)` of one or two fields.

use std::collections::HashMap;

use syn::Ident;

use super::names;
use crate::ast::Field;
use crate::attr::{Given, IndexAttr, ProjectionAttr};
use crate::casing;
use crate::errors::Errors;
use crate::suggest;

/// DynamoDB's limit of local secondary indexes for one table.
const MOST_LOCAL: usize = 5;

/// An index that is in order.
pub(crate) struct Index {
    pub(crate) name: String,
    /// The method of the model's indexes that queries it.
    pub(crate) method: Ident,
    pub(crate) partition: Field,
    pub(crate) sort: Option<Field>,
    pub(crate) projection: Projected,
    pub(crate) local: bool,
}

/// What an index holds besides the keys.
pub(crate) enum Projected {
    All,
    KeysOnly,
    /// The stored names of these attributes.
    Include(Vec<String>),
}

/// One `index(...)` and the field that it stands on.
#[derive(Clone, Copy)]
struct Part<'f> {
    field: &'f Field,
    attr: &'f IndexAttr,
}

/// All `index(...)` of one name, in the order of the fields.
struct Group<'f> {
    name: String,
    parts: Vec<Part<'f>>,
}

/// Checks the indexes of a record.
pub(super) fn of_table(fields: &[Field], partition: &Field, sort: Option<&Field>, errors: &mut Errors) -> Vec<Index> {
    let table = Table { fields, partition, sort };
    let groups = by_name(fields, errors);
    let indexes: Vec<Index> = groups.iter().filter_map(|group| table.index(group, errors)).collect();
    check_count_of_local(&groups, errors);
    with_distinct_methods(indexes, errors)
}

/// An index is named after its attribute, unless it has a name of its own.
fn by_name<'f>(fields: &'f [Field], errors: &mut Errors) -> Vec<Group<'f>> {
    let mut groups: Vec<Group<'f>> = Vec::new();
    for field in fields.iter().filter(|field| field.attrs.skip.is_none()) {
        for attr in &field.attrs.indexes {
            let name = match (&attr.name, &attr.sort) {
                (Some(name), _) => {
                    names::check_resource(&name.value, "index", errors);
                    name.value.value()
                }
                (None, Some(sort)) if attr.local.is_none() => {
                    errors.at(&sort.key, "which index is this the sort key of? Write `index(name = \"...\", sort)`");
                    continue;
                }
                (None, _) => {
                    check_default_name(field, attr, errors);
                    field.stored.clone()
                }
            };
            let part = Part { field, attr };
            match groups.iter_mut().find(|group| group.name == name) {
                Some(group) => group.parts.push(part),
                None => groups.push(Group { name, parts: vec![part] }),
            }
        }
    }
    groups
}

/// A stored name may be one that DynamoDB takes for an attribute and not for an index.
fn check_default_name(field: &Field, attr: &IndexAttr, errors: &mut Errors) {
    if let Some(problem) = names::resource_problem(&field.stored) {
        let message =
            format!("DynamoDB takes no index of the name `{}`: {problem}; write `index(name = \"...\")`", field.stored);
        errors.at(&attr.key, message);
    }
}

struct Table<'t> {
    fields: &'t [Field],
    partition: &'t Field,
    sort: Option<&'t Field>,
}

impl Table<'_> {
    fn index(&self, group: &Group<'_>, errors: &mut Errors) -> Option<Index> {
        let local = group.parts.iter().find(|part| part.attr.local.is_some());
        match local {
            Some(part) => self.local(group, *part, errors),
            None => self.global(group, errors),
        }
    }

    /// `index(name = "...")` on the partition key, and `index(name = "...", sort)` on the sort key.
    fn global(&self, group: &Group<'_>, errors: &mut Errors) -> Option<Index> {
        let Group { name, parts } = group;
        let is_sort = |part: &&Part<'_>| part.attr.sort.is_some();
        let sort = only(parts.iter().filter(is_sort), name, "sort key", errors);
        let partition = only(parts.iter().filter(|part| !is_sort(part)), name, "partition key", errors);
        let Some(partition) = partition else {
            if let Some(given) = sort.and_then(|sort| sort.attr.sort.as_ref()) {
                let message = format!(
                    "the index `{name}` has a sort key and no partition key: write `index(name = \"{name}\")` on the \
                     field to query by, or `local` in place of `sort` to share the table's partition key"
                );
                errors.at(&given.key, message);
            }
            return None;
        };
        for part in parts.iter().filter(is_sort) {
            if let Some(projection) = &part.attr.projection {
                errors.at(&projection.key, "write `projection` on the field that is the index's partition key");
            }
        }
        if let Some(sort) = sort.filter(|sort| sort.field.ident == partition.field.ident) {
            let message = format!("`{}` is the partition key of this index already", sort.field.name());
            errors.at(&sort.attr.key, message);
        }
        Some(Index {
            name: name.clone(),
            method: method(name, *partition, parts),
            partition: partition.field.clone(),
            sort: sort.map(|sort| sort.field.clone()),
            projection: self.projection(*partition, sort.map(|sort| sort.field), errors),
            local: false,
        })
    }

    /// `index(name = "...", local)` on the sort key; the partition key is the table's.
    fn local(&self, group: &Group<'_>, part: Part<'_>, errors: &mut Errors) -> Option<Index> {
        let Group { name, parts } = group;
        let key = part.attr.local.as_ref().map_or(&part.attr.key, |local| &local.key);
        for other in parts.iter().filter(|other| other.field.ident != part.field.ident) {
            let message = format!(
                "the local index `{name}` consists of the table's partition key and `{}`: give this one another name",
                part.field.name()
            );
            errors.at(&other.attr.key, message);
        }
        if self.sort.is_none() {
            let message = "only a table with a sort key has local indexes: write `#[field(sort_key)]` on a field, or \
                           leave out `local`";
            errors.at(key, message);
        }
        if part.field.ident == self.partition.ident {
            errors.at(key, "the table's partition key is part of every local index: write `local` on another field");
        }
        Some(Index {
            name: name.clone(),
            method: method(name, part, parts),
            partition: self.partition.clone(),
            sort: Some(part.field.clone()),
            projection: self.projection(part, Some(part.field), errors),
            local: true,
        })
    }

    /// `include(...)` names fields that are stored and in no key.
    fn projection(&self, part: Part<'_>, sort: Option<&Field>, errors: &mut Errors) -> Projected {
        let Some(Given { key, value }) = &part.attr.projection else {
            return Projected::All;
        };
        let included = match value {
            ProjectionAttr::All => return Projected::All,
            ProjectionAttr::KeysOnly => return Projected::KeysOnly,
            ProjectionAttr::Include(included) => included,
        };
        if included.is_empty() {
            errors.at(key, "`include()` includes nothing: name fields, or write `projection = keys_only`");
        }
        let keys = [Some(self.partition), self.sort, Some(part.field), sort];
        let mut stored = Vec::new();
        for name in included {
            let Some(field) = self.fields.iter().find(|field| field.ident == *name) else {
                let names: Vec<String> = self.fields.iter().map(Field::name).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                errors.at(name, format!("no field is called `{name}`{}", suggest::among(&name.to_string(), &names)));
                continue;
            };
            if field.attrs.skip.is_some() {
                errors.at(name, format!("`{name}` is not stored: leave it out"));
            } else if keys.iter().flatten().any(|key| key.ident == field.ident) {
                errors.at(name, format!("`{name}` is a key, which every index holds: leave it out"));
            } else if stored.contains(&field.stored) {
                errors.at(name, format!("`{name}` is included twice: keep one"));
            } else {
                stored.push(field.stored.clone());
            }
        }
        Projected::Include(stored)
    }
}

/// The only one of an index's parts in a role; each one after the first is a mistake.
fn only<'p, 'f>(
    mut parts: impl Iterator<Item = &'p Part<'f>>,
    index: &str,
    role: &str,
    errors: &mut Errors,
) -> Option<&'p Part<'f>> {
    let first = parts.next()?;
    for part in parts {
        let message = format!(
            "the index `{index}` has one {role}, and `{}` is it already: give this index another name{}",
            first.field.name(),
            if role == "partition key" { ", or write `sort` if this is its sort key" } else { "" }
        );
        errors.at(&part.attr.key, message);
    }
    Some(first)
}

/// The method of an index: `method = by_author`, or the field's name where the index has no other, or the index's
/// name as Rust would write it.
fn method(name: &str, main: Part<'_>, parts: &[Part<'_>]) -> Ident {
    if let Some(given) = parts.iter().find_map(|part| part.attr.method.as_ref()) {
        return given.value.clone();
    }
    let Some(given) = &main.attr.name else {
        return main.field.ident.clone();
    };
    let method = casing::method_name(name);
    let span = given.value.span();
    let reserved = ["", "self", "super", "crate"].contains(&method.as_str());
    let method = if reserved { format!("index_{method}") } else { method };
    // A keyword such as `type` needs its `r#`.
    let is_keyword = syn::parse_str::<Ident>(&method).is_err();
    if is_keyword { Ident::new_raw(&method, span) } else { Ident::new(&method, span) }
}

/// DynamoDB makes no more local indexes than these.
fn check_count_of_local(groups: &[Group<'_>], errors: &mut Errors) {
    let local = groups.iter().filter_map(|group| group.parts.iter().find_map(|part| part.attr.local.as_ref()));
    for local in local.skip(MOST_LOCAL) {
        errors.at(&local.key, format!("a table has at most {MOST_LOCAL} local indexes: make this one global"));
    }
}

/// The methods of the indexes have different names, and none is `primary`, which queries the table itself.
fn with_distinct_methods(mut indexes: Vec<Index>, errors: &mut Errors) -> Vec<Index> {
    let mut taken = HashMap::from([("primary".to_owned(), "the table's own key".to_owned())]);
    indexes.retain(|index| {
        let method = index.method.to_string();
        if let Some(other) = taken.get(&method) {
            let message =
                format!("`{method}` queries {other} already: give this method a name with `index(method = ...)`");
            errors.at(&index.method, message);
            return false;
        }
        taken.insert(method, format!("the index `{}`", index.name));
        true
    });
    indexes
}
