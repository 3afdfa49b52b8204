//! `POST /tables/{table}`.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use structnosql_core::{Backend, Failure, FailureClass};
use structnosql_external::wire::original::{Answer, Operation, Unread};

use super::intake::{bearer, place_of, take};
use super::refusal::{Refusal, json};
use crate::access::{Client, Keys};
use crate::gateway::Gateway;
use crate::original::Original;

pub(super) async fn serve<B: Backend>(
    State(gateway): State<Arc<Gateway<B>>>,
    table: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let began = Instant::now();
    let mut name = String::new();
    let answer = match table {
        Ok(Path(table)) => answer(&gateway, table, &headers, body, &mut name).await,
        Err(_) => Err(Refusal::malformed("the name of the table is no text")),
    };
    let response = match answer {
        Ok(answer) => json(StatusCode::OK, serde_json::to_vec(&answer).unwrap_or_default()),
        Err(refusal) => refusal.into_original(),
    };
    gateway.note("original", &name, began, &response);
    response
}

async fn answer<B: Backend>(
    gateway: &Arc<Gateway<B>>,
    table: String,
    headers: &HeaderMap,
    body: Body,
    name: &mut String,
) -> Result<Answer, Refusal> {
    let keys = gateway.keys();
    // A key in the head is looked at before the body is read.
    let (client, of_client, body) = match bearer(headers) {
        Some(key) => {
            let client = keys.find(key).ok_or_else(Refusal::wrong_key)?;
            let of_client = place_of(&client)?;
            (client, of_client, gateway.read(headers, body).await?)
        }
        None => {
            let body = gateway.read_unknown(headers, body).await?;
            let client = from_body(&keys, &body.bytes)?;
            let of_client = place_of(&client)?;
            (client, of_client, body.bytes)
        }
    };
    client.name().clone_into(name);
    let place = gateway.place(of_client)?;
    take(&client, 1)?;
    let operation = match Operation::parse(&body) {
        Ok(operation) => operation,
        Err(Unread::NotSupported) => return Ok(Answer::failed("operationNotSupported", None)),
        Err(Unread::Invalid(what)) => return Ok(Answer::failed("validationError", Some(what))),
    };
    let running = gateway.clone();
    // A task of its own: a client that goes away takes nothing with it that is half done.
    let run = gateway.tasks.spawn(async move {
        let answer = run(&running, &client, &table, operation).await;
        drop(place);
        answer
    });
    match tokio::time::timeout(gateway.limits.request_time(), run).await {
        Ok(Ok(Ok(answer))) => Ok(answer),
        // What is wrong with a request is said as the original says it: under HTTP 200.
        Ok(Ok(Err(failure))) if failure.class() == FailureClass::Invalid => {
            Ok(Answer::failed("validationError", Some(failure.message().to_owned())))
        }
        Ok(Ok(Err(failure))) => Err(failure.into()),
        _ => Err(Refusal::no_answer()),
    }
}

async fn run<B: Backend>(
    gateway: &Gateway<B>,
    client: &Client,
    table: &str,
    operation: Operation,
) -> Result<Answer, Failure> {
    // Looked at before the tables are: one that is not there and one that is not granted are alike to who asks.
    if !client.may_name(table) {
        let message = format!("the API key is not granted anything on table `{table}`");
        return Err(Failure::new(FailureClass::AccessDenied, message));
    }
    match gateway.models(table) {
        [schema] => Original { gateway, client, schema }.run(operation).await,
        [] => Err(Failure::new(FailureClass::TableNotFound, format!("the service has no table `{table}`"))),
        _ => {
            let message = format!("table `{table}` has several models, which this wire does not tell apart");
            Err(Failure::new(FailureClass::Unsupported, message))
        }
    }
}

/// The key in the body, where the original's clients put it.
fn from_body(keys: &Keys, body: &[u8]) -> Result<Arc<Client>, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Token {
        access_token: Option<String>,
    }
    let token: Token = serde_json::from_slice(body).map_err(|_| Refusal::no_key())?;
    keys.find(&token.access_token.ok_or_else(Refusal::no_key)?).ok_or_else(Refusal::wrong_key)
}
