//! Optimistic locking: two tables over one database, as two processes have them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use structnosql_core::{
    Backend, BasicTable, CachingTable, ConditionExt, DeleteRequest, Error, Failure, Field, FieldExt, GetRequest, Map,
    Outcome, PageResponse, PutRequest, QueryRequest, TableDataModel, TableDefinition, TableDescription, UpdateRequest,
    Value,
};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Counted, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "accounts", crate = "structnosql_core")]
struct Account {
    #[field(partition_key)]
    id: String,
    owner: Option<String>,
    balance: Option<i64>,
    notes: Option<Vec<String>>,
    #[field(version)]
    version: u64,
}

type Store = Counted<Faulty<Reference>>;

fn account(balance: i64) -> Account {
    let (id, owner, notes) = ("a1".to_owned(), Some("Ann".to_owned()), Some(vec!["first".to_owned()]));
    Account { id, owner, balance: Some(balance), notes, version: 0 }
}

/// One account of 100, at version 1, in a fresh database.
async fn store() -> Store {
    let store = Counted::new(Faulty::new(Reference::new()));
    BasicTable::<Account, _>::open(store.clone()).await.unwrap().create_record(&account(100)).await.unwrap();
    store.reset();
    store
}

async fn caching(store: &Store) -> CachingTable<Account, Store> {
    let table = CachingTable::open(store.clone()).await.unwrap();
    store.reset();
    table
}

async fn basic(store: &Store) -> BasicTable<Account, Store> {
    let table = BasicTable::open(store.clone()).await.unwrap();
    store.reset();
    table
}

/// The stored record.
fn stored(store: &Store) -> Option<Account> {
    let key: Map = [("id", Value::from("a1"))].into_iter().collect();
    let item = store.inner().inner().item("accounts", &key)?;
    Some(structnosql_core::StructModel::decode_fields(&item).unwrap())
}

fn log(store: &Store) -> Vec<String> {
    let log =
        store.log().iter().map(|sent| format!("{} {}", sent.kind, sent.expression).trim_end().to_owned()).collect();
    store.reset();
    log
}

