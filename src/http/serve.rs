//! Serving, until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::error::{Error, Result};

/// How long requests that have begun may take once the server is told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stop` comes; then takes no more connections, and waits at most ten seconds for those at work.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let (stopping, stopped) = oneshot::channel::<()>();
    let listener = listener.tap_io(|stream| {
        // Answers are whole when they are written: nothing is gained by waiting for more.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "TCP_NODELAY could not be set");
        }
    });
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        tracing::info!("stopping: no more connections are taken");
        drop(stopping);
    });
    let too_long = async {
        // The sender is dropped, never used: either way the wait begins.
        let _ = stopped.await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        served = serving => served.map_err(Error::internal),
        () = too_long => {
            tracing::warn!(seconds = DRAIN.as_secs(), "some requests did not end in time and are given up");
            Ok(())
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
    use tokio::net::TcpStream;
    use tokio::sync::Notify;

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
}
