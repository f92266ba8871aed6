//! What each way in leaves in the audit log: one entry a deed, with who, from where, what, and no secret.

use axum::body::Body;
use axum::http::StatusCode;
use futures::FutureExt as _;
use serde_json::{Value, json};

use super::router::Settings;
use super::testing::{Answer, GRAPHQL, ISSUER, JSON, Server};
use crate::auth::{Keys, NewApiKey, create_api_key, create_customer};
use crate::config::Introspection;
use crate::domain::access::Role;
use crate::domain::api_key::{Allowance, Owner};
use crate::domain::audit::Entry;
use crate::domain::range::Page;
use crate::error::Result;
use crate::storage::Database;
use crate::storage::testing::{everywhere, park};

const HERE: &str = "192.0.2.7";
/// Stands in every place where a secret is shown, so that none is in the log.
const SECRET: &str = "hunter2-hunter2";

/// A server, and how much of its log was seen.
struct Scene {
    server: Server,
    seen: usize,
}

impl Scene {
    async fn new(database: &Database) -> Result<Self> {
        let keys = Keys::from_pem(&Keys::generate_pem()?, ISSUER)?;
        let server = Server::over(database.clone(), keys, Settings::default(), Introspection::Open);
        for (name, role) in [("root", Role::Admin), ("rita", Role::Reader)] {
            server.user(name, role).await;
        }
        server.sends_from(HERE);
        Ok(Self { server, seen: 0 })
    }

    async fn entries(&mut self) -> Vec<Entry> {
        self.server.app.settle().await;
        let all = Page { after: None, before: None, limit: 1_000, from_end: false };
        let mut entries = self.server.app.database.audit(&all).await.unwrap();
        let new = entries.len() - self.seen;
        self.seen = entries.len();
        entries.truncate(new);
        entries
    }

    /// What came, and comes as soon as what goes on is done: one that it began, and one that it ended.
    async fn left_when_done(&mut self, expected: [&str; 2]) {
        let mut entries = self.entries().await;
        while entries.len() < 2 {
            tokio::task::yield_now().await;
            entries.splice(0..0, self.entries().await);
        }
        let mut told: Vec<_> = entries.iter().map(line).collect();
        told.sort_by_key(|line| !line.starts_with(expected[0]));
        let are_right = told.len() == 2 && told.iter().zip(expected).all(|(told, begin)| told.starts_with(begin));
        assert!(are_right, "{told:?}");
    }

    /// What came since the last look must be one entry that begins so: action, actor, subject, outcome, detail.
    async fn left(&mut self, expected: &str) {
        let entries = self.entries().await;
        let told: Vec<_> = entries.iter().map(line).collect();
        assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}, not {expected}");
        assert_eq!(
            (entries[0].address, entries[0].at),
            (Some(HERE.parse().unwrap()), self.server.app.now()),
            "{expected}"
        );
        assert!(!format!("{entries:?}").contains(SECRET), "{entries:?}");
    }

    async fn token(&self, body: &str) -> Answer {
        self.server.form("/oauth/token", body).await
    }

    async fn ask(&self, (header, value): (&str, &str), query: &str) -> Value {
        let headers = [JSON, GRAPHQL, (header, value)];
        self.server.send("POST", "/graphql", &headers, json!({ "query": query }).to_string()).await.json()
    }
}

fn line(entry: &Entry) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or("-".into());
    let (actor, subject, detail) = (text(&entry.actor), text(&entry.subject), text(&entry.detail));
    format!("{} {actor} {subject} {} {detail}", entry.action, entry.outcome.as_str())
}

