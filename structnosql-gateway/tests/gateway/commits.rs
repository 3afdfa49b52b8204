//! Commits in each of their modes, versions, aliases, batches, transactions and queries over a service: what they come to,
//! and that they take the requests that they take without one.

use futures_util::StreamExt;
use structnosql_core::{Backend, BasicTable, CachingTable, ErrorKind, FieldExt, Outcome, TableDataModel};
use structnosql_derive::TableDataModel;
use structnosql_external::External;
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema};
use structnosql_testkit::{Counted, Reference, SentKind};

use crate::server::{KEY, Service, serve};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", crate = "structnosql_core")]
pub(crate) struct Account {
    #[field(partition_key)]
    pub(crate) id: String,
    pub(crate) balance: i64,
    #[field(index)]
    pub(crate) owner: Option<String>,
    #[field(alias = "name")]
    pub(crate) label: Option<String>,
    pub(crate) log: Option<Vec<String>>,
    #[field(version)]
    pub(crate) version: u64,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    text: Option<String>,
}

pub(crate) fn account(id: usize) -> Account {
    let owner = Some("ann".to_owned());
    Account { id: format!("a{id:03}"), balance: 10, owner, label: None, log: Some(Vec::new()), version: 0 }
}

/// A service with a hundred and twenty accounts, and their database.
async fn service() -> Service {
    let database = Counted::new(Reference::new());
    let accounts = BasicTable::<Account, _>::open(database.clone()).await.unwrap();
    BasicTable::<Note, _>::open(database.clone()).await.unwrap();
    for id in 0..120 {
        accounts.create_record(&account(id)).await.unwrap();
    }
    database.reset();
    let all = ApiKey::new("all", KeyHash::of(KEY)).grant(Grant::everything("*"));
    let builder = Gateway::builder(database.clone()).table(Schema::of::<Account>()).table(Schema::of::<Note>());
    let gateway = builder.key(all).build();
    let address = serve(gateway.clone()).await;
    Service { database, gateway, address }
}

fn caching(service: &Service) -> CachingTable<Account, External> {
    CachingTable::attach(service.client(KEY))
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|id| account(id).id).collect()
}

/// Changes known records, so that the commit is all that is sent.
async fn changed(service: &Service, count: usize) -> CachingTable<Account, External> {
    let accounts = caching(service);
    accounts.prefetch(ids(count)).await.unwrap();
    let f = Account::fields;
    for id in ids(count) {
        accounts.update_multiple_fields(id.as_str(), [f().balance().increment(1), f().label().set("x")]).await.unwrap();
    }
    service.database.reset();
    accounts
}

async fn balances(service: &Service) -> i64 {
    let accounts = BasicTable::<Account, _>::attach(service.database.inner().clone());
    let page = accounts.scan_records().await.unwrap();
    page.records.iter().map(|(_, account)| account.balance).sum()
}

#[tokio::test]
async fn an_atomic_commit_is_one_post_and_one_transaction() {
    let service = service().await;
    let accounts = changed(&service, 100).await;
    let posts = service.posts().await;
    let planned = accounts.commit_operations().atomic().plan().requests();
    let report = accounts.commit_operations().atomic().await.unwrap();
    assert_eq!((planned, report.requests(), report.committed().count()), (1, 1, 100));
    assert_eq!((service.posts().await - posts, service.database.of_kind(SentKind::TransactWrite)), (1, 1));
    assert_eq!((service.database.requests(), balances(&service).await), (1, 1_300));
    // One more than a transaction takes: refused before anything is sent.
    let accounts = changed(&service, 101).await;
    let posts = service.posts().await;
    let error = accounts.commit_operations().atomic().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotAtomic { .. }), "{error}");
    assert_eq!((service.posts().await, service.database.requests()), (posts, 0));
}

#[tokio::test]
async fn a_batched_commit_is_one_post() {
    let service = service().await;
    let accounts = changed(&service, 60).await;
    let posts = service.posts().await;
    let report = accounts.commit_operations().batched().await.unwrap();
    assert_eq!((report.requests(), report.committed().count()), (3, 60));
    assert_eq!((service.posts().await - posts, service.database.of_kind(SentKind::BatchUpdate)), (1, 3));
    assert_eq!((service.database.requests(), balances(&service).await), (3, 1_260));
}

#[tokio::test]
async fn an_exactly_once_commit_is_one_post() {
    let service = service().await;
    let accounts = changed(&service, 30).await;
    let posts = service.posts().await;
    let report = accounts.commit_operations().unchecked().exactly_once().await.unwrap();
    assert_eq!((report.requests(), report.committed().count()), (30, 30));
    assert_eq!((service.posts().await - posts, service.database.of_kind(SentKind::TransactWrite)), (1, 30));
    assert_eq!(balances(&service).await, 1_230);
}

