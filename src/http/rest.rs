//! What is left of a body when its answer is ready: a client that still sends would find the connection closed, and never
//! see why.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::BodyExt as _;

/// So much is read in vain; who sends more has the connection closed.
const MOST_BYTES: usize = 1 << 20;
/// For so long.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads what the answer did not need, within bounds.
pub async fn read(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut rest = Rest(Arc::new(Mutex::new(body)));
    let response = next.run(Request::from_parts(parts, Body::new(rest.clone()))).await;
    if !rest.is_end_stream() && tokio::time::timeout(PATIENCE, rest.drain()).await.is_err() {
        tracing::debug!("a body that nobody needs did not end");
    }
    response
}

/// A body that can still be read when its reader is gone.
#[derive(Clone)]
struct Rest(Arc<Mutex<Body>>);

impl Rest {
    fn with<T>(&self, work: impl FnOnce(&mut Body) -> T) -> T {
        // Nothing panics while it is locked.
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn drain(&mut self) {
        let mut left = MOST_BYTES;
        while let Some(Ok(frame)) = self.frame().await {
            let Some(fewer) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
            left = fewer;
        }
    }
}

impl HttpBody for Rest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        self.with(|body| Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.with(|body| body.size_hint())
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::StatusCode;
    use axum::middleware::from_fn;
    use axum::routing::post;
    use tower::ServiceExt as _;

    use super::*;

    /// A body of that many pieces of 64 kB, and how much of it was read when its answer came.
    async fn read_of(pieces: usize) -> usize {
        let asked = Arc::new(Mutex::new(0));
        let counted = asked.clone();
        let body = futures::stream::iter((0..pieces).map(move |_| {
            *counted.lock().unwrap() += 1;
            Ok::<_, axum::Error>(Bytes::from(vec![b'x'; 1 << 16]))
        }));
        let router = Router::new().route("/", post(async || StatusCode::UNAUTHORIZED)).route_layer(from_fn(read));
        let request = Request::post("/").body(Body::from_stream(body)).unwrap();
        assert_eq!(router.oneshot(request).await.unwrap().status(), StatusCode::UNAUTHORIZED);
        *asked.lock().unwrap()
    }

    #[tokio::test]
    async fn what_an_answer_does_not_need_is_read_up_to_a_bound() {
        assert_eq!(read_of(0).await, 0);
        assert_eq!(read_of(3).await, 3);
        assert_eq!(read_of(1_000).await, 17, "a megabyte, and the piece that is too much");
    }
}
