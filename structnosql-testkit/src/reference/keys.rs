//! The keys of a table or of one of its indexes, and what that holds.
//!
//! From AWS's pages "Using Global Secondary Indexes" and "Local secondary indexes": an item without an index's key
//! attributes is not in it; what it does not hold cannot be read from a global one, and is fetched for a local one.

use structnosql_core::schema::KeyAttribute;
use structnosql_core::{DocumentPath, Failure, FailureClass, IndexDefinition, IndexedAttributes, Map, Segment, Text};

use super::project;
use super::table::{ItemKey, KeyPart, StoredTable, invalid};

/// An item's place in what is read: its values of the keys of that, then its key in the table.
pub(super) type Place = (KeyPart, Option<KeyPart>, ItemKey);

/// The keys of what is read.
pub(super) struct Keys<'t> {
    pub(super) partition: &'t KeyAttribute,
    pub(super) sort: Option<&'t KeyAttribute>,
    index: Option<&'t IndexDefinition>,
}

impl<'t> Keys<'t> {
    pub(super) fn of(table: &'t StoredTable, index: Option<&Text>, consistent: bool) -> Result<Self, Failure> {
        let definition = table.definition();
        let Some(name) = index else {
            return Ok(Keys { partition: &definition.partition_key, sort: definition.sort_key.as_ref(), index: None });
        };
        let index = definition
            .indexes
            .iter()
            .find(|index| index.name == *name)
            .ok_or_else(|| Failure::new(FailureClass::TableNotFound, format!("the table has no index `{name}`")))?;
        if consistent && !index.local {
            return Err(invalid("a global index cannot be read consistently"));
        }
        Ok(Keys { partition: &index.partition_key, sort: index.sort_key.as_ref(), index: Some(index) })
    }

    /// The key values of an item; nothing where the index leaves it out.
    fn values(&self, item: &Map) -> Option<(KeyPart, Option<KeyPart>)> {
        let value = |attribute: &KeyAttribute| KeyPart::of(item.get(&attribute.name)?, attribute.kind);
        let sort = match self.sort {
            Some(attribute) => Some(value(attribute)?),
            None => None,
        };
        Some((value(self.partition)?, sort))
    }

    /// The key attributes of the table and the index.
    fn names<'s>(&'s self, table: &'s StoredTable) -> impl Iterator<Item = &'s str> {
        let of_index = std::iter::once(self.partition).chain(self.sort);
        table.key_attributes().chain(of_index).map(|attribute| attribute.name.as_str())
    }

    pub(super) fn cursor(&self, table: &StoredTable, item: &Map) -> Map {
        let entries = self.names(table).filter_map(|name| Some((name, item.get(name)?.clone())));
        entries.collect()
    }

    /// Where a cursor points: its values of the keys of what is read, and those of the table's.
    pub(super) fn place(&self, table: &StoredTable, cursor: &Map) -> Result<Place, Failure> {
        let wrong = || invalid("the exclusive start key is not one of this request");
        if cursor.iter().any(|(name, _)| !self.names(table).any(|known| known == name.as_str())) {
            return Err(wrong());
        }
        self.place_of(table, cursor)?.ok_or_else(wrong)
    }

    /// The place of an item; nothing where the index leaves it out.
    pub(super) fn place_of(&self, table: &StoredTable, item: &Map) -> Result<Option<Place>, Failure> {
        match self.values(item) {
            Some((partition, sort)) => Ok(Some((partition, sort, table.key_of_item(item)?))),
            None => Ok(None),
        }
    }

    fn is_local(&self) -> bool {
        self.index.is_some_and(|index| index.local)
    }

    /// What the index holds beside keys; nothing where it holds everything, as the table does.
    fn included(&self) -> Option<&'t [Text]> {
        match &self.index?.projection {
            IndexedAttributes::All => None,
            IndexedAttributes::KeysOnly => Some(&[]),
            IndexedAttributes::Include(names) => Some(names),
        }
    }

    /// Refuses what a global index does not hold.
    pub(super) fn check_projection(&self, table: &StoredTable, paths: &[DocumentPath]) -> Result<(), Failure> {
        let Some(included) = self.included().filter(|_| !self.is_local()) else {
            return Ok(());
        };
        let holds = |path: &DocumentPath| match path.segments().first() {
            Some(Segment::Name(name)) => self.names(table).any(|held| held == name.as_str()) || included.contains(name),
            _ => true,
        };
        match paths.iter().all(holds) {
            true => Ok(()),
            false => Err(invalid("a global index is asked for what it does not hold")),
        }
    }

    /// What is shown of an item of which the index holds `held`: a local index fetches the rest from the table.
    pub(super) fn shown(&self, item: &Map, held: &Map, paths: &[DocumentPath]) -> Map {
        let fetches = !paths.is_empty() && self.is_local();
        project::project(if fetches { item } else { held }, paths)
    }

    /// What the index holds of an item.
    pub(super) fn indexed(&self, table: &StoredTable, item: &Map) -> Map {
        let Some(included) = self.included() else {
            return item.clone();
        };
        let names = self.names(table).chain(included.iter().map(|name| name.as_str()));
        names.filter_map(|name| Some((name, item.get(name)?.clone()))).collect()
    }
}
