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
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::activity::{Activity, Patience};
use crate::error::Result;

/// How long requests that have begun may take once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// How long connections may be of no use. The first is how long a caller may take to send any head, too.
const PATIENCE: Patience =
    Patience { first: Duration::from_secs(30), next: Duration::from_secs(75), answer: Duration::from_secs(30) };
/// How long a connection that is of no use may take to end.
const GRACE: Duration = Duration::from_secs(5);
/// How long to wait when the system has no more room for connections.
const FULL: Duration = Duration::from_millis(100);
/// The most requests at once on one connection of HTTP/2.
const STREAMS: u32 = 100;

/// Serves until `stop` comes; then takes no more connections, and waits at most ten seconds for those at work.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) -> Result<()> {
    allow_many_connections();
    serve_patiently(listener, router, stop, PATIENCE).await
}

async fn serve_patiently(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()>,
    patience: Patience,
) -> Result<()> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(patience.first);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(patience.first).max_concurrent_streams(STREAMS);
    let (stopping, connections) = (CancellationToken::new(), TaskTracker::new());
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => accepted,
        };
        let Some((stream, peer)) = opened(accepted).await else { continue };
        let (router, activity) = (router.clone(), Activity::new());
        let asked = activity.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let (router, in_flight) = (router.clone(), asked.begin());
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            async { router.oneshot(request).await.map(|response| in_flight.answered(response)) }
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let stopping = stopping.clone();
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stopping.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
                () = activity.ceased(patience) => {
                    connection.as_mut().graceful_shutdown();
                    loop {
                        match tokio::time::timeout(GRACE, connection.as_mut()).await {
                            Ok(ended) => break ended,
                            // A request came just before.
                            Err(_) if activity.is_busy(patience) => {}
                            Err(_) => break Err("it was of no use".into()),
                        }
                    }
                }
            };
            if let Err(cause) = ended {
                tracing::debug!(%cause, "a connection broke off");
            }
        });
    }
    tracing::info!("stopping: no more connections are taken");
    drop(listener);
    stopping.cancel();
    connections.close();
    if tokio::time::timeout(DRAIN, connections.wait()).await.is_err() {
        tracing::warn!(seconds = DRAIN.as_secs(), "some requests did not end in time and are given up");
    }
    Ok(())
}

/// As many as the system lets the process have; it begins with fewer.
fn allow_many_connections() {
    if let Err(cause) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%cause, "the number of open files could not be raised");
    }
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

    const SOON: Patience = Patience {
        first: Duration::from_millis(200),
        next: Duration::from_millis(200),
        answer: Duration::from_millis(200),
    };

    /// What serves, briefly patient, and where.
    async fn served(router: Router) -> (tokio::task::JoinHandle<Result<()>>, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (tokio::spawn(serve_patiently(listener, router, std::future::pending(), SOON)), address)
    }

    #[tokio::test]
    async fn a_connection_that_asks_nothing_is_hung_up_on() {
        let (serving, address) = served(Router::new().route("/", get(async || "done"))).await;
        let preface: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
        let half_a_head = [preface, b"\0\0\x01\x01\0\0\0\0\x01\x82"].concat();
        for beginning in [b"", &b"G"[..], b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"PRI * HT", preface, &half_a_head]
        {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(beginning).await.unwrap();
            let mut answer = Vec::new();
            let end = tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut answer)).await;
            let beginning = String::from_utf8_lossy(beginning);
            assert!(end.is_ok() && !String::from_utf8_lossy(&answer).contains("done"), "{beginning}");
        }
        serving.abort();
    }

    #[tokio::test]
    async fn a_request_takes_its_time_and_its_connection_has_some_until_the_next() {
        let slow = async || {
            tokio::time::sleep(SOON.next * 3).await;
            "done"
        };
        let (serving, address) = served(Router::new().route("/", get(slow))).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        for _ in 0..2 {
            stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"done") {
                assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "hung up on");
            }
        }
        assert_eq!(stream.read(&mut [0; 9]).await.unwrap(), 0);
        serving.abort();
    }

    #[tokio::test]
    async fn a_caller_that_does_not_take_its_answer_is_hung_up_on_and_the_answer_let_go() {
        /// An answer that tells when it is gone.
        struct Large(Vec<u8>, Option<oneshot::Sender<()>>);
        impl AsRef<[u8]> for Large {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
        impl Drop for Large {
            fn drop(&mut self) {
                self.1.take().unwrap().send(()).unwrap();
            }
        }
        let (gone, is_gone) = oneshot::channel();
        let large = Arc::new(std::sync::Mutex::new(Some(Large(vec![b'x'; 64 << 20], Some(gone)))));
        let handler = async move || bytes::Bytes::from_owner(large.lock().unwrap().take().unwrap());
        let (serving, address) = served(Router::new().route("/", get(handler))).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        tokio::time::timeout(Duration::from_secs(15), is_gone).await.unwrap().unwrap();
        drop(stream);
        serving.abort();
    }
}
