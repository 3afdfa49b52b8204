//! One POST over HTTP.

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use structnosql_core::{Failure, FailureClass};

use crate::failure;

#[cfg(feature = "tls")]
pub(crate) type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "tls"))]
pub(crate) type Connector = HttpConnector;

/// The largest answer that is read: a page of a query holds 1 MB, and JSON makes it larger.
const MAX_ANSWER: usize = 64 * 1024 * 1024;

/// What came back.
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Posts JSON to one service.
#[derive(Clone)]
pub(crate) struct Poster {
    client: Client<Connector, Full<Bytes>>,
    authorization: Option<HeaderValue>,
    timeout: Duration,
}

impl Poster {
    pub(crate) fn new(connector: Connector) -> Self {
        Poster { client: client(connector), authorization: None, timeout: Duration::from_secs(30) }
    }

    pub(crate) fn set_key(&mut self, key: &str) -> Result<(), Failure> {
        let mut header = HeaderValue::try_from(format!("Bearer {key}"))
            .map_err(|_| Failure::new(FailureClass::NotSent, "the API key has characters that no header can hold"))?;
        header.set_sensitive(true);
        self.authorization = Some(header);
        Ok(())
    }

    /// Trusts these certificates alone, in PEM.
    #[cfg(feature = "tls")]
    pub(crate) fn set_roots(&mut self, pem: &[u8]) -> Result<(), Failure> {
        self.client = client(connector_trusting(pem)?);
        Ok(())
    }

    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Sends one POST and reads its answer, whatever its status is.
    pub(crate) async fn post(&self, uri: &Uri, body: Bytes) -> Result<Answered, Failure> {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| Failure::new(FailureClass::NotSent, error.to_string()))?;
        if let Some(key) = &self.authorization {
            request.headers_mut().insert(AUTHORIZATION, key.clone());
        }
        match tokio::time::timeout(self.timeout, self.exchange(request)).await {
            Ok(answer) => answer,
            Err(_) => {
                let message = format!("no answer within {} ms", self.timeout.as_millis());
                Err(Failure::new(FailureClass::Interrupted, message))
            }
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<Answered, Failure> {
        let answer = self.client.request(request).await.map_err(|error| failure::of_transport(&error))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_ANSWER)
            .collect()
            .await
            .map_err(|_| Failure::new(FailureClass::Interrupted, "the answer broke off, or is larger than 64 MB"))?
            .to_bytes();
        Ok(Answered { status: head.status, headers: head.headers, body })
    }
}

fn client(connector: Connector) -> Client<Connector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        // Shorter than what services keep idle connections for: a POST on one that is being closed is in doubt.
        .pool_idle_timeout(Duration::from_secs(5))
        .pool_timer(hyper_util::rt::TokioTimer::new())
        .build(connector)
}

/// The address of a service.
pub(crate) fn uri(address: &str) -> Result<Uri, Failure> {
    let wrong = |message| Failure::new(FailureClass::NotSent, message);
    let uri: Uri = address.parse().map_err(|_| wrong("the service's address is no URL"))?;
    match uri.scheme_str() {
        Some("https") if cfg!(feature = "tls") => Ok(uri),
        Some("https") => Err(wrong("HTTPS needs the feature `tls`")),
        Some("http") => Ok(uri),
        _ => Err(wrong("the service's address begins with neither `https://` nor `http://`")),
    }
}

/// Connects over HTTP, and over HTTPS where that is built in.
pub(crate) fn connector() -> Result<Connector, Failure> {
    #[cfg(feature = "tls")]
    {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let builder = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)
            .map_err(|error| Failure::new(FailureClass::NotSent, format!("no trusted certificates: {error}")))?;
        Ok(builder.https_or_http().enable_http1().wrap_connector(over_tcp()))
    }
    #[cfg(not(feature = "tls"))]
    Ok(over_tcp())
}

/// Over HTTPS with who shows one of these certificates, or one that they have signed.
#[cfg(feature = "tls")]
fn connector_trusting(pem: &[u8]) -> Result<Connector, Failure> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(FailureClass::NotSent, format!("the trusted certificates are none: {error}"))
    };
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| wrong(&error))?;
        roots.add(certificate).map_err(|error| wrong(&error))?;
    }
    if roots.is_empty() {
        return Err(wrong(&"there is no certificate in it"));
    }
    let provider = rustls::crypto::aws_lc_rs::default_provider().into();
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(config);
    Ok(builder.https_or_http().enable_http1().wrap_connector(over_tcp()))
}

fn over_tcp() -> HttpConnector {
    let mut http = HttpConnector::new();
    http.set_connect_timeout(Some(Duration::from_secs(5)));
    http.set_nodelay(true);
    http.enforce_http(cfg!(not(feature = "tls")));
    http
}
