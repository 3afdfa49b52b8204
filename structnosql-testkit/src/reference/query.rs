//! Queries of a table or of one of its indexes.
//!
//! From AWS's pages "Querying tables in DynamoDB" and "Using Global Secondary Indexes": an item without an index's
//! key attributes is not in it, and items with equal sort keys follow one another in no documented order (here: that
//! of the table's key). The cursor names the last item that was looked at.

use structnosql_core::index::SortCondition;
use structnosql_core::key::KeyValue;
use structnosql_core::schema::KeyAttribute;
use structnosql_core::{Failure, FailureClass, IndexDefinition, IndexedAttributes, Map, QueryRequest, QueryResponse};

use super::table::{ItemKey, KeyPart, StoredTable, invalid};
use super::{limits, project};

/// An item's place in the answer: its sort key value, then its key in the table.
type Place = (Option<KeyPart>, ItemKey);

pub(super) fn query(table: &StoredTable, request: &QueryRequest) -> Result<QueryResponse, Failure> {
    limits::check_projection(&request.projection)?;
    let keys = Keys::of(table, request)?;
    let partition = part(&request.partition.1);
    let mut found: Vec<(Place, &Map)> = Vec::new();
    for item in table.items() {
        let Some((of_item, sort)) = keys.values(item) else {
            continue;
        };
        let meets = match (&request.sort, &sort) {
            (None, _) => true,
            (Some((_, condition)), Some(value)) => meets(value, condition)?,
            (Some(_), None) => false,
        };
        if of_item == partition && meets {
            found.push(((sort, table.key_of_item(item)?), item));
        }
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    if request.descending {
        found.reverse();
    }
    if let Some(start) = &request.start {
        let start = keys.place(table, start)?;
        let is_behind = |place: &Place| if request.descending { *place < start } else { *place > start };
        found.retain(|(place, _)| is_behind(place));
    }
    let limit = match request.limit {
        Some(0) => return Err(invalid("a limit is at least 1")),
        limit => limit.map_or(usize::MAX, |limit| limit as usize),
    };
    // As DynamoDB does: a page that was cut short has a cursor, also where nothing comes behind it.
    let next = found.get(limit - 1).map(|(_, last)| keys.cursor(table, last));
    found.truncate(limit);
    let items: Vec<Map> =
        found.iter().map(|(_, item)| project::project(&keys.indexed(table, item), &request.projection)).collect();
    Ok(QueryResponse { scanned: items.len() as u32, items, next })
}

/// The keys of what is queried.
struct Keys<'t> {
    partition: &'t KeyAttribute,
    sort: Option<&'t KeyAttribute>,
    index: Option<&'t IndexDefinition>,
}

impl<'t> Keys<'t> {
    fn of(table: &'t StoredTable, request: &QueryRequest) -> Result<Self, Failure> {
        let definition = table.definition();
        let keys = match request.index {
            None => Keys { partition: &definition.partition_key, sort: definition.sort_key.as_ref(), index: None },
            Some(name) => {
                let index = definition.indexes.iter().find(|index| index.name == *name).ok_or_else(|| {
                    Failure::new(FailureClass::TableNotFound, format!("the table has no index `{name}`"))
                })?;
                Keys { partition: &index.partition_key, sort: index.sort_key.as_ref(), index: Some(index) }
            }
        };
        if request.consistent && keys.index.is_some_and(|index| !index.local) {
            return Err(invalid("a global index cannot be read consistently"));
        }
        if request.partition.0 != keys.partition.name || request.partition.1.kind() != keys.partition.kind {
            return Err(invalid("the key condition is not on the partition key"));
        }
        if let Some((name, condition)) = &request.sort {
            let fits = |sort: &KeyAttribute| {
                sort.name == *name && condition.operands().all(|operand| operand.kind() == sort.kind)
            };
            if !keys.sort.is_some_and(fits) {
                return Err(invalid("the key condition is not on the sort key"));
            }
        }
        Ok(keys)
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

    fn cursor(&self, table: &StoredTable, item: &Map) -> Map {
        let entries = self.names(table).filter_map(|name| Some((name, item.get(name)?.clone())));
        entries.collect()
    }

    /// Where a cursor points.
    fn place(&self, table: &StoredTable, cursor: &Map) -> Result<Place, Failure> {
        let wrong = || invalid("the exclusive start key is not one of this query");
        if cursor.iter().any(|(name, _)| !self.names(table).any(|known| known == name.as_str())) {
            return Err(wrong());
        }
        let (_, sort) = self.values(cursor).ok_or_else(wrong)?;
        Ok((sort, table.key_of_item(cursor)?))
    }

    /// What the index holds of an item.
    fn indexed(&self, table: &StoredTable, item: &Map) -> Map {
        let included = match self.index.map(|index| &index.projection) {
            None | Some(IndexedAttributes::All) => return item.clone(),
            Some(IndexedAttributes::KeysOnly) => &[][..],
            Some(IndexedAttributes::Include(names)) => names,
        };
        let names = self.names(table).chain(included.iter().map(|name| name.as_str()));
        names.filter_map(|name| Some((name, item.get(name)?.clone()))).collect()
    }
}

fn part(value: &KeyValue<'_>) -> KeyPart {
    match value {
        KeyValue::String(text) => KeyPart::String(text.as_ref().into()),
        KeyValue::Number(number) => KeyPart::Number(number.clone()),
        KeyValue::Binary(bytes) => KeyPart::Binary(bytes.to_vec()),
    }
}

fn meets(value: &KeyPart, condition: &SortCondition) -> Result<bool, Failure> {
    Ok(match condition {
        SortCondition::Equal(operand) => *value == part(operand),
        SortCondition::Less(operand) => *value < part(operand),
        SortCondition::LessOrEqual(operand) => *value <= part(operand),
        SortCondition::Greater(operand) => *value > part(operand),
        SortCondition::GreaterOrEqual(operand) => *value >= part(operand),
        SortCondition::Between(low, high) if part(low) > part(high) => {
            return Err(invalid("the bounds of BETWEEN are the wrong way round"));
        }
        SortCondition::Between(low, high) => part(low) <= *value && *value <= part(high),
        SortCondition::BeginsWith(prefix) => match (value, part(prefix)) {
            (KeyPart::String(text), KeyPart::String(prefix)) => text.starts_with(prefix.as_str()),
            (KeyPart::Binary(bytes), KeyPart::Binary(prefix)) => bytes.starts_with(&prefix),
            _ => return Err(invalid("begins_with takes strings and binary")),
        },
    })
}
