use structnosql_core::{ApiOperation, Observed, RequestStatistics};

use crate::server::{Answer, Sending, Server};

fn throttled() -> Answer {
    Answer::error(400, "ProvisionedThroughputExceededException", "slower")
}

fn consumed(units: f64) -> Answer {
    let capacity = format!(r#"{{"ConsumedCapacity":{{"TableName":"t","CapacityUnits":{units}}}}}"#);
    Answer::Says(200, capacity)
}

async fn observed(sending: Sending, answers: impl IntoIterator<Item = Answer>) -> RequestStatistics {
    let backend = Observed::new(Server::answering(answers).dynamo());
    sending.over(&backend).await.ok();
    backend.statistics()
}

#[tokio::test(start_paused = true)]
async fn attempts_are_counted_whoever_makes_them() {
    // The SDK repeats reads, and this crate writes.
    for sending in [Sending::Get, Sending::Put, Sending::GuardedPut, Sending::Update] {
        let counts = observed(sending, [throttled(), throttled(), Answer::ok()]).await.total();
        assert_eq!((counts.requests, counts.retries, counts.failed), (1, 2, 0), "{sending:?}");
        let counts = observed(sending, [throttled()]).await.total();
        assert_eq!((counts.retries, counts.failed, counts.throttled), (2, 1, 1), "{sending:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn capacity_is_what_the_server_says() {
    let read = observed(Sending::Get, [consumed(0.5)]).await.of("t", ApiOperation::GetItem);
    assert_eq!((read.read_units, read.write_units), (0.5, 0.0));
    for (sending, operation) in [
        (Sending::Put, ApiOperation::PutItem),
        (Sending::GuardedPut, ApiOperation::PutItem),
        (Sending::ReturningUpdate, ApiOperation::UpdateItem),
    ] {
        let written = observed(sending, [throttled(), consumed(2.0)]).await.of("t", operation);
        assert_eq!((written.read_units, written.write_units), (0.0, 2.0), "{sending:?}");
    }
}

/// Nobody pays for an answer that nobody reads.
#[tokio::test(start_paused = true)]
async fn capacity_is_asked_for_where_somebody_wants_to_know() {
    let server = Server::answering([Answer::ok()]);
    for sending in [Sending::Get, Sending::Put, Sending::Update] {
        sending.over(&server.dynamo()).await.unwrap();
        assert!(!server.last_body().contains("ReturnConsumedCapacity"), "{sending:?}");
        sending.over(&Observed::new(server.dynamo())).await.unwrap();
        assert!(server.last_body().contains(r#""ReturnConsumedCapacity":"TOTAL""#), "{sending:?}");
    }
}
