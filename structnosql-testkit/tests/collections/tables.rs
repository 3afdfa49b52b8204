//! The table of a collection, with what all of its models ask of it.

use std::time::Duration;

use structnosql_core::{BasicTable, Billing, Collection, TableDataModel};
use structnosql_derive::{Collection, MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

use crate::model::{Store, values};

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "PROFILE", crate = "structnosql_core")]
struct ProfileKey {}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "VISIT#{number:04}", crate = "structnosql_core")]
struct VisitKey {
    number: u32,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "guests", crate = "structnosql_core")]
struct Guest {
    #[field(partition_key)]
    id: String,
    #[field(sort_key)]
    sort: ProfileKey,
    #[field(index(name = "by-group"))]
    group: Option<String>,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "guests", crate = "structnosql_core")]
struct Visit {
    #[field(partition_key)]
    id: String,
    #[field(sort_key)]
    sort: VisitKey,
    #[field(index(name = "by-group"))]
    group: Option<String>,
    #[field(index(name = "by-day"), index(name = "by-day-of-guest", local))]
    day: String,
    #[field(ttl)]
    until: Option<u64>,
}

/// Its index of a name that guests have, too, is another one.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "guests", crate = "structnosql_core")]
struct Bill {
    #[field(partition_key)]
    id: String,
    #[field(sort_key)]
    sort: BillKey,
    #[field(index(name = "by-group"))]
    cents: u64,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "BILL", crate = "structnosql_core")]
struct BillKey {}

#[derive(Clone, Debug, PartialEq, Collection)]
#[collection(crate = "structnosql_core")]
enum Item {
    Guest(Guest),
    Visit(Visit),
}

#[derive(Clone, Debug, PartialEq, Collection)]
#[collection(crate = "structnosql_core")]
enum Bills {
    Guest(Guest),
    Bill(Bill),
}

fn attached<M: TableDataModel>(store: &Store) -> BasicTable<M, Store> {
    BasicTable::attach(store.clone())
}

#[tokio::test]
async fn it_is_created_with_the_indexes_of_all_models() {
    let store = Counted::new(Reference::new());
    let (guests, visits) = (attached::<Guest>(&store), attached::<Visit>(&store));
    let items = Item::over((&guests, &visits)).unwrap();
    items.create_table(Billing::Provisioned { read_units: 3, write_units: 2 }).await.unwrap();

    let described = guests.describe_table().await.unwrap().unwrap().definition;
    let names: Vec<&str> = described.indexes.iter().map(|index| index.name.as_str()).collect();
    assert_eq!(names, ["by-group", "by-day", "by-day-of-guest"]);
    assert_eq!(described.billing, Billing::Provisioned { read_units: 3, write_units: 2 });
    // Each model finds what it asks for; what the other one has is in nobody's way.
    assert!(guests.check().await.unwrap().iter().all(|difference| difference.is_harmless()));
    assert!(visits.check().await.unwrap().is_empty());
    BasicTable::<Guest, _>::open(store.clone()).await.unwrap();
    let added = BasicTable::<Visit, _>::attach(store.clone()).add_missing_indexes(Duration::ZERO).await.unwrap();
    assert!(added.is_empty());

    let group = Some("staff".to_owned());
    let guest = Guest { id: "ann".to_owned(), sort: ProfileKey {}, group: group.clone() };
    let visit =
        Visit { id: "ann".to_owned(), sort: VisitKey { number: 1 }, group, day: "2026-11-21".to_owned(), until: None };
    guests.put_record(&guest).await.unwrap();
    visits.put_record(&visit).await.unwrap();
    let page = items.query_records(Guest::indexes().by_group("staff")).await.unwrap();
    assert_eq!(values(page), [Item::Guest(guest), Item::Visit(visit.clone())]);
    let page = items.query_records(Visit::indexes().by_day("2026-11-21")).await.unwrap();
    assert_eq!(values(page), [Item::Visit(visit.clone())]);
    // Of the second model, whose index the first one does not know.
    assert_eq!(values(items.scan_records().index("by-day").await.unwrap()), [Item::Visit(visit)]);
    let error = items.scan_records().index("by-night").await.unwrap_err();
    assert_eq!(error.to_string(), "wrong query: there is no index `by-night`: the model has `by-group`");

    assert!(items.create_table(Billing::OnDemand).await.is_err());
}

#[tokio::test]
async fn models_that_want_other_indexes_under_one_name_have_no_table() {
    let store = Counted::new(Reference::new());
    let (guests, bills) = (attached::<Guest>(&store), attached::<Bill>(&store));
    let error = Bills::over((&guests, &bills)).unwrap().create_table(Billing::OnDemand).await.unwrap_err();
    assert!(error.to_string().starts_with("table `guests` does not match the model: index `by-group` is a"), "{error}");
    assert_eq!(store.requests(), 0);
}
