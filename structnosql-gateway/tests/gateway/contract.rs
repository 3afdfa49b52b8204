//! What goes over the wires against the description of the service: every request that is accepted, every answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use jsonschema::Validator;
use serde_json::{Value as Json, json};
use structnosql_core::Backend;
use structnosql_gateway::{ApiKey, Gateway, Grant, KeyHash, Verb};
use structnosql_testkit::{Reference, conformance};

use crate::server::{Answer, KEY, external};

/// The description, ready to be compared with.
pub(crate) struct Contract {
    document: Json,
    /// By the place of the schema in the document.
    validators: Mutex<BTreeMap<String, Arc<Validator>>>,
}

pub(crate) fn contract() -> &'static Contract {
    static CONTRACT: OnceLock<Contract> = OnceLock::new();
    CONTRACT.get_or_init(|| Contract {
        document: serde_json::from_str(structnosql_gateway::openapi()).unwrap(),
        validators: Mutex::default(),
    })
}

impl Contract {
    /// The statuses that are described, by their paths.
    pub(crate) fn statuses(&self) -> BTreeMap<String, BTreeSet<u16>> {
        let of_methods = |methods: &Json| {
            let methods = methods.as_object().unwrap().values();
            let statuses = methods.flat_map(|method| method["responses"].as_object().unwrap().keys());
            statuses.map(|status| status.parse().unwrap()).collect()
        };
        let paths = self.document["paths"].as_object().unwrap();
        paths.iter().map(|(path, methods)| (path.clone(), of_methods(methods))).collect()
    }

    /// What is described of a method at a path.
    fn described(&self, method: &str, path: &str) -> Option<(String, &Json)> {
        let template = if path.starts_with("/tables/") { "/tables/{table}" } else { path };
        let place = format!("/paths/{}/{}", template.replace('/', "~1"), method.to_lowercase());
        self.document.pointer(&place).map(|described| (place, described))
    }

    /// Compares JSON with the schema at a place of the document.
    fn compare(&self, place: &str, json: &Json) -> Result<(), String> {
        let validator = self.validators.lock().unwrap().get(place).cloned().unwrap_or_else(|| {
            let mut schema = self.document.pointer(place).unwrap_or_else(|| panic!("no schema at {place}")).clone();
            schema["components"] = self.document["components"].clone();
            Arc::new(jsonschema::draft202012::new(&schema).unwrap())
        });
        self.validators.lock().unwrap().insert(place.to_owned(), validator.clone());
        let wrong: Vec<String> =
            validator.iter_errors(json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        if wrong.is_empty() { Ok(()) } else { Err(format!("{json}: {}", wrong.join("; "))) }
    }

    fn check_request(&self, path: &str, body: &Json) {
        let (place, _) = self.described("POST", path).unwrap();
        if let Err(wrong) = self.compare(&format!("{place}/requestBody/content/application~1json/schema"), body) {
            panic!("{path} has taken what is not described: {wrong}");
        }
    }

    fn check_answer(&self, method: &str, path: &str, status: u16, content_type: &str, body: &str) {
        let Some((place, described)) = self.described(method, path) else { return };
        let response = &described["responses"][status.to_string()];
        assert!(response.is_object(), "{method} {path} has answered {status}, which is not described: {body}");
        let media = content_type.split(';').next().unwrap_or_default().trim();
        let content = &response["content"][media];
        assert!(content.is_object(), "{method} {path} has answered {status} in {media:?}, which is not described");
        if content["schema"].is_null() {
            return;
        }
        let json = serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"));
        let place = format!("{place}/responses/{status}/content/{}/schema", media.replace('/', "~1"));
        if let Err(wrong) = self.compare(&place, &json) {
            panic!("{method} {path} has answered {status} with what is not described: {wrong}");
        }
    }
}

/// Compares an exchange with the description; every test's exchanges come through here.
pub(crate) fn check(sent: &[u8], answer: &Answer) {
    let line = String::from_utf8_lossy(sent.split(|byte| *byte == b'\r').next().unwrap_or_default()).into_owned();
    let mut words = line.split(' ');
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return };
    // A head that is none is refused before there is a request.
    if answer.status == 0 || answer.head.to_lowercase().contains("content-length: 0") {
        return;
    }
    let head = answer.head.to_lowercase();
    let media = head.lines().find_map(|line| line.strip_prefix("content-type: ")).unwrap_or_default();
    contract().check_answer(method, path, answer.status, media, &answer.body);
    if answer.status == 429 {
        assert!(head.contains("retry-after: "), "{head}");
    }
    let accepted = match path {
        "/v1/operations" => answer.status == 200,
        _ => path.starts_with("/tables/") && answer.body.starts_with(r#"{"success":true"#),
    };
    let body = sent.windows(4).position(|end| end == b"\r\n\r\n").map(|end| &sent[end + 4..]);
    if accepted && let Some(Ok(body)) = body.map(serde_json::from_slice) {
        contract().check_request(path, &body);
    }
}

/// Serves a gateway, and keeps what goes over its wire.
pub(crate) async fn tapped<B: Backend>(gateway: Arc<Gateway<B>>) -> (String, Arc<Mutex<Vec<(Json, Json)>>>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let exchanges = Arc::new(Mutex::new(Vec::new()));
    let kept = exchanges.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (service, kept) = (TowerToHyperService::new(gateway.router()), kept.clone());
            let tap = service_fn(move |request: Request<Incoming>| {
                let (service, kept) = (service.clone(), kept.clone());
                async move {
                    let (head, body) = request.into_parts();
                    let path = head.uri.path().to_owned();
                    let asked = body.collect().await?.to_bytes();
                    let answer = service.call(Request::from_parts(head, Body::from(asked.clone()))).await.unwrap();
                    let (head, body) = answer.into_parts();
                    let answered = body.collect().await.unwrap().to_bytes();
                    let media = head.headers["content-type"].to_str().unwrap();
                    let text = std::str::from_utf8(&answered).unwrap();
                    contract().check_answer("POST", &path, head.status.as_u16(), media, text);
                    if head.status == http::StatusCode::OK {
                        let asked: Json = serde_json::from_slice(&asked).unwrap();
                        if !text.starts_with(r#"{"success":false"#) {
                            contract().check_request(&path, &asked);
                        }
                        kept.lock().unwrap().push((asked, serde_json::from_str(text).unwrap()));
                    }
                    Ok::<_, hyper::Error>(http::Response::from_parts(head, Body::from(answered)))
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), tap));
        }
    });
    (address, exchanges)
}

