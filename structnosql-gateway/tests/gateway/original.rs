//! The wire of the original, operation by operation.

use serde_json::{Value as Json, json};

use crate::server::{KEY, Service, set_name, stored};

async fn run(service: &Service, body: Json) -> Json {
    let (status, answer) = service.send("/tables/users", Some(KEY), &body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

fn path(keys: &[&str]) -> Json {
    json!(keys.iter().map(|key| json!({"elementKey": key, "defaultType": "dict"})).collect::<Vec<_>>())
}

#[tokio::test]
async fn values_are_read() {
    let service = Service::start().await;
    let value = async |keys: &[&str]| {
        let body =
            json!({"operationType": "getSingleValueInPathTarget", "keyValue": "x1", "fieldPathElements": path(keys)});
        run(&service, body).await
    };
    assert_eq!(value(&["name"]).await, json!({"success": true, "data": "Robinson"}));
    assert_eq!(value(&["tokens", "t1", "expires"]).await["data"], 5);
    assert_eq!(value(&["notes", "1"]).await["data"], "b");
    assert_eq!(value(&["notes", "7"]).await, json!({"success": true, "data": null}));
    let body = json!({"operationType": "getValuesInMultiplePathTarget", "keyValue": "x1",
        "fieldsPathElements": {"a": path(&["name"]), "b": path(&["visits"]), "c": path(&["secret", "salt"])}});
    assert_eq!(run(&service, body.clone()).await["data"], json!({"a": "Robinson", "b": 7, "c": null}));
    let mut absent = body;
    absent["keyValue"] = json!("nobody");
    assert_eq!(run(&service, absent).await, json!({"success": false, "data": {}}));
    let body = json!({"operationType": "getOrQuerySingleItem", "keyValue": "x1",
        "fieldsPathElements": [path(&["name"]), path(&["tokens", "t1", "expires"])]});
    assert_eq!(run(&service, body).await["data"], json!({"name": "Robinson", "tokens": {"t1": {"expires": 5}}}));
    let body = json!({"operationType": "queryItemsByKey", "keyValue": "x1@example.com", "index_name": "email",
        "fieldsPathElements": [path(&["id"])], "paginationRecordsLimit": 5, "filterExpression": null});
    let metadata = json!({"count": 1, "hasReachedEnd": true, "lastEvaluatedKey": null});
    assert_eq!(run(&service, body).await["data"], json!({"data": [{"id": "x1"}], "metadata": metadata}));
}

#[tokio::test]
async fn values_are_set_and_parents_come_into_being() {
    let service = Service::start().await;
    let set = async |id: &str, keys: &[&str], value: Json| {
        let body = json!({"operationType": "setUpdateMultipleDataElementsToMapWithDefaultInitialization",
            "keyValue": id, "fieldPathElements": path(keys), "value": value, "returnOldValue": true});
        run(&service, body).await
    };
    assert_eq!(set("x1", &["name"], json!("Paul")).await, json!({"success": true, "data": {"name": "Robinson"}}));
    assert_eq!(set("new", &["tokens", "t9", "expires"], json!(3)).await["success"], true);
    assert_eq!(stored(&service, "new").await.unwrap().tokens.unwrap()["t9"].expires, 3);
    assert_eq!(
        set("new", &["tokens", "t9", "expires"], json!(4)).await["data"],
        json!({"tokens": {"t9": {"expires": 3}}})
    );
    // A struct comes into being whole or not at all.
    let refused = set("new", &["secret", "salt"], json!("s")).await;
    assert_eq!((&refused["success"], &refused["errorKey"]), (&json!(false), &json!("validationError")), "{refused}");
    let setter = |keys: &[&str], value: Json| json!({"valueToSet": value, "fieldPathElements": path(keys)});
    let setters = [
        setter(&["secret", "salt"], json!("s")),
        setter(&["secret", "hash"], json!("h")),
        setter(&["visits"], json!(1)),
    ];
    let body = json!({"operationType": "setUpdateMultipleDataElementsToMap", "keyValue": "new", "setters": setters});
    assert_eq!(run(&service, body).await["success"], true);
    let new = stored(&service, "new").await.unwrap();
    assert_eq!((new.secret.unwrap().salt.as_deref(), new.visits), (Some("s"), Some(1)));
    let wrong = set("x1", &["visits"], json!("many")).await;
    assert_eq!(wrong["errorKey"], "validationError", "{wrong}");
}

#[tokio::test]
async fn values_are_removed() {
    let service = Service::start().await;
    let remove = async |operation: &str, id: &str, paths: &[&[&str]]| {
        let paths: Vec<Json> = paths.iter().map(|keys| path(keys)).collect();
        run(&service, json!({"operationType": operation, "keyValue": id, "fieldsPathElements": paths})).await
    };
    let removed =
        remove("removeDataElementsFromMap", "x1", &[&["name"], &["tokens", "t1"], &["tokens", "t7", "scope"]]).await;
    assert_eq!(removed, json!({"success": true, "data": {"name": "Robinson", "tokens": {"t1": {"expires": 5}}}}));
    assert_eq!(remove("deleteDataElementsFromMap", "x1", &[&["visits"]]).await, json!({"success": true, "data": {}}));
    let x1 = stored(&service, "x1").await.unwrap();
    assert_eq!((x1.name, x1.visits, x1.tokens.unwrap().len()), (None, None, 0));
    assert_eq!(remove("removeDataElementsFromMap", "nobody", &[&["name"]]).await["data"], json!({}));
    assert_eq!(stored(&service, "nobody").await, None, "removing brings nothing into being");
    set_name(&service, "x1", "back").await;
    assert_eq!(remove("removeDataElementsFromMap", "x1", &[&["name"]]).await["data"], json!({"name": "back"}));
}

#[tokio::test]
async fn records_are_put_deleted_and_removed() {
    let service = Service::start().await;
    let put = json!({"operationType": "putRecord", "recordItemData": {"id": "p", "visits": 3, "notes": ["n"]}});
    assert_eq!(run(&service, put).await, json!({"success": true, "data": null}));
    assert_eq!(stored(&service, "p").await.unwrap().visits, Some(3));
    let selector = json!({"id": "p"});
    let removed = run(&service, json!({"operationType": "removeRecord", "indexesKeysSelectors": selector})).await;
    assert_eq!(removed, json!({"success": true, "data": {"id": "p", "visits": 3, "notes": ["n"]}}));
    let removed = run(&service, json!({"operationType": "removeRecord", "indexesKeysSelectors": selector})).await;
    assert_eq!(removed, json!({"success": false, "data": {}}));
    let deleted = run(&service, json!({"operationType": "deleteRecord", "indexesKeysSelectors": {"id": "x1"}})).await;
    assert_eq!(deleted, json!({"success": true, "data": null}));
    assert_eq!(stored(&service, "x1").await, None);
    let unfit = json!({"operationType": "putRecord", "recordItemData": {"id": "q", "admin": true}});
    assert_eq!(run(&service, unfit).await["errorKey"], "validationError");
}

#[tokio::test]
async fn keys_come_in_the_body_too_and_what_is_wrong_is_said_as_the_original_says_it() {
    let service = Service::start().await;
    let get = |token: Json| json!({"operationType": "getSingleValueInPathTarget", "keyValue": "x1", "fieldPathElements": path(&["name"]), "accessToken": token});
    let send = async |body: Json| service.send("/tables/users", None, &body).await;
    assert_eq!(send(get(json!(KEY))).await, (200, json!({"success": true, "data": "Robinson"})));
    let (status, answer) = send(get(json!("wrong"))).await;
    assert_eq!((status, &answer["errorKey"]), (401, &json!("invalidAccessToken")));
    let (status, answer) = send(get(Json::Null)).await;
    assert_eq!((status, &answer["errorKey"]), (401, &json!("invalidOrMissingAccessToken")));
    let deep = json!({"operationType": "getSingleValueInPathTarget", "keyValue": "x1",
        "fieldPathElements": path(&["notes"; 33])});
    let answer = run(&service, deep).await;
    assert_eq!(answer["exception"], json!("a path has more than 32 levels"));
    let (status, answer) = service.send("/tables/%ff", Some(KEY), &get(Json::Null)).await;
    assert_eq!((status, &answer["errorKey"]), (400, &json!("validationError")));
    for operation in [json!("dropTable"), json!(7), Json::Null] {
        let answer = run(&service, json!({"operationType": operation})).await;
        assert_eq!(answer, json!({"success": false, "data": null, "errorKey": "operationNotSupported"}));
    }
    let answer = run(&service, json!({"operationType": "putRecord"})).await;
    assert_eq!((&answer["success"], &answer["errorKey"]), (&json!(false), &json!("validationError")));
    assert!(answer["exception"].as_str().unwrap().contains("recordItemData"));
}