fn text(answer: &Answer, field: &str) -> String {
    answer.json()[field].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table")]
async fn each_request_to_the_oauth_endpoints_leaves_one_entry() -> Result<()> {
    everywhere(async |database| {
        let mut scene = Scene::new(&database).await?;
        let owner = Owner::Customer(create_customer(&database, "Acme", scene.server.app.now()).await?);
        let new = NewApiKey {
            name: "nightly".into(),
            owner,
            scopes: None,
            expires_at: None,
            allowance: Allowance::default(),
        };
        let (key, shown) = create_api_key(&database, new, scene.server.app.now()).await?;
        let (prefix, key) = (key.shown_prefix(), shown.reveal());
        let wrong_key = format!("{prefix}_{SECRET}");
        let sign_in = "grant_type=password&username=rita&password=correct+horse";
        let by_key = format!("grant_type=client_credentials&client_id={prefix}&client_secret={key}");

        for (body, expected) in [
            (sign_in.to_owned(), "login rita - DONE scope: parks:read readings:read stats:read".to_owned()),
            (
                format!("grant_type=password&username=rita&password={SECRET}"),
                "login rita - REFUSED the username or the password is wrong".into(),
            ),
            (
                format!("grant_type=password&username=ghost&password={SECRET}"),
                "login ghost - REFUSED the username or the password is wrong".into(),
            ),
            (
                "grant_type=password&username=rita".into(),
                "login rita - FAILED the parameter password is missing".into(),
            ),
            (
                format!("{sign_in}&scope=admin"),
                "login rita - REFUSED the role reader does not have the scope admin".into(),
            ),
            (
                format!("grant_type=refresh_token&refresh_token={SECRET}"),
                "refreshToken - - REFUSED the refresh token is not valid".into(),
            ),
            (
                by_key.clone(),
                format!("clientCredentials nightly {prefix} DONE scope: parks:read readings:read stats:read"),
            ),
            (
                format!("{by_key}&scope=admin"),
                format!("clientCredentials nightly {prefix} REFUSED the scope admin is not among"),
            ),
            (
                format!("grant_type=client_credentials&client_id={prefix}&client_secret={wrong_key}"),
                format!("token - {prefix} REFUSED the client is not known"),
            ),
            // Who puts the secret into the wrong field does not find it in the log.
            (
                format!("grant_type=client_credentials&client_id={wrong_key}&client_secret={wrong_key}"),
                format!("token - {prefix} REFUSED the client is not known"),
            ),
            (format!("{sign_in}&client_id={SECRET}"), "token - - REFUSED the client is not known".into()),
            (format!("grant_type=implicit&password={SECRET}"), "token - - REFUSED the grants given here are".into()),
            (
                format!("{sign_in}&client_id={prefix}&client_secret={key}"),
                format!("token nightly {prefix} REFUSED an API key gets tokens by"),
            ),
            (format!("password={SECRET}"), "token - - FAILED the parameter grant_type is missing".into()),
            (
                format!("password={SECRET}&password={SECRET}"),
                "token - - FAILED a parameter stands more than once".into(),
            ),
        ] {
            scene.token(&body).await;
            scene.left(&expected).await;
        }
        scene.server.send("POST", "/oauth/token", &[JSON], sign_in).await;
        scene.left("token - - FAILED the body is to be application/x-www-form-urlencoded").await;

        let first = scene.token(sign_in).await;
        scene.left("login rita - DONE").await;
        let refresh = format!("grant_type=refresh_token&refresh_token={}", text(&first, "refresh_token"));
        let second = scene.token(&refresh).await;
        assert_eq!((second.status, scene.entries().await.len()), (StatusCode::OK, 0), "the next tokens are no news");
        scene.token(&refresh).await;
        scene.left("refreshToken rita - REFUSED the refresh token is not valid").await;

        let alive = scene.token(sign_in).await;
        scene.left("login rita - DONE").await;
        let live = format!("token={}", text(&alive, "access_token"));
        for (body, expected) in [
            (live.clone(), "logout rita - DONE".to_owned()),
            (live, "logout - - REFUSED the token is of no session that stands".into()),
            (format!("token={SECRET}"), "logout - - REFUSED the token is of no session that stands".into()),
            (format!("token_type_hint={SECRET}"), "logout - - FAILED the parameter token is missing".into()),
            (
                format!("token={SECRET}&client_id={prefix}&client_secret={key}"),
                format!("logout nightly {prefix} REFUSED an API key has no sessions"),
            ),
            (format!("token={SECRET}&client_id=other"), "logout - - REFUSED the client is not known".into()),
        ] {
            scene.server.form("/oauth/revoke", &body).await;
            scene.left(&expected).await;
        }

        let guess = format!("grant_type=password&username=guessed&password={SECRET}");
        for _ in 0..11 {
            scene.token(&guess).await;
        }
        scene.entries().await;
        assert_eq!(scene.token(&guess).await.status, StatusCode::TOO_MANY_REQUESTS);
        scene.left("login guessed - REFUSED too many sign-ins have failed").await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn each_refusal_of_graphql_leaves_one_entry() -> Result<()> {
    everywhere(async |database| {
        let mut scene = Scene::new(&database).await?;
        let rita = scene.server.sign_in("rita").await;
        scene.left("login rita - DONE").await;
        let (by_rita, by_nobody) = (("authorization", rita.as_str()), ("x-nothing", "x"));
        let wrong_key = format!("ep_0123456789ab_{SECRET}");
        let sign_in = format!(r#"mutation {{ login(username: "rita", password: "{SECRET}") {{ scope }} }}"#);
        for (credential, query, expected) in [
            (by_nobody, sign_in.as_str(), "login rita - REFUSED the username or the password is wrong"),
            (
                by_nobody,
                r#"mutation { createCustomer(input: {name: "x"}) { id } }"#,
                "createCustomer - x REFUSED sign in first",
            ),
            (
                by_nobody,
                r#"mutation { refreshToken(refreshToken: "hunter2-hunter2") { scope } }"#,
                "refreshToken - - REFUSED the refresh token is not valid",
            ),
            (
                by_nobody,
                r#"mutation { logout(refreshToken: "hunter2-hunter2") }"#,
                "logout - - REFUSED the token is of no session that stands",
            ),
            (by_rita, "{ users { totalCount } }", "users rita - REFUSED this needs the scope admin"),
            (
                by_rita,
                "{ parks(first: -1) { totalCount } auditLog { totalCount } }",
                "auditLog rita - REFUSED this needs the scope admin",
            ),
            (
                by_rita,
                r#"mutation { updateUser(id: "VXNlcjoy", input: {role: ADMIN}) { id } }"#,
                "updateUser rita User:2 REFUSED role: ADMIN; this needs the scope admin",
            ),
            (
                ("authorization", "Basic hunter2-hunter2"),
                "{ __typename }",
                "authenticate - - REFUSED the Authorization header is to be",
            ),
            (
                ("authorization", "Bearer hunter2-hunter2"),
                "{ __typename }",
                "authenticate - - REFUSED the access token is not valid",
            ),
            (
                ("x-api-key", wrong_key.as_str()),
                "{ __typename }",
                "authenticate - ep_0123456789ab REFUSED the API key is not valid",
            ),
        ] {
            scene.ask(credential, query).await;
            scene.left(expected).await;
        }
        let form = ("content-type", "multipart/form-data; boundary=x");
        for (credential, expected) in [
            (by_nobody, "upload - - REFUSED uploads need a credential"),
            (by_rita, "upload rita - REFUSED this needs the scope readings:write"),
        ] {
            scene.server.send("POST", "/graphql", &[form, credential], Body::empty()).await;
            scene.left(expected).await;
        }
        for harmless in ["{ viewer { name } }", "{ parks(first: -1) { totalCount } }", "{ nonsense }"] {
            scene.ask(by_rita, harmless).await;
            assert_eq!(scene.entries().await, [], "{harmless}");
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_document_that_is_not_trusted_leaves_an_entry() {
    let server = Server::with(Settings { only_trusted: true, ..Settings::default() }).await;
    server.sends_from(HERE);
    let mut scene = Scene { server, seen: 0 };
    scene.ask(("x-nothing", "x"), "{ __typename }").await;
    scene.left("document - - REFUSED only documents of the server's manifest are run").await;
}

#[tokio::test]
async fn each_deed_of_graphql_leaves_one_entry() -> Result<()> {
    everywhere(async |database| {
        let mut scene = Scene::new(&database).await?;
        let bemmel = crate::graphql::NodeId::Park(park(&database, "Bemmel", "UTC").await?.id).id().to_string();
        let token = scene.server.sign_in("root").await;
        scene.left("login root - DONE").await;
        let root = ("authorization", token.as_str());
        // What is made is called `$NEW` by what follows.
        let mut new = String::new();
        for (call, expected) in [
            (r#"createCustomer(input: {name: "Acme"}) { id }"#, "createCustomer root Acme DONE -"),
            (r#"createCustomer(input: {name: "Acme"}) { id }"#, "createCustomer root Acme FAILED there is a customer named Acme already"),
            (r#"grantParks(customer: "$NEW", parks: [{name: "Bemmel"}]) { id }"#, "grantParks root Acme (Customer:1) DONE parks: Bemmel"),
            (r#"revokeParks(customer: "$NEW", parks: [{name: "Bemmel"}]) { id }"#, "revokeParks root Acme (Customer:1) DONE parks: Bemmel"),
            (r#"grantParks(customer: "$NEW", parks: [{name: "Atlantis"}]) { id }"#, "grantParks root Customer:1 FAILED parks: Atlantis; there is no such park"),
            (r#"updateCustomer(id: "$NEW", input: {name: "Acme 2"}) { id }"#, "updateCustomer root Customer:1 DONE name: Acme 2"),
            (r#"deleteCustomer(id: "$NEW") { id }"#, "deleteCustomer root Acme 2 (Customer:1) DONE -"),
            (r#"createUser(input: {name: "mia", password: "hunter2-hunter2", role: OPERATOR}) { id }"#, "createUser root mia DONE role: OPERATOR"),
            (r#"createApiKey(input: {name: "nightly", user: "$NEW", scopes: [STATS_READ]}) { key apiKey { id } }"#, "createApiKey root nightly DONE user: User:3, scopes: STATS_READ; ep_"),
            (r#"revokeApiKey(id: "$KEY") { prefix }"#, "revokeApiKey root nightly ep_"),
            (r#"updateUser(id: "$NEW", input: {role: READER, disabled: true}) { id }"#, "updateUser root mia (User:3) DONE role: READER, disabled: true"),
            (r#"changePassword(user: "$NEW", newPassword: "hunter2-hunter2") { id }"#, "changePassword root mia (User:3) DONE -"),
            (r#"deleteUser(id: "$NEW") { id }"#, "deleteUser root mia (User:3) DONE -"),
            (r#"createPark(input: {name: "New", timezone: "UTC", energyType: WIND}) { id }"#, "createPark root New DONE timezone: UTC, energyType: WIND"),
            (r#"updatePark(id: "$NEW", input: {timezone: "Europe/Rome"}) { id }"#, "updatePark root New (Park:2) DONE timezone: Europe/Rome"),
            (r#"deletePark(id: "$NEW") { status }"#, "deletePark root New (Park:2) DONE LOADED from"),
            (r#"loadParks(source: {csv: "park_name,timezone,energy_type\nB,UTC,Wind\n"}) { status }"#, "loadParks root - DONE LOADED from csv: 1 rows read, 1 inserted, 0 updated, 0 unchanged, 0 rejected (load "),
            (r#"loadReadings(park: {name: "Bemmel"}, source: {csv: "datetime,MW\n2026-01-01T00:00:00Z,much\n"}) { status }"#, "loadReadings root Bemmel FAILED REFUSED from csv: 1 rows read, 0 inserted, 0 updated, 0 unchanged, 1 rejected"),
            (r#"loadReadings(park: {id: "$BEMMEL"}, source: {csv: "datetime,MW\n2026-01-01T00:00:00Z,1\n"}, intervalMinutes: 60, dryRun: true) { status }"#, "loadReadings root Park:1 DONE intervalMinutes: 60, dryRun: true; DRY_RUN from csv"),
            (r#"loadReadings(park: {id: "$BEMMEL"}, source: {csv: "datetime,MW\n2026-01-01T00:00:00Z,1\n"}, intervalMinutes: 60, wait: false) { status }"#, "loadReadings root Park:1 DONE intervalMinutes: 60; RUNNING from csv"),
            (r#"deleteReadings(park: {name: "Bemmel"}, range: {from: "2026-01-01T00:00:00Z"}) { status }"#, "deleteReadings root Bemmel DONE from: 2026-01-01T00:00:00Z; LOADED from"),
        ] {
            let call = call.replace("$NEW", &new).replace("$BEMMEL", &bemmel);
            let key = scene.server.app.database.api_keys(&Page { after: None, before: None, limit: 1, from_end: false }).await?;
            let call = match key.first() {
                Some(key) => call.replace("$KEY", &crate::graphql::NodeId::ApiKey(key.id).id()),
                None => call,
            };
            let answer = scene.ask(root, &format!("mutation {{ it: {call} }}")).await;
            if call.contains("wait: false") {
                scene.left_when_done([expected, "loadReadings root - DONE LOADED from csv: 1 rows read"]).await;
            } else {
                scene.left(expected).await;
            }
            if let Some(id) = answer["data"]["it"]["id"].as_str() {
                id.clone_into(&mut new);
            }
        }
        Ok(())
    })
    .await
}

/// As if the connection had been closed: what may have been done is told of.
#[tokio::test]
async fn a_sign_in_whose_caller_does_not_wait_for_the_answer_leaves_an_entry() -> Result<()> {
    everywhere(async |database| {
        let mut scene = Scene::new(&database).await?;
        let answer = scene.token("grant_type=password&username=rita&password=correct+horse").now_or_never();
        assert!(answer.is_none(), "it has to ask the database");
        scene.left("login rita - FAILED the caller went away before the answer").await;
        Ok(())
    })
    .await
}
