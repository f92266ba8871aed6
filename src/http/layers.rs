//! What every request passes through: an id, a line in the log, the headers that browsers are told by.

use std::any::Any;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Span;
use uuid::Uuid;

use super::answer::refusal;
use super::negotiation::Media;
use crate::error::Error;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, or keeps the caller's if it is one, and sends it back with the answer.
pub async fn identify(mut request: Request, next: Next) -> Response {
    let given = request.headers().get(&REQUEST_ID).filter(|value| is_id(value.as_bytes())).cloned();
    let id = given.or_else(|| HeaderValue::from_str(&Uuid::new_v4().to_string()).ok());
    let Some(id) = id else { return next.run(request).await };
    request.headers_mut().insert(REQUEST_ID, id.clone());
    let mut response = next.run(request).await;
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// It goes into the log: letters, digits and a few marks.
fn is_id(value: &[u8]) -> bool {
    (1..=64).contains(&value.len()) && value.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// The headers of every answer, where it has none of its own: nothing runs, nothing frames it, nothing is guessed.
pub async fn protect(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The span of a request: never its query string, body or credential.
pub fn span(request: &axum::http::Request<axum::body::Body>) -> Span {
    let id = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}

/// The line of an answered request.
pub fn answered(response: &Response, latency: Duration, _: &Span) {
    let elapsed_us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
    tracing::info!(status = response.status().as_u16(), elapsed_us, "answered");
}

/// The answer of a request that ran into a defect; the text of a panic is for the log.
#[expect(clippy::needless_pass_by_value, reason = "tower-http calls it so")]
pub fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a text");
    refusal(Media::Json, StatusCode::INTERNAL_SERVER_ERROR, &Error::internal(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_forge_a_line_of_the_log_is_not_kept() {
        assert!(is_id(b"0d2a7c1e-7b.A_9"));
        assert!(!is_id(b"") && !is_id(b"a b") && !is_id(b"a\"b") && !is_id(&[b'a'; 65]));
    }
}
