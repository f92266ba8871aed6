//! A server to test: a database of its own, and the router over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use energy_parks::app::{App, Now};
use energy_parks::auth::{Cost, Keys, Passwords, add_user, create_user};
use energy_parks::config::Introspection;
use energy_parks::domain::access::{CustomerId, Role};
use energy_parks::domain::chrono::{DateTime, Utc};
use energy_parks::domain::secret::Secret;
use energy_parks::domain::user::User;
use energy_parks::graphql::guard::Limits;
use energy_parks::http::{Api, Readiness, Settings, router};
use energy_parks::storage::{self, Database, NewUser};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tower::ServiceExt;

/// The admin's URL of a PostgreSQL server on which tests make databases of their own; without it they run on SQLite alone.
const SERVER: &str = "TEST_POSTGRES_URL";

/// Of all users.
pub const PASSWORD: &str = "correct horse";

/// Who signs the tokens.
const ISSUER: &str = "https://parks.example";

/// When tests happen: in Havana within the hour that comes twice that night.
pub fn now() -> DateTime<Utc> {
    "2025-11-02T05:37:00Z".parse().unwrap()
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Operator,
    Reader,
    Nobody,
}

/// The router over a database of its own.
pub struct TestServer {
    pub database: Database,
    app: Arc<App>,
    url: String,
    pem: Secret,
    router: Router,
    operator: String,
    reader: String,
    _folder: Option<tempfile::TempDir>,
}

/// Runs a test on a server of each kind, its database migrated and empty.
pub async fn everywhere(test: impl AsyncFn(&TestServer)) {
    for kind in kinds() {
        let server = TestServer::new(kind).await;
        test(&server).await;
        server.database.close().await.unwrap();
        server.leave().await;
    }
}

/// Two servers: one of each kind, or both on SQLite where there is no PostgreSQL.
pub async fn two() -> [TestServer; 2] {
    let other = kinds().pop().unwrap();
    [TestServer::new(Kind::Sqlite).await, TestServer::new(other).await]
}

/// Runs a test on two servers of each kind, that limit no document, each with a database of its own.
pub async fn pairs(test: impl AsyncFn(&TestServer, &TestServer)) {
    for kind in kinds() {
        let one = TestServer::with(kind.clone(), unlimited()).await;
        let other = TestServer::with(kind, unlimited()).await;
        test(&one, &other).await;
        for server in [one, other] {
            server.database.close().await.unwrap();
            server.leave().await;
        }
    }
}

fn unlimited() -> Settings {
    let (tokens, fields, aliases) = (1_000_000, 1_000_000, 1_000_000);
    Settings { limits: Limits { tokens, fields, aliases, cost: u64::MAX, ..Limits::default() }, ..Settings::default() }
}

/// Where data is kept.
#[derive(Clone, Debug)]
enum Kind {
    Sqlite,
    Postgres(String),
}

#[expect(clippy::disallowed_methods, reason = "the tests' setting is the runner's, not the program's")]
fn kinds() -> Vec<Kind> {
    let postgres = std::env::var(SERVER).ok().filter(|url| !url.is_empty());
    [Kind::Sqlite].into_iter().chain(postgres.map(Kind::Postgres)).collect()
}

async fn as_admin(server: &str, texts: &[String]) {
    let admin = sea_orm::Database::connect(server).await.unwrap();
    for text in texts {
        admin.execute_unprepared(text).await.unwrap();
    }
    admin.close().await.unwrap();
}

