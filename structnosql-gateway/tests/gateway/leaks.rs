//! What a client could find out without being granted it: through indexes, batches, transactions, cursors and what is
//! returned.

use serde_json::{Value as Json, json};
use structnosql_core::BasicTable;
use structnosql_derive::TableDataModel;
use structnosql_gateway::{ApiKey, Grant, KeyHash, PartitionRule, Paths, Schema, Verb};

use crate::server::{KEY, Service, stored, user};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "orders", crate = "structnosql_core")]
struct Order {
    #[field(partition_key)]
    customer: String,
    #[field(sort_key, index(name = "by-number"))]
    number: u32,
    #[field(index(name = "by-price", local))]
    price: Option<u32>,
    state: Option<String>,
}

const CLIENT: &str = "may read and change states of ann's orders, and change visits of x";

/// A service with the table `orders` beside the users.
async fn service() -> Service {
    let orders = Grant::on("orders")
        .verbs([Verb::Get, Verb::Query, Verb::Scan, Verb::Update])
        .partition(PartitionRule::Equals("ann".to_owned()))
        .read(Paths::only([vec!["state".into()]]))
        .write(Paths::only([vec!["state".into()]]));
    let users = Grant::on("users")
        .verbs([Verb::Get, Verb::Update])
        .partition(PartitionRule::Prefix("x".to_owned()))
        .read(Paths::only([vec!["name".into()]]))
        .write(Paths::only([vec!["visits".into()]]));
    let all = ApiKey::new("all", KeyHash::of(KEY)).grant(Grant::everything("*"));
    let client = ApiKey::new("client", KeyHash::of(CLIENT)).grant(orders).grant(users);
    let service = Service::with(|builder| builder.table(Schema::of::<Order>())).await;
    service.gateway.set_keys(vec![all, client]);
    let orders = BasicTable::<Order, _>::open(service.database.inner().clone()).await.unwrap();
    for (customer, number) in [("ann", 1), ("ann", 2), ("ann", 3), ("bob", 1)] {
        let state = Some("sh1pped".to_owned());
        orders.put_record(&Order { customer: customer.to_owned(), number, price: Some(number), state }).await.unwrap();
    }
    service
}

fn key(customer: &str, number: u32) -> Json {
    json!({"customer": {"S": customer}, "number": {"N": number.to_string()}})
}

fn set(table: &str, key: Json, path: &str, value: Json, condition: Json) -> Json {
    let actions = json!([{"path": [path], "action": {"set": value}}]);
    json!({"table": table, "key": key, "actions": actions, "condition": condition})
}

fn state(customer: &str) -> Json {
    set("orders", key(customer, 1), "state", json!({"S": "lost"}), Json::Null)
}

fn visits(condition: Json) -> Json {
    set("users", json!({"id": {"S": "x1"}}), "visits", json!({"N": "9"}), condition)
}

fn query(more: Json) -> Json {
    let mut query = json!({"table": "orders", "partition": ["customer", {"S": "ann"}], "projection": [["state"]]});
    query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([{"query": query}])
}

#[tokio::test]
async fn what_is_granted_works_in_every_shape() {
    let service = service().await;
    let compare = json!({"compare": [{"value": ["name"]}, "equal", {"S": "Robinson"}]});
    let range = json!({"sort": ["number", {"between": [{"N": "1"}, {"N": "2"}]}]});
    for operations in [
        query(range),
        query(json!({"countOnly": true, "filter": {"exists": ["state"]}})),
        json!([{"batchGet": {"table": "orders", "keys": [key("ann", 1), key("ann", 9)], "projection": [["state"]]}}]),
        json!([{"batchUpdate": {"updates": [state("ann"), visits(compare.clone())]}}]),
        json!([{"transactWrite": {"actions": [{"update": state("ann")}, {"update": visits(compare)}]}}]),
        json!([{"transactGet": {"gets": [{"table": "orders", "key": key("ann", 1), "projection": [["state"]]}]}}]),
    ] {
        let (status, answer) = service.post(CLIENT, operations.clone()).await;
        assert_eq!(status, 200, "{operations}: {answer}");
        assert!(!answer.to_string().contains("failed"), "{operations}: {answer}");
    }
    assert_eq!(stored(&service, "x1").await.unwrap().visits, Some(9));
}

