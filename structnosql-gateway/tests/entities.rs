//! Several entities in one table behind a service: a model for each.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use structnosql_core::{
    Action, Backend, BasicTable, CachingTable, Collection, ConditionExt, DocumentPath, FailureClass, Map, PutRequest,
    TableDataModel, UpdateAction, UpdateRequest, Value,
};
use structnosql_derive::{Collection, MapModel, TableDataModel};
use structnosql_external::{External, Original, Retries};
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, PartitionRule, Paths, Schema, Server, Verb};
use structnosql_testkit::Reference;

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "CUSTOMER#{id}", crate = "structnosql_core")]
struct CustomerKey {
    id: String,
}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "PROFILE", crate = "structnosql_core")]
struct ProfileKey {}

#[derive(Clone, Debug, PartialEq, MapModel)]
#[map(key = "ORDER#{number:06}", crate = "structnosql_core")]
struct OrderKey {
    number: u32,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shop", crate = "structnosql_core")]
struct Customer {
    #[field(partition_key)]
    pk: CustomerKey,
    #[field(sort_key)]
    sk: ProfileKey,
    name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "shop", crate = "structnosql_core")]
struct Order {
    #[field(partition_key)]
    pk: CustomerKey,
    #[field(sort_key)]
    sk: OrderKey,
    #[field(max = 100)]
    total: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Collection)]
#[collection(crate = "structnosql_core")]
enum Item {
    Customer(Customer),
    Order(Order),
}

fn customer(id: &str) -> CustomerKey {
    CustomerKey { id: id.to_owned() }
}

/// Clients of a service over the database: one that may do everything, and one that may read the totals of ann's.
async fn serve(database: Reference) -> (External, External, String) {
    BasicTable::<Customer, _>::open(database.clone()).await.unwrap();
    let schemas = [Schema::of::<Customer>(), Schema::of::<Order>()];
    let schemas = schemas.map(|schema| Schema::from_json(&schema.to_json()).unwrap());
    let some = Grant::on("shop")
        .verbs([Verb::Get, Verb::Query])
        .partition(PartitionRule::Equals("CUSTOMER#ann".to_owned()))
        .read(Paths::only([vec!["total".into()]]));
    let builder = schemas.into_iter().fold(Gateway::builder(database), |builder, schema| builder.table(schema));
    let builder = builder.key(ApiKey::new("all", KeyHash::of("all")).grant(Grant::everything("shop")));
    let gateway = builder.key(ApiKey::new("some", KeyHash::of("some")).grant(some)).build();
    let server = Server::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", server.local_addr().unwrap());
    tokio::spawn(server.serve(gateway, std::future::pending()));
    let client = |key| External::at(&address).unwrap().with_key(key).unwrap().with_retries(Retries::NONE);
    (client("all"), client("some"), address.clone())
}

#[tokio::test]
async fn each_entity_is_read_and_written() {
    let database = Reference::new();
    let (all, some, _) = serve(database).await;
    let customers = CachingTable::<Customer, _>::attach(all.clone());
    let orders = CachingTable::<Order, _>::attach(all);
    let order = |number| Order { pk: customer("ann"), sk: OrderKey { number }, total: Some(number) };
    let ann = Customer { pk: customer("ann"), sk: ProfileKey {}, name: Some("Ann".to_owned()) };
    customers.transact((customers.put_record(&ann), orders.put_record(&order(1)))).await.unwrap();
    orders.put_records(&[order(2), order(3)]).await.unwrap();
    orders.update_field((customer("ann"), OrderKey { number: 4 }), Order::fields().total(), 4).await.unwrap();
    orders.commit_operations().await.unwrap();
    let items = Item::over((&customers, &orders)).unwrap();
    let page = items.query_records(Customer::indexes().primary(customer("ann"))).await.unwrap();
    assert_eq!(page.records.len(), 5);
    let page = items
        .query_records(Customer::indexes().primary(customer("ann")))
        .filter(Order::fields().total().exists())
        .await
        .unwrap();
    assert_eq!(page.records.len(), 4);

    let totals = BasicTable::<Order, _>::attach(some);
    let f = Order::fields;
    let page = totals.query_field(Order::indexes().primary(customer("ann")), f().total()).await.unwrap();
    assert_eq!(page.records.len(), 4);
    for refused in [
        totals.query_records(Order::indexes().primary(customer("ann"))).await.err(),
        totals.query_field(Order::indexes().primary(customer("bob")), f().total()).await.err(),
    ] {
        assert_eq!(refused.unwrap().failure().unwrap().class(), FailureClass::AccessDenied);
    }
}

/// What a client sends that has no model, or mixes them up.
#[tokio::test]
async fn what_fits_none_of_the_models_is_refused() {
    let database = Reference::new();
    let (all, _, address) = serve(database.clone()).await;
    let key = |sk: &str| [("pk", Value::from("CUSTOMER#ann")), ("sk", Value::from(sk))].into_iter().collect::<Map>();
    let put = async |pk: &str, sk: &str, name: &str, value: Value| {
        let mut item = key(sk);
        item.insert("pk", Value::from(pk));
        item.insert(name, value);
        all.put(PutRequest { table: "shop".into(), item, condition: None, return_old: false }).await.map(drop)
    };
    let set = async |sk: &str, name: &str, value: Value| {
        let actions = vec![UpdateAction::new(DocumentPath::from(name), Action::Set(value))];
        let request = UpdateRequest { table: "shop".into(), key: key(sk), actions, condition: None, return_old: false };
        all.update(request).await.map(drop)
    };
    let refused = [
        (put("CUSTOMER#ann", "PROFILE", "total", 5.into()).await, "`total`"),
        (put("CUSTOMER#ann", "ORDER#000001", "name", "Ann".into()).await, "`name`"),
        (put("CUSTOMER#ann", "ORDER#1", "total", 5.into()).await, "`sk`"),
        (put("CUSTOMER#ann", "ORDER#000001\n", "total", 5.into()).await, "`sk`"),
        (put("ADMIN", "PROFILE", "name", "Ann".into()).await, "`pk`"),
        (put("CUSTOMER#", "PROFILE", "name", "Ann".into()).await, "`pk`"),
        (set("PROFILE", "total", 5.into()).await, "`total`"),
        (set("ORDER#000001", "total", 101.into()).await, "at most 100"),
        (set("INVOICE#1", "total", 5.into()).await, "`sk`"),
    ];
    for (at, (written, says)) in refused.into_iter().enumerate() {
        let failure = written.err().unwrap_or_else(|| panic!("{at}: {says}"));
        assert_eq!(failure.class(), FailureClass::Invalid, "{at}: {failure}");
        assert!(failure.message().contains(says), "{at}: {failure}");
    }
    assert_eq!(database.items("shop"), []);
    set("ORDER#000001", "total", 100.into()).await.unwrap();
    put("CUSTOMER#a#b", "PROFILE", "name", "Ann".into()).await.unwrap();

    let original = Original::new().unwrap().with_table("shop", &format!("{address}/tables/shop")).unwrap();
    let request = structnosql_core::GetRequest {
        table: "shop".into(),
        key: [("pk", Value::from("x"))].into_iter().collect(),
        projection: Vec::new(),
        consistent: true,
    };
    let refused = original.with_key("all").get(request).await.unwrap_err();
    assert_eq!(refused.class(), FailureClass::Invalid, "{refused}");
    assert!(refused.message().contains("several models"), "{refused}");
}
