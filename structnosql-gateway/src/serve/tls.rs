use std::sync::Arc;

use rustls::ServerConfig;
use structnosql_core::Backend;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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

/// The first byte of every handshake.
const HANDSHAKE: u8 = 22;

/// In the words of either wire: which one it is would only be known from what TLS hides.
const NO_TLS: &str = concat!(
    r#"{"success":false,"data":null,"errorKey":"validationError","exception":"this port speaks TLS: use https","#,
    r#""failed":{"class":"invalid","message":"this port speaks TLS: use https"}}"#
);

/// A handshake takes no longer than the head of a request may.
pub(super) async fn serve<B: Backend>(acceptor: TlsAcceptor, stream: TcpStream, connection: Connection<B>) {
    let time = connection.gateway.limits.header_time();
    let accept = async {
        let mut first = [0];
        match stream.peek(&mut first).await {
            Ok(1) if first[0] != HANDSHAKE => refuse(stream).await.map(|()| None),
            _ => acceptor.accept(stream).await.map(Some),
        }
    };
    if let Ok(Ok(Some(stream))) = tokio::time::timeout(time, accept).await {
        connection.serve(stream).await;
    }
}

/// Tells a client that speaks no TLS. It is read from until it closes: otherwise the answer could be lost with what it
/// has sent.
async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        NO_TLS.len()
    );
    stream.write_all([head.as_str(), NO_TLS].concat().as_bytes()).await?;
    stream.shutdown().await?;
    let mut part = [0; 4096];
    while stream.read(&mut part).await? > 0 {}
    Ok(())
}
