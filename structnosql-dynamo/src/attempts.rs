//! How often requests are sent, the SDK's own retries included, for whoever observes them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use structnosql_core::meter;

/// A client, and one like it that tells each time that it sends.
///
/// To be ready to tell costs each call some of its time, and to make a single call tell a twentieth.
#[derive(Clone)]
pub(crate) struct Clients {
    silent: Client,
    telling: Client,
}

impl Clients {
    pub(crate) fn of(client: Client) -> Self {
        let telling = Client::from_conf(client.config().to_builder().interceptor(Attempts).build());
        Clients { silent: client, telling }
    }

    /// The client for a request that is made now.
    pub(crate) fn now(&self) -> &Client {
        if meter::is_observed() { &self.telling } else { &self.silent }
    }

    /// The client as it was given.
    pub(crate) fn given(&self) -> &Client {
        &self.silent
    }
}

#[derive(Debug)]
struct Attempts;

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "structnosql attempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        meter::attempted();
        Ok(())
    }
}
