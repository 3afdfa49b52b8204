//! How often requests are sent, the SDK's own retries included, for whoever observes them.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use structnosql_core::meter;

/// The same client, telling each of its attempts.
pub(crate) fn told_by(client: &Client) -> Client {
    Client::from_conf(client.config().to_builder().interceptor(Attempts).build())
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
