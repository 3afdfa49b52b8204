use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use aws_sdk_dynamodb::Client;
use structnosql_embedded::Embedded;

use crate::support::{TABLE, create_table, fresh_file, get, item, map, n, put, s};

async fn add_one(client: &Client) {
    client
        .update_item()
        .table_name(TABLE)
        .key("id", s("counter"))
        .update_expression("ADD seen :one")
        .expression_attribute_values(":one", n(1))
        .send()
        .await
        .unwrap();
}

async fn count_from_many_tasks(embedded: Embedded) {
    create_table(&embedded.client()).await;
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let client = embedded.client();
            tokio::spawn(async move {
                for _ in 0..25 {
                    add_one(&client).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let found = get(&embedded.client(), "counter").await.unwrap();
    assert_eq!(found["seen"], n(200));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_lose_no_update_in_memory() {
    count_from_many_tasks(Embedded::in_memory().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tasks_lose_no_update_in_a_file() {
    let path = fresh_file("tasks_lose_no_update");
    count_from_many_tasks(Embedded::open(path).unwrap()).await;
}

/// Drops `work` after it was polled `polls` times, or sooner when it is done.
async fn abandon_after<F: Future>(polls: usize, work: F) {
    let mut work = pin!(work);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        // Not pending on its waker: the next poll follows at once.
        context.waker().wake_by_ref();
        work.as_mut().poll(context).map(drop)
    })
    .await;
}

async fn abandon_writes(embedded: Embedded) {
    let client = embedded.client();
    create_table(&client).await;
    let whole = |number: usize| {
        item([("id", s(&format!("film {number}"))), ("number", n(number)), ("details", map([("number", n(number))]))])
    };
    for number in 0..60 {
        abandon_after(number % 4, put(&client, whole(number))).await;
    }
    for number in 0..60 {
        // Applied whole or not at all, and no longer changing anything but
        // from absent to whole.
        if let Some(found) = get(&client, &format!("film {number}")).await {
            assert_eq!(found, whole(number));
        }
        put(&client, whole(number)).await;
    }
    add_one(&client).await;
    assert_eq!(get(&client, "counter").await.unwrap()["seen"], n(1));
}

#[tokio::test]
async fn an_abandoned_request_poisons_nothing_in_memory() {
    abandon_writes(Embedded::in_memory().unwrap()).await;
}

#[tokio::test]
async fn an_abandoned_request_poisons_nothing_in_a_file() {
    let path = fresh_file("an_abandoned_request");
    abandon_writes(Embedded::open(path).unwrap()).await;
}

/// Nothing waits for time, so that tests with a paused clock stand still.
#[tokio::test(start_paused = true)]
async fn no_time_passes_in_memory() {
    let start = tokio::time::Instant::now();
    let client = Embedded::in_memory().unwrap().client();
    create_table(&client).await;
    add_one(&client).await;
    assert_eq!(start.elapsed(), std::time::Duration::ZERO);
}

/// Tests that drop a request at each of its polls rely on these three.
#[tokio::test]
async fn a_request_in_memory_is_under_way_then_applied_then_answered() {
    for (polls, applied) in [(0, false), (1, false), (2, true), (3, true)] {
        let client = Embedded::in_memory().unwrap().client();
        create_table(&client).await;
        abandon_after(polls, add_one(&client)).await;
        assert_eq!(get(&client, "counter").await.is_some(), applied, "{polls}");
    }
}

#[tokio::test]
async fn requests_of_joined_tasks_take_turns() {
    let client = Embedded::in_memory().unwrap().client();
    create_table(&client).await;
    let order = std::cell::RefCell::new(String::new());
    let work = |name: char| {
        let (client, order) = (&client, &order);
        async move {
            for _ in 0..3 {
                add_one(client).await;
                order.borrow_mut().push(name);
            }
        }
    };
    tokio::join!(work('a'), work('b'));
    assert_eq!(order.into_inner(), "ababab");
}
