use std::panic::{AssertUnwindSafe, catch_unwind};

use dynoxide::{Database, DynoxideError, NativeDatabase as Engine};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{index, refusal};

/// What goes back over the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    fn failure(error: &DynoxideError) -> Self {
        Self { status: error.status_code(), body: error.to_json() }
    }

    fn unknown_operation(target: Option<&str>) -> Self {
        let message = match target {
            Some(target) => format!("the embedded engine has no operation `{target}`"),
            None => "the request names no operation: it has no `x-amz-target` header".to_owned(),
        };
        let body = json!({
            "__type": "com.amazon.coral.service#UnknownOperationException",
            "message": message,
        });
        Self { status: 400, body: body.to_string() }
    }
}

/// Runs the operation that `target` (the `x-amz-target` header) names.
///
/// Invariant: returns an answer for whatever it is given. A panic of the engine
/// becomes an `InternalServerError`; the engine's own lock then stays poisoned
/// and says so at every later request, so that no half-done write is built on.
pub(crate) fn answer(database: &Database, target: Option<&str>, body: &[u8]) -> Answer {
    let Some(target) = target else {
        return Answer::unknown_operation(None);
    };
    match catch_unwind(AssertUnwindSafe(|| run(database, target, body))) {
        Ok(Some(Ok(body))) => Answer { status: 200, body },
        Ok(Some(Err(error))) => Answer::failure(&error),
        Ok(None) => Answer::unknown_operation(Some(target)),
        Err(_) => Answer::failure(&DynoxideError::InternalServerError(format!(
            "the embedded engine panicked while it ran `{target}`"
        ))),
    }
}

/// The operations there are, each with the engine call behind it; `None` for
/// any other.
fn run(database: &Database, target: &str, body: &[u8]) -> Option<dynoxide::Result<String>> {
    let on = Call { database, body };
    let (service, operation) = target.split_once('.')?;
    let result = match (service, operation) {
        ("DynamoDB_20120810", operation) => match operation {
            "CreateTable" => on.call(Engine::create_table),
            "DeleteTable" => on.call(Engine::delete_table),
            "DescribeTable" => on.call(Engine::describe_table),
            "ListTables" => on.call(Engine::list_tables),
            "UpdateTable" => on.call(Engine::update_table),

            "DeleteItem" => on.call(Engine::delete_item),
            "GetItem" => on.call(Engine::get_item),
            "PutItem" => on.call(Engine::put_item),
            "UpdateItem" => on.call(Engine::update_item),

            "Query" => on.read_rows(Engine::query),
            "Scan" => on.read_rows(Engine::scan),
            "SearchVectors" => on.call(Engine::search_vectors),

            "BatchGetItem" => on.call(Engine::batch_get_item),
            "BatchWriteItem" => on.call(Engine::batch_write_item),
            "TransactGetItems" => on.call(Engine::transact_get_items),
            "TransactWriteItems" => on.call(Engine::transact_write_items),

            "BatchExecuteStatement" => on.call(Engine::batch_execute_statement),
            "ExecuteStatement" => on.call(Engine::execute_statement),
            "ExecuteTransaction" => on.call(Engine::execute_transaction),

            "DescribeTimeToLive" => on.call(Engine::describe_time_to_live),
            "UpdateTimeToLive" => on.call(Engine::update_time_to_live),

            "ListTagsOfResource" => on.call(Engine::list_tags_of_resource),
            "TagResource" => on.call(Engine::tag_resource),
            "UntagResource" => on.call(Engine::untag_resource),

            _ => return None,
        },
        ("DynamoDBStreams_20120810", operation) => match operation {
            "DescribeStream" => on.call(Engine::describe_stream),
            "GetRecords" => on.call(Engine::get_records),
            "GetShardIterator" => on.call(Engine::get_shard_iterator),
            "ListStreams" => on.call(Engine::list_streams),

            _ => return None,
        },
        _ => return None,
    };
    Some(result)
}

struct Call<'a> {
    database: &'a Database,
    body: &'a [u8],
}

