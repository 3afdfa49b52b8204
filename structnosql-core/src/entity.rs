//! Entities: models that share a table, told apart by their keys.

use crate::field::Template;
use crate::schema::KeyKind;
use crate::value::Map;

/// The primary keys of a model's records; for the expansion of the derive.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct EntityKeys {
    /// The table's name, as the model gives it.
    pub table: &'static str,
    pub partition: EntityKey,
    pub sort: Option<EntityKey>,
}

/// One attribute of them.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct EntityKey {
    pub name: &'static str,
    pub kind: KeyKind,
    pub template: Template,
}

impl EntityKeys {
    /// Those of a model that is wrong otherwise.
    pub const NONE: EntityKeys = EntityKeys {
        table: "",
        partition: EntityKey { name: "", kind: KeyKind::String, template: Template::ANY },
        sort: None,
    };

    /// Whether both are of models of one table, by the name that they give it.
    pub const fn share_table(&self, other: &EntityKeys) -> bool {
        same_text(self.table, other.table)
    }

    /// Whether both have the same attributes.
    pub const fn share_attributes(&self, other: &EntityKeys) -> bool {
        let sort = match (&self.sort, &other.sort) {
            (Some(one), Some(other)) => one.shares_attribute(other),
            (None, None) => true,
            _ => false,
        };
        sort && self.partition.shares_attribute(&other.partition)
    }

    /// Whether no key is of both.
    pub const fn exclude(&self, other: &EntityKeys) -> bool {
        let by_sort = match (&self.sort, &other.sort) {
            (Some(one), Some(other)) => one.template.excludes(&other.template),
            _ => false,
        };
        by_sort || self.partition.template.excludes(&other.partition.template)
    }

    /// Whether the key of an item is one of them.
    pub(crate) fn hold(&self, item: &Map) -> bool {
        let holds = |key: &EntityKey| item.get(key.name).is_some_and(|value| key.template.holds(value));
        holds(&self.partition) && self.sort.as_ref().is_none_or(holds)
    }
}

impl EntityKey {
    const fn shares_attribute(&self, other: &EntityKey) -> bool {
        same_text(self.name, other.name) && self.kind as u8 == other.kind as u8
    }
}

const fn same_text(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
