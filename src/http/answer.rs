//! From answers to HTTP: status, media type, body.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Serialize, Serializer};

use super::negotiation::Media;
use crate::error::Error;
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
    /// As HTTP.
    pub fn into_http(mut self, media: Media) -> Response {
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
                (status, serde_json::to_vec(&Wire(response)))
            }
            responses => (StatusCode::OK, serde_json::to_vec(&responses.iter().map(Wire).collect::<Vec<_>>())),
        };
        match body {
            Ok(body) => (status, headers, written(media, body)).into_response(),
            Err(cause) => {
                let error = Error::internal(format!("an answer cannot be written as JSON: {cause}"));
                refusal(media, StatusCode::INTERNAL_SERVER_ERROR, &error)
            }
        }
    }
}

/// Refuses a request that is no well-formed GraphQL request, with the status in either media type.
pub fn refusal(media: Media, status: StatusCode, error: &Error) -> Response {
    if let Some(cause) = error.cause() {
        tracing::error!(code = error.code(), %cause, "a request cannot be served");
    }
    // These few fields cannot fail to be written.
    let body = serde_json::to_vec(&Wire(&wire::refused(error))).unwrap_or_default();
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

fn written(media: Media, body: Vec<u8>) -> impl IntoResponse {
    // Answers are somebody's: no cache keeps them.
    let headers = [
        (header::CONTENT_TYPE, media.content_type()),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    (headers, Body::from(body))
}

/// An answer as JSON: errors first, so that they are seen, and no `data` where nothing was executed.
struct Wire<'a>(&'a wire::Response);

impl Serialize for Wire<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let response = self.0;
        let mut map = serializer.serialize_map(None)?;
        let refused = wire::is_request_error(response);
        if response.is_err() {
            map.serialize_entry("errors", &response.errors)?;
        }
        if !refused {
            map.serialize_entry("data", &response.data)?;
        }
        if !response.extensions.is_empty() {
            map.serialize_entry("extensions", &response.extensions)?;
        }
        map.end()
    }
}