/// Each is refused with 403, and nothing is sent to the database.
#[tokio::test]
async fn what_is_not_granted_is_refused_in_every_shape() {
    let service = service().await;
    service.database.reset();
    let hash = || json!({"compare": [{"value": ["secret", "hash"]}, "equal", {"S": "h4sh"}]});
    let x1 = || json!({"id": {"S": "x1"}});
    let transaction = |actions: &[Json]| json!([{"transactWrite": {"actions": actions, "token": "t"}}]);
    let beside = |action: Json| transaction(&[json!({"update": state("ann")}), action]);
    let batch = |updates: &[Json]| json!([{"batchUpdate": {"updates": updates}}]);
    let refused = [
        ("a local index by its order", query(json!({"index": "by-price"}))),
        (
            "a local index by a range",
            query(json!({"index": "by-price", "sort": ["price", {"less": {"N": "2"}}], "countOnly": true})),
        ),
        ("a local index, turned round", query(json!({"index": "by-price", "descending": true, "limit": 1}))),
        ("the sort key of an index as that of the table", query(json!({"sort": ["price", {"less": {"N": "2"}}]}))),
        (
            "a global index of what may be read",
            json!([{"query": {"table": "orders", "index": "by-number", "partition": ["number", {"N": "1"}],
                "projection": [["state"]]}}]),
        ),
        (
            "the partition of a global index, as if it were the table's",
            json!([{"query": {"table": "orders", "index": "by-number", "partition": ["state", {"S": "ann"}],
                "projection": [["state"]]}}]),
        ),
        ("another partition", query(json!({"partition": ["customer", {"S": "bob"}]}))),
        ("a partition of another type", query(json!({"partition": ["customer", {"B": "YW5u"}]}))),
        ("all of a partition", query(json!({"projection": []}))),
        ("a filter in a filter", query(json!({"filter": {"not": {"any": [{"exists": ["price"]}]}}}))),
        (
            "a scan from a partition on",
            json!([{"scan": {"table": "orders", "start": key("ann", 1), "projection": [["state"]], "limit": 1}}]),
        ),
        ("a scan of an index", json!([{"scan": {"table": "orders", "index": "by-price", "projection": [["state"]]}}])),
        ("a count of all", json!([{"scan": {"table": "orders", "countOnly": true}}])),
        (
            "one key of a batch",
            json!([{"batchGet": {"table": "orders", "keys": [key("ann", 1), key("bob", 1)],
                "projection": [["state"]]}}]),
        ),
        ("whole records of a batch", json!([{"batchGet": {"table": "orders", "keys": [key("ann", 1)]}}])),
        ("a deletion in a batch", json!([{"batchWrite": {"table": "orders", "writes": [{"delete": key("ann", 1)}]}}])),
        ("a put in a batch", json!([{"batchWrite": {"table": "orders", "writes": [{"put": key("ann", 1)}]}}])),
        ("one partition of several updates", batch(&[state("ann"), state("bob")])),
        (
            "one path of several updates",
            batch(&[state("ann"), set("users", x1(), "name", json!({"S": "Paul"}), Json::Null)]),
        ),
        ("a condition of several updates", batch(&[state("ann"), visits(hash())])),
        ("another partition of a transaction", beside(json!({"update": state("bob")}))),
        (
            "a path of a transaction's other table",
            beside(json!({"update": set("users", x1(), "name", json!({"S": "P"}), Json::Null)})),
        ),
        (
            "a path with the grant of the other table",
            beside(json!({"update": set("users", x1(), "state", json!({"S": "P"}), Json::Null)})),
        ),
        ("a condition in a transaction", beside(json!({"update": visits(hash())}))),
        ("a check in a transaction", beside(json!({"check": {"table": "users", "key": x1(), "condition": hash()}}))),
        (
            "a check on another partition",
            beside(json!({"check": {"table": "orders", "key": key("bob", 1), "condition": {"exists": ["state"]}}})),
        ),
        ("a put in a transaction", beside(json!({"put": {"table": "users", "item": x1()}}))),
        ("a deletion in a transaction", beside(json!({"delete": {"table": "users", "key": x1()}}))),
        ("the old item of a transaction", {
            let mut update = visits(Json::Null);
            update["returnOld"] = json!(true);
            beside(json!({"update": update}))
        }),
        ("an increment", {
            let mut update = visits(Json::Null);
            update["actions"] =
                json!([{"path": ["secret", "salt"], "action": {"increment": {"from": "0", "by": "1"}}}]);
            json!([{"update": update}])
        }),
        (
            "one read of a transaction",
            json!([{"transactGet": {"gets": [{"table": "orders", "key": key("ann", 1), "projection": [["state"]]},
                {"table": "users", "key": x1(), "projection": [["secret", "hash"]]}]}}]),
        ),
    ];
    for (what, operations) in refused {
        let (status, answer) = service.post(CLIENT, operations).await;
        assert_eq!((status, &answer["failed"]["class"]), (403, &json!("accessDenied")), "{what}: {answer}");
        assert!(!answer.to_string().contains("h4sh"), "{what}: {answer}");
    }
    assert_eq!(service.database.requests(), 0);
    assert_eq!(stored(&service, "x1").await, Some(user("x1")));
}