/// The error of the one record that a commit did not commit.
fn rejected(error: &Error) -> &Error {
    match &error.commit_report().unwrap().records[0].outcome {
        Outcome::Rejected(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn every_write_raises_the_version_by_one() {
    let store = store().await;
    let f = Account::fields;
    let (table, direct) = (caching(&store).await, basic(&store).await);
    assert_eq!(stored(&store).unwrap().version, 1);

    table.get_record("a1").await.unwrap();
    store.reset();
    table.update_multiple_fields("a1", [f().balance().increment(1), f().owner().remove()]).await.unwrap();
    let report = table.commit_operations().await.unwrap();
    assert_eq!(report.requests(), 1);
    assert_eq!(
        log(&store),
        ["update SET version=:v0,balance=if_not_exists(balance,:v1)+:v2 REMOVE owner IF version=:v3"]
    );
    assert_eq!(table.get_field("a1", f().version()).await.unwrap(), Some(2));
    assert_eq!(log(&store).len(), 0, "the table knows the version that it wrote");

    table.update_field("a1", f().owner(), "Bob").await.unwrap();
    table.commit_operations().await.unwrap();
    table.update_field_return_old("a1", f().balance(), 5).await.unwrap();
    table.commit_operations().await.unwrap();
    let record = Account { owner: None, ..table.get_record("a1").await.unwrap().unwrap() };
    table.put_record(&record).await.unwrap();
    assert_eq!(stored(&store).unwrap().version, 5);
    assert_eq!(table.get_field("a1", f().version()).await.unwrap(), Some(5));

    log(&store);
    direct.update_field("a1", f().balance(), 7).await.unwrap();
    assert_eq!(log(&store), ["get SELECT balance,id,version", "update SET version=:v0,balance=:v1 IF version=:v2"]);
    direct.delete_field("a1", f().balance()).await.unwrap();
    direct.update_field("a1", f().balance(), 7).unchecked().await.unwrap();
    assert_eq!(log(&store)[2], "update SET version=if_not_exists(version,:v0)+:v1,balance=:v2");
    let record = direct.get_record("a1").await.unwrap().unwrap();
    direct.put_record(&record).await.unwrap();
    assert_eq!(stored(&store).unwrap(), Account { version: 9, ..record });
    log(&store);
    direct.delete_record("a1").await.unwrap();
    assert_eq!(log(&store), ["get SELECT id,version", "delete IF version=:v0"]);
    assert_eq!(stored(&store), None);
}

#[tokio::test]
async fn the_loser_gets_the_conflict_and_keeps_its_operations() {
    let store = store().await;
    let f = Account::fields;
    let (ann, bob) = (caching(&store).await, caching(&store).await);
    for table in [&ann, &bob] {
        let balance = table.get_field("a1", f().balance()).await.unwrap().unwrap();
        table.update_field("a1", f().balance(), balance - 30).await.unwrap();
    }
    bob.update_field("a1", f().owner(), "Bob").await.unwrap();
    ann.commit_operations().await.unwrap();
    store.reset();

    let error = bob.commit_operations().await.unwrap_err();
    assert_eq!(log(&store), ["update SET version=:v0,balance=:v1,owner=:v2 IF version=:v3"]);
    let conflict = rejected(&error).conflict().unwrap();
    assert_eq!(conflict.key().to_string(), "a1");
    assert_eq!(format!("{:?}", conflict.changed()), "[version]");
    assert_eq!(conflict.base().get(&f().balance()).unwrap(), Some(100));
    assert_eq!(conflict.mine().get(&f().balance()).unwrap(), Some(70));
    assert_eq!(conflict.mine().get(&f().owner()).unwrap().as_deref(), Some("Bob"));
    assert_eq!(conflict.theirs().get(&f().balance()).unwrap(), Some(70));
    assert_eq!(conflict.theirs().get(&f().version()).unwrap(), Some(2));
    assert_eq!(conflict.theirs().item().unwrap().len(), 5);
    assert!(!conflict.is_read_again());
    assert!(!conflict.base().knows(f().notes().path()));
    assert!(conflict.base().get(&f().notes()).is_err());
    assert_eq!(
        error.to_string(),
        "committed 0 of 1 records, requests: 1\n  a1: rejected, still pending: conflict: record `a1` was changed by \
         another writer since it was read: `version` is not as it was; nothing was written. Read it again \
         (`refresh_record`) and repeat the write, or drop it (`rollback_record`)"
    );
    let shown = format!("{error:?} {conflict:?} {:?}", conflict.theirs());
    assert!(!shown.contains("70") && !shown.contains("Bob"), "{shown}");
    assert_eq!(stored(&store).unwrap().owner.as_deref(), Some("Ann"), "nothing is overwritten");
    assert_eq!(bob.pending_for("a1").len(), 2);
    assert!(bob.pending_for("a1")[0].rejected.as_ref().unwrap().is_conflict());
    assert_eq!(bob.get_field("a1", f().balance()).await.unwrap(), Some(70), "the view is as it was");
    assert!(bob.commit_operations().await.is_err(), "the record is not what was read, however often it is tried");

    bob.refresh_record("a1");
    assert_eq!(bob.get_field("a1", f().balance()).await.unwrap(), Some(70));
    bob.update_field("a1", f().balance(), 40).await.unwrap();
    bob.commit_operations().await.unwrap();
    let last = stored(&store).unwrap();
    assert_eq!((last.balance, last.owner.as_deref(), last.version), (Some(40), Some("Bob"), 3));
}

#[tokio::test]
async fn rolling_a_conflict_back_forgets_what_is_out_of_date() {
    let store = store().await;
    let f = Account::fields;
    let table = caching(&store).await;
    table.get_record("a1").await.unwrap();
    table.update_field("a1", f().balance(), 1).await.unwrap();
    basic(&store).await.update_field("a1", f().balance(), 2).await.unwrap();
    table.commit_operations().await.unwrap_err();
    table.rollback_record("a1");
    assert!(!table.has_pending_operations());
    assert_eq!(table.get_field("a1", f().balance()).await.unwrap(), Some(2));
    table.update_field("a1", f().balance(), 3).await.unwrap();
    table.commit_operations().await.unwrap();
    assert_eq!(stored(&store).unwrap().balance, Some(3));
}

/// Somebody writes between two reads of one table: what is decided on both must not be written.
#[tokio::test]
async fn reads_of_several_versions_are_a_conflict() {
    let store = store().await;
    let f = Account::fields;
    let (table, other) = (caching(&store).await, basic(&store).await);
    table.get_field("a1", f().balance()).await.unwrap();
    other.update_field("a1", f().owner(), "Bob").await.unwrap();
    assert_eq!(table.get_field("a1", f().owner()).await.unwrap().as_deref(), Some("Bob"));
    table.update_field("a1", f().balance(), 1).await.unwrap();
    store.reset();
    let error = table.commit_operations().await.unwrap_err();
    assert_eq!(log(&store), ["get SELECT balance,id,version"], "what cannot be applied is not sent");
    let conflict = rejected(&error).conflict().unwrap();
    assert_eq!(conflict.theirs().get(&f().balance()).unwrap(), Some(100));
    assert!(conflict.is_read_again());
    table.refresh();
    table.commit_operations().await.unwrap();
    assert_eq!(stored(&store).unwrap().balance, Some(1));
}

#[tokio::test]
async fn a_record_that_was_not_read_is_read_for_its_version() {
    let store = store().await;
    let f = Account::fields;
    let table = caching(&store).await;
    table.update_multiple_fields("a1", [f().balance().increment(1)]).await.unwrap();
    let plan = table.plan_commit();
    assert_eq!((plan.requests(), plan.records[0].is_atomic(), plan.records[0].reads_version), (2, true, true));
    assert!(plan.to_string().contains("read for the version"), "{plan}");
    assert_eq!(table.commit_operations().unchecked().plan().requests(), 1);
    let report = table.commit_operations().await.unwrap();
    assert_eq!((report.requests(), report.records[0].replans), (2, 0));
    assert_eq!(
        log(&store),
        [
            "get SELECT balance,id,version",
            "update SET version=:v0,balance=if_not_exists(balance,:v1)+:v2 IF version=:v3"
        ]
    );
    // The version is known from then on.
    table.update_field("a1", f().owner(), "Bob").await.unwrap();
    assert_eq!(table.commit_operations().await.unwrap().requests(), 1);

    // Where nothing that is pending asks for the check, nothing is read.
    let table = caching(&store).await;
    table.update_field("a1", f().owner(), "Eve").unchecked().await.unwrap();
    assert_eq!(table.commit_operations().await.unwrap().requests(), 1);
    table.update_field("a1", f().balance(), 1).await.unwrap();
    assert_eq!(table.commit_operations().unchecked().await.unwrap().requests(), 1);
    assert_eq!(log(&store).len(), 2);
    assert_eq!(stored(&store).unwrap().version, 5);

    // A change that asks for it does so also where it takes the place of one that did not.
    let table = caching(&store).await;
    table.update_field("a1", f().owner(), "Ann").unchecked().await.unwrap();
    assert!(!table.plan_commit().records[0].reads_version);
    table.update_field("a1", f().owner(), "Eve").await.unwrap();
    assert!(table.plan_commit().records[0].reads_version);
    table.rollback();

    // A record that comes into being starts at 1.
    table.update_field("new", f().balance(), 1).await.unwrap();
    table.commit_operations().await.unwrap();
    assert_eq!(table.session().get_field("new", f().version()).await.unwrap(), Some(1));
    // One that nothing has versioned yet has none to look at.
    let item = [("id", Value::from("old")), ("balance", Value::from(5))].into_iter().collect();
    store.inner().inner().put_item("accounts", item).unwrap();
    assert_eq!(table.get_record("old").await.unwrap().unwrap().version, 0);
    let record = Account { owner: None, ..table.get_record("old").await.unwrap().unwrap() };
    table.update_multiple_fields("old", [f().balance().increment(1)]).await.unwrap();
    table.commit_operations().await.unwrap();
    assert_eq!(table.session().get_field("old", (f().balance(), f().version())).await.unwrap(), (Some(6), Some(1)));
    assert!(table.put_record(&record).await.unwrap_err().is_conflict());
}

#[tokio::test]
async fn what_removes_alone_brings_no_record_into_being() {
    let store = store().await;
    let f = Account::fields;
    let table = caching(&store).await;
    table.delete_field("new", f().balance()).await.unwrap();
    let report = table.commit_operations().await.unwrap();
    assert_eq!(report.requests(), 1, "the read of the version shows that there is nothing to remove");
    table.get_record("a1").await.unwrap();
    table.delete_field("a1", f().balance()).unchecked().await.unwrap();
    table.delete_field("newer", f().balance()).unchecked().await.unwrap();
    table.commit_operations().await.unwrap();
    assert_eq!(store.inner().inner().items("accounts").len(), 1);
    assert_eq!(stored(&store).unwrap().version, 2);

    // Nor one that was deleted after it was read.
    table.get_record("a1").await.unwrap();
    table.delete_field("a1", f().owner()).unchecked().await.unwrap();
    let item = [("id", Value::from("old")), ("balance", Value::from(5))].into_iter().collect();
    store.inner().inner().put_item("accounts", item).unwrap();
    table.get_record("old").await.unwrap();
    table.delete_field("old", f().balance()).await.unwrap();
    for key in ["a1", "old"] {
        basic(&store).await.delete_record(key).await.unwrap();
    }
    table.commit_operations().await.unwrap();
    assert!(store.inner().inner().items("accounts").is_empty());
}

#[tokio::test]
async fn whole_records_are_checked_by_the_version_that_they_hold() {
    let store = store().await;
    let f = Account::fields;
    let (table, direct) = (caching(&store).await, basic(&store).await);
    assert!(table.create_record(&account(7)).await.unwrap_err().is_condition_failed());
    let read = table.get_record("a1").await.unwrap().unwrap();
    store.reset();
    direct.put_record(&Account { balance: Some(1), ..read.clone() }).await.unwrap();
    assert_eq!(log(&store), ["put IF version=:v0"]);

    for error in [
        direct.put_record(&read).await.unwrap_err(),
        table.put_record(&read).await.unwrap_err(),
        table.put_record(&account(7)).await.unwrap_err(),
        table.delete_record("a1").await.unwrap_err(),
        table.remove_record("a1").await.unwrap_err(),
    ] {
        let conflict = error.conflict().unwrap();
        assert_eq!(conflict.theirs().get(&f().balance()).unwrap(), Some(1), "{error}");
        assert_ne!(conflict.mine().get(&f().balance()).unwrap(), Some(1), "{error}");
    }
    assert_eq!(stored(&store).unwrap().version, 2);
    table.refresh_record("a1");
    table.delete_record("a1").await.unwrap();
    table.create_record(&account(7)).await.unwrap();
    assert_eq!(table.get_field("a1", f().version()).await.unwrap(), Some(1));

    // Whatever is stored.
    direct.update_field("a1", f().balance(), 2).await.unwrap();
    table.put_record(&account(9)).unchecked().await.unwrap();
    assert_eq!(stored(&store).unwrap(), Account { version: 3, ..account(9) });
    direct.update_field("a1", f().balance(), 2).await.unwrap();
    table.delete_record("a1").unchecked().await.unwrap();
    assert_eq!(stored(&store), None);
}

#[tokio::test]
async fn batches_check_each_version() {
    let store = store().await;
    for is_caching in [true, false] {
        let (table, direct) = (caching(&store).await, basic(&store).await);
        let read = table.get_records(["a1"]).await.unwrap().remove(0).unwrap();
        let fresh = Account { id: "b1".into(), ..account(4) };
        direct.update_field("a1", Account::fields().balance(), 2).await.unwrap();
        store.reset();
        let records = [&Account { balance: Some(9), ..read }, &fresh];
        let error = match is_caching {
            true => table.put_records(records).await.unwrap_err(),
            false => direct.put_records(records).await.unwrap_err(),
        };
        assert_eq!(log(&store).len(), 2);
        assert_eq!(error.batch_report().unwrap().remaining.len(), 1, "{error}");
        assert!(error.to_string().contains("was changed by another writer"), "{error}");
        // What the batch read is what the caching table checks.
        let error = table.delete_records(["a1", "b1"]).await.unwrap_err();
        assert!(error.batch_report().unwrap().remaining[0].1.is_conflict(), "{error}");
        assert_eq!(stored(&store).unwrap().balance, Some(2));
        assert_eq!(direct.get_record("b1").await.unwrap(), None);
    }
}

#[tokio::test]
async fn conditions_and_versions_are_told_apart() {
    let store = store().await;
    let f = Account::fields;
    let (table, direct) = (caching(&store).await, basic(&store).await);
    let read = table.get_record("a1").await.unwrap().unwrap();
    let poor = || f().balance().lt(5);
    table.update_field("a1", f().owner(), "Bob").condition(poor()).await.unwrap();
    let error = table.commit_operations().await.unwrap_err();
    assert!(rejected(&error).is_condition_failed() && !rejected(&error).is_conflict());
    table.rollback();
    assert!(table.put_record(&read).condition(poor()).await.unwrap_err().is_condition_failed());
    assert!(direct.delete_record("a1").condition(poor()).await.unwrap_err().is_condition_failed());
    assert!(direct.update_field("a1", f().owner(), "Bob").condition(poor()).await.unwrap_err().is_condition_failed());
    direct.update_field("a1", f().owner(), "Bob").condition(f().version().eq(1)).unchecked().await.unwrap();
    assert!(table.put_record(&read).condition(poor()).await.unwrap_err().is_conflict());
    assert_eq!(stored(&store).unwrap().version, 2);
}

#[tokio::test]
async fn a_version_that_is_no_number_is_a_type_conflict() {
    let store = store().await;
    let f = Account::fields;
    let table = caching(&store).await;
    let item = [("id", Value::from("a1")), ("version", Value::from("one"))].into_iter().collect();
    store.inner().inner().put_item("accounts", item).unwrap();
    table.update_field("a1", f().balance(), 1).await.unwrap();
    let error = table.commit_operations().await.unwrap_err();
    assert!(rejected(&error).is_type_conflict());
    assert_eq!(
        rejected(&error).to_string(),
        "type conflict at `version`: expected a number, found string: nothing was changed; set it as a whole to replace it"
    );
}

/// What two requests carry is checked twice.
#[tokio::test]
async fn each_request_of_a_split_commit_raises_the_version() {
    let store = store().await;
    let f = Account::fields;
    let table = caching(&store).await;
    table.get_record("a1").await.unwrap();
    table.update_multiple_fields("a1", [f().notes().prepend(["zero"]), f().notes().append(["last"])]).await.unwrap();
    table.update_field("a1", f().notes().index(1), "one").await.unwrap();
    let (planned, report) = (table.plan_commit(), table.commit_operations().await.unwrap());
    assert_eq!((planned.requests(), report.requests()), (2, 2));
    let record = stored(&store).unwrap();
    assert_eq!((record.version, record.notes.unwrap().join(" ")), (3, "zero one last".to_owned()));
    assert_eq!(table.get_field("a1", f().version()).await.unwrap(), Some(3));
    table.update_field("a1", f().balance(), 1).await.unwrap();
    table.commit_operations().await.unwrap();
}

/// The first of two requests is the one that is refused; the second one was to be sent as well.
#[tokio::test]
async fn mine_is_what_all_requests_of_a_commit_would_have_left() {
    let f = Account::fields;
    let both = || [f().notes().prepend(["zero"]), f().notes().append(["last"]), f().balance().increment(5)];
    let store = store().await;
    let (table, other) = (caching(&store).await, basic(&store).await);
    let notes = |error: &Error| {
        let conflict = error.conflict().unwrap();
        let sides = [conflict.base(), conflict.mine(), conflict.theirs()];
        sides.map(|side| side.get(&f().notes()).unwrap().unwrap().join(" "))
    };
    table.get_record("a1").await.unwrap();
    other.update_field("a1", f().notes(), vec!["theirs".to_owned()]).await.unwrap();
    table.update_multiple_fields("a1", both()).await.unwrap();
    assert_eq!(table.plan_commit().requests(), 2);
    let error = table.commit_operations().await.unwrap_err();
    assert_eq!(notes(rejected(&error)), ["first", "zero first last", "theirs"]);
    assert_eq!(rejected(&error).conflict().unwrap().mine().get(&f().balance()).unwrap(), Some(105));
}

/// The backend's failures hold no item: what is stored has to be asked for.
#[tokio::test]
async fn theirs_is_read_where_it_is_not_returned() {
    let store = store().await;
    let f = Account::fields;
    let table = CachingTable::<Account, _>::open(Counted::new(Silent(store.inner().inner().clone()))).await.unwrap();
    let read = table.get_record("a1").await.unwrap().unwrap();
    basic(&store).await.update_field("a1", f().balance(), 2).await.unwrap();
    table.update_field("a1", f().balance(), 1).await.unwrap();
    table.backend().reset();
    let error = table.commit_operations().await.unwrap_err();
    assert_eq!((table.backend().requests(), error.commit_report().unwrap().requests()), (2, 2));
    let conflict = rejected(&error).conflict().unwrap();
    assert!(conflict.is_read_again());
    assert_eq!(conflict.theirs().get(&f().balance()).unwrap(), Some(2));
    assert!(table.put_record(&read).await.unwrap_err().conflict().unwrap().is_read_again());
    assert!(table.delete_record("a1").await.unwrap_err().conflict().unwrap().is_read_again());
}

/// Returns no items with its failures, as dynalite does.
struct Silent(Reference);

fn silent(failure: Failure) -> Failure {
    Failure::new(failure.class(), failure.message())
}

impl Backend for Silent {
    async fn get(&self, request: GetRequest) -> Result<Option<Map>, Failure> {
        self.0.get(request).await.map_err(silent)
    }

    async fn put(&self, request: PutRequest) -> Result<Option<Map>, Failure> {
        self.0.put(request).await.map_err(silent)
    }

    async fn update(&self, request: UpdateRequest) -> Result<Option<Map>, Failure> {
        self.0.update(request).await.map_err(silent)
    }

    async fn delete(&self, request: DeleteRequest) -> Result<Option<Map>, Failure> {
        self.0.delete(request).await.map_err(silent)
    }

    async fn query(&self, request: QueryRequest) -> Result<PageResponse, Failure> {
        self.0.query(request).await.map_err(silent)
    }

    async fn describe_table(&self, table: &str) -> Result<Option<TableDescription>, Failure> {
        self.0.describe_table(table).await.map_err(silent)
    }

    async fn create_table(&self, definition: TableDefinition) -> Result<(), Failure> {
        self.0.create_table(definition).await.map_err(silent)
    }
}