/// The names of what is in a list of objects or names.
fn names<'j>(list: impl Iterator<Item = &'j Json>) -> BTreeSet<String> {
    let name = |one: &Json| match one {
        Json::Object(one) => one.keys().next().unwrap().clone(),
        one => one.as_str().unwrap().to_owned(),
    };
    list.map(name).collect()
}

/// All that a backend has to do, as the client says it: a mistake in either is a panic in the connection's task, which
/// the client sees as a lost answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_client_sends_and_hears_is_described() {
    let key = ApiKey::new("test", KeyHash::of(KEY)).grant(Grant::everything("*").verbs(Verb::TABLES));
    let gateway = Gateway::builder(Reference::new()).tables_without_model("").key(key).build();
    let (address, exchanges) = tapped(gateway).await;
    conformance::backend::run(&external(&address, KEY), &[]).await.assert_conformant();
    let exchanges = exchanges.lock().unwrap();
    let asked = exchanges.iter().flat_map(|(asked, _)| asked["operations"].as_array().unwrap());
    let answered = exchanges.iter().flat_map(|(_, answer)| answer["answers"].as_array().unwrap());
    let every = [
        "batchGet",
        "batchUpdate",
        "batchWrite",
        "createTable",
        "delete",
        "deleteTable",
        "describeTable",
        "describeTimeToLive",
        "enableTimeToLive",
        "get",
        "put",
        "query",
        "scan",
        "transactGet",
        "transactWrite",
        "update",
        "updateTable",
    ];
    assert_eq!(names(asked).into_iter().collect::<Vec<_>>(), every);
    let every = ["attribute", "done", "each", "failed", "found", "item", "items", "page", "table", "unwritten"]
        .map(String::from);
    assert_eq!(names(answered).into_iter().collect::<Vec<_>>(), every);
    assert!(exchanges.len() > 300, "{}", exchanges.len());
}

#[tokio::test]
async fn what_is_not_described_is_told_from_what_is() {
    let request = "/paths/~1v1~1operations/post/requestBody/content/application~1json/schema";
    let answer = "/paths/~1v1~1operations/post/responses/200/content/application~1json/schema";
    let right = json!({"id": "a", "operations": [{"update": {"table": "users", "key": {"id": {"S": "x1"}},
        "actions": [{"path": ["tokens", 0], "action": {"set": {"L": [{"N": "1.5"}, {"BOOL": true}]}}}]}}]});
    contract().compare(request, &right).unwrap();
    let replaced =
        |from: &str, to: &str| serde_json::from_str::<Json>(&right.to_string().replacen(from, to, 1)).unwrap();
    for (from, to) in [
        ("\"update\"", "\"upsert\""),
        ("{\"S\":\"x1\"}", "\"x1\""),
        ("{\"S\":\"x1\"}", "{\"S\":1}"),
        ("{\"N\":\"1.5\"}", "{\"N\":1.5}"),
        ("\"actions\"", "\"expression\""),
        ("\"table\"", "\"extra\":1,\"table\""),
        ("[\"tokens\",0]", "\"tokens[0]\""),
        ("[\"tokens\",0]", "[\"tokens\",-1]"),
        ("\"id\":\"a\"", "\"id\":1"),
    ] {
        assert!(contract().compare(request, &replaced(from, to)).is_err(), "{from} as {to}");
    }
    contract().compare(answer, &json!({"instance": "i", "answers": ["done", {"item": null}]})).unwrap();
    for wrong in [
        json!({"instance": "i", "answers": ["gone"]}),
        json!({"instance": "i", "answers": [{"item": 1}]}),
        json!({"instance": "i", "answers": [{"failed": {"class": "unknown", "code": null, "message": "", "item": null}}]}),
        json!({"answers": []}),
    ] {
        assert!(contract().compare(answer, &wrong).is_err(), "{wrong}");
    }
}
