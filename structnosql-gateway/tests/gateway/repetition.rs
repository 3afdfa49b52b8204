//! Repeated request ids, lost answers, clients that vanish.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use structnosql_core::{BasicTable, FailureClass, FieldExt, TableDataModel};
use structnosql_external::Retries;
use structnosql_gateway::{ApiKey, Grant, KeyHash};
use tokio::io::AsyncWriteExt;

use crate::server::{KEY, Service, User, external, request, stored};

fn increment(id: &str, attempt: u32, instance: Json) -> Json {
    let action = json!({"increment": {"from": "0", "by": "1"}});
    let update =
        json!({"table": "users", "key": {"id": {"S": "x1"}}, "actions": [{"path": ["visits"], "action": action}]});
    json!({"id": id, "attempt": attempt, "instance": instance, "operations": [{"update": update}]})
}

async fn visits(service: &Service) -> Option<u32> {
    stored(service, "x1").await.unwrap().visits
}

#[tokio::test]
async fn a_repeated_id_runs_once_and_is_answered_alike() {
    let service = Service::start().await;
    let post = async |body: Json| service.send("/v1/operations", Some(KEY), &body).await;
    let first = post(increment("a", 1, Json::Null)).await;
    let instance = first.1["instance"].clone();
    assert_eq!(post(increment("a", 2, instance.clone())).await, first);
    assert_eq!(post(increment("a", 1, Json::Null)).await, first);
    assert_eq!(visits(&service).await, Some(8));

    // At the same time too.
    let body = increment("b", 1, Json::Null);
    let all = futures_util::future::join_all((0..20).map(|_| post(body.clone()))).await;
    assert!(all.iter().all(|answer| *answer == all[0]));
    assert_eq!(visits(&service).await, Some(9));

    // Another request under the same id is a mistake, not a repetition.
    let mut other = increment("a", 1, Json::Null);
    other["operations"][0]["update"]["actions"][0]["action"] = json!({"set": {"N": "0"}});
    assert_eq!(post(other).await.0, 400);
    // A write without an id cannot be repeated safely.
    let mut nameless = increment("c", 1, Json::Null);
    nameless["id"] = Json::Null;
    assert_eq!(post(nameless).await.0, 400);
    assert_eq!(visits(&service).await, Some(9));
}

#[tokio::test]
async fn an_attempt_that_another_process_may_have_run_is_not_run_again() {
    let service = Service::start().await;
    let (status, answer) =
        service.send("/v1/operations", Some(KEY), &increment("a", 2, json!("the process before the restart"))).await;
    assert_eq!((status, &answer["failed"]["class"]), (502, &json!("interrupted")));
    assert_eq!(visits(&service).await, Some(7));
}

#[tokio::test]
async fn a_client_that_vanishes_leaves_nothing_half_done() {
    let service = Service::start().await;
    for at in 0..30 {
        let body = increment(&format!("v{at}"), 1, Json::Null).to_string();
        let mut stream = service.connect().await;
        stream.write_all(&request("/v1/operations", Some(KEY), body.as_bytes())).await.unwrap();
        drop(stream);
    }
    // Some requests were read and some were not: each is applied once or not at all, and its repetition settles it.
    for at in 0..30 {
        let (status, answer) =
            service.send("/v1/operations", Some(KEY), &increment(&format!("v{at}"), 1, Json::Null)).await;
        assert_eq!(status, 200, "{answer}");
    }
    assert_eq!(visits(&service).await, Some(37));
}

/// A proxy that passes a request on and loses the answer.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_the_write_applied_once() {
    let service = Service::start().await;
    let target = service.address.trim_start_matches("http://").to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for connection in 0.. {
            let (mut from, _) = listener.accept().await.unwrap();
            let mut to = tokio::net::TcpStream::connect(&target).await.unwrap();
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = from.split();
                let (mut from_service, mut to_service) = to.split();
                let up = tokio::io::copy(&mut from_client, &mut to_service);
                match connection {
                    // The answer is read and dropped.
                    1 => drop(tokio::join!(up, async {
                        let mut part = [0; 16 * 1024];
                        tokio::io::AsyncReadExt::read(&mut from_service, &mut part).await.ok();
                        to_client.shutdown().await.ok();
                    })),
                    _ => drop(tokio::join!(up, tokio::io::copy(&mut from_service, &mut to_client))),
                }
            });
        }
    });
    // The first connection hears from the service; the second one loses the answer.
    let client = external(&proxy, KEY);
    let users = BasicTable::<User, _>::attach(client.clone());
    assert!(users.get_record("x1").await.unwrap().is_some());
    // The pool would use the first connection again.
    tokio::time::sleep(std::time::Duration::from_millis(5_500)).await;
    users.update_multiple_fields("x1", [User::fields().visits().increment(1)]).await.unwrap();
    assert_eq!(visits(&service).await, Some(8));
}

#[tokio::test]
async fn without_another_attempt_a_lost_answer_is_in_doubt() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut part = [0; 1024];
            tokio::io::AsyncReadExt::read(&mut stream, &mut part).await.ok();
        }
    });
    let users = BasicTable::<User, _>::attach(external(&address, KEY).with_retries(Retries::NONE));
    let error = users.update_multiple_fields("x1", [User::fields().visits().increment(1)]).await.unwrap_err();
    assert_eq!(error.failure().unwrap().class(), FailureClass::Interrupted);
}

/// An answer that does not come is one that is lost.
#[tokio::test]
async fn an_attempt_ends_with_its_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let client = external(&address, KEY).with_retries(Retries::NONE).with_timeout(Duration::from_millis(100));
    let users = BasicTable::<User, _>::attach(client);
    let reading = tokio::time::timeout(Duration::from_secs(5), users.get_record("x1"));
    let error = reading.await.expect("it waits for ever").unwrap_err();
    assert_eq!(error.failure().unwrap().class(), FailureClass::Interrupted);
    assert!(error.to_string().contains("100 ms"), "{error}");
}

/// A service that takes no more now is asked again after as long as it says.
#[tokio::test]
async fn a_busy_service_is_asked_again() {
    let slow = ApiKey::new("slow", KeyHash::of("slow")).grant(Grant::everything("users")).rate(1);
    let service = Service::with(|builder| builder.key(slow)).await;
    let users = BasicTable::<User, _>::attach(external(&service.address, "slow"));
    let began = Instant::now();
    for visits in 1..3 {
        users.update_field("x1", User::fields().visits(), visits).await.unwrap();
    }
    assert!(began.elapsed() >= Duration::from_millis(900), "{:?}", began.elapsed());
    assert_eq!((visits(&service).await, service.database.updates()), (Some(2), 2));
}
