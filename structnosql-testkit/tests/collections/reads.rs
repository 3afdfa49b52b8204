//! What a collection's queries and scans bring, and by how many requests.

use futures_util::TryStreamExt;
use structnosql_core::index::{begins_with, between, equal};
use structnosql_core::{BasicTable, Collection, ConditionExt, Key, TableDataModel};

use crate::model::{
    Customer, Item, Line, LineKey, Order, OrderItem, OrderKey, Store, Tables, ann, customer, key, line, of_ann, order,
    store, values,
};

type Basic<M> = BasicTable<M, Store>;

#[tokio::test]
async fn one_query_brings_every_entity_of_a_partition() {
    let store = store().await;
    let (customers, orders, lines) =
        (Basic::attach(store.clone()), Basic::attach(store.clone()), Basic::attach(store.clone()));
    let items = Item::over((&customers, &orders, &lines)).unwrap();
    let page = items.query_records(ann()).await.unwrap();
    assert_eq!((page.records[1].0.to_string().as_str(), store.requests()), ("CUSTOMER#ann/ORDER#0001#LINE#01", 1));
    assert_eq!(values(page), of_ann());
    // By the key of another of its models it is the same.
    let page = items.query_records(Line::indexes().primary(key("ann"))).await.unwrap();
    assert_eq!(values(page), of_ann());
    let page = items.query_records(Order::indexes().primary(key("bob"))).await.unwrap();
    assert_eq!(values(page), [Item::Customer(customer("bob"))]);
    assert_eq!(store.queries(), 3);
}

#[tokio::test]
async fn a_query_asks_for_what_all_sort_keys_begin_with() {
    let tables = Tables::new().await;
    let items = OrderItem::over((&tables.lines, &tables.orders)).unwrap();
    let page = items.query_records(Order::indexes().primary(key("ann"))).await.unwrap();
    // The customer was not even looked at.
    assert_eq!((page.records.len(), page.scanned_count), (4, 4));
    assert_eq!(values(page)[0], OrderItem::Order(order(1)));
}

#[tokio::test]
async fn pages_cursors_and_directions_are_those_of_any_query() {
    let tables = Tables::new().await;
    let items = tables.items();
    let first = items.query_records(ann()).limit(2).await.unwrap();
    assert_eq!((first.count(), first.scanned_count), (2, 2));
    let text = first.next.unwrap().to_string();
    let rest = items.query_records(ann()).start_from(text.parse().unwrap()).await.unwrap();
    assert_eq!(values(rest), of_ann()[2..]);
    // A cursor is one of the table, whoever asked: a query by another model, or of one, takes it as well.
    let customers = tables.customers.query_records(ann()).sort(equal(crate::model::ProfileKey {}));
    assert!(
        customers.start_from(text.parse().unwrap()).await.unwrap_err().to_string().contains("outside of the condition")
    );

    let backwards: Vec<(Key, Item)> =
        items.query_records(ann()).descending().limit(2).items().try_collect().await.unwrap();
    let mut expected = of_ann();
    expected.reverse();
    assert_eq!(backwards.into_iter().map(|(_, item)| item).collect::<Vec<_>>(), expected);

    tables.store.reset();
    let counts: Vec<usize> =
        items.query_records(ann()).limit(3).pages().map_ok(|page| page.count()).try_collect().await.unwrap();
    assert_eq!((counts, tables.store.queries()), (vec![3, 2], 2));
    assert_eq!(items.query_records(ann()).count().await.unwrap(), 5);
}