async fn make(server: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("it_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    as_admin(server, &[format!("DROP DATABASE IF EXISTS {name}"), format!("CREATE DATABASE {name}")]).await;
    format!("{}/{name}", server.rsplit_once('/').unwrap().0)
}

impl TestServer {
    async fn new(kind: Kind) -> Self {
        Self::with(kind, Settings::default()).await
    }

    async fn with(kind: Kind, settings: Settings) -> Self {
        let (url, folder) = match kind {
            Kind::Postgres(server) => (make(&server).await, None),
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                (format!("sqlite://{}/parks.db", folder.path().display()), Some(folder))
            }
        };
        let database = Database::connect(&storage::Settings::new(&url)).await.unwrap();
        database.migrate_up(None).await.unwrap();
        let pem = Keys::generate_pem().unwrap();
        let keys = Keys::from_pem(&pem, ISSUER).unwrap();
        let passwords = Passwords::new(Cost::LEAST).unwrap();
        for (name, role) in [("olga", Role::Operator), ("rita", Role::Reader)] {
            create_user(&database, &passwords, name, role, &Secret::new(PASSWORD), now()).await.unwrap();
        }
        let app = Arc::new(App::new(database.clone(), keys, passwords, Arc::new(now)));
        // Tests ask more often than any caller may.
        let settings = Settings { rate_limit: 0, max_queries_of_one: 100, ..settings };
        let router = router(Api::new(app.clone(), Introspection::Open), Readiness::default(), settings);
        let none = String::new();
        let mut server =
            Self { database, app, url, pem, router, operator: none.clone(), reader: none, _folder: folder };
        server.operator = server.sign_in("olga").await;
        server.reader = server.sign_in("rita").await;
        server
    }

    /// Takes its database away from PostgreSQL.
    async fn leave(&self) {
        if let (Some(Kind::Postgres(server)), Some((_, name))) = (kinds().pop(), self.url.rsplit_once('/'))
            && !self.url.starts_with("sqlite:")
        {
            as_admin(&server, &[format!("DROP DATABASE {name} WITH (FORCE)")]).await;
        }
    }

    /// A second server process over the same database: nothing is shared but what is kept there, and the signing key.
    pub async fn beside(&self) -> Self {
        self.beside_with(Settings::default(), Arc::new(now)).await
    }

    /// The same by its own settings and clock.
    pub async fn beside_with(&self, settings: Settings, clock: Now) -> Self {
        let database = Database::connect(&storage::Settings::new(&self.url)).await.unwrap();
        let keys = Keys::from_pem(&self.pem, ISSUER).unwrap();
        let app = Arc::new(App::new(database.clone(), keys, Passwords::new(Cost::LEAST).unwrap(), clock));
        let settings = Settings { rate_limit: 0, ..settings };
        let router = router(Api::new(app.clone(), Introspection::Open), Readiness::default(), settings);
        let (url, pem) = (self.url.clone(), self.pem.clone());
        let (operator, reader) = (self.operator.clone(), self.reader.clone());
        Self { database, app, url, pem, router, operator, reader, _folder: None }
    }

    /// A user with the password of all.
    pub async fn user(&self, name: &str, role: Role, customer: Option<CustomerId>) -> User {
        let user = NewUser { name, role, customer };
        add_user(&self.database, &self.app.passwords, user, &Secret::new(PASSWORD), now()).await.unwrap()
    }

    /// The answer to whoever shows that header; what it left to be written is written.
    pub async fn answer_to(&self, (header, value): (&str, &str), document: &str) -> (StatusCode, Value) {
        let body = json!({ "query": document }).to_string();
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json").header(header, value);
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        self.app.settle().await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// The text of the answer to whoever shows that header, byte for byte.
    pub async fn text_to(&self, (header, value): (&str, &str), document: &str) -> String {
        let body = json!({ "query": document }).to_string();
        let request = Request::post("/graphql").header(header::CONTENT_TYPE, "application/json").header(header, value);
        let response = self.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// The value of the header `authorization` of one who signs in.
    pub async fn sign_in(&self, name: &str) -> String {
        let document = "mutation($name: String!, $password: String!) {
            login(username: $name, password: $password) { accessToken }
        }";
        let variables = json!({ "name": name, "password": PASSWORD });
        let answer: Value = serde_json::from_str(&self.ask_by(By::Nobody, document, &variables).await).unwrap();
        format!("Bearer {}", answer["data"]["login"]["accessToken"].as_str().unwrap())
    }

    /// The body of the answer to an operator, byte for byte.
    pub async fn ask(&self, document: &str, variables: &Value) -> String {
        self.ask_by(By::Operator, document, variables).await
    }

    /// The body of the answer, byte for byte.
    pub async fn ask_by(&self, by: By, document: &str, variables: &Value) -> String {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let (status, body) = self.send(by, "application/json", body).await;
        assert_eq!(status, StatusCode::OK, "{document}: {body}");
        body
    }

    /// What an operator is answered, as it must be without errors.
    pub async fn data(&self, document: &str, variables: &Value) -> Value {
        let body = self.ask(document, variables).await;
        let mut answer: Value = serde_json::from_str(&body).unwrap();
        assert!(answer.get("errors").is_none(), "{document} {variables}: {body}");
        answer["data"].take()
    }

    /// The code of the first error that the answer must have.
    pub async fn code(&self, by: By, document: &str, variables: &Value) -> String {
        let body = self.ask_by(by, document, variables).await;
        let answer: Value = serde_json::from_str(&body).unwrap();
        let code = answer["errors"][0]["extensions"]["code"].as_str();
        code.unwrap_or_else(|| panic!("{document} {variables} answers {body}")).to_owned()
    }

    /// Sends a body to `/graphql`.
    pub async fn send(&self, by: By, content_type: &str, body: impl Into<Body>) -> (StatusCode, String) {
        let mut request = Request::post("/graphql").header(header::CONTENT_TYPE, content_type);
        match by {
            By::Operator => request = request.header(header::AUTHORIZATION, &self.operator),
            By::Reader => request = request.header(header::AUTHORIZATION, &self.reader),
            By::Nobody => {}
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let status = response.status();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// How many statements were run so far, those that requests left to be run after them too.
    pub async fn statements(&self) -> u64 {
        self.app.settle().await;
        self.database.statements()
    }

    /// How many readings are kept as revisions, which the API does not show.
    pub async fn revisions(&self) -> i64 {
        let connection = sea_orm::Database::connect(&self.url).await.unwrap();
        let sql = "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) AS count FROM reading_revision";
        let statement = sea_orm::Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await.unwrap().unwrap();
        connection.close().await.unwrap();
        row.try_get("", "count").unwrap()
    }
}