/// Of one POST each operation is judged for itself.
#[tokio::test]
async fn what_is_refused_is_not_run_beside_what_is_granted() {
    let service = service().await;
    service.database.reset();
    let operations = json!([{"update": state("bob")}, {"update": state("ann")}]);
    let (status, answer) = service.post(CLIENT, operations).await;
    let classes = (&answer["answers"][0]["failed"]["class"], &answer["answers"][1]);
    assert_eq!((status, classes), (200, (&json!("accessDenied"), &json!({"item": null}))), "{answer}");
    assert_eq!(service.database.updates(), 1);
}

/// Pages begin where a page of the same query has ended, and nowhere else.
#[tokio::test]
async fn forged_cursors_are_refused() {
    let service = service().await;
    service.database.reset();
    let start = |start: Json| query(json!({"start": start}));
    let scan = |start: Json| json!([{"scan": {"table": "orders", "start": start}}]);
    let by_price = |start: Json| query(json!({"index": "by-price", "start": start}));
    let forged = [
        start(json!({})),
        start(key("bob", 1)),
        start(json!({"customer": {"S": "ann"}})),
        start(json!({"number": {"N": "1"}})),
        start(json!({"customer": {"S": "ann"}, "number": {"S": "1"}})),
        start(json!({"customer": {"S": "ann"}, "number": {"N": "1"}, "state": {"S": "x"}})),
        start(json!({"customer": {"S": "ann"}, "number": {"N": "1"}, "price": {"N": "1"}})),
        by_price(key("ann", 1)),
        by_price(json!({"customer": {"S": "ann"}, "number": {"N": "1"}, "price": {"S": "1"}})),
        scan(json!({})),
        scan(json!({"customer": {"S": "ann"}})),
        scan(json!({"customer": {"S": "ann"}, "number": {"N": "1"}, "state": {"S": "x"}})),
        scan(json!({"customer": {"N": "5"}, "number": {"N": "1"}})),
    ];
    for operations in forged {
        let (_, answer) = service.post(KEY, operations.clone()).await;
        let failed = &answer["answers"][0]["failed"];
        assert_eq!(failed["class"], json!("invalid"), "{operations}: {answer}");
        assert!(failed["message"].as_str().unwrap().contains("cursor"), "{operations}: {answer}");
    }
    let (_, answer) = service.post(CLIENT, start(key("bob", 1))).await;
    assert_eq!(answer["answers"][0]["failed"]["class"], json!("invalid"), "{answer}");
    assert_eq!(service.database.requests(), 0);
    let (_, page) = service.post(CLIENT, query(json!({"limit": 2}))).await;
    let next = page["answers"][0]["page"]["next"].clone();
    assert_eq!(next, key("ann", 2));
    let (_, page) = service.post(CLIENT, start(next)).await;
    assert_eq!(page["answers"][0]["page"]["items"], json!([{"state": {"S": "sh1pped"}}]));
    let whole = json!({"customer": {"S": "ann"}, "number": {"N": "1"}, "price": {"N": "1"}});
    assert!(service.post(KEY, by_price(whole)).await.1["answers"][0]["page"].is_object());
}

/// A condition that fails shows the item to who may read all of it, in whichever request it stands.
#[tokio::test]
async fn failed_items_are_shown_to_no_one_else() {
    let service = service().await;
    let never = json!({"compare": [{"value": ["name"]}, "equal", {"S": "Nobody"}]});
    let transaction =
        json!([{"transactWrite": {"actions": [{"update": state("ann")}, {"update": visits(never.clone())}]}}]);
    let batch = json!([{"batchUpdate": {"updates": [state("ann"), visits(never)]}}]);
    for (operations, of) in [(transaction, "/failed/reasons/1"), (batch, "/each/1")] {
        let (_, answer) = service.post(CLIENT, operations.clone()).await;
        let failed = answer["answers"][0].pointer(of).unwrap();
        assert_eq!((&failed["class"], &failed["item"]), (&json!("conditionFailed"), &Json::Null), "{answer}");
        assert!(!answer.to_string().contains("h4sh"), "{answer}");
        let (_, answer) = service.post(KEY, operations).await;
        let failed = answer["answers"][0].pointer(of).unwrap();
        assert_eq!(failed["class"], json!("conditionFailed"), "{answer}");
    }
}
