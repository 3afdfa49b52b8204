//! One table: its keys, and its items in their order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use structnosql_core::schema::{KeyAttribute, KeyKind};
use structnosql_core::{
    Action, Condition, Failure, FailureClass, IndexDefinition, Map, Number, Segment, TableDefinition, Text,
    UpdateAction, UpdateRequest, Value,
};

use super::lag::Lag;
use super::{condition, limits, update};

/// A key value, in the order that DynamoDB gives sort keys: numbers by value, strings and binary by their bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum KeyPart {
    Number(Number),
    String(Text),
    Binary(Vec<u8>),
}

impl KeyPart {
    /// The value as a key of this type.
    pub(super) fn of(value: &Value, kind: KeyKind) -> Option<KeyPart> {
        match (value, kind) {
            (Value::Number(number), KeyKind::Number) => Some(KeyPart::Number(number.clone())),
            (Value::String(text), KeyKind::String) => Some(KeyPart::String(text.clone())),
            (Value::Binary(bytes), KeyKind::Binary) => Some(KeyPart::Binary(bytes.clone())),
            _ => None,
        }
    }
}

/// The values of a table's key attributes: partition key, then sort key.
pub(super) type ItemKey = Vec<KeyPart>;

#[derive(Clone, Debug)]
pub(super) struct StoredTable {
    definition: TableDefinition,
    items: BTreeMap<ItemKey, Map>,
    time_to_live: Option<Text>,
    /// Where reads that are not consistent are late.
    lag: Option<Lag>,
}

impl StoredTable {
    pub(super) fn new(definition: TableDefinition, lag: Option<Lag>) -> Self {
        StoredTable { definition, items: BTreeMap::new(), time_to_live: None, lag }
    }

    /// The table as a read sees it: one that is not consistent may be late.
    pub(super) fn seen(&mut self, consistent: bool) -> Cow<'_, StoredTable> {
        match self.lag.as_mut().filter(|_| !consistent).and_then(Lag::pick) {
            Some(items) => {
                let (definition, time_to_live) = (self.definition.clone(), self.time_to_live.clone());
                Cow::Owned(StoredTable { definition, items, time_to_live, lag: None })
            }
            None => Cow::Borrowed(self),
        }
    }

    /// Whether a read that is not consistent may see another item than is stored.
    pub(super) fn is_late(&self, key: &ItemKey) -> bool {
        self.lag.as_ref().is_some_and(|lag| lag.is_late(key, self.get(key)))
    }

    pub(super) fn definition(&self) -> &TableDefinition {
        &self.definition
    }

    pub(super) fn time_to_live(&self) -> Option<&Text> {
        self.time_to_live.as_ref()
    }

    pub(super) fn enable_time_to_live(&mut self, attribute: &str) -> Result<(), Failure> {
        match self.time_to_live.replace(Text::from(attribute)) {
            None => Ok(()),
            enabled => {
                self.time_to_live = enabled;
                Err(invalid("the time to live is enabled already"))
            }
        }
    }

    /// Adds a global index. Items whose attributes are not of its types are not in it.
    pub(super) fn add_index(&mut self, index: IndexDefinition) -> Result<(), Failure> {
        if index.local {
            return Err(invalid("a local index is created with its table"));
        }
        if self.definition.indexes.iter().any(|known| known.name == index.name) {
            return Err(invalid("there is an index of this name already"));
        }
        self.definition.indexes.push(index);
        Ok(())
    }

    pub(super) fn items(&self) -> impl Iterator<Item = &Map> {
        self.items.values()
    }

    pub(super) fn get(&self, key: &ItemKey) -> Option<&Map> {
        self.items.get(key)
    }

    /// The attributes of the primary key: partition key, then sort key.
    pub(super) fn key_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.definition.partition_key).chain(&self.definition.sort_key)
    }

    /// The key that a request names: the key attributes and nothing else.
    pub(super) fn key_of_request(&self, key: &Map) -> Result<ItemKey, Failure> {
        if key.len() != self.key_attributes().count() {
            return Err(invalid("the key has other attributes than the table's"));
        }
        self.key_of_item(key)
    }

    pub(super) fn key_of_item(&self, item: &Map) -> Result<ItemKey, Failure> {
        let parts = self.key_attributes().enumerate().map(|(at, attribute)| {
            let value = item.get(&attribute.name).ok_or_else(|| invalid("a key attribute is missing"))?;
            limits::check_key_size(value, at == 0)?;
            KeyPart::of(value, attribute.kind).ok_or_else(|| invalid("a key attribute has the wrong type"))
        });
        parts.collect()
    }

    /// Stores an item; gives the one that it replaces.
    pub(super) fn put(&mut self, item: Map, condition: Option<&Condition>) -> Result<Option<Map>, Failure> {
        let key = self.key_of_item(&item)?;
        limits::check_condition(condition)?;
        self.check_stored(&item)?;
        condition::check(condition, self.items.get(&key))?;
        Ok(self.replace(key, Some(item)))
    }

    /// Changes an item; gives it as it was.
    pub(super) fn update(&mut self, request: &UpdateRequest) -> Result<Option<Map>, Failure> {
        let key = self.key_of_request(&request.key)?;
        limits::check_update(request)?;
        let of_key = |action: &UpdateAction| match action.path.segments().first() {
            Some(Segment::Name(name)) => self.key_attributes().any(|key| key.name == *name),
            _ => false,
        };
        if request.actions.iter().any(of_key) {
            return Err(invalid("an attribute of the key cannot be updated"));
        }
        let old = self.items.get(&key);
        condition::check(request.condition.as_ref(), old)?;
        let removes =
            |action: &UpdateAction| matches!(action.action, Action::Remove | Action::Members { add: None, .. });
        let removes_only = request.actions.iter().all(removes);
        let new = update::applied(old.unwrap_or(&request.key), &request.actions)?;
        if old.is_none() && removes_only && !request.actions.is_empty() {
            return Ok(None);
        }
        self.check_stored(&new)?;
        Ok(self.replace(key, Some(new)))
    }

    pub(super) fn delete(&mut self, key: &Map, condition: Option<&Condition>) -> Result<Option<Map>, Failure> {
        let key = self.key_of_request(key)?;
        limits::check_condition(condition)?;
        condition::check(condition, self.items.get(&key))?;
        Ok(self.replace(key, None))
    }

    /// Stores an item, or none; gives the one that was there.
    fn replace(&mut self, key: ItemKey, item: Option<Map>) -> Option<Map> {
        if let Some(lag) = &mut self.lag {
            lag.note(&self.items);
        }
        match item {
            Some(item) => self.items.insert(key, item),
            None => self.items.remove(&key),
        }
    }

    /// Checks an item as it would be stored: its size, its values, and that attributes which are keys of an index
    /// are what the index declares.
    fn check_stored(&self, item: &Map) -> Result<(), Failure> {
        limits::check_item(item)?;
        for index in &self.definition.indexes {
            let attributes = std::iter::once(&index.partition_key).chain(&index.sort_key);
            for (at, attribute) in attributes.enumerate() {
                let Some(value) = item.get(&attribute.name) else {
                    continue;
                };
                limits::check_key_size(value, at == 0)?;
                if KeyPart::of(value, attribute.kind).is_none() {
                    return Err(invalid("the key attribute of an index has the wrong type"));
                }
            }
        }
        Ok(())
    }
}

pub(super) fn invalid(message: &str) -> Failure {
    Failure::new(FailureClass::Invalid, message)
}
