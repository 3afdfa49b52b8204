//! Several entities in one table, told apart by the templates of their keys.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step fails the test")]

use structnosql_core::index::{begins_with, between, equal, greater_or_equal, text};
use structnosql_core::{BasicTable, CachingTable, ConditionExt, Map, StructModel, TableDataModel, Value};
use structnosql_derive::{MapModel, TableDataModel};
use structnosql_testkit::{Counted, Reference};

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "CUSTOMER#{id}", crate = "structnosql_core")]
struct CustomerKey {
    id: String,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "PROFILE", crate = "structnosql_core")]
struct ProfileKey {}

#[derive(Clone, Copy, Debug, PartialEq, MapModel)]
#[map(rename_all = "lowercase", crate = "structnosql_core")]
enum Shop {
    Paris,
    Lyon,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "ORDER#{shop}#{number:06}", crate = "structnosql_core")]
struct OrderKey {
    number: u32,
    shop: Shop,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shop", crate = "structnosql_core")]
struct Customer {
    #[field(partition_key)]
    pk: CustomerKey,
    #[field(sort_key)]
    sk: ProfileKey,
    name: String,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shop", crate = "structnosql_core")]
struct Order {
    #[field(partition_key)]
    pk: CustomerKey,
    #[field(sort_key)]
    sk: OrderKey,
    total: u32,
}

#[derive(Clone, Debug, Default, PartialEq, MapModel)]
#[map(key = "order", crate = "structnosql_core")]
struct OrderType {}

/// An order with an attribute that says so.
#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shop", crate = "structnosql_core")]
struct NamedOrder {
    #[field(partition_key)]
    pk: CustomerKey,
    #[field(sort_key)]
    sk: OrderKey,
    #[field(rename = "type", read_only, default)]
    entity: OrderType,
    total: u32,
}

type Store = Counted<Reference>;

fn customer(id: &str) -> CustomerKey {
    CustomerKey { id: id.to_owned() }
}

fn order(number: u32) -> Order {
    let shop = if number.is_multiple_of(2) { Shop::Paris } else { Shop::Lyon };
    Order { pk: customer("ann"), sk: OrderKey { number, shop }, total: number }
}

/// One customer with three orders, and another without any.
async fn store() -> Store {
    let store = Counted::new(Reference::new());
    let customers = BasicTable::<Customer, _>::open(store.clone()).await.unwrap();
    let orders = BasicTable::<Order, _>::open(store.clone()).await.unwrap();
    for id in ["ann", "bob"] {
        let record = Customer { pk: customer(id), sk: ProfileKey {}, name: id.to_owned() };
        customers.put_record(&record).await.unwrap();
    }
    orders.put_records(&[order(1), order(2), order(40)]).await.unwrap();
    store.reset();
    store
}

#[tokio::test]
async fn a_template_without_values_is_a_constant() {
    let store = store().await;
    let orders = BasicTable::<NamedOrder, _>::attach(store.clone());
    let Order { pk, sk, total } = order(7);
    let named = NamedOrder { pk, sk, entity: OrderType {}, total };
    let key = named.key().unwrap();
    orders.put_record(&named).await.unwrap();
    let stored = orders.get_record(&key).skip_validation().await.unwrap().unwrap();
    assert_eq!(stored.as_map().unwrap().get("type"), Some(&Value::from("order")));
    assert_eq!(orders.get_record(&key).await.unwrap(), Some(named));

    let named = NamedOrder::fields().entity().eq(OrderType {});
    let page = orders.scan_records().filter(named).await.unwrap();
    assert_eq!((page.count(), page.scanned_count), (1, 6));
    // An order from before the attribute was there reads as one all the same; another text does not fit.
    let Order { pk, sk, .. } = order(1);
    assert_eq!(orders.get_record((pk, sk)).await.unwrap().unwrap().entity, OrderType {});
    let mut item = stored.as_map().unwrap().clone();
    item.insert("type", Value::from("invoice"));
    store.inner().put_item("shop", item).unwrap();
    let error = orders.get_record(&key).await.unwrap_err();
    assert!(error.is_stored_value() && error.to_string().contains("`type`: expected a key `order`"), "{error}");
}

#[tokio::test]
async fn keys_are_stored_by_their_templates() {
    let store = store().await;
    let key: Map =
        [("pk", Value::from("CUSTOMER#ann")), ("sk", Value::from("ORDER#paris#000040"))].into_iter().collect();
    let item = store.inner().item("shop", &key).unwrap();
    assert_eq!(Order::decode_fields(&item).unwrap(), order(40));
}

#[tokio::test]
async fn each_entity_is_a_view_of_the_table() {
    let store = store().await;
    let customers = CachingTable::<Customer, _>::open(store.clone()).await.unwrap();
    let orders = CachingTable::<Order, _>::open(store.clone()).await.unwrap();
    let (ann, o) = (customer("ann"), Order::fields);
    assert_eq!(customers.get_record((&ann, ProfileKey {})).await.unwrap().unwrap().name, "ann");
    orders.update_field((&ann, &order(2).sk), o().total(), 7).await.unwrap();
    orders.commit_operations().await.unwrap();
    assert_eq!(orders.get_field((&ann, &order(2).sk), o().total()).await.unwrap(), Some(7));

    // A query brings the entity that is asked for: the template's beginning is the condition on the sort key.
    let mine = orders.query_records(Order::indexes().primary(&ann)).await.unwrap();
    assert_eq!((mine.records.len(), mine.scanned_count), (3, 3));
    assert!(mine.records.iter().all(|(_, order)| order.pk == ann));
    let profile = customers.query_records(Customer::indexes().primary(&ann)).await.unwrap();
    assert_eq!((profile.records.len(), profile.scanned_count), (1, 1));
    assert_eq!(orders.query_records(Order::indexes().primary(customer("bob"))).await.unwrap().records.len(), 0);
}

#[tokio::test]
async fn padded_numbers_are_in_their_order() {
    let store = store().await;
    let orders = BasicTable::<Order, _>::open(store.clone()).await.unwrap();
    let ann = || Order::indexes().primary(customer("ann"));
    let key = |number| OrderKey { number, shop: Shop::Paris };
    let numbers = async |index| {
        let page = orders.query_records(index).await.unwrap();
        page.records.into_iter().map(|(_, order)| order.sk.number).collect::<Vec<_>>()
    };
    assert_eq!(numbers(ann().sort(between(key(0), key(9)))).await, [2]);
    assert_eq!(numbers(ann().sort(between(key(2), key(40)))).await, [2, 40]);
    assert_eq!(numbers(ann().sort(equal(key(40)))).await, [40]);
    assert_eq!(numbers(ann().sort(begins_with(key(40)))).await, [40]);
}

#[tokio::test]
async fn a_range_may_be_told_by_the_text_of_a_key() {
    let store = store().await;
    let orders = BasicTable::<Order, _>::open(store.clone()).await.unwrap();
    store.reset();
    let numbers = async |range| {
        let page = orders.query_records(Order::indexes().primary(customer("ann")).sort(range)).await?;
        Ok::<_, structnosql_core::Error>(page.records.into_iter().map(|(_, order)| order.sk.number).collect::<Vec<_>>())
    };
    assert_eq!(numbers(text::begins_with("ORDER#paris")).await.unwrap(), [2, 40]);
    assert_eq!(numbers(text::begins_with("ORDER#paris#00000")).await.unwrap(), [2]);
    assert_eq!(numbers(text::between("ORDER#lyon", "ORDER#paris#000009")).await.unwrap(), [1, 2]);
    assert_eq!(numbers(text::less("ORDER#p")).await.unwrap(), [1]);
    assert_eq!(store.requests(), 4);
    // What no key of the template begins with, before any request.
    for wrong in ["ORDERS", "PROFILE", "ORDER#paris#x", "ORDER#paris#0000021", "ORDER##"] {
        let error = numbers(text::begins_with(wrong)).await.unwrap_err().to_string();
        assert!(error.contains("`sk`: expected the beginning of a key `ORDER#{shop}#{number:06}`"), "{wrong}: {error}");
    }
    // Beyond the template there are other entities.
    assert!(numbers(text::greater_or_equal("ORDER#q")).await.unwrap_err().is_stored_value());
    assert_eq!(store.requests(), 5);
}

#[tokio::test]
async fn another_entity_where_one_is_read_is_told() {
    let store = store().await;
    let orders = BasicTable::<Order, _>::open(store.clone()).await.unwrap();
    let key = OrderKey { number: 1, shop: Shop::Paris };
    let error =
        orders.query_records(Order::indexes().primary(customer("ann")).sort(greater_or_equal(key))).await.unwrap_err();
    assert!(error.is_stored_value());
    let text = error.to_string();
    assert!(text.contains("`sk`: expected a key `ORDER#{shop}#{number:06}`, found another text"), "{text}");
    let whole = orders.scan_records().lenient().await.unwrap();
    let fitting = whole.records.iter().filter(|(_, order)| order.value.is_some()).count();
    assert_eq!((fitting, whole.records.len()), (3, 5));
}

#[tokio::test]
async fn values_that_cannot_be_told_apart_are_refused_before_a_request() {
    #[derive(Clone, Debug, PartialEq, MapModel)]
    #[map(key = "{team}#{member}", crate = "structnosql_core")]
    struct MemberKey {
        team: String,
        member: String,
    }

    #[derive(Clone, Debug, PartialEq, TableDataModel)]
    #[table(name = "members", crate = "structnosql_core")]
    struct Member {
        #[field(partition_key)]
        pk: MemberKey,
        name: Option<String>,
    }

    let store = Counted::new(Reference::new());
    let members = BasicTable::<Member, _>::open(store.clone()).await.unwrap();
    store.reset();
    let key = |team: &str, member: &str| MemberKey { team: team.to_owned(), member: member.to_owned() };
    for wrong in [key("a#b", "c"), key("", "c"), key("a", "")] {
        let error = members.get_record(&wrong).await.unwrap_err();
        assert!(error.to_string().contains("told apart in the key `{team}#{member}`"), "{error}");
        assert!(members.put_record(&Member { pk: wrong, name: None }).await.unwrap_err().is_invalid_value());
    }
    assert_eq!(store.requests(), 0);
    // The last one may hold what stands between them.
    let record = Member { pk: key("a", "b#c"), name: None };
    members.put_record(&record).await.unwrap();
    assert_eq!(members.get_record(key("a", "b#c")).await.unwrap(), Some(record));

    let orders = BasicTable::<Order, _>::open(store.clone()).await.unwrap();
    store.reset();
    for (number, fits) in [(999_999, true), (1_000_000, false)] {
        let read = orders.get_record((customer("ann"), OrderKey { number, shop: Shop::Lyon })).await;
        assert_eq!(read.is_ok(), fits, "{number}");
    }
    assert_eq!(store.requests(), 1);
}

#[tokio::test]
async fn values_in_keys_keep_their_rules() {
    #[derive(Clone, Debug, PartialEq, MapModel)]
    #[map(crate = "structnosql_core")]
    struct Email(#[field(length = 3..=20, pattern = "@")] String);

    #[derive(Clone, Debug, PartialEq, MapModel)]
    #[map(crate = "structnosql_core")]
    struct Year(#[field(min = 2_000)] u32);

    #[derive(Clone, Debug, PartialEq, MapModel)]
    #[map(key = "{year:04}#{email}", crate = "structnosql_core")]
    struct GuestKey {
        email: Email,
        year: Year,
    }

    #[derive(Clone, Debug, PartialEq, TableDataModel)]
    #[table(name = "guests", crate = "structnosql_core")]
    struct Guest {
        #[field(partition_key)]
        key: GuestKey,
        name: Option<String>,
    }

    let store = Counted::new(Reference::new());
    let guests = CachingTable::<Guest, _>::open(store.clone()).await.unwrap();
    store.reset();
    let key = |year, email: &str| GuestKey { email: Email(email.to_owned()), year: Year(year) };
    let told = |error: structnosql_core::Error| error.to_string();
    let wrong = Guest { key: key(2026, "nobody"), name: None };
    let text = told(guests.put_record(&wrong).await.unwrap_err());
    assert_eq!(
        text,
        "cannot store `key`: expected a text that matches `@` in the key `{year:04}#{email}`, found another text"
    );
    let error = guests.update_field(key(1999, "a@b"), Guest::fields().name(), "Ann").await.unwrap_err();
    assert!(told(error).contains("`key`: expected a number of at least 2000 in the key"));
    assert_eq!(store.requests(), 0);

    guests.put_record(&Guest { key: key(2026, "a@b"), name: None }).await.unwrap();
    store.inner().put_item("guests", [("key", Value::from("1999#a@b"))].into_iter().collect()).unwrap();
    let page = guests.scan_records().lenient().await.unwrap();
    let fitting = page.records.iter().filter(|(_, guest)| guest.is_whole()).count();
    assert_eq!((fitting, page.records.len()), (1, 2));
}

#[tokio::test]
async fn templates_are_keys_of_indexes_too() {
    #[derive(Clone, Debug, PartialEq, TableDataModel)]
    #[table(name = "parcels", crate = "structnosql_core")]
    struct Parcel {
        #[field(partition_key)]
        id: String,
        #[field(index(name = "by-customer"))]
        customer: Option<CustomerKey>,
        #[field(index(name = "by-customer", sort))]
        order: Option<OrderKey>,
    }

    let store = Counted::new(Reference::new());
    let parcels = BasicTable::<Parcel, _>::open(store.clone()).await.unwrap();
    let parcel =
        |id: &str, order: Option<OrderKey>| Parcel { id: id.to_owned(), customer: Some(customer("ann")), order };
    parcels.put_records(&[parcel("p1", Some(order(2).sk)), parcel("p2", None)]).await.unwrap();
    let item = [("id", "p3".into()), ("customer", "CUSTOMER#ann".into()), ("order", "RETURN#1".into())];
    store.inner().put_item("parcels", item.into_iter().collect()).unwrap();
    let page = parcels.query_records(Parcel::indexes().by_customer(customer("ann"))).await.unwrap();
    assert_eq!(page.records.into_iter().map(|(_, parcel)| parcel.id).collect::<Vec<_>>(), ["p1"]);
    parcels.update_field("p2", Parcel::fields().order(), order(40).sk).await.unwrap();
    let page = parcels.query_records(Parcel::indexes().by_customer(customer("ann"))).await.unwrap();
    assert_eq!(page.records.len(), 2);
}
