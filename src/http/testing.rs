//! A server without a socket, for the tests of this room.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::router::{Settings, router};
use super::{Api, Readiness};
use crate::app::App;
use crate::auth::{Cost, ForeignIssuer, Keys, Passwords, create_user};
use crate::config::Introspection;
use crate::domain::access::Role;
use crate::domain::chrono::{DateTime, Utc};
use crate::domain::secret::Secret;
use crate::storage::{self, Database};

pub const JSON: (&str, &str) = ("content-type", "application/json");
pub const GRAPHQL: (&str, &str) = ("accept", "application/graphql-response+json");
pub const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The address under which the server believes to be known.
pub const ISSUER: &str = "https://parks.example";

/// A server with the operator `ada` and the reader `rita`.
pub struct Server {
    pub router: Router,
    pub app: Arc<App>,
    pub readiness: Readiness,
    clock: Arc<Mutex<DateTime<Utc>>>,
    peer: Mutex<Option<IpAddr>>,
    _folder: Option<tempfile::TempDir>,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn code(&self) -> Value {
        self.json()["errors"][0]["extensions"]["code"].clone()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Server {
    pub async fn new() -> Self {
        Self::with(Settings { max_json_bytes: 4_000, max_anonymous_bytes: 2_000, ..Settings::default() }).await
    }

    pub async fn with(settings: Settings) -> Self {
        Self::build(settings, Introspection::Open).await
    }

    pub async fn build(settings: Settings, introspection: Introspection) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/parks.db", folder.path().display());
        let database = Database::connect(&storage::Settings::new(url)).await.unwrap();
        database.migrate_up(None).await.unwrap();
        let keys = Keys::from_pem(&Keys::generate_pem().unwrap(), ISSUER).unwrap();
        let server = Self::over(database, keys, settings, introspection);
        for (name, role) in [("ada", Role::Operator), ("rita", Role::Reader)] {
            server.user(name, role).await;
        }
        Self { _folder: Some(folder), ..server }
    }

    /// A server without users over a migrated database.
    pub fn over(database: Database, keys: Keys, settings: Settings, introspection: Introspection) -> Self {
        Self::beside(None, database, keys, settings, introspection)
    }

    /// The same, beside a foreign issuer.
    pub fn beside(
        foreign: Option<ForeignIssuer>,
        database: Database,
        keys: Keys,
        settings: Settings,
        introspection: Introspection,
    ) -> Self {
        let passwords = Passwords::new(Cost::LEAST).unwrap();
        let clock = Arc::new(Mutex::new("2026-03-02T12:00:00Z".parse().unwrap()));
        let shown = clock.clone();
        let now = Arc::new(move || *shown.lock().unwrap());
        let app = Arc::new(App::new(database, keys, passwords, now).accepting(foreign));
        let readiness = Readiness::default();
        let router = router(Api::new(app.clone(), introspection), readiness.clone(), settings);
        Self { router, app, readiness, clock, peer: Mutex::default(), _folder: None }
    }

    /// Lets time pass.
    pub fn pass(&self, time: Duration) {
        *self.clock.lock().unwrap() += time;
    }

    /// Sends all that comes from this address.
    pub fn sends_from(&self, address: &str) {
        *self.peer.lock().unwrap() = Some(address.parse().unwrap());
    }

    pub async fn user(&self, name: &str, role: Role) {
        let password = Secret::new("correct horse");
        let (database, passwords) = (&self.app.database, &self.app.passwords);
        create_user(database, passwords, name, role, &password, self.app.now()).await.unwrap();
    }

    pub async fn send(&self, method: &str, uri: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(peer) = *self.peer.lock().unwrap() {
            request = request.extension(ConnectInfo(SocketAddr::new(peer, 4_711)));
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub async fn get(&self, uri: &str) -> Answer {
        self.send("GET", uri, &[], Body::empty()).await
    }

    pub async fn post(&self, body: &Value) -> Answer {
        self.send("POST", "/graphql", &[JSON, GRAPHQL], body.to_string()).await
    }

    /// Posts a form.
    pub async fn form(&self, uri: &str, body: &str) -> Answer {
        self.send("POST", uri, &[FORM], body.to_owned()).await
    }

    /// Asks with a bearer token who one is.
    pub async fn viewer(&self, token: &str) -> Answer {
        let headers = [JSON, GRAPHQL, ("authorization", &format!("Bearer {token}"))];
        self.send("POST", "/graphql", &headers, r#"{"query":"{ viewer { name scope } }"}"#).await
    }

    pub async fn sign_in(&self, name: &str) -> String {
        let query = format!(r#"mutation {{ login(username: "{name}", password: "correct horse") {{ accessToken }} }}"#);
        let answer = self.post(&json!({ "query": query })).await;
        format!("Bearer {}", answer.json()["data"]["login"]["accessToken"].as_str().unwrap())
    }
}
