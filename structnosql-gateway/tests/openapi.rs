//! The description of the service: valid, whole, and true of what is served.

#![cfg(feature = "openapi")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::collections::BTreeSet;

use serde_json::Value as Json;
use structnosql_gateway::openapi;

fn document() -> Json {
    serde_json::from_str(openapi()).unwrap()
}

/// Every value under this name, at any depth.
fn all<'j>(json: &'j Json, name: &str, found: &mut Vec<&'j Json>) {
    match json {
        Json::Object(map) => map.iter().for_each(|(key, value)| {
            if key == name {
                found.push(value);
            }
            all(value, name, found);
        }),
        Json::Array(items) => items.iter().for_each(|item| all(item, name, found)),
        _ => {}
    }
}

#[test]
fn it_is_openapi() {
    let spec = oas3::from_json(openapi()).unwrap();
    spec.validate_version().unwrap();
    let ids: Vec<_> = spec.operations().map(|(_, _, operation)| operation.operation_id.clone().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    let document = document();
    let (mut references, schemas) = (Vec::new(), &document["components"]["schemas"]);
    all(&document, "$ref", &mut references);
    assert!(references.len() > 50, "{}", references.len());
    for reference in &references {
        let name = reference.as_str().unwrap().strip_prefix("#/components/schemas/").unwrap();
        assert!(schemas.get(name).is_some(), "{name}");
    }
    let used: BTreeSet<_> = references.iter().filter_map(|reference| reference.as_str()?.rsplit('/').next()).collect();
    for name in schemas.as_object().unwrap().keys() {
        assert!(used.contains(name.as_str()), "{name} is described and not used");
    }
}

#[test]
fn every_route_and_refusal_is_in_it() {
    let document = document();
    let paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(paths, ["/health", "/metrics", "/openapi.json", "/ready", "/tables/{table}", "/v1/operations"]);
    for path in ["/tables/{table}", "/v1/operations"] {
        let responses = document["paths"][path]["post"]["responses"].as_object().unwrap();
        let mut statuses: Vec<&str> = responses.keys().map(String::as_str).collect();
        if path == "/tables/{table}" {
            statuses.retain(|status| !["404", "409"].contains(status));
        }
        assert_eq!(statuses, ["200", "400", "401", "403", "408", "413", "429", "502", "504"], "{path}");
        assert!(responses["429"]["headers"]["Retry-After"].is_object());
    }
}

/// What every kind of request says of itself is in it: each operation of both wires, each class of failures.
#[test]
fn every_operation_is_in_it() {
    let document = document();
    let text = document["components"]["schemas"].to_string();
    let operations = [
        "get",
        "put",
        "update",
        "delete",
        "query",
        "scan",
        "batchGet",
        "batchWrite",
        "batchUpdate",
        "transactWrite",
        "transactGet",
        "describeTable",
        "createTable",
        "updateTable",
        "deleteTable",
        "describeTimeToLive",
        "enableTimeToLive",
    ];
    let originals = [
        "putRecord",
        "deleteRecord",
        "removeRecord",
        "getSingleValueInPathTarget",
        "getValuesInMultiplePathTarget",
        "getOrQuerySingleItem",
        "queryItemsByKey",
        "setUpdateMultipleDataElementsToMapWithDefaultInitialization",
        "setUpdateMultipleDataElementsToMap",
        "removeDataElementsFromMap",
        "deleteDataElementsFromMap",
    ];
    let classes = ["throttled", "conditionFailed", "accessDenied", "interrupted", "badAnswer"];
    for name in operations {
        assert!(text.contains(&format!("\"required\":[\"{name}\"]")), "{name}");
    }
    for name in originals {
        assert!(text.contains(&format!("\"const\":\"{name}\"")), "{name}");
    }
    for name in classes {
        assert!(text.contains(&format!("\"{name}\"")), "{name}");
    }
}
