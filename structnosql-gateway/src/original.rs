//! The wire of the original, run as the core's requests.

mod initialise;
mod path;
mod project;

use std::collections::BTreeMap;

use structnosql_core::schema::KeyAttribute;
use structnosql_core::{
    Action, Backend, DeleteRequest, DocumentPath, Failure, FailureClass, GetRequest, Map, Number, PutRequest,
    QueryRequest, UpdateAction, UpdateRequest, Value, key::KeyValue, schema::KeyKind,
};
use structnosql_external::wire::Plain;
use structnosql_external::wire::extension::{Answer, Operation};
use structnosql_external::wire::original as wire;

use self::project::{project, projection};
use crate::access::{Client, Old};
use crate::gateway::Gateway;
use crate::schema::Schema;

/// One client's operations on one table.
pub(crate) struct Original<'g, B> {
    pub(crate) gateway: &'g Gateway<B>,
    pub(crate) client: &'g Client,
    pub(crate) schema: &'g Schema,
}

/// What was asked for is not of this wire, or does not fit the table.
fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(FailureClass::Invalid, message)
}

impl<B: Backend> Original<'_, B> {
    /// Runs an operation; gives its answer, or how it failed.
    pub(crate) async fn run(&self, operation: wire::Operation) -> Result<wire::Answer, Failure> {
        match operation {
            wire::Operation::PutRecord(put) => self.put(put).await,
            wire::Operation::DeleteRecord(selectors) => {
                self.delete(selectors, false).await?;
                Ok(wire::Answer::done(None))
            }
            wire::Operation::RemoveRecord(selectors) => {
                let old = self.delete(selectors, true).await?;
                Ok(found(old.map(Value::Map)))
            }
            wire::Operation::GetValue(get) => self.get_value(get).await,
            wire::Operation::GetValues(get) => self.get_values(get).await,
            wire::Operation::GetItem(get) => self.get_item(get).await,
            wire::Operation::QueryItems(query) => self.query(query).await,
            wire::Operation::SetWithDefaults(set) => {
                let setter = wire::Setter { value_to_set: set.value, field_path_elements: set.field_path_elements };
                let old = self.set(set.key_value, vec![setter], set.return_old_value).await?;
                Ok(wire::Answer::done(old.filter(|old| !old.is_empty()).map(Value::Map)))
            }
            wire::Operation::SetSeveral(set) => {
                let old = self.set(set.key_value, set.setters, set.return_old_values).await?;
                Ok(wire::Answer::done(old.map(Value::Map)))
            }
            wire::Operation::Remove(remove) => {
                let old = self.remove(remove, true).await?;
                Ok(wire::Answer::done(Some(Value::Map(old))))
            }
            wire::Operation::Delete(remove) => {
                self.remove(remove, false).await?;
                Ok(wire::Answer::done(Some(Value::Map(Map::new()))))
            }
        }
    }

    async fn put(&self, put: wire::PutRecord) -> Result<wire::Answer, Failure> {
        let Value::Map(item) = put.record_item_data.0 else {
            return Err(invalid("`recordItemData` is no object"));
        };
        let item = self.schema.shaped_record(item);
        self.send(Operation::Put(PutRequest { table: self.table(), item, condition: None, return_old: false })).await?;
        Ok(wire::Answer::done(None))
    }

    async fn delete(&self, selectors: wire::Selectors, return_old: bool) -> Result<Option<Map>, Failure> {
        let key = self.typed_key(selectors.indexes_keys_selectors);
        let request = DeleteRequest { table: self.table(), key, condition: None, return_old };
        self.item(Operation::Delete(request), Old::Whole).await
    }

    async fn get_value(&self, get: wire::OnePath) -> Result<wire::Answer, Failure> {
        let path = self.path(get.field_path_elements)?;
        let item = self.read(get.key_value, std::slice::from_ref(&path)).await?;
        Ok(wire::Answer::done(item.and_then(|item| project::value(&item, &path))))
    }

    async fn get_values(&self, get: wire::NamedPaths) -> Result<wire::Answer, Failure> {
        let named: Vec<(String, DocumentPath)> = get
            .fields_path_elements
            .into_iter()
            .map(|(name, path)| Ok((name, self.path(path)?)))
            .collect::<Result<_, Failure>>()?;
        let paths: Vec<DocumentPath> = named.iter().map(|(_, path)| path.clone()).collect();
        let item = self.read(get.key_value, &paths).await?;
        let value = |item: &Map, path| project::value(item, path).unwrap_or(Value::Null);
        Ok(found(item.map(|item| named.iter().map(|(name, path)| (name.as_str(), value(&item, path))).collect())))
    }

    async fn get_item(&self, get: wire::Paths) -> Result<wire::Answer, Failure> {
        let paths = self.selected(get.fields_path_elements)?;
        let item = self.read(get.key_value, &paths).await?;
        Ok(wire::Answer::done(item.map(|item| Value::Map(project(&item, &paths)))))
    }

    async fn query(&self, query: wire::QueryItems) -> Result<wire::Answer, Failure> {
        if query.filter_expression.is_some_and(|filter| filter.get() != "null") {
            return Err(invalid("`filterExpression` has no JSON form: use a condition of the extension"));
        }
        let paths = self.selected(query.fields_path_elements)?;
        let index = query.index_name.filter(|name| self.schema.partition_key.name != name.as_str());
        let partition_key = match &index {
            None => &self.schema.partition_key,
            // An index that is not there is refused where requests are checked, after what the client is granted.
            Some(name) => self
                .schema
                .index(&name.as_str().into())
                .map_or(&self.schema.partition_key, |index| &index.partition_key),
        };
        let partition = typed(partition_key, query.key_value.0);
        let partition = KeyValue::of(&partition)
            .ok_or_else(|| invalid(format!("`keyValue` is no {}", partition_key.kind.describe())))?;
        let start = query.exclusive_start_key.map(|start| self.typed_key(start));
        let request = QueryRequest {
            table: self.table(),
            index: index.map(Into::into),
            partition: (partition_key.name.clone(), partition),
            sort: None,
            filter: None,
            projection: projection(&paths),
            limit: query.pagination_records_limit,
            start,
            descending: false,
            consistent: false,
            count_only: false,
        };
        let Answer::Page(page) = self.send(Operation::Query(request)).await? else {
            return Err(other_kind());
        };
        let items = page.items.iter().map(|item| Value::Map(project(item, &paths)));
        let count = items.len() as i64;
        let metadata = Value::from_iter([
            ("count", Value::from(count)),
            ("hasReachedEnd", Value::from(page.next.is_none())),
            ("lastEvaluatedKey", page.next.map_or(Value::Null, Value::Map)),
        ]);
        let data = Value::from_iter([("data", Value::List(items.collect())), ("metadata", metadata)]);
        Ok(wire::Answer::done(Some(data)))
    }

    /// Removes what is at the paths; gives what of it was there, where that is asked for.
    async fn remove(&self, remove: wire::Paths, return_old: bool) -> Result<Map, Failure> {
        let mut paths = self.paths(remove.fields_path_elements)?;
        let key = self.key(remove.key_value)?;
        // A path that leads through nothing fails the whole update: the others are tried again without it.
        for _ in 0..initialise::ATTEMPTS {
            if paths.is_empty() {
                break;
            }
            let actions = paths.iter().map(|path| UpdateAction::new(path.clone(), Action::Remove)).collect();
            // Removing alone must not bring a record into being.
            let condition = Some(structnosql_core::Condition::Exists(self.key_path()));
            let request = UpdateRequest { table: self.table(), key: key.clone(), actions, condition, return_old };
            match self.item(Operation::Update(request), Old::Paths(&paths)).await {
                Ok(old) => return Ok(old.map(|old| project(&old, &paths)).unwrap_or_default()),
                Err(failure) if failure.class() == FailureClass::ConditionFailed => break,
                Err(failure) if failure.class() == FailureClass::InvalidPath => {
                    let stored = self.stored(&key, &paths).await?.unwrap_or_default();
                    paths.retain(|path| initialise::find(&stored, path).is_some());
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(Map::new())
    }

    fn table(&self) -> std::sync::Arc<str> {
        self.schema.table.as_str().into()
    }

    fn key_path(&self) -> DocumentPath {
        DocumentPath::from(self.schema.partition_key.name.as_str())
    }

    /// The key of a record by the one value that this wire has for it.
    fn key(&self, value: Plain) -> Result<Map, Failure> {
        match &self.schema.sort_key {
            None => {
                let attribute = &self.schema.partition_key;
                Ok([(attribute.name.clone(), typed(attribute, value.0))].into_iter().collect())
            }
            Some(attribute) => Err(invalid(format!(
                "table `{}` has the sort key `{}`, which this wire cannot name",
                self.schema.table, attribute.name
            ))),
        }
    }

    fn typed_key(&self, given: BTreeMap<String, Plain>) -> Map {
        let of_indexes = || self.schema.indexes.iter().flat_map(|index| index.key_attributes());
        let attribute = |name: &str| self.schema.key_attributes().chain(of_indexes()).find(|key| key.name == *name);
        let value = |name: &str, value: Value| match attribute(name) {
            Some(attribute) => typed(attribute, value),
            None => value,
        };
        given.into_iter().map(|(name, Plain(plain))| (name.clone(), value(&name, plain))).collect()
    }

    /// Reads the parts of a record at these paths.
    async fn read(&self, key: Plain, paths: &[DocumentPath]) -> Result<Option<Map>, Failure> {
        let mut projection = projection(paths);
        // Tells a record that is absent from one that lacks what was asked for.
        if !projection.is_empty() && !projection.contains(&self.key_path()) {
            projection.push(self.key_path());
        }
        let request = GetRequest { table: self.table(), key: self.key(key)?, projection, consistent: true };
        self.item(Operation::Get(request), Old::Whole).await
    }

    async fn send(&self, operation: Operation) -> Result<Answer, Failure> {
        self.send_showing(operation, Old::Whole).await
    }

    async fn send_showing(&self, operation: Operation, old: Old<'_>) -> Result<Answer, Failure> {
        let admitted = self.gateway.admit(self.client, operation, old)?;
        match self.gateway.run(admitted).await {
            Answer::Failed(failure) => Err(failure),
            answer => Ok(answer),
        }
    }

    async fn item(&self, operation: Operation, old: Old<'_>) -> Result<Option<Map>, Failure> {
        match self.send_showing(operation, old).await? {
            Answer::Item(item) => Ok(item),
            _ => Err(other_kind()),
        }
    }
}

fn other_kind() -> Failure {
    Failure::new(FailureClass::BadAnswer, "an answer of another kind")
}

/// What was found; the original has nothing for a failure here.
fn found(data: Option<Value>) -> wire::Answer {
    match data {
        Some(data) => wire::Answer::done(Some(data)),
        None => wire::Answer {
            success: false,
            data: Some(Plain(Value::from(Map::new()))),
            error_key: None,
            exception: None,
        },
    }
}

/// A key's value in the type of its attribute: the original sends keys of every type as text too.
fn typed(attribute: &KeyAttribute, value: Value) -> Value {
    match (attribute.kind, &value) {
        (KeyKind::Number, Value::String(text)) => match text.parse::<Number>() {
            Ok(number) => Value::Number(number),
            Err(_) => value,
        },
        (KeyKind::String, Value::Number(number)) => Value::from(number.to_string()),
        _ => value,
    }
}
