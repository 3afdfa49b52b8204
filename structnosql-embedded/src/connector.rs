use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;
use dynoxide::Database;
use tokio::runtime::Handle;
use tokio::task::yield_now;

use crate::dispatch::{Answer, answer};

/// The HTTP client that answers from an [`Embedded`](crate::Embedded) instead
/// of a network.
///
/// Give it to an SDK configuration that you build yourself (your own retries,
/// interceptors, credentials); [`Embedded::client`](crate::Embedded::client) is
/// a client that is ready. Clones are cheap and answer from the same data.
/// It ignores the host, the signature and the connection timeouts of a request.
///
/// A request behaves in time as one over a network. Dropping its future does
/// not undo it: what was dropped half way may have been applied. A file is read
/// and written on tokio's blocking threads. In memory, a request that is polled
/// once is under way, polled twice is applied, polled three times is answered:
/// other tasks take their turns in between, and the same run is the same again.
#[derive(Clone, Debug)]
pub struct EmbeddedHttpClient {
    connector: SharedHttpConnector,
}

impl EmbeddedHttpClient {
    pub(crate) fn new(database: Database, storage: Storage) -> Self {
        Self {
            connector: SharedHttpConnector::new(Connector(Arc::new(Shared {
                database,
                storage,
                requests: AtomicU64::new(0),
            }))),
        }
    }
}

impl HttpClient for EmbeddedHttpClient {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.connector.clone()
    }
}

/// Where the data is, which decides on which thread a request may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    /// Answers within microseconds: a change of threads would cost more.
    Memory,
    /// May wait for the disk, or for another process, and must not hold up the
    /// executor while it does.
    File,
}

struct Shared {
    database: Database,
    storage: Storage,
    /// Request ids are counted, not drawn, so that equal runs have equal traces.
    requests: AtomicU64,
}

#[derive(Clone)]
struct Connector(Arc<Shared>);

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Connector").field(&self.0.storage).finish()
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let shared = Arc::clone(&self.0);
        HttpConnectorFuture::new(async move {
            match (shared.storage, Handle::try_current()) {
                (Storage::File, Ok(runtime)) => runtime
                    .spawn_blocking(move || shared.respond(&request))
                    .await
                    .map_err(|error| ConnectorError::io(error.into()))?,
                // Without tokio there is no other thread to go to.
                (Storage::File, Err(_)) => shared.respond(&request),
                (Storage::Memory, _) => {
                    yield_now().await;
                    let response = shared.respond(&request);
                    yield_now().await;
                    response
                }
            }
        })
    }
}

impl Shared {
    fn respond(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Some(body) = request.body().bytes() else {
            return Err(ConnectorError::user(
                "the embedded engine takes no streamed request body; give it one held in memory".into(),
            ));
        };
        let target = request.headers().get("x-amz-target");
        let answer = answer(&self.database, target, body);
        self.response(answer).map_err(|error| ConnectorError::other(error.into(), None))
    }

    fn response(&self, answer: Answer) -> Result<HttpResponse, aws_smithy_runtime_api::http::HttpError> {
        let mut response = HttpResponse::new(StatusCode::try_from(answer.status)?, SdkBody::from(answer.body));
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let headers = response.headers_mut();
        headers.try_insert("x-amzn-requestid", format!("EMBEDDED{number:044}"))?;
        headers.try_insert("content-type", "application/x-amz-json-1.0")?;
        Ok(response)
    }
}
