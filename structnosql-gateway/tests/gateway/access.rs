//! Who may do what: every refusal before the database sees anything, and alike whether what was named exists.

use serde_json::{Value as Json, json};
use structnosql_gateway::{ApiKey, Grant, KeyHash, PartitionRule, Paths, Verb};

use crate::server::{KEY, Service, stored, user};

const READER: &str = "reads names and token expiry of x";

/// A service with a client that may read `name`, the expiry of tokens and change `visits`, of records that begin with
/// `x`.
async fn service() -> Service {
    let grant = Grant::on("users")
        .verbs([Verb::Get, Verb::Query, Verb::Update])
        .partition(PartitionRule::Prefix("x".to_owned()))
        .read(Paths::only([vec!["name".into()], vec!["tokens".into(), "*".into(), "expires".into()]]))
        .write(Paths::only([vec!["visits".into()]]));
    Service::with(|builder| builder.key(ApiKey::new("reader", KeyHash::of(READER)).grant(grant))).await
}

fn get(id: &str, projection: Json) -> Json {
    json!([{"get": {"table": "users", "key": {"id": {"S": id}}, "projection": projection}}])
}

fn update(id: &str, path: Json, condition: Json, return_old: bool) -> Json {
    let actions = json!([{"path": path, "action": {"set": {"N": "1"}}}]);
    let key = json!({"id": {"S": id}});
    json!([{"update": {
        "table": "users", "key": key, "actions": actions, "condition": condition, "returnOld": return_old
    }}])
}

#[tokio::test]
async fn without_a_key_nothing_is_said() {
    let service = service().await;
    let body = json!({"operations": get("x1", json!([["name"]]))});
    for key in [None, Some("wrong"), Some(""), Some("x y")] {
        let (status, answer) = service.send("/v1/operations", key, &body).await;
        assert_eq!((status, &answer["failed"]["class"]), (401, &json!("accessDenied")), "{key:?}: {answer}");
    }
    let head =
        format!("POST /v1/operations HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {KEY}\r\nConnection: close\r\n");
    assert_eq!(service.raw(format!("{head}Content-Length: 0\r\n\r\n").as_bytes()).await.status, 401);
    assert_eq!(service.database.requests(), 0);
}

#[tokio::test]
async fn a_key_can_be_rotated_while_the_service_runs() {
    let service = service().await;
    let body = json!({"operations": get("x1", json!([["name"]]))});
    let status = async |key: &'static str| service.send("/v1/operations", Some(key), &body).await.0;
    let key = |name: &str, hash| ApiKey::new(name, KeyHash::of(hash)).grant(Grant::everything("users"));
    service.gateway.set_keys(vec![key("app", "old").or(KeyHash::of("new")), key("other", "third")]);
    assert_eq!((status("old").await, status("new").await, status(KEY).await), (200, 200, 401));
    service.gateway.set_keys(vec![key("app", "new")]);
    assert_eq!((status("old").await, status("new").await, status("third").await), (401, 200, 401));
}

#[tokio::test]
async fn what_is_granted_works() {
    let service = service().await;
    let paths = json!([["name"], ["tokens", "t1", "expires"], ["id"]]);
    let (status, answer) = service.post(READER, get("x1", paths)).await;
    let item =
        json!({"id": {"S": "x1"}, "name": {"S": "Robinson"}, "tokens": {"M": {"t1": {"M": {"expires": {"N": "5"}}}}}});
    assert_eq!((status, &answer["answers"]), (200, &json!([{"item": item}])));
    let condition = json!({"compare": [{"value": ["name"]}, "equal", {"S": "Robinson"}]});
    let (status, answer) = service.post(READER, update("x1", json!(["visits"]), condition, false)).await;
    assert_eq!((status, &answer["answers"]), (200, &json!([{"item": null}])));
    assert_eq!(stored(&service, "x1").await.unwrap().visits, Some(1));
}

