//! Which other sites may ask in a visitor's browser (CORS): none, unless a setting names them.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::CorsLayer;

/// How long a browser may remember what it was told.
const MEMORY: Duration = Duration::from_hours(1);

/// The layer for the sites named. No cookie is read, so none is allowed either.
pub fn layer(origins: &[HeaderValue]) -> Option<CorsLayer> {
    let allowed = [header::AUTHORIZATION, header::CONTENT_TYPE, HeaderName::from_static("x-api-key")];
    let shown = [
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "retry-after",
        "x-request-id",
        "www-authenticate",
    ];
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(origins.to_vec())
            .allow_methods([Method::GET, Method::POST])
            .allow_headers(allowed)
            .expose_headers(shown.map(HeaderName::from_static))
            .max_age(MEMORY)
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;

    use super::super::router::Settings;
    use super::super::testing::{JSON, Server};
    use super::*;

    const ASK: &str = r#"{"query":"{ __typename }"}"#;
    const HERE: (&str, &str) = ("origin", "https://dashboard.example");
    const ELSEWHERE: (&str, &str) = ("origin", "https://evil.example");
    const METHOD: (&str, &str) = ("access-control-request-method", "POST");
    const HEADERS: (&str, &str) = ("access-control-request-headers", "authorization,content-type");

    #[tokio::test]
    async fn no_other_site_may_ask_unless_it_is_named() {
        let server = Server::new().await;
        let before = server.send("OPTIONS", "/graphql", &[HERE, METHOD, HEADERS], Body::empty()).await;
        assert_eq!((before.status, before.header("access-control-allow-origin")), (StatusCode::METHOD_NOT_ALLOWED, ""));
        let answer = server.send("POST", "/graphql", &[JSON, HERE], ASK).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (StatusCode::OK, ""));
    }

    #[tokio::test]
    async fn a_site_that_is_named_may_ask_with_a_token_and_no_cookie_and_others_may_not() {
        let origins = [HeaderValue::from_static(HERE.1)].as_slice().into();
        let server = Server::with(Settings { origins, ..Settings::default() }).await;
        for uri in ["/graphql", "/oauth/token"] {
            let before = server.send("OPTIONS", uri, &[HERE, METHOD, HEADERS], Body::empty()).await;
            assert_eq!(
                (before.status, before.header("access-control-allow-origin")),
                (StatusCode::OK, HERE.1),
                "{uri}"
            );
            assert_eq!(before.header("access-control-allow-headers"), "authorization,content-type,x-api-key");
            assert_eq!(before.header("access-control-allow-credentials"), "", "cookies stay at home");
            let before = server.send("OPTIONS", uri, &[ELSEWHERE, METHOD, HEADERS], Body::empty()).await;
            assert_eq!(before.header("access-control-allow-origin"), "", "{uri}");
        }
        let answer = server.send("POST", "/graphql", &[JSON, HERE], ASK).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (StatusCode::OK, HERE.1));
        assert!(answer.headers.get_all("vary").iter().any(|value| value.to_str().unwrap().contains("origin")));
        assert!(answer.header("access-control-expose-headers").contains("ratelimit-remaining"));
        let answer = server.send("POST", "/graphql", &[JSON, ELSEWHERE], ASK).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}
