//! Taking a request in: its key, its body, a place among those that are run.

use std::sync::Arc;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use structnosql_core::Backend;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::refusal::Refusal;
use crate::access::Client;
use crate::gateway::Gateway;

/// The key in the head of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

/// A place among the requests of its client, and one among all that are run: given back when what was asked is done,
/// whether the client has waited for it or not.
pub(super) struct Place {
    _client: OwnedSemaphorePermit,
    _service: OwnedSemaphorePermit,
}

/// A body of a client that is not known yet, and its share of what is read of such.
pub(super) struct UnknownBody {
    pub(super) bytes: Bytes,
    _share: Option<OwnedSemaphorePermit>,
}

impl<B: Backend> Gateway<B> {
    /// Reads the body: no more of it than is allowed, and no longer.
    pub(super) async fn read(&self, headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
        self.read_within(headers, body, None).await.map(|body| body.bytes)
    }

    /// Reads the body of a client that is not known before it is read: all of these have one bound.
    pub(super) async fn read_unknown(&self, headers: &HeaderMap, body: Body) -> Result<UnknownBody, Refusal> {
        self.read_within(headers, body, Some(&self.unknown)).await
    }

    async fn read_within(
        &self,
        headers: &HeaderMap,
        body: Body,
        bound: Option<&Arc<Semaphore>>,
    ) -> Result<UnknownBody, Refusal> {
        let most = self.limits.body_bytes;
        let declared = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if declared.is_some_and(|length: u64| length > most as u64) {
            return Err(too_large(most));
        }
        match tokio::time::timeout(self.limits.body_time(), collect(body, most, bound)).await {
            Ok(read) => read,
            Err(_) => Err(Refusal::too_slow()),
        }
    }

    /// A place among the requests that are run: taken once the body is there, so that slow clients hold none.
    pub(super) fn place(&self, of_client: OwnedSemaphorePermit) -> Result<Place, Refusal> {
        let busy = |_| Refusal::too_many(1, "more requests are run than the service takes");
        Ok(Place { _client: of_client, _service: self.slots.clone().try_acquire_owned().map_err(busy)? })
    }
}

/// Reads frame by frame: what counts is what has come, not what a client says that there will be.
async fn collect(body: Body, most: usize, bound: Option<&Arc<Semaphore>>) -> Result<UnknownBody, Refusal> {
    let mut body = Limited::new(body, most);
    let (mut bytes, mut share) = (BytesMut::new(), None::<OwnedSemaphorePermit>);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.is::<LengthLimitError>() {
            true => too_large(most),
            false => Refusal::broken_off(),
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if let Some(bound) = bound {
            let more = bound
                .clone()
                .try_acquire_many_owned(u32::try_from(data.len()).unwrap_or(u32::MAX))
                .map_err(|_| Refusal::too_many(1, "more is sent without a key in the head than the service takes"))?;
            match &mut share {
                Some(share) => share.merge(more),
                None => share = Some(more),
            }
        }
        bytes.extend_from_slice(&data);
    }
    Ok(UnknownBody { bytes: bytes.freeze(), _share: share })
}

fn too_large(most: usize) -> Refusal {
    Refusal::too_large(format!("the body of a request has at most {most} bytes"))
}

/// A place among the requests of a client: before its body is read, so that no client has more bodies here than these.
pub(super) fn place_of(client: &Client) -> Result<OwnedSemaphorePermit, Refusal> {
    client.place().ok_or_else(|| Refusal::too_many(1, "more requests of this client than the service takes at once"))
}

/// Takes records from a client's rate.
pub(super) fn take(client: &Client, records: usize) -> Result<(), Refusal> {
    client.take(records).map_err(|seconds| Refusal::too_many(seconds, "more than the client's rate"))
}
