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
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::classify::{ServerErrorsAsFailures, SharedClassifier};
use tower_http::compression::{CompressionLayer, CompressionLevel};
use tower_http::trace::TraceLayer;

use super::api::Api;
use super::budget::{Budget, VALUE_BYTES};
use super::crowd::Room;
use super::documents::{Documents, Trusted};
use super::health::{self, Readiness};
use super::kept::{Answer, Kept, Question};
use super::rate::Rate;
use super::{address, body, cross_origin, endpoint, layers, oauth, pages, rest, visitor};
use crate::config::Config;
use crate::graphql::guard::Limits;

/// What requests may ask for and hold.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What documents may hold.
    pub limits: Limits,
    /// The most errors that one answer tells.
    pub max_errors: usize,
    /// The most members of a batch.
    pub max_batch: usize,
    /// The most values in a body of JSON.
    pub max_values: usize,
    /// The largest body of JSON, which is held in memory.
    pub max_json_bytes: usize,
    /// The same for those who show no credential: they have little to say.
    pub max_anonymous_bytes: usize,
    /// What all bodies of JSON may take in memory at once.
    pub max_bodies_bytes: usize,
    /// The largest upload, which is not held in memory.
    pub max_upload_bytes: usize,
    /// How long a query may take.
    pub query_timeout: Duration,
    /// How many requests a caller may send a minute; 0 is any number.
    pub rate_limit: u32,
    /// How many requests are worked on at once.
    pub max_concurrent: usize,
    /// How many queries of one caller are.
    pub max_queries_of_one: usize,
    /// The documents of a manifest.
    pub trusted: Arc<Trusted>,
    /// Whether nothing else is run.
    pub only_trusted: bool,
    /// Bytes for documents that were sent before and are then asked for by their hash.
    pub persisted_bytes: usize,
    /// Bytes for answers that are kept.
    pub kept_bytes: usize,
    /// The other sites that may ask in a visitor's browser.
    pub origins: Arc<[HeaderValue]>,
    /// The proxies that are believed when they say from where a request comes.
    pub trusted_proxies: Arc<[IpNet]>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            max_errors: 100,
            max_batch: 10,
            max_values: 500_000,
            max_json_bytes: 32_000_000,
            max_anonymous_bytes: 128 << 10,
            max_bodies_bytes: 128_000_000,
            max_upload_bytes: 1 << 30,
            query_timeout: Duration::from_secs(30),
            rate_limit: 1_200,
            max_concurrent: 256,
            max_queries_of_one: 8,
            trusted: Arc::default(),
            only_trusted: false,
            persisted_bytes: 4_000_000,
            kept_bytes: 128_000_000,
            origins: Arc::default(),
            trusted_proxies: Arc::default(),
        }
    }
}

impl From<&Config> for Settings {
    fn from(config: &Config) -> Self {
        let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let defaults = Self::default();
        let set = &config.limits;
        let limits = Limits {
            depth: count(set.max_depth),
            fields: count(set.max_fields),
            root_fields: count(set.max_root_fields),
            aliases: count(set.max_aliases),
            directives: count(set.max_directives),
            fragments: count(set.max_fragments),
            tokens: count(set.max_tokens),
            nesting: count(set.max_nesting),
            variables: count(set.max_variables),
            cost: set.max_cost,
            ..defaults.limits
        };
        Self {
            limits,
            max_errors: count(set.max_errors),
            max_batch: count(set.max_batch),
            max_values: count(set.max_body_values),
            max_json_bytes: count(set.max_body_mb).saturating_mul(1_000_000),
            max_bodies_bytes: count(set.max_bodies_mb).saturating_mul(1_000_000),
            max_upload_bytes: count(set.max_upload_mb).saturating_mul(1_000_000),
            query_timeout: set.query_timeout,
            rate_limit: set.rate_limit,
            max_concurrent: count(set.max_concurrent),
            max_queries_of_one: count(set.max_queries_per_caller),
            only_trusted: config.trusted_documents_only,
            persisted_bytes: count(set.max_persisted_mb).saturating_mul(1_000_000),
            kept_bytes: count(config.cache_mb).saturating_mul(1_000_000),
            // They are visible ASCII.
            origins: config.cors_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect(),
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
    pub(super) rate: Option<Arc<Rate>>,
    pub(super) room: Room,
    /// For signing in and out.
    pub(super) lobby: Room,
    pub(super) budget: Budget,
    pub(super) documents: Arc<Documents>,
    pub(super) kept: Kept,
}

impl Server {
    /// What a text of JSON may hold.
    pub(super) fn bounds(&self) -> body::Bounds {
        let Settings { max_batch: batch, max_values: values, max_json_bytes: bytes, .. } = self.settings;
        body::Bounds { bytes, values, batch }
    }

    /// The answer to a question, if it is kept.
    pub(super) fn found(&self, question: &Question) -> Option<Arc<Answer>> {
        self.kept.find(question, self.api.app().now().timestamp())
    }
}

/// The whole router.
pub fn router(api: Api, readiness: Readiness, settings: Settings) -> Router {
    // Uploads come with two texts beside their files, and with the lines between.
    let largest = settings.max_upload_bytes.saturating_add(2 * settings.max_json_bytes).saturating_add(1 << 20);
    let proxies = Arc::clone(&settings.trusted_proxies);
    let rate = Rate::a_minute(settings.rate_limit).map(Arc::new);
    let room = Room::new(settings.max_concurrent, settings.max_queries_of_one);
    let largest_in_memory = settings.max_json_bytes.saturating_add(settings.max_values.saturating_mul(VALUE_BYTES));
    // A file's buffer and its map come on top.
    let lobby = Room::beside(settings.max_concurrent);
    let budget = Budget::new(settings.max_bodies_bytes, largest_in_memory.saturating_add(2 << 20));
    let documents = Documents::new(settings.trusted.clone(), settings.only_trusted, settings.persisted_bytes);
    let cross_origin = option_layer(cross_origin::layer(&settings.origins));
    let (documents, kept) = (Arc::new(documents), Kept::new(settings.kept_bytes));
    let server = Server { api, readiness, settings, rate, room, lobby, budget, documents, kept };
    let graphql = get(endpoint::get)
        .post(endpoint::post)
        .fallback(endpoint::other)
        .layer(DefaultBodyLimit::max(largest))
        .layer(from_fn_with_state(server.clone(), visitor::greet));
    let trace = TraceLayer::new(SharedClassifier::new(ServerErrorsAsFailures::new()))
        .make_span_with(layers::span)
        .on_request(())
        .on_response(layers::answered)
        .on_body_chunk(())
        .on_eos(())
        .on_failure(());
    Router::new()
        .route("/graphql", graphql)
        .merge(oauth::routes(&server))
        .route_layer(from_fn(rest::read))
        .route_layer(cross_origin)
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
