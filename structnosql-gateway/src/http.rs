//! The service over HTTP: routes, and what each request passes before it is run.

mod extension;
mod intake;
mod original;
pub(crate) mod refusal;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use http::{StatusCode, header};
use structnosql_core::Backend;
use structnosql_external::wire::extension::PATH;

use crate::gateway::Gateway;

/// The form that counts are answered in.
pub(crate) const METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What can be asked of the service.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Endpoint {
    Operations,
    Table,
    Health,
    Ready,
    Metrics,
    #[cfg(feature = "openapi")]
    Description,
}

impl Endpoint {
    pub(crate) const ALL: &[Endpoint] = &[
        Endpoint::Operations,
        Endpoint::Table,
        Endpoint::Health,
        Endpoint::Ready,
        Endpoint::Metrics,
        #[cfg(feature = "openapi")]
        Endpoint::Description,
    ];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Endpoint::Operations => PATH,
            Endpoint::Table => "/tables/{table}",
            Endpoint::Health => "/health",
            Endpoint::Ready => "/ready",
            Endpoint::Metrics => "/metrics",
            #[cfg(feature = "openapi")]
            Endpoint::Description => "/openapi.json",
        }
    }

    fn served<B: Backend>(self) -> MethodRouter<Arc<Gateway<B>>> {
        match self {
            Endpoint::Operations => post(extension::serve::<B>),
            Endpoint::Table => post(original::serve::<B>),
            Endpoint::Health => get(async || "ok"),
            Endpoint::Ready => get(ready::<B>),
            Endpoint::Metrics => get(metrics::<B>),
            #[cfg(feature = "openapi")]
            Endpoint::Description => {
                get(async || ([(header::CONTENT_TYPE, "application/json")], crate::openapi::openapi()).into_response())
            }
        }
    }
}

impl<B: Backend> Gateway<B> {
    /// The service, to be served as it is or made part of another application.
    ///
    /// | path | what |
    /// |---|---|
    /// | `POST /v1/operations` | the extension: operations of the core's `Backend`, many in one request |
    /// | `POST /tables/{table}` | the wire of StructNoSQL for Python |
    /// | `GET /health` | 200 while the process runs |
    /// | `GET /ready` | 200 while the tables can be used, 503 otherwise and when it is about to stop |
    /// | `GET /metrics` | counts, in the text form of OpenMetrics |
    /// | `GET /openapi.json` | all of this, described in OpenAPI (feature `openapi`) |
    pub fn router(self: &Arc<Self>) -> Router {
        let route = |router: Router<_>, endpoint: &Endpoint| router.route(endpoint.path(), endpoint.served::<B>());
        Endpoint::ALL.iter().fold(Router::new(), route).with_state(self.clone())
    }

    /// Notes an answer: what it was asked by whom is not in it, but for the client's name.
    fn note(&self, wire: &'static str, client: &str, began: Instant, response: &Response) {
        let (status, took) = (response.status().as_u16(), began.elapsed());
        self.metrics.answered(wire, status, took.as_secs_f64());
        tracing::info!(wire, client, status, micros = took.as_micros() as u64, "answered");
    }
}

async fn ready<B: Backend>(State(gateway): State<Arc<Gateway<B>>>) -> Response {
    match gateway.is_ready().await {
        true => "ready".into_response(),
        false => (StatusCode::SERVICE_UNAVAILABLE, "not ready").into_response(),
    }
}

async fn metrics<B: Backend>(State(gateway): State<Arc<Gateway<B>>>) -> Response {
    ([(header::CONTENT_TYPE, METRICS)], gateway.metrics.text()).into_response()
}
