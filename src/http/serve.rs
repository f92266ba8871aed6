//! Serving, until it is told to stop.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt as _;

use crate::error::Result;

/// How long requests that have begun may take once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a caller may take to send the head of a request, and a connection may be idle between requests.
const HEAD: Duration = Duration::from_secs(30);
/// How long to wait when the system has no more room for connections.
const FULL: Duration = Duration::from_millis(100);
/// The most requests at once on one connection of HTTP/2.
const STREAMS: u32 = 100;

/// Serves until `stop` comes; then takes no more connections, and waits at most ten seconds for those at work.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) -> Result<()> {
    serve_patiently(listener, router, stop, HEAD).await
}

async fn serve_patiently(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    patience: Duration,
) -> Result<()> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(patience).max_concurrent_streams(STREAMS);
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Some((stream, peer)) = opened(accepted).await else { continue };
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(cause) = connection.await {
                tracing::debug!(%cause, "a connection broke off");
            }
        });
    }
    tracing::info!("stopping: no more connections are taken");
    drop(listener);
    if tokio::time::timeout(DRAIN, connections.shutdown()).await.is_err() {
        tracing::warn!(seconds = DRAIN.as_secs(), "some requests did not end in time and are given up");
    }
    Ok(())
}

/// A connection, if it stands. One that its caller gave up is no matter; a system without room for more is waited for.
async fn opened(accepted: io::Result<(TcpStream, SocketAddr)>) -> Option<(TcpStream, SocketAddr)> {
    match accepted {
        Ok((stream, peer)) => {
            // Answers are whole when they are written: nothing is gained by waiting for more.
            if let Err(cause) = stream.set_nodelay(true) {
                tracing::debug!(%cause, "TCP_NODELAY could not be set");
            }
            Some((stream, peer))
        }
        Err(cause) if matches!(cause.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset) => {
            tracing::debug!(%cause, "a connection was given up before it was taken");
            None
        }
        Err(cause) => {
            tracing::error!(%cause, "a connection cannot be taken");
            tokio::time::sleep(FULL).await;
            None
        }
    }
}

/// Comes with SIGTERM or SIGINT.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let arrived = async |kind| match signal(kind) {
        Ok(mut signals) => drop(signals.recv().await),
        Err(cause) => {
            tracing::error!(%cause, "a signal cannot be waited for");
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = arrived(SignalKind::terminate()) => {}
        () = arrived(SignalKind::interrupt()) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::{Notify, oneshot};

    use super::*;

    #[tokio::test]
    async fn a_request_that_has_begun_is_answered_after_the_stop_and_no_other_is_taken() {
        let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let handler = {
            let (begun, finish) = (begun.clone(), finish.clone());
            async move || {
                begun.notify_one();
                finish.notified().await;
                "done"
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().route("/", get(handler));
        let serving = tokio::spawn(serve(listener, router, async { stopped.await.unwrap() }));

        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        begun.notified().await;
        stop.send(()).unwrap();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        finish.notify_one();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("done"), "{answer}");
        serving.await.unwrap().unwrap();
    }
    #[tokio::test]
    async fn a_caller_that_does_not_end_its_head_is_hung_up_on() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", get(async || "done"));
        let patience = Duration::from_millis(50);
        let serving = tokio::spawn(serve_patiently(listener, router, std::future::pending(), patience));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(!answer.contains("done"), "{answer}");
        serving.abort();
    }
}
