//! Where attributes stand, and which keys they know there.

use proc_macro2::Ident;

use crate::errors::Errors;
use crate::suggest;

/// A place for attributes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `#[table(...)]`
    Table,
    /// `#[map(...)]`
    Map,
    /// `#[projection(...)]`
    Projection,
    /// `#[collection(...)]`
    Collection,
    /// `#[field(...)]` in a `TableDataModel`
    TableField,
    /// `#[field(...)]` in a `MapModel` struct
    MapField,
    /// `#[field(...)]` on what a `MapModel` struct is around
    NewtypeField,
    /// `#[field(...)]` on a variant of a `MapModel` enum
    Variant,
    /// `#[field(...)]` in a variant of a `MapModel` enum
    VariantField,
    /// `#[field(...)]` in a `Projection`
    ProjectionField,
    /// `index(...)`
    Index,
}

impl Place {
    /// The place of the fields in a struct that has its attributes here.
    pub(crate) fn of_fields(self) -> Place {
        match self {
            Place::Table => Place::TableField,
            Place::Projection => Place::ProjectionField,
            _ => Place::MapField,
        }
    }

    /// The name of the attribute.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Place::Table => "table",
            Place::Map => "map",
            Place::Projection => "projection",
            Place::Collection => "collection",
            Place::TableField
            | Place::MapField
            | Place::NewtypeField
            | Place::Variant
            | Place::VariantField
            | Place::ProjectionField => "field",
            Place::Index => "index",
        }
    }

    fn keys(self) -> &'static [&'static str] {
        match self {
            Place::Table => &["name", "rename_all", "crate"],
            Place::Map => &["rename_all", "rename_all_fields", "tag", "untagged", "key", "crate"],
            Place::Projection => &["model", "crate"],
            Place::Collection => &["crate"],
            Place::TableField => &[
                "rename",
                "alias",
                "default",
                "skip",
                "flatten",
                "partition_key",
                "sort_key",
                "read_only",
                "version",
                "index",
                "ttl",
                "min",
                "max",
                "length",
                "pattern",
                "with",
            ],
            Place::MapField => {
                &["rename", "default", "skip", "flatten", "read_only", "min", "max", "length", "pattern", "with"]
            }
            Place::NewtypeField => &["min", "max", "length", "pattern", "with"],
            Place::Variant => &["rename"],
            Place::VariantField => &["rename", "default", "skip", "min", "max", "length", "pattern", "with"],
            Place::ProjectionField => &["path"],
            Place::Index => &["name", "sort", "local", "projection", "method"],
        }
    }

    /// The key that is known here, or the one that was meant, which is a mistake as well; nothing where neither is.
    pub(crate) fn known(self, key: &Ident, errors: &mut Errors) -> syn::Result<&'static str> {
        let name = key.to_string();
        if let Some(known) = self.keys().iter().find(|known| **known == name) {
            return Ok(known);
        }
        let attribute = self.attribute();
        let unknown = |hint| syn::Error::new(key.span(), format!("`{attribute}` has no attribute `{name}` here{hint}"));
        if let Some(elsewhere) = self.elsewhere(&name) {
            return Err(unknown(format!("; {elsewhere}")));
        }
        let Some(meant) = self.alias(&name).or_else(|| suggest::nearest(&name, self.keys())) else {
            return Err(unknown(suggest::among(&name, self.keys())));
        };
        errors.push(unknown(format!("; did you mean `{meant}`?")));
        Ok(meant)
    }

    /// Words of DynamoDB, of serde and of the Python library for keys of this one.
    fn alias(self, key: &str) -> Option<&'static str> {
        let meant = match key {
            "primary_key" | "hash_key" | "pk" => "partition_key",
            "range_key" | "sk" if self == Place::Index => "sort",
            "range_key" | "sk" => "sort_key",
            "gsi" | "lsi" => "index",
            "not_modifiable" => "read_only",
            "time_to_live" | "expires" => "ttl",
            "rest" | "extra" | "unknown" => "flatten",
            "range" | "minimum" | "ge" => "min",
            "maximum" | "le" => "max",
            "min_length" | "max_length" | "len" | "size" => "length",
            "regex" => "pattern",
            "validate" | "custom" | "check" => "with",
            "name" | "key_name" => "rename",
            "table_name" | "index_name" => "name",
            "old_name" | "renamed_from" | "formerly" => "alias",
            _ => return None,
        };
        self.keys().iter().copied().find(|known| *known == meant)
    }

    /// What to do about a key that has its place elsewhere.
    fn elsewhere(self, key: &str) -> Option<&'static str> {
        let instead = match (self, key) {
            (Place::Table | Place::TableField | Place::MapField, "key" | "template" | "composite" | "prefix") => {
                "a key of several values is the type of a field, a struct of its own: `#[map(key = \"USER#{id}\")] struct \
                 UserKey { id: String }`"
            }
            (Place::MapField, "ttl") => {
                "records go out of date, by an attribute of the struct that derives `TableDataModel`"
            }
            (Place::MapField | Place::VariantField, "alias") => {
                "earlier names are those of the record's own fields, in the struct that derives `TableDataModel`"
            }
            (Place::VariantField, "flatten") => "put it in a struct that the variant is around",
            (Place::MapField, "partition_key" | "sort_key" | "index") => {
                "keys and indexes are fields of the record itself, the struct that derives `TableDataModel`"
            }
            (Place::VariantField, "read_only") => {
                "an enum is written as a whole: put `read_only` on the field that holds it"
            }
            (Place::VariantField, "partition_key" | "sort_key" | "index") => {
                "keys and indexes are fields of the record"
            }
            (Place::MapField | Place::VariantField, "version") => {
                "a version is a field of the record itself, and counts the writes of all of it"
            }
            (Place::Map, "content") => "the fields of a variant stand beside its tag: there is no `content`",
            (Place::Map, "name") => "a map has no name of its own: the field that holds it has",
            (Place::NewtypeField, "rename" | "default" | "skip" | "read_only") => {
                "a struct around one type is stored as that type is"
            }
            (Place::Collection, "name" | "table") => "the table is that of the models, by `#[table(name = \"...\")]`",
            (Place::ProjectionField, "rename") => "to read another field than `name`, write `path = other_field`",
            _ => return None,
        };
        Some(instead)
    }
}