/// Who may write a record and not read it is not shown what it replaces.
#[tokio::test]
async fn what_a_put_replaces_is_read() {
    let writer = |paths| Grant::on("users").verbs([Verb::Put]).read(paths).write(Paths::Everything);
    let names = writer(Paths::only([vec!["name".into()]]));
    let service = Service::with(|builder| {
        let key = |name: &str, grant| ApiKey::new(name, KeyHash::of(name)).grant(grant);
        builder.key(key("names", names)).key(key("all", writer(Paths::Everything)))
    })
    .await;
    let put =
        |return_old: bool| json!([{"put": {"table": "users", "item": {"id": {"S": "x1"}}, "returnOld": return_old}}]);
    service.database.reset();
    let (status, answer) = service.post("names", put(true)).await;
    assert_eq!((status, &answer["failed"]["class"]), (403, &json!("accessDenied")), "{answer}");
    assert_eq!(service.database.requests(), 0);

    let (status, answer) = service.post("all", put(true)).await;
    assert_eq!((status, &answer["answers"][0]["item"]["name"]), (200, &json!({"S": "Robinson"})), "{answer}");
    let (status, answer) = service.post("names", put(false)).await;
    assert_eq!((status, &answer["answers"]), (200, &json!([{"item": null}])), "{answer}");
    assert_eq!(service.database.requests(), 2);
}

/// Each is refused with 403, and nothing is sent to the database.
#[tokio::test]
async fn what_is_not_granted_is_refused() {
    let service = service().await;
    let visits = || json!(["visits"]);
    let compare = |path: Json| json!({"compare": [{"value": path}, "equal", {"S": "h4sh"}]});
    let key = json!({"id": {"S": "x1"}});
    let query = |index: Json, partition: Json, projection: Json| json!([{"query": {"table": "users", "index": index, "partition": partition, "projection": projection}}]);
    let refused = [
        ("another table", json!([{"get": {"table": "accounts", "key": key}}])),
        ("a verb", json!([{"delete": {"table": "users", "key": key}}])),
        ("a scan", json!([{"scan": {"table": "users", "projection": [["name"]]}}])),
        ("the table itself", json!([{"describeTable": {"table": "users"}}])),
        ("deleting the table", json!([{"deleteTable": {"table": "users"}}])),
        ("another partition", get("y1", json!([["name"]]))),
        ("a partition that is not there", get("z9", json!([["name"]]))),
        ("a partition by its case", get("X1", json!([["name"]]))),
        ("a partition by a look-alike", get("\u{445}1", json!([["name"]]))),
        ("a whole record", get("x1", json!([]))),
        ("a path", get("x1", json!([["secret"]]))),
        ("a nested path", get("x1", json!([["secret", "hash"]]))),
        ("a path beside one that is granted", get("x1", json!([["name"], ["secret", "hash"]]))),
        ("above a granted path", get("x1", json!([["tokens", "t1"]]))),
        ("a sibling of a granted path", get("x1", json!([["tokens", "t1", "scope"]]))),
        ("changing what may only be read", update("x1", json!(["name"]), Json::Null, false)),
        ("changing what may not be read either", update("x1", json!(["secret", "hash"]), Json::Null, false)),
        ("a condition", update("x1", visits(), compare(json!(["secret", "hash"])), false)),
        (
            "a condition in a condition",
            update(
                "x1",
                visits(),
                json!({"not": {"any": [
            {"exists": ["name"]}, {"all": [{"beginsWith": [["secret", "hash"], {"S": "h"}]}]}]}}),
                false,
            ),
        ),
        (
            "the size of a value",
            update(
                "x1",
                visits(),
                json!({"compare": [
            {"size": ["secret", "hash"]}, "greater", {"N": "1"}]}),
                false,
            ),
        ),
        ("the old item", update("x1", visits(), Json::Null, true)),
        (
            "an index whose key may not be read",
            query(json!("email"), json!(["email", {"S": "x1@example.com"}]), json!([["name"]])),
        ),
        ("another partition by a query", query(Json::Null, json!(["id", {"S": "y1"}]), json!([["name"]]))),
        (
            "a filter",
            json!([{"query": {"table": "users", "partition": ["id", {"S": "x1"}], "projection": [["name"]],
            "filter": {"exists": ["secret", "salt"]}}}]),
        ),
        (
            "a count by a filter",
            json!([{"query": {"table": "users", "partition": ["id", {"S": "x1"}], "countOnly": true,
            "filter": {"exists": ["secret", "salt"]}}}]),
        ),
        ("a put in a batch", json!([{"batchWrite": {"table": "users", "writes": [{"put": {"id": {"S": "x1"}}}]}}])),
        (
            "one key of a batch",
            json!([{"batchGet": {"table": "users", "projection": [["name"]],
            "keys": [{"id": {"S": "x1"}}, {"id": {"S": "y1"}}]}}]),
        ),
        (
            "a check in a transaction",
            json!([{"transactWrite": {"actions": [{"check": {"table": "users", "key": key,
            "condition": compare(json!(["secret", "hash"]))}}]}}]),
        ),
        (
            "a read in a transaction",
            json!([{"transactGet": {"gets": [{"table": "users", "key": key, "projection": [["secret"]]}]}}]),
        ),
    ];
    for (what, operations) in refused {
        let (status, answer) = service.post(READER, operations).await;
        assert_eq!((status, &answer["failed"]["class"]), (403, &json!("accessDenied")), "{what}: {answer}");
        assert!(!answer.to_string().contains("h4sh"), "{what}: {answer}");
    }
    assert_eq!(service.database.requests(), 0);
    assert_eq!(stored(&service, "x1").await, Some(user("x1")));
}

