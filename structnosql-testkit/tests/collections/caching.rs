//! What caching tables know and have pending, and what a collection over them shows and teaches.

use structnosql_core::{BasicTable, Collection, ConditionExt, TableDataModel};

use crate::model::{
    Caching, Item, Line, LineKey, Order, OrderKey, ProfileKey, Tables, ann, customer, key, line, of_ann, order, store,
    values,
};

#[tokio::test]
async fn what_is_read_is_known_to_the_table_of_its_model() {
    let tables = Tables::new().await;
    tables.items().query_records(ann()).await.unwrap();
    tables.store.reset();
    assert_eq!(tables.customers.get_record((key("ann"), ProfileKey {})).await.unwrap(), Some(customer("ann")));
    assert_eq!(tables.orders.get_record((key("ann"), OrderKey { number: 2 })).await.unwrap(), Some(order(2)));
    let notes = tables.lines.get_field((key("ann"), LineKey { order: 1, line: 1 }), Line::fields().notes());
    assert_eq!(notes.await.unwrap(), None);
    assert_eq!(tables.store.requests(), 0);
    // And to no other: each knows what is its own.
    assert_eq!(tables.customers.cache_statistics().records, 1);
    assert_eq!(tables.orders.cache_statistics().records, 2);
    assert_eq!(tables.lines.cache_statistics().records, 2);
}

#[tokio::test]
async fn pending_changes_of_each_table_are_laid_over_its_records() {
    let tables = Tables::new().await;
    tables.orders.update_field((key("ann"), OrderKey { number: 1 }), Order::fields().total(), 99).await.unwrap();
    let of_line = (key("ann"), LineKey { order: 1, line: 2 });
    tables.lines.update_field(of_line, Line::fields().article(), "bolt").await.unwrap();
    let page = tables.items().query_records(ann()).await.unwrap();
    assert!(page.pending_mismatch.is_empty());
    let mut expected = of_ann();
    expected[0] = Item::Order(Order { total: 99, ..order(1) });
    expected[2] = Item::Line(Line { article: "bolt".to_owned(), ..line(1, 2) });
    assert_eq!(values(page), expected);

    // A filter is the database's: what no longer meets it is told.
    let expensive = tables.items().query_records(ann()).filter(Order::fields().total().lt(15));
    let page = expensive.await.unwrap();
    let told: Vec<String> = page.pending_mismatch.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["CUSTOMER#ann/ORDER#0001"]);

    tables.orders.commit_operations().await.unwrap();
    tables.lines.rollback();
    let page = tables.items().query_records(ann()).await.unwrap();
    assert_eq!(values(page)[2], Item::Line(line(1, 2)));
}

/// What a page shows of a record is what its next write is decided on.
#[tokio::test]
async fn a_version_that_a_page_has_shown_guards_the_next_commit() {
    let tables = Tables::new().await;
    tables.items().query_records(ann()).await.unwrap();
    let other = BasicTable::<Order, _>::attach(tables.store.clone());
    let of_first = (key("ann"), OrderKey { number: 1 });
    other.update_field((key("ann"), OrderKey { number: 1 }), Order::fields().total(), 11).await.unwrap();
    tables.store.reset();
    tables.orders.update_field(of_first, Order::fields().total(), 12).await.unwrap();
    let error = tables.orders.commit_operations().await.unwrap_err();
    assert!(error.to_string().contains("`version` is not as it was"), "{error}");
    assert_eq!(tables.store.requests(), 1);
    tables.orders.rollback();
}

#[tokio::test]
async fn basic_and_caching_tables_go_together() {
    let store = store().await;
    let customers = BasicTable::attach(store.clone());
    let (orders, lines) = (Caching::attach(store.clone()), BasicTable::attach(store.clone()));
    let items = Item::over((&customers, &orders, &lines)).unwrap();
    orders.update_field((key("ann"), OrderKey { number: 2 }), Order::fields().total(), 7).await.unwrap();
    let page = items.query_records(ann()).await.unwrap();
    assert_eq!(values(page)[3], Item::Order(Order { total: 7, ..order(2) }));
    orders.rollback();
}

#[tokio::test]
async fn a_session_of_each_table_makes_a_collection_of_its_own() {
    let tables = Tables::new().await;
    tables.orders.update_field((key("ann"), OrderKey { number: 1 }), Order::fields().total(), 99).await.unwrap();
    let (customers, orders, lines) = (tables.customers.session(), tables.orders.session(), tables.lines.session());
    let page = Item::over((&customers, &orders, &lines)).unwrap().query_records(ann()).await.unwrap();
    assert_eq!(values(page), of_ann());
    tables.orders.rollback();
}
