//! The description of the service in OpenAPI 3.1, made from what it serves: its endpoints, the types that go over its
//! wires, and its refusals.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};
use structnosql_external::wire::{extension, original};

use crate::http::refusal::Reason;
use crate::http::{Endpoint, METRICS};

const JSON: &str = "application/json";
const TEXT: &str = "text/plain";

/// The description of the service in OpenAPI 3.1, as JSON: what `/openapi.json` answers.
///
/// ```
/// let description: serde_json::Value = serde_json::from_str(structnosql_gateway::openapi())?;
/// assert_eq!(description["openapi"], "3.1.0");
/// assert!(description["paths"]["/v1/operations"]["post"].is_object());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn openapi() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| serde_json::to_string_pretty(&describe()).unwrap_or_default())
}

fn describe() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let paths: BTreeMap<&str, Value> =
        Endpoint::ALL.iter().map(|endpoint| (endpoint.path(), path(*endpoint, &mut generator))).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "structnosql-gateway",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tables on DynamoDB for clients that hold an API key each, and no credentials.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": env!("CARGO_PKG_LICENSE") },
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "key": { "type": "http", "scheme": "bearer", "description": "An API key." },
            },
        },
    })
}

fn path(endpoint: Endpoint, generator: &mut SchemaGenerator) -> Value {
    match endpoint {
        Endpoint::Operations => json!({ "post": {
            "operationId": "runOperations",
            "summary": "Runs operations, each for itself.",
            "description": "Every failure of a single operation stands in its answer, under HTTP 200.",
            "security": [{ "key": [] }],
            "requestBody": body::<extension::Post>(generator),
            "responses": responses::<extension::Reply, extension::Refused>(generator, Reason::of_extension),
        } }),
        Endpoint::Table => json!({ "post": {
            "operationId": "runOriginal",
            "summary": "Runs an operation of the wire of StructNoSQL for Python 2.6.7.",
            "description": "The API key may stand in the body instead, as `accessToken`. What is wrong with a request is \
                told under HTTP 200 with the `errorKey` `validationError` or `operationNotSupported`.",
            "security": [{ "key": [] }, {}],
            "parameters": [{
                "name": "table", "in": "path", "required": true, "schema": { "type": "string" },
                "description": "The table's name.",
            }],
            "requestBody": body::<original::Operation>(generator),
            "responses": responses::<original::Answer, original::Answer>(generator, |_| true),
        } }),
        Endpoint::Health => text("getHealth", "200 while the process runs.", TEXT, &[]),
        Endpoint::Ready => {
            let not = [("503", "A table cannot be used, or the service is about to stop.")];
            text("getReady", "200 while the tables can be used.", TEXT, &not)
        }
        Endpoint::Metrics => {
            let media = METRICS.split(';').next().unwrap_or_default();
            text("getMetrics", "Counts, in the text form of OpenMetrics.", media, &[])
        }
        Endpoint::Description => json!({ "get": {
            "operationId": "getDescription",
            "summary": "This description.",
            "responses": { "200": { "description": "OpenAPI 3.1.", "content": { JSON: {} } } },
        } }),
    }
}

fn body<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    json!({ "required": true, "content": { JSON: { "schema": generator.subschema_for::<T>() } } })
}

/// The answer, and every refusal of the request as a whole.
fn responses<Answer: JsonSchema, Refused: JsonSchema>(
    generator: &mut SchemaGenerator,
    is_given: impl Fn(&Reason) -> bool,
) -> Value {
    let answer = json!({
        "description": "It was run.",
        "content": { JSON: { "schema": generator.subschema_for::<Answer>() } },
    });
    let mut responses = BTreeMap::from([("200".to_owned(), answer)]);
    for reason in Reason::ALL.into_iter().filter(is_given) {
        let status = reason.status().as_str().to_owned();
        let told = format!("{} (`errorKey`: `{}`)", reason.describe(), reason.error_key());
        let known = responses.get(&status).and_then(|known| known["description"].as_str());
        let description = known.map_or_else(|| told.clone(), |known| format!("{known} {told}"));
        let mut response = json!({
            "description": description,
            "content": { JSON: { "schema": generator.subschema_for::<Refused>() } },
        });
        if reason == Reason::TooMany {
            let seconds = json!({ "schema": { "type": "integer" }, "description": "Seconds to wait for." });
            response["headers"] = json!({ "Retry-After": seconds });
        }
        responses.insert(status, response);
    }
    json!(responses)
}

fn text(id: &str, summary: &str, media: &str, others: &[(&str, &str)]) -> Value {
    let plain = |description: &str| json!({ "description": description, "content": { media: {} } });
    let others = others.iter().map(|(status, description)| ((*status).to_owned(), plain(description)));
    let responses: BTreeMap<String, Value> = others.chain([("200".to_owned(), plain("It is so."))]).collect();
    json!({ "get": { "operationId": id, "summary": summary, "responses": responses } })
}
