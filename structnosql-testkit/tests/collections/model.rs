//! What the tests of collections stand on.

use structnosql_core::index::IndexKey;
use structnosql_core::{BasicTable, CachingTable, Collection, Page, TableDataModel};
use structnosql_derive::{Collection, MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "CUSTOMER#{id}", crate = "structnosql_core")]
pub(crate) struct CustomerKey {
    pub(crate) id: String,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "PROFILE", crate = "structnosql_core")]
pub(crate) struct ProfileKey {}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "ORDER#{number:04}", crate = "structnosql_core")]
pub(crate) struct OrderKey {
    pub(crate) number: u32,
}

/// Its keys begin as those of orders, which are shorter.
#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "ORDER#{order:04}#LINE#{line:02}", crate = "structnosql_core")]
pub(crate) struct LineKey {
    pub(crate) order: u32,
    pub(crate) line: u8,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shop", crate = "structnosql_core")]
pub(crate) struct Customer {
    #[field(partition_key)]
    pub(crate) pk: CustomerKey,
    #[field(sort_key)]
    pub(crate) sk: ProfileKey,
    #[field(alias = "fullName")]
    pub(crate) name: String,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shop", crate = "structnosql_core")]
pub(crate) struct Order {
    #[field(partition_key)]
    pub(crate) pk: CustomerKey,
    #[field(sort_key)]
    pub(crate) sk: OrderKey,
    #[field(min = 0)]
    pub(crate) total: i32,
    #[field(version)]
    pub(crate) version: u64,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shop", crate = "structnosql_core")]
pub(crate) struct Line {
    #[field(partition_key)]
    pub(crate) pk: CustomerKey,
    #[field(sort_key)]
    pub(crate) sk: LineKey,
    pub(crate) article: String,
    pub(crate) notes: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Collection)]
#[collection(crate = "structnosql_core")]
pub(crate) enum Item {
    Customer(Customer),
    Order(Order),
    Line(Line),
}

/// All of one partition but its customer.
#[derive(Clone, Debug, PartialEq, Collection)]
#[collection(crate = "structnosql_core")]
pub(crate) enum OrderItem {
    Line(Line),
    Order(Order),
}

pub(crate) type Store = Counted<Reference>;
pub(crate) type Caching<M> = CachingTable<M, Store>;

pub(crate) fn key(id: &str) -> CustomerKey {
    CustomerKey { id: id.to_owned() }
}

pub(crate) fn customer(id: &str) -> Customer {
    Customer { pk: key(id), sk: ProfileKey {}, name: format!("name of {id}") }
}

pub(crate) fn order(number: u32) -> Order {
    Order { pk: key("ann"), sk: OrderKey { number }, total: 10 * number as i32, version: 1 }
}

pub(crate) fn line(order: u32, line: u8) -> Line {
    Line { pk: key("ann"), sk: LineKey { order, line }, article: format!("article {order}.{line}"), notes: None }
}

/// Ann with two orders, the first of two lines, and Bob without any.
pub(crate) async fn store() -> Store {
    let store = Counted::new(Reference::new());
    let customers = BasicTable::<Customer, _>::open(store.clone()).await.unwrap();
    let orders = BasicTable::<Order, _>::open(store.clone()).await.unwrap();
    let lines = BasicTable::<Line, _>::open(store.clone()).await.unwrap();
    customers.put_records(&[customer("ann"), customer("bob")]).await.unwrap();
    orders.put_records(&[Order { version: 0, ..order(1) }, Order { version: 0, ..order(2) }]).await.unwrap();
    lines.put_records(&[line(1, 1), line(1, 2)]).await.unwrap();
    store.reset();
    store
}

/// What Ann's partition holds, in the order of the sort keys.
pub(crate) fn of_ann() -> [Item; 5] {
    [
        Item::Order(order(1)),
        Item::Line(line(1, 1)),
        Item::Line(line(1, 2)),
        Item::Order(order(2)),
        Item::Customer(customer("ann")),
    ]
}

/// Ann's partition, by the key of whichever model.
pub(crate) fn ann() -> IndexKey<Customer, ProfileKey> {
    Customer::indexes().primary(key("ann"))
}

pub(crate) struct Tables {
    pub(crate) store: Store,
    pub(crate) customers: Caching<Customer>,
    pub(crate) orders: Caching<Order>,
    pub(crate) lines: Caching<Line>,
}

impl Tables {
    /// Caching tables that know nothing yet.
    pub(crate) async fn new() -> Tables {
        let store = store().await;
        let (customers, orders, lines) =
            (Caching::attach(store.clone()), Caching::attach(store.clone()), Caching::attach(store.clone()));
        Tables { store, customers, orders, lines }
    }

    pub(crate) fn items(&self) -> structnosql_core::CollectionTable<'_, Item, Store> {
        Item::over((&self.customers, &self.orders, &self.lines)).unwrap()
    }
}

pub(crate) fn values<T>(page: Page<T>) -> Vec<T> {
    page.records.into_iter().map(|(_, value)| value).collect()
}
