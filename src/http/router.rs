//! The routes, and the settings that they obey.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use ipnet::IpNet;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::trace::TraceLayer;

use super::api::Api;
use super::health::{self, Readiness};
use super::{address, endpoint, layers, oauth, pages};
use crate::config::Config;
use crate::graphql::guard::Limits;

/// What requests may ask for and hold.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What documents may hold.
    pub limits: Limits,
    /// The most members of a batch.
    pub max_batch: usize,
    /// The largest body of JSON, which is held in memory.
    pub max_json_bytes: usize,
    /// The same for those who show no credential: they have little to say.
    pub max_anonymous_bytes: usize,
    /// The largest upload, which is not.
    pub max_upload_bytes: usize,
    /// How long a query may take.
    pub query_timeout: Duration,
    /// The proxies that are believed when they say from where a request comes.
    pub trusted_proxies: Arc<[IpNet]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_batch: 10,
            max_json_bytes: 32 << 20,
            max_anonymous_bytes: 1 << 20,
            max_upload_bytes: 1 << 30,
            query_timeout: Duration::from_secs(30),
            trusted_proxies: Arc::default(),
        }
    }
}

impl From<&Config> for Settings {
    fn from(config: &Config) -> Self {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let defaults = Self::default();
        let limits = Limits {
            depth: count(config.max_depth),
            aliases: count(config.max_aliases),
            cost: config.max_cost,
            ..defaults.limits
        };
        Self {
            limits,
            max_batch: count(config.max_batch),
            max_upload_bytes: count(config.max_upload_mb).saturating_mul(1_000_000),
            query_timeout: config.query_timeout,
            trusted_proxies: config.trusted_proxies.as_slice().into(),
            ..defaults
        }
    }
}

/// What the routes share.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) api: Api,
    pub(super) readiness: Readiness,
    pub(super) settings: Settings,
}

/// The whole router.
pub fn router(api: Api, readiness: Readiness, settings: Settings) -> Router {
    // Uploads come with two texts beside their files, and with the lines between.
    let largest = settings.max_upload_bytes.saturating_add(2 * settings.max_json_bytes).saturating_add(1 << 20);
    let proxies = Arc::clone(&settings.trusted_proxies);
    let server = Server { api, readiness, settings };
    let graphql = get(endpoint::get).post(endpoint::post).fallback(endpoint::other);
    let trace = TraceLayer::new(SharedClassifier::new(ServerErrorsAsFailures::new()))
        .make_span_with(layers::span)
        .on_request(())
        .on_response(layers::answered)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(());
    Router::new()
        .route("/graphql", graphql.layer(DefaultBodyLimit::max(largest)))
        .merge(oauth::routes())
        .route("/schema.graphql", get(schema))
        .route("/graphiql", get(pages::graphiql))
        .route("/", get(pages::index))
        .route("/assets/{*path}", get(pages::asset))
        .fallback(any(pages::not_found))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(trace)
        // Asked every few seconds: no line in the log.
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .layer(from_fn(layers::protect))
        .layer(from_fn_with_state(proxies, address::locate))
        .layer(from_fn(layers::identify))
        .with_state(server)
}

/// `/schema.graphql`.
async fn schema(State(server): State<Server>) -> Response {
    let Some(sdl) = server.api.sdl() else { return pages::not_found().await };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, sdl.to_string()).into_response()
}
