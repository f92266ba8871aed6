//! Users, customers, API keys and the audit log through the router.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::testing::{GRAPHQL, JSON, Server};
use crate::auth::create_customer;
use crate::domain::access::Role;
use crate::storage::testing::park;

/// A server with the admin `root`, the operator `ada` and the reader `rita`, and who asks.
struct As<'a>(&'a Server, String);

impl As<'_> {
    /// The answer's data; panics with its errors.
    async fn ask(&self, query: &str) -> Value {
        let answer = self.answer(query).await;
        assert_eq!(answer["errors"], Value::Null, "{query}");
        answer["data"].clone()
    }

    async fn code(&self, query: &str) -> Value {
        self.answer(query).await["errors"][0]["extensions"]["code"].clone()
    }

    async fn answer(&self, query: &str) -> Value {
        let name = if self.1.starts_with("ep_") { "x-api-key" } else { "authorization" };
        let headers = [JSON, GRAPHQL, (name, self.1.as_str())];
        self.0.send("POST", "/graphql", &headers, json!({ "query": query }).to_string()).await.json()
    }
}

async fn server() -> Server {
    let server = Server::new().await;
    server.user("root", Role::Admin).await;
    server
}

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

#[tokio::test]
async fn a_customer_s_user_is_made_given_parks_and_sees_these() {
    let server = server().await;
    let root = As(&server, server.sign_in("root").await);
    for name in ["Bemmel", "Zeewolde"] {
        park(&server.app.database, name, "Europe/Amsterdam").await.unwrap();
    }
    let customer = &root.ask(r#"mutation { createCustomer(input: {name: "Acme"}) { id parks { totalCount } } }"#).await
        ["createCustomer"];
    assert_eq!(customer["parks"]["totalCount"], 0);
    let customer = id(customer);
    let granted = root.ask(&format!(r#"mutation {{ grantParks(customer: "{customer}", parks: [{{name: "Bemmel"}}, {{name: "Zeewolde"}}]) {{ name parks(first: 1) {{ nodes {{ name }} totalCount pageInfo {{ hasNextPage endCursor }} }} }} }}"#)).await;
    let parks = &granted["grantParks"]["parks"];
    assert_eq!(
        (&parks["nodes"], &parks["totalCount"], &parks["pageInfo"]["hasNextPage"]),
        (&json!([{"name": "Bemmel"}]), &json!(2), &json!(true))
    );
    let after = parks["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = root
        .ask(&format!(
            r#"{{ node(id: "{customer}") {{ ... on Customer {{ parks(after: "{after}") {{ nodes {{ name }} }} }} }} }}"#
        ))
        .await;
    assert_eq!(rest["node"]["parks"]["nodes"], json!([{"name": "Zeewolde"}]));
    root.ask(&format!(r#"mutation {{ revokeParks(customer: "{customer}", parks: [{{name: "Zeewolde"}}]) {{ id }} }}"#))
        .await;
    root.ask(&format!(r#"mutation {{ createUser(input: {{name: "mia", password: "correct horse", role: OPERATOR, customer: "{customer}"}}) {{ id }} }}"#)).await;
    let mia = As(&server, server.sign_in("mia").await);
    let seen = mia.ask("{ viewer { name role customer { name } apiKey { id } allowance { perDay } } parks { nodes { name } totalCount } }").await;
    assert_eq!(
        seen,
        json!({
            "viewer": { "name": "mia", "role": "OPERATOR", "customer": { "name": "Acme" }, "apiKey": null, "allowance": { "perDay": null } },
            "parks": { "nodes": [{ "name": "Bemmel" }], "totalCount": 1 },
        })
    );
    assert_eq!(
        mia.code(r#"mutation { createPark(input: {name: "Zeewolde", timezone: "UTC", energyType: WIND}) { id } }"#)
            .await,
        "FORBIDDEN"
    );
    assert_eq!(root.code(&format!(r#"mutation {{ deleteCustomer(id: "{customer}") {{ id }} }}"#)).await, "CONFLICT");
}

#[tokio::test]
async fn what_is_for_admins_is_forbidden_to_all_others_and_told_of_in_the_log() {
    let server = server().await;
    let customer = create_customer(&server.app.database, "Acme", server.app.now()).await.unwrap();
    let customer = crate::graphql::NodeId::Customer(customer.id).id();
    let root = As(&server, server.sign_in("root").await);
    let users = root.ask("{ users { nodes { id name } } }").await["users"]["nodes"].clone();
    let rita = users.as_array().unwrap().iter().find(|user| user["name"] == "rita").unwrap();
    let rita = id(rita);
    let ada = As(&server, server.sign_in("ada").await);
    let all = [
        "{ users { nodes { id } } }".to_owned(),
        "{ customers { totalCount } }".to_owned(),
        "{ apiKeys { nodes { id } } }".to_owned(),
        "{ auditLog { nodes { at } } }".to_owned(),
        r#"mutation { createUser(input: {name: "x", password: "correct horse", role: ADMIN}) { id } }"#.to_owned(),
        format!(r#"mutation {{ updateUser(id: "{rita}", input: {{role: ADMIN}}) {{ id }} }}"#),
        format!(r#"mutation {{ deleteUser(id: "{rita}") {{ id }} }}"#),
        format!(r#"mutation {{ changePassword(user: "{rita}", newPassword: "battery staple") {{ id }} }}"#),
        r#"mutation { createCustomer(input: {name: "x"}) { id } }"#.to_owned(),
        format!(
            r#"mutation {{ updateCustomer(id: "{customer}", input: {{name: "x"}}) {{ id }} }}"#,
            customer = customer.as_str()
        ),
        format!(r#"mutation {{ deleteCustomer(id: "{customer}") {{ id }} }}"#, customer = customer.as_str()),
        format!(
            r#"mutation {{ grantParks(customer: "{customer}", parks: []) {{ id }} }}"#,
            customer = customer.as_str()
        ),
        format!(
            r#"mutation {{ revokeParks(customer: "{customer}", parks: []) {{ id }} }}"#,
            customer = customer.as_str()
        ),
        format!(r#"mutation {{ createApiKey(input: {{name: "x", user: "{rita}"}}) {{ key }} }}"#),
        r#"mutation { revokeApiKey(id: "QXBpS2V5OjE") { id } }"#.to_owned(),
    ];
    for query in &all {
        assert_eq!(ada.code(query).await, "FORBIDDEN", "{query}");
    }
    assert_eq!(ada.ask(&format!(r#"{{ node(id: "{rita}") {{ id }} }}"#)).await["node"], Value::Null);
    let log = root.ask("{ auditLog(first: 100) { nodes { action actor subject outcome } totalCount } }").await;
    let refused: Vec<_> =
        log["auditLog"]["nodes"].as_array().unwrap().iter().filter(|entry| entry["outcome"] == "REFUSED").collect();
    assert_eq!(refused.len(), all.len(), "{refused:?}");
    assert!(refused.iter().all(|entry| entry["actor"] == "ada"), "{refused:?}");
    let deletion =
        json!({ "action": "deleteUser", "actor": "ada", "subject": format!("User:{}", 2), "outcome": "REFUSED" });
    assert!(refused.contains(&&deletion), "{refused:?}");
}

#[tokio::test]
async fn an_api_key_is_told_once_and_ends_with_its_revocation() {
    let server = server().await;
    let root = As(&server, server.sign_in("root").await);
    let customer = root.ask(r#"mutation { createCustomer(input: {name: "Acme"}) { id } }"#).await;
    let customer = id(&customer["createCustomer"]);
    let made = root.ask(&format!(r#"mutation {{ createApiKey(input: {{name: "nightly", customer: "{customer}", scopes: [STATS_READ, PARKS_READ], requestsPerMinute: 60, requestsPerDay: 1000, expiresAt: "2026-04-01T00:00:00Z"}}) {{ key apiKey {{ id prefix name scopes customer {{ name }} user {{ name }} requestsPerMinute requestsPerDay expiresAt lastUsedAt revokedAt }} }} }}"#)).await;
    let (key, told) = (made["createApiKey"]["key"].as_str().unwrap(), &made["createApiKey"]["apiKey"]);
    assert!(key.starts_with(told["prefix"].as_str().unwrap()));
    assert_eq!(
        (&told["scopes"], &told["expiresAt"], &told["lastUsedAt"]),
        (&json!(["PARKS_READ", "STATS_READ"]), &json!("2026-04-01T00:00:00Z"), &Value::Null)
    );
    let program = As(&server, key.to_owned());
    let viewer = program.ask("{ viewer { name role scope customer { name } apiKey { name } allowance { perMinute leftThisMinute perDay leftToday } } }").await;
    assert_eq!(
        viewer["viewer"],
        json!({
            "name": "nightly", "role": null, "scope": ["PARKS_READ", "STATS_READ"], "customer": { "name": "Acme" },
            "apiKey": { "name": "nightly" },
            "allowance": { "perMinute": 60, "leftThisMinute": 59, "perDay": 1000, "leftToday": 999 },
        })
    );
    assert_eq!(program.code("{ users { nodes { id } } }").await, "FORBIDDEN");
    assert_eq!(program.code(r#"mutation { changePassword(newPassword: "battery staple") { id } }"#).await, "FORBIDDEN");
    let listed = root.answer("{ apiKeys { nodes { id prefix name } } }").await.to_string();
    assert!(listed.contains("nightly") && !listed.contains(key), "{listed}");
    root.ask(&format!(r#"mutation {{ revokeApiKey(id: "{}") {{ revokedAt }} }}"#, id(told))).await;
    assert_eq!(program.code("{ __typename }").await, "UNAUTHENTICATED");
    for wrong in [r#"user: "VXNlcjox", customer: "Q3VzdG9tZXI6MQ""#, ""] {
        let query = format!(r#"mutation {{ createApiKey(input: {{name: "x" {wrong}}}) {{ key }} }}"#);
        assert_eq!(root.code(&query).await, "BAD_USER_INPUT");
    }
}

#[tokio::test]
async fn a_user_is_changed_disabled_and_deleted_with_effect_on_the_next_request() {
    let server = server().await;
    let root = As(&server, server.sign_in("root").await);
    let made = root.ask(r#"mutation { createUser(input: {name: "mia", password: "correct horse", role: OPERATOR}) { id role customer { id } disabledAt } }"#).await;
    let mia_id = id(&made["createUser"]).to_owned();
    let mia = As(&server, server.sign_in("mia").await);
    root.ask(&format!(r#"mutation {{ updateUser(id: "{mia_id}", input: {{role: READER}}) {{ id }} }}"#)).await;
    assert_eq!(mia.code("{ loads { totalCount } }").await, "FORBIDDEN");
    assert_eq!(mia.ask("{ viewer { role } }").await["viewer"]["role"], "READER");
    assert_eq!(
        mia.code(r#"mutation { changePassword(newPassword: "battery staple") { id } }"#).await,
        "BAD_USER_INPUT"
    );
    assert_eq!(
        mia.code(
            r#"mutation { changePassword(currentPassword: "wrong horse", newPassword: "battery staple") { id } }"#
        )
        .await,
        "FORBIDDEN"
    );
    mia.ask(r#"mutation { changePassword(currentPassword: "correct horse", newPassword: "battery staple") { name } }"#)
        .await;
    assert_eq!(mia.code("{ viewer { name } }").await, "UNAUTHENTICATED");
    root.ask(&format!(r#"mutation {{ changePassword(user: "{mia_id}", newPassword: "correct horse") {{ id }} }}"#))
        .await;
    let mia = As(&server, server.sign_in("mia").await);
    let disabled = root
        .ask(&format!(r#"mutation {{ updateUser(id: "{mia_id}", input: {{disabled: true}}) {{ disabledAt }} }}"#))
        .await;
    assert_eq!(disabled["updateUser"]["disabledAt"], "2026-03-02T12:00:00Z");
    assert_eq!(mia.code("{ viewer { name } }").await, "UNAUTHENTICATED");
    root.ask(&format!(
        r#"mutation {{ updateUser(id: "{mia_id}", input: {{disabled: false, name: "mira"}}) {{ name }} }}"#
    ))
    .await;
    let mia = As(&server, server.sign_in("mira").await);
    root.ask(&format!(r#"mutation {{ deleteUser(id: "{mia_id}") {{ name }} }}"#)).await;
    assert_eq!(mia.code("{ viewer { name } }").await, "UNAUTHENTICATED");
    assert_eq!(root.code(&format!(r#"mutation {{ deleteUser(id: "{mia_id}") {{ id }} }}"#)).await, "NOT_FOUND");
    let two = r#"mutation { a: changePassword(currentPassword: "a", newPassword: "battery staple") { id } b: changePassword(currentPassword: "b", newPassword: "battery staple") { id } }"#;
    assert_eq!(root.code(two).await, "TOO_COMPLEX", "passwords are not guessed by aliases");
}

#[tokio::test]
async fn the_log_tells_of_sign_ins_refusals_and_deeds_in_the_order_of_time() {
    let server = server().await;
    let wrong = r#"{"query":"mutation { login(username: \"ghost\", password: \"hunter2 hunter2\") { scope } }"}"#;
    server.send("POST", "/graphql", &[JSON, GRAPHQL], wrong).await;
    let asks = r#"{"query":"{ __typename }"}"#;
    let forged = server.send("POST", "/graphql", &[JSON, ("x-api-key", "ep_0123456789ab_hunter2")], asks).await;
    assert_eq!(forged.status, StatusCode::UNAUTHORIZED);
    let root = As(&server, server.sign_in("root").await);
    root.ask(r#"mutation { createCustomer(input: {name: "Acme"}) { id } }"#).await;
    root.ask(r#"mutation { loadParks(source: {csv: "park_name,timezone,energy_type\na,UTC,Wind\n"}) { id } }"#).await;
    let log = root.ask("{ auditLog { nodes { action actor subject outcome detail } } }").await;
    let told: Vec<_> = log["auditLog"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let text = |field: &str| entry[field].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", text("action"), text("actor"), text("subject"), text("outcome"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "loadParks root - DONE",
            "createCustomer root Acme DONE",
            "login root - DONE",
            "authenticate - ep_0123456789ab REFUSED",
            "login ghost - REFUSED",
        ]
    );
    assert!(!log.to_string().contains("hunter2"), "{log}");
}

#[tokio::test]
async fn the_log_tells_of_sign_ins_by_oauth_without_their_passwords() {
    let server = server().await;
    for (name, password) in [("rita", "hunter2+hunter2"), ("rita", "correct+horse")] {
        server.form("/oauth/token", &format!("grant_type=password&username={name}&password={password}")).await;
    }
    let root = As(&server, server.sign_in("root").await);
    let log = root.ask("{ auditLog(first: 3) { nodes { action actor outcome } } }").await;
    let login = |actor: &str, outcome: &str| json!({ "action": "login", "actor": actor, "outcome": outcome });
    assert_eq!(
        log["auditLog"]["nodes"],
        json!([login("root", "DONE"), login("rita", "DONE"), login("rita", "REFUSED")])
    );
    assert!(!root.ask("{ auditLog { nodes { detail subject } } }").await.to_string().contains("hunter2"));
}

/// Sends a body that ends only after something else was done meanwhile.
async fn send_while(
    server: &Server,
    headers: &[(&str, &str)],
    body: &str,
    meanwhile: impl Future<Output = ()>,
) -> (StatusCode, Value) {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begins, goes_on, body) = (begun.clone(), go_on.clone(), body.to_owned());
    let stream = futures::stream::once(async move {
        begins.notify_one();
        goes_on.notified().await;
        Ok::<_, Infallible>(body)
    });
    let between = async {
        begun.notified().await;
        meanwhile.await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        go_on.notify_one();
    };
    let (answer, ()) = tokio::join!(server.send("POST", "/graphql", headers, Body::from_stream(stream)), between);
    (answer.status, answer.json())
}

#[tokio::test]
async fn a_user_that_is_disabled_while_its_body_comes_does_nothing_any_more() {
    let server = server().await;
    let root = As(&server, server.sign_in("root").await);
    let evil = root
        .ask(r#"mutation { createUser(input: {name: "evil", password: "correct horse", role: ADMIN}) { id } }"#)
        .await;
    let evil = id(&evil["createUser"]);
    let set = async |disabled: bool| {
        let input = format!("{{disabled: {disabled}}}");
        root.ask(&format!(r#"mutation {{ updateUser(id: "{evil}", input: {input}) {{ id }} }}"#)).await;
    };
    let door = r#"{"query":"mutation { createCustomer(input: {name: \"x\"}) { id } }"}"#;
    let part = |name: &str, text: &str| format!("--x\r\nContent-Disposition: form-data; name={name}\r\n\r\n{text}\r\n");
    let form = part("operations", door) + &part("map", "{}") + "--x--\r\n";
    for (kind, body) in [("application/json", door), ("multipart/form-data; boundary=x", &form)] {
        set(false).await;
        let token = server.sign_in("evil").await;
        let headers = [("content-type", kind), GRAPHQL, ("authorization", &token)];
        let (status, answer) = send_while(&server, &headers, body, set(true)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{kind}: {answer}");
    }
    assert_eq!(root.ask("{ customers { totalCount } }").await["customers"]["totalCount"], 0);
}

#[tokio::test]
async fn a_request_of_an_api_key_is_counted_once_however_long_its_body_takes() {
    let server = server().await;
    let root = As(&server, server.sign_in("root").await);
    let made = root
        .ask(r#"mutation { createApiKey(input: {name: "k", user: "VXNlcjox", scopes: [PARKS_READ], requestsPerMinute: 60, requestsPerDay: 1000}) { key } }"#)
        .await;
    let headers = [JSON, GRAPHQL, ("x-api-key", made["createApiKey"]["key"].as_str().unwrap())];
    let body = r#"{"query":"{ viewer { allowance { leftThisMinute leftToday } } }"}"#;
    for left in [59, 58] {
        let (_, answer) = send_while(&server, &headers, body, async {}).await;
        let allowance = json!({ "leftThisMinute": left, "leftToday": 940 + left });
        assert_eq!(answer["data"]["viewer"]["allowance"], allowance, "{answer}");
    }
}
