//! How often requests are sent, the SDK's own retries included, for whoever observes them.

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use structnosql_core::meter;

/// Sends a call of the SDK, and tells its attempts where somebody wants to know: to be ready for it costs a twentieth of
/// the call.
macro_rules! send {
    ($call:expr) => {
        match structnosql_core::meter::is_observed() {
            true => Box::pin($call.customize().interceptor($crate::attempts::Attempts).send()).await,
            false => Box::pin($call.send()).await,
        }
    };
}
pub(crate) use send;

#[derive(Debug)]
pub(crate) struct Attempts;

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
