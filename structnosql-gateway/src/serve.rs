//! Serving over TCP, with or without TLS: slow and silent clients are let go, and what is under way is finished.

#[cfg(feature = "tls")]
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use prometheus_client::metrics::gauge::Gauge;
use structnosql_core::Backend;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;

use crate::gateway::Gateway;
use crate::limits::places;

/// The largest head of a request, and the most that is read of one at a time, in bytes.
const HEAD: usize = 64 * 1024;

/// A listening socket, for a [`Gateway`] to be served on.
///
/// `axum::serve` keeps connections on which nothing comes for ever; this closes one whose head is not there in time.
pub struct Server {
    listener: TcpListener,
    #[cfg(feature = "tls")]
    tls: Option<tokio_rustls::TlsAcceptor>,
}

impl Server {
    /// Listens on an address; port 0 is any that is free.
    ///
    /// # Errors
    ///
    /// An address that cannot be listened on.
    pub async fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        Ok(Server {
            listener: TcpListener::bind(address).await?,
            #[cfg(feature = "tls")]
            tls: None,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    ///
    /// A socket that is gone.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop` is done. Then it accepts nothing more, and waits for requests under way, as long as the
    /// limits say.
    pub async fn serve<B: Backend>(self, gateway: Arc<Gateway<B>>, stop: impl Future<Output = ()>) {
        let limits = gateway.limits;
        let places = places(limits.connections);
        let graceful = GracefulShutdown::new();
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                (stream, place) = self.accept(&places) => {
                    self.start(stream, Connection::of(&gateway, graceful.watcher(), place));
                }
            }
        }
        gateway.stop();
        drop(self.listener);
        gateway.tasks.close();
        let finished = async {
            graceful.shutdown().await;
            gateway.tasks.wait().await;
        };
        if tokio::time::timeout(limits.drain_time(), finished).await.is_err() {
            tracing::warn!("requests were still under way when the time to finish them was over");
        }
    }

    /// The next connection, once there is a place for it.
    async fn accept(&self, places: &Arc<Semaphore>) -> (TcpStream, OwnedSemaphorePermit) {
        loop {
            let Ok(place) = places.clone().acquire_owned().await else {
                // The places are never closed.
                std::future::pending::<()>().await;
                continue;
            };
            match self.listener.accept().await {
                Ok((stream, _)) => return (stream, place),
                Err(error) => {
                    // A client that is gone again, or no more file descriptors: others may free some.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    fn start<B: Backend>(&self, stream: TcpStream, connection: Connection<B>) {
        // Answers are written at once and as a whole.
        stream.set_nodelay(true).ok();
        #[cfg(feature = "tls")]
        if let Some(acceptor) = &self.tls {
            tokio::spawn(tls::serve(acceptor.clone(), stream, connection));
            return;
        }
        tokio::spawn(connection.serve(stream));
    }
}

/// Counts a connection for as long as it is there.
struct Open(Gauge);

impl Open {
    fn count(connections: &Gauge) -> Self {
        connections.inc();
        Open(connections.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// One connection.
struct Connection<B> {
    gateway: Arc<Gateway<B>>,
    watcher: Watcher,
    _open: Open,
    _place: OwnedSemaphorePermit,
}

impl<B: Backend> Connection<B> {
    fn of(gateway: &Arc<Gateway<B>>, watcher: Watcher, place: OwnedSemaphorePermit) -> Self {
        Connection {
            gateway: gateway.clone(),
            watcher,
            _open: Open::count(&gateway.metrics.connections),
            _place: place,
        }
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let service = TowerToHyperService::new(self.gateway.router());
        let limits = &self.gateway.limits;
        // Otherwise who does not read its answer would hold its place, and what waits to be sent, for ever.
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.write_time()));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_time())
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        if let Err(error) = self.watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended");
        }
    }
}