impl Call<'_> {
    fn call<Q, A>(&self, operation: fn(&Database, Q) -> dynoxide::Result<A>) -> dynoxide::Result<String>
    where
        Q: DeserializeOwned,
        A: Serialize,
    {
        let request = serde_json::from_slice(self.body).map_err(|error| refusal::of(&error))?;
        written(&operation(self.database, request)?)
    }

    /// A query or scan, with what an index does not hold.
    fn read_rows<Q, A>(&self, operation: fn(&Database, Q) -> dynoxide::Result<A>) -> dynoxide::Result<String>
    where
        Q: DeserializeOwned,
        A: Serialize,
    {
        let Some(fetch) = index::lacking(self.database, self.body)? else {
            return self.call(operation);
        };
        let request = fetch.request(self.body).and_then(serde_json::from_value).map_err(|error| refusal::of(&error))?;
        match fetch.of_items(self.database, &operation(self.database, request)?)? {
            Some(answer) => written(&answer),
            // The engine has not seen yet what it is asked for.
            None => self.call(operation),
        }
    }
}

fn written(answer: &impl Serialize) -> dynoxide::Result<String> {
    serde_json::to_string(answer).map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const TABLES: [&str; 24] = [
        "BatchExecuteStatement",
        "BatchGetItem",
        "BatchWriteItem",
        "CreateTable",
        "DeleteItem",
        "DeleteTable",
        "DescribeTable",
        "DescribeTimeToLive",
        "ExecuteStatement",
        "ExecuteTransaction",
        "GetItem",
        "ListTables",
        "ListTagsOfResource",
        "PutItem",
        "Query",
        "Scan",
        "SearchVectors",
        "TagResource",
        "TransactGetItems",
        "TransactWriteItems",
        "UntagResource",
        "UpdateItem",
        "UpdateTable",
        "UpdateTimeToLive",
    ];
    const STREAMS: [&str; 4] = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];

    fn targets(service: &str, operations: &[&str]) -> Vec<String> {
        operations.iter().map(|operation| format!("{service}.{operation}")).collect()
    }

    /// Of an empty request an operation may think what it likes, but it must
    /// be there, and blame the request and not itself.
    #[test]
    fn every_operation_answers_an_empty_request() {
        let database = Database::memory().unwrap();
        let known = [targets("DynamoDB_20120810", &TABLES), targets("DynamoDBStreams_20120810", &STREAMS)];
        for target in known.concat() {
            for body in ["{}", "[]", "null", "{\"TableName\":{}}", "\u{0}"] {
                let answer = answer(&database, Some(&target), body.as_bytes());
                assert!(answer.status < 500, "{target} {body}: {}", answer.body);
                assert!(!answer.body.contains("UnknownOperation"), "{target}");
                assert!(!answer.body.contains("VALIDATION"), "{}", answer.body);
                serde_json::from_str::<serde_json::Value>(&answer.body).unwrap();
            }
        }
    }

    #[test]
    fn an_operation_is_found_under_its_own_service_only() {
        let database = Database::memory().unwrap();
        let wrong = [
            targets("DynamoDBStreams_20120810", &TABLES),
            targets("DynamoDB_20120810", &STREAMS),
            vec![String::new(), ".".into(), "GetItem".into(), "é.GetItem".into()],
        ];
        for target in wrong.concat() {
            let answer = answer(&database, Some(&target), b"{}");
            assert_eq!(answer.status, 400);
            assert!(answer.body.contains("UnknownOperationException"));
        }
    }

    #[test]
    fn streams_record_what_a_table_went_through() {
        let database = Database::memory().unwrap();
        let call = |target: &str, body: serde_json::Value| -> serde_json::Value {
            let answer = answer(&database, Some(target), body.to_string().as_bytes());
            assert_eq!(answer.status, 200, "{}", answer.body);
            serde_json::from_str(&answer.body).unwrap()
        };
        let created = call(
            "DynamoDB_20120810.CreateTable",
            json!({
                "TableName": "movies-table",
                "BillingMode": "PAY_PER_REQUEST",
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
            }),
        );
        let item = json!({"id": {"S": "alien"}});
        call("DynamoDB_20120810.PutItem", json!({"TableName": "movies-table", "Item": item}));
        let arn = &created["TableDescription"]["LatestStreamArn"];
        let described = call("DynamoDBStreams_20120810.DescribeStream", json!({"StreamArn": arn}));
        let iterator = call(
            "DynamoDBStreams_20120810.GetShardIterator",
            json!({
                "StreamArn": arn,
                "ShardId": described["StreamDescription"]["Shards"][0]["ShardId"],
                "ShardIteratorType": "TRIM_HORIZON",
            }),
        );
        let records = call("DynamoDBStreams_20120810.GetRecords", json!({"ShardIterator": iterator["ShardIterator"]}));
        assert_eq!(records["Records"][0]["dynamodb"]["NewImage"], item);
    }
}
