//! Commit modes, versions, aliases, batches and transactions on the original's wire: each works, or is refused before
//! anything is sent.

use structnosql_core::{BasicTable, CachingTable, Error, ErrorKind, FailureClass, Outcome, TableDataModel};
use structnosql_derive::TableDataModel;
use structnosql_external::{Original, Retries};
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema};
use structnosql_testkit::{Counted, Reference};

use crate::commits::{Account, account};
use crate::server::{KEY, Service, serve};

/// What has an earlier name, and no version.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "things", crate = "structnosql_core")]
struct Thing {
    #[field(partition_key)]
    id: String,
    #[field(alias = "name")]
    label: Option<String>,
    count: Option<u32>,
}

async fn service() -> Service {
    let database = Counted::new(Reference::new());
    let accounts = BasicTable::<Account, _>::open(database.clone()).await.unwrap();
    accounts.create_record(&account(0)).await.unwrap();
    accounts.create_record(&account(1)).await.unwrap();
    BasicTable::<Thing, _>::open(database.clone()).await.unwrap();
    let item = [("id", "t".into()), ("name", "stored".into())];
    database.inner().put_item("things", item.into_iter().collect()).unwrap();
    database.reset();
    let all = ApiKey::new("all", KeyHash::of(KEY)).grant(Grant::everything("*"));
    let builder = Gateway::builder(database.clone()).table(Schema::of::<Account>()).table(Schema::of::<Thing>());
    let gateway = builder.key(all).build();
    let address = serve(gateway.clone()).await;
    Service { database, gateway, address }
}

fn original(service: &Service) -> Original {
    let address = |table: &str| format!("{}/tables/{table}", service.address);
    let original = Original::new().unwrap().with_key(KEY).with_retries(Retries::NONE);
    let original = original.with_table("accounts", &address("accounts")).unwrap();
    original.with_table("things", &address("things")).unwrap()
}

fn is_refused(error: &Error) {
    let failure = error.failure().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(failure.class(), FailureClass::Unsupported, "{error}");
}

fn is_rejected(error: &Error) {
    let ErrorKind::Commit(report) = error.kind() else { panic!("{error}") };
    let Outcome::Rejected(error) = &report.records[0].outcome else { panic!("{report}") };
    is_refused(error);
}

#[tokio::test]
async fn modes_batches_and_transactions_are_refused_before_anything_is_sent() {
    let service = service().await;
    let things = CachingTable::<Thing, _>::attach(original(&service));
    let f = Thing::fields;
    things.update_field("t1", f().count(), 1).await.unwrap();
    for refused in [
        things.commit_operations().atomic().await.err(),
        things.commit_operations().batched().await.err(),
        things.commit_operations().exactly_once().await.err(),
        things.get_records(["t1", "t2"]).await.err(),
        things.put_records(&[Thing { id: "t1".to_owned(), label: None, count: None }]).await.err(),
        things.delete_records(["t1"]).await.err(),
        things.prefetch(["t1"]).await.err(),
        things.scan_records().await.err(),
        things.transact([things.delete_record("t2")]).await.err(),
        things.transact_get(things.get_record("t2")).await.err(),
    ] {
        is_refused(&refused.unwrap());
    }
    assert!(things.commit_operations().atomic().plan().refusal.is_some());
    assert!(things.has_pending_operations());
    assert_eq!(service.answered("original").await, 0);
    assert_eq!(things.commit_operations().await.unwrap().requests(), 1);
}

/// A version is a condition, and so is what was read.
#[tokio::test]
async fn versions_are_refused_before_anything_is_sent() {
    let service = service().await;
    let accounts = BasicTable::<Account, _>::attach(original(&service));
    let unit = CachingTable::<Account, _>::attach(original(&service));
    let f = Account::fields;
    assert_eq!(accounts.get_record("a000").await.unwrap().unwrap().version, 1);
    service.database.reset();
    for refused in [
        accounts.update_field("a000", f().owner(), "bob").await.unwrap_err(),
        accounts.update_field("a000", f().owner(), "bob").unchecked().await.unwrap_err(),
        accounts.put_record(&account(0)).await.unwrap_err(),
        accounts.put_record(&account(0)).unchecked().await.unwrap_err(),
        accounts.delete_record("a000").await.unwrap_err(),
    ] {
        is_refused(&refused);
    }
    unit.update_field("a000", f().owner(), "bob").await.unwrap();
    is_rejected(&unit.commit_operations().await.unwrap_err());
    is_rejected(&unit.commit_operations().unchecked().await.unwrap_err());
    is_refused(unit.plan_commit().records[0].updates.as_ref().unwrap_err());
    assert_eq!(service.database.log(), []);
    let things = CachingTable::<Thing, _>::attach(original(&service));
    things.get_record("t").await.unwrap();
    things.update_field("t", Thing::fields().count(), 1).await.unwrap();
    is_rejected(&things.commit_operations().check_unchanged().await.unwrap_err());
    assert!(things.has_pending_operations() && unit.has_pending_operations());
    assert_eq!(service.database.requests(), 1, "the read of the record that was to be unchanged");
}

#[tokio::test]
async fn fields_are_read_under_earlier_names_and_leave_none_behind() {
    let service = service().await;
    let things = BasicTable::<Thing, _>::attach(original(&service));
    let f = Thing::fields;
    let stored = || {
        let key = [("id", "t".into())].into_iter().collect();
        let item = service.database.inner().item("things", &key).unwrap();
        (item.get("label").cloned(), item.get("name").cloned())
    };
    assert_eq!(things.get_field("t", f().label()).await.unwrap().as_deref(), Some("stored"));
    things.update_field("t", f().label(), "moved").await.unwrap();
    assert_eq!(things.get_field("t", f().label()).await.unwrap().as_deref(), Some("moved"));
    things.delete_field("t", f().label()).await.unwrap();
    assert_eq!(things.get_field("t", f().label()).await.unwrap(), None, "{:?}", stored());
    assert_eq!(stored(), (None, None));
}
