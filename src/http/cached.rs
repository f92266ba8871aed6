//! Answers to GET that their caller may keep, if it asks each time whether they still hold.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use super::answer;
use super::kept::Answer;
use super::negotiation::Media;

/// The answer under its tag; 304 without it to who names the tag.
pub fn answer<H: Send + 'static>(media: Media, answer: &Answer, request: &HeaderMap, held: H) -> Response {
    // Of the text alone: the version of the data would tell of what the caller may not see.
    let tag = format!("\"{}\"", hex::encode(&Sha256::digest(&answer.text)[..16]));
    let mut response = if is_named(&tag, request) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        answer::text(media, &answer.text, held)
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization, x-api-key"));
    // Hexadecimal in quotation marks.
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// Whether `If-None-Match` names the tag, as it is or as a weak one (RFC 9110, section 13.1.2).
fn is_named(tag: &str, request: &HeaderMap) -> bool {
    let named = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|named| named == "*" || named.strip_prefix("W/").unwrap_or(named) == tag)
}
