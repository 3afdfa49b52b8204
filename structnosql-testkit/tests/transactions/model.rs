use std::collections::HashMap;

use structnosql_core::{BasicTable, CachingTable, Map, StructModel, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Faulty, Reference, SentKind};

/// One database for both tables.
pub(crate) type Store = Counted<Faulty<Reference>>;

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", crate = "structnosql_core")]
pub(crate) struct Account {
    #[field(partition_key)]
    pub(crate) id: String,
    pub(crate) owner: Option<String>,
    pub(crate) balance: Option<i64>,
    pub(crate) limits: Option<HashMap<String, Limit>>,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(crate = "structnosql_core")]
pub(crate) struct Limit {
    pub(crate) day: Option<u32>,
    pub(crate) month: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "transfers", crate = "structnosql_core")]
pub(crate) struct Transfer {
    #[field(partition_key)]
    pub(crate) account: String,
    #[field(sort_key)]
    pub(crate) number: u32,
    pub(crate) amount: i64,
    #[field(version)]
    pub(crate) version: u64,
}

pub(crate) fn account(id: &str, balance: i64) -> Account {
    Account { id: id.to_owned(), owner: Some("Ann".to_owned()), balance: Some(balance), limits: None }
}

pub(crate) fn transfer(number: u32) -> Transfer {
    Transfer { account: "a1".to_owned(), number, amount: 10, version: 0 }
}

/// Two accounts of 100 each, and no transfers.
pub(crate) async fn store() -> Store {
    let store = Counted::new(Faulty::new(Reference::new()));
    let accounts = BasicTable::<Account, _>::open(store.clone()).await.unwrap();
    BasicTable::<Transfer, _>::open(store.clone()).await.unwrap();
    accounts.put_records(&[account("a1", 100), account("a2", 100)]).await.unwrap();
    store.reset();
    store
}

pub(crate) async fn basic(store: &Store) -> (BasicTable<Account, Store>, BasicTable<Transfer, Store>) {
    let tables = (BasicTable::open(store.clone()).await.unwrap(), BasicTable::open(store.clone()).await.unwrap());
    store.reset();
    tables
}

pub(crate) async fn caching(store: &Store) -> (CachingTable<Account, Store>, CachingTable<Transfer, Store>) {
    let tables = (CachingTable::open(store.clone()).await.unwrap(), CachingTable::open(store.clone()).await.unwrap());
    store.reset();
    tables
}

/// What is stored, whatever tables know.
pub(crate) fn stored_account(store: &Store, id: &str) -> Option<Account> {
    let key: Map = [("id", Value::from(id))].into_iter().collect();
    Some(Account::decode_fields(&store.inner().inner().item(Account::table().name, &key)?).unwrap())
}

pub(crate) fn stored_transfer(store: &Store, number: u32) -> Option<Transfer> {
    let key: Map = [("account", Value::from("a1")), ("number", Value::from(i64::from(number)))].into_iter().collect();
    Some(Transfer::decode_fields(&store.inner().inner().item(Transfer::table().name, &key)?).unwrap())
}

/// How many transactions were sent, and how many other requests.
pub(crate) fn sent(store: &Store) -> (usize, usize) {
    let transactions = store.of_kind(SentKind::TransactWrite) + store.of_kind(SentKind::TransactGet);
    (transactions, store.requests() - transactions)
}
