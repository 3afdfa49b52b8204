//! A database in memory that does what AWS's documentation says, where emulators are laxer.

mod backend;
mod batch;
mod condition;
mod keys;
mod lag;
mod limits;
mod overlap;
mod page;
mod pause;
mod project;
mod query;
mod scan;
mod store;
mod table;
mod transact;
mod update;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use structnosql_core::{Capabilities, Failure, Map};

use pause::pause;
use store::Store;
use table::StoredTable;

/// A [`Backend`](structnosql_core::Backend) in memory, written from AWS's documentation and sharing no code with the
/// engine under test.
///
/// It is strict where emulators are lax:
///
/// - Every action of an update sees the item as it was before; positions in lists are old positions. Elements set
///   past the end of a list are appended in the order of their numbers.
/// - Paths of one expression that are equal, lie below one another, or enter one value both as a list and as a map
///   are refused.
/// - An update through a parent that is absent or of another type fails, be it a SET or a REMOVE.
/// - An update that only removes brings no item into being.
/// - Items, expressions, nesting and keys are held to DynamoDB's limits, and so are batches and transactions.
/// - A transaction that is sent again with its token within ten minutes is answered alike and changes nothing.
///
/// Clones share the data. Each request lets other tasks run before it is applied and again before it is answered:
/// a future dropped in between is a request whose answer was lost.
///
/// ```
/// use structnosql_core::schema::{KeyAttribute, KeyKind};
/// use structnosql_core::{Backend, Billing, Map, PutRequest, TableDefinition, Text, Value};
/// use structnosql_testkit::Reference;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), structnosql_core::Failure> {
/// let reference = Reference::new();
/// let partition_key = KeyAttribute { name: Text::from("id"), kind: KeyKind::String };
/// let (table, billing) = ("movies".into(), Billing::OnDemand);
/// let table = TableDefinition { table, partition_key, sort_key: None, indexes: Vec::new(), billing };
/// reference.create_table(table).await?;
///
/// let item: Map = [("id", Value::from("b12")), ("name", Value::from("Breaking Bad"))].into_iter().collect();
/// reference.put(PutRequest { table: "movies".into(), item: item.clone(), condition: None, return_old: false }).await?;
///
/// let key: Map = [("id", Value::from("b12"))].into_iter().collect();
/// assert_eq!(reference.item("movies", &key), Some(item));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Reference {
    store: Arc<Mutex<Store>>,
    capabilities: Capabilities,
}

impl Default for Reference {
    fn default() -> Self {
        Reference { store: Arc::default(), capabilities: Capabilities::ALL }
    }
}

impl Reference {
    /// A database without tables.
    pub fn new() -> Self {
        Reference::default()
    }

    /// The same database, seen through one that can do less: what it cannot do is refused.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The same database, whose tables that are created from now on are late to global indexes and to reads that are not
    /// consistent: these show the table as it was up to three writes ago, and catch up as they go on. The same seed makes
    /// the same answers.
    #[must_use]
    pub fn lagging(self, seed: u64) -> Self {
        self.lock().lag = Some(seed);
        self
    }

    /// Whether a read that is not consistent may show something else of a record than what is stored.
    pub(crate) fn is_late(&self, table: &str, key: &Map) -> bool {
        let store = self.lock();
        let is_late = |table: &StoredTable| table.key_of_request(key).is_ok_and(|key| table.is_late(&key));
        store.table(table).is_ok_and(is_late)
    }

    /// Another database with the same tables and items, which shares nothing with this one.
    pub fn fork(&self) -> Self {
        Reference { store: Arc::new(Mutex::new(self.lock().clone())), capabilities: self.capabilities }
    }

    /// The stored item with these key attributes.
    pub fn item(&self, table: &str, key: &Map) -> Option<Map> {
        let store = self.lock();
        let table = store.table(table).ok()?;
        table.get(&table.key_of_request(key).ok()?).cloned()
    }

    /// Stores an item without going through a request.
    ///
    /// # Errors
    ///
    /// As a put: a table that is not there, wrong keys, an item that is too large.
    pub fn put_item(&self, table: &str, item: Map) -> Result<(), Failure> {
        self.lock().table_mut(table)?.put(item, None).map(drop)
    }

    /// Every stored item, in the order of the keys.
    pub fn items(&self, table: &str) -> Vec<Map> {
        self.lock().table(table).map(|table| table.items().cloned().collect()).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        // A request is checked in full before it changes anything.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One request: others may go first, and may go between its work and its answer.
    async fn serve<T>(&self, work: impl FnOnce(&mut Store) -> Result<T, Failure>) -> Result<T, Failure> {
        pause().await;
        let answer = work(&mut self.lock());
        pause().await;
        answer
    }
}

/// Prints how much there is of each table: items are for tests to look at one by one.
impl fmt::Debug for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.lock().tables.iter().map(|(name, table)| (name, table.items().count()))).finish()
    }
}
