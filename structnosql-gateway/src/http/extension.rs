//! `POST /v1/operations`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;
use http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use structnosql_core::{Backend, Failure, FailureClass};
use structnosql_external::wire::extension::{Answer, Operation, Post};

use super::intake::{bearer, place_of, take};
use super::refusal::{Refusal, json};
use crate::access::Old;
use crate::gateway::{Admitted, Gateway};
use crate::repeat::{self, Asked, Begun};

/// How many operations of one POST run at the same time.
const CONCURRENT: usize = 32;

pub(super) async fn serve<B: Backend>(
    State(gateway): State<Arc<Gateway<B>>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let began = Instant::now();
    let mut name = String::new();
    let response = match answer(&gateway, &headers, body, &mut name).await {
        Ok(reply) => json(StatusCode::OK, reply),
        Err(refusal) => refusal.into_extension(),
    };
    gateway.note("extension", &name, began, &response);
    response
}

async fn answer<B: Backend>(
    gateway: &Arc<Gateway<B>>,
    headers: &HeaderMap,
    body: Body,
    name: &mut String,
) -> Result<Bytes, Refusal> {
    let keys = gateway.keys();
    let key = bearer(headers).ok_or_else(Refusal::no_key)?;
    let client = keys.find(key).ok_or_else(Refusal::wrong_key)?;
    client.name().clone_into(name);
    let of_client = place_of(&client)?;
    let body = gateway.read(headers, body).await?;
    let place = gateway.place(of_client)?;
    let post: Post = serde_json::from_slice(&body).map_err(|error| Refusal::malformed(error.to_string()))?;
    let most = gateway.limits.operations;
    match post.operations.len() {
        0 => return Err(Refusal::malformed("a POST has at least one operation")),
        count if count > most => return Err(Refusal::too_large(format!("a POST has at most {most} operations"))),
        _ => take(&client, post.operations.iter().map(Operation::records).sum())?,
    }
    let admission = |operation: &Operation| gateway.admit(&client, operation.clone(), Old::Whole);
    let admitted: Vec<_> = post.operations.iter().map(admission).collect();
    if let Some(failure) = nothing_allowed(&admitted) {
        return Err(failure.into());
    }
    let answer = match begin(gateway, client.name(), &post)? {
        Begun::Known(answer) => answer,
        Begun::Run(hand_in, answer) => {
            let running = gateway.clone();
            // A task of its own: a client that goes away takes nothing with it that is half done.
            gateway.tasks.spawn(async move {
                let answer = run(&running, admitted).await;
                hand_in.give(&running.repeats, answer);
                drop(place);
            });
            answer
        }
    };
    match tokio::time::timeout(gateway.limits.request_time(), repeat::wait(answer)).await {
        Ok(Some(answer)) => Ok(answer),
        _ => Err(Refusal::no_answer()),
    }
}

/// A [`Reply`](structnosql_external::wire::extension::Reply), its answers as the text that each became at once.
#[derive(Serialize)]
struct Texts<'r> {
    instance: &'r str,
    answers: Vec<Box<RawValue>>,
}

async fn run<B: Backend>(gateway: &Gateway<B>, admitted: Vec<Result<Admitted, Failure>>) -> Bytes {
    let most = gateway.limits.answer_bytes;
    let bytes = AtomicUsize::new(0);
    let one = async |admitted| {
        let answer = match admitted {
            Ok(_) if bytes.load(Ordering::Relaxed) >= most => Answer::Failed(Failure::new(
                FailureClass::TooLarge,
                format!("not run: the answers of a POST have about {most} bytes, and there are as many already"),
            )),
            Ok(admitted) => gateway.run(admitted).await,
            Err(failure) => Answer::Failed(failure),
        };
        let text = to_raw_value(&answer).unwrap_or_default();
        bytes.fetch_add(text.get().len(), Ordering::Relaxed);
        text
    };
    let answers = stream::iter(admitted).map(one).buffered(CONCURRENT).collect().await;
    let reply = Texts { instance: &gateway.instance, answers };
    serde_json::to_vec(&reply).unwrap_or_default().into()
}

/// Notes a POST that writes, or finds what came of it before. One that reads is run each time.
fn begin<B: Backend>(gateway: &Gateway<B>, client: &str, post: &Post) -> Result<Begun, Failure> {
    if !post.operations.iter().any(Operation::writes) {
        return Ok(Begun::new());
    }
    let Some(id) = &post.id else {
        return Err(Failure::new(
            FailureClass::Invalid,
            "a POST that writes has an `id`, which makes repeating it safe",
        ));
    };
    // Attempts differ in their heads alone.
    let operations = serde_json::to_vec(&post.operations).unwrap_or_default();
    let may_be_known_elsewhere = post.attempt > 1
        && post.instance.as_ref() != Some(&gateway.instance)
        && !post.operations.iter().all(Operation::is_repeatable);
    let digest = repeat::digest(&operations);
    gateway.repeats.begin(&Asked { client, id, digest, may_be_known_elsewhere })
}

/// Why nothing of a POST is run, where its client may have none of it run.
fn nothing_allowed(admitted: &[Result<Admitted, Failure>]) -> Option<Failure> {
    let denied = |one: &Result<Admitted, Failure>| {
        one.as_ref().err().is_some_and(|failure| failure.class() == FailureClass::AccessDenied)
    };
    if admitted.iter().all(denied) { admitted.first()?.as_ref().err().cloned() } else { None }
}
