//! The HTTP server: bounded in time and connections, stopped without cutting anybody off.

use crate::shutdown::Shutdown;
use axum::Router;
use axum::extract::Request;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// A client that has not sent its headers by then is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Open requests have this long to finish once a stop is asked for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// After a failed accept (no file handles, say) wait before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const MAX_CONNECTIONS: usize = 10_000;
const MAX_HEADERS: usize = 100;
const MAX_CONCURRENT_STREAMS: u32 = 200;

/// The address a request came from, found in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// Serves `router` (HTTP/1.1 and HTTP/2 without TLS) until `shutdown` is raised.
///
/// Returns when every open request has been answered, or ten seconds after the switch was raised.
pub async fn serve(listener: TcpListener, router: Router, shutdown: Shutdown) {
    let builder = Arc::new(builder());
    let graceful = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        // Beyond the bound new connections wait in the kernel's queue.
        let place = tokio::select! {
            Ok(place) = places.clone().acquire_owned() => place,
            () = shutdown.requested() => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted,
            () = shutdown.requested() => break,
        };
        let router = router.clone();
        let service = TowerToHyperService::new(tower::service_fn(move |request| {
            answer(router.clone(), request, peer)
        }));
        let io = TokioIo::new(stream);
        let connection = builder.serve_connection_with_upgrades(io, service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%peer, error, "connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!("some requests were still open when the time to stop was over");
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_headers(MAX_HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_CONCURRENT_STREAMS)
        .keep_alive_interval(HEADER_TIMEOUT);
    builder
}

/// The next connection; failures are logged and waited out, never fatal.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Small answers must not wait for more bytes to fill a packet.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%peer, %error, "cannot set TCP_NODELAY");
                }
                return (stream, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn answer<B>(
    router: Router,
    request: axum::http::Request<B>,
    peer: SocketAddr,
) -> Result<axum::response::Response, std::convert::Infallible>
where
    B: axum::body::HttpBody<Data = axum::body::Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    let mut request: Request = request.map(axum::body::Body::new);
    request.extensions_mut().insert(PeerAddress(peer));
    router.oneshot(request).await
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
