//! From answers to HTTP: status, media type, body.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::negotiation::Media;
use crate::error::{Error, Result};
use crate::graphql::wire;

/// The answers to a call.
pub struct Answer {
    /// In the order of the requests.
    pub responses: Vec<wire::Response>,
    /// Whether they are written as an array.
    pub is_batch: bool,
    /// The most errors that each tells: a document of one mistake a field has more than a person reads.
    pub max_errors: usize,
}

impl Answer {
    /// As HTTP. What the request holds, such as its place among those at work, it holds until the last byte is sent or
    /// given up.
    pub fn into_http<H: Send + 'static>(mut self, media: Media, held: H) -> Response {
        let mut headers = HeaderMap::new();
        for response in &mut self.responses {
            headers.extend(std::mem::take(&mut response.http_headers));
            let left_out = response.errors.len().saturating_sub(self.max_errors);
            if left_out > 0 {
                response.errors.truncate(self.max_errors);
                response.extensions.insert("errorsLeftOut".to_owned(), left_out.into());
            }
        }
        let (status, body) = match self.responses.as_slice() {
            [response] if !self.is_batch => {
                // JSON without a type of its own tells by its errors alone.
                let refused = media == Media::Graphql && wire::is_request_error(response);
                let status = if refused { status(wire::code(response)) } else { StatusCode::OK };
                (status, wire::json(response))
            }
            responses => (StatusCode::OK, batch(responses)),
        };
        match body {
            Ok(body) => {
                (status, headers, written(media, holding(body.into_boxed_slice().into(), held))).into_response()
            }
            Err(error) => refusal(media, StatusCode::INTERNAL_SERVER_ERROR, &error),
        }
    }
}

/// A text that is an answer without errors, as HTTP.
pub fn text<H: Send + 'static>(media: Media, text: &Bytes, held: H) -> Response {
    written(media, holding(text.clone(), held)).into_response()
}

/// A small answer is as good as sent: who does not take it keeps no place from others.
const SMALL: usize = 64 << 10;

/// The text of an answer, and what is held for it until it is sent.
struct Held<H> {
    text: Bytes,
    _held: H,
}

impl<H> AsRef<[u8]> for Held<H> {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

fn holding<H: Send + 'static>(text: Bytes, held: H) -> Bytes {
    if text.len() <= SMALL { text } else { Bytes::from_owner(Held { text, _held: held }) }
}

fn batch(responses: &[wire::Response]) -> Result<Vec<u8>> {
    let members = responses.iter().map(wire::json).collect::<Result<Vec<_>>>()?;
    Ok([b"[", members.join(&b',').as_slice(), b"]"].concat())
}

/// Refuses a request that is no well-formed GraphQL request, with the status in either media type.
pub fn refusal(media: Media, status: StatusCode, error: &Error) -> Response {
    if let Some(cause) = error.cause() {
        tracing::error!(code = error.code(), %cause, "a request cannot be served");
    }
    // These few fields cannot fail to be written.
    let body = wire::json(&wire::refused(error)).unwrap_or_default();
    let mut response = (status, written(media, body)).into_response();
    let challenge = match status {
        StatusCode::UNAUTHORIZED => Some(r#"Bearer realm="energy-parks", error="invalid_token""#),
        StatusCode::FORBIDDEN => Some(r#"Bearer realm="energy-parks", error="insufficient_scope""#),
        _ => None,
    };
    if let Some(challenge) = challenge {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The status of an error, by what the caller can do about it.
pub fn status_of(error: &Error) -> StatusCode {
    status(Some(error.code()))
}

fn status(code: Option<&str>) -> StatusCode {
    match code {
        Some("UNAUTHENTICATED") => StatusCode::UNAUTHORIZED,
        Some("FORBIDDEN") => StatusCode::FORBIDDEN,
        Some("RATE_LIMITED") => StatusCode::TOO_MANY_REQUESTS,
        Some("UNAVAILABLE") => StatusCode::SERVICE_UNAVAILABLE,
        Some("INTERNAL") => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

fn written(media: Media, body: impl Into<Body>) -> impl IntoResponse {
    // Answers are somebody's: no cache keeps them.
    let headers = [
        (header::CONTENT_TYPE, media.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (headers, body.into())
}
