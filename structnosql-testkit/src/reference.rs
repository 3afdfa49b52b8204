//! A database in memory that does what AWS's documentation says, where emulators are laxer.

mod condition;
mod limits;
mod overlap;
mod pause;
mod project;
mod query;
mod table;
mod update;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use structnosql_core::{
    Backend, DeleteRequest, Failure, FailureClass, GetRequest, Map, PutRequest, QueryRequest, QueryResponse,
    TableDefinition, TableDescription, UpdateRequest,
};

use pause::pause;
use table::StoredTable;

/// A [`Backend`] in memory, written from AWS's documentation and sharing no code with the engine under test.
///
/// It is strict where emulators are lax:
///
/// - Every action of an update sees the item as it was before; positions in lists are old positions. Elements set
///   past the end of a list are appended in the order of their numbers.
/// - Paths of one expression that are equal, lie below one another, or enter one value both as a list and as a map
///   are refused.
/// - An update through a parent that is absent or of another type fails, be it a SET or a REMOVE.
/// - An update that only removes brings no item into being.
/// - Items, expressions, nesting and keys are held to DynamoDB's limits.
///
/// Clones share the data. Each request lets other tasks run before it is applied and again before it is answered:
/// a future dropped in between is a request whose answer was lost.
///
/// ```
/// use structnosql_core::schema::{KeyAttribute, KeyKind};
/// use structnosql_core::{Backend, Map, PutRequest, TableDefinition, Text, Value};
/// use structnosql_testkit::Reference;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), structnosql_core::Failure> {
/// let reference = Reference::new();
/// let partition_key = KeyAttribute { name: Text::from("id"), kind: KeyKind::String };
/// let table = TableDefinition { table: "movies".into(), partition_key, sort_key: None, indexes: Vec::new() };
/// reference.create_table(table).await?;
///
/// let item: Map = [("id", Value::from("b12")), ("name", Value::from("Breaking Bad"))].into_iter().collect();
/// reference.put(PutRequest { table: "movies".into(), item: item.clone(), condition: None }).await?;
///
/// let key: Map = [("id", Value::from("b12"))].into_iter().collect();
/// assert_eq!(reference.item("movies", &key), Some(item));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Reference {
    tables: Arc<Mutex<Tables>>,
}

type Tables = BTreeMap<Arc<str>, StoredTable>;

impl Reference {
    /// A database without tables.
    pub fn new() -> Self {
        Reference::default()
    }

    /// Another database with the same tables and items, which shares nothing with this one.
    pub fn fork(&self) -> Self {
        Reference { tables: Arc::new(Mutex::new(self.lock().clone())) }
    }

    /// The stored item with these key attributes.
    pub fn item(&self, table: &str, key: &Map) -> Option<Map> {
        let tables = self.lock();
        let table = tables.get(table)?;
        table.get(&table.key_of_request(key).ok()?).cloned()
    }

    /// Stores an item without going through a request.
    ///
    /// # Errors
    ///
    /// As a put: a table that is not there, wrong keys, an item that is too large.
    pub fn put_item(&self, table: &str, item: Map) -> Result<(), Failure> {
        self.lock().table(table)?.put(item, None)
    }

    /// Every stored item, in the order of the keys.
    pub fn items(&self, table: &str) -> Vec<Map> {
        self.lock().get(table).map(|table| table.items().cloned().collect()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Tables> {
        // A request is checked in full before it changes anything.
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request: others may go first, and may go between its work and its answer.
    async fn serve<T>(&self, work: impl FnOnce(&mut Tables) -> Result<T, Failure>) -> Result<T, Failure> {
        pause().await;
        let answer = work(&mut self.lock());
        pause().await;
        answer
    }
}

/// A table by its name, as requests ask for it.
trait ByName {
    fn table(&mut self, name: &str) -> Result<&mut StoredTable, Failure>;
}

impl ByName for Tables {
    fn table(&mut self, name: &str) -> Result<&mut StoredTable, Failure> {
        self.get_mut(name)
            .ok_or_else(|| Failure::new(FailureClass::TableNotFound, format!("there is no table `{name}`")))
    }
}

impl Backend for Reference {
    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.serve(|tables| {
            let table = tables.table(&request.table)?;
            limits::check_projection(&request.projection)?;
            let key = table.key_of_request(&request.key)?;
            Ok(table.get(&key).map(|item| project::project(item, &request.projection)))
        })
        .await
    }

    async fn put(&self, request: PutRequest) -> Result<(), Failure> {
        self.serve(|tables| tables.table(&request.table)?.put(request.item, request.condition.as_ref())).await
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        self.serve(|tables| {
            let old = tables.table(&request.table)?.update(&request)?;
            Ok(old.filter(|_| request.return_old))
        })
        .await
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        self.serve(|tables| {
            let old = tables.table(&request.table)?.delete(&request.key, request.condition.as_ref())?;
            Ok(old.filter(|_| request.return_old))
        })
        .await
    }

    async fn query(&self, request: QueryRequest) -> Result<QueryResponse, Failure> {
        self.serve(|tables| query::query(tables.table(&request.table)?, &request)).await
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.serve(|tables| {
            let found = tables.get(table);
            Ok(found.map(|found| TableDescription { active: true, definition: found.definition().clone() }))
        })
        .await
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.serve(|tables| {
            if tables.contains_key(&definition.table) {
                let message = format!("there is a table `{}` already", definition.table);
                return Err(Failure::new(FailureClass::TableInUse, message));
            }
            tables.insert(definition.table.clone(), StoredTable::new(definition));
            Ok(())
        })
        .await
    }
}

/// Prints how much there is of each table: items are for tests to look at one by one.
impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.lock().iter().map(|(name, table)| (name, table.items().count()))).finish()
    }
}
