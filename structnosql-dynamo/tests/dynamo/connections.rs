//! Real sockets, on this machine.

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use structnosql_core::FailureClass;
use structnosql_dynamo::Dynamo;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::server::Sending;

#[tokio::test]
async fn a_closed_port_was_not_sent_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let dynamo = Dynamo::at(format!("http://{address}"));
    for sending in [Sending::Get, Sending::GuardedPut] {
        let failure = sending.over(&dynamo).await.unwrap_err();
        assert_eq!(failure.class(), FailureClass::NotSent, "{failure}");
        assert!(failure.message().contains("refused"), "{failure}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_may_have_applied_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dynamo = Dynamo::at(format!("http://{}", listener.local_addr().unwrap()));
    let server = tokio::spawn(async move {
        let mut requests = 0;
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            requests += 1;
            assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
            drop(stream);
            if requests == 1 {
                return requests;
            }
        }
    });
    let failure = Sending::GuardedPut.over(&dynamo).await.unwrap_err();
    assert_eq!(failure.class(), FailureClass::Interrupted, "{failure}");
    assert_eq!(server.await.unwrap(), 1);
}

#[tokio::test]
async fn a_name_that_does_not_resolve_and_no_address_at_all_were_not_sent_to() {
    for endpoint in ["http://nowhere.invalid:8000", "https://127.0.0.1:1", "no address", ""] {
        let failure = Sending::GuardedPut.over(&Dynamo::at(endpoint)).await.unwrap_err();
        assert_eq!(failure.class(), FailureClass::NotSent, "{endpoint}: {failure}");
        assert!(!failure.message().contains("secret"), "{failure}");
    }
}

/// Knows no credentials.
#[derive(Debug)]
struct Nobody;

impl ProvideCredentials for Nobody {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let none: provider::Result = Err(CredentialsError::not_loaded("there are none"));
        future::ProvideCredentials::ready(none)
    }
}

#[tokio::test]
async fn without_region_or_credentials_nothing_is_sent() {
    let config = || aws_sdk_dynamodb::Config::builder().behavior_version(BehaviorVersion::v2026_01_12());
    for (config, reason) in [
        (config().region(Region::from_static("eu-west-1")).credentials_provider(Nobody), "there are none"),
        (config().allow_no_auth(), "Missing Region"),
    ] {
        let failure = Sending::GuardedPut.over(&Dynamo::new(Client::from_conf(config.build()))).await.unwrap_err();
        assert_eq!(failure.class(), FailureClass::NotSent, "{failure}");
        assert!(failure.message().contains(reason), "{failure}");
    }
}
