use std::sync::Arc;

use rustls::ServerConfig;
use structnosql_core::Backend;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::{Connection, Server};

impl Server {
    /// Speaks TLS, as this configuration says.
    #[must_use]
    pub fn with_tls(mut self, config: ServerConfig) -> Self {
        self.tls = Some(TlsAcceptor::from(Arc::new(config)));
        self
    }
}

/// A handshake takes no longer than the head of a request may.
pub(super) async fn serve<B: Backend>(acceptor: TlsAcceptor, stream: TcpStream, connection: Connection<B>) {
    let time = connection.gateway.limits.header_time();
    if let Ok(Ok(stream)) = tokio::time::timeout(time, acceptor.accept(stream)).await {
        connection.serve(stream).await;
    }
}
