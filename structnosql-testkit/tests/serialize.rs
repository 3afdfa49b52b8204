//! What tools read of plans and reports.

#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

use std::collections::BTreeSet;

use serde_json::{Value, json, to_value};
use structnosql_core::{CachingTable, FieldExt, TableDataModel};
use structnosql_derive::TableDataModel;
use structnosql_testkit::{Fault, Faulty, Reference};

#[derive(Clone, Debug, PartialEq, TableDataModel)]
#[table(name = "notes", crate = "structnosql_core")]
struct Note {
    #[field(partition_key)]
    id: String,
    #[field(sort_key)]
    year: u16,
    title: Option<String>,
    tags: Option<BTreeSet<String>>,
}

type Notes = CachingTable<Note, Faulty<Reference>>;

async fn notes() -> Notes {
    let notes = Notes::open(Faulty::new(Reference::new())).await.unwrap();
    let tags = Some(BTreeSet::from(["old".to_owned()]));
    notes.put_record(&Note { id: "x".to_owned(), year: 1988, title: None, tags }).await.unwrap();
    notes
}

#[tokio::test]
async fn a_plan_has_requests_that_a_tool_can_send() {
    let (notes, f) = (notes().await, Note::fields);
    let changes = [f().title().set("secret"), f().tags().insert_into_set(["new"]), f().tags().remove_from_set(["old"])];
    notes.update_multiple_fields(("x", 1988), changes).await.unwrap();
    notes.delete_field(("y", 2001), f().title()).await.unwrap();
    let key = json!({"id": {"S": "x"}, "year": {"N": "1988"}});
    let expected = json!({
        "mode": "perRecord",
        "refusal": null,
        "requests": 3,
        "writeUnits": 3,
        "atomic": false,
        "records": [
            {
                "key": {"partition": {"S": "x"}, "sort": {"N": "1988"}},
                "requests": 2,
                "writeUnits": 2,
                "atomic": false,
                "inDoubt": null,
                "readsVersion": false,
                "readsParents": false,
                "error": null,
                "updates": [
                    {
                        "request": {
                            "TableName": "notes",
                            "Key": key,
                            "UpdateExpression": "SET #n1=:v1 ADD #n0 :v0",
                            "ExpressionAttributeNames": {"#n0": "tags", "#n1": "title"},
                            "ExpressionAttributeValues": {":v0": {"SS": ["new"]}, ":v1": {"S": "secret"}},
                        },
                        "carrier": "update",
                        "bytes": 41,
                        "writeUnits": 1,
                        "itemKnown": true,
                        "forcedBy": [],
                    },
                    {
                        "request": {
                            "TableName": "notes",
                            "Key": key,
                            "UpdateExpression": "DELETE #n0 :v0",
                            "ExpressionAttributeNames": {"#n0": "tags"},
                            "ExpressionAttributeValues": {":v0": {"SS": ["old"]}},
                        },
                        "carrier": "update",
                        "bytes": 21,
                        "writeUnits": 1,
                        "itemKnown": true,
                        "forcedBy": [{"path": "tags", "reason": "setGainsAndLoses"}],
                    },
                ],
            },
            {
                "key": {"partition": {"S": "y"}, "sort": {"N": "2001"}},
                "requests": 1,
                "writeUnits": 1,
                "atomic": true,
                "inDoubt": null,
                "readsVersion": false,
                "readsParents": false,
                "error": null,
                "updates": [{
                    "request": {
                        "TableName": "notes",
                        "Key": {"id": {"S": "y"}, "year": {"N": "2001"}},
                        "UpdateExpression": "REMOVE #n0",
                        "ConditionExpression": "attribute_exists(#n1)",
                        "ExpressionAttributeNames": {"#n0": "title", "#n1": "id"},
                    },
                    "carrier": "update",
                    "bytes": 38,
                    "writeUnits": 1,
                    "itemKnown": false,
                    "forcedBy": [],
                }],
            },
        ],
    });
    assert_eq!(to_value(notes.plan_commit()).unwrap(), expected);
}

#[tokio::test]
async fn a_report_says_what_became_of_each_record_without_values() {
    let (notes, f) = (notes().await, Note::fields);
    notes.update_field(("a", 1), f().title(), "secret").await.unwrap();
    notes.update_field(("b", 1), f().title(), "secret").if_exists().await.unwrap();
    let error = notes.commit_operations().await.unwrap_err();
    let report = to_value(error.commit_report().unwrap()).unwrap();
    assert!(!report.to_string().contains("secret"));
    assert_eq!((&report["complete"], &report["requests"]), (&json!(false), &json!(2)));
    let outcome = |at: usize| report["records"][at]["outcome"].clone();
    assert_eq!(outcome(0), json!({"is": "committed", "error": null}));
    assert_eq!(outcome(1)["is"], "rejected");
    assert_eq!(outcome(1)["error"]["class"], "conditionFailed");
    assert!(outcome(1)["error"]["message"].as_str().unwrap().starts_with("condition failed"));
    let counts = ["requests", "replans", "resent"].map(|count| report["records"][0][count].clone());
    assert_eq!(counts, [json!(1), json!(0), json!(false)]);
}

#[tokio::test]
async fn what_is_in_doubt_and_what_cannot_be_planned_is_told_apart() {
    let (notes, f) = (notes().await, Note::fields);
    notes.update_field(("a", 1), f().title(), "secret").await.unwrap();
    notes.backend().script([Some(Fault::LoseAnswer)]);
    let error = notes.commit_operations().await.unwrap_err();
    let outcome = to_value(&error.commit_report().unwrap().records[0].outcome).unwrap();
    assert_eq!((&outcome["is"], &outcome["error"]["class"]), (&json!("inDoubt"), &json!("interrupted")));

    let plan: Value = to_value(notes.plan_record(("a", 1)).unwrap()).unwrap();
    assert_eq!((&plan["inDoubt"]["sentAgain"], &plan["requests"]), (&json!(true), &json!(1)));
    assert_eq!(plan["inDoubt"]["update"]["request"]["UpdateExpression"], "SET #n0=:v0");
    assert_eq!(plan["updates"], json!([]));
}
