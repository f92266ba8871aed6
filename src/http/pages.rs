//! The pages, built by `web/` and embedded here, so that the server needs no file and no other server.

use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Dist;

/// Nothing from elsewhere and no inline script. Monaco, the editor of GraphiQL, writes its styles itself and carries
/// its icons as data.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// `/`.
pub async fn index(headers: HeaderMap) -> Response {
    page("index.html", &headers)
}

/// `/graphiql`.
pub async fn graphiql(headers: HeaderMap) -> Response {
    page("graphiql.html", &headers)
}

/// `/assets/…`: their names change with their content.
pub async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match file(&format!("assets/{path}"), &headers) {
        Some(mut response) => {
            let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
            response.headers_mut().insert(header::CACHE_CONTROL, forever);
            response
        }
        None => not_found().await,
    }
}

/// Whatever else.
pub async fn not_found() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing here; see / for what there is\n").into_response()
}

fn page(path: &str, headers: &HeaderMap) -> Response {
    let Some(mut response) = file(path, headers) else {
        return (StatusCode::SERVICE_UNAVAILABLE, "this build has no pages; `make binary` builds them\n")
            .into_response();
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, POLICY);
    response
}

/// An embedded file, or 304 if the caller has it.
fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let file = Dist::get(path)?;
    // Weak, since the answer may be compressed.
    let tag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash()));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let tagged = [(header::ETAG, HeaderValue::from_str(&tag).ok()?)];
    if known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return Some((StatusCode::NOT_MODIFIED, tagged).into_response());
    }
    let mime = match file.metadata.mimetype() {
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    };
    let mime = HeaderValue::from_str(&mime).ok()?;
    Some((tagged, [(header::CONTENT_TYPE, mime)], Body::from(file.data.into_owned())).into_response())
}
