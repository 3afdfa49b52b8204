//! Who may do what on the original's wire: the same as on the other one.

use serde_json::{Value as Json, json};
use structnosql_gateway::{ApiKey, Grant, KeyHash, PartitionRule, Paths, Verb};

use crate::server::{Service, stored, user};

const CLIENT: &str = "reads names, changes the expiry of tokens, of x";

/// A service with a client that may read `name`, and change `visits` and the expiry of tokens, of records that begin
/// with `x`.
async fn service() -> Service {
    let grant = Grant::on("users")
        .verbs([Verb::Get, Verb::Query, Verb::Update])
        .partition(PartitionRule::Prefix("x".to_owned()))
        .read(Paths::only([vec!["name".into()]]))
        .write(Paths::only([vec!["visits".into()], vec!["tokens".into(), "*".into(), "expires".into()]]));
    Service::with(|builder| builder.key(ApiKey::new("client", KeyHash::of(CLIENT)).grant(grant))).await
}

fn path(keys: &[&str]) -> Json {
    json!(keys.iter().map(|key| json!({"elementKey": key, "defaultType": "dict"})).collect::<Vec<_>>())
}

fn set(id: &str, field: Json, value: Json) -> Json {
    json!({"operationType": "setUpdateMultipleDataElementsToMapWithDefaultInitialization", "keyValue": id,
        "fieldPathElements": field, "value": value})
}

async fn run(service: &Service, body: &Json) -> (u16, Json) {
    service.send("/tables/users", Some(CLIENT), body).await
}

#[tokio::test]
async fn what_is_not_granted_is_refused_in_every_operation() {
    let service = service().await;
    let (name, secret) = (path(&["name"]), path(&["secret", "hash"]));
    let get = |id: &str, field: &Json| json!({"operationType": "getSingleValueInPathTarget", "keyValue": id, "fieldPathElements": field});
    let paths = |operation: &str, paths: &[&Json]| json!({"operationType": operation, "keyValue": "x1", "fieldsPathElements": paths});
    let mut by_index = paths("queryItemsByKey", &[&name]);
    by_index["index_name"] = json!("email");
    let refused = [
        get("x1", &secret),
        get("y1", &name),
        paths("getOrQuerySingleItem", &[&name, &secret]),
        paths("getOrQuerySingleItem", &[]),
        json!({"operationType": "getValuesInMultiplePathTarget", "keyValue": "x1",
            "fieldsPathElements": {"a": name, "b": secret}}),
        paths("queryItemsByKey", &[&secret]),
        by_index,
        json!({"operationType": "putRecord", "recordItemData": {"id": "x1"}}),
        json!({"operationType": "deleteRecord", "indexesKeysSelectors": {"id": "x1"}}),
        json!({"operationType": "removeRecord", "indexesKeysSelectors": {"id": "x1"}}),
        set("x1", name.clone(), json!("Paul")),
        set("y1", path(&["visits"]), json!(1)),
        json!({"operationType": "setUpdateMultipleDataElementsToMap", "keyValue": "x1", "setters": [
            {"fieldPathElements": path(&["visits"]), "valueToSet": 1},
            {"fieldPathElements": secret, "valueToSet": "h"}]}),
        // What an update returns is read.
        json!({"operationType": "setUpdateMultipleDataElementsToMap", "keyValue": "x1", "returnOldValues": true,
            "setters": [{"fieldPathElements": path(&["visits"]), "valueToSet": 1}]}),
        paths("removeDataElementsFromMap", &[&path(&["visits"])]),
        paths("deleteDataElementsFromMap", &[&path(&["visits"]), &secret]),
    ];
    for body in refused {
        let (status, answer) = run(&service, &body).await;
        assert_eq!((status, &answer["errorKey"]), (403, &json!("accessDenied")), "{body}: {answer}");
        assert!(!answer.to_string().contains("h4sh"), "{body}: {answer}");
    }
    assert_eq!(service.database.requests(), 0);
    assert_eq!(run(&service, &get("x1", &name)).await, (200, json!({"success": true, "data": "Robinson"})));
    assert_eq!(run(&service, &set("x1", path(&["visits"]), json!(1))).await.0, 200);
}

/// What comes into being with a parent that is not there is written as well.
#[tokio::test]
async fn defaults_of_parents_write_no_more_than_is_granted() {
    let service = service().await;
    let mut smuggling = path(&["tokens", "t9", "expires"]);
    smuggling[1]["customDefaultValue"] = json!({"scope": "admin"});
    let (status, answer) = run(&service, &set("x1", smuggling.clone(), json!(1))).await;
    assert_eq!((status, &answer["errorKey"]), (403, &json!("accessDenied")), "{answer}");
    smuggling[1]["customDefaultValue"] = json!({});
    smuggling[0]["customDefaultValue"] = json!({"t8": {"expires": 1, "scope": "admin"}});
    assert_eq!(run(&service, &set("xn", smuggling.clone(), json!(1))).await.0, 403);
    assert_eq!(stored(&service, "x1").await, Some(user("x1")));
    assert_eq!(stored(&service, "xn").await, None);
    smuggling[0]["customDefaultValue"] = json!({});
    assert_eq!(run(&service, &set("x1", smuggling, json!(1))).await.0, 200);
    assert_eq!(stored(&service, "x1").await.unwrap().tokens.unwrap()["t9"].scope, None);
}

/// Neither a path nor an index that is refused is confirmed to be in the model.
#[tokio::test]
async fn a_refusal_does_not_tell_what_the_model_has() {
    let service = service().await;
    let get = |keys: &[&str]| json!({"operationType": "getSingleValueInPathTarget", "keyValue": "x1", "fieldPathElements": path(keys)});
    let query = |index: &str| json!({"operationType": "queryItemsByKey", "keyValue": "x1", "index_name": index, "fieldsPathElements": [path(&["name"])]});
    let extension = |index: &str, key: &str| json!([{"query": {"table": "users", "index": index, "partition": [key, {"S": "x1"}], "projection": [["name"]]}}]);
    let alike = [
        (get(&["notes", "x"]), get(&["nosuch", "x"]), "notes", "nosuch"),
        (get(&["notes", "-1"]), get(&["nosuch", "-1"]), "notes", "nosuch"),
        (query("email"), query("nosuch"), "email", "nosuch"),
    ];
    for (there, nowhere, named, other) in alike {
        let (there, nowhere) = (run(&service, &there).await, run(&service, &nowhere).await);
        assert_eq!((there.0, nowhere.0), (403, 403), "{there:?} {nowhere:?}");
        assert_eq!(there.1.to_string().replace(named, other), nowhere.1.to_string());
    }
    for key in ["id", "email"] {
        let there = service.post(CLIENT, extension("email", key)).await;
        let nowhere = service.post(CLIENT, extension("nosuch", key)).await;
        assert_eq!((there.0, nowhere.0), (403, 403), "{there:?} {nowhere:?}");
        assert_eq!(there.1.to_string().replace("email", "nosuch"), nowhere.1.to_string().replace("email", "nosuch"));
    }
    assert_eq!(service.database.requests(), 0);
}