/// What is refused is refused in the same words whether it exists or not.
#[tokio::test]
async fn a_refusal_does_not_tell_what_there_is() {
    let service = service().await;
    let alike = [
        (get("x1", json!([["secret"]])), get("x1", json!([["nosuch"]])), "secret", "nosuch"),
        (get("y1", json!([["name"]])), get("z9", json!([["name"]])), "y1", "z9"),
        (
            update("x1", json!(["secret", "hash"]), Json::Null, false),
            update("x1", json!(["secret", "nosuch"]), Json::Null, false),
            "hash",
            "nosuch",
        ),
        (
            json!([{"get": {"table": "accounts", "key": {"id": {"S": "a"}}}}]),
            json!([{"delete": {"table": "users", "key": {"id": {"S": "a"}}}}]),
            "`get` on table `accounts`",
            "`delete` on table `users`",
        ),
    ];
    for (there, nowhere, named, other) in alike {
        let (there, nowhere) = (service.post(READER, there).await, service.post(READER, nowhere).await);
        assert_eq!(there.0, nowhere.0);
        assert_eq!(there.1.to_string().replace(named, other), nowhere.1.to_string());
    }
    let original = |operation: &str| json!({"operationType": operation, "keyValue": "a", "fieldPathElements": [{"elementKey": "name", "defaultType": "str"}]});
    let grant = Grant::everything("elsewhere");
    service.gateway.set_keys(vec![ApiKey::new("stranger", KeyHash::of("stranger")).grant(grant)]);
    let there = service.send("/tables/users", Some("stranger"), &original("getSingleValueInPathTarget")).await;
    let nowhere = service.send("/tables/nosuch", Some("stranger"), &original("getSingleValueInPathTarget")).await;
    assert_eq!(there.0, 403);
    assert_eq!(there.1.to_string().replace("users", "nosuch"), nowhere.1.to_string());
}

/// Names are names: nothing in them is read as a path, and none is taken for another.
#[tokio::test]
async fn names_have_no_tricks() {
    let service = service().await;
    let tricks = [
        "secret.hash",
        "name.secret",
        "name[0]",
        "#n0",
        ":v0",
        "name, secret",
        "secret\0",
        "\u{0}name",
        "n\u{430}me",
        "ｎame",
        "name\u{200b}",
        " name",
        "name ",
        "NAME",
        "naˊme",
        "*",
        "",
        "../secret",
        "name OR 1=1",
        "nam\u{65}\u{301}",
    ];
    for name in tricks {
        for path in [json!([name]), json!(["tokens", "t1", name]), json!(["secret", name])] {
            let (status, answer) = service.post(READER, get("x1", json!([path]))).await;
            assert_eq!(status, 403, "{path}: {answer}");
        }
        // A client that may do everything is told that there is no such field; a map's key is any name.
        let (status, answer) = service.post(KEY, get("x1", json!([[name]]))).await;
        assert_eq!((status, &answer["answers"][0]["failed"]["class"]), (200, &json!("invalid")), "{name}: {answer}");
    }
    for key in ["a.b", "t1[0]", "\u{1f511}", "#n0", "*"] {
        let (_, answer) = service.post(READER, get("x1", json!([["tokens", key, "expires"], ["id"]]))).await;
        assert_eq!(answer["answers"], json!([{"item": {"id": {"S": "x1"}}}]), "{key}");
    }
    assert_eq!(service.database.requests(), 5);
}