#[tokio::test]
async fn conditions_on_the_sort_key_are_those_of_the_model_that_asks() {
    let tables = Tables::new().await;
    let items = tables.items();
    let orders = || items.query_records(Order::indexes().primary(key("ann")));
    let page = orders().sort(begins_with(OrderKey { number: 1 })).await.unwrap();
    assert_eq!(values(page), of_ann()[..3]);
    let page = orders().sort(equal(OrderKey { number: 1 })).await.unwrap();
    assert_eq!(values(page), of_ann()[..1]);
    let lines = items.query_records(Line::indexes().primary(key("ann")));
    let to = LineKey { order: 2, line: 9 };
    let page = lines.sort(between(LineKey { order: 1, line: 2 }, to)).await.unwrap();
    assert_eq!(values(page), of_ann()[2..4]);
}

#[tokio::test]
async fn filters_are_on_fields_of_any_of_the_models() {
    let tables = Tables::new().await;
    let items = tables.items();
    let page = items.query_records(ann()).filter(Order::fields().total().ge(20)).await.unwrap();
    assert_eq!((page.scanned_count, values(page)), (5, vec![Item::Order(order(2))]));
    let total = || Order::fields().total();
    let page = items.query_records(ann()).filter(total().ge(20).or(total().not_exists())).await.unwrap();
    assert_eq!(page.count(), 4);
    let named = Customer::fields().name().eq("name of ann");
    let both = items.query_records(ann()).filter(named).filter(Line::fields().article().not_exists());
    assert_eq!(values(both.await.unwrap()), [Item::Customer(customer("ann"))]);
}

#[tokio::test]
async fn a_scan_brings_every_entity_of_the_table() {
    let tables = Tables::new().await;
    let page = tables.items().scan_records().await.unwrap();
    assert_eq!(page.count(), 6);
    let all: Vec<(Key, Item)> = tables.items().scan_records().segments(3).items().try_collect().await.unwrap();
    let customers = all.iter().filter(|(_, item)| matches!(item, Item::Customer(_))).count();
    assert_eq!((all.len(), customers), (6, 2));
    let orders = tables.items().scan_records().filter(Order::fields().total().exists());
    assert_eq!(orders.await.unwrap().count(), 2);
}

/// What std's traits gather, a stream of a collection gathers.
#[tokio::test]
async fn a_stream_is_collected_into_a_struct() {
    #[derive(Debug, Default, PartialEq)]
    struct Account {
        customer: Option<Customer>,
        orders: Vec<Order>,
        lines: Vec<Line>,
    }

    impl Extend<(Key, Item)> for Account {
        fn extend<I: IntoIterator<Item = (Key, Item)>>(&mut self, items: I) {
            for (_, item) in items {
                match item {
                    Item::Customer(customer) => self.customer = Some(customer),
                    Item::Order(order) => self.orders.push(order),
                    Item::Line(line) => self.lines.push(line),
                }
            }
        }
    }

    let tables = Tables::new().await;
    let account: Account = tables.items().query_records(ann()).items().try_collect().await.unwrap();
    let (orders, lines) = (vec![order(1), order(2)], vec![line(1, 1), line(1, 2)]);
    assert_eq!(account, Account { customer: Some(customer("ann")), orders, lines });
}

#[tokio::test]
async fn it_may_be_read_in_tasks_that_are_spawned() {
    let tables = std::sync::Arc::new(Tables::new().await);
    let task = tokio::spawn(async move {
        let page = tables.items().query_records(ann()).limit(2).await?;
        let all: Vec<_> = tables.items().query_records(ann()).limit(2).items().try_collect().await?;
        Ok::<_, structnosql_core::Error>((page.count(), all.len()))
    });
    assert_eq!(task.await.unwrap().unwrap(), (2, 5));
}

#[tokio::test]
async fn tables_of_different_names_are_no_collection() {
    let store = store().await;
    let (customers, orders) = (Basic::attach(store.clone()), Basic::<Order>::attach_named("shop-2", store.clone()));
    let lines = Basic::attach(store.clone());
    let error = Item::over((&customers, &orders, &lines)).unwrap_err();
    let text = "wrong query: the entities of a collection are in one table, and these are in `shop` and `shop-2`";
    assert_eq!((error.to_string().as_str(), store.requests()), (text, 0));
}
