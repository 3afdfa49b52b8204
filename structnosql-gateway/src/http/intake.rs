//! Taking a request in: its key, its body, a place among those that are run.

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use structnosql_core::Backend;
use tokio::sync::SemaphorePermit;

use super::refusal::Refusal;
use crate::access::Client;
use crate::gateway::Gateway;

/// The key in the head of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

impl<B: Backend> Gateway<B> {
    /// Reads the body: no more of it than is allowed, and no longer.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
        let most = self.limits.body_bytes;
        let too_large = || Refusal::too_large(format!("the body of a request has at most {most} bytes"));
        let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if declared.is_some_and(|length: u64| length > most as u64) {
            return Err(too_large());
        }
        match tokio::time::timeout(self.limits.body_time(), Limited::new(body, most).collect()).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
            Ok(Err(_)) => Err(Refusal::broken_off()),
            Err(_) => Err(Refusal::too_slow()),
        }
    }

    /// A place among the requests that are run: taken once the body is there, so that slow clients hold none.
    pub(super) fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        self.slots.try_acquire().map_err(|_| Refusal::too_many(1, "more requests are run than the service takes"))
    }
}

/// Takes operations from a client's rate.
pub(super) fn take(client: &Client, operations: usize) -> Result<(), Refusal> {
    client.take(operations).map_err(|seconds| Refusal::too_many(seconds, "more operations than the client's rate"))
}