#[tokio::test]
async fn a_failed_condition_shows_the_item_to_who_may_read_all_of_it() {
    let service = service().await;
    let never = json!({"compare": [{"value": ["name"]}, "equal", {"S": "Nobody"}]});
    let (_, answer) = service.post(READER, update("x1", json!(["visits"]), never.clone(), false)).await;
    let failed = &answer["answers"][0]["failed"];
    assert_eq!((&failed["class"], &failed["item"]), (&json!("conditionFailed"), &Json::Null));
    let (_, answer) = service.post(KEY, update("x1", json!(["visits"]), never, false)).await;
    assert_eq!(answer["answers"][0]["failed"]["item"]["secret"]["M"]["hash"], json!({"S": "h4sh"}));
}

#[tokio::test]
async fn what_does_not_fit_the_model_is_refused_before_it_is_sent() {
    let service = service().await;
    let key = json!({"id": {"S": "x1"}});
    let put = |item: Json| json!([{"put": {"table": "users", "item": item}}]);
    let act = |path: Json, action: Json| json!([{"update": {"table": "users", "key": key, "actions": [{"path": path, "action": action}]}}]);
    let deep = (0..40).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
    let refused = [
        ("a wrong type", act(json!(["visits"]), json!({"set": {"S": "many"}}))),
        ("out of bounds", act(json!(["visits"]), json!({"set": {"N": "4294967296"}}))),
        ("a key", act(json!(["id"]), json!({"set": {"S": "x2"}}))),
        ("a required field", act(json!(["secret", "hash"]), json!("remove"))),
        ("an unknown field", act(json!(["secret", "pepper"]), json!({"set": {"S": "p"}}))),
        ("a position in a map", act(json!(["tokens", 0]), json!("remove"))),
        ("an increment of text", act(json!(["name"]), json!({"increment": {"from": "0", "by": "1"}}))),
        ("a struct that is not whole", act(json!(["secret"]), json!({"set": {"M": {}}}))),
        ("deep nesting", act(json!(["notes"]), json!({"set": deep}))),
        ("a record without its key", put(json!({"name": {"S": "x"}}))),
        ("a record with a key of another type", put(json!({"id": {"N": "1"}}))),
        ("an unknown attribute", put(json!({"id": {"S": "x"}, "admin": {"BOOL": true}}))),
        ("a key that is too long", json!([{"get": {"table": "users", "key": {"id": {"S": "x"}, "name": {"S": "y"}}}}])),
        ("no such index", json!([{"query": {"table": "users", "index": "name", "partition": ["name", {"S": "x"}]}}])),
        ("a query by another attribute", json!([{"query": {"table": "users", "partition": ["name", {"S": "x"}]}}])),
        (
            "a foreign cursor",
            json!([{"query": {"table": "users", "partition": ["id", {"S": "x"}], "start": {"name": {"S": "x"}}}}]),
        ),
        (
            "creating the table",
            json!([{"createTable": {"table": "users", "partitionKey": {"name": "id", "kind": "string"}, "indexes": []}}]),
        ),
    ];
    service
        .gateway
        .set_keys(vec![ApiKey::new("all", KeyHash::of(KEY)).grant(Grant::everything("users").verbs(Verb::TABLES))]);
    for (what, operations) in refused {
        let (status, answer) = service.post(KEY, operations).await;
        let class = &answer["answers"][0]["failed"]["class"];
        assert_eq!((status, class), (200, &json!("invalid")), "{what}: {answer}");
    }
    assert_eq!(service.database.requests(), 0);
}
