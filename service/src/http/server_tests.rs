//! Tests of the server, over real sockets.

use super::*;
use axum::Extension;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;

async fn start(router: Router) -> (SocketAddr, Shutdown, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = Shutdown::new();
    let server = tokio::spawn(serve(listener, router, shutdown.clone()));
    (address, shutdown, server)
}

async fn get_path(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn the_router_learns_who_called() {
    let peer =
        |Extension(PeerAddress(peer)): Extension<PeerAddress>| async move { peer.ip().to_string() };
    let (address, shutdown, server) = start(Router::new().route("/", get(peer))).await;
    let answer = get_path(address, "/").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("127.0.0.1"), "{answer}");
    shutdown.request();
    server.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "the port is closed");
}

#[tokio::test]
async fn an_open_request_is_answered_after_the_stop() {
    let (inside, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = {
        let (inside, go) = (inside.clone(), go.clone());
        move || async move {
            inside.notify_one();
            go.notified().await;
            "late"
        }
    };
    let (address, shutdown, server) = start(Router::new().route("/slow", get(slow))).await;
    let asking = tokio::spawn(async move { get_path(address, "/slow").await });
    inside.notified().await;
    shutdown.request();
    go.notify_one();
    assert!(asking.await.unwrap().ends_with("late"));
    server.await.unwrap();
}

#[tokio::test]
async fn a_client_that_never_finishes_its_headers_is_cut_off() {
    let (address, _shutdown, _server) = start(Router::new()).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut answer = Vec::new();
    let limit = HEADER_TIMEOUT + Duration::from_secs(5);
    let ended = tokio::time::timeout(limit, stream.read_to_end(&mut answer)).await;
    assert!(ended.is_ok(), "still open after {limit:?}");
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}
