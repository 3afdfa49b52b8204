//! Where attributes stand, and which keys they know there.

use proc_macro2::Ident;

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
    /// `#[field(...)]` in a `TableDataModel`
    TableField,
    /// `#[field(...)]` in a `MapModel` struct
    MapField,
    /// `#[field(...)]` on what a `MapModel` struct is around
    NewtypeField,
    /// `#[field(...)]` on a variant of a `MapModel` enum
    Variant,
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
            Place::TableField | Place::MapField | Place::NewtypeField | Place::Variant | Place::ProjectionField => {
                "field"
            }
            Place::Index => "index",
        }
    }

    fn keys(self) -> &'static [&'static str] {
        match self {
            Place::Table => &["name", "rename_all", "crate"],
            Place::Map => &["rename_all", "crate"],
            Place::Projection => &["model", "crate"],
            Place::TableField => &["rename", "default", "skip", "partition_key", "sort_key", "read_only", "index"],
            Place::MapField => &["rename", "default", "skip", "read_only"],
            Place::NewtypeField => &[],
            Place::Variant => &["rename"],
            Place::ProjectionField => &["path"],
            Place::Index => &["name", "sort", "local", "projection", "method"],
        }
    }

    pub(crate) fn knows(self, key: &Ident) -> bool {
        self.keys().iter().any(|known| key == known)
    }

    /// The mistake of a key that is not known here: what to write instead.
    pub(crate) fn unknown(self, key: &Ident) -> syn::Error {
        let name = key.to_string();
        let hint = match self.instead_of(&name) {
            Some(instead) => format!("; {instead}"),
            None => suggest::among(&name, self.keys()),
        };
        let attribute = self.attribute();
        syn::Error::new(key.span(), format!("`{attribute}` has no attribute `{name}` here{hint}"))
    }

    /// Words of DynamoDB, of serde and of the Python library, and keys that belong elsewhere.
    fn instead_of(self, key: &str) -> Option<&'static str> {
        let in_table = self == Place::TableField;
        let instead = match key {
            "primary_key" | "hash_key" | "pk" if in_table => "write `partition_key`",
            "range_key" | "sk" if in_table => "write `sort_key`",
            "gsi" if in_table => "write `index`, or `index(name = \"...\")`",
            "lsi" if in_table => "write `index(name = \"...\", local)`",
            "not_modifiable" | "readonly" if in_table || self == Place::MapField => "write `read_only`",
            "name" if matches!(self, Place::TableField | Place::MapField | Place::Variant) => "write `rename`",
            "partition_key" | "sort_key" | "index" if self == Place::MapField => {
                "keys and indexes are fields of the record itself, the struct that derives `TableDataModel`"
            }
            "name" if self == Place::Map => "a map has no name of its own: the field that holds it has",
            "rename" if self == Place::ProjectionField => "write `path = stored_field` to read another field",
            "range" | "sort_key" if self == Place::Index => "write `sort`",
            _ => return None,
        };
        Some(instead)
    }
}
