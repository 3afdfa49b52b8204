//! What a case runs on: shared tables, and keys that no other case has.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use structnosql_core::schema::{KeyAttribute, KeyKind};
use structnosql_core::{
    Action, Backend, Billing, DocumentPath, Failure, GetRequest, IndexDefinition, IndexedAttributes, Map, PutRequest,
    TableDefinition, Text, UpdateAction, UpdateRequest, Value,
};

use crate::conformance::{Finding, Outcome};

/// The tables that the cases share.
pub(crate) struct Tables {
    /// Distinguishes this run.
    pub(crate) run: String,
    /// `id` alone.
    pub(crate) plain: Arc<str>,
    /// `id` and the number `at`, with the indexes of [`ordered`].
    pub(crate) ordered: Arc<str>,
}

impl Tables {
    pub(crate) async fn create<B: Backend>(backend: &B) -> Result<Self, Finding> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let run = format!("{:x}", now.as_nanos());
        let tables = Tables {
            plain: format!("conformance-plain-{run}").into(),
            ordered: format!("conformance-ordered-{run}").into(),
            run,
        };
        for definition in [plain(&tables.plain), ordered(&tables.ordered)] {
            create(backend, definition).await?;
        }
        Ok(tables)
    }
}

/// A table with the key `id` alone.
pub(crate) fn plain(table: &Arc<str>) -> TableDefinition {
    TableDefinition {
        table: table.clone(),
        partition_key: attribute("id", KeyKind::String),
        sort_key: None,
        indexes: Vec::new(),
        billing: Billing::OnDemand,
    }
}

/// A table with every kind of index:
/// - `byGroup`: global, `group` and the number `score`, with all attributes;
/// - `byKind`: global, `kind`, with the keys alone;
/// - `byName`: local, `name`, with `extra` and `more`.
pub(crate) fn ordered(table: &Arc<str>) -> TableDefinition {
    let text = |name: &'static str| attribute(name, KeyKind::String);
    let index = |name: &str, partition_key, sort_key, projection, local| IndexDefinition {
        name: name.into(),
        partition_key,
        sort_key,
        projection,
        local,
    };
    let score = Some(attribute("score", KeyKind::Number));
    let included = IndexedAttributes::Include(["extra", "more"].map(Text::from).to_vec());
    TableDefinition {
        table: table.clone(),
        partition_key: text("id"),
        sort_key: Some(attribute("at", KeyKind::Number)),
        indexes: vec![
            index("byGroup", text("group"), score, IndexedAttributes::All, false),
            index("byKind", text("kind"), None, IndexedAttributes::KeysOnly, false),
            index("byName", text("id"), Some(text("name")), included, true),
        ],
        billing: Billing::OnDemand,
    }
}

pub(crate) fn attribute(name: &str, kind: KeyKind) -> KeyAttribute {
    KeyAttribute { name: name.into(), kind }
}

/// Creates a table and waits until it can be used.
pub(crate) async fn create<B: Backend>(backend: &B, definition: TableDefinition) -> Outcome {
    let table = definition.table.clone();
    backend.create_table(definition).await?;
    wait(backend, &table).await
}

/// Waits until a table can be used.
pub(crate) async fn wait<B: Backend>(backend: &B, table: &str) -> Outcome {
    while !backend.describe_table(table).await?.is_some_and(|described| described.active) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// What one case works with.
pub(crate) struct Stage<'a, B> {
    pub(crate) backend: &'a B,
    pub(crate) tables: &'a Tables,
    case: &'static str,
}

impl<'a, B: Backend> Stage<'a, B> {
    pub(crate) fn new(backend: &'a B, tables: &'a Tables, case: &'static str) -> Self {
        Stage { backend, tables, case }
    }

    /// Creates a table with the key `id` that only this case knows.
    pub(crate) async fn own_table(&self, name: &str) -> Result<Arc<str>, Finding> {
        let table: Arc<str> = format!("conformance-{name}-{}", self.tables.run).into();
        create(self.backend, plain(&table)).await?;
        Ok(table)
    }

    /// A text that no other case has.
    pub(crate) fn own(&self, name: &str) -> String {
        format!("{}/{name}", self.case)
    }

    /// The key of an item of the plain table.
    pub(crate) fn key(&self, name: &str) -> Map {
        map([("id", Value::from(self.own(name)))])
    }

    /// An item of the plain table.
    pub(crate) fn item<'n>(&self, name: &str, attributes: impl IntoIterator<Item = (&'n str, Value)>) -> Map {
        self.key(name).into_iter().chain(map(attributes)).collect()
    }

    pub(crate) fn put_request(&self, item: Map) -> PutRequest {
        PutRequest { table: self.tables.plain.clone(), item, condition: None, return_old: false }
    }

    pub(crate) fn update_request(&self, name: &str, actions: Vec<UpdateAction>) -> UpdateRequest {
        let table = self.tables.plain.clone();
        UpdateRequest { table, key: self.key(name), actions, condition: None, return_old: false }
    }

    /// Puts an item of the plain table, and returns it.
    pub(crate) async fn put(&self, item: Map) -> Result<Map, Finding> {
        self.backend.put(self.put_request(item.clone())).await?;
        Ok(item)
    }

    pub(crate) async fn update(&self, name: &str, actions: Vec<UpdateAction>) -> Result<Option<Map>, Failure> {
        self.backend.update(self.update_request(name, actions)).await
    }

    /// The whole stored item.
    pub(crate) async fn stored(&self, name: &str) -> Result<Option<Map>, Finding> {
        self.read(name, Vec::new()).await
    }

    pub(crate) async fn read(&self, name: &str, projection: Vec<DocumentPath>) -> Result<Option<Map>, Finding> {
        let (table, key) = (self.tables.plain.clone(), self.key(name));
        Ok(self.backend.get(GetRequest { table, key, projection, consistent: true }).await?)
    }
}

pub(crate) fn map<'n>(entries: impl IntoIterator<Item = (&'n str, Value)>) -> Map {
    entries.into_iter().collect()
}

/// A map of numbers.
pub(crate) fn numbers<'n>(entries: impl IntoIterator<Item = (&'n str, i64)>) -> Value {
    Value::Map(entries.into_iter().map(|(name, number)| (name, Value::from(number))).collect())
}

/// A list of numbers.
pub(crate) fn list(items: impl IntoIterator<Item = i64>) -> Value {
    Value::List(items.into_iter().map(Value::from).collect())
}

pub(crate) fn set(path: impl Into<DocumentPath>, value: impl Into<Value>) -> UpdateAction {
    UpdateAction::new(path.into(), Action::Set(value.into()))
}

pub(crate) fn remove(path: impl Into<DocumentPath>) -> UpdateAction {
    UpdateAction::new(path.into(), Action::Remove)
}

pub(crate) fn at(name: &str) -> DocumentPath {
    DocumentPath::from(name)
}