/// A conflict shows what was read, what was to be written and what is stored; the others are committed.
#[tokio::test]
async fn versions_and_what_was_read_are_checked() {
    let service = service().await;
    let accounts = changed(&service, 3).await;
    let elsewhere = BasicTable::<Account, _>::attach(service.database.inner().clone());
    elsewhere.update_field("a001", Account::fields().balance(), 50).await.unwrap();
    let error = accounts.commit_operations().await.unwrap_err();
    let ErrorKind::Commit(report) = error.kind() else { panic!("{error}") };
    assert_eq!((report.committed().count(), report.uncommitted().count()), (2, 1), "{report}");
    let refused = report.uncommitted().next().unwrap();
    let Outcome::Rejected(error) = &refused.outcome else { panic!("{report}") };
    assert!(error.is_conflict(), "{error}");
    // All or none.
    let accounts = changed(&service, 3).await;
    elsewhere.update_field("a001", Account::fields().balance(), 60).await.unwrap();
    let before = balances(&service).await;
    assert!(accounts.commit_operations().atomic().await.is_err());
    assert_eq!(balances(&service).await, before);
    let accounts = caching(&service);
    accounts.get_field("a002", Account::fields().owner()).await.unwrap();
    accounts.update_field("a002", Account::fields().owner(), "bob").await.unwrap();
    elsewhere.update_field("a002", Account::fields().owner(), "eve").unchecked().await.unwrap();
    let error = accounts.commit_operations().unchecked().check_unchanged().await.unwrap_err();
    let ErrorKind::Commit(report) = error.kind() else { panic!("{error}") };
    let Outcome::Rejected(error) = &report.uncommitted().next().unwrap().outcome else { panic!("{report}") };
    assert!(error.is_conflict(), "{error}");
}

#[tokio::test]
async fn fields_are_read_under_earlier_names_and_moved() {
    let service = service().await;
    let item = [("id", "old".into()), ("balance", 1.into()), ("name", "stored".into()), ("version", 1.into())];
    service.database.inner().put_item("accounts", item.into_iter().collect()).unwrap();
    let accounts = caching(&service);
    let f = Account::fields;
    assert_eq!(accounts.get_field("old", f().label()).await.unwrap().as_deref(), Some("stored"));
    accounts.update_field("old", f().label(), "moved").await.unwrap();
    accounts.commit_operations().await.unwrap();
    let key = [("id", "old".into())].into_iter().collect();
    let item = service.database.inner().item("accounts", &key).unwrap();
    assert_eq!((item.get("label"), item.get("name")), (Some(&"moved".into()), None));
}

/// The same program over the database itself, and over a service: the database sees the same requests, each in a POST of
/// its own but those of a commit, which share one.
#[tokio::test]
async fn the_database_sees_the_requests_that_it_sees_without_a_service() {
    let (direct, served) = (service().await, service().await);
    program(direct.database.clone()).await;
    let posts = served.posts().await;
    program(served.client(KEY)).await;
    let posts = served.posts().await - posts;
    let sorted = |service: &Service| {
        let mut log: Vec<String> = service.database.log().iter().map(ToString::to_string).collect();
        log.sort();
        log
    };
    assert_eq!(sorted(&direct), sorted(&served));
    let requests = served.database.requests();
    assert_eq!((requests, posts as usize), (30, requests - 9 - 1), "commits of ten updates, and of two batches");
}

async fn program<B: Backend + Clone>(backend: B) {
    let notes = BasicTable::<Note, _>::open(backend.clone()).await.unwrap(); // describes
    let all: Vec<Note> = (0..60).map(|id| Note { id: account(id).id, text: None }).collect();
    notes.put_records(&all).await.unwrap(); // 3
    assert_eq!(notes.get_records(ids(120)).await.unwrap().into_iter().flatten().count(), 60); // 2
    notes.delete_records(ids(30)).await.unwrap(); // 2
    let accounts = BasicTable::<Account, _>::attach(backend.clone());
    let f = Account::fields;
    let mut pages = std::pin::pin!(accounts.query_records(Account::indexes().owner("ann")).limit(50).pages());
    while let Some(page) = pages.next().await {
        page.unwrap(); // 3
    }
    assert_eq!(notes.scan_records().await.unwrap().records.len(), 30); // 1
    let renamed = accounts.update_field("a000", f().owner(), "bob").unchecked();
    accounts.transact((renamed, notes.delete_record("a050"))).await.unwrap(); // 1
    let (zero, gone) = accounts.transact_get((accounts.get_record("a000"), notes.get_record("a050"))).await.unwrap(); // 1
    assert_eq!((zero.unwrap().owner.as_deref(), gone), (Some("bob"), None));
    for mode in 0..3 {
        let unit = CachingTable::<Account, _>::attach(backend.clone());
        let count = [10, 50, 10][mode];
        unit.prefetch(ids(count)).await.unwrap(); // 1
        for id in ids(count) {
            unit.update_multiple_fields(id.as_str(), [f().balance().increment(1)]).await.unwrap();
        }
        let commit = unit.commit_operations();
        let report = match mode {
            0 => commit.await,
            1 => commit.batched().await,
            _ => commit.atomic().await,
        };
        assert_eq!(report.unwrap().requests(), [10, 2, 1][mode]);
    }
}
