//! What clients hear of a database that fails.

use serde_json::json;
use structnosql_core::{
    Backend, DeleteRequest, Failure, FailureClass, GetRequest, Map, PageResponse, PutRequest, QueryRequest,
    TableDefinition, TableDescription, UpdateRequest,
};
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Schema};

use crate::server::{KEY, User, exchange, request, serve};

/// A database that fails all requests in these words.
struct Failing(Failure);

impl Backend for Failing {
    async fn get(&self, _: GetRequest) -> Result<Option<Map>, Failure> {
        Err(self.0.clone())
    }

    async fn put(&self, _: PutRequest) -> Result<Option<Map>, Failure> {
        Err(self.0.clone())
    }

    async fn update(&self, _: UpdateRequest) -> Result<Option<Map>, Failure> {
        Err(Failure::cancelled(vec![None, Some(self.0.clone())]))
    }

    async fn delete(&self, _: DeleteRequest) -> Result<Option<Map>, Failure> {
        Err(self.0.clone())
    }

    async fn query(&self, _: QueryRequest) -> Result<PageResponse, Failure> {
        Err(self.0.clone())
    }

    async fn describe_table(&self, _: &str) -> Result<Option<TableDescription>, Failure> {
        Err(self.0.clone())
    }

    async fn create_table(&self, _: TableDefinition) -> Result<(), Failure> {
        Err(self.0.clone())
    }
}

/// What the database says of its account, its addresses and the service's role is not for clients.
#[tokio::test]
async fn clients_do_not_hear_of_what_is_behind_the_service() {
    let arn = "arn:aws:sts::123456789012:assumed-role/gateway";
    let told = [
        (FailureClass::AccessDenied, format!("User: {arn} is not authorized to perform: dynamodb:GetItem")),
        (FailureClass::NotSent, "no connection to http://10.0.0.7:8000".to_owned()),
        (FailureClass::Interrupted, "10.0.0.7 did not answer".to_owned()),
        (
            FailureClass::TableNotFound,
            "Requested resource not found: arn:aws:dynamodb:eu-west-1:123456789012".to_owned(),
        ),
        (FailureClass::Throttled, "Throughput exceeds the current limit of arn:aws:dynamodb:123456789012".to_owned()),
        (FailureClass::Invalid, "KMS key arn:aws:kms:eu-west-1:123456789012:key/7 cannot be used".to_owned()),
    ];
    for (class, message) in told {
        let failing = Failing(Failure::new(class, message.as_str()).with_code("SomeException"));
        let all = ApiKey::new("all", KeyHash::of(KEY)).grant(Grant::everything("*"));
        let address = serve(Gateway::builder(failing).table(Schema::of::<User>()).key(all).build()).await;
        let key = json!({"id": {"S": "x1"}});
        let update = json!({"update": {"table": "users", "key": key,
            "actions": [{"path": ["visits"], "action": {"set": {"N": "9"}}}]}});
        let extension = json!({"id": "a", "operations": [{"get": {"table": "users", "key": key}}, update]});
        let original = json!({"operationType": "getOrQuerySingleItem", "keyValue": "x1", "fieldsPathElements": []});
        for (path, body) in [("/v1/operations", extension), ("/tables/users", original)] {
            let stream = tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.unwrap();
            let answer = exchange(stream, &request(path, Some(KEY), body.to_string().as_bytes())).await;
            for hidden in ["123456789012", "10.0.0.7", "assumed-role"] {
                assert!(!answer.body.contains(hidden), "{class}: {answer:?}");
            }
            let class = serde_json::to_value(class).unwrap();
            assert!(path == "/tables/users" || answer.body.contains(class.as_str().unwrap()), "{answer:?}");
        }
    }
    // What is wrong with the request itself is told.
    let failing = Failing(Failure::new(FailureClass::Invalid, "Item size to update has exceeded"));
    let all = ApiKey::new("all", KeyHash::of(KEY)).grant(Grant::everything("*"));
    let address = serve(Gateway::builder(failing).table(Schema::of::<User>()).key(all).build()).await;
    let body = json!({"operations": [{"get": {"table": "users", "key": {"id": {"S": "x1"}}}}]}).to_string();
    let stream = tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.unwrap();
    let answer = exchange(stream, &request("/v1/operations", Some(KEY), body.as_bytes())).await;
    assert!(answer.body.contains("Item size to update"), "{answer:?}");
}
